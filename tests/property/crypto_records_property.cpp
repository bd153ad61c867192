// Every record, message and header: what is encoded decodes to the same; any flipped bit, any
// shorter or longer version is refused.
#include "crypto/seal.hpp"
#include "tests/property/seed.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

/// Offers `good` with each bit flipped (of every `stride`-th byte, one of its bits when stride >
/// 1), cut to each length, and one byte longer. `accepts` must say no each time.
template <class Accepts>
void refuses_all_damage(const Bytes& good, std::size_t stride, Accepts accepts) {
    ASSERT_TRUE(accepts(good));
    SeededRandom random(sotto::test::seed());
    for (std::size_t at = 0; at < good.size(); at += stride) {
        const unsigned first = stride > 1 ? random.array<1>()[0] % 8U : 0;
        const unsigned last = stride > 1 ? first : 7;
        for (unsigned bit = first; bit <= last; ++bit) {
            Bytes bad = good;
            bad[at] ^= static_cast<std::uint8_t>(1U << bit);
            ASSERT_FALSE(accepts(bad)) << "bit " << bit << " of byte " << at;
        }
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_FALSE(accepts(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))))
            << "cut to " << size;
    Bytes longer = good;
    longer.push_back(0);
    ASSERT_FALSE(accepts(longer)) << "longer by a byte";
}

Bytes copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

class Damage : public ::testing::TestWithParam<Suite> {
protected:
    Party alice_ = make_party(sotto::test::seed(), GetParam());
    Party bob_ = make_party(sotto::test::seed() + 1, GetParam());
};
INSTANTIATE_TEST_SUITE_P(Suites, Damage, ::testing::ValuesIn(suites_of_this_build()),
                         [](const auto& suite) {
                             return suite.param == Suite::hybrid ? "hybrid" : "classical";
                         });

TEST_P(Damage, OfACert) {
    SOTTO_TRACE_SEED();
    refuses_all_damage(copy(alice_.cert.encoded()), 1,
                       [](const Bytes& b) { return Cert::decode(b).has_value(); });
}

TEST_P(Damage, OfADevList) {
    SOTTO_TRACE_SEED();
    std::vector<DevListEntry> entries;
    for (std::uint8_t i = 0; i < devices_max; ++i)
        entries.push_back({.device = DeviceId::generate(alice_.random),
                           .cert = CertHash(alice_.random.array<32>()),
                           .primary = i == 0});
    const DevList list = DevList::first(alice_.amk, entries, now_ms);
    refuses_all_damage(copy(list.encoded()), 1,
                       [](const Bytes& b) { return DevList::decode(b).has_value(); });
}

TEST_P(Damage, OfAPreRec) {
    SOTTO_TRACE_SEED();
    refuses_all_damage(copy(alice_.prerec.encoded()), GetParam() == Suite::hybrid ? 3 : 1,
                       [&](const Bytes& b) { return PreRec::decode(b, alice_.cert).has_value(); });
}

TEST_P(Damage, OfAnOpkRec) {
    SOTTO_TRACE_SEED();
    refuses_all_damage(copy(alice_.opk_rec.encoded()), GetParam() == Suite::hybrid ? 3 : 1,
                       [&](const Bytes& b) { return OpkRec::decode(b, alice_.cert).has_value(); });
}

TEST_P(Damage, OfAnInitMessage) {
    SOTTO_TRACE_SEED();
    for (const bool one_time : {true, false}) {
        auto session =
            initiate(alice_.identity(), bob_.bundle(one_time), bob_.known(), now_ms, alice_.random);
        ASSERT_TRUE(session);
        const Bytes first = send(session->ratchet, "hello", alice_.random);
        refuses_all_damage(make_init_message(session->init_prefix, first), 2, [&](const Bytes& b) {
            const auto message = decode_init_message(b);
            return message && accept(bob_.identity(), bob_.keys(), *message,
                                     {.dev_list = nullptr, .suite_floor = 0}, now_ms)
                                  .has_value();
        });
    }
}

TEST_P(Damage, OfARatchetMessageLeavesTheStateUnchanged) {
    SOTTO_TRACE_SEED();
    Session s = make_session(alice_, bob_);
    const Bytes same_chain = send(s.alice, "in the same chain", alice_.random);
    const Bytes reply = send(s.bob, "reply", bob_.random);
    ASSERT_EQ(receive(s.alice, reply), "reply");
    const Bytes next_chain = send(s.alice, "with a DH step", alice_.random);
    const SecretBytes before = s.bob.serialise();
    for (const Bytes& message : {same_chain, next_chain}) {
        refuses_all_damage(message, 1,
                           [&](const Bytes& b) { return s.bob.decrypt(b, now_ms).has_value(); });
        EXPECT_EQ(s.bob.serialise(), before);
    }
    EXPECT_EQ(receive(s.bob, same_chain), "in the same chain");
    EXPECT_EQ(receive(s.bob, next_chain), "with a DH step");
}

TEST_P(Damage, OfASealedItem) {
    SOTTO_TRACE_SEED();
    const Bytes item =
        seal({.device = bob_.device, .mbk_id = bob_.mbk.id, .mbk = bob_.mbk.key.public_key()},
             {.kind = SealedKind::init,
              .sender_account = alice_.amk.public_key(),
              .sender_device = alice_.device,
              .payload = text("payload")},
             alice_.random)
            .value();
    refuses_all_damage(item, 1, [&](const Bytes& b) {
        return open_sealed(b, bob_.device, {&bob_.mbk, 1}).has_value();
    });
}

// Bytes that nobody encoded: no decoder may take them, crash or read beyond them.
TEST(Noise, IsRefusedByEveryDecoder) {
    SOTTO_TRACE_SEED();
    SeededRandom random(sotto::test::seed());
    const Party p = make_party(1, Suite::classical);
    Party q = make_party(2, Suite::classical);
    const Session s = make_session(q, p);
    for (int round = 0; round < 3000; ++round) {
        Bytes noise(random.array<1>()[0] % 2 == 0 ? random.array<1>()[0] : 512);
        random.fill(noise);
        if (!noise.empty()) noise[0] = 1;  // past the version
        EXPECT_FALSE(Cert::decode(noise));
        EXPECT_FALSE(DevList::decode(noise));
        EXPECT_FALSE(PreRec::decode(noise, p.cert));
        EXPECT_FALSE(OpkRec::decode(noise, p.cert));
        EXPECT_FALSE(decode_init_message(noise));
        EXPECT_FALSE(s.bob.decrypt(noise, now_ms));
        EXPECT_FALSE(open_sealed(noise, p.device, {&p.mbk, 1}));
        EXPECT_FALSE(Ratchet::deserialise(noise));
    }
}

TEST(TextForms, RoundTrip) {
    SOTTO_TRACE_SEED();
    SeededRandom random(sotto::test::seed());
    for (std::size_t size = 0; size < 200; ++size) {
        Bytes bytes(size);
        random.fill(bytes);
        EXPECT_EQ(*from_hex(to_hex(bytes)), bytes);
        EXPECT_EQ(*from_base64url(to_base64url(bytes)), bytes);
        if (size % 4 == 0) {
            EXPECT_EQ(*from_z85(to_z85(bytes)), bytes);
        }
    }
}

}  // namespace
}  // namespace sotto::crypto
