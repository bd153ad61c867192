// init, link, and what all commands share.
#include "crypto/init.hpp"
#include "rendezvous/admin_client.hpp"
#include "rendezvous/commands.hpp"
#include "rendezvous/metrics.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server_folder.hpp"
#include "rendezvous/sqlite_database.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

namespace sotto::rendezvous {

namespace {

// As somebody would type it again: with --dir only where it is not found by itself.
std::string in_folder(const std::string& folder) {
    return folder == default_folder().string() ? std::string() : " --dir " + folder;
}

// The first member's invite; empty when none was made.
std::string first_invite(const InitOptions& options) {
    if (options.open || options.no_invite) return {};
    constexpr std::uint64_t week_s = 7ULL * 24 * 3600;
    const Json reply = ask_server(
        options.folder,
        {{"do", "invite create"}, {"uses", 1}, {"lifetime_s", week_s}, {"note", "made by init"}});
    return reply.value("link", std::string());
}

void print_next_steps(const Config& config, const InitOptions& options,
                      const crypto::CurvePublic& key) {
    const std::string at = in_folder(options.folder);
    const std::string invite = first_invite(options);
    std::cout << (options.open ? "Anyone who has this link can register:\n\n  "
                  : invite.empty()
                      ? "The server's link (registering also needs an invite):\n\n  "
                      : "For the first member, once and within 7 days; not shown again:\n\n  ")
              << (invite.empty() ? to_link(config.listen, config.public_host, key) : invite)
              << "\n\n"
              << "Let TCP port " << config.listen.port
              << " through the firewall; behind a home router also forward it to this machine:\n\n"
              << "  ufw allow " << config.listen.port << "/tcp\n"
              << "  firewall-cmd --permanent --add-port=" << config.listen.port
              << "/tcp && firewall-cmd --reload\n\n"
              << "Look for what would go wrong, then start the server:\n\n"
              << "  sotto-rendezvous doctor" << at << "\n  sotto-rendezvous run" << at << '\n';
    if (!options.open) {
        std::cout << "\nInvite somebody" << (invite.empty() ? "" : " else")
                  << ":\n\n  sotto-rendezvous invite create" << at << '\n';
    }
}

}  // namespace

std::string version_text() {
    return std::string("sotto-rendezvous ") + SOTTO_VERSION + "\n" + crypto::describe() +
           "\nlibzmq " + zmq_version_text() + ", SQLite " + sqlite3_libversion();
}

int fail(const std::string& text) {
    std::cerr << "sotto-rendezvous: " << text << '\n';
    return exit_failure;
}

bool act_as_owner(const std::string& folder) {
    struct stat info {};
    if (geteuid() != 0 || stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return true;
    if (setgroups(0, nullptr) == 0 && setgid(info.st_gid) == 0 && setuid(info.st_uid) == 0) {
        return true;
    }
    (void)fail("cannot act as the owner of " + folder + "; run this command as that user");
    return false;
}

int carry_out(const InitOptions& options) {
    if (options.folder.empty()) return fail("no home directory; use --dir");
    if (!act_as_owner(options.folder)) return exit_failure;
    Config config;
    const std::string listen =
        options.listen.empty() ? "*:" + std::to_string(default_port) : options.listen;
    const auto endpoint = parse_endpoint(listen);
    if (!endpoint) return fail("--listen wants HOST:PORT, for example 127.0.0.1:7313");
    config.listen = *endpoint;
    if (config.listen.port == 0) {
        // Kept in the configuration, because clients remember it.
        config.listen.port = find_free_port().value_or(0);
        if (config.listen.port == 0) return fail("no free port was found");
    }
    if (!options.public_host.empty() && !is_public_host(options.public_host)) {
        return fail("--public-host wants a name or an address, for example chat.example.org");
    }
    config.public_host = options.public_host;
    config.community = options.open ? Community::open : Community::invite;
    if (!options.metrics.empty()) {
        config.metrics = parse_endpoint(options.metrics);
        if (!config.metrics || config.metrics->port == 0 || !is_loopback(*config.metrics)) {
            return fail("--metrics wants a loopback address, for example 127.0.0.1:9313");
        }
    }

    crypto::SystemRandom random;
    const auto key = crypto::OwnCurve::generate(random);
    const ServerFolder folder(options.folder);
    const auto created = folder.create(config, key);
    if (!created) return fail(created.error().text);
    std::cout << "Wrote " << folder.config_file().string() << "\n      "
              << folder.key_file().string() << " (secret: back it up, give it to nobody)\n\n";
    print_next_steps(config, options, key.public_key());
    return exit_success;
}

int carry_out(const LinkOptions& options) {
    if (!act_as_owner(options.folder)) return exit_failure;
    const ServerFolder folder(options.folder);
    const auto config = read_config(folder.config_file());
    if (!config) return fail(folder.config_file().string() + ": " + config.error().text);
    const auto key = folder.read_key();
    if (!key) return fail(key.error().text);
    std::cout << to_link(config->listen, config->public_host, key->public_key()) << '\n';
    return exit_success;
}

}  // namespace sotto::rendezvous
