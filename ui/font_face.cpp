#include "ui/font_face.hpp"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <hb-ot.h>
#include <hb.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sotto::ui {

namespace {

// A glyph larger than this is a broken font; the atlas could not hold it either.
constexpr int glyph_side_max = 1024;

[[nodiscard]] std::uint32_t white(unsigned alpha) {
    return 0x00FFFFFFU | (alpha << 24U);
}

[[nodiscard]] bool has_sane_size(const FT_Bitmap& bitmap) {
    return bitmap.width > 0 && bitmap.rows > 0 && bitmap.width <= glyph_side_max &&
           bitmap.rows <= glyph_side_max && bitmap.buffer != nullptr;
}

// FreeType's BGRA is premultiplied; ImGui blends straight alpha.
[[nodiscard]] std::uint32_t straight(double b, double g, double r, double a) {
    if (a < 0.5) {
        return 0;
    }
    const auto channel = [a](double premultiplied) {
        return static_cast<std::uint32_t>(std::clamp(premultiplied * 255.0 / a + 0.5, 0.0, 255.0));
    };
    const auto alpha = static_cast<std::uint32_t>(std::min(a + 0.5, 255.0));
    return channel(r) | (channel(g) << 8U) | (channel(b) << 16U) | (alpha << 24U);
}

// Averages the source pixels under each target pixel, weighted by how much of them it covers.
class AreaScaler {
public:
    AreaScaler(const FT_Bitmap& source, int width, int height)
        : source_(source),
          step_x_(static_cast<double>(source.width) / width),
          step_y_(static_cast<double>(source.rows) / height) {}

    [[nodiscard]] std::uint32_t at(int x, int y) const {
        const double left = x * step_x_;
        const double top = y * step_y_;
        const double right = std::min(left + step_x_, static_cast<double>(source_.width));
        const double bottom = std::min(top + step_y_, static_cast<double>(source_.rows));
        double sum[4] = {};
        double area = 0.0;
        for (int sy = static_cast<int>(top); sy < bottom; ++sy) {
            const double high = std::min(bottom, sy + 1.0) - std::max(top, static_cast<double>(sy));
            const auto* row = source_.buffer + std::ptrdiff_t{sy} * source_.pitch;
            for (int sx = static_cast<int>(left); sx < right; ++sx) {
                const double wide =
                    std::min(right, sx + 1.0) - std::max(left, static_cast<double>(sx));
                const double weight = high * wide;
                for (int i = 0; i < 4; ++i) {
                    sum[i] += weight * row[sx * 4 + i];
                }
                area += weight;
            }
        }
        if (area <= 0.0) {
            return 0;
        }
        return straight(sum[0] / area, sum[1] / area, sum[2] / area, sum[3] / area);
    }

private:
    const FT_Bitmap& source_;
    double step_x_;
    double step_y_;
};

[[nodiscard]] GlyphBitmap copy_bitmap(FT_GlyphSlot slot) {
    const FT_Bitmap& source = slot->bitmap;
    GlyphBitmap out;
    if (!has_sane_size(source)) {
        return out;
    }
    out.width = static_cast<int>(source.width);
    out.height = static_cast<int>(source.rows);
    out.left = slot->bitmap_left;
    out.top = slot->bitmap_top;
    out.coloured = source.pixel_mode == FT_PIXEL_MODE_BGRA;
    out.pixels.reserve(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
    for (int y = 0; y < out.height; ++y) {
        const auto* row = source.buffer + std::ptrdiff_t{y} * source.pitch;
        for (int x = 0; x < out.width; ++x) {
            if (out.coloured) {
                const auto* p = row + std::ptrdiff_t{x} * 4;
                out.pixels.push_back(straight(p[0], p[1], p[2], p[3]));
            } else if (source.pixel_mode == FT_PIXEL_MODE_MONO) {
                const bool set = ((row[x / 8] >> (7 - x % 8)) & 1) != 0;
                out.pixels.push_back(white(set ? 255 : 0));
            } else {
                out.pixels.push_back(white(row[x]));
            }
        }
    }
    return out;
}

}  // namespace

void FreeTypeDeleter::operator()(FT_LibraryRec_* library) const {
    FT_Done_FreeType(library);
}
void FreeTypeDeleter::operator()(FT_FaceRec_* face) const {
    FT_Done_Face(face);
}
void HarfBuzzDeleter::operator()(hb_font_t* font) const {
    hb_font_destroy(font);
}

std::optional<MappedFile> MappedFile::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::nullopt;
    }
    struct stat info {};
    std::optional<MappedFile> file;
    if (::fstat(fd, &info) == 0 && info.st_size > 0 && S_ISREG(info.st_mode)) {
        const auto size = static_cast<std::size_t>(info.st_size);
        void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED) {
            file.emplace();
            file->data_ = static_cast<const std::byte*>(data);
            file->size_ = size;
        }
    }
    ::close(fd);
    return file;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) {
        ::munmap(const_cast<std::byte*>(data_), size_);
    }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

FontFace::FontFace(MappedFile file, std::span<const std::byte> bytes, int index)
    : file_(std::move(file)), bytes_(bytes), index_(index) {}

std::unique_ptr<FontFace> FontFace::open(FT_LibraryRec_* library, MappedFile file, int index) {
    const auto bytes = file.bytes();  // stays valid: moving the owner does not move the mapping
    std::unique_ptr<FontFace> face(new FontFace(std::move(file), bytes, index));
    return face->attach(library) ? std::move(face) : nullptr;
}

std::unique_ptr<FontFace> FontFace::open(FT_LibraryRec_* library, std::span<const std::byte> bytes,
                                         int index) {
    std::unique_ptr<FontFace> face(new FontFace({}, bytes, index));
    return face->attach(library) ? std::move(face) : nullptr;
}

bool FontFace::attach(FT_LibraryRec_* library) {
    FT_Face face = nullptr;
    if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes_.data()),
                           static_cast<FT_Long>(bytes_.size()), index_, &face) != 0) {
        return false;
    }
    face_.reset(face);
    if (!FT_IS_SCALABLE(face) && face->num_fixed_sizes == 0) {
        return false;
    }
    const float units = face->units_per_EM > 0 ? static_cast<float>(face->units_per_EM) : 1000.0F;
    metrics_.ascent = static_cast<float>(face->ascender) / units;
    metrics_.descent = -static_cast<float>(face->descender) / units;
    hb_blob_t* blob = hb_blob_create(reinterpret_cast<const char*>(bytes_.data()),
                                     static_cast<unsigned>(std::min<std::size_t>(
                                         bytes_.size(), std::numeric_limits<unsigned>::max())),
                                     HB_MEMORY_MODE_READONLY, nullptr, nullptr);
    hb_face_t* shape_face = hb_face_create(blob, static_cast<unsigned>(index_));
    shaper_.reset(hb_font_create(shape_face));
    hb_face_destroy(shape_face);
    hb_blob_destroy(blob);
    return true;
}

std::uint32_t FontFace::glyph_of(char32_t code_point) const {
    return FT_Get_Char_Index(face_.get(), code_point);
}

bool FontFace::has(char32_t code_point) const {
    return glyph_of(code_point) != 0;
}

bool FontFace::bitmap_only() const {
    return !FT_IS_SCALABLE(face_.get());
}

hb_font_t* FontFace::shaper(float size_px) {
    const auto scale = static_cast<std::int32_t>(std::lround(size_px * 64.0F));
    if (scale != shaper_scale_) {
        hb_font_set_scale(shaper_.get(), scale, scale);
        shaper_scale_ = scale;
    }
    return shaper_.get();
}

GlyphBitmap FontFace::draw(std::uint32_t glyph, float size_px, int phase) {
    return bitmap_only() ? draw_strike(glyph, size_px) : draw_outline(glyph, size_px, phase);
}

GlyphBitmap FontFace::draw_outline(std::uint32_t glyph, float size_px, int phase) {
    const auto size = static_cast<std::int32_t>(std::lround(size_px * 64.0F));
    if (size != outline_size_) {
        if (FT_Set_Char_Size(face_.get(), size, size, 72, 72) != 0) {
            return {};
        }
        outline_size_ = size;
    }
    constexpr FT_Int32 flags = FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP | FT_LOAD_COLOR;
    if (FT_Load_Glyph(face_.get(), glyph, flags) != 0) {
        return {};
    }
    FT_GlyphSlot slot = face_->glyph;
    if (slot->format == FT_GLYPH_FORMAT_OUTLINE) {
        FT_Outline_Translate(&slot->outline, phase * 16, 0);
    }
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0) {
        return {};
    }
    return copy_bitmap(slot);
}

GlyphBitmap FontFace::draw_strike(std::uint32_t glyph, float size_px) {
    // The smallest strike that need not be enlarged, else the largest there is.
    int best = 0;
    const auto height_of = [this](int i) {
        return static_cast<float>(face_->available_sizes[i].y_ppem) / 64.0F;
    };
    for (int i = 1; i < face_->num_fixed_sizes; ++i) {
        const bool enough = height_of(best) >= size_px;
        if (enough ? height_of(i) >= size_px && height_of(i) < height_of(best)
                   : height_of(i) > height_of(best)) {
            best = i;
        }
    }
    if (FT_Select_Size(face_.get(), best) != 0 ||
        FT_Load_Glyph(face_.get(), glyph, FT_LOAD_COLOR) != 0) {
        return {};
    }
    FT_GlyphSlot slot = face_->glyph;
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0 || !has_sane_size(slot->bitmap)) {
        return {};
    }
    if (slot->bitmap.pixel_mode != FT_PIXEL_MODE_BGRA) {
        return copy_bitmap(slot);
    }
    const float scale = size_px / std::max(height_of(best), 1.0F);
    const auto scaled = [scale](float v) { return static_cast<int>(std::lround(v * scale)); };
    GlyphBitmap out;
    out.coloured = true;
    out.width = std::max(scaled(static_cast<float>(slot->bitmap.width)), 1);
    out.height = std::max(scaled(static_cast<float>(slot->bitmap.rows)), 1);
    out.left = scaled(static_cast<float>(slot->bitmap_left));
    out.top = scaled(static_cast<float>(slot->bitmap_top));
    if (out.width > glyph_side_max || out.height > glyph_side_max) {
        return {};
    }
    const AreaScaler scaler(slot->bitmap, out.width, out.height);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            out.pixels.push_back(scaler.at(x, y));
        }
    }
    return out;
}

}  // namespace sotto::ui
