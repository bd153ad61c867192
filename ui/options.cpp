#include "ui/options.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "crypto/primitives.hpp"
#include "peer/server_link.hpp"
#include "ui/settings.hpp"

namespace sotto::ui {
namespace {

constexpr std::size_t passphrase_file_bytes_max = 4096;

std::string version_text() {
    const char* suites = crypto::hybrid_available() ? "suites 1 and 2 (X25519, X-Wing hybrid)"
                                                    : "suite 1 only (libsodium without X-Wing)";
    return std::string("sotto ") + SOTTO_VERSION + "\n" + suites;
}

// The first line of a file, into wiped memory; nothing when it cannot be read.
std::optional<crypto::SecretBytes> read_secret_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return std::nullopt;
    }
    crypto::SecretBytes bytes(passphrase_file_bytes_max);
    std::size_t size = 0;
    ssize_t got = 0;
    while (size < bytes.size() &&
           (got = ::read(file, bytes.data() + size, bytes.size() - size)) > 0) {
        size += static_cast<std::size_t>(got);
    }
    ::close(file);
    if (got < 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    bytes.erase(std::find(bytes.begin(), bytes.end(), std::uint8_t{'\n'}), bytes.end());
    if (!bytes.empty() && bytes.back() == '\r') {
        bytes.pop_back();
    }
    return bytes;
}

// $XDG_..._HOME/sotto, else the home folder's own place; empty when there is no home either.
std::filesystem::path xdg_folder(const char* variable, const char* below_home) {
    if (const char* folder = std::getenv(variable); folder != nullptr && *folder == '/') {
        return std::filesystem::path(folder) / "sotto";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/') {
        return {};
    }
    return std::filesystem::path(home) / below_home / "sotto";
}

struct Raw {
    std::string profile;
    std::string server;
    std::string passphrase_file;
    std::string open_with;
    std::string geometry;
    bool cheap_vault = false;
};

void describe(CLI::App& app, Raw& raw) {
    app.description("Sotto: private conversations, straight between two computers.");
    app.set_version_flag("--version", version_text);
    app.footer(
        "Files: the profile in $XDG_DATA_HOME/sotto (else ~/.local/share/sotto), the settings in\n"
        "$XDG_CONFIG_HOME/sotto/desktop.toml (else ~/.config/sotto); with --profile both are in "
        "DIR.\n"
        "Exit codes: 0 done, 1 failed (it says why), 2 wrong command line.\n"
        "Without a display use sotto-peer.");
    app.add_option("--profile", raw.profile, "Folder of the profile; made when you register")
        ->type_name("DIR");
    app.add_option("--server", raw.server, "Server link for a new profile: sotto://HOST:PORT/KEY")
        ->type_name("LINK");
    app.add_option("--passphrase-file", raw.passphrase_file,
                   "Unlock with the first line of this file instead of asking")
        ->type_name("FILE");
    app.add_option("--open-with", raw.open_with, "Show the conversation with this contact")
        ->type_name("NAME");
    app.add_option("--geometry", raw.geometry, "Size and place of the window: WxH or WxH+X+Y");
    // For test runs: a new vault at the lowest cost that is accepted anywhere, instead of 0.4 s.
    app.add_flag("--cheap-vault", raw.cheap_vault)->group("");
}

int complain(const std::string& message) {
    std::cerr << "sotto: " << message << "\n";
    return exit_usage;
}

std::variant<Options, int> checked(const Raw& raw) {
    Options options;
    const bool own_folder = !raw.profile.empty();
    options.profile = own_folder ? std::filesystem::path(raw.profile)
                                 : xdg_folder("XDG_DATA_HOME", ".local/share");
    if (options.profile.empty()) {
        return complain("no home folder: name a profile with --profile");
    }
    // A profile that was named is a world of its own: it leaves nothing elsewhere.
    options.settings =
        (own_folder ? options.profile : xdg_folder("XDG_CONFIG_HOME", ".config")) / "desktop.toml";
    if (!raw.server.empty()) {
        if (const auto server = peer::parse_server_link(raw.server); !server) {
            return complain("--server: " + std::string(to_string(server.error())));
        }
        options.server = raw.server;
    }
    if (!raw.passphrase_file.empty()) {
        options.passphrase = read_secret_file(raw.passphrase_file);
        if (!options.passphrase) {
            return complain("the passphrase file cannot be read");
        }
    }
    if (!raw.geometry.empty()) {
        options.geometry = parse_geometry(raw.geometry);
        if (!options.geometry) {
            return complain("--geometry wants WxH or WxH+X+Y, for example 900x640+0+40");
        }
    }
    options.open_with = raw.open_with;
    options.cheap_vault = raw.cheap_vault;
    return options;
}

}  // namespace

std::optional<Geometry> parse_geometry(const std::string& text) {
    std::array<int, 4> values{};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    constexpr std::array separators{'\0', 'x', '+', '+'};
    while (count < values.size() && at != end) {
        if (count > 0 && *at++ != separators[count]) {
            return std::nullopt;
        }
        const auto [next, error] = std::from_chars(at, end, values[count]);
        if (error != std::errc{} || next == at) {
            return std::nullopt;
        }
        at = next;
        ++count;
    }
    const bool sized = values[0] >= width_min && values[0] <= window_side_max &&
                       values[1] >= height_min && values[1] <= window_side_max;
    if (at != end || !sized || (count != 2 && count != 4)) {
        return std::nullopt;
    }
    Geometry geometry{.width = values[0], .height = values[1]};
    if (count == 4) {
        geometry.x = values[2];
        geometry.y = values[3];
    }
    return geometry;
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
    return checked(raw);
}

}  // namespace sotto::ui
