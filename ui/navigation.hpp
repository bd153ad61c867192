// Going from one screen or conversation to another, and what follows from being there.
//
// follow() runs once per frame before the views: it asks for the history of what was selected,
// keeps the directory's answer in step with the search box, and lets old conversations leave
// memory. It is the only place that starts such background questions. Ui thread; no drawing.
#pragma once

#include "ui/ui_state.hpp"

#include <optional>
#include <string>

namespace sotto::ui {

void select_contact(UiState& ui, const AccountId& account);
void leave_conversation(UiState& ui);  // back to "choose someone"

// A message that a search found: its conversation is opened, scrolled to it, and it lights up.
void show_message(UiState& ui, const AccountId& account, std::uint64_t row);
// The search box looks for words in the open conversation.
void search_in_conversation(UiState& ui);
// Opens the dialog, for a name that is still to be typed or for somebody given.
void start_request(UiState& ui);
void start_request(UiState& ui, const AccountId& account, const std::string& username);
// At once, without a question: drafts are kept (ui/kept_drafts.hpp).
void lock(UiState& ui);
// The vault's passphrase, or the account's password at the server.
void start_passphrase_change(UiState& ui, bool of_account);

// The safety number of a contact; of its new key, when its keys changed.
void start_safety(UiState& ui, const ViewModel& model, const peer::Contact& contact);
void set_verified(UiState& ui, const AccountId& account, bool verified);
// The answer to "their keys changed": `key` is the contact's own or its new one.
void choose_key(UiState& ui, const peer::Contact& contact, const AccountId& key);
// False: the window stays open and asks about unsent drafts.
[[nodiscard]] bool may_quit(UiState& ui, const ViewModel& model);

// Asks for the page before the oldest message in memory, unless that is under way.
void load_older(UiState& ui, const Conversation& conversation, const AccountId& account,
                Thread& thread);
// And for the one after the newest in memory, where the run ends in the past.
void load_newer(UiState& ui, const Conversation& conversation, const AccountId& account,
                Thread& thread);

struct FollowClock {
    double now_s = 0.0;  // steady
};
// Answers after how many seconds it wants to run again without an event; 0: never.
[[nodiscard]] double follow(ViewModel& model, UiState& ui, FollowClock clock);

}  // namespace sotto::ui
