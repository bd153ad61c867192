// Changing the vault's passphrase: what is asked, what is refused, what is wiped.
#include <gtest/gtest.h>

#include <string>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

std::string text_of(const crypto::SecretBytes& secret) {
    return {secret.begin(), secret.end()};
}

class Passphrase : public ::testing::Test {
protected:
    Passphrase() {
        fill_home(stage);
        EXPECT_EQ(stage.run("resize 1100 1400\nkey Ctrl+,\nclick \"button:Change passphrase…\"\n"
                            "expect \"password:Passphrase so far\""),
                  "");
    }
    PassphraseForm& form() { return stage.desktop.ui().passphrase_form; }
    void expect_wiped() {
        for (ChatInput* input : {&form().old_one, &form().new_one, &form().again}) {
            EXPECT_TRUE(input->buffer().empty());
        }
        EXPECT_FALSE(form().revealed);
    }
    Stage stage;
};

TEST_F(Passphrase, GoesThroughTheFieldsByKeyboardAlone) {
    // Tab passes the eye of each field.
    EXPECT_EQ(
        stage.run("type \"old secret\"\nkey Tab\nkey Tab\ntype \"new secret words\"\nkey Tab\n"
                  "key Tab\ntype \"new secret words\"\nkey Enter"),
        "");
    const auto* change = stage.last<peer::ChangePassphrase>();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(text_of(change->old_passphrase), "old secret");
    EXPECT_EQ(text_of(change->new_passphrase), "new secret words");
    stage.show(peer::CommandDone{stage.last_id<peer::ChangePassphrase>()});
    EXPECT_EQ(
        stage.run("expect \"Your passphrase is changed\"\nexpect_not \"password:New passphrase\""),
        "");
    expect_wiped();
}

TEST_F(Passphrase, SaysWhatIsMissingAndSendsNothing) {
    EXPECT_EQ(stage.run("click \"button:Change passphrase\""), "");
    EXPECT_EQ(stage.count<peer::ChangePassphrase>(), 0U);
    EXPECT_EQ(stage.run("type old\nclick \"password:New passphrase\"\ntype short\n"
                        "expect \"5 characters: too easy to guess\"\nkey Enter"),
              "");
    EXPECT_EQ(stage.count<peer::ChangePassphrase>(), 0U);
    EXPECT_EQ(stage.run("type er-than-before\nclick \"password:New passphrase again\"\ntype other\n"
                        "expect \"The two are not the same yet\"\nkey Enter"),
              "");
    EXPECT_EQ(stage.count<peer::ChangePassphrase>(), 0U);
}

TEST_F(Passphrase, TheSameOneIsNoChange) {
    EXPECT_EQ(
        stage.run("type \"secret words\"\nclick \"password:New passphrase\"\n"
                  "type \"secret words\"\nexpect \"That is the passphrase you have already\""),
        "");
}

TEST_F(Passphrase, AWrongOldOneIsSaidInWordsAndNothingTypedIsLost) {
    EXPECT_EQ(
        stage.run("type wrong\nclick \"password:New passphrase\"\ntype \"new secret words\"\n"
                  "click \"password:New passphrase again\"\ntype \"new secret words\"\nkey Enter"),
        "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::ChangePassphrase>(),
                                   .error = peer::CommandError::wrong_passphrase});
    EXPECT_EQ(stage.run("expect \"That is not the passphrase of this profile\"\ntype corrected\n"
                        "expect_not \"That is not the passphrase\"\nkey Enter"),
              "");
    ASSERT_EQ(stage.count<peer::ChangePassphrase>(), 2U);
    EXPECT_EQ(text_of(stage.last<peer::ChangePassphrase>()->old_passphrase), "corrected");
}

TEST_F(Passphrase, ClosingWipesWhatWasTyped) {
    EXPECT_EQ(stage.run("type secret\nclick \"password:New passphrase\"\ntype \"more secret\"\n"
                        "key Escape"),
              "");
    EXPECT_EQ(stage.desktop.ui().dialog, Dialog::none);
    expect_wiped();
}

TEST_F(Passphrase, LockingWipesWhatWasTyped) {
    EXPECT_EQ(stage.run("type secret\nkey Ctrl+L"), "");
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    expect_wiped();
}

TEST_F(Passphrase, ANewKeyIsAskedForAndTheHomeComesBack) {
    EXPECT_EQ(
        stage.run("type \"old secret\"\nkey Tab\nkey Tab\ntype \"new secret words\"\nkey Tab\n"
                  "key Tab\ntype \"new secret words\"\nclick \"toggle:Encrypt the history anew\"\n"
                  "click \"button:Change passphrase\""),
        "");
    ASSERT_NE(stage.last<peer::ChangePassphrase>(), nullptr);
    EXPECT_TRUE(stage.last<peer::ChangePassphrase>()->new_key);
    stage.show(peer::VaultChanged{peer::VaultState::unlocking});
    stage.show(opened({contact(1, "elodie")}));
    stage.show(peer::CommandDone{stage.last_id<peer::ChangePassphrase>()});
    EXPECT_EQ(stage.run("expect contact:elodie\nexpect \"Your passphrase is changed\""), "");
    EXPECT_FALSE(stage.desktop.ui().passphrase_form.new_key);
}

// The other one: of the account, at the server.
class AccountPassword : public ::testing::Test {
protected:
    AccountPassword() {
        fill_home(stage);
        EXPECT_EQ(
            stage.run("resize 1100 1400\nkey Ctrl+,\nclick \"button:Change account password…\"\n"
                      "expect \"This is the password of your account on the server\"\n"
                      "expect \"password:Account password so far\""),
            "");
    }
    void fill_in() {
        EXPECT_EQ(
            stage.run("type \"old secret\"\nkey Tab\nkey Tab\ntype \"new secret words\"\nkey Tab\n"
                      "key Tab\ntype \"new secret words\""),
            "");
    }
    void refuse(peer::CommandError error) {
        stage.show(peer::CommandFailed{.command = stage.last_id<peer::ChangeAccountPassword>(),
                                       .error = error});
    }
    Stage stage;
};

TEST_F(AccountPassword, ChangesBothByKeyboardAloneUnlessToldOtherwise) {
    fill_in();
    EXPECT_EQ(stage.run("key Enter"), "");
    const auto* change = stage.last<peer::ChangeAccountPassword>();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(text_of(change->old_password), "old secret");
    EXPECT_EQ(text_of(change->new_password), "new secret words");
    EXPECT_TRUE(change->also_passphrase);
    EXPECT_EQ(stage.count<peer::ChangePassphrase>(), 0U);
    stage.show(peer::CommandDone{stage.last_id<peer::ChangeAccountPassword>()});
    EXPECT_EQ(stage.run("expect \"Your account's password and your passphrase are changed\"\n"
                        "expect_not \"password:New account password\""),
              "");
    EXPECT_TRUE(stage.desktop.ui().passphrase_form.old_one.buffer().empty());
}

TEST_F(AccountPassword, AloneWhereThePassphraseIsAnother) {
    fill_in();
    EXPECT_EQ(stage.run("key Enter"), "");
    refuse(peer::CommandError::wrong_passphrase);
    EXPECT_EQ(stage.run("expect \"The passphrase of this computer is not this password\"\n"
                        "click \"toggle:Change the passphrase of this computer too\"\n"
                        "click \"button:Change password\""),
              "");
    ASSERT_EQ(stage.count<peer::ChangeAccountPassword>(), 2U);
    EXPECT_FALSE(stage.last<peer::ChangeAccountPassword>()->also_passphrase);
    stage.show(peer::CommandDone{stage.last_id<peer::ChangeAccountPassword>()});
    EXPECT_EQ(stage.run("expect \"your passphrase is as before\""), "");
}

TEST_F(AccountPassword, RefusalsAreSaidInItsOwnWords) {
    fill_in();
    EXPECT_EQ(stage.run("key Enter"), "");
    refuse(peer::CommandError::wrong_credentials);
    EXPECT_EQ(stage.run("expect \"The server does not accept this password\"\nkey Enter"), "");
    refuse(peer::CommandError::passphrase_kept);
    EXPECT_EQ(stage.run("expect \"it is still the old one\"\nkey Enter"), "");
    refuse(peer::CommandError::password_unclear);
    EXPECT_EQ(stage.run("expect \"The server's answer was lost\""), "");
}

TEST_F(Passphrase, IsNeverInTheSemanticTreeOrTheClipboard) {
    EXPECT_EQ(
        stage.run("type hunter22\nexpect_not hunter22\nkey Ctrl+A\npaste nothing\nkey Ctrl+A\n"
                  "key Ctrl+C\nexpect_clip nothing"),
        "");
}

}  // namespace
}  // namespace sotto::ui::testing
