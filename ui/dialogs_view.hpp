// The boxes over the window: a contact request, opening a link, blocking, unsent drafts.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

// Draws the dialog that is open, if any (settings included), and closes it when it is done.
void draw_dialogs(Kit& kit, const ViewModel& model, UiState& ui);

}  // namespace sotto::ui
