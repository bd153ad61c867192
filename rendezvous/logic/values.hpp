// What goes into the rendezvous' logic and what comes out: values only.
//
// The logic never sees a socket, a clock or a disk. The server (or the simulator) tells it who
// connected, what they sent and what the store answered, and carries out what it returns, in order.
#pragma once

#include "crypto/curve.hpp"
#include "rendezvous/bus.hpp"
#include "rendezvous/store.hpp"

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sotto::rendezvous {

// A connection's CURVE key, authenticated by ZAP: the only identity a connection has.
using UserId = crypto::CurvePublic;

// Both clocks, read once per turn. Monotonic decides every time-out; wall labels and ages mail.
struct Now {
    std::uint64_t mono_ms = 0;
    std::uint64_t wall_ms = 0;
};

// Where a connection comes from, as coarse as limits need it: /24 of IPv4, /64 of IPv6; the last
// byte is 4 or 6, so that no two networks share a prefix.
using AddressPrefix = std::array<std::uint8_t, 9>;

// --- in ----------------------------------------------------------------------------------------

// First frame of a connection, or of one that came back from another address.
struct ClientConnected {
    UserId user;
    std::optional<AddressPrefix> prefix;  // nothing for loopback, which is not limited by prefix
    std::string observed;                 // "ip:port", told to the client itself only
};
struct ClientFrame {
    UserId user;
    Bytes bytes;
};
struct ClientGone {
    UserId user;
};
// The operator disabled or removed an account: its sessions end.
struct AccountClosed {
    AccountId account;
};
// From now on every request is answered "busy"; what is at the store goes on.
struct Stopping {};
// To be given about four times a second.
struct Tick {};

using Input = std::variant<ClientConnected, ClientFrame, ClientGone, StoreDone, MailHint,
                           AccountClosed, Stopping, Tick>;

// --- out ---------------------------------------------------------------------------------------

struct SendFrame {
    UserId user;
    Bytes bytes;
    bool droppable = false;  // typing and the like: rather lost than queued for a slow reader
};
// Close the connection and forget it. The logic has forgotten it already.
struct Kick {
    UserId user;
    bool told = false;  // a last frame went before: let it leave first, and hear nothing more
};

using Output = std::variant<SendFrame, StoreRequest, Kick, MailHint>;
using Outputs = std::vector<Output>;

}  // namespace sotto::rendezvous
