// A small palette of emoji over the composer, for those who have no other way to type them.
#pragma once

#include <string>

#include "ui/kit.hpp"

namespace sotto::ui {

// Draws the popup "emoji-picker" of the current window when it is open, its lower right corner at
// `bottom_right`; answers the emoji that was chosen in this frame. It stays open for more.
[[nodiscard]] std::string draw_emoji_picker(Kit& kit, ImVec2 bottom_right);

}  // namespace sotto::ui
