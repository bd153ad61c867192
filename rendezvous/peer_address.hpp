// The other end of a TCP connection: as text for the client itself, as a prefix for limits.
#pragma once

#include "rendezvous/logic/values.hpp"

#include <string_view>

struct sockaddr_storage;

namespace sotto::rendezvous {

struct PeerAddress {
    std::string text;                     // "192.0.2.7:40000", "[2001:db8::1]:40000"
    std::optional<AddressPrefix> prefix;  // nothing for loopback
};

// The peer of a connected socket; nothing when it is not connected (any more). The descriptor may
// have been closed and used again: an answer is a hint, never an identity.
[[nodiscard]] std::optional<PeerAddress> peer_of_socket(int fd);
[[nodiscard]] PeerAddress describe(const sockaddr_storage& address);

// The prefix of an address as libzmq's ZAP request writes it; nothing for loopback and nonsense.
[[nodiscard]] std::optional<AddressPrefix> prefix_of_text(std::string_view address);

}  // namespace sotto::rendezvous
