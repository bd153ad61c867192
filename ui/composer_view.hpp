// The box a message is written in. It always names who will read it.
//
// Enter sends, Shift+Enter begins a line. What is sent leaves the box at once and comes back, with
// a reason, when it could not be stored; nothing typed is ever lost. The draft belongs to its
// conversation.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

// Screen pixels the composer needs at this width, with what is typed now.
[[nodiscard]] float composer_height(Kit& kit, const UiState& ui, const ContactEntry& entry,
                                    Thread& thread, float width);
void draw_composer(Kit& kit, UiState& ui, const ContactEntry& entry, Thread& thread, ImVec2 at,
                   float width);

}  // namespace sotto::ui
