#include "crypto/handshake.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

constexpr KnownSender stranger{.dev_list = nullptr, .suite_floor = 0};

/// Alice's init message to the device of `bundle`.
struct Started {
    InitiatedSession session;
    Bytes bytes;
    InitMessage message;
};
Started start(Party& alice, const PreKeyBundle& bundle, const KnownPeer& peer) {
    auto session = initiate(alice.identity(), bundle, peer, now_ms, alice.random);
    ensure(session.has_value(), "initiate");
    const Bytes first = send(session->ratchet, "hello", alice.random);
    Bytes bytes = make_init_message(session->init_prefix, first);
    auto message = decode_init_message(bytes);
    ensure(message.has_value(), "decode");
    return {*std::move(session), std::move(bytes), *std::move(message)};
}

/// Runs for each suite this build has.
class HandshakeOf : public ::testing::TestWithParam<Suite> {
protected:
    Party alice_ = make_party(1, GetParam());
    Party bob_ = make_party(2, GetParam());

    [[nodiscard]] Result<AcceptedSession, HandshakeError> accept_by_bob(
        const InitMessage& message) const {
        return accept(bob_.identity(), bob_.keys(), message, stranger, now_ms);
    }
    [[nodiscard]] HandshakeError refusal(const InitMessage& message) const {
        const auto accepted = accept_by_bob(message);
        EXPECT_FALSE(accepted);
        return accepted ? HandshakeError{} : accepted.error();
    }
    [[nodiscard]] bool hybrid() const { return GetParam() == Suite::hybrid; }
};
INSTANTIATE_TEST_SUITE_P(Suites, HandshakeOf, ::testing::ValuesIn(suites_of_this_build()),
                         [](const auto& suite) {
                             return suite.param == Suite::hybrid ? "hybrid" : "classical";
                         });

TEST_P(HandshakeOf, BothEndsHoldTheSameSession) {
    for (const bool one_time : {true, false}) {
        Started started = start(alice_, bob_.bundle(one_time), bob_.known());
        EXPECT_EQ(started.message.has_one_time, one_time);
        EXPECT_EQ(started.message.pq_one_time, one_time && hybrid());
        EXPECT_EQ(started.message.session, started.session.ratchet.sid());
        auto accepted = accept_by_bob(started.message);
        ASSERT_TRUE(accepted) << to_string(accepted.error());
        EXPECT_TRUE(equal(accepted->first_plaintext, as_bytes("hello")));
        EXPECT_EQ(accepted->transcript, started.session.transcript);
        EXPECT_EQ(accepted->ratchet.sid(), started.session.ratchet.sid());
        EXPECT_EQ(accepted->suite, GetParam());
        EXPECT_EQ(started.session.suite, GetParam());
        EXPECT_EQ(accepted->used_one_time_id,
                  one_time ? std::optional(bob_.one_time.id) : std::nullopt);
        EXPECT_TRUE(accepted->dev_list_is_news);
        EXPECT_TRUE(accepted->ratchet.confirmed());
        EXPECT_FALSE(started.session.ratchet.confirmed());
        EXPECT_TRUE(started.session.ratchet.is_initiator());
        EXPECT_FALSE(accepted->ratchet.is_initiator());

        const Bytes reply = send(accepted->ratchet, "hello back", bob_.random);
        EXPECT_EQ(receive(started.session.ratchet, reply), "hello back");
        EXPECT_TRUE(started.session.ratchet.confirmed());
    }
}

TEST_P(HandshakeOf, TheInitMessageRepeatsUntilTheFirstReply) {
    Started started = start(alice_, bob_.bundle(true), bob_.known());
    const Bytes second = send(started.session.ratchet, "second", alice_.random);
    // The second one comes first: it makes the session, and the first follows through it.
    const auto message =
        decode_init_message(make_init_message(started.session.init_prefix, second));
    ASSERT_TRUE(message);
    auto accepted = accept_by_bob(*message);
    ASSERT_TRUE(accepted);
    EXPECT_TRUE(equal(accepted->first_plaintext, as_bytes("second")));
    EXPECT_EQ(receive(accepted->ratchet, started.message.ratchet_message), "hello");
    EXPECT_EQ(receive(accepted->ratchet, second), "!message key already used");
    // A replay is seen by its transcript.
    const auto again = accept_by_bob(started.message);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->transcript, accepted->transcript);
}

TEST_P(HandshakeOf, UnknownPrekeysAreRefused) {
    const Started started = start(alice_, bob_.bundle(true), bob_.known());
    const auto refused = [&](const ResponderKeys& keys) {
        const auto accepted = accept(bob_.identity(), keys, started.message, stranger, now_ms);
        EXPECT_FALSE(accepted);
        return accepted ? HandshakeError{} : accepted.error();
    };
    const OwnSignedPreKey other_spk{.id = 99, .key = bob_.spk.key};
    const OwnOneTimePreKey other_opk{.id = 99, .key = bob_.one_time.key, .pq = bob_.one_time.pq};
    const OwnOneTimePreKey no_pq{.id = bob_.one_time.id, .key = bob_.one_time.key, .pq = {}};
    const ResponderKeys all = bob_.keys();
    EXPECT_EQ(refused({nullptr, all.one_time, all.pq_last_resort}), HandshakeError::unknown_prekey);
    EXPECT_EQ(refused({&other_spk, all.one_time, all.pq_last_resort}),
              HandshakeError::unknown_prekey);
    EXPECT_EQ(refused({all.spk, nullptr, all.pq_last_resort}), HandshakeError::unknown_prekey);
    EXPECT_EQ(refused({all.spk, &other_opk, all.pq_last_resort}), HandshakeError::unknown_prekey);
    if (!hybrid()) return;
    EXPECT_EQ(refused({all.spk, &no_pq, all.pq_last_resort}), HandshakeError::unknown_prekey);
    const Started last_resort = start(alice_, bob_.bundle(false), bob_.known());
    const OwnPqPreKey other_pq{.id = 99, .key = bob_.pq->key};
    for (const OwnPqPreKey* pq : {static_cast<const OwnPqPreKey*>(nullptr), &other_pq}) {
        const auto accepted =
            accept(bob_.identity(), {all.spk, nullptr, pq}, last_resort.message, stranger, now_ms);
        ASSERT_FALSE(accepted);
        EXPECT_EQ(accepted.error(), HandshakeError::unknown_prekey);
    }
}

// Whatever an attacker changes in the fields, the transcript differs and nothing decrypts.
TEST_P(HandshakeOf, AnyChangedFieldGivesAnotherTranscript) {
    const Started started = start(alice_, bob_.bundle(true), bob_.known());
    const auto changed = [&](auto change) {
        InitMessage message = started.message;
        change(message);
        return refusal(message);
    };
    const auto wrong = HandshakeError::bad_first_message;
    EXPECT_EQ(changed([](InitMessage& m) {
                  m.has_one_time = false;
                  m.opk_id = 0;
                  m.pq_one_time = false;
                  if (m.pq_id != 0) m.pq_id = 13;
              }),
              wrong);
    EXPECT_EQ(changed([&](InitMessage& m) { m.ek = OwnEk::generate(alice_.random).public_key(); }),
              wrong);
    EXPECT_EQ(changed([](InitMessage& m) { m.ratchet_message[100] ^= 1; }), wrong);
    EXPECT_EQ(changed([](InitMessage& m) { m.ratchet_message[1] ^= 1; }), wrong);  // session id
    if (!hybrid()) return;
    EXPECT_EQ(changed([](InitMessage& m) { m.kem_ciphertext[5] ^= 1; }), wrong);
    EXPECT_EQ(changed([](InitMessage& m) { m.suite = Suite::classical; }), wrong);
    EXPECT_EQ(changed([](InitMessage& m) {
                  m.pq_one_time = false;
                  m.pq_id = 13;
              }),
              wrong);
}

TEST_P(HandshakeOf, AFlagSetByTheAttackerIsRefused) {
    const Started started = start(alice_, bob_.bundle(false), bob_.known());
    InitMessage message = started.message;
    message.has_one_time = true;
    message.opk_id = bob_.one_time.id;
    EXPECT_EQ(refusal(message), HandshakeError::bad_first_message);
}

// The certificate of somebody else around Alice's identity key: unknown key share.
TEST_P(HandshakeOf, MalloryCannotPassAliceOffAsHisOwn) {
    const Started started = start(alice_, bob_.bundle(true), bob_.known());
    Party mallory = make_party(3, GetParam());
    const Cert stolen = Cert::create(mallory.amk, mallory.dsk,
                                     {.device = mallory.device,
                                      .dik = alice_.dik.public_key(),
                                      .suites = alice_.cert.suites(),
                                      .min_suite = 1,
                                      .created_ms = now_ms});
    InitMessage message = started.message;
    message.cert = stolen;
    message.dev_list = DevList::first(
        mallory.amk, {{.device = stolen.device(), .cert = stolen.hash(), .primary = true}}, now_ms);
    EXPECT_EQ(refusal(message), HandshakeError::bad_first_message);
}

// The certificate of another device of Alice with the keys of this one: identity misbinding.
TEST_P(HandshakeOf, ADeviceCannotSpeakForAnother) {
    const Started started = start(alice_, bob_.bundle(true), bob_.known());
    const OwnDik other_dik = OwnDik::generate(alice_.random);
    const OwnDsk other_dsk = OwnDsk::generate(alice_.random);
    const Cert other = Cert::create(alice_.amk, other_dsk,
                                    {.device = DeviceId::generate(alice_.random),
                                     .dik = other_dik.public_key(),
                                     .suites = alice_.cert.suites(),
                                     .min_suite = 1,
                                     .created_ms = now_ms});
    InitMessage message = started.message;
    message.cert = other;
    message.dev_list =
        DevList::successor(alice_.amk, alice_.dev_list,
                           {{.device = alice_.device, .cert = alice_.cert.hash(), .primary = true},
                            {.device = other.device(), .cert = other.hash(), .primary = false}},
                           now_ms);
    EXPECT_EQ(refusal(message), HandshakeError::bad_first_message);
}

TEST_P(HandshakeOf, KeysOfLowOrderMakeNoSession) {
    const Bytes zero(32, 0);
    Started started = start(alice_, bob_.bundle(true), bob_.known());
    InitMessage message = started.message;
    message.ek = EkPublic::parse(zero).value();
    EXPECT_EQ(refusal(message), HandshakeError::bad_key);

    PreKeyBundle bundle = bob_.bundle(true);
    OpkRecFields opk = bob_.opk_rec.fields();
    opk.opk = OpkPublic::parse(zero).value();
    bundle.one_time = OpkRec::create(bob_.dsk, bob_.cert, opk);
    const auto initiated = [&] {
        return initiate(alice_.identity(), bundle, bob_.known(), now_ms, alice_.random).error();
    };
    EXPECT_EQ(initiated(), HandshakeError::bad_key);
    bundle = bob_.bundle(false);
    PreRecFields prerec = bob_.prerec.fields();
    prerec.spk = SpkPublic::parse(zero).value();
    bundle.prerec = PreRec::create(bob_.dsk, bob_.cert, prerec);
    EXPECT_EQ(initiated(), HandshakeError::bad_key);
}

TEST_P(HandshakeOf, AnIdentityKeyOfLowOrderMakesNoSession) {
    const Cert weak = Cert::create(bob_.amk, bob_.dsk,
                                   {.device = bob_.device,
                                    .dik = DikPublic::parse(Bytes(32, 0)).value(),
                                    .suites = bob_.cert.suites(),
                                    .min_suite = 1,
                                    .created_ms = now_ms});
    const DevList list = DevList::first(
        bob_.amk, {{.device = weak.device(), .cert = weak.hash(), .primary = true}}, now_ms);
    const PreKeyBundle bundle{.dev_list = list,
                              .cert = weak,
                              .prerec = PreRec::create(bob_.dsk, weak, bob_.prerec.fields()),
                              .one_time = {}};
    EXPECT_EQ(initiate(alice_.identity(), bundle, bob_.known(), now_ms, alice_.random).error(),
              HandshakeError::bad_key);
    // The same on the responder's side.
    InitMessage message = start(alice_, bob_.bundle(false), bob_.known()).message;
    message.cert = weak;
    message.dev_list = list;
    EXPECT_EQ(accept(alice_.identity(), alice_.keys(), message, stranger, now_ms).error(),
              HandshakeError::bad_key);
}

// --- lists, owners, dates
// ------------------------------------------------------------------------------

class Handshake : public ::testing::Test {
protected:
    Party alice_ = make_party(1, Suite::classical);
    Party bob_ = make_party(2, Suite::classical);
    Party carol_ = make_party(3, Suite::classical);

    [[nodiscard]] HandshakeError initiate_error(const PreKeyBundle& bundle, const KnownPeer& peer,
                                                std::uint64_t now) {
        const auto session = initiate(alice_.identity(), bundle, peer, now, alice_.random);
        EXPECT_FALSE(session);
        return session ? HandshakeError{} : session.error();
    }
    [[nodiscard]] HandshakeError accept_error(const InitMessage& message, const KnownSender& sender,
                                              std::uint64_t now) const {
        const auto accepted = accept(bob_.identity(), bob_.keys(), message, sender, now);
        EXPECT_FALSE(accepted);
        return accepted ? HandshakeError{} : accepted.error();
    }
};

TEST_F(Handshake, AnotherAccountsRecordsAreRefused) {
    // The server hands out somebody else's whole bundle.
    EXPECT_EQ(initiate_error(carol_.bundle(true), bob_.known(), now_ms),
              HandshakeError::wrong_account);
    PreKeyBundle mixed = bob_.bundle(true);
    mixed.cert = carol_.cert;
    EXPECT_EQ(initiate_error(mixed, bob_.known(), now_ms), HandshakeError::wrong_account);
    mixed = bob_.bundle(true);
    mixed.dev_list = carol_.dev_list;
    EXPECT_EQ(initiate_error(mixed, bob_.known(), now_ms), HandshakeError::wrong_account);
    mixed = bob_.bundle(true);
    mixed.prerec = carol_.prerec;
    EXPECT_EQ(initiate_error(mixed, bob_.known(), now_ms), HandshakeError::wrong_account);
    mixed = bob_.bundle(true);
    mixed.one_time = carol_.opk_rec;
    EXPECT_EQ(initiate_error(mixed, bob_.known(), now_ms), HandshakeError::wrong_account);

    InitMessage message = start(alice_, bob_.bundle(true), bob_.known()).message;
    message.dev_list = carol_.dev_list;
    EXPECT_EQ(accept_error(message, stranger, now_ms), HandshakeError::wrong_account);
}

TEST_F(Handshake, NobodyTalksToHimself) {
    EXPECT_EQ(initiate_error(alice_.bundle(true), alice_.known(), now_ms),
              HandshakeError::same_device);
    // Reflection: Alice's own init message comes back to her.
    const InitMessage message = start(alice_, bob_.bundle(true), bob_.known()).message;
    EXPECT_EQ(accept(alice_.identity(), alice_.keys(), message, stranger, now_ms).error(),
              HandshakeError::same_device);
}

/// A second device of Bob's account, with the list that names both.
struct SecondDevice {
    explicit SecondDevice(Party& p)
        : dsk(OwnDsk::generate(p.random)),
          dik(OwnDik::generate(p.random)),
          cert(Cert::create(p.amk, dsk,
                            {.device = DeviceId::generate(p.random),
                             .dik = dik.public_key(),
                             .suites = SuiteSet(1),
                             .min_suite = 1,
                             .created_ms = now_ms})),
          list(
              DevList::successor(p.amk, p.dev_list,
                                 {{.device = p.device, .cert = p.cert.hash(), .primary = true},
                                  {.device = cert.device(), .cert = cert.hash(), .primary = false}},
                                 now_ms)) {}
    OwnDsk dsk;
    OwnDik dik;
    Cert cert;
    DevList list;
};

TEST_F(Handshake, OwnDevicesTalkWhenTheOwnListNamesThem) {
    const SecondDevice second(bob_);
    const OwnIdentity sender{second.cert, second.list, second.dik};
    PreKeyBundle bundle = bob_.bundle(true);
    bundle.dev_list = second.list;
    auto session = initiate(sender, bundle, bob_.known(), now_ms, bob_.random);
    ASSERT_TRUE(session) << to_string(session.error());
    const Bytes first = send(session->ratchet, "sync", bob_.random);
    const auto message = decode_init_message(make_init_message(session->init_prefix, first));
    ASSERT_TRUE(message);
    const OwnIdentity knows{bob_.cert, second.list, bob_.dik};
    EXPECT_TRUE(accept(knows, bob_.keys(), *message, stranger, now_ms));
    // With only the old list at hand the device is a stranger that claims our account.
    EXPECT_EQ(accept_error(*message, stranger, now_ms), HandshakeError::not_listed);
}

TEST_F(Handshake, OnlyListedDevices) {
    const SecondDevice second(bob_);
    PreKeyBundle unlisted = bob_.bundle(false);
    unlisted.cert = second.cert;
    unlisted.prerec = PreRec::create(second.dsk, second.cert, bob_.prerec.fields());
    EXPECT_EQ(initiate_error(unlisted, bob_.known(), now_ms), HandshakeError::not_listed);

    InitMessage message = start(alice_, bob_.bundle(true), bob_.known()).message;
    message.dev_list = DevList::first(
        alice_.amk,
        {{.device = DeviceId(ByteArray<16>{1}), .cert = alice_.cert.hash(), .primary = true}},
        now_ms);
    EXPECT_EQ(accept_error(message, stranger, now_ms), HandshakeError::not_listed);
}

TEST_F(Handshake, ExpiredListsStartNothing) {
    const std::uint64_t late = bob_.dev_list.not_after_ms() + clock_tolerance_ms + 1;
    EXPECT_EQ(initiate_error(bob_.bundle(true), bob_.known(), late), HandshakeError::list_expired);
    const InitMessage message = start(alice_, bob_.bundle(true), bob_.known()).message;
    EXPECT_EQ(accept_error(message, stranger, late), HandshakeError::list_expired);
    EXPECT_TRUE(accept(bob_.identity(), bob_.keys(), message, stranger, late - 1));
}

TEST_F(Handshake, ExpiredPrekeysStartNothing) {
    const std::uint64_t late = bob_.prerec.fields().not_after_ms + clock_tolerance_ms;
    EXPECT_TRUE(initiate(alice_.identity(), bob_.bundle(true), bob_.known(), late, alice_.random));
    EXPECT_EQ(initiate_error(bob_.bundle(true), bob_.known(), late + 1),
              HandshakeError::prekey_expired);
}

TEST_F(Handshake, AFetchedListMayNotGoBack) {
    const DevList two =
        DevList::successor(bob_.amk, bob_.dev_list, bob_.dev_list.entries(), now_ms);
    const DevList fork =
        DevList::successor(bob_.amk, bob_.dev_list, bob_.dev_list.entries(), now_ms + 1);
    const DevList three = DevList::successor(bob_.amk, fork, bob_.dev_list.entries(), now_ms + 2);
    KnownPeer peer = bob_.known();
    peer.dev_list = mark_of(two);
    EXPECT_EQ(initiate_error(bob_.bundle(true), peer, now_ms), HandshakeError::list_rollback);
    PreKeyBundle bundle = bob_.bundle(true);
    bundle.dev_list = fork;
    EXPECT_EQ(initiate_error(bundle, peer, now_ms), HandshakeError::list_fork);
    bundle.dev_list = three;
    EXPECT_EQ(initiate_error(bundle, peer, now_ms), HandshakeError::list_fork);
    bundle.dev_list = two;
    EXPECT_TRUE(initiate(alice_.identity(), bundle, peer, now_ms, alice_.random));
}

// The message waited in a mailbox while the list moved on: judged by the newer list.
TEST_F(Handshake, ASendersOldListIsJudgedByTheNewOne) {
    const InitMessage message = start(alice_, bob_.bundle(true), bob_.known()).message;
    const DevList renewed =
        DevList::successor(alice_.amk, alice_.dev_list, alice_.dev_list.entries(), now_ms);
    const auto accepted = accept(bob_.identity(), bob_.keys(), message,
                                 {.dev_list = &renewed, .suite_floor = 0}, now_ms);
    ASSERT_TRUE(accepted);
    EXPECT_FALSE(accepted->dev_list_is_news);
    const DevList removed = DevList::successor(alice_.amk, alice_.dev_list,
                                               {{.device = DeviceId(ByteArray<16>{1}),
                                                 .cert = CertHash(ByteArray<32>{1}),
                                                 .primary = true}},
                                               now_ms);
    EXPECT_EQ(accept_error(message, {.dev_list = &removed, .suite_floor = 0}, now_ms),
              HandshakeError::not_listed);
    // The same seq with other content: somebody signs two histories.
    const DevList fork =
        DevList::first(alice_.amk, alice_.dev_list.entries(), alice_.dev_list.issued_ms() + 1);
    EXPECT_EQ(accept_error(message, {.dev_list = &fork, .suite_floor = 0}, now_ms),
              HandshakeError::list_fork);
    // The list held is the one sent: no news.
    const auto same = accept(bob_.identity(), bob_.keys(), message,
                             {.dev_list = &alice_.dev_list, .suite_floor = 0}, now_ms);
    ASSERT_TRUE(same);
    EXPECT_FALSE(same->dev_list_is_news);
}

TEST_F(Handshake, OldPrekeysAreARollback) {
    KnownPeer peer = bob_.known();
    peer.floor.prerec_seq = 2;
    EXPECT_EQ(initiate_error(bob_.bundle(true), peer, now_ms), HandshakeError::prekey_rollback);
    peer.floor.prerec_seq = 1;
    const auto session =
        initiate(alice_.identity(), bob_.bundle(true), peer, now_ms, alice_.random);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->floor, (DeviceFloor{.suite_floor = 1, .prerec_seq = 1}));
}

// --- suites
// --------------------------------------------------------------------------------------------

TEST(HandshakeSuites, StrippingIsDetected) {
    if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    Party alice = make_party(1, Suite::hybrid);
    const Party bob = make_party(2, Suite::hybrid);
    const auto try_with = [&](const Party& peer, const PreRec& prerec, std::uint8_t floor) {
        PreKeyBundle bundle = peer.bundle(false);
        bundle.prerec = prerec;
        KnownPeer known = peer.known();
        known.floor.suite_floor = floor;
        return initiate(alice.identity(), bundle, known, now_ms, alice.random);
    };
    const std::uint64_t created = now_ms - 1000;
    const PreRec without_pq = bob.make_prerec(1, 1, false, created);
    EXPECT_EQ(try_with(bob, without_pq, 0)->suite, Suite::classical);
    EXPECT_EQ(try_with(bob, without_pq, 2).error(), HandshakeError::suite_stripped);
    EXPECT_EQ(try_with(bob, bob.make_prerec(1, 2, false, created), 0).error(),
              HandshakeError::suite_stripped);
    const auto hybrid = try_with(bob, bob.prerec, 0);
    ASSERT_TRUE(hybrid);
    EXPECT_EQ(hybrid->floor.suite_floor, 2);
    EXPECT_EQ(try_with(bob, bob.prerec, 3).error(), HandshakeError::suite_unsupported);

    const Party strict({.seed = 3, .suites = SuiteSet(0b11), .min_suite = 2});
    EXPECT_EQ(try_with(strict, strict.make_prerec(1, 1, false, created), 0).error(),
              HandshakeError::suite_stripped);
    Party strict_self({.seed = 4, .suites = SuiteSet(0b11), .min_suite = 2});
    PreKeyBundle stripped = bob.bundle(false);
    stripped.prerec = without_pq;
    EXPECT_EQ(initiate(strict_self.identity(), stripped, bob.known(), now_ms, alice.random).error(),
              HandshakeError::suite_stripped);
}

TEST(HandshakeSuites, AResponderKeepsItsFloor) {
    if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    Party classical = make_party(1, Suite::classical);
    const Party bob = make_party(2, Suite::hybrid);
    const Started plain = start(classical, bob.bundle(false), bob.known());
    EXPECT_EQ(plain.session.suite, Suite::classical);
    EXPECT_TRUE(accept(bob.identity(), bob.keys(), plain.message, stranger, now_ms));
    EXPECT_EQ(accept(bob.identity(), bob.keys(), plain.message,
                     {.dev_list = nullptr, .suite_floor = 2}, now_ms)
                  .error(),
              HandshakeError::suite_stripped);
    // A peer of suite 1 and a device that wants at least 2 have nothing in common.
    const Party strict({.seed = 3, .suites = SuiteSet(0b11), .min_suite = 2});
    EXPECT_EQ(initiate(classical.identity(), strict.bundle(false), strict.known(), now_ms,
                       classical.random)
                  .error(),
              HandshakeError::suite_unsupported);
    EXPECT_EQ(accept(strict.identity(), strict.keys(), plain.message, stranger, now_ms).error(),
              HandshakeError::suite_stripped);
    // A message in suite 2 to a device whose certificate has only suite 1.
    Party hybrid = make_party(4, Suite::hybrid);
    const Started strong = start(hybrid, bob.bundle(false), bob.known());
    EXPECT_EQ(
        accept(classical.identity(), classical.keys(), strong.message, stranger, now_ms).error(),
        HandshakeError::suite_unsupported);
}

TEST(HandshakeSuites, ABuildWithoutXWingSaysSo) {
    if (hybrid_available()) GTEST_SKIP() << "this libsodium has X-Wing";
    EXPECT_EQ(SuiteSet::of_this_build(), SuiteSet(1));
    Party alice = make_party(1, Suite::hybrid);
    const Party bob = make_party(2, Suite::hybrid);
    KnownPeer known = bob.known();
    known.floor.suite_floor = 2;
    EXPECT_EQ(initiate(alice.identity(), bob.bundle(true), known, now_ms, alice.random).error(),
              HandshakeError::suite_unsupported);
    EXPECT_EQ(
        initiate(alice.identity(), bob.bundle(true), bob.known(), now_ms, alice.random)->suite,
        Suite::classical);
}

// --- the init message's form
// -----------------------------------------------------------------------------

TEST(InitMessage, FlagsAndIdsMustAgree) {
    Party alice = make_party(1, Suite::classical);
    const Party bob = make_party(2, Suite::classical);
    const Bytes with = start(alice, bob.bundle(true), bob.known()).bytes;
    const Bytes without = start(alice, bob.bundle(false), bob.known()).bytes;
    const std::size_t ids = 3 + Cert::encoded_size + 2 + alice.dev_list.encoded().size() + 32;
    struct Case {
        const char* what;
        const Bytes* bytes;
        std::size_t at;
        std::uint8_t value;
    };
    const Case table[] = {{"version", &with, 0, 2},
                          {"suite 0", &with, 1, 0},
                          {"suite 3", &with, 1, 3},
                          {"suite 2 without its parts", &with, 1, 2},
                          {"flag cleared, id left", &with, 2, 0},
                          {"flag set, no id", &without, 2, 1},
                          {"pq flag in suite 1", &with, 2, 3},
                          {"unknown flag", &with, 2, 5},
                          {"opk id without flag", &without, ids + 4, 1},
                          {"pq id in suite 1", &with, ids + 8, 1},
                          {"key with its top bit", &with, ids - 1, 0xff}};
    EXPECT_TRUE(decode_init_message(with));
    EXPECT_TRUE(decode_init_message(without));
    for (const Case& c : table) {
        Bytes changed = *c.bytes;
        changed[c.at] = c.value;
        EXPECT_FALSE(decode_init_message(changed)) << c.what;
    }
    Bytes longer = with;
    longer.push_back(0);
    EXPECT_FALSE(decode_init_message(longer));
}

TEST(InitMessage, EveryErrorHasAName) {
    for (int i = 0; i <= static_cast<int>(HandshakeError::bad_first_message); ++i)
        EXPECT_NE(to_string(static_cast<HandshakeError>(i)), "unknown") << i;
    for (int i = 0; i <= static_cast<int>(RatchetError::exhausted); ++i)
        EXPECT_NE(to_string(static_cast<RatchetError>(i)), "unknown") << i;
}

}  // namespace
}  // namespace sotto::crypto
