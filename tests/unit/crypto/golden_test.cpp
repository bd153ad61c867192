// The bytes of everything that is signed, stored or sent, frozen: from one seed come always the
// same. Sotto printed them itself, so they guard against unintended changes and prove nothing more;
// what an independent implementation computes anew are the examples of tests/vectors. A change here
// is a change of the protocol and needs a new version byte.
#include "crypto/password.hpp"
#include "crypto/seal.hpp"
#include "crypto/vault_header.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

/// A short name for many bytes.
std::string digest(ByteView bytes) {
    return to_hex(ByteView(hash(label::cert_hash, {bytes})).first(12));
}

struct Golden {
    Suite suite;
    bool one_time;
    const char* init;
    const char* transcript;
    const char* session;
    const char* reply;
    const char* records;
};

class GoldenOf : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenOf, HandshakeAndMessages) {
    const Golden& golden = GetParam();
    if (golden.suite == Suite::hybrid && !hybrid_available())
        GTEST_SKIP() << "this libsodium has no X-Wing";
    const Party alice = make_party(1, golden.suite);
    const Party bob = make_party(2, golden.suite);
    SeededRandom random(5);
    auto started =
        initiate(alice.identity(), bob.bundle(golden.one_time), bob.known(), now_ms, random);
    ASSERT_TRUE(started);
    const Bytes first = send(started->ratchet, "hello", random);
    const Bytes init = make_init_message(started->init_prefix, first);
    EXPECT_EQ(digest(init), golden.init);
    EXPECT_EQ(to_hex(started->transcript.view().first(12)), golden.transcript);
    EXPECT_EQ(to_hex(started->ratchet.sid().view()), golden.session);
    auto accepted = accept(bob.identity(), bob.keys(), *decode_init_message(init),
                           {.dev_list = nullptr, .suite_floor = 0}, now_ms);
    ASSERT_TRUE(accepted);
    EXPECT_EQ(digest(send(accepted->ratchet, "reply one", random)), golden.reply);
    Writer records;
    records.raw(bob.cert.encoded()).raw(bob.dev_list.encoded());
    records.raw(bob.prerec.encoded()).raw(bob.opk_rec.encoded());
    EXPECT_EQ(digest(records.view()), golden.records);
}
INSTANTIATE_TEST_SUITE_P(
    Frozen, GoldenOf,
    ::testing::Values(Golden{Suite::classical, true, "f5a1bb28e7b4360303aee03e",
                             "260795d746ae5e538beb9c6e", "98e2c2cc515ae4422af3120d331024ea",
                             "fee65d01282f167517bdda00", "d8d2bf45f8f3128bab48b629"},
                      Golden{Suite::classical, false, "55aa5cd6c5b1eb0fbb1ceaf5",
                             "9bcb076d93c141d67f69b641", "ebb61a80b4c1f216d2a5da4d8b8c8a56",
                             "0e602465d85cfd6fe435bbad", "d8d2bf45f8f3128bab48b629"},
                      Golden{Suite::hybrid, true, "29d1e5c0054a9bda0415ca88",
                             "1e1feff78bc5bb3a46d1c471", "870144dc64fce1a3b9fda317e0268438",
                             "53c77963be25b30b606e5639", "7c39feaf5e7830c368bdc3cc"},
                      Golden{Suite::hybrid, false, "cf16882f5340b5a7a94e3682",
                             "60a403433acf76e4c49b05ed", "a130b7d74692e045bec3684740c13d61",
                             "645ea0fc35dcfbbaa21d4c0a", "7c39feaf5e7830c368bdc3cc"}),
    [](const auto& golden) {
        return std::string(golden.param.suite == Suite::hybrid ? "Hybrid" : "Classical") +
               (golden.param.one_time ? "OneTime" : "LastResort");
    });

TEST(Golden, SealVaultAndLogin) {
    const Party alice = make_party(1, Suite::classical);
    const Party bob = make_party(2, Suite::classical);
    SeededRandom random(6);
    const Bytes item =
        seal({.device = bob.device, .mbk_id = bob.mbk.id, .mbk = bob.mbk.key.public_key()},
             {.kind = SealedKind::init,
              .sender_account = alice.amk.public_key(),
              .sender_device = alice.device,
              .payload = text("payload")},
             random)
            .value();
    EXPECT_EQ(digest(item), "ca85faca9647e5516b72fd62");
    const CreatedVault vault = create_vault(as_bytes("passphrase"), password_cost_for_tests,
                                            password_cost_limits_for_tests, random)
                                   .value();
    EXPECT_EQ(digest(with_state_epoch(vault.header, vault.key, 77).value()),
              "a982bcfebf0e25410bf69b93");
    const LoginContext context{.server = OwnCurve::generate(random).public_key(),
                               .client = OwnCurve::generate(random).public_key(),
                               .purpose = LoginPurpose::login,
                               .client_nonce = random.array<32>(),
                               .challenge_ts_ms = now_ms,
                               .server_nonce = random.array<32>()};
    const OwnLk lk =
        derive_login_key(as_bytes("password"), context.server, "alice", password_cost_for_tests)
            .value();
    const DeviceLogin device{.account = alice.amk.public_key(), .device = alice.device};
    const Secret<32> server_secret = random.secret<32>();
    EXPECT_EQ(digest(sign_password_login(lk, context, "alice").view()), "5b99b45068ebba0dcf74daf2");
    EXPECT_EQ(digest(sign_password_change(lk, context, "alice", lk.public_key()).view()),
              "850fa96d537661feff05e0e2");
    EXPECT_EQ(digest(sign_password_change_possession(lk, context, "alice").view()),
              "8513baae57a8947903d5696e");
    EXPECT_EQ(digest(sign_device_login(alice.dsk, context, device).view()),
              "76c1138552fb1e67cde750b1");
    EXPECT_EQ(digest(challenge_mac(server_secret, context, std::string("alice"))),
              "692b642cbacfdaef409d8021");
    EXPECT_EQ(digest(challenge_mac(server_secret, context, device)), "7e37667072c2858561358554");
}

}  // namespace
}  // namespace sotto::crypto
