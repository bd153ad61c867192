// Drawing text that a person wrote: any script, right to left, colour emoji, kerning, links,
// selections.
//
// ImGui's own text calls are for plain labels only; names, messages and input boxes come through
// here. layout() remembers the last layouts (least recently used go first, by weight): asking again
// for the same text costs a hash. A returned reference is valid until end_frame(). Text of peers
// must have passed sanitise_message() or sanitise_name(). Ui thread, within a frame.
#pragma once

#include "ui/glyph_atlas.hpp"
#include "ui/text_layout.hpp"

#include <imgui.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sotto::ui {

struct TextPaint {
    ImU32 colour = 0xFFFFFFFF;
    ImU32 link = 0;       // 0: as `colour`; links are underlined in any case
    ImU32 selection = 0;  // background of [select_begin, select_end)
    std::size_t select_begin = 0;
    std::size_t select_end = 0;
    int hovered_link = -1;  // this one's underline is drawn stronger
};

// A glyph about to be written to a draw list.
struct GlyphStamp {
    const AtlasGlyph* glyph;
    float x;
    float y;
};

class TextEngine {
public:
    // Total weight (clusters + glyphs) of remembered layouts: about 3,000 usual messages, 20 MB.
    static constexpr std::size_t weight_max = 400'000;

    TextEngine(FontSet& fonts, GlyphAtlas& glyphs) : fonts_(fonts), glyphs_(glyphs) {}

    [[nodiscard]] const TextLayout& layout(std::string_view text, TextStyle style, Wrap wrap = {});

    // Width and height without wrapping.
    [[nodiscard]] ImVec2 measure(std::string_view text, TextStyle style);

    void draw(ImDrawList& list, ImVec2 top_left, const TextLayout& layout, const TextPaint& paint);
    // One line, cut with an ellipsis at `width_max` (0: never). Answers the width it took.
    float draw(ImDrawList& list, ImVec2 top_left, std::string_view text, TextStyle style,
               ImU32 colour, float width_max = 0.0F);
    // One line centred around a point, both ways.
    void draw_centred(ImDrawList& list, ImVec2 centre, std::string_view text, TextStyle style,
                      ImU32 colour);
    // One glyph of the icon font centred around a point; `fallback` is text for when that font is
    // missing.
    void draw_icon(ImDrawList& list, ImVec2 centre, char32_t icon, float size, ImU32 colour,
                   std::string_view fallback = {});

    // Forgets old layouts; call after the frame is drawn.
    void end_frame();
    void clear();
    [[nodiscard]] std::size_t remembered() const { return by_key_.size(); }

private:
    struct Entry {
        std::uint64_t key;
        Wrap wrap;
        std::string text;  // as asked for; the layout's own may be cut
        TextLayout layout;
    };
    using Entries = std::list<Entry>;
    void draw_line(ImDrawList& list, ImVec2 origin, const TextLayout& layout, const LaidLine& line,
                   const TextPaint& paint);
    void draw_links(ImDrawList& list, ImVec2 origin, const TextLayout& layout,
                    const TextPaint& paint);

    FontSet& fonts_;
    GlyphAtlas& glyphs_;
    Entries entries_;  // most recently used first
    std::unordered_multimap<std::uint64_t, Entries::iterator> by_key_;
    std::size_t weight_ = 0;
    std::vector<GlyphStamp> stamps_;  // kept for its capacity
};

}  // namespace sotto::ui
