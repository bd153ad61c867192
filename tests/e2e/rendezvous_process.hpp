// A `sotto-rendezvous` under test on a free loopback port, restartable on the same one.
#pragma once

#include "tests/e2e/process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sotto::e2e {

struct RendezvousOptions {
    std::string community = "open";
    // Times the rate limits: tests that measure something else must not run into them.
    unsigned limits_factor = 1;
    // RLIMIT_NOFILE, soft and hard; 0 = as inherited.
    unsigned descriptors = 0;
    // Proof of work of a registration.
    unsigned work_bits = 0;
    // 0 = as init writes it.
    unsigned max_clients = 0;
};

class Rendezvous {
public:
    // Makes its folder and configuration: a free port of loopback.
    explicit Rendezvous(std::filesystem::path folder, RendezvousOptions options = {});

    void start();
    void kill() { process_->kill(); }
    // SIGTERM; the exit code.
    [[nodiscard]] int stop();
    [[nodiscard]] bool is_running() const { return process_ != nullptr; }
    [[nodiscard]] Process& process() { return *process_; }

    // sotto://127.0.0.1:PORT/KEY
    [[nodiscard]] const std::string& link() const { return link_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    // For ZeroMQ: tcp://127.0.0.1:PORT
    [[nodiscard]] std::string endpoint() const;
    // The same server by way of another port (a recording proxy).
    [[nodiscard]] std::string link_through(std::uint16_t port) const;
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    // Changes the number of a line that init writes.
    void configure(const std::string& line, unsigned value) const;

    std::filesystem::path folder_;
    RendezvousOptions options_;
    std::string link_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace sotto::e2e
