// Attacks 11 to 14: what a hostile directory can strip, roll back, fork, withhold or substitute.
#include "crypto/handshake_secrets.hpp"
#include "crypto/signatures.hpp"
#include "crypto/verify.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

// --- 11 ---------------------------------------------------------------------------------------

class Attack11StrippedPq : public ::testing::Test {
protected:
    void SetUp() override {
        if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    }
    Party alice_ = make_party(1101, Suite::hybrid);
    Party bob_ = make_party(1102, Suite::hybrid);

    [[nodiscard]] std::optional<HandshakeError> initiate_error(const Party& to,
                                                               const PreRec& prerec,
                                                               const DeviceFloor& floor) {
        PreKeyBundle bundle = to.bundle(false);
        bundle.prerec = prerec;
        KnownPeer known = to.known();
        known.floor = floor;
        const auto session = initiate(alice_.identity(), bundle, known, now_ms, alice_.random);
        if (session) return std::nullopt;
        return session.error();
    }
};

TEST_F(Attack11StrippedPq, NoFallBackForADeviceOfSuite2) {
    const PreRec stripped = bob_.make_prerec(2, 1, false, now_ms);
    EXPECT_EQ(initiate_error(bob_, stripped, {2, 1}), HandshakeError::suite_stripped);
    EXPECT_EQ(initiate_error(bob_, bob_.make_prerec(2, 2, false, now_ms), {0, 0}),
              HandshakeError::suite_stripped);
    const Party strict({.seed = 1103, .suites = SuiteSet(0b11), .min_suite = 2});
    EXPECT_EQ(initiate_error(strict, strict.make_prerec(1, 1, false, now_ms), {0, 0}),
              HandshakeError::suite_stripped);
    // The floor sticks from the first session on.
    const Flight flight = fly(alice_, bob_, false);
    EXPECT_EQ(flight.session.floor.suite_floor, 2);
    EXPECT_EQ(initiate_error(bob_, stripped, flight.session.floor), HandshakeError::suite_stripped);
}

TEST_F(Attack11StrippedPq, AnOlderRecordWithoutPqIsARollback) {
    const PreRec older = bob_.make_prerec(1, 1, false, now_ms);
    EXPECT_EQ(initiate_error(bob_, older, {1, 2}), HandshakeError::prekey_rollback);
}

TEST_F(Attack11StrippedPq, TheKeyCannotBeCutOffOrSwapped) {
    const ByteView whole = bob_.prerec.encoded();
    EXPECT_EQ(PreRec::decode(whole.first(PreRec::signed_size), bob_.cert).error(),
              RecordError::malformed);
    Bytes swapped = copy(whole.first(PreRec::signed_size));
    const Bytes other = copy(alice_.pq->key.public_key().view());
    swapped.insert(swapped.end(), other.begin(), other.end());
    EXPECT_EQ(PreRec::decode(swapped, bob_.cert).error(), RecordError::wrong_pq_key);
    Bytes one_time = copy(bob_.opk_rec.encoded());
    one_time.resize(OpkRec::signed_size);
    EXPECT_EQ(OpkRec::decode(one_time, bob_.cert).error(), RecordError::malformed);
    // pq_present cleared: the signature covers it.
    constexpr std::size_t pq_present = 1 + 32 + 16 + 32 + 8 + 1 + 4 + 32 + 4 + 32;
    Bytes cleared = copy(whole.first(PreRec::signed_size));
    std::fill_n(cleared.begin() + pq_present, 1 + 4 + 32, std::uint8_t{0});
    EXPECT_EQ(PreRec::decode(cleared, bob_.cert).error(), RecordError::bad_signature);
}

TEST_F(Attack11StrippedPq, TheSuiteByteCannotBeLowered) {
    const Flight flight = fly(alice_, bob_, false);
    Bytes lowered = flight.bytes;
    lowered[1] = 1;
    EXPECT_FALSE(decode_init_message(lowered));
    // Well-formed: without pq_id and ciphertext.
    InitMessage message = flight.message;
    message.suite = Suite::classical;
    message.pq_id = 0;
    message.kem_ciphertext.clear();
    EXPECT_EQ(refusal(bob_, message), HandshakeError::bad_first_message);
    const auto with_floor = accept(bob_.identity(), bob_.keys(), message,
                                   {.dev_list = nullptr, .suite_floor = 2}, now_ms);
    EXPECT_EQ(with_floor.error(), HandshakeError::suite_stripped);
    // Raised, by a sender of suite 1.
    Party plain = make_party(1104, Suite::classical);
    InitMessage raised = fly(plain, bob_, false).message;
    raised.suite = Suite::hybrid;
    EXPECT_EQ(refusal(bob_, raised), HandshakeError::suite_unsupported);
}

// --- 12 ---------------------------------------------------------------------------------------

class Attack12Kem : public Attack11StrippedPq {};

TEST_F(Attack12Kem, WrongLengths) {
    const Bytes key = copy(bob_.pq->key.public_key().view());
    EXPECT_TRUE(PqPublic::parse(key));
    for (const std::size_t size : {0U, 32U, 1184U, 1215U, 1217U, 4096U}) {
        Bytes wrong = key;
        wrong.resize(size);
        EXPECT_EQ(PqPublic::parse(wrong).error(), KeyError::bad_size);
    }
    const Flight flight = fly(alice_, bob_, false);
    const std::size_t ct = flight.session.init_prefix.size() - kem_ciphertext_size;
    Bytes shorter = flight.bytes;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(ct));
    EXPECT_FALSE(decode_init_message(shorter));
    Bytes longer = flight.bytes;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(ct), 0);
    EXPECT_FALSE(decode_init_message(longer));
}

TEST_F(Attack12Kem, ACiphertextForAnotherKeyFailsCleanly) {
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    const Flight to_bob = fly(alice_, bob_, false);
    const Flight to_alice = fly(bob_, alice_, false);
    InitMessage message = to_bob.message;
    message.kem_ciphertext = to_alice.message.kem_ciphertext;
    EXPECT_EQ(refusal(bob_, message), HandshakeError::bad_first_message);
    message = to_bob.message;
    for (const std::size_t at : {0U, 500U, 1087U, 1088U, 1119U}) {
        message.kem_ciphertext = to_bob.message.kem_ciphertext;
        message.kem_ciphertext[at] ^= 1;
        const auto error = refusal(bob_, message);
        EXPECT_TRUE(error == HandshakeError::bad_first_message || error == HandshakeError::bad_key);
    }
    EXPECT_EQ(bob.image(), before);
    EXPECT_EQ(bob.take(to_bob.bytes), "hello");
}

// Who knows a shared secret and encapsulates it again to another key gets another transcript.
TEST_F(Attack12Kem, TheKemKeyItselfIsInTheTranscript) {
    const Flight flight = fly(alice_, bob_, false);
    const auto transcript = [&](ByteView pq_public, bool one_time) {
        const InitMessage& m = flight.message;
        return transcript_hash(
            {.suite = m.suite,
             .initiator = {m.cert.account(), m.cert.hash(), m.cert.dik()},
             .responder = {bob_.cert.account(), bob_.cert.hash(), bob_.cert.dik()},
             .ek = m.ek,
             .spk_id = m.spk_id,
             .spk = bob_.spk.key.public_key(),
             .opk_id = 0,
             .opk = {},
             .pq_one_time = one_time,
             .pq_id = m.pq_id,
             .pq_public = pq_public,
             .kem_ciphertext = m.kem_ciphertext});
    };
    EXPECT_EQ(transcript(bob_.pq->key.public_key().view(), false), flight.session.transcript);
    EXPECT_NE(transcript(alice_.pq->key.public_key().view(), false), flight.session.transcript);
    EXPECT_NE(transcript(bob_.pq->key.public_key().view(), true), flight.session.transcript);
}

// --- 13 ---------------------------------------------------------------------------------------

class Attack13DeviceLists : public ::testing::Test {
protected:
    Party alice_ = make_party(1301, Suite::classical);
    Party bob_ = make_party(1302, Suite::classical);
    OwnDsk second_dsk_ = OwnDsk::generate(bob_.random);
    Cert second_ = Cert::create(bob_.amk, second_dsk_,
                                {.device = DeviceId::generate(bob_.random),
                                 .dik = OwnDik::generate(bob_.random).public_key(),
                                 .suites = SuiteSet(1),
                                 .min_suite = 1,
                                 .created_ms = now_ms});
    DevListEntry first_entry_{.device = bob_.device, .cert = bob_.cert.hash(), .primary = true};
    DevListEntry second_entry_{
        .device = second_.device(), .cert = second_.hash(), .primary = false};
    DevList two_ =
        DevList::successor(bob_.amk, bob_.dev_list, {first_entry_, second_entry_}, now_ms);
    DevList removed_ = DevList::successor(bob_.amk, two_, {first_entry_}, now_ms);

    [[nodiscard]] std::optional<HandshakeError> initiate_error(const PreKeyBundle& bundle,
                                                               const DevListMark& held,
                                                               std::uint64_t now) {
        KnownPeer peer = bob_.known();
        peer.dev_list = held;
        const auto session = initiate(alice_.identity(), bundle, peer, now, alice_.random);
        if (session) return std::nullopt;
        return session.error();
    }
    [[nodiscard]] PreKeyBundle bundle_with(const DevList& list) const {
        PreKeyBundle bundle = bob_.bundle(false);
        bundle.dev_list = list;
        return bundle;
    }
};

TEST_F(Attack13DeviceLists, RollbackForkAndBrokenChain) {
    const DevList fork = DevList::successor(bob_.amk, bob_.dev_list, {first_entry_}, now_ms + 1);
    const DevList after_fork = DevList::successor(bob_.amk, fork, {first_entry_}, now_ms + 2);
    EXPECT_EQ(compare_dev_lists(mark_of(two_), bob_.dev_list).error(), DevListError::rollback);
    EXPECT_EQ(compare_dev_lists(mark_of(two_), fork).error(), DevListError::fork);
    EXPECT_EQ(compare_dev_lists(mark_of(two_), after_fork).error(), DevListError::broken_chain);
    EXPECT_EQ(initiate_error(bundle_with(bob_.dev_list), mark_of(two_), now_ms),
              HandshakeError::list_rollback);
    EXPECT_EQ(initiate_error(bundle_with(fork), mark_of(two_), now_ms), HandshakeError::list_fork);
    EXPECT_EQ(initiate_error(bundle_with(after_fork), mark_of(two_), now_ms),
              HandshakeError::list_fork);
    EXPECT_EQ(initiate_error(bundle_with(removed_), mark_of(two_), now_ms), std::nullopt);
}

TEST_F(Attack13DeviceLists, TheServerCannotAddADevice) {
    // A certificate of the account's own that is in no list; one signed by somebody else.
    PreKeyBundle bundle = bundle_with(removed_);
    bundle.cert = second_;
    bundle.prerec = PreRec::create(second_dsk_, second_, bob_.prerec.fields());
    EXPECT_EQ(initiate_error(bundle, mark_of(removed_), now_ms), HandshakeError::not_listed);
    Bytes forged = copy(removed_.encoded());
    forged[40] ^= 1;
    EXPECT_EQ(DevList::decode(forged).error(), RecordError::bad_signature);
}

TEST_F(Attack13DeviceLists, ARemovedDeviceCannotComeBackWithItsOldList) {
    Party thief = make_party(1303, Suite::classical);
    const OwnDik dik = OwnDik::generate(thief.random);
    const Cert stolen = Cert::create(bob_.amk, second_dsk_,
                                     {.device = second_.device(),
                                      .dik = dik.public_key(),
                                      .suites = SuiteSet(1),
                                      .min_suite = 1,
                                      .created_ms = now_ms});
    const DevList with = DevList::successor(
        bob_.amk, bob_.dev_list,
        {first_entry_, {.device = stolen.device(), .cert = stolen.hash(), .primary = false}},
        now_ms);
    const DevList without = DevList::successor(bob_.amk, with, {first_entry_}, now_ms);
    auto session =
        initiate({stolen, with, dik}, alice_.bundle(false), alice_.known(), now_ms, thief.random);
    ASSERT_TRUE(session);
    const auto message = decode_init_message(
        make_init_message(session->init_prefix, send(session->ratchet, "x", thief.random)));
    ASSERT_TRUE(message);
    EXPECT_TRUE(accept(alice_.identity(), alice_.keys(), *message,
                       {.dev_list = &with, .suite_floor = 0}, now_ms));
    EXPECT_EQ(accept(alice_.identity(), alice_.keys(), *message,
                     {.dev_list = &without, .suite_floor = 0}, now_ms)
                  .error(),
              HandshakeError::not_listed);
}

TEST_F(Attack13DeviceLists, AnExpiredListStartsNothing) {
    const std::uint64_t end = two_.not_after_ms() + clock_tolerance_ms;
    EXPECT_EQ(initiate_error(bundle_with(two_), mark_of(two_), end + 1),
              HandshakeError::list_expired);
    EXPECT_FALSE(two_.expired(end));
}

// A server that hides a removal is found out by the first envelope either way.
TEST_F(Attack13DeviceLists, AWithheldListShowsInTheGossip) {
    EXPECT_EQ(compare_gossip(mark_of(removed_), gossip_of(mark_of(two_))),
              GossipVerdict::they_are_behind);
    EXPECT_EQ(compare_gossip(mark_of(two_), gossip_of(mark_of(removed_))),
              GossipVerdict::we_are_behind);
    const DevList fork = DevList::successor(bob_.amk, two_, {second_entry_}, now_ms);
    EXPECT_EQ(compare_gossip(mark_of(removed_), gossip_of(mark_of(fork))), GossipVerdict::fork);
    EXPECT_EQ(compare_gossip(mark_of(two_), gossip_of(mark_of(two_))), GossipVerdict::agree);
}

// --- 26 ---------------------------------------------------------------------------------------

class Attack26SeveralDevices : public Attack13DeviceLists {
protected:
    // A list as its account could sign it with another program.
    [[nodiscard]] Bytes signed_list(std::size_t count) {
        std::set<DeviceId> devices;
        while (devices.size() < count)
            devices.insert(DeviceId::generate(bob_.random));
        Writer out(1024);
        out.u8(1).raw(bob_.amk.public_key().view()).u64(1).u64(now_ms).u64(now_ms + 1000);
        out.raw(Bytes(32)).u8(static_cast<std::uint8_t>(count));
        for (const DeviceId& device : devices)
            out.raw(device.view()).raw(bob_.cert.hash().view()).u8(0);
        const Signature signature = sign_dev_list(bob_.amk, out.view());
        out.raw(signature.view());
        return std::move(out).take();
    }
};

TEST_F(Attack26SeveralDevices, TheNinthIsRefusedAlthoughItIsSigned) {
    EXPECT_TRUE(DevList::decode(signed_list(8)));
    EXPECT_EQ(DevList::decode(signed_list(9)).error(), RecordError::malformed);
    EXPECT_EQ(DevList::decode(signed_list(0)).error(), RecordError::malformed);
}

// Who holds the account key's certificate is one of ours only while our own list says so.
TEST_F(Attack26SeveralDevices, AnOwnDeviceThatWasRemovedIsNobody) {
    Party lost({.seed = 2601});  // its device, but Bob's account
    const Cert lost_cert = Cert::create(bob_.amk, lost.dsk,
                                        {.device = lost.device,
                                         .dik = lost.dik.public_key(),
                                         .suites = SuiteSet(1),
                                         .min_suite = 1,
                                         .created_ms = now_ms});
    const DevListEntry entry{.device = lost.device, .cert = lost_cert.hash(), .primary = false};
    const DevList with = DevList::successor(bob_.amk, bob_.dev_list, {first_entry_, entry}, now_ms);
    const DevList without = DevList::successor(bob_.amk, with, {first_entry_}, now_ms);
    const auto started = initiate({lost_cert, with, lost.dik}, bundle_with(with),
                                  {.account = bob_.amk.public_key(), .dev_list = {}, .floor = {}},
                                  now_ms, lost.random);
    ASSERT_TRUE(started);
    auto ratchet = started->ratchet;
    const auto first = ratchet.encrypt(as_bytes("it is me"), lost.random);
    const auto message = decode_init_message(make_init_message(started->init_prefix, *first));
    ASSERT_TRUE(message);
    const auto accept_with = [&](const DevList& own) {
        return accept({bob_.cert, own, bob_.dik}, bob_.keys(), *message, stranger, now_ms);
    };
    EXPECT_TRUE(accept_with(with));
    const auto refused = accept_with(without);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), HandshakeError::not_listed);
}

// The copy for one device is of no use at another one of the same account.
TEST_F(Attack26SeveralDevices, ACopyForOneDeviceOpensThereOnly) {
    Party carol = make_party(2602, Suite::classical);
    Session with_first = make_session(alice_, bob_);
    Session with_second = make_session(alice_, carol);
    const auto for_first = with_first.alice.encrypt(as_bytes("to both"), alice_.random);
    const auto for_second = with_second.alice.encrypt(as_bytes("to both"), alice_.random);
    ASSERT_TRUE(for_first && for_second);
    EXPECT_TRUE(with_first.bob.decrypt(*for_first, now_ms));
    EXPECT_EQ(with_first.bob.decrypt(*for_second, now_ms).error(), RatchetError::wrong_session);
    EXPECT_EQ(with_second.bob.decrypt(*for_first, now_ms).error(), RatchetError::wrong_session);
    EXPECT_TRUE(with_second.bob.decrypt(*for_second, now_ms));
}

// --- 14 ---------------------------------------------------------------------------------------

TEST(Attack14SubstitutedBundle, IsImpossibleForAPinnedAccount) {
    Party alice = make_party(1401, Suite::classical);
    const Party bob = make_party(1402, Suite::classical);
    const Party mallory = make_party(1403, Suite::classical);
    EXPECT_EQ(
        initiate(alice.identity(), mallory.bundle(true), bob.known(), now_ms, alice.random).error(),
        HandshakeError::wrong_account);
    // Each part alone.
    const PreKeyBundle good = bob.bundle(true);
    PreKeyBundle mixed = good;
    mixed.dev_list = mallory.dev_list;
    EXPECT_FALSE(initiate(alice.identity(), mixed, bob.known(), now_ms, alice.random));
    mixed = good;
    mixed.cert = mallory.cert;
    EXPECT_FALSE(initiate(alice.identity(), mixed, bob.known(), now_ms, alice.random));
    mixed = good;
    mixed.prerec = mallory.prerec;
    EXPECT_FALSE(initiate(alice.identity(), mixed, bob.known(), now_ms, alice.random));
    mixed = good;
    mixed.one_time = mallory.opk_rec;
    EXPECT_FALSE(initiate(alice.identity(), mixed, bob.known(), now_ms, alice.random));
}

// First contact by name only, nothing verified: both talk to Mallory, and their numbers differ.
TEST(Attack14SubstitutedBundle, ShowsInTheSafetyNumbersOfAFirstContactByName) {
    const Party alice = make_party(1401, Suite::classical);
    const Party bob = make_party(1402, Suite::classical);
    const Party mallory = make_party(1403, Suite::classical);
    const AccountId a = alice.amk.public_key();
    const AccountId b = bob.amk.public_key();
    const AccountId m = mallory.amk.public_key();
    EXPECT_NE(safety_number(a, m), safety_number(b, m));
    EXPECT_NE(safety_number(a, m), safety_number(a, b));
    const VerificationCode bobs{
        .own = b, .peer = m, .dev_list = gossip_of(mark_of(bob.dev_list)), .server = {}};
    EXPECT_EQ(compare_code(bobs, a, m), CodeVerdict::other_person);
    EXPECT_EQ(compare_code(bobs, a, b), CodeVerdict::other_self);
}

}  // namespace
}  // namespace sotto::crypto::attack
