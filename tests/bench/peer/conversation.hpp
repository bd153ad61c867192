// Two sotto-peers who are contacts, driven by lines; as little work as possible beside them.
#pragma once

#include "tests/e2e/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sotto::bench {

class Conversation {
public:
    // Starts a rendezvous, registers both, makes them contacts; with or without a direct link.
    explicit Conversation(bool direct);

    // One-way times in ms: command on Alice's stdin to event on Bob's stdout, one at a time.
    [[nodiscard]] std::vector<double> one_way_ms(std::size_t count, std::size_t size);
    // Times in ms until Alice's stdout says "delivered".
    [[nodiscard]] std::vector<double> until_delivered_ms(std::size_t count, std::size_t size);
    // Messages per second: all commands written at once, until Bob's stdout has shown the last one.
    [[nodiscard]] double rate(std::size_t count, std::size_t size);
    // ms from Bob's unlock to the direct link, as Alice sees it, both online.
    [[nodiscard]] double link_up_ms();

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
    void start_server();
    [[nodiscard]] std::unique_ptr<e2e::Process> start_peer(const std::string& name) const;
    void register_as(e2e::Process& peer, const std::string& name) const;
    // The next line with all these parts; ends the benchmark when none comes.
    static std::string expect(e2e::Process& peer, const std::vector<std::string>& parts);
    static void tell(e2e::Process& peer, const std::string& line);
    [[nodiscard]] std::string next_text(std::size_t size);

    e2e::TemporaryFolder folder_;
    std::string link_;
    std::unique_ptr<e2e::Process> server_;
    std::unique_ptr<e2e::Process> alice_;
    std::unique_ptr<e2e::Process> bob_;
    std::size_t numbers_used_ = 0;
};

}  // namespace sotto::bench
