// The locked profile: who it belongs to (when they wish it shown) and the box for the passphrase.
//
// A wrong passphrase keeps what was typed, selected, so that typing replaces it.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_unlock(Kit& kit, const ViewModel& model, UiState& ui);

}  // namespace sotto::ui
