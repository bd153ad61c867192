// The command line of sotto.
//
// Passwords are never taken from it: other users of the machine can read it. Exit codes: 0 done, 1
// it failed and said why, 2 the command line is wrong.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "crypto/secret.hpp"

namespace sotto::ui {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// WIDTHxHEIGHT[+X+Y], design pixels for the size and screen pixels for the place.
struct Geometry {
    int width = 0;
    int height = 0;
    std::optional<int> x = {};
    std::optional<int> y = {};
    friend bool operator==(const Geometry&, const Geometry&) = default;
};
[[nodiscard]] std::optional<Geometry> parse_geometry(const std::string& text);

struct Options {
    std::filesystem::path profile;
    std::filesystem::path settings;  // the file
    std::string server;              // link for the first screen; may be empty
    std::string open_with;           // name of the contact whose conversation is shown first
    std::optional<crypto::SecretBytes> passphrase;  // read from --passphrase-file
    std::optional<Geometry> geometry;
    bool cheap_vault = false;  // test runs only
};

// The options, or the exit code after --help, --version or a mistake (which was printed).
[[nodiscard]] std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace sotto::ui
