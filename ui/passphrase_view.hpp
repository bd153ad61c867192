// The dialog that changes the vault's passphrase: the old one once, the new one twice.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_passphrase(Kit& kit, UiState& ui, float width);

}  // namespace sotto::ui
