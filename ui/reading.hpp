// How far somebody has read: keeps the rows of the open conversation in step with the model, places
// the "new messages" marker, and says what has been seen.
//
// A message counts as seen when its row was on the screen of a focused window; only then MarkRead
// is posted. No drawing; ui thread.
#pragma once

#include "ui/ui_state.hpp"

namespace sotto::ui {

struct TimelineScene {
    const ContactEntry& entry;
    const Conversation& conversation;
    Thread& thread;
};

// Before the list is drawn.
void follow_reading(const UiState& ui, const TimelineScene& scene);
// After it.
void note_what_was_seen(UiState& ui, const TimelineScene& scene);

// Incoming messages below what was on the screen.
[[nodiscard]] std::size_t count_unseen(const Conversation& conversation, std::uint64_t seen_row);

}  // namespace sotto::ui
