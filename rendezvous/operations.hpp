// What a running server does for its operator: tells systemd how it is, reloads its configuration
// on SIGHUP, and logs what was refused. Each is an Attendant of the server's thread.
#pragma once

#include "rendezvous/attendant.hpp"
#include "rendezvous/config.hpp"
#include "rendezvous/figures.hpp"

#include <filesystem>

namespace sotto::rendezvous {

// sd_notify: READY, RELOADING, STOPPING, and WATCHDOG at half the time systemd asks for. Says
// nothing where nobody listens.
class ServiceManager final : public Attendant {
public:
    ServiceManager();
    void ready() const;
    void reloading() const;
    void tick(Server& server) override;
    void stopping(Server& server) override;

private:
    std::uint64_t watchdog_ms_ = 0;  // 0: not asked for
    std::uint64_t due_ms_ = 0;
};

// SIGHUP reads the configuration again. One with a mistake is refused as a whole, and the old one
// stays; what needs a restart is named.
class Reloader final : public Attendant {
public:
    // `fd`: a signalfd of SIGHUP. `config`: what runs now.
    Reloader(int fd, std::filesystem::path file, Config config, const ServiceManager& manager)
        : fd_(fd), file_(std::move(file)), config_(std::move(config)), manager_(manager) {}
    [[nodiscard]] int fd() const override { return fd_; }
    void attend(Server& server) override;

private:
    void reload(Server& server);

    int fd_;
    std::filesystem::path file_;
    Config config_;
    const ServiceManager& manager_;
};

// Settings that mean nothing any more, one warning each.
void log_outdated(const Config& config);

// Four fifths of the descriptors are taken: without any, accept() spins and nobody gets in.
[[nodiscard]] constexpr bool short_of_descriptors(std::uint64_t used, std::uint64_t limit) {
    return used * 5 >= limit * 4;
}

// One line a minute when something was refused or went wrong; one an hour in any case.
class ServiceLog final : public Attendant {
public:
    void tick(Server& server) override;

private:
    void watch_descriptors(std::size_t connections);

    ServerFigures last_;
    bool short_of_descriptors_ = false;
    std::uint64_t minute_due_ms_ = 0;
    std::uint64_t hour_due_ms_ = 0;
};

// Timestamps, levels and "key=value" texts on stderr; the journal brings its own timestamps.
void set_up_log(LogLevel level);

}  // namespace sotto::rendezvous
