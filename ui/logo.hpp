// Sotto's mark: a speech bubble whose three dots grow quieter. Drawn, not loaded: sharp at any
// size.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <vector>

namespace sotto::ui {

void draw_logo(ImDrawList& list, ImVec2 centre, float size);

// The same as a picture for the window manager: side * side pixels, 0xAARRGGBB, straight alpha.
[[nodiscard]] std::vector<std::uint32_t> app_icon(int side);

}  // namespace sotto::ui
