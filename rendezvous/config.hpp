// The operator's choices: rendezvous.toml in the server's folder, strictly read.
//
// Unknown keys and values out of range are refused with the line they stand in: a typing error in
// a limit must not silently mean "no limit". Passwords and keys never stand in this file.
#pragma once

#include "crypto/result.hpp"
#include "rendezvous/endpoint.hpp"
#include "rendezvous/logic/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sotto::rendezvous {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct Config {
    Endpoint listen;
    std::string public_host;  // for the link; empty = find out
    Community community = Community::invite;
    std::uint32_t limits_factor = 1;
    std::size_t max_clients = 20'000;
    std::size_t max_clients_per_prefix = 5'000;
    std::uint8_t registration_work_bits = 0;  // 0: none is asked for
    std::uint64_t max_database_bytes = 0;     // 0 = as large as the disk allows
    std::optional<Endpoint> metrics;          // on loopback; none = off
    LogLevel log_level = LogLevel::info;
    // Settings of earlier versions that mean nothing any more: sentences for the operator. An
    // upgrade must not end with a server that does not start.
    std::vector<std::string> outdated;

    [[nodiscard]] Settings settings() const;
};

// What is wrong, in a sentence for the operator.
struct ConfigError {
    std::string text;
};

[[nodiscard]] crypto::Result<Config, ConfigError> read_config(const std::filesystem::path& file);
// A commented file that read_config() reads back as `config`.
[[nodiscard]] std::string config_text(const Config& config);

}  // namespace sotto::rendezvous
