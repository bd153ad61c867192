// The first thing a newcomer sees: server link, name, password, and an account at the end.
//
// Says what is wrong while it is typed, keeps everything that was typed when registering fails, and
// posts Register exactly once per press. The password leaves this view only as SecretBytes.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_welcome(Kit& kit, const ViewModel& model, UiState& ui);

}  // namespace sotto::ui
