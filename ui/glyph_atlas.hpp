// Shaped glyphs inside ImGui's own font atlas, so that text and shapes share one texture and one
// draw call.
//
// Keyed by (face, glyph, size, quarter of a pixel). A place in the atlas may move whenever a glyph
// is added: prepare() everything a text needs, then look places up and emit them (ui.md 3b). Above
// `bytes_max` of texture everything of ours is dropped and drawn again when needed. Ui thread,
// within a frame.
#pragma once

#include "ui/fonts.hpp"

#include <imgui.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace sotto::ui {

struct GlyphKey {
    FaceId face = no_face;
    std::uint8_t phase = 0;  // quarters of a pixel
    std::uint16_t size = 0;  // pixels * 8
    std::uint32_t glyph = 0;
    friend bool operator==(const GlyphKey&, const GlyphKey&) = default;
};

struct AtlasGlyph {
    ImFontAtlasRectId rect =
        ImFontAtlasRectId_Invalid;  // invalid: nothing to draw, such as a space
    std::int16_t left = 0;
    std::int16_t top = 0;
    std::int16_t width = 0;
    std::int16_t height = 0;
    bool coloured = false;
};

class GlyphAtlas {
public:
    // Room for about 10,000 glyphs at twice the usual size; a texture of 4096 x 2048.
    static constexpr std::size_t bytes_max = std::size_t{32} << 20U;

    GlyphAtlas(FontSet& fonts, ImFontAtlas& atlas) : fonts_(fonts), atlas_(atlas) {}

    // Draws the glyph into the atlas unless it is there. The reference lives until the next frame.
    const AtlasGlyph& prepare(const GlyphKey& key);
    // Texture coordinates as of now.
    [[nodiscard]] ImFontAtlasRect place(const AtlasGlyph& glyph) const;
    // Between frames: forgets everything when the texture has grown too large.
    void collect();
    [[nodiscard]] std::size_t size() const { return glyphs_.size(); }

private:
    struct Hash {
        std::size_t operator()(const GlyphKey& key) const;
    };
    FontSet& fonts_;
    ImFontAtlas& atlas_;
    std::unordered_map<GlyphKey, AtlasGlyph, Hash> glyphs_;
};

}  // namespace sotto::ui
