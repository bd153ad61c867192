// run: the composition of the server.
#include "crypto/init.hpp"
#include "rendezvous/admin_socket.hpp"
#include "rendezvous/commands.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/metrics.hpp"
#include "rendezvous/operations.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/server_folder.hpp"
#include "rendezvous/sqlite_store.hpp"

#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace sotto::rendezvous {

namespace {

// Signals as descriptors. Before any thread is made, so that all inherit the mask.
int signal_fd(std::initializer_list<int> numbers) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : numbers)
        sigaddset(&signals, number);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// One descriptor per client and some for ourselves. When they run out, libzmq's accept spins.
void raise_descriptor_limit(std::size_t clients) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * clients) {
        spdlog::warn(
            "descriptors={} max_clients={}: raise the hard limit (LimitNOFILE, ulimit -Hn)",
            limit.rlim_cur, clients);
    }
}

void prepare_process(LogLevel level) {
    set_up_log(level);
    if (!crypto::harden_process()) spdlog::warn("core dumps could not be switched off");
    if (!crypto::memory_lock_works()) spdlog::warn("memory cannot be locked (ulimit -l)");
}

struct Parts {
    ServerFolder& folder;
    const Config& config;
    const crypto::OwnCurve& key;
    Store& store;
    int stop_fd;
    int reload_fd;
};

int serve(const Parts& parts) {
    const Config& config = parts.config;
    crypto::SystemRandom random;
    LocalBus bus;
    const ServerOptions options{.listen = to_text(config.listen), .settings = config.settings()};
    auto server = Server::start(options, parts.key, parts.store, bus, random);
    if (!server) return fail(options.listen + ": " + std::string(to_string(server.error())));
    const std::string link = to_link(config.listen, config.public_host, parts.key.public_key());

    ServiceManager manager;
    Reloader reloader(parts.reload_fd, parts.folder.config_file(), config, manager);
    ServiceLog log;
    auto admin = AdminSocket::listen(parts.folder.admin_socket(), AdminDesk(link, random));
    if (!admin) return fail(admin.error());
    std::unique_ptr<Attendant> metrics;
    if (config.metrics) {
        auto started = start_metrics(*config.metrics);
        if (!started) return fail(started.error());
        metrics = std::move(*started);
        (*server)->add(*metrics);
    }
    for (Attendant* attendant :
         std::initializer_list<Attendant*>{&manager, &reloader, &log, admin->get()}) {
        (*server)->add(*attendant);
    }
    // Two lines for people and scripts that wait for the server.
    std::cout << "ready " << (*server)->endpoint() << "\nlistening " << link << std::endl;
    log_outdated(config);
    spdlog::info("serving max_clients={} community={}", config.max_clients,
                 config.community == Community::open ? "open" : "invite");
    manager.ready();
    (*server)->run(parts.stop_fd);
    const ServerCounters& counters = (*server)->counters();
    spdlog::info("stopped frames_in={} frames_out={} disconnected={} violations={}",
                 counters.frames_in, counters.frames_out, counters.kicked, counters.violations);
    return exit_success;
}

}  // namespace

int carry_out(const RunOptions& options) {
    if (!act_as_owner(options.folder)) return exit_failure;
    ServerFolder folder(options.folder);
    auto config = read_config(folder.config_file());
    if (!config) return fail(folder.config_file().string() + ": " + config.error().text);
    tune_allocator();
    prepare_process(config->log_level);
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
    const int stop_fd = signal_fd({SIGTERM, SIGINT});
    const int reload_fd = signal_fd({SIGHUP});
    auto store = SqliteStore::open(folder.database_file().string(), config->max_database_bytes);
    if (!store) {
        return fail(folder.database_file().string() + ": " + std::string(to_string(store.error())));
    }
    const int code = serve({folder, *config, *key, **store, stop_fd, reload_fd});
    close(stop_fd);
    close(reload_fd);
    return code;
}

}  // namespace sotto::rendezvous
