// Triangles of any shape, scan line by scan line (see raster.hpp).

#include "ui/pixel_math.hpp"
#include "ui/raster.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace sotto::ui {

namespace {

// A quantity that changes linearly over a triangle.
struct Plane {
    ImVec2 origin;
    float at_origin = 0.0F;
    float per_x = 0.0F;
    float per_y = 0.0F;

    [[nodiscard]] float at(float x, float y) const {
        return at_origin + (x - origin.x) * per_x + (y - origin.y) * per_y;
    }
};

// One row of a triangle: pixels [x0, x1) are visible, `left` is where it began before clipping.
struct Row {
    std::uint32_t* out;
    int x0;
    int x1;
    int left;
    float centre;
};

// The plane along one row in 16.16 fixed point, counted from the row's own beginning: a clipped
// row gets the same values, so redrawing a part gives the same pixels as redrawing all.
class RowValue {
public:
    RowValue(const Plane& plane, const Row& row)
        : left_(row.left),
          value_(fixed(plane.at(static_cast<float>(row.left) + 0.5F, row.centre) + 0.5F)),
          step_(fixed(plane.per_x)) {}

    [[nodiscard]] std::uint32_t at(int x) const {
        const std::int64_t v = (value_ + step_ * (x - left_)) >> 16;
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(v, 0, 255));
    }

private:
    [[nodiscard]] static std::int64_t fixed(float v) {
        return static_cast<std::int64_t>(std::clamp(v, -1e6F, 1e6F) * 65536.0F);
    }
    int left_;
    std::int64_t value_;
    std::int64_t step_;
};

[[nodiscard]] bool is_below(ImVec2 a, ImVec2 b) {
    return a.y > b.y || (a.y == b.y && a.x > b.x);
}

// Where an edge crosses a row. `a` must be its upper end, so that both triangles at an edge agree.
[[nodiscard]] float edge_x(ImVec2 a, ImVec2 b, float y) {
    return a.x + (y - a.y) * ((b.x - a.x) / (b.y - a.y));
}

class Triangle {
public:
    Triangle(const Painter& painter, const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c)
        : painter_(painter), v_{&a, &b, &c} {
        // One order for all triangles, so that a shared edge is computed alike from both sides.
        order(v_[0], v_[1]);
        order(v_[1], v_[2]);
        order(v_[0], v_[1]);
        for (std::size_t i = 0; i < 3; ++i) {
            p_[i] = {v_[i]->pos.x - painter.origin_x, v_[i]->pos.y - painter.origin_y};
        }
        area_ =
            (p_[1].x - p_[0].x) * (p_[2].y - p_[0].y) - (p_[2].x - p_[0].x) * (p_[1].y - p_[0].y);
    }

    void draw() {
        if (p_[2].y <= static_cast<float>(painter_.clip.y0) ||
            p_[0].y >= static_cast<float>(painter_.clip.y1)) {
            return;
        }
        if (area_ == 0.0F || !is_sane(p_[0]) || !is_sane(p_[1]) || !is_sane(p_[2])) {
            return;
        }
        const bool flat = same(v_[0]->uv, v_[1]->uv) && same(v_[0]->uv, v_[2]->uv);
        const ImU32 differ = (v_[0]->col ^ v_[1]->col) | (v_[0]->col ^ v_[2]->col);
        if (!flat) {
            draw_textured();
        } else if (differ == 0U) {
            draw_plain(tint(v_[0]->col));
        } else if ((differ & 0x00FFFFFFU) == 0U) {
            draw_fading();
        } else {
            draw_shaded();
        }
    }

private:
    [[nodiscard]] ImU32 tint(ImU32 colour) const {
        return modulate(colour, sample_nearest(painter_.texture, v_[0]->uv));
    }

    static void order(const ImDrawVert*& upper, const ImDrawVert*& lower) {
        if (is_below(upper->pos, lower->pos)) {
            std::swap(upper, lower);
        }
    }

    [[nodiscard]] float short_side(float y) const {
        return y < p_[1].y ? edge_x(p_[0], p_[1], y) : edge_x(p_[1], p_[2], y);
    }

    template <class Span>
    void for_each_row(Span span) const {
        const PixelRect& clip = painter_.clip;
        const int first = std::max(first_pixel(p_[0].y), clip.y0);
        const int last = std::min(first_pixel(p_[2].y), clip.y1);
        for (int y = first; y < last; ++y) {
            const float centre = static_cast<float>(y) + 0.5F;
            const float a = edge_x(p_[0], p_[2], centre);
            const float b = short_side(centre);
            const int left = first_pixel(std::min(a, b));
            const int x0 = std::max(left, clip.x0);
            const int x1 = std::min(first_pixel(std::max(a, b)), clip.x1);
            if (x0 < x1) {
                span(Row{row_of(painter_.canvas, y), x0, x1, left, centre});
            }
        }
    }

    [[nodiscard]] Plane plane(float at0, float at1, float at2) const {
        const float d1 = at1 - at0;
        const float d2 = at2 - at0;
        Plane out;
        out.per_x = (d1 * (p_[2].y - p_[0].y) - d2 * (p_[1].y - p_[0].y)) / area_;
        out.per_y = (d2 * (p_[1].x - p_[0].x) - d1 * (p_[2].x - p_[0].x)) / area_;
        out.at_origin = at0;
        out.origin = p_[0];
        return out;
    }

    [[nodiscard]] Plane channel(unsigned shift) const {
        const auto of = [shift](ImU32 c) { return static_cast<float>((c >> shift) & 0xFFU); };
        return plane(of(v_[0]->col), of(v_[1]->col), of(v_[2]->col));
    }

    void draw_plain(ImU32 colour) const {
        const std::uint32_t ink = to_canvas(colour);
        const std::uint32_t alpha = alpha_of(colour);
        for_each_row(
            [&](const Row& row) { blend_span(row.out + row.x0, row.x1 - row.x0, ink, alpha); });
    }

    // One colour fading out: the anti-aliased edge of every shape.
    void draw_fading() const {
        const std::uint32_t ink = to_canvas(tint(v_[0]->col | IM_COL32_A_MASK));
        const std::uint32_t most = alpha_of(sample_nearest(painter_.texture, v_[0]->uv));
        const Plane plane_alpha = channel(24);
        for_each_row([&](const Row& row) {
            const RowValue alpha(plane_alpha, row);
            for (int x = row.x0; x < row.x1; ++x) {
                row.out[x] = blend(row.out[x], ink, scale(alpha.at(x), most));
            }
        });
    }

    void draw_shaded() const {
        const Colours colours = all_channels();
        const ImU32 from = sample_nearest(painter_.texture, v_[0]->uv);
        for_each_row([&](const Row& row) {
            const ColourRow colour(colours, row);
            for (int x = row.x0; x < row.x1; ++x) {
                put(row.out[x], colour.at(x), from);
            }
        });
    }

    void draw_textured() const {
        const auto& t = painter_.texture;
        const Colours colours = all_channels();
        const auto width = static_cast<float>(t.width);
        const auto height = static_cast<float>(t.height);
        const Plane u = plane(v_[0]->uv.x * width, v_[1]->uv.x * width, v_[2]->uv.x * width);
        const Plane v = plane(v_[0]->uv.y * height, v_[1]->uv.y * height, v_[2]->uv.y * height);
        for_each_row([&](const Row& row) {
            const ColourRow colour(colours, row);
            for (int x = row.x0; x < row.x1; ++x) {
                const float along = static_cast<float>(x) + 0.5F;
                put(row.out[x], colour.at(x),
                    sample_bilinear(t, u.at(along, row.centre), v.at(along, row.centre)));
            }
        });
    }

    using Colours = std::array<Plane, 4>;
    [[nodiscard]] Colours all_channels() const {
        return {channel(0), channel(8), channel(16), channel(24)};
    }
    struct ColourRow {
        ColourRow(const Colours& c, const Row& row)
            : red(c[0], row), green(c[1], row), blue(c[2], row), alpha(c[3], row) {}
        [[nodiscard]] ImU32 at(int x) const {
            return red.at(x) | (green.at(x) << 8U) | (blue.at(x) << 16U) | (alpha.at(x) << 24U);
        }
        RowValue red, green, blue, alpha;
    };

    static void put(std::uint32_t& out, ImU32 colour, ImU32 from) {
        const ImU32 ink = modulate(colour, from);
        out = blend(out, to_canvas(ink), alpha_of(ink));
    }

    const Painter& painter_;
    std::array<const ImDrawVert*, 3> v_;
    std::array<ImVec2, 3> p_;
    float area_ = 0.0F;
};

}  // namespace

void draw_triangle(const Painter& painter, const ImDrawVert& a, const ImDrawVert& b,
                   const ImDrawVert& c) {
    Triangle(painter, a, b, c).draw();
}

namespace {

// A convex outline of at most this many corners; ImGui's circles have fewer.
constexpr std::size_t corners_max = 128;

struct Outline {
    std::array<ImVec2, corners_max> corner;
    std::size_t count = 0;
    float top = std::numeric_limits<float>::max();
    float bottom = std::numeric_limits<float>::lowest();

    void add(ImVec2 p) {
        corner[count++] = p;
        top = std::min(top, p.y);
        bottom = std::max(bottom, p.y);
    }

    // All turns to the same side. (A fan that turns so more than once around would need to cross
    // itself; ImGui makes none.)
    [[nodiscard]] bool is_convex() const {
        bool left = false;
        bool right = false;
        for (std::size_t i = 0; i < count; ++i) {
            const ImVec2 a = corner[i];
            const ImVec2 b = corner[(i + 1) % count];
            const ImVec2 c = corner[(i + 2) % count];
            const float turn = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
            constexpr float noise = 1e-3F;
            left = left || turn < -noise;
            right = right || turn > noise;
        }
        return left != right;
    }
};

struct Extent {
    int x0 = std::numeric_limits<int>::max();
    int x1 = std::numeric_limits<int>::min();
};

void widen(std::vector<Extent>& rows, int first_row, ImVec2 a, ImVec2 b) {
    if (is_below(a, b)) {
        std::swap(a, b);
    }
    const int last_row = first_row + static_cast<int>(rows.size());
    const int end = std::min(first_pixel(b.y), last_row);
    for (int y = std::max(first_pixel(a.y), first_row); y < end; ++y) {
        Extent& row = rows[static_cast<std::size_t>(y - first_row)];
        const int x = first_pixel(edge_x(a, b, static_cast<float>(y) + 0.5F));
        row.x0 = std::min(row.x0, x);
        row.x1 = std::max(row.x1, x);
    }
}

void fill(const Painter& painter, const Outline& outline, ImU32 colour) {
    const int first = std::max(first_pixel(outline.top), painter.clip.y0);
    const int last = std::min(first_pixel(outline.bottom), painter.clip.y1);
    if (first >= last) {
        return;
    }
    std::vector<Extent> rows(static_cast<std::size_t>(last - first));
    for (std::size_t i = 0; i < outline.count; ++i) {
        widen(rows, first, outline.corner[i], outline.corner[(i + 1) % outline.count]);
    }
    for (int y = first; y < last; ++y) {
        const Extent& row = rows[static_cast<std::size_t>(y - first)];
        const int x0 = std::max(row.x0, painter.clip.x0);
        const int x1 = std::min(row.x1, painter.clip.x1);
        if (x0 < x1) {
            blend_span(row_of(painter.canvas, y) + x0, x1 - x0, to_canvas(colour),
                       alpha_of(colour));
        }
    }
}

}  // namespace

std::uint32_t draw_fan(const Painter& painter, const ImDrawVert* vertices,
                       std::span<const std::uint16_t> index) {
    const ImDrawVert& centre = vertices[index[0]];
    const auto add = [&](Outline& outline, std::uint16_t i) {
        const ImDrawVert& v = vertices[i];
        if (v.col != centre.col || !same(v.uv, centre.uv) || !is_sane(v.pos) ||
            outline.count == corners_max) {
            return false;
        }
        outline.add({v.pos.x - painter.origin_x, v.pos.y - painter.origin_y});
        return true;
    };
    Outline outline;
    if (!add(outline, index[0]) || !add(outline, index[1]) || !add(outline, index[2])) {
        return 0;
    }
    std::size_t used = 3;
    while (used + 2 < index.size() && index[used] == index[0] &&
           index[used + 1] == index[used - 1] && add(outline, index[used + 2])) {
        used += 3;
    }
    if (used < 12 || !outline.is_convex()) {
        return 0;
    }
    fill(painter, outline, flat_colour(painter.texture, centre));
    return static_cast<std::uint32_t>(used);
}

}  // namespace sotto::ui
