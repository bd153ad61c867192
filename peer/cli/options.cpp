#include "peer/cli/options.hpp"

#include "crypto/init.hpp"
#include "peer/server_link.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zmq.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>
#include <iostream>

namespace sotto::peer::cli {

namespace {

constexpr std::size_t passphrase_file_bytes_max = 4096;

std::string version_text() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    return std::string("sotto-peer ") + SOTTO_VERSION + "\n" + crypto::describe() + ", ZeroMQ " +
           std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// The first line of a file, into wiped memory; nothing when it cannot be read.
std::optional<crypto::SecretBytes> read_secret_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    crypto::SecretBytes bytes(passphrase_file_bytes_max);
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < bytes.size() &&
           (got = ::read(file, bytes.data() + size, bytes.size() - size)) > 0) {
        size += static_cast<std::size_t>(got);
    }
    ::close(file);
    if (got < 0) return std::nullopt;
    bytes.resize(size);
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{'\n'});
    bytes.erase(end, bytes.end());
    if (!bytes.empty() && bytes.back() == '\r') bytes.pop_back();
    return bytes;
}

struct Raw {
    bool json = false;
    std::string profile;
    std::string server;
    std::string passphrase_file;
    bool cheap_vault = false;
};

void describe(CLI::App& app, Raw& raw) {
    app.description("Sotto without a window: for the terminal and for programs.");
    app.set_version_flag("--version", version_text);
    app.footer(
        "Without --json it is a chat in the terminal. With --json it reads one JSON object per "
        "line\n"
        "and prints one per event; {\"command\":\"status\"} is a good first line.\n"
        "Exit codes: 0 done, 1 failed (it says why), 2 wrong command line.\n"
        "Files: $XDG_DATA_HOME/sotto (else ~/.local/share/sotto), or --profile.");
    app.add_option("--profile", raw.profile, "Folder of the profile; made when you register");
    app.add_option("--passphrase-file", raw.passphrase_file,
                   "Unlock with the first line of this file instead of asking");
    app.add_flag("--json", raw.json, "One JSON object per line on stdin and stdout");
    // For test runs: a new vault at the lowest cost that is accepted anywhere, instead of 0.4 s.
    app.add_flag("--cheap-vault", raw.cheap_vault)->group("");
    CLI::App* chat = app.add_subcommand("chat", "Chat in the terminal (the default)");
    chat->fallthrough();
    chat->add_option("--server", raw.server,
                     "Server link for a new profile: sotto://HOST:PORT/KEY");
    app.add_option("--server", raw.server)->group("");
    app.require_subcommand(0, 1);
}

int complain(const std::string& message) {
    std::cerr << "sotto-peer: " << message << "\n";
    return exit_usage;
}

}  // namespace

std::filesystem::path default_profile() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') {
        return std::filesystem::path(data) / "sotto";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/') return {};
    return std::filesystem::path(home) / ".local" / "share" / "sotto";
}

std::variant<Options, int> parse_options(int argc, const char* const* argv) {
    CLI::App app;
    Raw raw;
    describe(app, raw);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    if (raw.json && app.got_subcommand("chat"))
        return complain("--json and chat exclude each other");
    Options options;
    options.mode = raw.json ? Options::Mode::json : Options::Mode::chat;
    options.runtime.profile =
        raw.profile.empty() ? default_profile() : std::filesystem::path(raw.profile);
    if (options.runtime.profile.empty()) return complain("no home folder: name one with --profile");
    if (raw.cheap_vault) options.runtime.vault_cost = crypto::password_cost_limits.floor;
    if (!raw.server.empty()) {
        auto server = parse_server_link(raw.server);
        if (!server) return complain("--server: " + std::string(to_string(server.error())));
        options.server = std::move(*server);
    }
    if (!raw.passphrase_file.empty()) {
        options.passphrase = read_secret_file(raw.passphrase_file);
        if (!options.passphrase) return complain("the passphrase file cannot be read");
    }
    return options;
}

}  // namespace sotto::peer::cli
