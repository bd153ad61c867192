// The envelope: what stands inside a ratchet message, and its only decoder.
//
// Fixed part, then a body of TLVs in strictly increasing tag order, so one value has one encoding
// (docs/protocol-envelope.md, docs/protocol.md 2.7). Promises: decode(encode(x)) == x; every byte
// is consumed; text is UTF-8 and bounded; endpoints are numeric TCP addresses and nothing else.
// Refuses unknown versions and flags. A type of a newer Sotto becomes Unsupported, not an error.
#pragma once

#include "crypto/dev_list.hpp"
#include "peer/model.hpp"
#include "peer/wire/limits.hpp"
#include "peer/wire/ranges.hpp"

#include <variant>

namespace sotto::peer::wire {

using crypto::ConversationId;
using crypto::GossipMark;
using Token = crypto::Secret<32>;

enum class Type : std::uint8_t {
    text = 1,
    receipt_delivered = 5,
    receipt_read = 6,
    typing = 7,  // direct links only
    contact_request = 16,
    contact_accept = 17,
    endpoint = 18,
    profile = 19,
    mailbox_token = 20,
    session_reset = 41,
};

struct Text {
    std::string text;  // 1 .. max_text_bytes
    bool operator==(const Text&) const = default;
};
// Everything stored here of what the addressed device sent in this conversation: cumulative, so the
// next receipt repairs a lost one.
struct DeliveredReceipt {
    SeqSet delivered;
    bool operator==(const DeliveredReceipt&) const = default;
};
struct ReadReceipt {
    SeqSet delivered;  // `read` and more
    SeqSet read;
    bool operator==(const ReadReceipt&) const = default;
};
struct Typing {
    bool typing = false;
    bool operator==(const Typing&) const = default;
};
// The sender's mailbox token, which lets the other side write; the larger serial is the newer one.
struct TokenOffer {
    std::uint64_t serial = 0;
    Token token;
    bool operator==(const TokenOffer&) const = default;
};
struct ContactRequest {
    std::string username;  // what the sender says; the rendezvous can confirm it
    std::string text;      // 0 .. 300 characters
    TokenOffer token;      // lets the asked one answer
    bool operator==(const ContactRequest&) const = default;
};
struct ContactAccept {
    std::string username;
    TokenOffer token;
    bool operator==(const ContactAccept&) const = default;
};
// Where and how the sender's device can be reached directly until `expires`. No endpoints =
// nowhere; its `dial_with` may still call us. The larger serial is the newer one.
struct Endpoint {
    std::uint64_t serial = 0;
    std::vector<std::string> endpoints;
    crypto::CurvePublic server_key;  // of its listener
    crypto::CurvePublic dial_with;   // the key with which it will dial us
    WallTime expires;
    bool operator==(const Endpoint&) const = default;
};
struct Profile {
    std::uint64_t serial = 0;
    std::string username;
    bool operator==(const Profile&) const = default;
};
struct MailboxToken {
    TokenOffer token;
    bool operator==(const MailboxToken&) const = default;
};
struct SessionReset {
    crypto::SessionId old_session;
    bool operator==(const SessionReset&) const = default;
};
// A well-formed envelope of a type (or with a critical field) this version does not know.
struct Unsupported {
    std::uint8_t type = 0;
    bool operator==(const Unsupported&) const = default;
};

using Body =
    std::variant<Text, DeliveredReceipt, ReadReceipt, Typing, ContactRequest, ContactAccept,
                 Endpoint, Profile, MailboxToken, SessionReset, Unsupported>;

struct Envelope {
    MessageId id;
    ConversationId conversation;
    std::uint64_t sender_seq = 0;  // from 1 for what makes a row, 0 for everything else
    WallTime at;
    GossipMark own_list;   // the sender's own device list
    GossipMark peer_list;  // the one it holds of the recipient; seq 0: none
    Body body;
    bool operator==(const Envelope&) const = default;
};

enum class EnvelopeError : std::uint8_t {
    malformed,            // lengths, order of fields, values out of range
    unsupported_version,  // version or flags
    bad_text,             // not UTF-8, too long, or empty
    bad_endpoint,         // not a numeric TCP address with a port
    bad_sequence,         // a row without a number, or a number on something else
};
[[nodiscard]] constexpr std::string_view to_string(EnvelopeError error) noexcept {
    switch (error) {
        case EnvelopeError::malformed:
            return "malformed envelope";
        case EnvelopeError::unsupported_version:
            return "envelope of an unknown version";
        case EnvelopeError::bad_text:
            return "text is not UTF-8 or too long";
        case EnvelopeError::bad_endpoint:
            return "not an address to dial";
        case EnvelopeError::bad_sequence:
            return "sequence number does not fit the type";
    }
    return "unknown";
}

/// A body outside the limits of limits.hpp is our own bug; Unsupported cannot be encoded.
[[nodiscard]] Bytes encode(const Envelope& envelope);
[[nodiscard]] crypto::Result<Envelope, EnvelopeError> decode_envelope(ByteView bytes);

/// "tcp://192.0.2.7:21345" or "tcp://[2001:db8::1]:21345": numeric, port 1..65535, nothing else, so
/// that a contact can name no other transport, no file and no host name to look up.
[[nodiscard]] bool is_endpoint(std::string_view text) noexcept;

}  // namespace sotto::peer::wire
