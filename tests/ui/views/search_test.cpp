// Looking for words in messages: what is asked, what is shown, and the way to the message itself.
#include <gtest/gtest.h>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

class MessageSearch : public ::testing::Test {
protected:
    MessageSearch() {
        fill_home(stage);
        stage.history.clear();
        for (std::uint64_t row = 1; row <= 3000; ++row) {
            stage.history.push_back(
                message(row, 1, "message " + std::to_string(row), {.minutes_ago = 4000 - row}));
        }
    }
    void found(const std::string& query, std::vector<peer::Message> messages) {
        stage.show(peer::HistoryHits{.query = query, .messages = std::move(messages)});
    }
    Stage stage;
};

TEST_F(MessageSearch, AsksForMessagesInAllConversationsWhileTyping) {
    EXPECT_EQ(stage.run("key Ctrl+K\ntype station\nframes 20"), "");
    ASSERT_NE(stage.last<peer::SearchHistory>(), nullptr);
    EXPECT_EQ(stage.last<peer::SearchHistory>()->query, "station");
    EXPECT_FALSE(stage.last<peer::SearchHistory>()->peer.has_value());
    found("station", {message(62, 3, "See you at the station")});
    EXPECT_EQ(stage.run("expect heading:Messages\nexpect \"hit:See you at the station\""), "");
}

TEST_F(MessageSearch, LeadsToAMessageInMemoryAndLightsItUp) {
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+F\ntype 2980\nframes 20"), "");
    ASSERT_NE(stage.last<peer::SearchHistory>(), nullptr);
    EXPECT_EQ(stage.last<peer::SearchHistory>()->peer, account(1));
    found("2980", {stage.history[2979]});
    const auto asked = stage.count<peer::LoadHistory>();
    EXPECT_EQ(stage.run("click \"hit:message 2980\"\nexpect \"message:message 2980\""), "");
    EXPECT_EQ(stage.count<peer::LoadHistory>(), asked) << "it was there already";
    EXPECT_EQ(stage.desktop.ui().thread(account(1)).flash_row, 2980U);
    EXPECT_EQ(stage.run("frames 150"), "");
    EXPECT_EQ(stage.desktop.ui().thread(account(1)).flash_row, 0U);
}

TEST_F(MessageSearch, LeadsFarBackWithWhatWasSaidAroundItAndBackAgain) {
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+F\ntype \"message 77\"\nframes 20"), "");
    found("message 77", {stage.history[76]});
    EXPECT_EQ(stage.run("click \"hit:message 77\"\nexpect \"message:message 77\"\n"
                        "expect \"message:message 78\"\nexpect_not \"message:message 3000\""),
              "");
    const Conversation* conversation = stage.desktop.model().conversation(account(1));
    EXPECT_TRUE(conversation->newer());
    // What arrives meanwhile does not stand behind words of another day.
    const peer::Message fresh = message(3001, 1, "fresh", {.read = false});
    stage.history.push_back(fresh);
    stage.show(peer::MessageAdded{fresh});
    EXPECT_FALSE(conversation->has_row(3001));
    EXPECT_EQ(stage.run("click \"button:To the newest message\"\nexpect message:fresh"), "");
    EXPECT_FALSE(stage.desktop.model().conversation(account(1))->newer());
}

// Rows are far apart: other conversations take numbers in between.
TEST_F(MessageSearch, WhatWasAnsweredIsReadByScrollingOnToToday) {
    for (peer::Message& each : stage.history) {
        each.row <<= 20U;
    }
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+F\ntype \"message 77\"\nframes 20"), "");
    found("message 77", {stage.history[76]});
    EXPECT_EQ(stage.run("click \"hit:message 77\"\nexpect \"message:message 77\"\n"
                        "expect \"message:message 78\""),
              "");
    const Conversation* conversation = stage.desktop.model().conversation(account(1));
    const std::uint64_t end = conversation->last_row();
    EXPECT_EQ(end, stage.history[76 + 99].row) << "one page of what came after it";
    for (int i = 0; i < 60 && conversation->last_row() == end; ++i) {
        EXPECT_EQ(stage.run("wheel 700 300 -10\nframes 2"), "");
    }
    EXPECT_EQ(stage.run("frames 30"), "");
    EXPECT_EQ(conversation->last_row(), stage.history[76 + 199].row) << "one more, not all";
    for (int i = 0; i < 2000 && conversation->newer(); ++i) {
        EXPECT_EQ(stage.run("wheel 700 300 -100\nframes 2"), "");
    }
    EXPECT_EQ(conversation->last_row(), stage.history.back().row);
}

TEST_F(MessageSearch, SendingLeadsBackToTheNewest) {
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+F\ntype \"message 77\"\nframes 20"), "");
    found("message 77", {stage.history[76]});
    EXPECT_EQ(stage.run("click \"hit:message 77\"\ntype hello\nkey Enter\n"
                        "expect \"message:message 3000\""),
              "");
}

TEST_F(MessageSearch, SaysThatThereIsNothing) {
    EXPECT_EQ(stage.run("click contact:elodie\nclick \"button:Search in this conversation\"\n"
                        "expect \"Type words of a message\"\ntype qqq\nframes 20"),
              "");
    found("qqq", {});
    EXPECT_EQ(stage.run("expect \"No message has “qqq”\"\nkey Escape\n"
                        "expect contact:pushkin"),
              "");
}

TEST_F(MessageSearch, LockingForgetsWhatWasFound) {
    EXPECT_EQ(stage.run("key Ctrl+K\ntype station\nframes 20"), "");
    found("station", {message(62, 3, "See you at the station")});
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    EXPECT_TRUE(stage.desktop.model().hits.messages.empty());
    EXPECT_EQ(stage.desktop.model().hits.query, "");
}

TEST_F(MessageSearch, F1ShowsTheKeys) {
    EXPECT_EQ(stage.run("key F1\nexpect Keyboard\nexpect \"Search in this conversation\"\n"
                        "key Escape\nexpect_not \"These keys\""),
              "");
}

TEST(ServerLost, IsSaidAfterAMomentWithWhatGoesOn) {
    Stage stage;
    fill_home(stage);
    stage.show(peer::ServerStateChanged{peer::ServerState::offline});
    EXPECT_EQ(stage.run("frames 120\nexpect_not \"What you write is kept\""), "");
    EXPECT_EQ(stage.run("frames 180\nexpect \"What you write is kept\"\nexpect contact:elodie"),
              "");
    stage.show(peer::ServerStateChanged{peer::ServerState::online});
    EXPECT_EQ(stage.run("settle\nexpect_not \"What you write is kept\""), "");
}

TEST(WideWindow, WhatIsSaidStaysTogether) {
    Stage stage({.width = 2560, .height = 1440});
    fill_home(stage);
    EXPECT_EQ(stage.run("click contact:elodie"), "");
    const Node* mine = stage.driver->tree().find("message:J'apporte les billets.");
    const Node* theirs = stage.driver->tree().find("message:😂😂😂");
    ASSERT_NE(mine, nullptr);
    ASSERT_NE(theirs, nullptr);
    EXPECT_LE(mine->max.x - theirs->min.x, 1000.0F);
}

TEST(TabKey, GoesThroughTheWholeWindow) {
    Stage stage;
    fill_home(stage);
    const auto focused = [&]() -> std::string {
        for (const Node& node : stage.driver->tree().nodes()) {
            if (node.focused && node.visible) {
                return node.label;
            }
        }
        return {};
    };
    EXPECT_EQ(stage.run("key Tab"), "");
    EXPECT_EQ(focused(), "Your account");
    // Three buttons, the search box, then the people.
    EXPECT_EQ(stage.run("key Tab\nkey Tab\nkey Tab\nkey Tab\ntype z\nexpect_value \"input:Search "
                        "or start a chat\" z\n"
                        "key Escape\nkey Tab\nkey Tab"),
              "");
    EXPECT_EQ(focused(), "elodie");
    EXPECT_EQ(stage.run("key Enter\nexpect conversation:elodie"), "");
    // From the box of the conversation on to its buttons.
    EXPECT_EQ(stage.run("type hello\nkey Tab"), "");
    EXPECT_EQ(focused(), "Emoji");
}

TEST(CapsLock, IsSaidWhereAPassphraseIsTyped) {
    Stage stage;
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    EXPECT_EQ(stage.run("expect_not \"Caps Lock\""), "");
    SDL_SetModState(KMOD_CAPS);
    EXPECT_EQ(stage.run("type a\nexpect \"Caps Lock is on.\""), "");
    SDL_SetModState(KMOD_NONE);
}

}  // namespace
}  // namespace sotto::ui::testing
