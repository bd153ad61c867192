// Contact requests, in both directions.
#include <gtest/gtest.h>

#include <string>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

using peer::ContactState;

class Requests : public ::testing::Test {
protected:
    Requests() { fill_home(stage); }
    void ask() {
        peer::Contact asking =
            contact(60, "marie", ContactState::request_received, peer::Presence::unknown);
        asking.request_text = "It is Marie, from Tuesday.";
        asking.changed_at = stage_now;
        stage.show(peer::ContactChanged{asking});
        EXPECT_EQ(stage.run("expect \"heading:Contact requests\"\nclick contact:marie"), "");
    }
    Stage stage;
};

TEST_F(Requests, AreOnTopAndShowTheirWords) {
    ask();
    EXPECT_EQ(stage.run("expect \"marie wants to talk to you\"\n"
                        "expect \"quote:It is Marie, from Tuesday.\"\n"
                        "expect_not \"Message to marie\""),
              "");
}

TEST_F(Requests, AcceptShowsNoAddressUnlessToldTo) {
    ask();
    EXPECT_EQ(stage.run("click button:Accept"), "");
    ASSERT_NE(stage.last<peer::AcceptContact>(), nullptr);
    EXPECT_EQ(stage.last<peer::AcceptContact>()->account, account(60));
    EXPECT_FALSE(stage.last<peer::AcceptContact>()->allow_direct);
}

TEST_F(Requests, AcceptWithADirectConnection) {
    ask();
    EXPECT_EQ(stage.run("click \"toggle:Direct connection: shows your IP address to marie\"\n"
                        "click button:Accept"),
              "");
    EXPECT_TRUE(stage.last<peer::AcceptContact>()->allow_direct);
    stage.show(peer::ContactChanged{contact(60, "marie")});
    EXPECT_EQ(stage.run("expect \"input:Message to marie\"\nexpect_not \"wants to talk\""), "");
}

TEST_F(Requests, IgnoreAndComeBackToIt) {
    ask();
    EXPECT_EQ(stage.run("click button:Ignore"), "");
    EXPECT_EQ(stage.last<peer::IgnoreContact>()->account, account(60));
    stage.show(
        peer::ContactChanged{contact(60, "marie", ContactState::ignored, peer::Presence::unknown)});
    EXPECT_EQ(stage.run("expect_not contact:marie\nkey Ctrl+K\ntype marie\nexpect contact:marie\n"
                        "click \"button:Accept after all\""),
              "");
    EXPECT_EQ(stage.last<peer::AcceptContact>()->account, account(60));
}

TEST_F(Requests, BlockAsksFirst) {
    ask();
    EXPECT_EQ(stage.run("click button:Block\nexpect \"Block marie?\"\nkey Escape"), "");
    EXPECT_EQ(stage.last<peer::BlockContact>(), nullptr);
    EXPECT_EQ(stage.run("click button:Block\nkey Tab\nexpect \"Block marie?\""), "");
    const Node* confirm = nullptr;
    for (const Node& node : stage.driver->tree().nodes()) {
        if (node.role == "button" && node.label == "Block") {
            confirm = &node;  // the last one is the dialog's
        }
    }
    ASSERT_NE(confirm, nullptr);
    stage.driver->click(confirm->centre());
    ASSERT_NE(stage.last<peer::BlockContact>(), nullptr);
    EXPECT_EQ(stage.last<peer::BlockContact>()->account, account(60));
}

TEST_F(Requests, WaitingForAnAnswerAllowsWriting) {
    stage.show(peer::ContactChanged{
        contact(61, "niels", ContactState::request_sent, peer::Presence::unknown)});
    EXPECT_EQ(
        stage.run("key Ctrl+K\ntype niels\nkey Enter\nexpect \"Waiting for niels to accept\"\n"
                  "type \"already here\"\nkey Enter"),
        "");
    ASSERT_NE(stage.last<peer::SendText>(), nullptr);
    EXPECT_EQ(stage.last<peer::SendText>()->to, account(61));
}

TEST_F(Requests, ToAMemberCarriesTheWords) {
    EXPECT_EQ(stage.run("key Ctrl+K\ntype zoe\nclick member:zoe\n"
                        "expect_value \"input:Name on this server\" zoe\n"
                        "type \"Hello Zoe\"\nexpect \"9 / 300\"\nclick \"button:Send request\""),
              "");
    ASSERT_NE(stage.last<peer::SendContactRequest>(), nullptr);
    EXPECT_EQ(stage.last<peer::SendContactRequest>()->username, "zoe");
    EXPECT_EQ(stage.last<peer::SendContactRequest>()->text, "Hello Zoe");
    EXPECT_FALSE(stage.last<peer::SendContactRequest>()->allow_direct);
    stage.take(peer::ContactChanged{
        contact(50, "zoe", ContactState::request_sent, peer::Presence::unknown)});
    stage.show(peer::CommandDone{stage.last_id<peer::SendContactRequest>()});
    EXPECT_EQ(stage.run("expect conversation:zoe\nexpect_not \"Write to somebody new\""), "");
}

TEST_F(Requests, ToAnUnknownNameStayOpenAndSaySo) {
    EXPECT_EQ(stage.run("click \"button:Add a contact\"\ntype nobody.here\n"
                        "click \"button:Send request\""),
              "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SendContactRequest>(),
                                   .error = peer::CommandError::no_such_name});
    EXPECT_EQ(stage.run("expect \"No request was sent. Nobody on this server has this name\"\n"
                        "expect_value \"input:Name on this server\" nobody.here"),
              "");
}

TEST_F(Requests, WordsBeyondTheLimitAreNotSent) {
    EXPECT_EQ(stage.run("click \"button:Add a contact\"\ntype zoe"), "");
    stage.desktop.ui().request_form.text.buffer().set_text(std::string(301, 'x'));
    EXPECT_EQ(stage.run("frames 2\nexpect \"301 / 300\"\nclick \"button:Send request\""), "");
    EXPECT_EQ(stage.last<peer::SendContactRequest>(), nullptr);
    stage.desktop.ui().request_form.text.buffer().set_text(std::string(300, 'x'));
    EXPECT_EQ(stage.run("click \"button:Send request\""), "");
    EXPECT_NE(stage.last<peer::SendContactRequest>(), nullptr);
}

}  // namespace
}  // namespace sotto::ui::testing
