// The messages of the open conversation: draws the visible rows, asks for older pages at the top.
//
// The list stays at the bottom while it is there, and stays where it is when it is not.
#pragma once

#include "ui/kit.hpp"
#include "ui/reading.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

void draw_timeline(Kit& kit, UiState& ui, const TimelineScene& scene, ImVec2 at, ImVec2 size);

}  // namespace sotto::ui
