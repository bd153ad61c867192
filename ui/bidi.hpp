// The Unicode bidirectional algorithm as far as a chat needs it: levels of one paragraph (by
// FriBidi) and the visual order of one line (rule L2). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sotto::ui {

struct BidiParagraph {
    bool right_to_left = false;        // base direction, from the first strong character
    std::vector<std::uint8_t> levels;  // one per code point (as decode_utf8 counts them)
};

[[nodiscard]] BidiParagraph bidi_levels(std::string_view paragraph);

// Indices of `levels` from left to right on the screen.
[[nodiscard]] std::vector<std::uint32_t> visual_order(std::span<const std::uint8_t> levels);

}  // namespace sotto::ui
