#include "ui/text_layout.hpp"

#include <string.h>
#include <algorithm>
#include <cmath>

namespace sotto::ui {

namespace {

// How much of a selected line feed is shown, in parts of the font size.
constexpr float newline_width = 0.35F;

[[nodiscard]] float distance(const LaidCluster& c, float x) {
    return x < c.x ? c.x - x : std::max(x - (c.x + c.advance), 0.0F);
}

}  // namespace

void TextLayout::wipe() {
    explicit_bzero(text_.data(), text_.size());
    for (LaidCluster& cluster : clusters_) {
        cluster.base = 0;
    }
    for (LaidGlyph& glyph : glyphs_) {
        glyph.glyph = 0;
    }
}

float TextLayout::height() const {
    return static_cast<float>(lines_.size()) * line_height_;
}

std::size_t TextLayout::line_of(std::size_t offset) const {
    std::size_t line = 0;
    while (line + 1 < lines_.size() && line_start(line + 1) <= offset) {
        ++line;
    }
    return line;
}

std::size_t TextLayout::line_start(std::size_t line) const {
    const LaidLine& l = lines_[line];
    return l.first < clusters_.size() ? clusters_[l.first].begin : text_.size();
}

std::size_t TextLayout::line_end(std::size_t line) const {
    const LaidLine& l = lines_[line];
    if (l.first == l.last) {
        return line_start(line);
    }
    const LaidCluster& last = clusters_[l.last - 1];
    if (last.newline) {
        return last.begin;
    }
    // The end of a wrapped line is the start of the next one; the caret stays here, before the
    // space that was swallowed.
    return l.wrapped && last.space ? last.begin : last.end;
}

std::size_t TextLayout::offset_at(std::size_t line, float x) const {
    const LaidLine& l = lines_[std::min(line, lines_.size() - 1)];
    const LaidCluster* nearest = nullptr;
    for (std::uint32_t i = l.first; i < l.last; ++i) {
        const LaidCluster& c = clusters_[i];
        if (!c.newline && (nearest == nullptr || distance(c, x) < distance(*nearest, x))) {
            nearest = &c;
        }
    }
    if (nearest == nullptr) {
        return line_start(std::min(line, lines_.size() - 1));
    }
    const bool right_half = x > nearest->x + nearest->advance / 2;
    const std::size_t offset =
        right_half != nearest->right_to_left() ? nearest->end : nearest->begin;
    return std::min(offset, line_end(std::min(line, lines_.size() - 1)));
}

std::size_t TextLayout::hit_test(ImVec2 point) const {
    const float row = std::floor(point.y / line_height_);
    const float last = static_cast<float>(lines_.size() - 1);
    return offset_at(static_cast<std::size_t>(std::clamp(row, 0.0F, last)), point.x);
}

bool TextLayout::covers(ImVec2 point) const {
    if (point.y < 0.0F || point.y >= height()) {
        return false;
    }
    const LaidLine& l = lines_[static_cast<std::size_t>(point.y / line_height_)];
    return point.x >= l.left && point.x < l.left + l.width;
}

int TextLayout::link_at(ImVec2 point) const {
    if (links_.empty() || !covers(point)) {
        return -1;
    }
    const LaidLine& l = lines_[static_cast<std::size_t>(point.y / line_height_)];
    for (std::uint32_t i = l.first; i < l.last; ++i) {
        const LaidCluster& c = clusters_[i];
        if (point.x < c.x || point.x >= c.x + c.advance) {
            continue;
        }
        for (std::size_t n = 0; n < links_.size(); ++n) {
            if (c.begin >= links_[n].begin && c.begin < links_[n].end) {
                return static_cast<int>(n);
            }
        }
    }
    return -1;
}

ImVec2 TextLayout::caret(std::size_t offset) const {
    const std::size_t line = line_of(offset);
    const LaidLine& l = lines_[line];
    const auto begin = clusters_.begin() + l.first;
    const auto end = clusters_.begin() + l.last;
    const auto at = std::lower_bound(
        begin, end, offset, [](const LaidCluster& c, std::size_t o) { return c.begin < o; });
    if (at != end && !at->newline) {
        return {at->leading(), l.top};
    }
    if (at == begin) {
        return {l.left + (l.right_to_left ? l.width : 0.0F), l.top};
    }
    return {std::prev(at)->trailing(), l.top};
}

bool TextLayout::right_to_left_at(std::size_t offset) const {
    const LaidLine& l = lines_[line_of(offset)];
    for (std::uint32_t i = l.first; i < l.last; ++i) {
        if (clusters_[i].end > offset && !clusters_[i].newline) {
            return clusters_[i].right_to_left();
        }
    }
    return l.first < l.last && !clusters_[l.last - 1].newline
               ? clusters_[l.last - 1].right_to_left()
               : l.right_to_left;
}

std::vector<TextLayout::Box> TextLayout::boxes(std::size_t begin, std::size_t end) const {
    std::vector<Box> out;
    for (std::size_t i = line_of(begin); i < lines_.size() && line_start(i) < end; ++i) {
        const LaidLine& l = lines_[i];
        std::vector<Box> line;
        for (std::uint32_t n = l.first; n < l.last; ++n) {
            const LaidCluster& c = clusters_[n];
            if (c.end > begin && c.begin < end) {
                const float wide = c.newline ? style_.size * newline_width : c.advance;
                line.push_back({{c.x, l.top}, {c.x + wide, l.top + line_height_}});
            }
        }
        std::ranges::sort(line, {}, [](const Box& b) { return b.min.x; });
        constexpr float gap_max = 0.75F;  // rounding between neighbours
        const std::size_t first = out.size();
        for (const Box& box : line) {
            if (out.size() > first && box.min.x <= out.back().max.x + gap_max) {
                out.back().max.x = std::max(out.back().max.x, box.max.x);
            } else {
                out.push_back(box);
            }
        }
    }
    return out;
}

}  // namespace sotto::ui
