// Attack 45 at the decoders: length fields that lie, counts, fields twice or in another order.
#include "crypto/verify.hpp"
#include "peer/wire/envelope.hpp"
#include "peer/wire/fields.hpp"
#include "peer/wire/link_frame.hpp"
#include "rendezvous/protocol.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

TEST(Attack45LengthFields, OfTheInitMessagesDeviceList) {
    Party alice = make_party(4501, Suite::classical);
    const Party bob = make_party(4502, Suite::classical);
    const Flight flight = fly(alice, bob, true);
    constexpr std::size_t length = 3 + Cert::encoded_size;
    for (const std::uint32_t value : {0U, 1U, 202U, 204U, 0x7fffU, 0xffffU}) {
        Bytes bytes = flight.bytes;
        bytes[length] = static_cast<std::uint8_t>(value);
        bytes[length + 1] = static_cast<std::uint8_t>(value >> 8U);
        EXPECT_FALSE(decode_init_message(bytes)) << value;
    }
}

TEST(Attack45LengthFields, OfARatchetMessagesHeader) {
    Party alice = make_party(4501, Suite::classical);
    const Party bob = make_party(4502, Suite::classical);
    Session s = make_session(alice, bob);
    const Bytes good = send(s.alice, "x", alice.random);
    for (const std::uint32_t value : {0U, 80U, 82U, 0x7fffU, 0xffffU}) {
        Bytes bytes = good;
        bytes[17] = static_cast<std::uint8_t>(value);
        bytes[18] = static_cast<std::uint8_t>(value >> 8U);
        EXPECT_EQ(s.bob.decrypt(bytes, now_ms).error(), RatchetError::malformed) << value;
    }
}

TEST(Attack45LengthFields, OfADevListAndAStoredState) {
    Party alice = make_party(4501, Suite::classical);
    const Party bob = make_party(4502, Suite::classical);
    constexpr std::size_t count = 1 + 32 + 8 + 8 + 8 + 32;
    for (const unsigned n : {0U, 2U, 8U, 9U, 255U}) {
        Bytes bytes = copy(alice.dev_list.encoded());
        bytes[count] = static_cast<std::uint8_t>(n);
        EXPECT_EQ(DevList::decode(bytes).error(), RecordError::malformed) << n;
    }
    // Counts in a stored state, which only our own database holds: checked all the same.
    const Session s = make_session(alice, bob);
    const SecretBytes stored = s.bob.serialise();
    for (std::size_t at = stored.size() - 15; at < stored.size(); ++at) {
        SecretBytes changed = stored;
        changed[at] = 0xff;
        EXPECT_FALSE(Ratchet::deserialise(changed)) << at;
    }
}

TEST(Attack45LengthFields, OfAnInvite) {
    Writer out;
    out.u8(1).u8(0).u8(255).raw(as_bytes("host:1")).raw(Bytes(64, 9));
    EXPECT_EQ(parse_invite("PM1I:" + to_base64url(out.view())).error(), CodeError::malformed);
    EXPECT_FALSE(parse_invite("PM1I:" + std::string(1'000'000, 'A')));
    EXPECT_FALSE(parse_verification_code("PM1V:" + std::string(1'000'000, 'A')));
}

// --- the envelope: fields after a fixed part ----------------------------------------------------

namespace wire = peer::wire;

class Attack45EnvelopeFields : public ::testing::Test {
protected:
    wire::Envelope envelope_{.id = peer::MessageId{},
                             .conversation = ConversationId(ByteArray<32>{1}),
                             .sender_seq = 0,
                             .at = {now_ms},
                             .own_list = {1, {}},
                             .peer_list = {1, {}},
                             .body = wire::Profile{.serial = 7, .username = "alice"}};
    Bytes good_ = wire::encode(envelope_);

    /// The fixed part with other fields behind it.
    [[nodiscard]] Bytes with(std::initializer_list<Bytes> fields) const {
        Bytes out = copy(ByteView(good_).first(wire::fixed_part_bytes));
        for (const Bytes& field : fields)
            out.insert(out.end(), field.begin(), field.end());
        return out;
    }
    static Bytes field(wire::Field tag, ByteView value) {
        Writer out;
        out.u8(static_cast<std::uint8_t>(tag)).sized16(value);
        return std::move(out).take();
    }
    Bytes name_ = field(wire::Field::username, as_bytes("alice"));
    Bytes serial_ = field(wire::Field::serial, le_bytes(std::uint64_t{7}));
};

TEST_F(Attack45EnvelopeFields, TwiceOrInAnotherOrder) {
    ASSERT_EQ(with({name_, serial_}), good_);
    ASSERT_TRUE(wire::decode_envelope(good_));
    EXPECT_FALSE(wire::decode_envelope(with({name_, name_, serial_})));
    EXPECT_FALSE(wire::decode_envelope(with({name_, serial_, serial_})));
    EXPECT_FALSE(wire::decode_envelope(with({serial_, name_})));
    EXPECT_FALSE(wire::decode_envelope(with({name_})));
    EXPECT_FALSE(wire::decode_envelope(with({})));
}

TEST_F(Attack45EnvelopeFields, LengthsThatLie) {
    for (const std::uint32_t length : {0U, 4U, 6U, 0x7fffU, 0xffffU}) {
        Bytes lying = name_;
        lying[1] = static_cast<std::uint8_t>(length);
        lying[2] = static_cast<std::uint8_t>(length >> 8U);
        EXPECT_FALSE(wire::decode_envelope(with({lying, serial_}))) << length;
    }
    for (std::size_t size = 0; size < good_.size(); ++size)
        EXPECT_FALSE(wire::decode_envelope(ByteView(good_).first(size))) << size;
}

TEST(Attack45Frames, CountsAndLengthsOfTheRendezvous) {
    // [1, AckMail, id, rows...] and the like with lengths of 2^32 - 1: refused before memory is
    // asked for.
    for (const unsigned marker : {0xdbU, 0xc6U, 0xddU, 0xdfU, 0xc9U}) {  // str32 bin32 array32 ..
        for (std::uint8_t type = 1; type < 70; ++type) {
            Bytes frame{0x94, 1, type, 5, static_cast<std::uint8_t>(marker), 0xff, 0xff, 0xff,
                        0xff, 0, 0,    0};
            EXPECT_FALSE(rendezvous::decode_request(frame));
            EXPECT_FALSE(rendezvous::decode_reply(frame));
            frame[0] = 0xdd;
            EXPECT_FALSE(rendezvous::decode_request(frame));
        }
    }
    // Arrays in arrays in arrays: no decoder recurses over what the other side wrote.
    const Bytes nested(rendezvous::max_frame_bytes, 0x91);
    EXPECT_FALSE(rendezvous::decode_request(nested));
    EXPECT_FALSE(rendezvous::decode_reply(nested));
    EXPECT_FALSE(wire::decode_link_frame(nested));
    EXPECT_FALSE(wire::decode_envelope(nested));
}

}  // namespace
}  // namespace sotto::crypto::attack
