// The settings: theme, language, size, privacy, the session, and what program this is.
//
// Every change takes effect at once and is saved by the App. Drawn inside a dialog, `width` screen
// pixels wide.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

// What the keyboard can do: in the settings, and by itself with F1.
void draw_keys(Kit& kit, const UiState& ui, float width);
void draw_settings(Kit& kit, const ViewModel& model, UiState& ui, float width);

}  // namespace sotto::ui
