// One paragraph from characters to positioned glyphs: bidi levels, fonts, scripts, HarfBuzz.
//
// Knows nothing about lines; text_layout breaks the result. Font and script runs follow ui.md 3d.
#pragma once

#include "ui/fonts.hpp"
#include "ui/text_layout.hpp"

#include <string_view>
#include <vector>

namespace sotto::ui {

struct ShapedParagraph {
    bool right_to_left = false;
    std::vector<LaidCluster> clusters;  // logical order; offsets and glyph indices are absolute
};

// Shapes text[begin, end), which holds no line feed, and appends its glyphs to `glyphs`.
[[nodiscard]] ShapedParagraph shape_paragraph(FontSet& fonts, std::string_view text,
                                              TextSpan paragraph, TextStyle style,
                                              std::vector<LaidGlyph>& glyphs);

}  // namespace sotto::ui
