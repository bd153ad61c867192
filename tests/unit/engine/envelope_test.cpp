#include "peer/wire/envelope.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"

namespace sotto::peer::wire {
namespace {

SeqSet seqs(std::initializer_list<std::uint64_t> values) {
    SeqSet set;
    for (const std::uint64_t value : values)
        (void)set.insert(value);
    return set;
}

crypto::CurvePublic curve_key(std::uint64_t seed) {
    crypto::SeededRandom random(seed);
    return crypto::OwnCurve::generate(random).public_key();
}

TokenOffer token() {
    return {.serial = 4, .token = Token(std::array<std::uint8_t, 32>{1, 2, 3})};
}

Endpoint endpoint() {
    return {.serial = 9,
            .endpoints = {"tcp://192.0.2.7:21345", "tcp://[2001:db8::1]:21345"},
            .server_key = curve_key(1),
            .dial_with = curve_key(2),
            .expires = {123456}};
}

std::vector<Body> samples() {
    return {Text{"hello"},
            Text{std::string(max_text_bytes, 'x')},
            DeliveredReceipt{seqs({1, 2, 5})},
            ReadReceipt{seqs({1, 2, 5}), seqs({1})},
            Typing{true},
            Typing{false},
            ContactRequest{"alice", "hi", token()},
            ContactRequest{"alice", "", token()},
            ContactAccept{"bob", token()},
            endpoint(),
            Profile{3, "bob"},
            MailboxToken{token()},
            SessionReset{crypto::SessionId(std::array<std::uint8_t, 16>{7})}};
}

Envelope wrap(Body body) {
    crypto::SeededRandom random(3);
    const bool row = std::holds_alternative<Text>(body);
    return {.id = {random.array<16>()},
            .conversation = ConversationId::generate(random),
            .sender_seq = row ? 12U : 0U,
            .at = {1700000000000},
            .own_list = {.seq = 1, .hash8 = random.array<8>()},
            .peer_list = {.seq = 2, .hash8 = random.array<8>()},
            .body = std::move(body)};
}

constexpr std::size_t fixed_part = 3 + 16 + 32 + 8 + 8 + 32;

TEST(Envelope, RoundTrip) {
    for (const Body& body : samples()) {
        const Envelope envelope = wrap(body);
        const auto decoded = decode_envelope(encode(envelope));
        ASSERT_TRUE(decoded) << body.index();
        EXPECT_EQ(*decoded, envelope);
    }
}

TEST(Envelope, EveryTruncationAndOneByteMoreIsRefused) {
    for (const Body& body : samples()) {
        Bytes bytes = encode(wrap(body));
        if (bytes.size() > 2000) continue;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_envelope(ByteView(bytes).first(size))) << body.index();
        }
        bytes.push_back(0);
        EXPECT_FALSE(decode_envelope(bytes));
    }
}

// One value, one encoding: whatever a flipped byte decodes to is encoded as those very bytes.
TEST(Envelope, FlippedBytesAreRefusedOrMeanSomethingElse) {
    for (const Body& body : samples()) {
        const Bytes good = encode(wrap(body));
        if (good.size() > 2000) continue;
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const std::uint8_t flip : std::array<std::uint8_t, 3>{0x01, 0x80, 0xff}) {
                Bytes bytes = good;
                bytes[at] ^= flip;
                const auto decoded = decode_envelope(bytes);
                if (!decoded || std::holds_alternative<Unsupported>(decoded->body)) continue;
                EXPECT_EQ(encode(*decoded), bytes) << body.index() << " at " << at;
            }
        }
    }
}

TEST(Envelope, UnknownTypeIsUnsupportedWithOrWithoutNumber) {
    Bytes bytes = encode(wrap(Text{"hello"}));
    for (const int type : {0, 2, 3, 4, 8, 15, 32, 33, 34, 40, 48, 200, 255}) {
        bytes[1] = static_cast<std::uint8_t>(type);
        const auto decoded = decode_envelope(bytes);
        ASSERT_TRUE(decoded) << type;
        EXPECT_EQ(decoded->body, Body(Unsupported{static_cast<std::uint8_t>(type)}));
        EXPECT_EQ(decoded->sender_seq, 12U);
    }
}

TEST(Envelope, UnknownFields) {
    Bytes critical = encode(wrap(Text{"hello"}));
    critical.insert(critical.end(), {127, 1, 0, 42});
    EXPECT_EQ(decode_envelope(critical).value().body, Body(Unsupported{1}));
    Bytes ignorable = encode(wrap(Text{"hello"}));
    ignorable.insert(ignorable.end(), {128, 1, 0, 42});
    EXPECT_EQ(decode_envelope(ignorable).value().body, Body(Text{"hello"}));
    ignorable.insert(ignorable.end(), {128, 1, 0, 43});  // twice the same tag
    EXPECT_FALSE(decode_envelope(ignorable));
}

TEST(Envelope, VersionAndFlags) {
    for (const std::size_t at : {0U, 2U}) {
        Bytes bytes = encode(wrap(Typing{true}));
        bytes[at] ^= 2;
        EXPECT_EQ(decode_envelope(bytes).error(), EnvelopeError::unsupported_version);
    }
}

TEST(Envelope, OnlyRowsAreNumbered) {
    Envelope text = wrap(Text{"hello"});
    text.sender_seq = 0;
    EXPECT_EQ(decode_envelope(encode(text)).error(), EnvelopeError::bad_sequence);
    text.sender_seq = (1ULL << 48U) + 1;
    EXPECT_EQ(decode_envelope(encode(text)).error(), EnvelopeError::bad_sequence);
    Envelope receipt = wrap(DeliveredReceipt{seqs({1})});
    receipt.sender_seq = 1;
    EXPECT_EQ(decode_envelope(encode(receipt)).error(), EnvelopeError::bad_sequence);
}

TEST(Envelope, TextLimits) {
    EXPECT_FALSE(decode_envelope(encode(wrap(Text{std::string(max_text_bytes + 1, 'x')}))));
    EXPECT_FALSE(decode_envelope(encode(wrap(Text{""}))));
    EXPECT_EQ(decode_envelope(encode(wrap(Text{"\xff"}))).error(), EnvelopeError::bad_text);
    EXPECT_EQ(decode_envelope(encode(wrap(Text{std::string("a\0b", 3)}))).error(),
              EnvelopeError::bad_text);
}

TEST(Envelope, RequestLimits) {
    const auto request = [](const std::string& text) {
        return decode_envelope(encode(wrap(ContactRequest{"alice", text, token()}))).has_value();
    };
    std::string euros;
    for (int i = 0; i < 300; ++i)
        euros += "\xe2\x82\xac";
    EXPECT_TRUE(request(euros));         // 300 characters, 900 bytes
    EXPECT_FALSE(request(euros + "x"));  // 301 characters
    EXPECT_TRUE(request(std::string(300, 'x')));
    EXPECT_FALSE(request(std::string(301, 'x')));
    EXPECT_FALSE(decode_envelope(encode(wrap(ContactRequest{"Alice", "hi", token()}))));
    EXPECT_FALSE(decode_envelope(encode(wrap(ContactAccept{"al", token()}))));
    // Padding a request with ignorable fields does not get it past 1 KB.
    Bytes padded = encode(wrap(ContactRequest{"alice", "hi", token()}));
    padded.insert(padded.end(), {200, 0, 4});
    padded.insert(padded.end(), 1024, 0);
    EXPECT_FALSE(decode_envelope(padded));
}

TEST(Envelope, EndpointsAreNumericTcpAndNothingElse) {
    for (const char* good :
         {"tcp://192.0.2.7:21345", "tcp://0.0.0.0:1", "tcp://255.255.255.255:65535",
          "tcp://[::1]:80", "tcp://[2001:db8::1]:21345", "tcp://[::]:9",
          "tcp://[1:2:3:4:5:6:7:8]:9", "tcp://[fe80::1:2]:9"}) {
        EXPECT_TRUE(is_endpoint(good)) << good;
    }
    for (const char* bad : {"",
                            "tcp://",
                            "tcp://192.0.2.7",
                            "tcp://192.0.2.7:",
                            "tcp://192.0.2.7:0",
                            "tcp://192.0.2.7:65536",
                            "tcp://192.0.2.7:080",
                            "tcp://192.0.2:80",
                            "tcp://192.0.2.7.1:80",
                            "tcp://192.0.2.256:80",
                            "tcp://192.0.2.07:80",
                            "tcp://example.org:80",
                            "tcp://*:80",
                            "ipc:///tmp/socket",
                            "inproc://zeromq.zap.01",
                            "tcp://127.0.0.1:80;127.0.0.1:81",
                            "tcp://::1:80",
                            "tcp://[::1]",
                            "tcp://[::1]:",
                            "tcp://[:]:80",
                            "tcp://[]:80",
                            "tcp://[1::2::3]:80",
                            "tcp://[12345::]:80",
                            "tcp://[1:2:3:4:5:6:7]:9",
                            "tcp://[1:2:3:4:5:6:7:8:9]:9",
                            "tcp://[1:2:3:4:5:6:7::8]:9",
                            "tcp://[fe80::1%eth0]:9",
                            "tcp://[::ffff:1.2.3.4]:9",
                            "tcp://[1:]:9",
                            "tcp://[:1]:9",
                            " tcp://192.0.2.7:1",
                            "tcp://192.0.2.7:1 ",
                            "TCP://192.0.2.7:1"}) {
        EXPECT_FALSE(is_endpoint(bad)) << bad;
        Endpoint with_bad = endpoint();
        with_bad.endpoints = {bad};
        EXPECT_FALSE(decode_envelope(encode(wrap(with_bad)))) << bad;
    }
    Endpoint many = endpoint();
    many.endpoints.assign(max_endpoints, "tcp://192.0.2.7:21345");
    EXPECT_TRUE(decode_envelope(encode(wrap(many))));
    many.endpoints.emplace_back("tcp://192.0.2.7:21345");
    EXPECT_FALSE(decode_envelope(encode(wrap(many))));
}

TEST(Envelope, NonCanonicalKeysInEndpointsAreRefused) {
    const Bytes good = encode(wrap(endpoint()));
    const auto key = endpoint().server_key;
    const auto at = std::search(good.begin(), good.end(), key.view().begin(), key.view().end());
    ASSERT_NE(at, good.end());
    Bytes bytes = good;
    bytes[static_cast<std::size_t>(at - good.begin()) + 31] |= 0x80U;
    EXPECT_FALSE(decode_envelope(bytes));
}

TEST(Envelope, FixedPartIsWhatTheDocumentSays) {
    EXPECT_EQ(encode(wrap(Typing{true})).size(), fixed_part + 4);
}

}  // namespace
}  // namespace sotto::peer::wire
