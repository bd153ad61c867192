#include "ui/glyph_atlas.hpp"

#include <algorithm>
#include <cstring>

namespace sotto::ui {

namespace {

void copy_pixels(const GlyphBitmap& bitmap, ImTextureData& texture, const ImFontAtlasRect& place) {
    const auto width = static_cast<std::size_t>(bitmap.width);
    for (int y = 0; y < bitmap.height; ++y) {
        const std::uint32_t* row = bitmap.pixels.data() + static_cast<std::size_t>(y) * width;
        auto* out = static_cast<std::uint8_t*>(texture.GetPixelsAt(place.x, place.y + y));
        if (texture.BytesPerPixel == 4) {
            std::memcpy(out, row, width * 4);
        } else {
            std::transform(row, row + width, out, [](std::uint32_t pixel) {
                return static_cast<std::uint8_t>(pixel >> 24U);
            });
        }
    }
}

}  // namespace

std::size_t GlyphAtlas::Hash::operator()(const GlyphKey& key) const {
    std::uint64_t h = (std::uint64_t{key.glyph} << 32U) | (std::uint64_t{key.size} << 16U) |
                      (std::uint64_t{key.face} << 2U) | key.phase;
    h *= 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(h ^ (h >> 32U));
}

const AtlasGlyph& GlyphAtlas::prepare(const GlyphKey& key) {
    const auto [it, fresh] = glyphs_.try_emplace(key);
    AtlasGlyph& glyph = it->second;
    if (!fresh) {
        return glyph;
    }
    const GlyphBitmap bitmap =
        fonts_.face(key.face).draw(key.glyph, static_cast<float>(key.size) / 8.0F, key.phase);
    if (bitmap.width == 0 || bitmap.height == 0) {
        return glyph;
    }
    ImFontAtlasRect place;
    glyph.rect = atlas_.AddCustomRect(bitmap.width, bitmap.height, &place);
    if (glyph.rect == ImFontAtlasRectId_Invalid) {
        return glyph;
    }
    glyph.left = static_cast<std::int16_t>(bitmap.left);
    glyph.top = static_cast<std::int16_t>(bitmap.top);
    glyph.width = static_cast<std::int16_t>(bitmap.width);
    glyph.height = static_cast<std::int16_t>(bitmap.height);
    glyph.coloured = bitmap.coloured;
    if (bitmap.coloured) {
        atlas_.TexPixelsUseColors = true;
    }
    copy_pixels(bitmap, *atlas_.TexData, place);
    return glyph;
}

ImFontAtlasRect GlyphAtlas::place(const AtlasGlyph& glyph) const {
    ImFontAtlasRect place;
    atlas_.GetCustomRect(glyph.rect, &place);
    return place;
}

void GlyphAtlas::collect() {
    if (atlas_.TexData == nullptr ||
        static_cast<std::size_t>(atlas_.TexData->GetSizeInBytes()) <= bytes_max) {
        return;
    }
    for (const auto& [key, glyph] : glyphs_) {
        if (glyph.rect != ImFontAtlasRectId_Invalid) {
            atlas_.RemoveCustomRect(glyph.rect);
        }
    }
    glyphs_.clear();
    atlas_.CompactCache();
}

}  // namespace sotto::ui
