#include "ui/logo.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sotto::ui {

namespace {

// In parts of the whole square.
constexpr float corner = 0.235F;
constexpr ImVec2 bubble_min{0.19F, 0.235F};
constexpr ImVec2 bubble_max{0.81F, 0.675F};
constexpr float bubble_corner = 0.175F;
constexpr std::array<ImVec2, 3> tail{ImVec2(0.29F, 0.60F), ImVec2(0.55F, 0.64F),
                                     ImVec2(0.275F, 0.83F)};
struct Dot {
    float x;
    float radius;
};
constexpr std::array<Dot, 3> dots{{{0.345F, 0.066F}, {0.515F, 0.050F}, {0.660F, 0.035F}}};
constexpr float dots_y = 0.455F;

constexpr std::uint32_t top_colour = 0x4B8DF8;
constexpr std::uint32_t bottom_colour = 0x1D4ED8;

[[nodiscard]] std::uint32_t gradient(float y) {
    std::uint32_t out = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        const auto from = static_cast<float>((top_colour >> shift) & 0xFFU);
        const auto to = static_cast<float>((bottom_colour >> shift) & 0xFFU);
        out |= static_cast<std::uint32_t>(std::lround(from + (to - from) * y)) << shift;
    }
    return out;
}

[[nodiscard]] ImU32 to_imgui(std::uint32_t rgb) {
    return IM_COL32((rgb >> 16U) & 0xFFU, (rgb >> 8U) & 0xFFU, rgb & 0xFFU, 255);
}

[[nodiscard]] bool in_rounded(ImVec2 p, ImVec2 min, ImVec2 max, float radius) {
    const float dx = std::max({min.x + radius - p.x, p.x - (max.x - radius), 0.0F});
    const float dy = std::max({min.y + radius - p.y, p.y - (max.y - radius), 0.0F});
    return dx * dx + dy * dy <= radius * radius;
}

[[nodiscard]] bool in_tail(ImVec2 p) {
    bool left = true;
    bool right = true;
    for (std::size_t i = 0; i < tail.size(); ++i) {
        const ImVec2 a = tail[i];
        const ImVec2 b = tail[(i + 1) % tail.size()];
        const float side = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
        left = left && side <= 0.0F;
        right = right && side >= 0.0F;
    }
    return left || right;
}

[[nodiscard]] bool in_dots(ImVec2 p) {
    return std::ranges::any_of(
        dots, [p](const Dot& d) { return std::hypot(p.x - d.x, p.y - dots_y) <= d.radius; });
}

[[nodiscard]] bool is_white(ImVec2 p) {
    return (in_rounded(p, bubble_min, bubble_max, bubble_corner) || in_tail(p)) && !in_dots(p);
}

// Averages 4 x 4 points of one pixel.
[[nodiscard]] std::uint32_t pixel_at(int x, int y, int side) {
    constexpr int points = 4;
    constexpr int all = points * points;
    int inside = 0;
    int white = 0;
    const auto place = [side](int pixel, int point) {
        const float at = (static_cast<float>(point) + 0.5F) / points;
        return (static_cast<float>(pixel) + at) / static_cast<float>(side);
    };
    for (int i = 0; i < all; ++i) {
        const ImVec2 p(place(x, i % points), place(y, i / points));
        const bool in = in_rounded(p, {0, 0}, {1, 1}, corner);
        inside += in ? 1 : 0;
        white += in && is_white(p) ? 1 : 0;
    }
    if (inside == 0) {
        return 0;
    }
    const std::uint32_t back = gradient(place(y, points / 2));
    const auto part = static_cast<float>(white) / static_cast<float>(inside);
    std::uint32_t out = static_cast<std::uint32_t>(inside * 255 / all) << 24U;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        const auto from = static_cast<float>((back >> shift) & 0xFFU);
        out |= static_cast<std::uint32_t>(std::lround(from + (255.0F - from) * part)) << shift;
    }
    return out;
}

}  // namespace

void draw_logo(ImDrawList& list, ImVec2 centre, float size) {
    const ImVec2 min(std::round(centre.x - size / 2), std::round(centre.y - size / 2));
    const auto at = [&](ImVec2 p) { return ImVec2(min.x + p.x * size, min.y + p.y * size); };
    // One colour here: a gradient would need a clip for the round corners, and nobody would see it.
    const ImU32 back = to_imgui(gradient(0.5F));
    list.AddRectFilled(min, at({1, 1}), back, corner * size);
    list.AddTriangleFilled(at(tail[0]), at(tail[1]), at(tail[2]), 0xFFFFFFFF);
    list.AddRectFilled(at(bubble_min), at(bubble_max), 0xFFFFFFFF, bubble_corner * size);
    for (const Dot& dot : dots) {
        list.AddCircleFilled(at({dot.x, dots_y}), dot.radius * size, back);
    }
}

std::vector<std::uint32_t> app_icon(int side) {
    std::vector<std::uint32_t> pixels;
    pixels.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            pixels.push_back(pixel_at(x, y, side));
        }
    }
    return pixels;
}

}  // namespace sotto::ui
