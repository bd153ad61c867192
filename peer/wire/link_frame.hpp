// Frames on a direct CURVE link between two peers (docs/protocol-envelope.md).
//
// CURVE has authenticated the other side's key before the first of them; what is said in a Message
// is authenticated again by the ratchet inside. Promises: decode(encode(x)) == x, every byte
// consumed.
#pragma once

#include "crypto/seal.hpp"
#include "peer/model.hpp"
#include "peer/wire/limits.hpp"

#include <variant>

namespace sotto::peer::wire {

// First frame of either side. A link carries messages once its hello was answered.
struct LinkHello {
    std::array<std::uint8_t, 16> nonce{};
    bool operator==(const LinkHello&) const = default;
};
struct LinkWelcome {  // echoes the hello's nonce
    std::array<std::uint8_t, 16> nonce{};
    bool operator==(const LinkWelcome&) const = default;
};
struct LinkPing {
    std::uint64_t token = 0;
    bool operator==(const LinkPing&) const = default;
};
struct LinkPong {
    std::uint64_t token = 0;
    bool operator==(const LinkPong&) const = default;
};
// One ratchet message (or init message); `envelope` is the name under which a mailbox would hold
// it.
struct LinkMessage {
    EnvelopeId envelope;
    crypto::SealedKind kind = crypto::SealedKind::message;
    Bytes payload{};
    bool operator==(const LinkMessage&) const = default;
};
// These are committed on the receiver's disk, or can never be used: do not send them again.
struct LinkAck {
    std::vector<EnvelopeId> envelopes;  // 1 .. max_link_acks
    bool operator==(const LinkAck&) const = default;
};
struct LinkBye {  // going offline: use the mailbox
    bool operator==(const LinkBye&) const = default;
};

using LinkFrame =
    std::variant<LinkHello, LinkWelcome, LinkPing, LinkPong, LinkMessage, LinkAck, LinkBye>;

enum class LinkFrameError : std::uint8_t { malformed, unsupported_version, unknown_type };
[[nodiscard]] constexpr std::string_view to_string(LinkFrameError error) noexcept {
    switch (error) {
        case LinkFrameError::malformed:
            return "malformed link frame";
        case LinkFrameError::unsupported_version:
            return "link frame of an unknown version";
        case LinkFrameError::unknown_type:
            return "link frame of an unknown type";
    }
    return "unknown";
}

[[nodiscard]] Bytes encode(const LinkFrame& frame);
[[nodiscard]] crypto::Result<LinkFrame, LinkFrameError> decode_link_frame(ByteView bytes);

}  // namespace sotto::peer::wire
