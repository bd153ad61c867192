// Creating an account and unlocking one: what may be typed, what is posted, what a refusal says.
#include <gtest/gtest.h>

#include <string>

#include "peer/server_link.hpp"
#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

using peer::CommandError;

constexpr const char* good_name_and_password = R"(
click "input:Your name"
type marie.curie
click "password:Password"
type "radium and polonium"
click "password:Password again"
type "radium and polonium"
)";

std::string secret_text(const crypto::SecretBytes& secret) {
    return {secret.begin(), secret.end()};
}

class FirstStart : public ::testing::Test {
protected:
    FirstStart() {
        stage.desktop.ui().register_form.server.buffer().set_text(peer::to_link(server()));
        stage.show(peer::VaultChanged{peer::VaultState::absent});
    }
    void refuse(CommandError error) {
        stage.show(peer::CommandFailed{.command = stage.last_id<peer::Register>(), .error = error});
    }
    Stage stage;
};

TEST_F(FirstStart, PostsRegisterOnceWithWhatWasTyped) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("click \"toggle:List me in the directory\"\n"
                        "click \"button:Create my account\"\n"
                        "click \"button:Create my account\""),
              "");
    ASSERT_EQ(stage.count<peer::Register>(), 1U);
    const auto& posted = *stage.last<peer::Register>();
    EXPECT_EQ(posted.server, server());
    EXPECT_EQ(posted.username, "marie.curie");
    EXPECT_EQ(secret_text(posted.password), "radium and polonium");
    EXPECT_EQ(secret_text(posted.vault_passphrase), "radium and polonium");
    EXPECT_FALSE(posted.listed);
}

TEST_F(FirstStart, EnterSendsToo) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    EXPECT_EQ(stage.count<peer::Register>(), 1U);
}

TEST_F(FirstStart, SaysWhichPartOfTheLinkIsWrongWhileItIsTyped) {
    EXPECT_EQ(stage.run("expect \"Server chat.example.org, port 7313\"\n"
                        "click \"input:Server link\"\n"
                        "key Ctrl+A\n"
                        "type \"https://example.org\"\n"
                        "expect \"A server link begins with sotto://\"\n"
                        "key Ctrl+A\n"
                        "type \"sotto://host:99999/abc\"\n"
                        "expect \"The address in this link is not complete\"\n"
                        "key Ctrl+A\n"
                        "type \"sotto://host:7313/abc\"\n"
                        "expect \"The key in this link is incomplete\""),
              "");
}

TEST_F(FirstStart, ExplainsTheRuleOfNamesWhileItIsTyped) {
    EXPECT_EQ(stage.run("expect \"3 to 32 characters\"\n"
                        "click \"input:Your name\"\n"
                        "type ma\n"
                        "expect \"At least 3 characters\"\n"
                        "type rie\n"
                        "expect \"This is how others will find you\"\n"
                        "type é\n"
                        "expect \"“é” is not possible in a name\"\n"
                        "key Backspace\n"
                        "type C\n"
                        "expect \"Small letters only, please\""),
              "");
}

TEST_F(FirstStart, PostsNothingWhileSomethingIsMissing) {
    EXPECT_EQ(stage.run("click \"button:Create my account\""), "");
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("type !\nexpect \"The two are not the same yet\"\nkey Enter"), "");
    EXPECT_EQ(stage.count<peer::Register>(), 0U);
}

TEST_F(FirstStart, AShortPasswordIsRefused) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("click \"password:Password\"\n"
                        "key Ctrl+A\ntype short\n"
                        "expect \"5 characters: too easy to guess\"\n"
                        "click \"password:Password again\"\n"
                        "key Ctrl+A\ntype short\nkey Enter"),
              "");
    EXPECT_EQ(stage.count<peer::Register>(), 0U);
}

TEST_F(FirstStart, ARefusalKeepsEverythingAndSaysWhatToDo) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    refuse(CommandError::name_taken);
    EXPECT_EQ(stage.run("expect \"alert:Somebody on this server already has this name. Choose "
                        "another one; the rest is kept.\"\n"
                        "expect_value \"input:Your name\" marie.curie\n"
                        "click \"input:Your name\"\ntype 2\nclick \"button:Create my account\"\n"
                        "expect_not \"alert:Somebody\""),
              "");
    ASSERT_EQ(stage.count<peer::Register>(), 2U);
    EXPECT_EQ(stage.last<peer::Register>()->username, "marie.curie2");
    EXPECT_EQ(secret_text(stage.last<peer::Register>()->password), "radium and polonium");
}

TEST_F(FirstStart, TellsAServerThatIsSilentFromOneThatIsAnother) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    refuse(CommandError::server_unreachable);
    EXPECT_EQ(stage.run("expect \"The server does not answer\""), "");
    EXPECT_EQ(stage.run("click \"button:Create my account\""), "");
    refuse(CommandError::server_wrong_key);
    EXPECT_EQ(stage.run("expect \"its key is another. Nothing was sent\""), "");
}

TEST_F(FirstStart, ShowsHowFarItIs) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    stage.show(peer::VaultChanged{peer::VaultState::unlocking});
    EXPECT_EQ(stage.run("expect \"Turning the password into keys\""), "");
    stage.take(peer::VaultChanged{peer::VaultState::open});
    stage.show(peer::ServerStateChanged{peer::ServerState::connecting});
    EXPECT_EQ(stage.run("expect \"Reaching chat.example.org\""), "");
    stage.show(peer::ServerStateChanged{peer::ServerState::online});
    EXPECT_EQ(stage.run("expect \"Registering marie.curie\""), "");
}

TEST_F(FirstStart, AFullQueueIsSaidAndNothingIsLost) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    stage.desktop.refuse(stage.last_id<peer::Register>());
    EXPECT_EQ(stage.run("frames 3\nexpect \"Sotto is busy\"\n"
                        "expect_value \"input:Your name\" marie.curie"),
              "");
}

TEST_F(FirstStart, LeadsHomeAndForgetsThePassword) {
    EXPECT_EQ(stage.run(good_name_and_password), "");
    EXPECT_EQ(stage.run("key Enter"), "");
    stage.take(peer::VaultChanged{peer::VaultState::open});
    stage.take(opened());
    stage.show(peer::CommandDone{stage.last_id<peer::Register>()});
    EXPECT_EQ(stage.run("expect \"Choose someone to talk to\""), "");
    EXPECT_TRUE(stage.desktop.ui().register_form.password.buffer().empty());
    EXPECT_TRUE(stage.desktop.ui().register_form.again.buffer().empty());
    EXPECT_EQ(stage.desktop.ui().settings.name, "alice");
    EXPECT_EQ(stage.desktop.title(), "Sotto - alice");
}

class Unlocking : public ::testing::Test {
protected:
    Unlocking() {
        stage.desktop.ui().settings.name = "alice";
        stage.desktop.ui().settings.account = account(1000);
        stage.show(peer::VaultChanged{peer::VaultState::locked});
    }
    Stage stage;
};

TEST_F(Unlocking, GreetsAndTakesThePassphraseAtOnce) {
    EXPECT_EQ(stage.run("expect \"Welcome, alice\"\ntype \"open sesame\"\nkey Enter"), "");
    ASSERT_EQ(stage.count<peer::Unlock>(), 1U);
    EXPECT_EQ(secret_text(stage.last<peer::Unlock>()->vault_passphrase), "open sesame");
}

TEST_F(Unlocking, GreetsNobodyByNameWhenThatIsSwitchedOff) {
    stage.desktop.ui().settings.greet = false;
    EXPECT_EQ(stage.run("frames 2\nexpect_not alice\nexpect \"Welcome back\""), "");
}

TEST_F(Unlocking, AWrongPassphraseIsSelectedSoThatTypingReplacesIt) {
    EXPECT_EQ(stage.run("type wrong\nkey Enter"), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::Unlock>(),
                                   .error = CommandError::wrong_passphrase});
    EXPECT_EQ(stage.run("expect \"That is not the passphrase of this profile\"\n"
                        "type right\nexpect_not \"That is not\"\nkey Enter"),
              "");
    EXPECT_EQ(secret_text(stage.last<peer::Unlock>()->vault_passphrase), "right");
}

TEST_F(Unlocking, AProfileInUseIsExplained) {
    EXPECT_EQ(stage.run("type word\nkey Enter"), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::Unlock>(),
                                   .error = CommandError::profile_in_use});
    EXPECT_EQ(stage.run("expect \"Another Sotto window has this profile open\""), "");
}

}  // namespace
}  // namespace sotto::ui::testing
