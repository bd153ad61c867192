// What becomes of a command that was answered or refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "people.hpp"
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

TEST_F(PendingCommands, QuittingAsksAboutDraftsOnce) {
    EXPECT_TRUE(may_quit(ui, model));
    ui.thread(account(1)).composer.buffer().set_text("draft");
    EXPECT_FALSE(may_quit(ui, model));
    EXPECT_EQ(ui.dialog, Dialog::quit_drafts);
    ui.quit_wanted = true;
    EXPECT_TRUE(may_quit(ui, model));
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
