// The head of a conversation: who it is, whether they are there, and which way messages travel.
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

inline constexpr float conversation_header_height = 64.0F;

// `narrow`: one pane only, so an arrow leads back to the list.
void draw_conversation_header(Kit& kit, const ViewModel& model, UiState& ui,
                              const ContactEntry& entry, ImVec2 at, float width, bool narrow);

}  // namespace sotto::ui
