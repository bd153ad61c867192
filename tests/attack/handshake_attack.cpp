// Attacks 05 to 10: replayed, mixed and forged handshakes.
#include "crypto/handshake_secrets.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

class OnEachSuite : public ::testing::TestWithParam<Suite> {
protected:
    Party alice_ = make_party(501, GetParam());
    Party bob_ = make_party(502, GetParam());
    Party mallory_ = make_party(503, GetParam());
    [[nodiscard]] static bool hybrid() { return GetParam() == Suite::hybrid; }
};
constexpr auto suite_name = [](const auto& suite) {
    return std::string(suite.param == Suite::hybrid ? "hybrid" : "classical");
};

// --- 05 ---------------------------------------------------------------------------------------

class Attack05ReplayedInit : public OnEachSuite {};
INSTANTIATE_TEST_SUITE_P(Suites, Attack05ReplayedInit, ::testing::ValuesIn(suites_of_this_build()),
                         suite_name);

TEST_P(Attack05ReplayedInit, MakesOneSessionAndOneMessage) {
    for (const bool one_time : {true, false}) {
        const Flight flight = fly(alice_, bob_, one_time);
        Responder bob(bob_);
        ASSERT_EQ(bob.take(flight.bytes), "hello");
        const SecretBytes before = bob.image();
        EXPECT_EQ(bob.take(flight.bytes), "!message key already used");
        bob.restart();
        EXPECT_EQ(bob.take(flight.bytes), "!message key already used");
        EXPECT_EQ(bob.image(), before);
        EXPECT_EQ(bob.session_count(), 1U);
    }
}

// Without a one-time key nothing was consumed: only the transcript tells the replay.
TEST_P(Attack05ReplayedInit, IsKnownByItsTranscriptWhenTheSessionIsGone) {
    const Flight flight = fly(alice_, bob_, false);
    const auto first =
        accept(bob_.identity(), bob_.keys(), flight.message, stranger, now_ms).value();
    const auto again =
        accept(bob_.identity(), bob_.keys(), flight.message, stranger, now_ms + day_ms).value();
    EXPECT_EQ(first.transcript, again.transcript);
    EXPECT_EQ(first.ratchet.sid(), again.ratchet.sid());
    EXPECT_NE(first.transcript, fly(alice_, bob_, false).session.transcript);
}

TEST_P(Attack05ReplayedInit, DiesWithTheSignedPrekey) {
    const Flight flight = fly(alice_, bob_, false);
    Responder bob(bob_);
    bob.retire_signed_prekey();
    const SecretBytes before = bob.image();
    EXPECT_EQ(bob.take(flight.bytes), "!unknown prekey");
    EXPECT_EQ(bob.image(), before);
}

TEST_P(Attack05ReplayedInit, RepeatsOfTheSenderGoToTheLiveSession) {
    Flight flight = fly(alice_, bob_, true);
    const Bytes second = send(flight.session.ratchet, "second", alice_.random);
    Responder bob(bob_);
    ASSERT_EQ(bob.take(make_init_message(flight.session.init_prefix, second)), "second");
    EXPECT_EQ(bob.take(flight.bytes), "hello");
    EXPECT_EQ(bob.take(flight.bytes), "!message key already used");
    EXPECT_EQ(bob.session_count(), 1U);
}

// --- 06 ---------------------------------------------------------------------------------------

class Attack06SharedOneTimeKey : public OnEachSuite {};
INSTANTIATE_TEST_SUITE_P(Suites, Attack06SharedOneTimeKey,
                         ::testing::ValuesIn(suites_of_this_build()), suite_name);

TEST_P(Attack06SharedOneTimeKey, TheSecondIsRefusedAndRecovers) {
    Flight first = fly(alice_, bob_, true);
    const Flight second = fly(mallory_, bob_, true);
    Responder bob(bob_);
    ASSERT_EQ(bob.take(first.bytes), "hello");
    EXPECT_FALSE(bob.has_one_time());
    const SecretBytes before = bob.image();
    EXPECT_EQ(bob.take(second.bytes), "!unknown prekey");
    EXPECT_EQ(bob.image(), before);
    EXPECT_EQ(bob.take_ratchet(send(first.session.ratchet, "more", alice_.random)), "more");
    EXPECT_EQ(bob.take(fly(mallory_, bob_, false).bytes), "hello");
    EXPECT_EQ(bob.session_count(), 2U);
}

// --- 07 ---------------------------------------------------------------------------------------

class Attack07UnknownPrekeyIds : public OnEachSuite {
protected:
    /// Puts `value` at the place of an id in the init message's bytes.
    [[nodiscard]] Bytes with_id(Bytes bytes, std::size_t which, std::uint32_t value) const {
        const std::size_t ids = 3 + Cert::encoded_size + 2 + alice_.dev_list.encoded().size() + 32;
        const auto le = le_bytes(value);
        std::copy(le.begin(), le.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(ids + 4 * which));
        return bytes;
    }
};
INSTANTIATE_TEST_SUITE_P(Suites, Attack07UnknownPrekeyIds,
                         ::testing::ValuesIn(suites_of_this_build()), suite_name);

TEST_P(Attack07UnknownPrekeyIds, AreRefusedWithoutAChange) {
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    const Bytes with = fly(alice_, bob_, true).bytes;
    const Bytes without = fly(alice_, bob_, false).bytes;
    for (const std::uint32_t id : {1U, 99U, 0xffffffffU}) {
        EXPECT_EQ(bob.take(with_id(with, 0, id)), "!unknown prekey");
        EXPECT_EQ(bob.take(with_id(without, 0, id)), "!unknown prekey");
        // pq_id must equal opk_id where both are one-time.
        EXPECT_EQ(bob.take(with_id(hybrid() ? with_id(with, 2, id) : with, 1, id)),
                  "!unknown prekey");
        EXPECT_EQ(bob.take(with_id(without, 2, id)),
                  hybrid() ? "!unknown prekey" : "!malformed init message");
    }
    EXPECT_EQ(bob.image(), before);
}

TEST_P(Attack07UnknownPrekeyIds, TheFlagCannotBeClearedOrSet) {
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    Bytes cleared = with_id(fly(alice_, bob_, true).bytes, 1, 0);
    cleared[2] = 0;
    if (hybrid()) cleared = with_id(cleared, 2, bob_.pq->id);
    EXPECT_EQ(bob.take(cleared), "!first message does not decrypt");
    Bytes set = with_id(fly(alice_, bob_, false).bytes, 1, bob_.one_time.id);
    set[2] = 1;
    EXPECT_EQ(bob.take(set), "!first message does not decrypt");
    EXPECT_EQ(bob.image(), before);
}

// --- 08 ---------------------------------------------------------------------------------------

class Attack08UnknownKeyShare : public OnEachSuite {};
INSTANTIATE_TEST_SUITE_P(Suites, Attack08UnknownKeyShare,
                         ::testing::ValuesIn(suites_of_this_build()), suite_name);

TEST_P(Attack08UnknownKeyShare, MalloryCertifiesAlicesKey) {
    const Flight flight = fly(alice_, bob_, true);
    const Cert stolen = Cert::create(mallory_.amk, mallory_.dsk,
                                     {.device = mallory_.device,
                                      .dik = alice_.dik.public_key(),
                                      .suites = alice_.cert.suites(),
                                      .min_suite = 1,
                                      .created_ms = now_ms});
    InitMessage message = flight.message;
    message.cert = stolen;
    message.dev_list = DevList::first(
        mallory_.amk, {{.device = stolen.device(), .cert = stolen.hash(), .primary = true}},
        now_ms);
    EXPECT_EQ(refusal(bob_, message), HandshakeError::bad_first_message);
}

// Mallory publishes Bob's public keys as his own and forwards what Alice writes to Mallory.
TEST_P(Attack08UnknownKeyShare, MalloryPublishesBobsKeys) {
    const Cert stolen = Cert::create(mallory_.amk, mallory_.dsk,
                                     {.device = mallory_.device,
                                      .dik = bob_.dik.public_key(),
                                      .suites = bob_.cert.suites(),
                                      .min_suite = 1,
                                      .created_ms = now_ms});
    const DevList list = DevList::first(
        mallory_.amk, {{.device = stolen.device(), .cert = stolen.hash(), .primary = true}},
        now_ms);
    const PreKeyBundle bundle{
        .dev_list = list,
        .cert = stolen,
        .prerec = PreRec::create(mallory_.dsk, stolen, bob_.prerec.fields()),
        .one_time = OpkRec::create(mallory_.dsk, stolen, bob_.opk_rec.fields())};
    const Flight flight = fly(alice_, bundle, mallory_.known());
    Responder bob(bob_);
    EXPECT_EQ(bob.take(flight.bytes), "!first message does not decrypt");
    EXPECT_EQ(bob.session_count(), 0U);
}

// --- 09 ---------------------------------------------------------------------------------------

/// An init message in Alice's name by somebody who knows her public records and `dh1`.
Bytes forge(const Party& alice, const Party& bob, const Secret<32>& dh1, RandomSource& random) {
    const OwnEk ek = OwnEk::generate(random);
    const SpkPublic spk = bob.spk.key.public_key();
    const HandshakeInput input{.dh1 = dh1,
                               .dh2 = x25519(ek.secret(), bob.dik.public_key().view()).value(),
                               .dh3 = x25519(ek.secret(), spk.view()).value(),
                               .dh4 = {},
                               .kem = {}};
    const TranscriptHash transcript =
        transcript_hash({.suite = Suite::classical,
                         .initiator = {alice.cert.account(), alice.cert.hash(), alice.cert.dik()},
                         .responder = {bob.cert.account(), bob.cert.hash(), bob.cert.dik()},
                         .ek = ek.public_key(),
                         .spk_id = bob.spk.id,
                         .spk = spk,
                         .opk_id = 0,
                         .opk = {},
                         .pq_one_time = false,
                         .pq_id = 0,
                         .pq_public = {},
                         .kem_ciphertext = {}});
    Ratchet ratchet =
        Ratchet::initiator(derive_session(Suite::classical, input, transcript), spk, random)
            .value();
    Writer prefix;
    prefix.u8(init_version).u8(1).u8(0).raw(alice.cert.encoded());
    prefix.sized16(alice.dev_list.encoded()).raw(ek.public_key().view());
    prefix.u32(bob.spk.id).u32(0).u32(0);
    return make_init_message(prefix.view(), send(ratchet, "I am Alice", random));
}

class Attack09KeyCompromiseImpersonation : public ::testing::Test {
protected:
    Party alice_ = make_party(901, Suite::classical);
    Party bob_ = make_party(902, Suite::classical);
    SeededRandom random_{903};
};

TEST_F(Attack09KeyCompromiseImpersonation, BobsStolenIdentityKeyDoesNotSpeakForAlice) {
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    // All that can be computed with DIK_B (DSK_B makes no DH secret), and a guess.
    const std::optional<Secret<32>> attempts[] = {
        x25519(bob_.dik.secret(), alice_.dik.public_key().view()),
        x25519(bob_.dik.secret(), bob_.spk.key.public_key().view()), random_.secret<32>()};
    for (const auto& dh1 : attempts)
        EXPECT_EQ(bob.take(forge(alice_, bob_, *dh1, random_)), "!first message does not decrypt");
    EXPECT_EQ(bob.image(), before);
}

// What the threat model says is not promised; and when it ends.
TEST_F(Attack09KeyCompromiseImpersonation, BobsStolenSignedPrekeyDoesUntilItRetires) {
    const Secret<32> dh1 = x25519(bob_.spk.key.secret(), alice_.dik.public_key().view()).value();
    Responder bob(bob_);
    EXPECT_EQ(bob.take(forge(alice_, bob_, dh1, random_)), "I am Alice");
    bob.retire_signed_prekey();
    EXPECT_EQ(bob.take(forge(alice_, bob_, dh1, random_)), "!unknown prekey");
}

// --- 10 ---------------------------------------------------------------------------------------

class Attack10MisboundIdentity : public OnEachSuite {};
INSTANTIATE_TEST_SUITE_P(Suites, Attack10MisboundIdentity,
                         ::testing::ValuesIn(suites_of_this_build()), suite_name);

TEST_P(Attack10MisboundIdentity, ADeviceCannotSpeakForItsSibling) {
    const Flight flight = fly(alice_, bob_, true);
    const Cert sibling = Cert::create(alice_.amk, OwnDsk::generate(alice_.random),
                                      {.device = DeviceId::generate(alice_.random),
                                       .dik = OwnDik::generate(alice_.random).public_key(),
                                       .suites = alice_.cert.suites(),
                                       .min_suite = 1,
                                       .created_ms = now_ms});
    InitMessage message = flight.message;
    message.cert = sibling;
    message.dev_list =
        DevList::successor(alice_.amk, alice_.dev_list,
                           {{.device = alice_.device, .cert = alice_.cert.hash(), .primary = true},
                            {.device = sibling.device(), .cert = sibling.hash(), .primary = false}},
                           now_ms);
    EXPECT_EQ(refusal(bob_, message), HandshakeError::bad_first_message);
    // The sibling's own ephemeral key under Alice's certificate.
    message = flight.message;
    message.ek = OwnEk::generate(alice_.random).public_key();
    EXPECT_EQ(refusal(bob_, message), HandshakeError::bad_first_message);
}

}  // namespace
}  // namespace sotto::crypto::attack
