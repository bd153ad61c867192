// The safety number, the code, and the mark "verified".
#include <gtest/gtest.h>

#include <string>

#include "crypto/verify.hpp"
#include "stage.hpp"
#include "ui/code_check.hpp"
#include "ui/qr.hpp"

namespace sotto::ui::testing {
namespace {

const peer::AccountId alice = account(1000);
const peer::AccountId elodie = account(1);

std::string code_of(const peer::AccountId& own, const peer::AccountId& other) {
    return crypto::to_text(
        crypto::VerificationCode{.own = own,
                                 .peer = other,
                                 .dev_list = {.seq = 3, .hash8 = {1, 2, 3}},
                                 .server = crypto::server_key_hash8(server().key)});
}

class Safety : public ::testing::Test {
protected:
    Safety() {
        peer::Opened world = opened({contact(1, "elodie")});
        world.own_list = {.seq = 7, .hash8 = {9}};
        stage.show(world);
        EXPECT_EQ(stage.run("resize 900 1100\nclick contact:elodie\nclick button:More\n"
                            "click \"Safety number…\""),
                  "");
    }
    void contact_is_verified(bool verified) {
        peer::Contact changed = contact(1, "elodie");
        changed.verified = verified;
        stage.show(peer::ContactChanged{changed});
        stage.show(peer::CommandDone{stage.last_id<peer::VerifyContact>()});
    }
    Stage stage;
};

TEST_F(Safety, ShowsTheSixtyDigitsBothSidesHave) {
    const std::string number = crypto::grouped(crypto::safety_number(elodie, alice));
    ASSERT_EQ(number.size(), 71U);
    EXPECT_EQ(stage.run("expect \"safety-number:" + number + "\"\n" +
                        "expect \"You have not verified elodie yet.\"\n"
                        "click \"button:Copy the number\"\nexpect_clip \"" +
                        number + "\""),
              "");
}

TEST_F(Safety, TheCodeHoldsBothKeysTheListAndTheServer) {
    EXPECT_EQ(stage.run("click \"button:Copy my code\""), "");
    const auto code = crypto::parse_verification_code(stage.desktop.ui().safety_form.code);
    ASSERT_TRUE(code.has_value());
    EXPECT_EQ(code->own, alice);
    EXPECT_EQ(code->peer, elodie);
    EXPECT_EQ(code->dev_list, (crypto::GossipMark{.seq = 7, .hash8 = {9}}));
    EXPECT_EQ(code->server, crypto::server_key_hash8(server().key));
    EXPECT_EQ(stage.run("expect qr:" + stage.desktop.ui().safety_form.code + "\nexpect_clip \"" +
                        stage.desktop.ui().safety_form.code + "\""),
              "");
}

TEST_F(Safety, AMatchingCodeIsSaidAndMarksNobodyByItself) {
    EXPECT_EQ(stage.run("click \"input:elodie's code\"\npaste \"" + code_of(elodie, alice) +
                        "\"\nexpect \"The codes match\""),
              "");
    EXPECT_EQ(stage.count<peer::VerifyContact>(), 0U);
}

TEST_F(Safety, SwappedRolesAreRejected) {
    EXPECT_EQ(stage.run("click \"input:elodie's code\"\npaste \"" + code_of(alice, elodie) +
                        "\"\nexpect \"This is your own code\"\n"
                        "expect_not \"The codes match\""),
              "");
}

TEST_F(Safety, SomebodyBetweenIsSaid) {
    EXPECT_EQ(stage.run("click \"input:elodie's code\"\npaste \"" + code_of(elodie, account(66)) +
                        "\"\nexpect \"elodie holds another key for you\"\nkey Ctrl+A\n"
                        "paste \"" +
                        code_of(account(66), alice) +
                        "\"\nexpect \"This code is not elodie's\"\nkey Ctrl+A\n"
                        "paste PM1I:AAAA\nexpect \"This is a code of Sotto for something\"\n"
                        "key Ctrl+A\npaste hello\nexpect \"This is not a code of Sotto\""),
              "");
}

TEST_F(Safety, MarkingAndClearing) {
    EXPECT_EQ(stage.run("click \"button:Mark as verified\""), "");
    const auto* mark = stage.last<peer::VerifyContact>();
    ASSERT_NE(mark, nullptr);
    EXPECT_EQ(mark->account, elodie);
    EXPECT_TRUE(mark->verified);
    contact_is_verified(true);
    EXPECT_EQ(
        stage.run("expect \"toast:elodie is verified\"\nexpect \"You have verified elodie.\"\n"
                  "click \"button:No longer verified\""),
        "");
    EXPECT_FALSE(stage.last<peer::VerifyContact>()->verified);
    contact_is_verified(false);
    EXPECT_EQ(stage.run("expect \"You have not verified elodie yet.\""), "");
}

TEST_F(Safety, ARefusalIsSaidAndNothingLooksVerified) {
    EXPECT_EQ(stage.run("click \"button:Mark as verified\""), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::VerifyContact>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(stage.run("expect \"Nothing was noted about elodie\"\n"
                        "expect \"You have not verified elodie yet.\"\n"
                        "click \"button:Mark as verified\""),
              "");
    EXPECT_EQ(stage.count<peer::VerifyContact>(), 2U);
}

TEST_F(Safety, TheBadgeInTheHeaderLeadsToTheNumber) {
    EXPECT_EQ(stage.run("key Escape\nexpect_not safety-number:"), "");
    contact_is_verified(true);
    EXPECT_EQ(stage.run("click \"You compared the safety number\"\n"
                        "expect \"Safety number with elodie\""),
              "");
}

TEST_F(Safety, FitsTheSmallestWindowByScrolling) {
    EXPECT_EQ(stage.run("resize 480 360\nexpect \"Safety number with elodie\"\n"
                        "move 240 200\nwheel -60\nexpect \"button:Mark as verified\""),
              "");
}

TEST_F(Safety, LockingForgetsNumberAndCode) {
    EXPECT_EQ(stage.run("key Ctrl+L"), "");
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    EXPECT_TRUE(stage.desktop.ui().safety_form.number.empty());
    EXPECT_TRUE(stage.desktop.ui().safety_form.code.empty());
    EXPECT_EQ(stage.run("expect_not safety-number:\nexpect_not elodie"), "");
}

// --- the pure parts

TEST(CodeCheck, ForgivesTheLineBreaksOfMails) {
    std::string code = code_of(elodie, alice);
    code.insert(70, "\r\n ");
    EXPECT_EQ(check_code("  " + code + "\n", alice, elodie), CodeAnswer::match);
}

TEST(CodeCheck, ToldApart) {
    EXPECT_EQ(check_code(" \n", alice, elodie), CodeAnswer::none);
    const std::string whole = code_of(elodie, alice);
    EXPECT_EQ(check_code(whole.substr(0, whole.size() - 4), alice, elodie), CodeAnswer::damaged);
    EXPECT_EQ(check_code("PM1L:AAAA", alice, elodie), CodeAnswer::other_purpose);
    EXPECT_EQ(check_code("12345 67890", alice, elodie), CodeAnswer::not_a_code);
}

TEST(QrCodeTest, HasTheThreeFindersAndRefusesWhatIsTooLong) {
    const auto code = make_qr(code_of(elodie, alice));
    ASSERT_TRUE(code.has_value());
    ASSERT_EQ(code->modules.size(), code->side * code->side);
    const auto finder_at = [&](std::size_t x, std::size_t y) {
        return code->dark(x, y) && !code->dark(x + 1, y + 1) && code->dark(x + 3, y + 3);
    };
    EXPECT_TRUE(finder_at(0, 0));
    EXPECT_TRUE(finder_at(code->side - 7, 0));
    EXPECT_TRUE(finder_at(0, code->side - 7));
    EXPECT_FALSE(finder_at(code->side - 7, code->side - 7));
    EXPECT_FALSE(make_qr(""));
    EXPECT_FALSE(make_qr(std::string(301, 'x')));
}

}  // namespace
}  // namespace sotto::ui::testing
