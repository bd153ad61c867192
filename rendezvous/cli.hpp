// The command line of sotto-rendezvous as values: one struct per command.
//
// The names of commands and options are an interface: the man page, the completions, the systemd
// unit and people's scripts rely on them. Parsing does nothing but parse; commands.hpp carries out.
// No secret is ever an argument.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace sotto::rendezvous {

struct InitOptions {
    std::string folder;
    std::string listen;  // empty: *:7313
    bool open = false;
    std::string public_host;
    std::string metrics;     // empty: none
    bool no_invite = false;  // where nobody sees what init prints
};
struct RunOptions {
    std::string folder;
    std::string listen;  // empty: as configured
};
struct DoctorOptions {
    std::string folder;
    bool json = false;
};
struct LinkOptions {
    std::string folder;
};
struct InviteCreateOptions {
    std::string folder;
    std::uint32_t uses = 1;
    std::uint64_t lifetime_s = 0;
    std::string note;
    bool json = false;
};
struct InviteListOptions {
    std::string folder;
    bool json = false;
};
struct InviteRevokeOptions {
    std::string folder;
    std::string id;
};
struct UserListOptions {
    std::string folder;
    std::string match;
    std::string after;
    std::uint32_t limit = 0;
    bool json = false;
};
struct UserShowOptions {
    std::string folder;
    std::string name;
    bool json = false;
};
struct UserChangeOptions {
    enum class Change : std::uint8_t { disable, enable, remove };
    std::string folder;
    Change change = Change::disable;
    std::string name;
    bool yes = false;  // asked for by remove
};
struct StatsOptions {
    std::string folder;
    bool json = false;
};
struct BackupOptions {
    std::string folder;
    std::string file;
    bool without_key = false;
};
struct RestoreOptions {
    std::string folder;
    std::string file;
    bool replace = false;
};
struct CheckOptions {
    std::string folder;
    std::string file;  // a backup; empty: the server's own database
};

using Command =
    std::variant<InitOptions, RunOptions, DoctorOptions, LinkOptions, InviteCreateOptions,
                 InviteListOptions, InviteRevokeOptions, UserListOptions, UserShowOptions,
                 UserChangeOptions, StatsOptions, BackupOptions, RestoreOptions, CheckOptions>;

inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;

// The command, or the exit code after help, version or a complaint was printed.
[[nodiscard]] std::variant<Command, int> parse_command_line(int argc, const char* const* argv,
                                                            const std::string& version);

// "90s", "30m", "12h", "7d", "4w": seconds, 1 to those of 366 days; 0 for anything else.
[[nodiscard]] std::uint64_t parse_lifetime(const std::string& text);

}  // namespace sotto::rendezvous
