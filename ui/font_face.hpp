// One font file: mapped bytes, a FreeType face to draw glyphs and a HarfBuzz font to shape with.
//
// Both libraries' handles are released with the object. Shaping uses unhinted advances; drawing
// uses light hinting (vertical only), so positions may be fractions of a pixel. Fonts come from the
// system's own folders, never from a peer. Ui thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct FT_LibraryRec_;  // NOLINT: FreeType's own tags
struct FT_FaceRec_;     // NOLINT
struct hb_font_t;

namespace sotto::ui {

using FaceId = std::uint16_t;
inline constexpr FaceId no_face = 0xFFFF;

struct FreeTypeDeleter {
    void operator()(FT_LibraryRec_* library) const;
    void operator()(FT_FaceRec_* face) const;
};
using FreeTypeLibrary = std::unique_ptr<FT_LibraryRec_, FreeTypeDeleter>;

struct HarfBuzzDeleter {
    void operator()(hb_font_t* font) const;
};

// A file mapped read-only; pages come from the page cache when they are touched.
class MappedFile {
public:
    MappedFile() = default;
    [[nodiscard]] static std::optional<MappedFile> open(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

// A drawn glyph: rows of 0xAABBGGRR (straight alpha, as ImGui wants it). Colourless glyphs are
// white.
struct GlyphBitmap {
    int width = 0;
    int height = 0;
    int left = 0;  // from the pen to the first column
    int top = 0;   // from the baseline up to the first row
    bool coloured = false;
    std::vector<std::uint32_t> pixels;
};

struct FaceMetrics {
    float ascent = 0.0F;   // per em, positive up
    float descent = 0.0F;  // per em, positive down
};

class FontFace {
public:
    // Nothing when the bytes are no font.
    [[nodiscard]] static std::unique_ptr<FontFace> open(FT_LibraryRec_* library, MappedFile file,
                                                        int index);
    // `bytes` must outlive the face.
    [[nodiscard]] static std::unique_ptr<FontFace> open(FT_LibraryRec_* library,
                                                        std::span<const std::byte> bytes,
                                                        int index);

    [[nodiscard]] bool has(char32_t code_point) const;
    [[nodiscard]] std::uint32_t glyph_of(char32_t code_point) const;
    [[nodiscard]] FaceMetrics metrics() const { return metrics_; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] int index() const { return index_; }
    [[nodiscard]] bool bitmap_only() const;  // colour strikes, scaled when drawn

    // The HarfBuzz font with its scale set to 26.6 units at `size_px`.
    [[nodiscard]] hb_font_t* shaper(float size_px);

    // `phase` is the sub-pixel position in quarters of a pixel, 0..3.
    [[nodiscard]] GlyphBitmap draw(std::uint32_t glyph, float size_px, int phase);

private:
    FontFace(MappedFile file, std::span<const std::byte> bytes, int index);
    [[nodiscard]] bool attach(FT_LibraryRec_* library);
    [[nodiscard]] GlyphBitmap draw_outline(std::uint32_t glyph, float size_px, int phase);
    [[nodiscard]] GlyphBitmap draw_strike(std::uint32_t glyph, float size_px);

    MappedFile file_;
    std::span<const std::byte> bytes_;
    int index_ = 0;
    std::unique_ptr<FT_FaceRec_, FreeTypeDeleter> face_;
    std::unique_ptr<hb_font_t, HarfBuzzDeleter> shaper_;
    FaceMetrics metrics_;
    std::int32_t shaper_scale_ = 0;
    std::int32_t outline_size_ = 0;
};

}  // namespace sotto::ui
