// Addresses as text: what we may dial, and what we can be reached at.
//
// Endpoints of peers come from the other side, so they are hostile: only "tcp://" with an IP
// literal and a port of 1024 or more passes, never a name (a lookup would tell a DNS server who
// talks to whom), another transport, a source address, a wildcard, multicast, or, unless the caller
// allows it, loopback (a contact must not make us knock at our own machine's services).
#pragma once

#include "peer/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::peer::transport {

enum class Loopback : std::uint8_t { refuse, allow };

// The ZeroMQ endpoint of a peer, rewritten in its one canonical form; nothing when refused.
[[nodiscard]] std::optional<std::string> peer_endpoint(std::string_view text, Loopback loopback);

// The ZeroMQ endpoint of a rendezvous; nothing when the host is no name or IP literal or port 0.
[[nodiscard]] std::optional<std::string> server_endpoint(const ServerAddress& address);

// "localhost", 127.0.0.0/8 and ::1. Does not look names up.
[[nodiscard]] bool is_loopback_host(std::string_view host);

// Endpoints at which other machines may reach `port`: private and public IPv4, global and unique
// local IPv6, at most 8; loopback first when it is allowed.
[[nodiscard]] std::vector<std::string> local_endpoints(std::uint16_t port, Loopback loopback);

}  // namespace sotto::peer::transport
