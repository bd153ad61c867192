#include "peer/runtime/normalise.hpp"

#include <gtest/gtest.h>

#include <string>

#include "crypto/password.hpp"

namespace sotto::peer::runtime {
namespace {

std::string normal(const std::string& typed) {
    const auto out = normalise_password(crypto::as_bytes(typed));
    return out ? std::string(out->begin(), out->end()) : "(refused)";
}

TEST(NormalisePassword, one_password_however_it_is_typed) {
    EXPECT_EQ(normal("cafe\xcc\x81"), "caf\xc3\xa9");
    EXPECT_EQ(normal("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(normal("\xe1\x84\x80\xe1\x85\xa1"), "\xea\xb0\x80");        // Hangul
    EXPECT_EQ(normal("\xe2\x84\xab"), "\xc3\x85");                        // Angstrom sign
    EXPECT_EQ(normal("q\xcc\x87\xcc\xa3"), normal("q\xcc\xa3\xcc\x87"));  // order of accents
}

TEST(NormalisePassword, leaves_everything_else_alone) {
    for (const std::string text : {"a", "A", " a b ", "\xef\xac\x81", "\xf0\x9f\x94\x91", "\"\\"}) {
        EXPECT_EQ(normal(text), text);
    }
    const std::string longest(password_bytes_max, 'x');
    EXPECT_EQ(normal(longest), longest);
    // What grows most: one character that decomposes and does not compose again.
    std::string growing;
    while (growing.size() + 2 <= password_bytes_max)
        growing += "\xcd\x84";
    EXPECT_NE(normal(growing), "(refused)");
}

TEST(NormalisePassword, refuses_what_nobody_can_type_again) {
    for (const std::string& text :
         {std::string(), std::string("a\0b", 3), std::string("a\nb"), std::string("\x7f"),
          std::string("\xff"), std::string("\xc0\xaf"), std::string("\xed\xa0\x80"),
          std::string("\xe2\x82"), std::string(password_bytes_max + 1, 'x')}) {
        EXPECT_EQ(normal(text), "(refused)");
    }
}

// What the server got when the name was registered, against what another keyboard makes of the same
// password: macOS types decomposed letters (NFD), most others composed ones (NFC).
class Attack28PasswordForms : public testing::Test {
protected:
    [[nodiscard]] crypto::OwnLk login_key(const std::string& typed) const {
        const auto password = normalise_password(crypto::as_bytes(typed));
        crypto::ensure(password.has_value(), "a password that can be typed");
        return crypto::derive_login_key(*password, server_, "alice",
                                        crypto::password_cost_for_tests)
            .value();
    }
    /// Registers with one form, logs in with the other.
    [[nodiscard]] bool logs_in(const std::string& registered, const std::string& typed) const {
        const auto signature = sign_password_login(login_key(typed), context_, "alice");
        return verify_password_login(login_key(registered).public_key(), context_, "alice",
                                     signature);
    }
    crypto::SeededRandom random_{28};
    crypto::CurvePublic server_ = crypto::OwnCurve::generate(random_).public_key();
    crypto::LoginContext context_{.server = server_,
                                  .client = crypto::OwnCurve::generate(random_).public_key(),
                                  .purpose = crypto::LoginPurpose::login,
                                  .client_nonce = random_.array<32>(),
                                  .challenge_ts_ms = 1'800'000'000'000,
                                  .server_nonce = random_.array<32>()};
};

TEST_F(Attack28PasswordForms, NfcAndNfdAreOnePassword) {
    const std::pair<std::string, std::string> forms[] = {
        {"caf\xc3\xa9", "cafe\xcc\x81"},
        {"\xc3\x85ngstr\xc3\xb6m", "A\xcc\x8angstro\xcc\x88m"},
        {"\xea\xb0\x80\xea\xb0\x81",
         "\xe1\x84\x80\xe1\x85\xa1\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"},
        {"\xe1\xbb\x87", "e\xcc\xa3\xcc\x82"},
        {"\xe1\xbb\x87", "e\xcc\x82\xcc\xa3"}};
    for (const auto& [composed, decomposed] : forms) {
        EXPECT_NE(composed, decomposed);
        EXPECT_TRUE(logs_in(composed, decomposed)) << composed;
        EXPECT_TRUE(logs_in(decomposed, composed)) << composed;
    }
}

// Normalising makes nothing else equal: no case, no compatibility forms, no spaces, no accents
// lost.
TEST_F(Attack28PasswordForms, DifferentPasswordsStayDifferent) {
    for (const auto& [registered, typed] : {std::pair{"caf\xc3\xa9", "cafe"},
                                            {"password", "Password"},
                                            {"fi", "\xef\xac\x81"},
                                            {"a b", "a  b"},
                                            {"a", "\xef\xbd\x81"},
                                            {"\xc3\xa9", "\xc3\xa8"}})
        EXPECT_FALSE(logs_in(registered, typed)) << registered << " / " << typed;
}

}  // namespace
}  // namespace sotto::peer::runtime
