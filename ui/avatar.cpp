#include "ui/avatar.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace sotto::ui {

namespace {

constexpr int side = 5;
constexpr int half = 3;  // the other two columns mirror the first two
constexpr float dot_place = 0.727F;
constexpr float dot_size = 0.23F;

// FNV-1a with a final mix, so that every bit of the result depends on every byte. Not for secrets.
[[nodiscard]] std::uint64_t hash_of(std::span<const std::byte> bytes) {
    std::uint64_t h = 0xCBF29CE484222325U;
    for (const std::byte b : bytes) {
        h = (h ^ static_cast<std::uint64_t>(b)) * 0x100000001B3U;
    }
    h = (h ^ (h >> 33U)) * 0xFF51AFD7ED558CCDU;
    h = (h ^ (h >> 33U)) * 0xC4CEB9FE1A85EC53U;
    return h ^ (h >> 33U);
}

// Between gold and green lies mud: leave those hues out. `t` is 0..1.
[[nodiscard]] float pleasant_hue(float t) {
    constexpr float gold = 47.0F / 360.0F;
    constexpr float green = 95.0F / 360.0F;
    const float hue = t * (1.0F - (green - gold));
    return hue < gold ? hue : hue + (green - gold);
}

// Yellow and green look brighter than blue of the same strength: bring all hues to about one
// brightness, so that the pattern stays readable and no avatar shouts.
[[nodiscard]] ImU32 background(float hue, bool dark) {
    float r = 0.0F;
    float g = 0.0F;
    float b = 0.0F;
    ImGui::ColorConvertHSVtoRGB(hue, 0.58F, 0.78F, r, g, b);
    const float brightness = 0.30F * r + 0.59F * g + 0.11F * b;
    const float wanted = dark ? 0.38F : 0.46F;
    const float gain = 1.0F + (wanted / brightness - 1.0F) * 0.65F;
    const auto channel = [gain](float v) { return std::min(v * gain, 1.0F); };
    return ImGui::ColorConvertFloat4ToU32({channel(r), channel(g), channel(b), 1.0F});
}

}  // namespace

AvatarLook avatar_look(std::span<const std::byte> identity) {
    std::uint64_t bits = hash_of(identity);
    AvatarLook look;
    look.hue = pleasant_hue(static_cast<float>(bits & 0xFFFFU) / 65536.0F);
    bits >>= 16U;
    std::size_t filled = 0;
    for (std::size_t y = 0; y < side; ++y) {
        for (std::size_t x = 0; x < half; ++x, bits >>= 1U) {
            const bool on = (bits & 1U) != 0;
            look.cells[y * side + x] = on;
            look.cells[y * side + (side - 1 - x)] = on;
            filled += on ? 1U : 0U;
        }
    }
    // A nearly empty or nearly full pattern says little: turn the middle column around.
    if (filled < 4 || filled > 12) {
        for (std::size_t y = 0; y < side; ++y) {
            look.cells[y * side + 2] = !look.cells[y * side + 2];
        }
    }
    return look;
}

void draw_avatar(const Kit& kit, ImDrawList& list, ImVec2 centre, float radius,
                 const AvatarLook& look) {
    const ImU32 back = background(look.hue, kit.theme.dark);
    const ImU32 front = mix(back, 0xFFFFFFFF, 0.78F);
    list.AddCircleFilled(centre, radius, back);
    // Whole pixels: the pattern stays crisp at any scale.
    const float cell = std::max(1.0F, std::round(radius * 1.18F / side));
    const float left = std::round(centre.x - cell * side / 2);
    const float top = std::round(centre.y - cell * side / 2);
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            if (!look.filled(x, y)) {
                continue;
            }
            int end = x;
            while (end + 1 < side && look.filled(end + 1, y)) {
                ++end;
            }
            const ImVec2 from(left + cell * static_cast<float>(x),
                              top + cell * static_cast<float>(y));
            const ImVec2 to(left + cell * static_cast<float>(end + 1), from.y + cell);
            list.AddRectFilled(from, to, front);
            x = end;
        }
    }
}

void draw_presence(const Kit& kit, ImDrawList& list, ImVec2 avatar_centre, float avatar_radius,
                   Presence presence, ImU32 behind) {
    const float offset = avatar_radius * dot_place;
    const ImVec2 at(std::round(avatar_centre.x + offset), std::round(avatar_centre.y + offset));
    const float radius = std::max(avatar_radius * dot_size, kit.px(3.5F));
    const ImU32 colour = presence == Presence::online ? kit.c().online
                         : presence == Presence::away ? kit.c().away
                                                      : kit.c().offline;
    list.AddCircleFilled(at, radius + kit.px(2), behind);
    list.AddCircleFilled(at, radius, colour);
    if (presence == Presence::offline) {
        // A ring, not a dot: the difference does not rest on colour alone.
        list.AddCircleFilled(at, radius * 0.42F, behind);
    }
}

}  // namespace sotto::ui
