#include "rendezvous/operations.hpp"

#include "rendezvous/server.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t minute_ms = 60'000;
constexpr std::uint64_t hour_ms = 60 * minute_ms;

std::uint64_t mono_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void set_up_log(LogLevel level) {
    if (spdlog::get("sotto-rendezvous") == nullptr) {
        spdlog::set_default_logger(spdlog::stderr_logger_st("sotto-rendezvous"));
    }
    const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    spdlog::set_pattern(journal ? "%l %v" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                        spdlog::pattern_time_type::utc);
    spdlog::set_level(to_spdlog(level));
}

// --- systemd -----------------------------------------------------------------------------------

ServiceManager::ServiceManager() {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) > 0) watchdog_ms_ = usec / 1000 / 2;
}

void ServiceManager::ready() const {
    (void)sd_notify(0, "READY=1");
}

void ServiceManager::reloading() const {
    const std::string text = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(mono_ms() * 1000);
    (void)sd_notify(0, text.c_str());
}

// From the server's own thread, and for the one that lets clients in: when either hangs, systemd
// restarts the server.
void ServiceManager::tick(Server& server) {
    if (watchdog_ms_ == 0 || mono_ms() < due_ms_ || !server.lets_in()) return;
    due_ms_ = mono_ms() + watchdog_ms_;
    (void)sd_notify(0, "WATCHDOG=1");
}

void ServiceManager::stopping(Server&) {
    (void)sd_notify(0, "STOPPING=1");
    spdlog::info("stopping: new requests are answered busy, commits are finished");
}

// --- reload ------------------------------------------------------------------------------------

void Reloader::attend(Server& server) {
    signalfd_siginfo signal{};
    // Several hang-ups are one.
    while (::read(fd_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    }
    manager_.reloading();
    reload(server);
    manager_.ready();
}

void log_outdated(const Config& config) {
    for (const std::string& sentence : config.outdated)
        spdlog::warn("configuration: {}", sentence);
}

void Reloader::reload(Server& server) {
    auto config = read_config(file_);
    if (!config) {
        spdlog::error("reload ok=false kept=old reason=\"{}\"", config.error().text);
        return;
    }
    for (const auto& [changed, name] :
         {std::pair{config->listen != config_.listen, "listen"},
          std::pair{config->public_host != config_.public_host, "public_host"},
          std::pair{config->metrics != config_.metrics, "metrics.listen"},
          std::pair{config->max_database_bytes != config_.max_database_bytes, "storage.max_mib"}}) {
        if (changed) spdlog::warn("reload setting={} needs a restart", name);
    }
    config_ = std::move(*config);
    log_outdated(config_);
    server.set_settings(config_.settings());
    set_up_log(config_.log_level);
    spdlog::info("reload ok=true community={} max_clients={}",
                 config_.community == Community::open ? "open" : "invite", config_.max_clients);
}

// --- log ---------------------------------------------------------------------------------------

// Said once each time it becomes so.
void ServiceLog::watch_descriptors(std::size_t connections) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const bool is_short = short_of_descriptors(connections, limit.rlim_cur);
    if (is_short && !short_of_descriptors_) {
        spdlog::warn("descriptors used={} of={}: raise LimitNOFILE or lower limits.max_clients",
                     connections, limit.rlim_cur);
    }
    short_of_descriptors_ = is_short;
}

void ServiceLog::tick(Server& server) {
    const std::uint64_t now = mono_ms();
    if (now < minute_due_ms_) return;
    minute_due_ms_ = now + minute_ms;
    const ServerFigures f = server.figures();
    watch_descriptors(f.connections);
    for (std::size_t code = 1; code < f.logic.refused.size(); ++code) {
        const std::uint64_t count = f.logic.refused[code] - last_.logic.refused[code];
        if (count == 0) continue;
        const auto reason = static_cast<ErrorCode>(code);
        // The operator has to act on these two; the rest is clients' business.
        const bool urgent = reason == ErrorCode::disk_full || reason == ErrorCode::server_full;
        spdlog::log(urgent ? spdlog::level::err : spdlog::level::info,
                    "refused reason=\"{}\" count={}", to_string(reason), count);
    }
    const std::uint64_t ended = f.server.silent + f.server.violations + f.logic.full_prefixes -
                                last_.server.silent - last_.server.violations -
                                last_.logic.full_prefixes;
    if (ended > 0) spdlog::info("disconnected count={}", ended);
    const std::uint64_t made_room = f.server.silent_dropped + f.logic.anonymous_dropped -
                                    last_.server.silent_dropped - last_.logic.anonymous_dropped;
    if (made_room > 0) spdlog::info("disconnected for=newcomers count={}", made_room);
    if (f.store.failed_batches > last_.store.failed_batches) {
        spdlog::error("store failed_batches={}: is the disk full?",
                      f.store.failed_batches - last_.store.failed_batches);
    }
    if (now >= hour_due_ms_) {
        hour_due_ms_ = now + hour_ms;
        spdlog::info("state connections={} sessions={} mail_items={} mail_mib={} database_mib={}",
                     f.connections, f.gauges.sessions, f.store.mail_items,
                     f.store.mail_bytes >> 20U, f.store.file_bytes >> 20U);
    }
    last_ = f;
}

}  // namespace sotto::rendezvous
