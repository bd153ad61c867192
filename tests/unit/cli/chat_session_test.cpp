#include "peer/cli/chat_session.hpp"

#include "tests/unit/cli/support.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::cli {
namespace {

class Chat {
public:
    explicit Chat(Language language = Language::english)
        : session_({.language = language, .server = {}, .passphrase = {}}) {}

    ChatSession& operator*() { return session_; }
    ChatSession* operator->() { return &session_; }

    std::string type(std::string_view text) {
        session_.on_line({.text = {text.begin(), text.end()}, .too_long = false});
        return session_.take_output();
    }
    std::string show(const ViewChange& change) {
        session_.on_change(change);
        return session_.take_output();
    }
    // The only command that waits, of that type.
    template <class Wanted>
    std::optional<Wanted> command() {
        auto commands = session_.take_commands();
        if (commands.size() != 1) {
            ADD_FAILURE() << commands.size() << " commands";
            return std::nullopt;
        }
        last_ = commands[0].id;
        auto* wanted = std::get_if<Wanted>(&commands[0].command);
        if (wanted == nullptr) {
            ADD_FAILURE() << "another command";
            return std::nullopt;
        }
        return std::move(*wanted);
    }
    CommandId last() const { return last_; }

    void open() {
        show(VaultChanged{.state = VaultState::open});
        show(Opened{.self = test::self("alice", true),
                    .contacts = {test::contact(1, "bob")},
                    .conversations = {}});
    }
    void talk_to_bob() {
        open();
        type("/to bob");
        EXPECT_EQ(session_.take_commands().size(), 2U);  // history, read
    }

private:
    ChatSession session_;
    CommandId last_ = 0;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(ChatSession, makes_a_new_profile_step_by_step) {
    Chat chat;
    EXPECT_TRUE(contains(chat.show(VaultChanged{.state = VaultState::absent}), "Server link"));
    EXPECT_TRUE(contains(chat.type("nonsense"), "not a server link"));
    EXPECT_TRUE(contains(chat.type(to_link(test::server())), "Choose a name"));
    EXPECT_FALSE(chat->wants_silence());
    EXPECT_TRUE(contains(chat.type("alice"), "Choose a password"));
    EXPECT_TRUE(chat->wants_silence());
    chat.type("secret");
    EXPECT_TRUE(chat->wants_silence());
    EXPECT_TRUE(contains(chat.type("secreT"), "differ"));
    chat.type("secret");
    const auto text = chat.type("secret");
    EXPECT_FALSE(contains(text, "secret"));
    const auto command = chat.command<Register>();
    ASSERT_TRUE(command);
    EXPECT_EQ(command->username, "alice");
    EXPECT_EQ(std::string(command->password.begin(), command->password.end()), "secret");
    EXPECT_FALSE(chat->wants_line());
    EXPECT_TRUE(contains(
        chat.show(CommandFailed{
            .command = chat.last(), .error = CommandError::name_taken, .retry_after_ms = 0}),
        "taken"));
    EXPECT_TRUE(chat->wants_line());  // asks for another name
    chat.type("alicia");
    chat.type("secret");
    chat.type("secret");
    ASSERT_TRUE(chat.command<Register>());
    chat.show(Opened{.self = test::self("", false), .contacts = {}, .conversations = {}});
    EXPECT_FALSE(chat->wants_line());
    EXPECT_TRUE(
        contains(chat.show(SelfChanged{.self = test::self("alicia", true)}), "Welcome, alicia."));
    EXPECT_TRUE(chat->wants_line());
}

TEST(ChatSession, changes_the_accounts_password_and_says_which_it_is) {
    Chat chat;
    chat.open();
    EXPECT_TRUE(contains(chat.type("/password"), "passphrase that opens this profile stays"));
    EXPECT_TRUE(chat->wants_silence());
    EXPECT_TRUE(contains(chat.type("old"), "new password"));
    chat.type("new");
    EXPECT_TRUE(contains(chat.type("neW"), "differ"));
    chat.type("new");
    EXPECT_FALSE(contains(chat.type("new"), "new"));
    EXPECT_FALSE(chat->wants_silence());
    auto command = chat.command<ChangeAccountPassword>();
    ASSERT_TRUE(command);
    EXPECT_EQ(std::string(command->old_password.begin(), command->old_password.end()), "old");
    EXPECT_EQ(std::string(command->new_password.begin(), command->new_password.end()), "new");
    EXPECT_FALSE(command->also_passphrase);
    EXPECT_TRUE(contains(chat.show(CommandDone{.command = chat.last()}), "same as before"));

    EXPECT_TRUE(contains(chat.type("/password both"), "must be the same now"));
    for (const char* line : {"old", "new", "new"})
        chat.type(line);
    command = chat.command<ChangeAccountPassword>();
    ASSERT_TRUE(command);
    EXPECT_TRUE(command->also_passphrase);
    EXPECT_TRUE(contains(
        chat.show(CommandFailed{
            .command = chat.last(), .error = CommandError::passphrase_kept, .retry_after_ms = 0}),
        "it is the old one"));

    chat.type("/password");
    EXPECT_TRUE(contains(chat.type(""), "Nothing was changed"));
    EXPECT_FALSE(chat->wants_silence());
    EXPECT_TRUE(chat->take_commands().empty());
}

TEST(ChatSession, unlocks_and_asks_again_after_a_wrong_passphrase) {
    Chat chat;
    EXPECT_TRUE(contains(chat.show(VaultChanged{.state = VaultState::locked}), "Passphrase"));
    chat.type("wrong");
    ASSERT_TRUE(chat.command<Unlock>());
    const auto again = chat.show(CommandFailed{
        .command = chat.last(), .error = CommandError::wrong_passphrase, .retry_after_ms = 0});
    EXPECT_TRUE(contains(again, "wrong passphrase"));
    EXPECT_TRUE(chat->wants_silence());
}

// The vault's news and the answer come one after the other, and a person (or a pipe) has typed
// ahead.
TEST(ChatSession, a_line_typed_ahead_is_never_taken_for_a_passphrase) {
    Chat chat;
    chat.show(VaultChanged{.state = VaultState::locked});
    chat.type("wrong");
    ASSERT_TRUE(chat.command<Unlock>());
    chat.show(VaultChanged{.state = VaultState::unlocking});
    chat.show(VaultChanged{.state = VaultState::locked});
    EXPECT_FALSE(chat->wants_line());
    chat.show(CommandFailed{
        .command = chat.last(), .error = CommandError::wrong_passphrase, .retry_after_ms = 0});
    EXPECT_TRUE(chat->wants_silence());
    chat.type("right");
    ASSERT_TRUE(chat.command<Unlock>());
    EXPECT_FALSE(chat->wants_line());
    chat.open();
    EXPECT_TRUE(contains(chat.type("/to bob"), "bob"));
}

TEST(ChatSession, what_a_lock_refused_changes_no_question) {
    Chat chat;
    chat.talk_to_bob();
    chat.type("hello");
    ASSERT_TRUE(chat.command<SendText>());
    EXPECT_TRUE(contains(chat.show(VaultChanged{.state = VaultState::locked}), "Passphrase"));
    chat.show(CommandFailed{
        .command = chat.last(), .error = CommandError::not_unlocked, .retry_after_ms = 0});
    EXPECT_TRUE(chat->wants_silence());
    chat.type("x");
    EXPECT_TRUE(chat.command<Unlock>());
}

TEST(ChatSession, a_profile_in_use_ends_it_with_a_failure) {
    Chat chat;
    chat.show(VaultChanged{.state = VaultState::locked});
    chat.type("x");
    ASSERT_TRUE(chat.command<Unlock>());
    chat.show(CommandFailed{
        .command = chat.last(), .error = CommandError::profile_in_use, .retry_after_ms = 0});
    EXPECT_TRUE(chat->is_over());
    EXPECT_EQ(chat->exit_code(), 1);
}

TEST(ChatSession, text_goes_to_whom_it_talks_and_to_nobody_else) {
    Chat chat;
    chat.open();
    EXPECT_TRUE(contains(chat.type("hello?"), "choose someone"));
    EXPECT_TRUE(chat->take_commands().empty());
    EXPECT_TRUE(contains(chat.type("/to carol"), "not among your contacts"));
    EXPECT_TRUE(contains(chat.type("/to bob"), "Chat with: bob"));
    static_cast<void>(chat->take_commands());
    chat.type("hello bob");
    const auto command = chat.command<SendText>();
    ASSERT_TRUE(command);
    EXPECT_EQ(command->to, test::account(1));
    EXPECT_EQ(command->text, "hello bob");
}

TEST(ChatSession, shows_arrivals_and_says_they_were_read_only_where_they_were_shown) {
    Chat chat;
    chat.open();
    EXPECT_TRUE(contains(chat.show(MessageAdded{.message = test::incoming(1, "psst", 3)}), "psst"));
    EXPECT_TRUE(chat->take_commands().empty());  // shown, but not in an open conversation
    chat.type("/to bob");
    static_cast<void>(chat->take_commands());
    EXPECT_TRUE(contains(chat.show(MessageAdded{.message = test::incoming(1, "\x1b[2Jhi", 4)}),
                         "bob: [2Jhi"));
    const auto read = chat.command<MarkRead>();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->row, 4U);
}

TEST(ChatSession, tells_the_state_of_the_last_message) {
    Chat chat;
    chat.talk_to_bob();
    EXPECT_FALSE(contains(chat.show(MessageAdded{.message = test::outgoing(1, "yo", 5)}), "yo"));
    const auto state = [&](DeliveryState now) {
        return chat.show(MessageStateChanged{.peer = test::account(1),
                                             .id = test::outgoing(1, "yo", 5).id,
                                             .state = now,
                                             .failure = MessageFailure::none});
    };
    EXPECT_TRUE(contains(state(DeliveryState::with_server), "kept by the server"));
    EXPECT_TRUE(contains(state(DeliveryState::delivered), "delivered to bob"));
    EXPECT_TRUE(contains(state(DeliveryState::read), "read by bob"));
    EXPECT_TRUE(contains(state(DeliveryState::failed), "NOT delivered"));
}

TEST(ChatSession, tells_who_comes_and_goes_in_the_open_conversation) {
    Chat chat;
    chat.talk_to_bob();
    Contact bob = test::contact(1, "bob");
    bob.presence = Presence::online;
    EXPECT_TRUE(contains(chat.show(ContactChanged{.contact = bob}), "bob is here"));
    bob.presence = Presence::offline;
    EXPECT_TRUE(contains(chat.show(ContactChanged{.contact = bob}), "bob has left"));
}

TEST(ChatSession, requests_are_asked_answered_and_announced) {
    Chat chat;
    chat.open();
    chat.type("/request carol It is me.");
    const auto request = chat.command<SendContactRequest>();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->username, "carol");
    EXPECT_EQ(request->text, "It is me.");
    EXPECT_TRUE(contains(chat.show(CommandDone{.command = chat.last()}), "carol can now accept"));
    Contact dave = test::contact(4, "dave", ContactState::request_received);
    dave.request_text = "hey";
    EXPECT_TRUE(contains(chat.show(ContactChanged{.contact = dave}), "/accept dave"));
    chat.type("/accept dave direct");
    const auto accept = chat.command<AcceptContact>();
    ASSERT_TRUE(accept);
    EXPECT_TRUE(accept->allow_direct);
    EXPECT_TRUE(contains(chat.type("/accept"), "needs a name"));
    chat.type("/restart dave");
    EXPECT_TRUE(chat.command<RestartSession>());
    EXPECT_TRUE(contains(chat.show(CommandDone{.command = chat.last()}), "with dave"));
}

TEST(ChatSession, new_devices_are_held_and_allowed_and_a_foreign_list_is_shouted) {
    Chat chat;
    chat.open();
    chat.type("/hold on");
    const auto hold = chat.command<SetHoldNewDevices>();
    ASSERT_TRUE(hold);
    EXPECT_TRUE(hold->hold);
    EXPECT_TRUE(contains(chat.show(DeviceWatchChanged{.watch = {.hold_new_devices = true}}),
                         "wait until you type /devices NAME"));
    EXPECT_TRUE(contains(chat.type("/hold perhaps"), "Unknown command"));
    chat.type("/devices bob");
    const auto allow = chat.command<AllowDevices>();
    ASSERT_TRUE(allow);
    EXPECT_EQ(allow->account, test::account(1));
    const DeviceWatch disputed{.own_list_disputed = true, .hold_new_devices = true};
    EXPECT_TRUE(contains(chat.show(DeviceWatchChanged{.watch = disputed}),
                         "may be signing for your account"));
    EXPECT_FALSE(contains(chat.show(DeviceWatchChanged{.watch = disputed}), "signing"));
    chat.type("/seen");
    EXPECT_TRUE(chat.command<SettleOwnList>());
}

TEST(ChatSession, says_what_it_does_not_understand) {
    Chat chat;
    chat.open();
    EXPECT_TRUE(contains(chat.type("/frobnicate"), "Unknown command /frobnicate"));
    EXPECT_TRUE(contains(chat.type("\xff\xfe"), "not UTF-8"));
    chat->on_line({.text = {}, .too_long = true});
    EXPECT_TRUE(contains(chat->take_output(), "too long"));
    EXPECT_TRUE(chat->take_commands().empty());
}

TEST(ChatSession, quits_in_both_languages) {
    Chat french(Language::french);
    french.open();
    EXPECT_TRUE(contains(french.type("/quitter"),
                         "D\xc3\xa9"
                         "connect\xc3\xa9"));
    EXPECT_TRUE(french->is_over());
    Chat english;
    english.open();
    english.type("/quit");
    EXPECT_TRUE(english->is_over());
    EXPECT_EQ(english->exit_code(), 0);
}

TEST(ChatSession, read_receipts_are_switched_and_told) {
    Chat chat;
    chat.open();
    EXPECT_TRUE(contains(chat.type("/receipts"), "receipts are on"));
    chat.type("/receipts off");
    const auto command = chat.command<SetReadReceipts>();
    ASSERT_TRUE(command);
    EXPECT_FALSE(command->on);
    EXPECT_TRUE(contains(chat.type("/receipts"), "receipts are on"));  // not done yet
    EXPECT_TRUE(contains(chat.show(CommandDone{.command = chat.last()}), "receipts are off"));
    EXPECT_TRUE(contains(chat.type("/receipts"), "receipts are off"));
    chat.type("/receipts on");
    ASSERT_TRUE(chat.command<SetReadReceipts>()->on);
    chat.show(CommandFailed{.command = chat.last(), .error = CommandError::disk_full});
    EXPECT_TRUE(contains(chat.type("/receipts"), "receipts are off"));
    EXPECT_TRUE(contains(chat.type("/receipts please"), "/receipts on or"));
    EXPECT_TRUE(chat->take_commands().empty());
}

TEST(ChatSession, the_profile_says_how_read_receipts_stand) {
    Chat chat(Language::french);
    Opened change{.self = test::self("alice", true), .contacts = {}, .conversations = {}};
    change.read_receipts = false;
    chat.show(VaultChanged{.state = VaultState::open});
    chat.show(change);
    EXPECT_TRUE(contains(chat.type("/receipts"), "désactivées"));
}

}  // namespace
}  // namespace sotto::peer::cli
