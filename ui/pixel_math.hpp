// The arithmetic of one pixel: blending, texture samples. Shared by raster.cpp and triangle.cpp
// only.
#pragma once

#include "ui/raster.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sotto::ui {

// ImGui's 0xAABBGGRR to the canvas' 0x00RRGGBB.
[[nodiscard]] inline std::uint32_t to_canvas(ImU32 c) {
    return ((c & 0xFFU) << 16U) | (c & 0xFF00U) | ((c >> 16U) & 0xFFU);
}

[[nodiscard]] inline std::uint32_t alpha_of(ImU32 c) {
    return c >> 24U;
}

// a * b / 255, rounded, for a and b up to 255.
[[nodiscard]] inline std::uint32_t scale(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t t = a * b + 128U;
    return (t + (t >> 8U)) >> 8U;
}

// Two channels at a time: x / 255, rounded, in each 16-bit half.
[[nodiscard]] inline std::uint32_t halves_by_255(std::uint32_t x) {
    x += 0x00800080U;
    return ((x + ((x >> 8U) & 0x00FF00FFU)) >> 8U) & 0x00FF00FFU;
}

[[nodiscard]] inline std::uint32_t blend(std::uint32_t under, std::uint32_t over,
                                         std::uint32_t alpha) {
    const std::uint32_t rest = 255U - alpha;
    const std::uint32_t red_blue =
        halves_by_255((under & 0x00FF00FFU) * rest + (over & 0x00FF00FFU) * alpha);
    const std::uint32_t green =
        halves_by_255(((under >> 8U) & 0xFFU) * rest + ((over >> 8U) & 0xFFU) * alpha);
    return red_blue | (green << 8U);
}

inline void blend_span(std::uint32_t* out, int count, std::uint32_t colour, std::uint32_t alpha) {
    if (alpha == 255U) {
        std::fill_n(out, count, colour);
    } else if (alpha != 0U) {
        for (int i = 0; i < count; ++i) {
            out[i] = blend(out[i], colour, alpha);
        }
    }
}

[[nodiscard]] inline ImU32 texel(const Texture& t, int x, int y) {
    const int cx = std::clamp(x, 0, t.width - 1);
    const int cy = std::clamp(y, 0, t.height - 1);
    const std::size_t at = (static_cast<std::size_t>(cy) * static_cast<std::size_t>(t.width) +
                            static_cast<std::size_t>(cx)) *
                           static_cast<std::size_t>(t.bytes_per_pixel);
    if (t.bytes_per_pixel == 1) {
        return 0x00FFFFFFU | (ImU32{t.pixels[at]} << 24U);
    }
    ImU32 value = 0;
    std::memcpy(&value, t.pixels + at, sizeof value);
    return value;
}

// Channel by channel product of two colours.
[[nodiscard]] inline ImU32 modulate(ImU32 a, ImU32 b) {
    if (b == 0xFFFFFFFFU) {
        return a;
    }
    ImU32 out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out |= scale((a >> shift) & 0xFFU, (b >> shift) & 0xFFU) << shift;
    }
    return out;
}

[[nodiscard]] inline ImU32 sample_nearest(const Texture& t, ImVec2 uv) {
    return texel(t, static_cast<int>(std::floor(uv.x * static_cast<float>(t.width))),
                 static_cast<int>(std::floor(uv.y * static_cast<float>(t.height))));
}

// u and v in texels; texel centres lie on halves. Weighted by alpha, so that the colour of
// transparent texels does not bleed.
[[nodiscard]] inline ImU32 sample_bilinear(const Texture& t, float u, float v) {
    const float left = std::floor(u - 0.5F);
    const float top = std::floor(v - 0.5F);
    const float fx = u - 0.5F - left;
    const float fy = v - 0.5F - top;
    const int x = static_cast<int>(left);
    const int y = static_cast<int>(top);
    const std::array<ImU32, 4> from{texel(t, x, y), texel(t, x + 1, y), texel(t, x, y + 1),
                                    texel(t, x + 1, y + 1)};
    const std::array<float, 4> weight{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy};
    float sum[4] = {};
    for (std::size_t i = 0; i < 4; ++i) {
        const float alpha = weight[i] * static_cast<float>(alpha_of(from[i]));
        sum[3] += alpha;
        for (unsigned c = 0; c < 3; ++c) {
            sum[c] += alpha * static_cast<float>((from[i] >> (8U * c)) & 0xFFU);
        }
    }
    if (sum[3] < 0.5F) {
        return 0;
    }
    ImU32 out = static_cast<ImU32>(std::lround(sum[3])) << 24U;
    for (unsigned c = 0; c < 3; ++c) {
        out |= static_cast<ImU32>(std::min(sum[c] / sum[3] + 0.5F, 255.0F)) << (8U * c);
    }
    return out;
}

[[nodiscard]] inline std::uint32_t* row_of(const Canvas& canvas, int y) {
    return canvas.pixels + static_cast<std::ptrdiff_t>(y) * canvas.stride;
}

// The first pixel whose centre is at or right of `v`.
[[nodiscard]] inline int first_pixel(float v) {
    return static_cast<int>(std::ceil(v - 0.5F));
}

[[nodiscard]] inline bool is_sane(ImVec2 p) {
    constexpr float limit = 1e6F;  // also refuses NaN
    return std::abs(p.x) < limit && std::abs(p.y) < limit;
}

[[nodiscard]] inline bool same(ImVec2 a, ImVec2 b) {
    return a.x == b.x && a.y == b.y;
}

}  // namespace sotto::ui
