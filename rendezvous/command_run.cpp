// run: the composition of the server.
#include "crypto/init.hpp"
#include "rendezvous/commands.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/server_folder.hpp"
#include "rendezvous/sqlite_store.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace sotto::rendezvous {

namespace {

// SIGTERM and SIGINT as a descriptor. Before any thread is made, so that all inherit the mask.
int make_stop_fd() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

// One descriptor per client and some for ourselves. When they run out, libzmq's accept spins.
void raise_descriptor_limit(std::size_t clients) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * clients) {
        spdlog::warn("only {} file descriptors for {} clients; raise the hard limit (ulimit -Hn)",
                     limit.rlim_cur, clients);
    }
}

void prepare_process() {
    spdlog::set_default_logger(spdlog::stderr_logger_st("sotto-rendezvous"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    if (!crypto::harden_process()) spdlog::warn("core dumps could not be switched off");
    if (!crypto::memory_lock_works()) spdlog::warn("memory cannot be locked (ulimit -l)");
}

int serve(const Config& config, const crypto::OwnCurve& key, Store& store, int stop_fd) {
    crypto::SystemRandom random;
    LocalBus bus;
    const ServerOptions options{.listen = to_text(config.listen), .settings = config.settings()};
    auto server = Server::start(options, key, store, bus, random);
    if (!server) return fail(options.listen + ": " + std::string(to_string(server.error())));
    // Two lines for people and scripts that wait for the server.
    std::cout << "ready " << (*server)->endpoint() << "\nlistening "
              << to_link(config.listen, config.public_host, key.public_key()) << std::endl;
    spdlog::info("serving, up to {} clients, community {}", config.max_clients,
                 config.community == Community::open ? "open" : "invite");
    (*server)->run(stop_fd);
    const ServerCounters& counters = (*server)->counters();
    spdlog::info("stopped: {} frames in, {} out, {} disconnected, {} violations",
                 counters.frames_in, counters.frames_out, counters.kicked, counters.violations);
    return 0;
}

}  // namespace

int carry_out(const RunOptions& options) {
    if (!act_as_owner(options.folder)) return exit_failure;
    prepare_process();
    ServerFolder folder(options.folder);
    auto config = read_config(folder.config_file());
    if (!config) return fail(folder.config_file().string() + ": " + config.error().text);
    if (!options.listen.empty()) {
        const auto endpoint = parse_endpoint(options.listen);
        if (!endpoint) return fail("--listen wants HOST:PORT, for example 127.0.0.1:7313");
        config->listen = *endpoint;
    }
    if (config->listen.port == 0) {
        config->listen.port = find_free_port().value_or(0);
        if (config->listen.port == 0) return fail("no free port was found");
    }
    const auto key = folder.read_key();
    if (!key) return fail(key.error().text);
    if (!folder.lock()) return fail("another process serves " + options.folder);
    raise_descriptor_limit(config->max_clients);
    const int stop_fd = make_stop_fd();
    auto store = SqliteStore::open(folder.database_file().string(), config->max_database_bytes);
    if (!store) {
        return fail(folder.database_file().string() + ": " + std::string(to_string(store.error())));
    }
    const int code = serve(*config, *key, **store, stop_fd);
    close(stop_fd);
    return code;
}

}  // namespace sotto::rendezvous
