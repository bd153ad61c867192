// How many screen pixels a design pixel has, as the desktop environment says.
#pragma once

#include <optional>
#include <string_view>

namespace sotto::ui {

// SOTTO_SCALE, else Xft.dpi / 96 of the X server's resources, else GDK_SCALE, else 1.
// Kept between 0.5 and 4. (SDL's own display dpi is the panel's physical one: of no use.)
[[nodiscard]] float detect_scale();

// The value of Xft.dpi in a RESOURCE_MANAGER text. Pure.
[[nodiscard]] std::optional<float> xft_dpi(std::string_view resources);

}  // namespace sotto::ui
