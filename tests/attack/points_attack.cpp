// Attack 03: X25519 keys of low order, or written in a second way, in every place that takes a key.
#include "crypto/curve.hpp"
#include "crypto/verify.hpp"
#include "peer/server_link.hpp"
#include "peer/wire/envelope.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

class Attack03BadPoints : public ::testing::Test {
protected:
    Party alice_ = make_party(301, Suite::classical);
    Party bob_ = make_party(302, Suite::classical);

    [[nodiscard]] std::optional<HandshakeError> initiate_error(const PreKeyBundle& bundle) {
        const auto session =
            initiate(alice_.identity(), bundle, bob_.known(), now_ms, alice_.random);
        if (session) return std::nullopt;
        return session.error();
    }
    [[nodiscard]] Cert cert_with(const DikPublic& dik) const {
        return Cert::create(bob_.amk, bob_.dsk,
                            {.device = bob_.device,
                             .dik = dik,
                             .suites = SuiteSet(1),
                             .min_suite = 1,
                             .created_ms = now_ms});
    }
};

TEST_F(Attack03BadPoints, ASecondEncodingIsNoKeyAtAll) {
    for (const Bytes& point : non_canonical_points()) {
        EXPECT_EQ(DikPublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_EQ(SpkPublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_EQ(OpkPublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_EQ(MbkPublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_EQ(EkPublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_EQ(CurvePublic::parse(point).error(), KeyError::not_canonical);
        EXPECT_FALSE(curve_public_from_z85(to_z85(point)));
    }
}

TEST_F(Attack03BadPoints, NoSharedSecretWithALowOrderPoint) {
    SeededRandom random(1);
    for (const Bytes& point : low_order_points())
        for (int i = 0; i < 4; ++i)
            EXPECT_FALSE(x25519(random.secret<32>(), ByteView(point).first<32>()));
}

// Links, invitations, and the keys of a contact's ENDPOINT.
TEST_F(Attack03BadPoints, ACurveKeyThatComesFromOutside) {
    const CurvePublic good = OwnCurve::generate(alice_.random).public_key();
    const auto link = [](ByteView key) { return "sotto://h.example:7313/" + to_base64url(key); };
    const auto invite = [&](const CurvePublic& key) {
        return to_text(Invite{.server_address = "h.example:7313",
                              .server = key,
                              .account = bob_.amk.public_key(),
                              .token = {}});
    };
    const auto endpoint = [](const CurvePublic& server_key, const CurvePublic& dial_with) {
        return peer::wire::encode(
            {.id = {},
             .conversation = ConversationId(ByteArray<32>{2}),
             .at = {.ms = now_ms},
             .own_list = {},
             .peer_list = {},
             .body = peer::wire::Endpoint{.serial = 1,
                                          .endpoints = {"tcp://192.0.2.7:20000"},
                                          .server_key = server_key,
                                          .dial_with = dial_with,
                                          .expires = {.ms = now_ms}}});
    };
    ASSERT_TRUE(peer::parse_server_link(link(good.view())));
    ASSERT_TRUE(parse_invite(invite(good)));
    ASSERT_TRUE(peer::wire::decode_envelope(endpoint(good, good)));
    for (const Bytes& point : low_order_points()) {
        const CurvePublic weak = CurvePublic::parse(point).value();
        EXPECT_FALSE(curve_public(point));
        EXPECT_FALSE(curve_public_from_z85(to_z85(weak)));
        EXPECT_FALSE(peer::parse_server_link(link(point)));
        EXPECT_FALSE(parse_invite(invite(weak)));
        EXPECT_FALSE(peer::wire::decode_envelope(endpoint(weak, good)));
        EXPECT_FALSE(peer::wire::decode_envelope(endpoint(good, weak)));
    }
    for (const Bytes& point : non_canonical_points())
        EXPECT_FALSE(curve_public(point));
}

TEST_F(Attack03BadPoints, SignedPrekey) {
    for (const Bytes& point : low_order_points()) {
        PreRecFields fields = bob_.prerec.fields();
        fields.spk = SpkPublic::parse(point).value();
        PreKeyBundle bundle = bob_.bundle(false);
        bundle.prerec = PreRec::create(bob_.dsk, bob_.cert, fields);
        EXPECT_EQ(initiate_error(bundle), HandshakeError::bad_key);
    }
}

TEST_F(Attack03BadPoints, OneTimePrekey) {
    for (const Bytes& point : low_order_points()) {
        OpkRecFields fields = bob_.opk_rec.fields();
        fields.opk = OpkPublic::parse(point).value();
        PreKeyBundle bundle = bob_.bundle(true);
        bundle.one_time = OpkRec::create(bob_.dsk, bob_.cert, fields);
        EXPECT_EQ(initiate_error(bundle), HandshakeError::bad_key);
    }
}

TEST_F(Attack03BadPoints, IdentityKeyOnBothSides) {
    const Flight flight = fly(alice_, bob_, false);
    for (const Bytes& point : low_order_points()) {
        const Cert weak = cert_with(DikPublic::parse(point).value());
        const DevList list = DevList::first(
            bob_.amk, {{.device = weak.device(), .cert = weak.hash(), .primary = true}}, now_ms);
        EXPECT_EQ(initiate_error({.dev_list = list,
                                  .cert = weak,
                                  .prerec = PreRec::create(bob_.dsk, weak, bob_.prerec.fields()),
                                  .one_time = {}}),
                  HandshakeError::bad_key);
        InitMessage message = flight.message;  // "from Bob", to Alice
        message.cert = weak;
        message.dev_list = list;
        EXPECT_EQ(refusal(alice_, message), HandshakeError::bad_key);
    }
}

TEST_F(Attack03BadPoints, EphemeralKey) {
    const Flight flight = fly(alice_, bob_, true);
    const std::size_t ek = 3 + Cert::encoded_size + 2 + alice_.dev_list.encoded().size();
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    for (const Bytes& point : low_order_points()) {
        Bytes bytes = flight.bytes;
        std::copy(point.begin(), point.end(), bytes.begin() + static_cast<std::ptrdiff_t>(ek));
        EXPECT_EQ(bob.take(bytes), "!unusable key");
    }
    for (const Bytes& point : non_canonical_points()) {
        Bytes bytes = flight.bytes;
        std::copy(point.begin(), point.end(), bytes.begin() + static_cast<std::ptrdiff_t>(ek));
        EXPECT_EQ(bob.take(bytes), "!malformed init message");
    }
    EXPECT_EQ(bob.image(), before);
}

TEST_F(Attack03BadPoints, MailboxKeyAndSealingKey) {
    const SealedContent content{.kind = SealedKind::message,
                                .sender_account = alice_.amk.public_key(),
                                .sender_device = alice_.device,
                                .payload = text("x")};
    const SealTarget target{
        .device = bob_.device, .mbk_id = bob_.mbk.id, .mbk = bob_.mbk.key.public_key()};
    const Bytes item = seal(target, content, alice_.random).value();
    for (const Bytes& point : low_order_points()) {
        SealTarget weak = target;
        weak.mbk = MbkPublic::parse(point).value();
        EXPECT_EQ(seal(weak, content, alice_.random).error(), SealError::bad_key);
    }
    std::vector<Bytes> points = low_order_points();
    for (Bytes& point : non_canonical_points())
        points.push_back(std::move(point));
    for (const Bytes& point : points) {
        Bytes bad = item;
        std::copy(point.begin(), point.end(), bad.begin() + 16 + 1 + 4);
        EXPECT_EQ(open_sealed(bad, bob_.device, {&bob_.mbk, 1}).error(), SealError::bad_key);
    }
}

// A contact who follows the protocol up to the ratchet key in an authentic header.
TEST_F(Attack03BadPoints, RatchetKey) {
    Session s = make_session(alice_, bob_);
    SeededRandom random(2);
    ASSERT_EQ(receive(s.alice, send(s.bob, "turn", random)), "turn");
    (void)send(s.alice, "makes the sending chain", random);
    std::vector<Bytes> points = low_order_points();
    for (Bytes& point : non_canonical_points())
        points.push_back(std::move(point));
    const SecretBytes before = s.bob.serialise();
    for (const Bytes& point : points) {
        RatchetState state = s.alice.state();
        std::copy(point.begin(), point.end(), state.own_ratchet_public.begin());
        auto hostile = Ratchet::deserialise(serialise_state(state));
        ASSERT_TRUE(hostile);
        EXPECT_EQ(receive(s.bob, send(*hostile, "x", random)), "!unusable ratchet key");
    }
    EXPECT_EQ(s.bob.serialise(), before);
}

}  // namespace
}  // namespace sotto::crypto::attack
