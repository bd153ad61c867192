#include "ui/bidi.hpp"

#include "ui/utf8.hpp"

#include <fribidi.h>

#include <algorithm>
#include <numeric>

namespace sotto::ui {

namespace {

// The first right-to-left characters are Hebrew's; explicit marks begin at U+200E.
constexpr char32_t first_right_to_left = 0x590;

}  // namespace

BidiParagraph bidi_levels(std::string_view paragraph) {
    std::vector<FriBidiChar> code_points;
    code_points.reserve(paragraph.size());
    bool plain = true;
    for (std::size_t at = 0; at < paragraph.size();) {
        const Decoded d = decode_utf8(paragraph, at);
        plain = plain && d.code_point < first_right_to_left;
        code_points.push_back(d.code_point);
        at += d.length;
    }
    BidiParagraph out;
    out.levels.assign(code_points.size(), 0);
    if (plain) {
        return out;
    }
    const auto count = static_cast<FriBidiStrIndex>(code_points.size());
    std::vector<FriBidiCharType> types(code_points.size());
    std::vector<FriBidiBracketType> brackets(code_points.size());
    std::vector<FriBidiLevel> levels(code_points.size());
    fribidi_get_bidi_types(code_points.data(), count, types.data());
    fribidi_get_bracket_types(code_points.data(), count, types.data(), brackets.data());
    FriBidiParType base = fribidi_get_par_direction(types.data(), count);
    const FriBidiLevel highest = fribidi_get_par_embedding_levels_ex(types.data(), brackets.data(),
                                                                     count, &base, levels.data());
    if (highest == 0) {  // out of memory inside FriBidi: left to right is still readable
        return out;
    }
    out.right_to_left = FRIBIDI_IS_RTL(base);
    std::ranges::transform(levels, out.levels.begin(), [](FriBidiLevel level) {
        return static_cast<std::uint8_t>(std::max<int>(level, 0));
    });
    return out;
}

std::vector<std::uint32_t> visual_order(std::span<const std::uint8_t> levels) {
    std::vector<std::uint32_t> order(levels.size());
    std::iota(order.begin(), order.end(), 0U);
    if (levels.empty()) {
        return order;
    }
    const int highest = *std::ranges::max_element(levels);
    // Rule L2: from the highest level down to 1, turn around each run of at least that level.
    for (int level = highest; level >= 1; --level) {
        auto begin = order.begin();
        const auto at_least = [&](std::uint32_t i) { return levels[i] >= level; };
        while (begin != order.end()) {
            begin = std::find_if(begin, order.end(), at_least);
            const auto end = std::find_if_not(begin, order.end(), at_least);
            std::reverse(begin, end);
            begin = end;
        }
    }
    return order;
}

}  // namespace sotto::ui
