#include "ui/raster.hpp"

#include "ui/pixel_math.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace sotto::ui {

namespace {

inline void put_texel(std::uint32_t& out, ImU32 from, std::uint32_t colour, ImU32 tint) {
    const std::uint32_t alpha = scale(alpha_of(from), alpha_of(tint));
    if (alpha == 0U) {
        return;
    }
    const std::uint32_t ink =
        (from & 0x00FFFFFFU) == 0x00FFFFFFU ? colour : to_canvas(modulate(from, tint));
    out = alpha == 255U ? ink : blend(out, ink, alpha);
}

// One row of letters in an opaque colour: nearly all texels of all text.
void blit_row(std::uint32_t* out, const std::uint8_t* from, int count, std::uint32_t colour,
              ImU32 tint) {
    for (int x = 0; x < count; ++x) {
        ImU32 value = 0;
        std::memcpy(&value, from + std::ptrdiff_t{x} * 4, sizeof value);
        if (value < 0x01000000U) {
            continue;  // transparent
        }
        if (value == 0xFFFFFFFFU) {
            out[x] = colour;
        } else if ((value & 0x00FFFFFFU) == 0x00FFFFFFU) {
            out[x] = blend(out[x], colour, value >> 24U);
        } else {
            put_texel(out[x], value, colour, tint);
        }
    }
}

// Texels one to one onto pixels: all text. `tx`, `ty` is the texel of the first pixel of `area`.
void blit(const Painter& p, const PixelRect& area, int tx, int ty, ImU32 tint) {
    const std::uint32_t colour = to_canvas(tint);
    const auto bytes = static_cast<std::size_t>(p.texture.bytes_per_pixel);
    const auto width = static_cast<std::size_t>(p.texture.width);
    for (int y = area.y0; y < area.y1; ++y, ++ty) {
        const std::size_t first =
            static_cast<std::size_t>(ty) * width + static_cast<std::size_t>(tx);
        const std::uint8_t* from = p.texture.pixels + first * bytes;
        std::uint32_t* out = row_of(p.canvas, y) + area.x0;
        if (bytes == 4 && alpha_of(tint) == 255U) {
            blit_row(out, from, area.width(), colour, tint);
            continue;
        }
        for (int x = 0; x < area.width(); ++x, from += bytes) {
            ImU32 value = 0x00FFFFFFU;
            if (bytes == 1) {
                value |= ImU32{*from} << 24U;
            } else {
                std::memcpy(&value, from, sizeof value);
            }
            put_texel(out[x], value, colour, tint);
        }
    }
}

void stretch(const Painter& p, const PixelRect& area, const ImDrawVert& a, const ImDrawVert& c) {
    const auto& t = p.texture;
    const ImVec2 size(c.pos.x - a.pos.x, c.pos.y - a.pos.y);
    const float step_u = (c.uv.x - a.uv.x) * static_cast<float>(t.width) / size.x;
    const float step_v = (c.uv.y - a.uv.y) * static_cast<float>(t.height) / size.y;
    const std::uint32_t colour = to_canvas(a.col);
    for (int y = area.y0; y < area.y1; ++y) {
        const float down = static_cast<float>(y) + 0.5F - (a.pos.y - p.origin_y);
        const float v = a.uv.y * static_cast<float>(t.height) + down * step_v;
        std::uint32_t* out = row_of(p.canvas, y);
        for (int x = area.x0; x < area.x1; ++x) {
            const float along = static_cast<float>(x) + 0.5F - (a.pos.x - p.origin_x);
            const float u = a.uv.x * static_cast<float>(t.width) + along * step_u;
            put_texel(out[x], sample_bilinear(t, u, v), colour, a.col);
        }
    }
}

// Texture coordinates advance by one texel per pixel, and the whole area lies inside the texture.
[[nodiscard]] bool blit_if_exact(const Painter& p, const PixelRect& area, const ImDrawVert& a,
                                 const ImDrawVert& c) {
    const auto& t = p.texture;
    const float wide = (c.uv.x - a.uv.x) * static_cast<float>(t.width);
    const float high = (c.uv.y - a.uv.y) * static_cast<float>(t.height);
    constexpr float tolerance = 0.01F;
    if (std::abs(wide - (c.pos.x - a.pos.x)) > tolerance ||
        std::abs(high - (c.pos.y - a.pos.y)) > tolerance) {
        return false;
    }
    const auto texel_at = [](float uv, int side, int pixel, float start) {
        const float along = static_cast<float>(pixel) + 0.5F - start;
        return static_cast<int>(std::floor(uv * static_cast<float>(side) + along));
    };
    const int tx = texel_at(a.uv.x, t.width, area.x0, a.pos.x - p.origin_x);
    const int ty = texel_at(a.uv.y, t.height, area.y0, a.pos.y - p.origin_y);
    if (tx < 0 || ty < 0 || tx + area.width() > t.width || ty + area.height() > t.height) {
        return false;
    }
    blit(p, area, tx, ty, a.col);
    return true;
}

}  // namespace

void fill_rect(const Canvas& canvas, const PixelRect& rect, std::uint32_t colour) {
    for (int y = rect.y0; y < rect.y1; ++y) {
        std::fill_n(row_of(canvas, y) + rect.x0, rect.width(), colour);
    }
}

PixelRect quad_pixels(const Painter& painter, const ImDrawVert& a, const ImDrawVert& c) {
    return {first_pixel(a.pos.x - painter.origin_x), first_pixel(a.pos.y - painter.origin_y),
            first_pixel(c.pos.x - painter.origin_x), first_pixel(c.pos.y - painter.origin_y)};
}

bool is_upright_quad(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c,
                     const ImDrawVert& d) {
    const bool upright = a.pos.y == b.pos.y && b.pos.x == c.pos.x && c.pos.y == d.pos.y &&
                         d.pos.x == a.pos.x && a.pos.x < c.pos.x && a.pos.y < c.pos.y;
    const bool straight =
        a.uv.y == b.uv.y && b.uv.x == c.uv.x && c.uv.y == d.uv.y && d.uv.x == a.uv.x;
    return upright && straight && a.col == b.col && a.col == c.col && a.col == d.col &&
           is_sane(a.pos) && is_sane(c.pos);
}

ImU32 flat_colour(const Texture& texture, const ImDrawVert& vertex) {
    return modulate(vertex.col, sample_nearest(texture, vertex.uv));
}

bool draw_quad(const Painter& painter, const ImDrawVert& a, const ImDrawVert& b,
               const ImDrawVert& c, const ImDrawVert& d) {
    if (!is_upright_quad(a, b, c, d)) {
        return false;
    }
    const PixelRect area = intersect(quad_pixels(painter, a, c), painter.clip);
    if (area.empty()) {
        return true;
    }
    if (same(a.uv, c.uv)) {
        const ImU32 colour = flat_colour(painter.texture, a);
        for (int y = area.y0; y < area.y1; ++y) {
            blend_span(row_of(painter.canvas, y) + area.x0, area.width(), to_canvas(colour),
                       alpha_of(colour));
        }
    } else if (!blit_if_exact(painter, area, a, c)) {
        stretch(painter, area, a, c);
    }
    return true;
}

}  // namespace sotto::ui
