// Locking: at once and from everywhere, nothing of the conversation stays on the screen, and what
// was typed comes back to the same person only.
#include <gtest/gtest.h>

#include <string>

#include "stage.hpp"
#include "ui/attendance.hpp"
#include "ui/navigation.hpp"

namespace sotto::ui::testing {
namespace {

class Locking : public ::testing::Test {
protected:
    Locking() { fill_home(stage); }
    void lock_done() { stage.show(peer::VaultChanged{peer::VaultState::locked}); }
    void unlocked_as(const peer::Self& who) {
        peer::Opened again = opened({contact(1, "elodie")});
        again.self = who;
        stage.show(again);
    }
    std::string draft_to_elodie() { return stage.desktop.ui().thread(account(1)).composer.text(); }
    Stage stage;
};

TEST_F(Locking, ForgetsWhatWasOnTheScreen) {
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+L"), "");
    ASSERT_EQ(stage.count<peer::Lock>(), 1U);
    lock_done();
    EXPECT_EQ(stage.run("expect \"Welcome, alice\"\nexpect_not elodie"), "");
    EXPECT_TRUE(stage.desktop.model().contacts.empty());
    EXPECT_TRUE(stage.desktop.model().conversations.empty());
    EXPECT_TRUE(stage.desktop.ui().threads.empty());
    EXPECT_TRUE(stage.desktop.ui().toasts.empty());
}

TEST_F(Locking, HidesEverythingBeforeTheEngineAnswers) {
    EXPECT_EQ(stage.desktop.title(), "(123) Sotto - alice");
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+L\nexpect_not elodie\nexpect_not message:\n"
                        "expect button:Unlock"),
              "");
    EXPECT_EQ(stage.desktop.title(), "Sotto");
}

TEST_F(Locking, WhatIsTypedIntoTheUnlockScreenBeforeTheEngineIsDoneCounts) {
    EXPECT_EQ(stage.run("key Ctrl+L\ntype \"a passphrase\"\nkey Enter"), "");
    lock_done();
    EXPECT_EQ(stage.count<peer::Unlock>(), 1U);
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::Unlock>(),
                                   .error = peer::CommandError::wrong_passphrase});
    EXPECT_EQ(stage.run("expect \"That is not the passphrase\""), "");
}

TEST_F(Locking, WorksFromEveryDialogAndMenuAndOnlyOnce) {
    EXPECT_EQ(stage.run("key Ctrl+,\nkey Ctrl+L\nexpect_not Settings\nexpect button:Unlock\n"
                        "key Ctrl+L"),
              "");
    EXPECT_EQ(stage.count<peer::Lock>(), 1U);
}

TEST_F(Locking, StandsInTheAccountMenu) {
    EXPECT_EQ(stage.run("click \"button:Your account\"\nclick \"Lock now\""), "");
    EXPECT_EQ(stage.count<peer::Lock>(), 1U);
}

TEST_F(Locking, EscapeClosesTheMenuAndNothingElse) {
    EXPECT_EQ(stage.run("click contact:elodie\nclick \"button:Your account\"\nkey Escape\n"
                        "expect_not \"Lock now\"\nexpect conversation:elodie"),
              "");
}

TEST_F(Locking, ARefusedLockShowsTheConversationAgain) {
    EXPECT_EQ(stage.run("click contact:elodie\nkey Ctrl+L"), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::Lock>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(stage.run("expect conversation:elodie"), "");
}

TEST_F(Locking, DraftsComeBackToTheSamePerson) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype \"a thought\"\nkey Ctrl+L"), "");
    lock_done();
    EXPECT_EQ(stage.run("expect_not \"a thought\""), "");
    EXPECT_TRUE(stage.desktop.ui().threads.empty());
    unlocked_as(self());
    EXPECT_EQ(draft_to_elodie(), "a thought");
}

TEST_F(Locking, WhatTheProfileHasIsNotKeptInMemory) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype \"a thought\"\nkey Ctrl+L"), "");
    ASSERT_EQ(stage.count<peer::SaveDraft>(), 1U);
    EXPECT_EQ(stage.last<peer::SaveDraft>()->text, "a thought");
    stage.show(peer::CommandDone{stage.last_id<peer::SaveDraft>()});
    lock_done();
    EXPECT_FALSE(stage.desktop.ui().drafts_kept);
    EXPECT_TRUE(may_quit(stage.desktop.ui(), stage.desktop.model()));
    peer::Opened again = opened({contact(1, "elodie")});
    again.drafts = {{.peer = account(1), .text = "a thought"}};
    stage.show(again);
    EXPECT_EQ(draft_to_elodie(), "a thought");
}

TEST_F(Locking, WhatCouldNotBeStoredReplacesTheOlderDraft) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype \"a longer thought\"\nkey Ctrl+L"), "");
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SaveDraft>(),
                                   .error = peer::CommandError::disk_full});
    lock_done();
    EXPECT_TRUE(stage.desktop.ui().drafts_kept);
    peer::Opened again = opened({contact(1, "elodie")});
    again.drafts = {{.peer = account(1), .text = "a thought"}};
    stage.show(again);
    EXPECT_EQ(draft_to_elodie(), "a longer thought");
}

TEST_F(Locking, NobodyElseGetsTheDrafts) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype \"a thought\"\nkey Ctrl+L"), "");
    lock_done();
    peer::Self other = self("mallory");
    other.account = account(77);
    unlocked_as(other);
    EXPECT_EQ(draft_to_elodie(), "");
    lock_done();
    unlocked_as(self());
    EXPECT_EQ(draft_to_elodie(), "");
}

TEST_F(Locking, WhatWasSentIntoTheLockComesBackAsADraft) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype one\nkey Enter\ntype two"), "");
    ASSERT_EQ(stage.count<peer::SendText>(), 1U);
    lock_done();  // the engine locked by itself before it came to the message
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SendText>(),
                                   .error = peer::CommandError::not_unlocked});
    unlocked_as(self());
    EXPECT_EQ(draft_to_elodie(), "one\ntwo");
}

TEST_F(Locking, QuittingWhileLockedAsksAboutDraftsAndNamesNobody) {
    EXPECT_EQ(stage.run("click contact:elodie\ntype \"a thought\"\nkey Ctrl+L"), "");
    lock_done();
    UiState& ui = stage.desktop.ui();
    EXPECT_FALSE(may_quit(ui, stage.desktop.model()));
    EXPECT_EQ(stage.run("settle\nexpect \"You typed something before\"\nexpect_not elodie\n"
                        "click button:Cancel\nexpect_not \"You typed something\""),
              "");
    EXPECT_FALSE(may_quit(ui, stage.desktop.model()));
    EXPECT_EQ(stage.run("settle\nclick \"button:Quit anyway\""), "");
    EXPECT_TRUE(ui.quit_wanted);
}

TEST_F(Locking, ALockThatNobodyAskedForSaysWhy) {
    lock_done();
    EXPECT_EQ(stage.run("expect \"locked itself because nobody was here\""), "");
    unlocked_as(self());
    EXPECT_EQ(stage.run("key Ctrl+L"), "");
    lock_done();
    EXPECT_EQ(stage.run("expect_not \"locked itself\""), "");
}

TEST_F(Locking, TheTimeIsChosenInTheSettings) {
    EXPECT_EQ(stage.run("resize 1100 1400\nkey Ctrl+,\nclick \"choice:15 min\""), "");
    ASSERT_NE(stage.last<peer::SetAutoLock>(), nullptr);
    EXPECT_EQ(stage.last<peer::SetAutoLock>()->minutes, 15U);
    stage.show(peer::CommandFailed{.command = stage.last_id<peer::SetAutoLock>(),
                                   .error = peer::CommandError::disk_full});
    EXPECT_EQ(stage.run("expect \"The setting was not changed\"\nclick choice:Never"), "");
    EXPECT_EQ(stage.count<peer::SetAutoLock>(), 1U);  // it shows Never again already
}

TEST_F(Locking, ActivityIsToldOnlyWhileItMatters) {
    EXPECT_EQ(stage.run("frames 400\ntype hello"), "");
    EXPECT_EQ(stage.count<peer::NoteActivity>(), 0U);
    peer::Opened limited = opened({contact(1, "elodie")});
    limited.auto_lock_minutes = 5;
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    stage.show(limited);
    EXPECT_EQ(stage.run("frames 400"), "");  // 6.7 s, in which nobody moves
    EXPECT_EQ(stage.count<peer::NoteActivity>(), 0U);
    EXPECT_EQ(stage.run("type hello"), "");
    EXPECT_EQ(stage.count<peer::NoteActivity>(), 1U);
    EXPECT_EQ(stage.run("type again"), "");
    EXPECT_EQ(stage.count<peer::NoteActivity>(), 1U);
}

// --- the pure part

constexpr peer::WallTime noon{1'741'953'600'000};

TEST(AttendanceTest, SleepingPastTheLimitLocksBeforeTheFirstMovementCounts) {
    Attendance attendance;
    attendance.begin(100.0, noon);
    // The lid was closed for an hour: the steady clock stood still, the wall clock went on.
    EXPECT_EQ(attendance.frame(true, 101.0, {noon.ms + 3'600'000}, 15), Attendance::Act::lock);
    EXPECT_EQ(attendance.frame(true, 101.1, {noon.ms + 3'600'100}, 15), Attendance::Act::nothing);
}

TEST(AttendanceTest, AClockSetBackDoesNothing) {
    Attendance attendance;
    attendance.begin(0.0, noon);
    EXPECT_EQ(attendance.frame(false, 1.0, {noon.ms - 86'400'000}, 5), Attendance::Act::nothing);
    EXPECT_EQ(attendance.frame(true, 9.0, {noon.ms - 86'399'000}, 5), Attendance::Act::tell);
}

TEST(AttendanceTest, WithoutALimitNothingIsTold) {
    Attendance attendance;
    attendance.begin(0.0, noon);
    EXPECT_EQ(attendance.frame(true, 1000.0, {noon.ms + 86'400'000}, 0), Attendance::Act::nothing);
    EXPECT_EQ(attendance.frame(false, 1001.0, {noon.ms + 86'401'000}, 5), Attendance::Act::nothing);
}

}  // namespace
}  // namespace sotto::ui::testing
