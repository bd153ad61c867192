#include "crypto/password.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

class LoginTest : public ::testing::Test {
protected:
    SeededRandom random_{1};
    OwnCurve server_ = OwnCurve::generate(random_);
    OwnCurve client_ = OwnCurve::generate(random_);
    OwnCurve other_ = OwnCurve::generate(random_);
    LoginContext context_{.server = server_.public_key(),
                          .client = client_.public_key(),
                          .purpose = LoginPurpose::login,
                          .client_nonce = random_.array<32>(),
                          .challenge_ts_ms = now_ms,
                          .server_nonce = random_.array<32>()};

    /// The context with one thing changed at a time.
    [[nodiscard]] std::vector<LoginContext> changed_contexts() const {
        std::vector<LoginContext> out(6, context_);
        out[0].server = other_.public_key();
        out[1].client = other_.public_key();
        out[2].purpose = LoginPurpose::change_password;
        out[3].client_nonce[0] ^= 1;
        out[4].challenge_ts_ms += 1;
        out[5].server_nonce[31] ^= 1;
        return out;
    }
    [[nodiscard]] OwnLk key(std::string_view password, std::string_view user) const {
        return derive_login_key(as_bytes(password), server_.public_key(), user,
                                password_cost_for_tests)
            .value();
    }
};

TEST_F(LoginTest, TheKeyDependsOnPasswordServerAndName) {
    const LkPublic base = key("secret", "alice").public_key();
    EXPECT_EQ(key("secret", "alice").public_key(), base);
    EXPECT_NE(key("Secret", "alice").public_key(), base);
    EXPECT_NE(key("secret", "alicf").public_key(), base);
    EXPECT_NE(key("", "alice").public_key(), base);
    const auto elsewhere =
        derive_login_key(as_bytes("secret"), other_.public_key(), "alice", password_cost_for_tests);
    EXPECT_NE(elsewhere->public_key(), base);
    const auto dearer = derive_login_key(as_bytes("secret"), server_.public_key(), "alice",
                                         {.ops = 2, .memory = 64 * 1024});
    EXPECT_NE(dearer->public_key(), base);
}

TEST_F(LoginTest, APasswordLoginIsBoundToEverything) {
    const OwnLk lk = key("secret", "alice");
    const Signature signature = sign_password_login(lk, context_, "alice");
    EXPECT_TRUE(verify_password_login(lk.public_key(), context_, "alice", signature));
    EXPECT_FALSE(verify_password_login(lk.public_key(), context_, "alicf", signature));
    EXPECT_FALSE(
        verify_password_login(key("x", "alice").public_key(), context_, "alice", signature));
    for (const LoginContext& changed : changed_contexts())
        EXPECT_FALSE(verify_password_login(lk.public_key(), changed, "alice", signature));
}

TEST_F(LoginTest, ADeviceLoginIsBoundToEverything) {
    const Party p = make_party(1, Suite::classical);
    const Party q = make_party(2, Suite::classical);
    const DeviceLogin subject{.account = p.amk.public_key(), .device = p.device};
    const Signature signature = sign_device_login(p.dsk, context_, subject);
    const auto verify = [&](const DskPublic& dsk, const LoginContext& c, const DeviceLogin& s) {
        return verify_device_login(dsk, c, s, signature);
    };
    EXPECT_TRUE(verify(p.dsk.public_key(), context_, subject));
    EXPECT_FALSE(verify(q.dsk.public_key(), context_, subject));
    EXPECT_FALSE(verify(p.dsk.public_key(), context_, {q.amk.public_key(), p.device}));
    EXPECT_FALSE(verify(p.dsk.public_key(), context_, {p.amk.public_key(), q.device}));
    for (const LoginContext& changed : changed_contexts())
        EXPECT_FALSE(verify(p.dsk.public_key(), changed, subject));
}

TEST_F(LoginTest, APasswordChangeNamesTheNewKey) {
    const OwnLk old_key = key("old", "alice");
    const OwnLk new_key = key("new", "alice");
    const Signature signature =
        sign_password_change(old_key, context_, "alice", new_key.public_key());
    const auto verify = [&](const LkPublic& signer, std::string_view name, const LkPublic& next) {
        return verify_password_change(signer, context_, name, next, signature);
    };
    EXPECT_TRUE(verify(old_key.public_key(), "alice", new_key.public_key()));
    EXPECT_FALSE(verify(old_key.public_key(), "alicf", new_key.public_key()));
    EXPECT_FALSE(verify(old_key.public_key(), "alice", old_key.public_key()));
    EXPECT_FALSE(verify(new_key.public_key(), "alice", new_key.public_key()));
    EXPECT_FALSE(verify_password_login(old_key.public_key(), context_, "alice", signature));
}

TEST_F(LoginTest, TheNewKeyShowsItIsHeld) {
    const OwnLk old_key = key("old", "alice");
    const OwnLk new_key = key("new", "alice");
    const LkPublic next = new_key.public_key();
    const Signature signature = sign_password_change_possession(new_key, context_, "alice");
    EXPECT_TRUE(verify_password_change_possession(next, context_, "alice", signature));
    EXPECT_FALSE(verify_password_change_possession(next, context_, "alicf", signature));
    EXPECT_FALSE(
        verify_password_change_possession(old_key.public_key(), context_, "alice", signature));
    for (const LoginContext& changed : changed_contexts())
        EXPECT_FALSE(verify_password_change_possession(next, changed, "alice", signature));
    // Neither signature stands for the other, not even where both keys are one.
    EXPECT_FALSE(verify_password_change(next, context_, "alice", next, signature));
    EXPECT_FALSE(verify_password_change_possession(
        next, context_, "alice", sign_password_change(new_key, context_, "alice", next)));
}

TEST_F(LoginTest, TheChallengeMacIsBoundToEverything) {
    const Secret<32> secret = random_.secret<32>();
    const LoginSubject alice = std::string("alice");
    const ByteArray<32> mac = challenge_mac(secret, context_, alice);
    const auto valid = [&](const LoginContext& c, const LoginSubject& s) {
        return challenge_is_valid(secret, c, s, mac, now_ms);
    };
    EXPECT_TRUE(valid(context_, alice));
    EXPECT_FALSE(valid(context_, std::string("alicf")));
    EXPECT_FALSE(challenge_is_valid(random_.secret<32>(), context_, alice, mac, now_ms));
    EXPECT_FALSE(challenge_is_valid(secret, context_, alice, ByteView(mac).first(31), now_ms));
    for (std::size_t i = 1; i < 6; ++i) {
        if (i == 2) continue;  // the purpose is not known yet when the challenge is made
        LoginContext changed = changed_contexts()[i];
        EXPECT_FALSE(challenge_is_valid(secret, changed, alice, mac, now_ms + 1)) << i;
    }
    // A device can never look like a name.
    const Party p = make_party(1, Suite::classical);
    EXPECT_FALSE(valid(context_, DeviceLogin{p.amk.public_key(), p.device}));
    const LoginSubject device = DeviceLogin{p.amk.public_key(), p.device};
    const ByteArray<32> device_mac = challenge_mac(secret, context_, device);
    EXPECT_TRUE(challenge_is_valid(secret, context_, device, device_mac, now_ms));
}

TEST_F(LoginTest, AChallengeLivesOneMinute) {
    const Secret<32> secret = random_.secret<32>();
    const LoginSubject alice = std::string("alice");
    const ByteArray<32> mac = challenge_mac(secret, context_, alice);
    const std::pair<std::uint64_t, bool> table[] = {
        {now_ms - 1, false},      {now_ms, true}, {now_ms + 60'000, true},
        {now_ms + 60'001, false}, {0, false},     {~0ULL, false}};
    for (const auto& [now, valid] : table)
        EXPECT_EQ(challenge_is_valid(secret, context_, alice, mac, now), valid) << now;
}

TEST(Password, OnlyTheKnownLoginVersion) {
    EXPECT_EQ(*login_cost(1), password_cost_default);
    EXPECT_TRUE(password_cost_limits.allow(*login_cost(login_version_current)));
    EXPECT_EQ(login_cost(0).error(), PasswordError::version_refused);
    EXPECT_EQ(login_cost(2).error(), PasswordError::version_refused);
}

TEST(Password, LimitsRefuseCheapAndEndless) {
    const std::pair<PasswordCost, bool> table[] = {
        {{.ops = 2, .memory = 64 * mebibyte}, true},
        {{.ops = 10, .memory = 1024 * mebibyte}, true},
        {{.ops = 1, .memory = 64 * mebibyte}, false},
        {{.ops = 0, .memory = 256 * mebibyte}, false},
        {{.ops = 11, .memory = 64 * mebibyte}, false},
        {{.ops = 3, .memory = 64 * mebibyte - 1}, false},
        {{.ops = 3, .memory = 1024 * mebibyte + 1}, false},
        {{.ops = 3, .memory = 4096 * mebibyte}, false}};
    for (const auto& [cost, allowed] : table)
        EXPECT_EQ(password_cost_limits.allow(cost), allowed) << cost.ops << " " << cost.memory;
}

TEST(Password, Usernames) {
    for (const char* good : {"bob", "a.b-c_9", "abcdefghijklmnopqrstuvwxyz012345", "..."})
        EXPECT_TRUE(username_is_valid(good)) << good;
    for (const char* bad : {"", "ab", "abcdefghijklmnopqrstuvwxyz0123456", "Bob", "bo b",
                            "b\xc3\xb6"
                            "b",
                            "bob@x", "bob\n"})
        EXPECT_FALSE(username_is_valid(bad)) << bad;
    EXPECT_FALSE(username_is_valid(std::string_view("bo\0b", 4)));
}

}  // namespace
}  // namespace sotto::crypto
