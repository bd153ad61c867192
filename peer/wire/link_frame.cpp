#include "peer/wire/link_frame.hpp"

namespace sotto::peer::wire {
namespace {

using crypto::Reader;
using crypto::Unexpected;
using crypto::Writer;

constexpr std::uint8_t link_version = 1;
enum class Kind : std::uint8_t {
    hello = 1,
    welcome = 2,
    ping = 3,
    pong = 4,
    message = 5,
    ack = 6,
    bye = 7,
};

Writer begin(Kind kind, std::size_t size) {
    Writer out(size + 2);
    out.u8(link_version).u8(static_cast<std::uint8_t>(kind));
    return out;
}

Bytes write(const LinkHello& f) {
    return std::move(begin(Kind::hello, 16).raw(f.nonce)).take();
}
Bytes write(const LinkWelcome& f) {
    return std::move(begin(Kind::welcome, 16).raw(f.nonce)).take();
}
Bytes write(const LinkPing& f) {
    return std::move(begin(Kind::ping, 8).u64(f.token)).take();
}
Bytes write(const LinkPong& f) {
    return std::move(begin(Kind::pong, 8).u64(f.token)).take();
}
Bytes write(const LinkMessage& f) {
    Writer out = begin(Kind::message, 17 + f.payload.size());
    out.raw(f.envelope.bytes).u8(static_cast<std::uint8_t>(f.kind)).raw(f.payload);
    return std::move(out).take();
}
Bytes write(const LinkAck& f) {
    Writer out = begin(Kind::ack, f.envelopes.size() * 16);
    for (const EnvelopeId& envelope : f.envelopes)
        out.raw(envelope.bytes);
    return std::move(out).take();
}
Bytes write(const LinkBye&) {
    return begin(Kind::bye, 0).take();
}

crypto::Result<LinkFrame, LinkFrameError> message(Reader& in) {
    LinkMessage frame{.envelope = {in.array<16>()}};
    const std::uint8_t kind = in.u8();
    const ByteView payload = in.rest();
    const bool known = kind == static_cast<std::uint8_t>(crypto::SealedKind::init) ||
                       kind == static_cast<std::uint8_t>(crypto::SealedKind::message);
    if (!in.ok() || !known || payload.empty() || payload.size() > max_payload_bytes) {
        return Unexpected(LinkFrameError::malformed);
    }
    frame.kind = static_cast<crypto::SealedKind>(kind);
    frame.payload.assign(payload.begin(), payload.end());
    return LinkFrame(std::move(frame));
}

crypto::Result<LinkFrame, LinkFrameError> ack(Reader& in) {
    const std::size_t count = in.remaining() / 16;
    if (count == 0 || count > max_link_acks || in.remaining() % 16 != 0) {
        return Unexpected(LinkFrameError::malformed);
    }
    LinkAck frame;
    frame.envelopes.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        frame.envelopes.push_back({in.array<16>()});
    return LinkFrame(std::move(frame));
}

crypto::Result<LinkFrame, LinkFrameError> read(Kind kind, Reader& in) {
    switch (kind) {
        case Kind::hello:
            return LinkFrame(LinkHello{.nonce = in.array<16>()});
        case Kind::welcome:
            return LinkFrame(LinkWelcome{.nonce = in.array<16>()});
        case Kind::ping:
            return LinkFrame(LinkPing{.token = in.u64()});
        case Kind::pong:
            return LinkFrame(LinkPong{.token = in.u64()});
        case Kind::message:
            return message(in);
        case Kind::ack:
            return ack(in);
        case Kind::bye:
            return LinkFrame(LinkBye{});
    }
    return Unexpected(LinkFrameError::unknown_type);
}

}  // namespace

Bytes encode(const LinkFrame& frame) {
    return std::visit([](const auto& f) { return write(f); }, frame);
}

crypto::Result<LinkFrame, LinkFrameError> decode_link_frame(ByteView bytes) {
    Reader in(bytes);
    const std::uint8_t version = in.u8();
    const auto kind = static_cast<Kind>(in.u8());
    if (!in.ok()) return Unexpected(LinkFrameError::malformed);
    if (version != link_version) return Unexpected(LinkFrameError::unsupported_version);
    auto frame = read(kind, in);
    if (frame && !in.finished()) return Unexpected(LinkFrameError::malformed);
    return frame;
}

}  // namespace sotto::peer::wire
