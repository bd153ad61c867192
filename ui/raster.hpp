// Triangles and rectangles onto pixels: the inner loops of the CPU renderer.
//
// Blends straight-alpha source colours over an opaque canvas. A pixel belongs to a triangle when
// its centre does (top-left rule), so neighbours neither overlap nor leave gaps. Nothing outside
// `clip` is touched. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

struct ImDrawVert;

namespace sotto::ui {

struct PixelRect {
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // x1, y1 excluded
    [[nodiscard]] constexpr bool empty() const { return x0 >= x1 || y0 >= y1; }
    [[nodiscard]] int width() const { return x1 - x0; }
    [[nodiscard]] int height() const { return y1 - y0; }
    friend bool operator==(const PixelRect&, const PixelRect&) = default;
};
[[nodiscard]] constexpr PixelRect intersect(const PixelRect& a, const PixelRect& b) {
    return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}
[[nodiscard]] constexpr PixelRect unite(const PixelRect& a, const PixelRect& b) {
    if (a.empty() || b.empty()) {
        return a.empty() ? b : a;
    }
    return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

struct Canvas {
    std::uint32_t* pixels = nullptr;  // 0xXXRRGGBB
    int width = 0;
    int height = 0;
    int stride = 0;  // pixels from one row to the next
    friend bool operator==(const Canvas&, const Canvas&) = default;
};

struct Texture {
    const std::uint8_t* pixels = nullptr;  // RGBA bytes, or alpha bytes
    int width = 0;
    int height = 0;
    int bytes_per_pixel = 4;
};

struct Painter {
    Canvas canvas;
    PixelRect clip;
    Texture texture;
    float origin_x = 0.0F;  // ImDrawData::DisplayPos
    float origin_y = 0.0F;
};

void fill_rect(const Canvas& canvas, const PixelRect& rect, std::uint32_t colour);
void draw_triangle(const Painter& painter, const ImDrawVert& a, const ImDrawVert& b,
                   const ImDrawVert& c);
// A fan of triangles of one colour around vertex index[0], as ImGui makes them from rounded
// rectangles and circles: filled in one go when it is convex. Answers how many indices that took;
// 0, having drawn nothing, when they are no such fan.
[[nodiscard]] std::uint32_t draw_fan(const Painter& painter, const ImDrawVert* vertices,
                                     std::span<const std::uint16_t> index);
// Corners in the order of ImDrawList::PrimRect. An upright rectangle of one colour, its texture
// upright too: text, images, plain fills.
[[nodiscard]] bool is_upright_quad(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c,
                                   const ImDrawVert& d);
// The pixels an upright quad covers.
[[nodiscard]] PixelRect quad_pixels(const Painter& painter, const ImDrawVert& a,
                                    const ImDrawVert& c);
// A vertex' colour times the texture there, 0xAABBGGRR.
[[nodiscard]] std::uint32_t flat_colour(const Texture& texture, const ImDrawVert& vertex);
// Answers false, having drawn nothing, when the quad is not upright.
bool draw_quad(const Painter& painter, const ImDrawVert& a, const ImDrawVert& b,
               const ImDrawVert& c, const ImDrawVert& d);

}  // namespace sotto::ui
