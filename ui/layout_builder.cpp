// Line breaking: from shaped paragraphs to a TextLayout (see text_layout.hpp).

#include "ui/bidi.hpp"
#include "ui/shaper.hpp"
#include "ui/text_layout.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace sotto::ui {

namespace {

constexpr float line_spacing = 1.4F;
constexpr std::string_view ellipsis = "\u2026";

[[nodiscard]] bool between(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

// Scripts that break between any two characters.
[[nodiscard]] bool is_ideographic(char32_t c) {
    return between(c, 0x2E80, 0x312F) || between(c, 0x3190, 0x9FFF) || between(c, 0xF900, 0xFAFF) ||
           between(c, 0xFF00, 0xFFEF) || between(c, 0x20000, 0x3FFFF);
}

// The few rules of kinsoku that matter most: closing marks stay with what they close, opening ones
// with what they open.
[[nodiscard]] bool never_starts_line(char32_t c) {
    return std::u32string_view(
               U"、。，．・：；？！）］｝」』】〉》〕ー゛゜ぁぃぅぇぉっゃゅょゎ"
               U"ァィゥェォッャュョヮ々…‥’”%,.!?:;)]}»")
               .find(c) != std::u32string_view::npos;
}

[[nodiscard]] bool never_ends_line(char32_t c) {
    return std::u32string_view(U"（［｛「『【〈《〔‘“([{«").find(c) != std::u32string_view::npos;
}

[[nodiscard]] bool may_break(const LaidCluster& before, const LaidCluster& after) {
    if (before.space) {
        return !after.space;
    }
    if (after.space || never_starts_line(after.base) || never_ends_line(before.base)) {
        return false;
    }
    if (before.emoji || after.emoji || is_ideographic(before.base) || is_ideographic(after.base)) {
        return true;
    }
    const bool dash = before.base == '-' || before.base == 0x2010 || before.base == 0x2013 ||
                      before.base == 0x2014 || before.base == 0x200B;
    return dash && !between(after.base, '0', '9') && after.base != '-';
}

}  // namespace

class LayoutBuilder {
public:
    LayoutBuilder(FontSet& fonts, TextStyle style, Wrap wrap) : fonts_(fonts), wrap_(wrap) {
        layout_.style_ = style;
        const FaceMetrics metrics = fonts.face(fonts.text_face(style.weight)).metrics();
        layout_.line_height_ = std::round(style.size * line_spacing);
        const float glyphs = (metrics.ascent + metrics.descent) * style.size;
        ascent_ = std::round((layout_.line_height_ - glyphs) / 2 + metrics.ascent * style.size);
    }

    [[nodiscard]] TextLayout run(std::string text) {
        layout_.text_ = std::move(text);
        if (wrap_.links) {
            layout_.links_ = find_links(layout_.text_);
        }
        const std::string_view all = layout_.text_;
        for (std::size_t begin = 0; begin <= all.size();) {
            const std::size_t end = std::min(all.find('\n', begin), all.size());
            add_paragraph(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
            begin = end + 1;
        }
        align_lines();
        return std::move(layout_);
    }

private:
    void add_paragraph(std::uint32_t begin, std::uint32_t end) {
        ShapedParagraph paragraph =
            shape_paragraph(fonts_, layout_.text_, {begin, end}, layout_.style_, layout_.glyphs_);
        const auto first = static_cast<std::uint32_t>(layout_.clusters_.size());
        auto& clusters = layout_.clusters_;
        clusters.insert(clusters.end(), paragraph.clusters.begin(), paragraph.clusters.end());
        mark_breaks(first);
        if (end < layout_.text_.size()) {
            LaidCluster newline;
            newline.begin = end;
            newline.end = end + 1;
            newline.base = '\n';
            newline.newline = true;
            newline.level = paragraph.right_to_left ? 1 : 0;
            clusters.push_back(newline);
        }
        break_lines(first, paragraph.right_to_left);
    }

    void mark_breaks(std::uint32_t first) {
        auto& clusters = layout_.clusters_;
        for (std::size_t i = first; i + 1 < clusters.size(); ++i) {
            clusters[i].break_after = may_break(clusters[i], clusters[i + 1]);
        }
    }

    void break_lines(std::uint32_t first, bool right_to_left) {
        const auto& clusters = layout_.clusters_;
        const auto end = static_cast<std::uint32_t>(clusters.size());
        std::uint32_t begin = first;
        do {
            const std::uint32_t cut = line_break(begin, end);
            add_line(begin, cut, right_to_left, cut < end);
            begin = cut;
        } while (begin < end);
    }

    // Where the line that begins at `begin` ends: the last allowed break that fits, else the last
    // cluster that fits, at least one. Spaces at the end of a line take no room.
    [[nodiscard]] std::uint32_t line_break(std::uint32_t begin, std::uint32_t end) const {
        const auto& clusters = layout_.clusters_;
        float width = 0.0F;
        std::uint32_t allowed = begin;
        for (std::uint32_t i = begin; i < end; ++i) {
            width += clusters[i].advance;
            const bool fits = wrap_.width <= 0.0F || wrap_.ellipsis || clusters[i].space ||
                              clusters[i].newline || width <= wrap_.width + 0.01F;
            if (!fits) {
                return allowed > begin ? allowed : break_word(begin, i);
            }
            if (clusters[i].break_after) {
                allowed = i + 1;
            }
        }
        return end;
    }

    // A word longer than a line (mostly a link): cut after a separator near the edge, else
    // anywhere.
    [[nodiscard]] std::uint32_t break_word(std::uint32_t begin, std::uint32_t end) const {
        constexpr std::uint32_t look_back = 16;
        for (std::uint32_t i = end; i > begin && end - i < look_back; --i) {
            const char32_t c = layout_.clusters_[i - 1].base;
            if (std::u32string_view(U"/?&=#-_.,;").find(c) != std::u32string_view::npos) {
                return i;
            }
        }
        return std::max(end, begin + 1);
    }

    void add_line(std::uint32_t first, std::uint32_t last, bool right_to_left, bool wrapped) {
        auto& clusters = layout_.clusters_;
        LaidLine line;
        line.first = first;
        line.last = last;
        line.right_to_left = right_to_left;
        line.wrapped = wrapped;
        line.top = static_cast<float>(layout_.lines_.size()) * layout_.line_height_;
        line.baseline = line.top + ascent_;
        // Rule L1: spaces at the end of a line take the paragraph's direction.
        std::vector<std::uint8_t> levels;
        levels.reserve(last - first);
        for (std::uint32_t i = first; i < last; ++i) {
            levels.push_back(clusters[i].level);
        }
        std::uint32_t end = last;
        while (end > first && (clusters[end - 1].space || clusters[end - 1].newline)) {
            --end;
            levels[end - first] = right_to_left ? 1 : 0;
            clusters[end].level = levels[end - first];
        }
        for (std::uint32_t i = first; i < end; ++i) {
            line.width += clusters[i].advance;
        }
        // Trailing spaces of a right-to-left line hang out at its left.
        float pen = 0.0F;
        for (std::uint32_t i = end; right_to_left && i < last; ++i) {
            pen -= clusters[i].advance;
        }
        for (const std::uint32_t i : visual_order(levels)) {
            clusters[first + i].x = pen;
            pen += clusters[first + i].advance;
        }
        layout_.lines_.push_back(line);
    }

    void align_lines() {
        for (const LaidLine& line : layout_.lines_) {
            layout_.width_ = std::max(layout_.width_, line.width);
        }
        const float right = wrap_.fill && wrap_.width > 0.0F ? wrap_.width : layout_.width_;
        for (LaidLine& line : layout_.lines_) {
            if (line.right_to_left && line.width < right) {
                line.left = std::floor(right - line.width);
                for (std::uint32_t i = line.first; i < line.last; ++i) {
                    layout_.clusters_[i].x += line.left;
                }
            }
        }
    }

    FontSet& fonts_;
    Wrap wrap_;
    TextLayout layout_;
    float ascent_ = 0.0F;

    friend class TextLayout;
};

namespace {

// As much of the text as leaves room for "..." in `width`.
[[nodiscard]] std::size_t length_that_fits(const TextLayout& layout, float width) {
    float used = 0.0F;
    std::size_t end = 0;
    for (const LaidCluster& cluster : layout.clusters()) {
        used += cluster.advance;
        if (used > width) {
            break;
        }
        if (!cluster.space) {
            end = cluster.end;
        }
    }
    return end;
}

}  // namespace

TextLayout TextLayout::make(FontSet& fonts, std::string_view text, TextStyle style, Wrap wrap) {
    if (!wrap.ellipsis) {
        return LayoutBuilder(fonts, style, wrap).run(std::string(text));
    }
    // A preview of a long message needs its beginning only.
    constexpr std::size_t bytes_max = 2048;
    const std::size_t length =
        text.size() <= bytes_max ? text.size() : next_grapheme(text, bytes_max);
    std::string line(text.substr(0, length));
    std::ranges::replace(line, '\n', ' ');
    TextLayout whole = LayoutBuilder(fonts, style, wrap).run(line);
    if (wrap.width <= 0.0F || whole.width() <= wrap.width) {
        return whole;
    }
    const float dots = LayoutBuilder(fonts, style, {}).run(std::string(ellipsis)).width();
    line.resize(length_that_fits(whole, wrap.width - dots));
    TextLayout cut = LayoutBuilder(fonts, style, wrap).run(line + std::string(ellipsis));
    cut.cut_ = true;
    return cut;
}

}  // namespace sotto::ui
