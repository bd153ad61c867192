// Where a server listens and under which link it is found.
#pragma once

#include "crypto/curve.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::rendezvous {

struct Endpoint {
    std::string host;  // "*", a name, an IPv4 address, or an IPv6 address without brackets
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};

// A name or an address, without brackets: nothing that means something else in a link or a file.
[[nodiscard]] bool is_host(std::string_view host);
// Stands for all addresses of this machine.
[[nodiscard]] bool is_wildcard(std::string_view host);
// One that others can connect to: no wildcard.
[[nodiscard]] bool is_public_host(std::string_view host);
// "tcp://HOST:PORT" or "HOST:PORT", an IPv6 address in brackets; nothing for anything else.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);
// "tcp://HOST:PORT", as libzmq takes it.
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

// sotto://HOST:PORT/KEY. A wildcard host becomes `public_host`, or the first address of this
// machine that others can reach, or loopback.
[[nodiscard]] std::string to_link(const Endpoint& endpoint, const std::string& public_host,
                                  const crypto::CurvePublic& key);

// A free port below 32768 (a client of this machine cannot connect to itself there); nothing when
// none was found. Somebody else may take it before it is bound.
[[nodiscard]] std::optional<std::uint16_t> find_free_port();

}  // namespace sotto::rendezvous
