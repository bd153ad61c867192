// One conversation: sending, states, reading, paging, selecting.
#include <gtest/gtest.h>

#include <string>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

using peer::DeliveryState;

class ConversationOnStage : public ::testing::Test {
protected:
    ConversationOnStage() { fill_home(stage); }
    void open() { EXPECT_EQ(stage.run("click contact:elodie"), ""); }
    void receive(std::uint64_t row, const std::string& text) {
        stage.show(peer::MessageAdded{message(row, 1, text, {.read = false})});
    }
    Stage stage;
};

TEST_F(ConversationOnStage, EnterSendsAndTheComposerNamesTheReader) {
    open();
    EXPECT_EQ(stage.run("expect \"input:Message to elodie\"\ntype \"à ce soir 🙂\"\nkey Enter\n"
                        "expect_value \"input:Message to elodie\" \"\""),
              "");
    ASSERT_NE(stage.last<peer::SendText>(), nullptr);
    EXPECT_EQ(stage.last<peer::SendText>()->to, account(1));
    EXPECT_EQ(stage.last<peer::SendText>()->text, "à ce soir 🙂");
}

TEST_F(ConversationOnStage, ShiftEnterBeginsALineAndEmptyTextIsNotSent) {
    open();
    EXPECT_EQ(stage.run("key Enter\ntype one\nkey Shift+Enter\ntype two\nkey Enter"), "");
    ASSERT_EQ(stage.count<peer::SendText>(), 1U);
    EXPECT_EQ(stage.last<peer::SendText>()->text, "one\ntwo");
}

TEST_F(ConversationOnStage, ARefusedMessageComesBackIntoTheBox) {
    open();
    EXPECT_EQ(stage.run("type \"keep me\"\nkey Enter"), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SendText>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(
        stage.run("expect_value \"input:Message to elodie\" \"keep me\"\n"
                  "expect \"Not sent to elodie; your text is back in the box. The disk is full\"\n"
                  "click button:Dismiss\nexpect_not \"Not sent to elodie\""),
        "");
}

TEST_F(ConversationOnStage, AFullQueueGivesEveryMessageBackInOrder) {
    open();
    EXPECT_EQ(stage.run("type first\nkey Enter"), "");
    const peer::CommandId first = stage.last_id<peer::SendText>();
    EXPECT_EQ(stage.run("type second\nkey Enter"), "");
    stage.desktop.refuse(first);
    stage.desktop.refuse(stage.last_id<peer::SendText>());
    EXPECT_EQ(stage.run("frames 3\nexpect \"Sotto is busy\""), "");
    EXPECT_EQ(stage.desktop.ui().thread(account(1)).composer.text(), "first\nsecond");
}

TEST_F(ConversationOnStage, MoreThanAMessageHoldsIsSaidAndKept) {
    open();
    const std::string long_text(Thread::text_bytes_max + 1, 'x');
    stage.desktop.ui().thread(account(1)).composer.buffer().set_text(long_text);
    EXPECT_EQ(stage.run("key Enter\nexpect \"A message holds at most 32 KB\""), "");
    EXPECT_EQ(stage.count<peer::SendText>(), 0U);
    EXPECT_EQ(stage.desktop.ui().thread(account(1)).composer.text(), long_text);
}

TEST_F(ConversationOnStage, DraftsBelongToTheirConversation) {
    open();
    EXPECT_EQ(stage.run("type \"for elodie\"\nclick contact:bob\n"
                        "expect_value \"input:Message to bob\" \"\"\ntype \"for bob\"\n"
                        "click contact:elodie\n"
                        "expect_value \"input:Message to elodie\" \"for elodie\"\n"
                        "click contact:bob\nexpect_value \"input:Message to bob\" \"for bob\""),
              "");
}

TEST_F(ConversationOnStage, EveryStateHasItsTicks) {
    open();
    EXPECT_EQ(
        stage.run("expect_value \"message:J'apporte les billets.\" saved\n"
                  "expect_value \"message:On se voit à la gare ?\" with_server\n"
                  "expect_value \"message:À tout à l'heure 👋🏻🏳️‍🌈\" delivered\n"
                  "expect_value \"message:😂😂😂\" incoming"),
        "");
    const peer::MessageId id = message(11, 1, "").id;
    for (const auto& [state, name] : {std::pair{DeliveryState::with_server, "with_server"},
                                      std::pair{DeliveryState::delivered, "delivered"},
                                      std::pair{DeliveryState::read, "read"}}) {
        stage.show(
            peer::MessageStateChanged{.peer = account(1), .id = id, .state = state, .failure = {}});
        EXPECT_EQ(stage.run("expect_value \"message:J'apporte les billets.\" " + std::string(name)),
                  "");
    }
}

TEST_F(ConversationOnStage, AFailedMessageSaysWhyAndCanBeTriedAgain) {
    open();
    stage.show(peer::MessageStateChanged{.peer = account(1),
                                         .id = message(11, 1, "").id,
                                         .state = DeliveryState::failed,
                                         .failure = peer::MessageFailure::expired});
    EXPECT_EQ(stage.run("expect \"failure:Not delivered for 14 days\"\nclick \"link:Try again\""),
              "");
    ASSERT_NE(stage.last<peer::RetryMessage>(), nullptr);
    EXPECT_EQ(stage.last<peer::RetryMessage>()->id, message(11, 1, "").id);
}

TEST_F(ConversationOnStage, DaysSeparateAndGroupsHoldTogether) {
    open();
    EXPECT_EQ(stage.run("expect day:Today"), "");
    EXPECT_EQ(stage.run("click \"message:😂😂😂\"\nwheel \"message:😂😂😂\" 30\nexpect "
                        "day:Yesterday"),
              "");
}

TEST_F(ConversationOnStage, WhatIsSeenIsMarkedReadOnce) {
    receive(50, "seen at once");
    open();
    EXPECT_EQ(stage.run("frames 10"), "");
    ASSERT_EQ(stage.count<peer::MarkRead>(), 0U) << "the history above has only read messages";
    receive(51, "and this");
    ASSERT_EQ(stage.count<peer::MarkRead>(), 1U);
    EXPECT_EQ(stage.last<peer::MarkRead>()->row, 51U);
    EXPECT_EQ(stage.run("frames 10"), "");
    EXPECT_EQ(stage.count<peer::MarkRead>(), 1U);
}

TEST_F(ConversationOnStage, NothingIsReadBehindTheBack) {
    open();
    stage.desktop.ui().focused = false;
    receive(51, "are you there?");
    EXPECT_EQ(stage.run("frames 10"), "");
    EXPECT_EQ(stage.count<peer::MarkRead>(), 0U);
    EXPECT_EQ(stage.run("expect \"marker:New messages\""), "");
    stage.desktop.ui().focused = true;
    EXPECT_EQ(stage.run("frames 3\nexpect \"marker:New messages\""), "");
    EXPECT_EQ(stage.count<peer::MarkRead>(), 1U);
    EXPECT_EQ(stage.run("type yes\nkey Enter\nexpect_not \"marker:New messages\""), "");
}

TEST_F(ConversationOnStage, OpensAtTheFirstUnreadMessage) {
    stage.history.clear();
    for (std::uint64_t row = 1; row <= 60; ++row) {
        stage.history.push_back(message(row, 1, "line " + std::to_string(row),
                                        {.minutes_ago = 100 - row, .read = row <= 20}));
    }
    open();
    EXPECT_EQ(stage.run("expect \"marker:New messages\"\nexpect \"message:line 20\"\n"
                        "expect \"message:line 21\"\nexpect_not \"message:line 60\""),
              "");
    EXPECT_EQ(stage.run("expect \"button:29 new messages\"\n"
                        "click \"button:29 new messages\"\n"
                        "expect \"message:line 60\""),
              "");
}

TEST_F(ConversationOnStage, ReadingUpwardAsksForOlderPagesAndStaysWhereItIs) {
    stage.history.clear();
    for (std::uint64_t row = 1; row <= 400; ++row) {
        stage.history.push_back(
            message(row, 1, "line " + std::to_string(row), {.minutes_ago = 500 - row}));
    }
    open();
    EXPECT_EQ(stage.count<peer::LoadHistory>(), 1U);
    EXPECT_EQ(stage.run("expect \"message:line 400\""), "");
    for (int i = 0; i < 200 && stage.count<peer::LoadHistory>() < 3; ++i) {
        EXPECT_EQ(stage.run("wheel 700 300 5"), "");
    }
    EXPECT_EQ(stage.count<peer::LoadHistory>(), 3U);
    EXPECT_EQ(stage.run("expect_not \"message:line 400\"\nexpect_not \"message:line 1\""), "");
    EXPECT_EQ(stage.desktop.model().conversation(account(1))->first_row(), 151U);
}

TEST_F(ConversationOnStage, PageUpScrollsWhileTheComposerHasTheKeyboard) {
    open();
    EXPECT_EQ(stage.run("expect \"message:J'apporte les billets.\"\nkey PageUp\n"
                        "expect_not \"message:J'apporte les billets.\"\nkey PageDown\n"
                        "expect \"message:J'apporte les billets.\""),
              "");
}

TEST_F(ConversationOnStage, ANewMessageDoesNotMoveSomebodyWhoReadsAbove) {
    open();
    EXPECT_EQ(stage.run("key PageUp"), "");
    receive(60, "below");
    EXPECT_EQ(stage.run("expect_not message:below\nexpect \"button:1 new message\"\n"
                        "click \"button:1 new message\"\nexpect message:below"),
              "");
}

TEST_F(ConversationOnStage, ComingAndGoingIsNoted) {
    open();
    stage.show(peer::ContactChanged{
        contact(1, "elodie", peer::ContactState::accepted, peer::Presence::offline)});
    EXPECT_EQ(stage.run("expect \"notice:elodie has left · 18:00\"\nexpect presence:offline\n"
                        "expect path:Mailbox"),
              "");
    stage.show(peer::ContactChanged{contact(1, "elodie")});
    EXPECT_EQ(stage.run("expect \"notice:elodie is online · 18:00\"\nexpect presence:online\n"
                        "expect path:Direct"),
              "");
}

TEST_F(ConversationOnStage, ALinkIsShownWholeBeforeItIsOpened) {
    stage.history.push_back(message(12, 1, "https://example.org/a?b=c", {.minutes_ago = 1}));
    open();
    std::string opened_url;
    stage.window->kit().host.open_url = [&](const std::string& url) {
        opened_url = url;
        return true;
    };
    EXPECT_EQ(stage.run("click \"message:https://example.org/a?b=c\"\n"
                        "expect \"Open this link?\"\nexpect alert:https://example.org/a?b=c"),
              "");
    EXPECT_EQ(opened_url, "");
    EXPECT_EQ(stage.run("click \"Open in browser\""), "");
    EXPECT_EQ(opened_url, "https://example.org/a?b=c");
}

TEST_F(ConversationOnStage, ADoubleClickSelectsAndControlCCopies) {
    stage.history.push_back(message(12, 1, "xylophone", {.minutes_ago = 1}));
    open();
    const Node* bubble = stage.driver->tree().find("message:xylophone");
    ASSERT_NE(bubble, nullptr);
    stage.driver->click({bubble->min.x + 30.0F, bubble->centre().y}, SDL_BUTTON_LEFT, 2);
    EXPECT_EQ(stage.run("key Ctrl+C\nexpect_clip xylophone"), "");
}

TEST_F(ConversationOnStage, TextOfOthersCannotImitateUs) {
    stage.history.push_back(message(12, 1, "\xEE\xA0\x80 ok \xE2\x80\xAE", {.minutes_ago = 1}));
    open();
    const auto& messages = stage.desktop.model().conversation(account(1))->messages();
    EXPECT_EQ(messages.back().text.find("\xEE\xA0\x80"), std::string::npos);
    EXPECT_EQ(messages.back().text.find("\xE2\x80\xAE"), std::string::npos);
}

TEST_F(ConversationOnStage, TheEmojiPickerTypes) {
    open();
    EXPECT_EQ(stage.run("click button:Emoji\nclick emoji:😎\nkey Escape\n"
                        "expect_value \"input:Message to elodie\" 😎"),
              "");
}

TEST_F(ConversationOnStage, TypingIsToldOnceAndEndsByItself) {
    open();
    EXPECT_EQ(stage.run("type hello"), "");
    ASSERT_EQ(stage.count<peer::SetTyping>(), 1U);
    EXPECT_TRUE(stage.last<peer::SetTyping>()->typing);
    EXPECT_EQ(stage.run("frames 400"), "");  // 6.7 s of the stage's time
    EXPECT_EQ(stage.count<peer::SetTyping>(), 2U);
    EXPECT_FALSE(stage.last<peer::SetTyping>()->typing);
}

TEST_F(ConversationOnStage, AtRestNothingIsDrawn) {
    open();
    EXPECT_EQ(stage.run("expect_idle"), "");
}

TEST(Typing, IsForgottenWhenTheWordThatItEndedGetsLost) {
    Stage stage;
    fill_home(stage);
    stage.show(peer::TypingChanged{account(1), true});
    EXPECT_EQ(stage.run("expect_value contact:elodie typing…"), "");
    stage.now.ms += typing_lasts_ms - 1;
    EXPECT_EQ(stage.run("frames 1\nexpect_value contact:elodie typing…"), "");
    stage.now.ms += 1;
    EXPECT_EQ(stage.run("frames 2\nexpect_value contact:elodie \"You: J'apporte les billets.\""),
              "");
}

TEST(Typing, EndsWhenTheyLeave) {
    Stage stage;
    fill_home(stage);
    stage.take(peer::TypingChanged{account(1), true});
    stage.show(peer::ContactChanged{
        contact(1, "elodie", peer::ContactState::accepted, peer::Presence::offline)});
    EXPECT_EQ(stage.run("expect_value contact:elodie \"You: J'apporte les billets.\""), "");
}

}  // namespace
}  // namespace sotto::ui::testing
