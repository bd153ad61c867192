// The dialog in which two people make sure that there is nobody between them: the safety number,
// the code to scan or to paste, and the mark "verified".
//
// Comparing a pasted code is done by crypto/verify.hpp; the dialog says its verdict and marks
// nobody by itself, because a code that came through the conversation proves nothing.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_safety(Kit& kit, const ViewModel& model, UiState& ui, float width);

}  // namespace sotto::ui
