// The right pane: one conversation from header to composer, or a kind word when none is chosen.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

// `narrow`: this is the only pane, so the header leads back to the list.
void draw_conversation(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size,
                       bool narrow);

}  // namespace sotto::ui
