// A `sotto-rendezvous` under test on a free loopback port, restartable on the same one.
#pragma once

#include "tests/e2e/process.hpp"

#include <memory>
#include <string>

namespace sotto::e2e {

class Rendezvous {
public:
    // Makes its folder and configuration: community "open", a free port of loopback.
    explicit Rendezvous(std::filesystem::path folder);

    void start();
    void kill() { process_->kill(); }
    // SIGTERM; the exit code.
    [[nodiscard]] int stop();
    [[nodiscard]] bool is_running() const { return process_ != nullptr; }

    // sotto://127.0.0.1:PORT/KEY
    [[nodiscard]] const std::string& link() const { return link_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    // The same server by way of another port (a recording proxy).
    [[nodiscard]] std::string link_through(std::uint16_t port) const;
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    std::string link_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace sotto::e2e
