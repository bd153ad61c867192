// Drafts on their way into the profile: what stands in a box is kept in the encrypted database a
// moment after the last key, so that neither a lock nor the end of the program costs a word.
//
// Each conversation's DraftState knows what the disk has, by the box' revision. What cannot be
// stored (a full disk) stays dirty until the box changes again; KeptDrafts holds it over a lock.
// Ui thread.
#pragma once

#include "ui/ui_state.hpp"

namespace sotto::ui {

// Something stands in the box, or stood there, that the disk does not have so.
[[nodiscard]] bool is_unsaved(const Thread& thread);

// Posts what is due. In how many seconds the next one is; 0: none waits.
[[nodiscard]] double follow_drafts(UiState& ui, double now_s);
// Posts everything that is unsaved and not under way: before a lock, before the end.
void save_drafts_now(UiState& ui);

// From the profile, when the vault was opened.
void restore_draft(UiState& ui, const AccountId& account, std::string_view text);
// The answer to a SaveDraft.
void draft_saved(UiState& ui, const AccountId& account);
void draft_not_saved(UiState& ui, const AccountId& account);

// Who asked for the end waits for this: nothing (it may end), or Dialog::quit_drafts was opened
// because something cannot be stored.
enum class LastDrafts : std::uint8_t { saved, under_way, lost };
[[nodiscard]] LastDrafts last_drafts(const UiState& ui);

}  // namespace sotto::ui
