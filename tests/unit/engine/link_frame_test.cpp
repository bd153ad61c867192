#include "peer/wire/link_frame.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"

namespace sotto::peer::wire {
namespace {

std::vector<LinkFrame> samples() {
    crypto::SeededRandom random(1);
    return {
        LinkHello{random.array<16>()},
        LinkWelcome{random.array<16>()},
        LinkPing{77},
        LinkPong{0xffffffffffffffffULL},
        LinkMessage{{random.array<16>()}, crypto::SealedKind::init, {1, 2, 3}},
        LinkMessage{{random.array<16>()}, crypto::SealedKind::message, Bytes(max_payload_bytes)},
        LinkAck{{{random.array<16>()}, {random.array<16>()}}},
        LinkBye{}};
}

TEST(LinkFrame, RoundTrip) {
    for (const LinkFrame& frame : samples()) {
        const auto decoded = decode_link_frame(encode(frame));
        ASSERT_TRUE(decoded) << frame.index();
        EXPECT_EQ(*decoded, frame);
    }
}

TEST(LinkFrame, TruncatedOrExtendedIsAnotherFrameOrNone) {
    for (const LinkFrame& frame : samples()) {
        if (std::holds_alternative<LinkMessage>(frame)) continue;  // its payload has any length
        Bytes bytes = encode(frame);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto cut = decode_link_frame(ByteView(bytes).first(size));
            EXPECT_TRUE(!cut || !(*cut == frame));
        }
        bytes.push_back(0);
        EXPECT_FALSE(decode_link_frame(bytes));
    }
}

TEST(LinkFrame, Limits) {
    EXPECT_FALSE(decode_link_frame(encode(
        LinkFrame(LinkMessage{{}, crypto::SealedKind::message, Bytes(max_payload_bytes + 1)}))));
    EXPECT_FALSE(
        decode_link_frame(encode(LinkFrame(LinkMessage{{}, crypto::SealedKind::message, {}}))));
    EXPECT_TRUE(
        decode_link_frame(encode(LinkFrame(LinkAck{std::vector<EnvelopeId>(max_link_acks)}))));
    EXPECT_FALSE(
        decode_link_frame(encode(LinkFrame(LinkAck{std::vector<EnvelopeId>(max_link_acks + 1)}))));
    EXPECT_FALSE(decode_link_frame(encode(LinkFrame(LinkAck{}))));
}

TEST(LinkFrame, UnknownVersionTypeAndKind) {
    Bytes bytes = encode(LinkFrame(LinkBye{}));
    bytes[0] = 2;
    EXPECT_EQ(decode_link_frame(bytes).error(), LinkFrameError::unsupported_version);
    bytes[0] = 1;
    for (const std::uint8_t type : std::array<std::uint8_t, 3>{0, 8, 255}) {
        bytes[1] = type;
        EXPECT_EQ(decode_link_frame(bytes).error(), LinkFrameError::unknown_type);
    }
    Bytes message = encode(LinkFrame(LinkMessage{{}, crypto::SealedKind::init, {9}}));
    for (const std::uint8_t kind : std::array<std::uint8_t, 3>{0, 3, 255}) {
        message[18] = kind;
        EXPECT_FALSE(decode_link_frame(message));
    }
}

}  // namespace
}  // namespace sotto::peer::wire
