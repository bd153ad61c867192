// What each command of the command line does. Each returns the exit code; a failure has been said
// on stderr by then, in a sentence with what to do.
#pragma once

#include "rendezvous/cli.hpp"

#include <string>

namespace sotto::rendezvous {

// Name, version and libraries, for --version.
[[nodiscard]] std::string version_text();
// Prints "sotto-rendezvous: TEXT" to stderr; exit_failure.
int fail(const std::string& text);

// Root acts as the owner of the server's folder, so that no file there ends up as root's and the
// server itself never runs as root by mistake. False: it did not work; said why.
[[nodiscard]] bool act_as_owner(const std::string& folder);

[[nodiscard]] int carry_out(const InitOptions& options);
[[nodiscard]] int carry_out(const RunOptions& options);
[[nodiscard]] int carry_out(const DoctorOptions& options);
[[nodiscard]] int carry_out(const LinkOptions& options);
[[nodiscard]] int carry_out(const InviteCreateOptions& options);
[[nodiscard]] int carry_out(const InviteListOptions& options);
[[nodiscard]] int carry_out(const InviteRevokeOptions& options);
[[nodiscard]] int carry_out(const UserListOptions& options);
[[nodiscard]] int carry_out(const UserShowOptions& options);
[[nodiscard]] int carry_out(const UserChangeOptions& options);
[[nodiscard]] int carry_out(const StatsOptions& options);
[[nodiscard]] int carry_out(const BackupOptions& options);
[[nodiscard]] int carry_out(const RestoreOptions& options);
[[nodiscard]] int carry_out(const CheckOptions& options);

}  // namespace sotto::rendezvous
