// What becomes of a command that was answered or refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "people.hpp"
#include "ui/drafts.hpp"
#include "ui/navigation.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {
namespace {

using namespace testing;
using peer::CommandError;

class PendingCommands : public ::testing::Test {
protected:
    PendingCommands() : ui(Settings{}, Language::english) {
        apply(model, opened({contact(1, "bob")}), stage_now);
    }
    peer::CommandId send(const std::string& text) {
        return ui.post({.purpose = Purpose::send_text, .account = account(1), .text = text},
                       peer::SendText{.to = account(1), .text = text, .command = 0});
    }
    void fail(peer::CommandId id, std::optional<CommandError> error = {}) {
        command_failed(ui, model, id, {.error = error});
    }
    std::string composer() { return ui.thread(account(1)).composer.text(); }
    ViewModel model;
    UiState ui;
};

TEST_F(PendingCommands, EachHasItsOwnNumber) {
    EXPECT_NE(send("a"), send("b"));
    EXPECT_EQ(ui.outbox.size(), 2U);
    EXPECT_EQ(ui.pending.size(), 2U);
}

TEST_F(PendingCommands, ADoneOneIsForgotten) {
    command_done(ui, model, send("a"));
    EXPECT_TRUE(ui.pending.empty());
    EXPECT_EQ(composer(), "");
}

TEST_F(PendingCommands, RefusedTextsComeBackInOrderBehindWhatIsTyped) {
    ui.thread(account(1)).composer.buffer().set_text("typing");
    const auto first = send("one");
    const auto second = send("two");
    fail(first);
    fail(second, CommandError::disk_full);
    EXPECT_EQ(composer(), "typing\none\ntwo");
    EXPECT_FALSE(ui.thread(account(1)).error.empty());
}

TEST_F(PendingCommands, WhatDoesNotFitIntoTheBoxWaitsForRoom) {
    const std::string large(Thread::text_bytes_max, 'x');
    ui.thread(account(1)).composer.buffer().set_text("typed");
    for (int i = 0; i < 5; ++i) {
        fail(send(large));
    }
    Thread& thread = ui.thread(account(1));
    EXPECT_FALSE(thread.returned.empty());
    std::size_t kept = thread.composer.buffer().text().size();
    for (const std::string& text : thread.returned) {
        kept += text.size();
    }
    EXPECT_GE(kept, 5 * large.size());
    thread.composer.buffer().clear();
    put_back(thread);
    EXPECT_TRUE(thread.returned.empty());
    EXPECT_EQ(thread.composer.buffer().text().size() / large.size(), 2U);
}

TEST_F(PendingCommands, QuietOnesFailQuietly) {
    fail(ui.post({}, peer::MarkRead{.peer = account(1), .row = 1, .command = 0}),
         CommandError::server_unreachable);
    EXPECT_TRUE(ui.toasts.empty());
}

TEST_F(PendingCommands, OthersSayWhatWasNotDone) {
    fail(ui.post({.purpose = Purpose::accept, .account = account(1), .text = {}},
                 peer::AcceptContact{.account = account(1), .allow_direct = false, .command = 0}),
         CommandError::disk_full);
    ASSERT_EQ(ui.toasts.size(), 1U);
    EXPECT_TRUE(ui.toasts.front().bad);
    EXPECT_TRUE(ui.toasts.front().text.starts_with("bob was not accepted. The disk is full."));
}

TEST_F(PendingCommands, AnUnknownNumberIsIgnored) {
    fail(999, CommandError::disk_full);
    command_done(ui, model, 999);
    EXPECT_TRUE(ui.toasts.empty());
}

TEST_F(PendingCommands, ToastsAreBoundedAndNotRepeated) {
    for (std::size_t i = 0; i < 2 * UiState::toasts_max; ++i) {
        ui.say("news " + std::to_string(i));
        ui.say("news " + std::to_string(i));
    }
    EXPECT_EQ(ui.toasts.size(), UiState::toasts_max);
}

TEST_F(PendingCommands, LockingForgetsDraftsAndPasswords) {
    ui.thread(account(1)).composer.buffer().set_text("draft");
    ui.unlock_form.passphrase.buffer().set_text("secret");
    ui.selected = account(1);
    const auto id = send("text");
    forget_typed(ui);
    EXPECT_TRUE(ui.threads.empty());
    EXPECT_TRUE(ui.unlock_form.passphrase.buffer().empty());
    EXPECT_FALSE(ui.selected.has_value());
    fail(id);  // its answer comes late
    EXPECT_TRUE(ui.toasts.empty());
}

// --- drafts

class Drafts : public PendingCommands {
protected:
    Drafts() { ui.outbox.clear(); }
    void type(const std::string& text) {
        ui.thread(account(1)).composer.buffer().set_text(text);
        (void)follow(model, ui, {.now_s = now_s});
    }
    // After a pause; the draft that was posted, if any.
    const peer::SaveDraft* after(double seconds) {
        ui.outbox.clear();
        now_s += seconds;
        wake_s = follow(model, ui, {.now_s = now_s});
        for (const auto& command : ui.outbox) {
            if (const auto* draft = std::get_if<peer::SaveDraft>(&command.command)) {
                posted = command.id;
                return draft;
            }
        }
        return nullptr;
    }
    double now_s = 100.0;
    double wake_s = 0.0;
    peer::CommandId posted = 0;
};

TEST_F(Drafts, AreSavedWhenTheTypingPauses) {
    type("half");
    EXPECT_EQ(after(0.5), nullptr);
    EXPECT_GT(wake_s, 0.0);
    EXPECT_LE(wake_s, 0.51);
    type("half a");
    EXPECT_EQ(after(0.6), nullptr);
    const peer::SaveDraft* draft = after(0.5);
    ASSERT_NE(draft, nullptr);
    EXPECT_EQ(draft->peer, account(1));
    EXPECT_EQ(draft->text, "half a");
    EXPECT_EQ(after(5.0), nullptr);  // it is under way
    command_done(ui, model, posted);
    EXPECT_EQ(after(5.0), nullptr);
    EXPECT_FALSE(is_unsaved(ui.thread(account(1))));
}

TEST_F(Drafts, TypedOnWhileOneIsSavedAreSavedAgain) {
    type("half");
    ASSERT_NE(after(2.0), nullptr);
    type("half a thought");
    EXPECT_EQ(after(2.0), nullptr);  // one at a time
    command_done(ui, model, posted);
    EXPECT_TRUE(is_unsaved(ui.thread(account(1))));
    const peer::SaveDraft* draft = after(0.1);
    ASSERT_NE(draft, nullptr);
    EXPECT_EQ(draft->text, "half a thought");
}

TEST_F(Drafts, SentBeforeTheyWereSavedCostNothingAndAreForgottenOtherwise) {
    type("quick");
    type("");
    EXPECT_EQ(after(5.0), nullptr);
    type("slow");
    ASSERT_NE(after(2.0), nullptr);
    command_done(ui, model, posted);
    type("");
    const peer::SaveDraft* draft = after(2.0);
    ASSERT_NE(draft, nullptr);
    EXPECT_EQ(draft->text, "");
}

TEST_F(Drafts, WhatCannotBeStoredIsTriedAgainWhenItChanges) {
    type("half");
    ASSERT_NE(after(2.0), nullptr);
    fail(posted, CommandError::disk_full);
    EXPECT_TRUE(ui.toasts.empty());
    EXPECT_EQ(after(10.0), nullptr);
    type("half a");
    EXPECT_NE(after(2.0), nullptr);
}

TEST_F(Drafts, FromTheProfileStandInTheirBoxes) {
    restore_draft(ui, account(1), "where we were");
    EXPECT_EQ(composer(), "where we were");
    EXPECT_EQ(after(5.0), nullptr);
    type("");
    EXPECT_NE(after(2.0), nullptr) << "the profile is to forget it";
}

TEST_F(Drafts, QuittingWaitsForThem) {
    EXPECT_TRUE(may_quit(ui, model));
    type("half");
    ui.outbox.clear();
    EXPECT_FALSE(may_quit(ui, model));
    EXPECT_EQ(ui.dialog, Dialog::none);
    ASSERT_EQ(ui.outbox.size(), 1U);
    const auto id = ui.outbox.front().id;
    (void)follow(model, ui, {.now_s = now_s});
    EXPECT_FALSE(ui.quit_wanted);
    command_done(ui, model, id);
    (void)follow(model, ui, {.now_s = now_s});
    EXPECT_TRUE(ui.quit_wanted);
    EXPECT_TRUE(may_quit(ui, model));
}

TEST_F(Drafts, QuittingAsksAboutWhatCannotBeStored) {
    type("half");
    ui.outbox.clear();
    EXPECT_FALSE(may_quit(ui, model));
    fail(ui.outbox.front().id, CommandError::disk_full);
    (void)follow(model, ui, {.now_s = now_s});
    EXPECT_FALSE(ui.quit_wanted);
    EXPECT_EQ(ui.dialog, Dialog::quit_drafts);
    EXPECT_EQ(ui.names_with_unsaved_drafts(model), std::vector<std::string>{"bob"});
}

TEST_F(Drafts, QuittingTwiceAsksWhenTheDiskHangs) {
    type("half");
    EXPECT_FALSE(may_quit(ui, model));
    EXPECT_EQ(ui.dialog, Dialog::none);
    EXPECT_FALSE(may_quit(ui, model));
    EXPECT_EQ(ui.dialog, Dialog::quit_drafts);
}

TEST_F(Drafts, LockingSavesThemFirst) {
    type("half");
    ui.outbox.clear();
    lock(ui);
    ASSERT_EQ(ui.outbox.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<peer::SaveDraft>(ui.outbox[0].command));
    EXPECT_TRUE(std::holds_alternative<peer::Lock>(ui.outbox[1].command));
}

TEST_F(PendingCommands, OldConversationsLeaveMemoryButNotTheirDrafts) {
    std::vector<peer::Contact> many;
    for (unsigned i = 1; i <= 30; ++i) {
        many.push_back(contact(i, "person" + std::to_string(i)));
    }
    apply(model, opened(many), stage_now);
    for (unsigned i = 1; i <= 30; ++i) {
        select_contact(ui, account(i));
        (void)follow(model, ui, {.now_s = 0.0});
        ui.thread(account(i)).composer.buffer().set_text("draft");
    }
    EXPECT_EQ(model.conversations.size(), conversations_max);
    EXPECT_EQ(model.conversation(account(1)), nullptr);
    EXPECT_NE(model.conversation(account(30)), nullptr);
    EXPECT_EQ(ui.thread(account(1)).composer.text(), "draft");
}

}  // namespace
}  // namespace sotto::ui
