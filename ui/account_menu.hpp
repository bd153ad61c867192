// Who is here, at the top left: avatar, name, the state of the server; a click opens a menu to
// lock, to invite and to quit.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_account(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size);

}  // namespace sotto::ui
