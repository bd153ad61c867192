// The command line of sotto-peer.
//
// Passwords are never taken from it: other users of the machine can read it. Exit codes: 0 done,
// 1 it failed and said why, 2 the command line is wrong.
#pragma once

#include "crypto/secret.hpp"
#include "peer/model.hpp"
#include "peer/runtime/runtime.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace sotto::peer::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

struct Options {
    enum class Mode : std::uint8_t { json, chat };
    Mode mode = Mode::chat;
    RuntimeOptions runtime;
    std::optional<ServerAddress> server;
    std::optional<crypto::SecretBytes> passphrase;  // read from --passphrase-file
};

// The options, or the exit code after --help, --version or a mistake (which was printed).
[[nodiscard]] std::variant<Options, int> parse_options(int argc, const char* const* argv);

// $XDG_DATA_HOME/sotto, else ~/.local/share/sotto; empty when there is no home either.
[[nodiscard]] std::filesystem::path default_profile();

}  // namespace sotto::peer::cli
