// A contact whose keys changed: nothing can be sent, and the person decides in words they
// understand.
#include <gtest/gtest.h>

#include <string>

#include "crypto/verify.hpp"
#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

class KeyChange : public ::testing::Test {
protected:
    KeyChange() {
        stage.show(opened({contact(1, "elodie"), contact(2, "bob")}));
        EXPECT_EQ(stage.run("resize 1000 900\nclick contact:elodie\ntype \"my draft\""), "");
    }
    void keys_change(bool verified) {
        peer::Contact changed = contact(1, "elodie");
        changed.verified = verified;
        changed.new_key = account(500);
        stage.show(peer::ContactChanged{changed});
    }
    std::string draft(unsigned number) {
        return stage.desktop.ui().thread(account(number)).composer.text();
    }
    Stage stage;
};

TEST_F(KeyChange, BlocksTheComposerOfThisContactOnly) {
    keys_change(false);
    EXPECT_EQ(stage.run("expect \"elodie's keys have changed\"\n"
                        "expect \"none is sent until you decide\"\n"
                        "expect_not \"input:Message to elodie\"\nexpect_not button:Send\n"
                        "expect_value contact:elodie \"Keys changed: nothing is sent\"\n"
                        "type hello\nkey Enter"),
              "");
    EXPECT_EQ(stage.count<peer::SendText>(), 0U);
    EXPECT_EQ(draft(1), "my draft");
    EXPECT_EQ(
        stage.run("click contact:bob\nexpect \"input:Message to bob\"\ntype hello\nkey Enter"), "");
    EXPECT_EQ(stage.count<peer::SendText>(), 1U);
}

TEST_F(KeyChange, TheNumberIsTheNewKeys) {
    keys_change(false);
    const std::string number = crypto::grouped(crypto::safety_number(account(1000), account(500)));
    EXPECT_EQ(stage.run("click \"button:Compare safety number\"\nexpect \"safety-number:" + number +
                        "\"\nexpect \"number of elodie's new key\"\n"
                        "expect_not \"button:Mark as verified\""),
              "");
}

TEST_F(KeyChange, AcceptingTakesTheDraftAlongAndSendsNothing) {
    keys_change(false);
    EXPECT_EQ(stage.run("click \"button:Accept the new key…\"\n"
                        "expect \"The old one is blocked\"\nclick \"button:Accept the new key\""),
              "");
    const auto* choice = stage.last<peer::AcceptKey>();
    ASSERT_NE(choice, nullptr);
    EXPECT_EQ(choice->account, account(1));
    EXPECT_EQ(choice->key, account(500));
    EXPECT_FALSE(choice->although_verified);
    stage.take(peer::ContactChanged{contact(1, "elodie", peer::ContactState::blocked)});
    stage.take(peer::ContactChanged{contact(500, "elodie", peer::ContactState::request_sent)});
    stage.show(peer::CommandDone{stage.last_id<peer::AcceptKey>()});
    EXPECT_EQ(stage.desktop.ui().selected, account(500));
    EXPECT_EQ(stage.run("expect \"toast:elodie's new key is accepted\"\n"
                        "expect_value \"input:Message to elodie\" \"my draft\""),
              "");
    EXPECT_EQ(draft(1), "");
    EXPECT_EQ(stage.count<peer::SendText>(), 0U);
}

TEST_F(KeyChange, AVerifiedContactTakesASecondExplicitStep) {
    keys_change(true);
    EXPECT_EQ(stage.run("expect \"You had verified elodie's old keys\"\n"
                        "click \"button:Accept the new key…\"\n"
                        "expect \"You had verified the old key\"\nclick button:Cancel"),
              "");
    EXPECT_EQ(stage.count<peer::AcceptKey>(), 0U);
    EXPECT_EQ(stage.run("click \"button:Accept the new key…\"\n"
                        "click \"button:Accept it all the same\""),
              "");
    ASSERT_NE(stage.last<peer::AcceptKey>(), nullptr);
    EXPECT_TRUE(stage.last<peer::AcceptKey>()->although_verified);
}

TEST_F(KeyChange, KeepingTheOldKeyGivesTheComposerBack) {
    keys_change(true);
    EXPECT_EQ(stage.run("click \"button:Stay with the old key\""), "");
    const auto* choice = stage.last<peer::AcceptKey>();
    ASSERT_NE(choice, nullptr);
    EXPECT_EQ(choice->key, account(1));
    EXPECT_FALSE(choice->although_verified);
    stage.take(peer::ContactChanged{contact(1, "elodie")});
    stage.show(peer::CommandDone{stage.last_id<peer::AcceptKey>()});
    EXPECT_EQ(stage.run("expect_value \"input:Message to elodie\" \"my draft\"\n"
                        "expect_not \"keys have changed\""),
              "");
}

TEST_F(KeyChange, ARefusalIsSaidAndTheQuestionStays) {
    keys_change(false);
    EXPECT_EQ(stage.run("click \"button:Stay with the old key\""), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::AcceptKey>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(stage.run("expect \"Nothing was decided about elodie's keys\"\n"
                        "expect \"elodie's keys have changed\""),
              "");
}

TEST_F(KeyChange, CanBeDecidedInTheSmallestWindow) {
    keys_change(true);
    EXPECT_EQ(stage.run("resize 480 360\nexpect \"elodie's keys have changed\"\nmove 240 300\n"
                        "wheel -60\nexpect \"button:Stay with the old key\""),
              "");
}

}  // namespace
}  // namespace sotto::ui::testing
