// A text as a QR code (ISO/IEC 18004, error correction level M).
//
// make_qr() is pure and refuses what does not fit a code; draw_qr() draws dark modules on a white
// card in both themes, because many scanners do not read inverted codes.
#pragma once

#include "ui/kit.hpp"

#include <imgui.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace sotto::ui {

struct QrCode {
    std::size_t side = 0;       // modules
    std::vector<bool> modules;  // side * side, row by row; true: dark
    [[nodiscard]] bool dark(std::size_t x, std::size_t y) const { return modules[y * side + x]; }
};
// Nothing for an empty text and for more than 300 bytes: a finer code is hard to scan.
[[nodiscard]] std::optional<QrCode> make_qr(std::string_view text);

// The card's side, screen pixels: whole pixels per module, at most `room`, the quiet zone included.
[[nodiscard]] float qr_side(const QrCode& code, float room);
void draw_qr(const Kit& kit, ImDrawList& list, ImVec2 at, const QrCode& code, float side);

}  // namespace sotto::ui
