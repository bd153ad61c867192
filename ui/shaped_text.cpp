#include "ui/shaped_text.hpp"

#include "ui/utf8.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string>

namespace sotto::ui {

namespace {

[[nodiscard]] std::uint64_t hash_of(std::string_view text, TextStyle style, Wrap wrap) {
    std::uint64_t h = std::hash<std::string_view>{}(text);
    const auto add = [&h](std::uint64_t v) { h = (h ^ v) * 0x9E3779B97F4A7C15U; };
    add(std::bit_cast<std::uint32_t>(style.size));
    add(std::bit_cast<std::uint32_t>(wrap.width));
    add(static_cast<std::uint64_t>(style.weight) | (wrap.ellipsis ? 2U : 0U) |
        (wrap.links ? 4U : 0U) | (wrap.fill ? 8U : 0U));
    return h ^ (h >> 29U);
}

[[nodiscard]] std::size_t weight_of(const TextLayout& layout) {
    return 16 + layout.clusters().size() + layout.glyphs().size();
}

struct PenPosition {
    float pixel;
    std::uint8_t phase;
};

// Horizontally text stands on quarters of a pixel; emoji and icons on whole ones.
[[nodiscard]] PenPosition snap(float x, bool whole) {
    if (whole) {
        return {std::round(x), 0};
    }
    const float quarters = std::floor(x * 4.0F + 0.5F);
    const float pixel = std::floor(quarters / 4.0F);
    return {pixel, static_cast<std::uint8_t>(quarters - pixel * 4.0F)};
}

[[nodiscard]] std::uint16_t atlas_size(float px) {
    return static_cast<std::uint16_t>(std::clamp(std::lround(px * 8.0F), 8L, 4096L));
}

void emit(ImDrawList& list, const GlyphAtlas& atlas, const std::vector<GlyphStamp>& stamps,
          ImU32 colour) {
    const auto count = static_cast<int>(stamps.size());
    if (count == 0) {
        return;
    }
    list.PrimReserve(count * 6, count * 4);
    for (const GlyphStamp& stamp : stamps) {
        const ImFontAtlasRect place = atlas.place(*stamp.glyph);
        const ImVec2 max(stamp.x + static_cast<float>(stamp.glyph->width),
                         stamp.y + static_cast<float>(stamp.glyph->height));
        const ImU32 ink = stamp.glyph->coloured ? colour | ~IM_COL32_A_MASK : colour;
        list.PrimRectUV({stamp.x, stamp.y}, max, place.uv0, place.uv1, ink);
    }
}

}  // namespace

const TextLayout& TextEngine::layout(std::string_view text, TextStyle style, Wrap wrap) {
    const std::uint64_t key = hash_of(text, style, wrap);
    const auto [first, last] = by_key_.equal_range(key);
    for (auto it = first; it != last; ++it) {
        const Entry& entry = *it->second;
        if (entry.text == text && entry.layout.style() == style && entry.wrap == wrap) {
            entries_.splice(entries_.begin(), entries_, it->second);
            return it->second->layout;
        }
    }
    entries_.push_front(
        {key, wrap, std::string(text), TextLayout::make(fonts_, text, style, wrap)});
    by_key_.emplace(key, entries_.begin());
    weight_ += weight_of(entries_.front().layout);
    return entries_.front().layout;
}

ImVec2 TextEngine::measure(std::string_view text, TextStyle style) {
    const TextLayout& laid = layout(text, style);
    return {laid.width(), laid.height()};
}

void TextEngine::draw(ImDrawList& list, ImVec2 top_left, const TextLayout& layout,
                      const TextPaint& paint) {
    const ImVec2 origin(top_left.x, std::floor(top_left.y));
    if (paint.select_begin < paint.select_end) {
        for (const TextLayout::Box& box : layout.boxes(paint.select_begin, paint.select_end)) {
            list.AddRectFilled({std::floor(origin.x + box.min.x), origin.y + box.min.y},
                               {std::ceil(origin.x + box.max.x), origin.y + box.max.y},
                               paint.selection);
        }
    }
    const float clip_top = list.GetClipRectMin().y - origin.y;
    const float clip_bottom = list.GetClipRectMax().y - origin.y;
    // Tall scripts reach beyond their line: one line more on either side.
    const float slack = layout.line_height();
    for (const LaidLine& line : layout.lines()) {
        if (line.top + layout.line_height() + slack > clip_top && line.top - slack < clip_bottom) {
            draw_line(list, origin, layout, line, paint);
        }
    }
    if (!layout.links().empty()) {
        draw_links(list, origin, layout, paint);
    }
}

void TextEngine::draw_line(ImDrawList& list, ImVec2 origin, const TextLayout& layout,
                           const LaidLine& line, const TextPaint& paint) {
    // First everything into the atlas (places may move), then out to the draw list.
    const std::uint16_t size = atlas_size(layout.style().size);
    std::vector<GlyphStamp>& stamps = stamps_;
    stamps.clear();
    std::size_t link = 0;
    const auto& links = layout.links();
    bool in_link = false;
    for (std::uint32_t i = line.first; i < line.last; ++i) {
        const LaidCluster& cluster = layout.clusters()[i];
        while (link < links.size() && links[link].end <= cluster.begin) {
            ++link;
        }
        const bool link_here = link < links.size() && links[link].begin <= cluster.begin;
        if (link_here != in_link && paint.link != 0) {
            emit(list, glyphs_, stamps, in_link ? paint.link : paint.colour);
            stamps.clear();
        }
        in_link = link_here;
        for (std::uint32_t n = 0; n < cluster.glyph_count; ++n) {
            const LaidGlyph& g = layout.glyphs()[cluster.first_glyph + n];
            const PenPosition pen = snap(origin.x + cluster.x + g.x, g.emoji);
            const AtlasGlyph& glyph = glyphs_.prepare({g.face, pen.phase, size, g.glyph});
            if (glyph.rect != ImFontAtlasRectId_Invalid) {
                stamps.push_back(
                    {&glyph, pen.pixel + static_cast<float>(glyph.left),
                     origin.y + line.baseline + std::round(g.y) - static_cast<float>(glyph.top)});
            }
        }
    }
    emit(list, glyphs_, stamps, in_link && paint.link != 0 ? paint.link : paint.colour);
}

void TextEngine::draw_links(ImDrawList& list, ImVec2 origin, const TextLayout& layout,
                            const TextPaint& paint) {
    const ImU32 colour = paint.link != 0 ? paint.link : paint.colour;
    const float thick = std::max(1.0F, std::floor(layout.style().size / 15.0F));
    const float drop = std::round(layout.line_height() * 0.86F);
    for (std::size_t i = 0; i < layout.links().size(); ++i) {
        const bool hovered = static_cast<int>(i) == paint.hovered_link;
        for (const auto& box : layout.boxes(layout.links()[i].begin, layout.links()[i].end)) {
            const float y = origin.y + box.min.y + drop;
            list.AddRectFilled(
                {std::floor(origin.x + box.min.x), y},
                {std::ceil(origin.x + box.max.x), y + thick + (hovered ? 1.0F : 0.0F)}, colour);
        }
    }
}

float TextEngine::draw(ImDrawList& list, ImVec2 top_left, std::string_view text, TextStyle style,
                       ImU32 colour, float width_max) {
    const TextLayout& laid = layout(text, style, {.width = width_max, .ellipsis = true});
    draw(list, top_left, laid, {.colour = colour});
    return laid.width();
}

void TextEngine::draw_centred(ImDrawList& list, ImVec2 centre, std::string_view text,
                              TextStyle style, ImU32 colour) {
    const TextLayout& laid = layout(text, style);
    const ImVec2 at(std::round(centre.x - laid.width() / 2),
                    std::round(centre.y - laid.height() / 2));
    draw(list, at, laid, {.colour = colour});
}

void TextEngine::draw_icon(ImDrawList& list, ImVec2 centre, char32_t icon, float size, ImU32 colour,
                           std::string_view fallback) {
    const FaceId face = fonts_.icon_face();
    const std::uint32_t glyph = face != no_face ? fonts_.face(face).glyph_of(icon) : 0;
    if (glyph == 0) {
        draw_centred(list, centre, fallback, {size * 0.8F, Weight::regular}, colour);
        return;
    }
    // The icons fill their em square: centre the square, not the ink, so that they line up.
    const AtlasGlyph& drawn = glyphs_.prepare({face, 0, atlas_size(size), glyph});
    if (drawn.rect == ImFontAtlasRectId_Invalid) {
        return;
    }
    const float x = std::round(centre.x - size / 2) + static_cast<float>(drawn.left);
    const float baseline = std::round(centre.y + size / 2);
    stamps_.assign(1, {&drawn, x, baseline - static_cast<float>(drawn.top)});
    emit(list, glyphs_, stamps_, colour);
}

void TextEngine::end_frame() {
    while (weight_ > weight_max && entries_.size() > 1) {
        const auto last = std::prev(entries_.end());
        const auto [begin, end] = by_key_.equal_range(last->key);
        by_key_.erase(std::find_if(begin, end, [&](const auto& e) { return e.second == last; }));
        weight_ -= weight_of(last->layout);
        entries_.erase(last);
    }
}

void TextEngine::clear() {
    by_key_.clear();
    entries_.clear();
    weight_ = 0;
}

}  // namespace sotto::ui
