// What a peer and the rendezvous say to each other: requests, replies, pushes, and their codec.
//
// One ZeroMQ frame is one msgpack array [version, type, request_id, fields...]. Shared by both
// sides and pure. Promises: decode(encode(x)) == x; a decoder consumes every byte, takes exact
// types, arities and lengths in their shortest msgpack form only (so one value has one encoding),
// and checks a length before it allocates. Refuses everything else with a DecodeError, never with
// an exception. Byte by byte: docs/protocol-rendezvous.md.
#pragma once

#include "crypto/result.hpp"
#include "rendezvous/protocol_limits.hpp"
#include "rendezvous/protocol_replies.hpp"
#include "rendezvous/protocol_requests.hpp"

#include <string_view>

namespace sotto::rendezvous {

enum class DecodeError : std::uint8_t {
    too_large,        // frame over max_frame_bytes
    truncated,        // ends inside a value
    trailing_bytes,   // something after the last field
    wrong_type,       // another msgpack type than the field's
    not_canonical,    // longer than the shortest encoding, rows not increasing, ...
    out_of_limits,    // length, count or value outside its range
    unknown_message,  // type number this side does not take
    unsupported_version,
};
[[nodiscard]] constexpr std::string_view to_string(DecodeError error) {
    switch (error) {
        case DecodeError::too_large:
            return "frame too large";
        case DecodeError::truncated:
            return "frame ends inside a value";
        case DecodeError::trailing_bytes:
            return "bytes after the last field";
        case DecodeError::wrong_type:
            return "field of another type";
        case DecodeError::not_canonical:
            return "not the canonical encoding";
        case DecodeError::out_of_limits:
            return "value out of limits";
        case DecodeError::unknown_message:
            return "unknown message type";
        case DecodeError::unsupported_version:
            return "unsupported version";
    }
    return "unknown decode error";
}

struct DecodeFailure {
    DecodeError error = DecodeError::truncated;
    RequestId request_id = 0;  // so that the answer can name it; 0 if it was not reached
};

// Field sizes are the caller's business: what is over a limit is refused by the other side's
// decoder, and a frame over max_frame_bytes by its socket.
[[nodiscard]] Bytes encode(const RequestFrame& frame);
[[nodiscard]] Bytes encode(const ReplyFrame& frame);

[[nodiscard]] crypto::Result<RequestFrame, DecodeFailure> decode_request(ByteView frame);
[[nodiscard]] crypto::Result<ReplyFrame, DecodeFailure> decode_reply(ByteView frame);

// [a-z0-9._-]{3,32}
[[nodiscard]] bool is_username(std::string_view text);

}  // namespace sotto::rendezvous
