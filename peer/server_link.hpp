// The link that says where a rendezvous is and which key it must have: sotto://HOST[:PORT]/KEY, or
// for whom its operator invited: sotto://HOST[:PORT]/KEY?invite=TOKEN.
//
// HOST is a DNS name, an IPv4 address or an IPv6 address in brackets; PORT defaults to the
// protocol's own; KEY is the server's CURVE public key, base64url without padding (43 characters),
// and TOKEN 16 bytes (22 characters).
// Pure. The link comes from a person's clipboard: everything but exactly this form is refused, with
// the part that is wrong, so that a front end can say it while it is being typed.
#pragma once

#include "crypto/result.hpp"
#include "peer/model.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::peer {

enum class ServerLinkError : std::uint8_t { bad_start, bad_address, bad_key };
[[nodiscard]] constexpr std::string_view to_string(ServerLinkError error) {
    switch (error) {
        case ServerLinkError::bad_start:
            return "a server link begins with sotto://";
        case ServerLinkError::bad_address:
            return "the address in the server link is not complete";
        case ServerLinkError::bad_key:
            return "the key or invite in the server link is incomplete or mistyped";
    }
    return "not a server link";
}

// DNS limits a name to 253 characters; with the rest of the link that is all there can be.
inline constexpr std::size_t server_link_bytes_max = 352;

[[nodiscard]] crypto::Result<ServerAddress, ServerLinkError> parse_server_link(
    std::string_view link);
// The inverse; always with the port, never with the invite, which is for one person.
[[nodiscard]] std::string to_link(const ServerAddress& server);

}  // namespace sotto::peer
