#include "crypto/verify.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "crypto/curve.hpp"
#include "crypto/init.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

AccountId account(std::uint8_t start) {
    ByteArray<32> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(start + i);
    return AccountId(bytes);
}

// Expected value: an independent program (Python's hashlib).
TEST(SafetyNumber, IsFrozenAndTheSameOnBothSides) {
    const std::string number = safety_number(account(0), account(32));
    EXPECT_EQ(number, "167744984750198017734493214947315820989915019689644305054072");
    EXPECT_EQ(safety_number(account(32), account(0)), number);
    EXPECT_NE(safety_number(account(32), account(1)), number);
    EXPECT_EQ(grouped(number),
              "16774 49847 50198 01773 44932 14947 31582 09899 15019 68964 43050 54072");
}

class Codes : public ::testing::Test {
protected:
    SeededRandom random_{1};
    OwnCurve server_ = OwnCurve::generate(random_);
    VerificationCode code_{.own = account(0),
                           .peer = account(32),
                           .dev_list = {.seq = 5, .hash8 = {1, 2, 3, 4, 5, 6, 7, 8}},
                           .server = server_key_hash8(server_.public_key())};
    Invite invite_{.server_address = "chat.example.org:7450",
                   .server = server_.public_key(),
                   .account = account(0),
                   .token = InviteToken(random_.array<16>())};
};

TEST_F(Codes, RoundTrip) {
    EXPECT_EQ(*parse_verification_code(to_text(code_)), code_);
    EXPECT_EQ(*parse_invite(to_text(invite_)), invite_);
    invite_.token.reset();
    EXPECT_EQ(*parse_invite(to_text(invite_)), invite_);
    invite_.server_address = std::string(255, 'a');
    EXPECT_EQ(*parse_invite(to_text(invite_)), invite_);
}

TEST_F(Codes, OneKindIsNeverTakenForAnother) {
    EXPECT_EQ(parse_invite(to_text(code_)).error(), CodeError::other_purpose);
    EXPECT_EQ(parse_verification_code(to_text(invite_)).error(), CodeError::other_purpose);
    EXPECT_EQ(parse_invite("PM1L:AAAA").error(), CodeError::other_purpose);
    EXPECT_EQ(parse_verification_code("PM1L:AAAA").error(), CodeError::other_purpose);
    for (const char* foreign :
         {"", "PM1", "https://example.org", "pm1v:AAAA", " PM1V:AAAA", "PM2V:AA"}) {
        EXPECT_EQ(parse_verification_code(foreign).error(), CodeError::not_a_code) << foreign;
        EXPECT_EQ(parse_invite(foreign).error(), CodeError::not_a_code) << foreign;
    }
    // Relabelled.
    std::string relabelled = to_text(code_);
    relabelled[3] = 'I';
    EXPECT_EQ(parse_invite(relabelled).error(), CodeError::malformed);
    relabelled = to_text(invite_);
    relabelled[3] = 'V';
    EXPECT_EQ(parse_verification_code(relabelled).error(), CodeError::malformed);
}

TEST_F(Codes, DamagedOnesAreRefused) {
    const std::string code = to_text(code_);
    const std::string invite = to_text(invite_);
    for (std::size_t size = 5; size < code.size(); ++size)
        EXPECT_FALSE(parse_verification_code(code.substr(0, size))) << size;
    for (std::size_t size = 5; size < invite.size(); ++size)
        EXPECT_FALSE(parse_invite(invite.substr(0, size))) << size;
    EXPECT_FALSE(parse_verification_code(code + "A"));
    EXPECT_FALSE(parse_verification_code(code + "AAAA"));
    EXPECT_FALSE(parse_invite(invite + "AAAA"));
    EXPECT_FALSE(parse_invite(invite + " "));
}

TEST_F(Codes, FieldsOutOfRangeAreRefused) {
    const auto invite = [&](std::uint8_t version, std::uint8_t flags, std::string_view address,
                            ByteView server) {
        Writer out;
        out.u8(version).u8(flags).u8(static_cast<std::uint8_t>(address.size()));
        out.raw(as_bytes(address)).raw(server).raw(account(0).view());
        return parse_invite("PM1I:" + to_base64url(out.view()));
    };
    const View32 server = server_.public_key().view();
    EXPECT_TRUE(invite(1, 0, "host:1", server));
    EXPECT_FALSE(invite(2, 0, "host:1", server));
    EXPECT_FALSE(invite(1, 1, "host:1", server));  // promises a token
    EXPECT_FALSE(invite(1, 2, "host:1", server));
    EXPECT_FALSE(invite(1, 0, "", server));
    EXPECT_FALSE(invite(1, 0, "ho st", server));
    EXPECT_FALSE(invite(1, 0, "host\n", server));
    EXPECT_FALSE(invite(1, 0, "h\xc3\xb6st", server));
    EXPECT_FALSE(invite(1, 0, "host:1", Bytes(32, 0xff)));
    EXPECT_DEATH((void)to_text(Invite{.server_address = "",
                                      .server = server_.public_key(),
                                      .account = account(0),
                                      .token = {}}),
                 "server address");
}

TEST_F(Codes, ComparingTellsWhatIsWrong) {
    // code_ is shown by account 0, who talks to account 32; we are account 32.
    EXPECT_EQ(compare_code(code_, account(32), account(0)), CodeVerdict::match);
    EXPECT_EQ(compare_code(code_, account(32), account(7)), CodeVerdict::other_person);
    EXPECT_EQ(compare_code(code_, account(7), account(0)), CodeVerdict::other_self);
    // Swapped roles: my own code shown back to me.
    EXPECT_EQ(compare_code(code_, account(0), account(32)), CodeVerdict::other_person);
}

TEST_F(Codes, TheServersHashIsShort) {
    const auto key = CurvePublic::parse(account(32).view());
    EXPECT_EQ(to_hex(server_key_hash8(*key)), "c6796768e79f682a");
}

TEST(Curve, KeysInZ85) {
    SeededRandom random(1);
    const OwnCurve own = OwnCurve::generate(random);
    const std::string text = to_z85(own.public_key());
    EXPECT_EQ(text.size(), z85_key_size);
    EXPECT_EQ(*curve_public_from_z85(text), own.public_key());
    const SecretBytes secret = secret_to_z85(own);
    ASSERT_EQ(secret.size(), z85_key_size + 1);
    EXPECT_EQ(secret.back(), 0);
    const auto again =
        own_curve_from_z85({reinterpret_cast<const char*>(secret.data()), z85_key_size});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->public_key(), own.public_key());
    EXPECT_EQ(again->secret(), own.secret());
    for (const std::string& bad :
         {std::string(), text.substr(1), text + "a", std::string(40, '~')}) {
        EXPECT_EQ(curve_public_from_z85(bad).error(), KeyError::bad_size);
        EXPECT_EQ(own_curve_from_z85(bad).error(), KeyError::bad_size);
    }
    EXPECT_EQ(curve_public_from_z85(to_z85(Bytes(32, 0xff))).error(), KeyError::not_canonical);
}

TEST(InitDeathTest, AHardenedProcessLeavesNoCoreAndIsNotDumpable) {
    const auto hardened = [] {
        rlimit core{};
        const bool done = harden_process() && getrlimit(RLIMIT_CORE, &core) == 0 &&
                          core.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
        std::_Exit(done ? 0 : 1);
    };
    EXPECT_EXIT(hardened(), ::testing::ExitedWithCode(0), "");
}

TEST(Init, SaysWhatItIs) {
    initialise();
    EXPECT_TRUE(describe().starts_with("libsodium 1.0."));
    EXPECT_EQ(describe().ends_with("suites 1 and 2"), hybrid_available());
    (void)memory_lock_works();  // either answer is right: it depends on the limits of this machine
}

}  // namespace
}  // namespace sotto::crypto
