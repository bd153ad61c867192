// The values a peer speaks about: contacts, messages, members, addresses, time.
//
// Plain values only: no behaviour that needs a clock, a disk or a socket. Engine, store, transport,
// runtime and every front end share these types, so a change here is a change of the product's
// vocabulary. Text that came from another person is UTF-8, already bounded by peer/wire, but not
// yet fit for a screen: the front end sanitises it before drawing.
#pragma once

#include "crypto/bytes.hpp"
#include "crypto/curve.hpp"
#include "crypto/keys.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sotto::peer {

using crypto::AccountId;
using crypto::Bytes;
using crypto::ByteView;
using crypto::DeviceId;

// Monotonic milliseconds since an arbitrary start. Decides every time-out; never shown.
struct Instant {
    std::uint64_t ms = 0;
    auto operator<=>(const Instant&) const = default;
};

// Wall-clock milliseconds since 1970-01-01 UTC. Labels messages and checks record expiry; never
// decides delivery (the clock may be years off).
struct WallTime {
    std::uint64_t ms = 0;
    auto operator<=>(const WallTime&) const = default;
};

// Both clocks, read once per turn by the runtime and frozen for that turn.
struct Now {
    Instant mono;
    WallTime wall;
};

// 16 random bytes chosen by the author's device (docs/protocol-envelope.md).
struct MessageId {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const MessageId&) const = default;
};

// Name of one stored envelope at the rendezvous: random, so it says nothing about its content.
struct EnvelopeId {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const EnvelopeId&) const = default;
};

// One CURVE connection to another peer, numbered by the side that looks at it. Never reused
// within a process.
struct LinkId {
    std::uint64_t value = 0;
    auto operator<=>(const LinkId&) const = default;
};

// An invitation by the rendezvous' operator, which registering needs where the community is closed.
using ServerInvite = crypto::FixedBytes<struct ServerInviteTag, 16>;

// Where the rendezvous is and how to know it: the key is pinned, so no CA and no domain is needed.
struct ServerAddress {
    std::string host;  // DNS name, IPv4 or IPv6 literal without brackets
    std::uint16_t port = 0;
    crypto::CurvePublic key;
    std::optional<ServerInvite> invite = {};  // came with the link; for registering, never stored
    bool operator==(const ServerAddress&) const = default;
};

enum class Presence : std::uint8_t { unknown, offline, online };

// How the next message to a contact would travel: the badge in the conversation's header.
enum class Path : std::uint8_t { none, mailbox, relay, direct };

enum class ContactState : std::uint8_t {
    request_sent,      // we asked, no answer yet
    request_received,  // they asked; the banner offers accept, ignore, block
    accepted,          // both may write
    ignored,           // we declined; looks to them like no answer
    blocked,
};

struct Contact {
    AccountId account;
    std::string username;  // [a-z0-9._-]{3,32}, as the rendezvous knows it
    ContactState state = ContactState::request_sent;
    std::string request_text;  // what came or went with the contact request, <= 300 characters
    bool verified = false;     // safety number or QR compared
    bool allow_direct = false;
    Presence presence = Presence::unknown;  // live, not stored
    Path path = Path::none;                 // live, not stored
    WallTime changed_at;                    // of the state, orders the request list
    // The rendezvous names another account for this username than the pinned one: somebody else, or
    // the same person with a new identity. Nothing is sent until AcceptKey says which one is meant.
    std::optional<AccountId> new_key{};
    // Devices this account added since, to which nothing goes until AllowDevices. Not stored here.
    std::uint32_t held_devices = 0;
    bool operator==(const Contact&) const = default;
};

// The visible, durable state of a sent message. Only moves forward (failed may be retried).
enum class DeliveryState : std::uint8_t {
    saved,        // on this disk, on its way
    with_server,  // the rendezvous has stored it for the recipient
    delivered,    // stored on the recipient's device
    read,         // shown to the recipient
    failed,
};

enum class MessageFailure : std::uint8_t {
    none,
    no_such_account,  // the rendezvous knows no device for this account
    blocked_by_us,
    key_changed,  // the recipient's identity changed and was not accepted yet
    expired,      // not deliverable for 14 d (the mailbox' time to live)
    refused,      // the rendezvous refused it for good
};

enum class MessageKind : std::uint8_t {
    text,
    unsupported,  // a newer Sotto sent a type this one does not know: shown as such, kept
    notice,       // local: "contact accepted", "N messages missing", ...
};

// One row of a conversation. `row` is the local order key: larger is later.
struct Message {
    std::uint64_t row = 0;
    MessageId id;
    AccountId peer;  // whose conversation it stands in
    bool outgoing = false;
    MessageKind kind = MessageKind::text;
    std::string text;
    WallTime at;  // the author's clock, clamped to [received - 14 d, received + 5 min]
    DeliveryState state = DeliveryState::saved;
    MessageFailure failure = MessageFailure::none;
    bool read_locally = false;  // incoming: the person here has seen it
    bool operator==(const Message&) const = default;
};

// One line of the home list: what the store can tell of a conversation without loading it.
struct ConversationSummary {
    AccountId peer;
    std::optional<Message> last;
    std::uint32_t unread = 0;
    bool operator==(const ConversationSummary&) const = default;
};

// One row of the rendezvous' member directory.
struct Member {
    std::string username;
    AccountId account;
    Presence presence = Presence::unknown;
    bool operator==(const Member&) const = default;
};

// Who this profile is.
struct Self {
    std::string username;  // empty until registered
    AccountId account;
    DeviceId device;
    ServerAddress server;
    bool registered = false;
    bool operator==(const Self&) const = default;
};

// What a person is told of device lists, and has set, apart from any conversation.
struct DeviceWatch {
    // A contact says he was given a list of our devices that we did not sign, or the server has one
    // with a device we do not know. Until SettleOwnList.
    bool own_list_disputed = false;
    bool hold_new_devices = false;  // SetHoldNewDevices
    bool operator==(const DeviceWatch&) const = default;
};

enum class ServerState : std::uint8_t { offline, connecting, online, refused };

}  // namespace sotto::peer
