// sotto-rendezvous: the commands, and the composition of the server.
#include "crypto/init.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/server_folder.hpp"
#include "rendezvous/sqlite_store.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace sotto::rendezvous {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

struct Arguments {
    std::string folder = default_folder().string();
    std::string listen;
    std::string community = "invite";
    std::string public_host;
    bool open = false;
};

int fail(const std::string& text) {
    std::cerr << "sotto-rendezvous: " << text << '\n';
    return exit_failure;
}

// Port 0: one that is free now. Kept in the configuration, because clients remember it.
bool choose_port(Endpoint& endpoint) {
    if (endpoint.port != 0) return true;
    const auto port = find_free_port();
    endpoint.port = port.value_or(0);
    return port.has_value();
}

// --- init --------------------------------------------------------------------------------------

int init(const Arguments& arguments) {
    if (arguments.folder.empty()) return fail("no home directory; use --dir");
    Config config;
    const std::string listen =
        arguments.listen.empty() ? "*:" + std::to_string(default_port) : arguments.listen;
    const auto endpoint = parse_endpoint(listen);
    if (!endpoint) return fail("--listen wants HOST:PORT, for example 127.0.0.1:7313");
    config.listen = *endpoint;
    if (!choose_port(config.listen)) return fail("no free port was found");
    config.public_host = arguments.public_host;
    const bool open = arguments.open || arguments.community == "open";
    config.community = open ? Community::open : Community::invite;

    crypto::SystemRandom random;
    const auto key = crypto::OwnCurve::generate(random);
    const ServerFolder folder(arguments.folder);
    const auto created = folder.create(config, key);
    if (!created) return fail(created.error().text);
    std::cout << "Wrote " << folder.config_file().string() << "\n      "
              << folder.key_file().string() << " (secret: back it up, give it to nobody)\n\n"
              << (open ? "Anyone who has this link can register:\n\n  "
                       : "The server's link (registering also needs an invite):\n\n  ")
              << to_link(config.listen, config.public_host, key.public_key()) << "\n\n"
              << "Let TCP port " << config.listen.port
              << " through the firewall, then start the server:\n\n  sotto-rendezvous run --dir "
              << arguments.folder << '\n';
    return 0;
}

// --- run ---------------------------------------------------------------------------------------

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

int run(const Arguments& arguments) {
    prepare_process();
    ServerFolder folder(arguments.folder);
    auto config = read_config(folder.config_file());
    if (!config) return fail(folder.config_file().string() + ": " + config.error().text);
    if (!arguments.listen.empty()) {
        const auto endpoint = parse_endpoint(arguments.listen);
        if (!endpoint) return fail("--listen wants HOST:PORT, for example 127.0.0.1:7313");
        config->listen = *endpoint;
    }
    if (!choose_port(config->listen)) return fail("no free port was found");
    const auto key = folder.read_key();
    if (!key) return fail(key.error().text);
    if (!folder.lock()) return fail("another process serves " + arguments.folder);
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

// --- the command line --------------------------------------------------------------------------

std::string version_text() {
    return std::string("sotto-rendezvous ") + SOTTO_VERSION + "\n" + crypto::describe() +
           "\nlibzmq " + zmq_version_text() + ", SQLite " + sqlite3_libversion();
}

int command_line(int argc, char** argv) {
    CLI::App app{"Directory, presence, relay and sealed mailbox for Sotto peers."};
    Arguments arguments;
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);
    const auto common = [&arguments](CLI::App* command) {
        command->add_option("--dir,--data", arguments.folder, "The server's folder")
            ->capture_default_str();
        command->add_option("--listen", arguments.listen,
                            "HOST:PORT to listen on; port 0 takes a free one");
    };
    CLI::App* init_command = app.add_subcommand("init", "Make a new server: configuration and key");
    common(init_command);
    init_command->add_option("--community", arguments.community, "Who may register")
        ->check(CLI::IsMember({"open", "invite"}))
        ->capture_default_str();
    init_command->add_flag("--open", arguments.open, "Short for --community open");
    init_command->add_option("--public-host", arguments.public_host,
                             "Name or address in the link, if not the listening one");
    CLI::App* run_command = app.add_subcommand("run", "Serve until SIGTERM or SIGINT");
    common(run_command);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    return run_command->parsed() ? run(arguments) : init(arguments);
}

}  // namespace
}  // namespace sotto::rendezvous

int main(int argc, char** argv) {
    try {
        sotto::crypto::initialise();
        return sotto::rendezvous::command_line(argc, argv);
    } catch (const std::exception& error) {
        // Out of memory, or a library's own failure: nothing of ours throws.
        std::cerr << "sotto-rendezvous: " << error.what() << '\n';
        return 1;
    }
}
