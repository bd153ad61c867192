// The parts of widgets.hpp that are only drawn: ticks, badges, pills, bubbles, shadows, spinners.

#include "ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace sotto::ui {

namespace {

constexpr float pi = 3.14159265F;

void draw_tick(const Kit& kit, ImDrawList& list, ImVec2 at, ImU32 colour) {
    const float s = kit.theme.scale;
    const std::array<ImVec2, 3> points{ImVec2(at.x, at.y), ImVec2(at.x + 3.2F * s, at.y + 3.2F * s),
                                       ImVec2(at.x + 9.6F * s, at.y - 4.0F * s)};
    list.AddPolyline(points.data(), static_cast<int>(points.size()), colour, 0, 1.5F * s);
}

void draw_clock(const Kit& kit, ImDrawList& list, ImVec2 centre, ImU32 colour) {
    const float s = kit.theme.scale;
    list.AddCircle(centre, 4.6F * s, colour, 0, 1.3F * s);
    const std::array<ImVec2, 3> hands{ImVec2(centre.x, centre.y - 2.6F * s), centre,
                                      ImVec2(centre.x + 2.2F * s, centre.y + 0.9F * s)};
    list.AddPolyline(hands.data(), static_cast<int>(hands.size()), colour, 0, 1.2F * s);
}

void draw_failed(const Kit& kit, ImDrawList& list, ImVec2 centre) {
    const float s = kit.theme.scale;
    list.AddCircleFilled(centre, 6.6F * s, 0xFFFFFFFF);
    list.AddCircleFilled(centre, 5.4F * s, IM_COL32(0xDC, 0x26, 0x26, 0xFF));
    list.AddLine({centre.x, centre.y - 3.0F * s}, {centre.x, centre.y + 0.6F * s}, 0xFFFFFFFF,
                 1.5F * s);
    list.AddCircleFilled({centre.x, centre.y + 2.6F * s}, 0.95F * s, 0xFFFFFFFF);
}

}  // namespace

float ticks_width(const Kit& kit) {
    return kit.px(15);
}

float draw_ticks(const Kit& kit, ImDrawList& list, float right, float y, Delivery state,
                 ImU32 colour, ImU32 read_colour) {
    const float s = kit.theme.scale;
    const float width = ticks_width(kit);
    const float middle = right - width / 2;
    switch (state) {
        case Delivery::waiting:
            draw_clock(kit, list, {middle + 1.5F * s, y}, colour);
            break;
        case Delivery::failed:
            draw_failed(kit, list, {middle + 1.5F * s, y});
            break;
        case Delivery::sent:
            draw_tick(kit, list, {right - 10.6F * s, y + 0.5F * s}, colour);
            break;
        case Delivery::delivered:
        case Delivery::read: {
            const ImU32 ink = state == Delivery::read ? read_colour : colour;
            draw_tick(kit, list, {right - 14.6F * s, y + 0.5F * s}, ink);
            draw_tick(kit, list, {right - 10.2F * s, y + 0.5F * s}, ink);
            break;
        }
    }
    return width;
}

float draw_badge(Kit& kit, ImDrawList& list, ImVec2 right_middle, unsigned count, bool muted) {
    const std::string text = count > 99 ? "99+" : std::to_string(count);
    const TextStyle style = kit.theme.tiny_strong();
    const float high = kit.px(20);
    const float wide = std::max(high, std::ceil(kit.text.measure(text, style).x) + kit.px(12));
    const ImVec2 min(std::round(right_middle.x - wide), std::round(right_middle.y - high / 2));
    const ImVec2 max(min.x + wide, min.y + high);
    list.AddRectFilled(min, max, muted ? kit.c().text_faint : kit.c().accent, high / 2);
    kit.text.draw_centred(list, {(min.x + max.x) / 2, (min.y + max.y) / 2}, text, style,
                          kit.c().on_accent);
    return wide;
}

void draw_pill(Kit& kit, ImDrawList& list, ImVec2 centre, std::string_view text) {
    const TextStyle style = kit.theme.text(12.0F, Weight::strong);
    const float wide = std::ceil(kit.text.measure(text, style).x) + kit.px(24);
    const float high = kit.px(24);
    const ImVec2 min(std::round(centre.x - wide / 2), std::round(centre.y - high / 2));
    list.AddRectFilled(min, {min.x + wide, min.y + high}, kit.c().day_pill, high / 2);
    kit.text.draw_centred(list, {min.x + wide / 2, min.y + high / 2}, text, style,
                          kit.c().on_day_pill);
}

float draw_tag(Kit& kit, ImDrawList& list, ImVec2 left_middle, std::string_view text,
               ImU32 colour) {
    const TextStyle style = kit.theme.tiny_strong();
    const float wide = std::ceil(kit.text.measure(text, style).x) + kit.px(14);
    const float high = kit.px(18);
    const ImVec2 min(std::round(left_middle.x), std::round(left_middle.y - high / 2));
    list.AddRectFilled(min, {min.x + wide, min.y + high}, with_alpha(colour, 0.16F), high / 2);
    kit.text.draw_centred(list, {min.x + wide / 2, min.y + high / 2}, text, style, colour);
    return wide;
}

namespace {

void bubble_shape(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, ImU32 colour, bool mine,
                  bool tail) {
    const float radius = std::min(kit.px(16), (max.y - min.y) / 2);
    if (!tail) {
        list.AddRectFilled(min, max, colour, radius);
        return;
    }
    const ImDrawFlags square =
        mine ? ImDrawFlags_RoundCornersBottomRight : ImDrawFlags_RoundCornersBottomLeft;
    list.AddRectFilled(min, max, colour, radius, ImDrawFlags_RoundCornersAll & ~square);
    const float reach = kit.px(7);
    const float rise = kit.px(10);
    const float inside = kit.px(5);  // overlaps the bubble: no seam
    const float side = mine ? max.x : min.x;
    const float out = mine ? reach : -reach;
    const float in = mine ? -inside : inside;
    std::array<ImVec2, 4> points{ImVec2(side + in, max.y - rise), ImVec2(side, max.y - rise),
                                 ImVec2(side + out, max.y), ImVec2(side + in, max.y)};
    if (!mine) {
        std::ranges::reverse(points);  // clockwise, or the edges would not be smoothed
    }
    list.AddConvexPolyFilled(points.data(), static_cast<int>(points.size()), colour);
}

}  // namespace

void draw_bubble(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, bool mine, bool tail) {
    const Palette& c = kit.c();
    if (!mine && (c.theirs_edge >> IM_COL32_A_SHIFT) != 0) {
        // On a light page a white bubble needs a lower edge to stand out.
        const float drop = kit.px(1);
        bubble_shape(kit, list, {min.x, min.y + drop}, {max.x, max.y + drop}, c.theirs_edge, mine,
                     tail);
    }
    bubble_shape(kit, list, min, max, mine ? c.mine : c.theirs, mine, tail);
}

void draw_separator(const Kit& kit, ImDrawList& list, ImVec2 from, ImVec2 to) {
    const float thick = kit.px(1);
    const bool upright = from.x == to.x;
    list.AddRectFilled(from, {to.x + (upright ? thick : 0.0F), to.y + (upright ? 0.0F : thick)},
                       kit.c().separator);
}

void draw_spinner(Kit& kit, ImDrawList& list, ImVec2 centre, float radius, ImU32 colour) {
    kit.redraw.animating = true;
    const auto turn = static_cast<float>(std::fmod(ImGui::GetTime() * 1.1, 1.0)) * 2 * pi;
    list.PathArcTo(centre, radius, turn, turn + pi * 1.45F);
    list.PathStroke(colour, 0, std::max(kit.px(2), radius * 0.22F));
}

void draw_typing_dots(Kit& kit, ImDrawList& list, ImVec2 left_middle, ImU32 colour) {
    kit.redraw.animating = true;
    const double time = ImGui::GetTime();
    for (int i = 0; i < 3; ++i) {
        const auto wave = static_cast<float>(std::sin(time * 5.0 - i * 0.9));
        const float lift = std::max(wave, 0.0F);
        const ImVec2 at(left_middle.x + kit.px(4) + kit.px(8) * static_cast<float>(i),
                        left_middle.y - kit.theme.scale * 2.0F * lift);
        list.AddCircleFilled(at, kit.theme.scale * 2.6F, with_alpha(colour, 0.45F + 0.55F * lift));
    }
}

void draw_soft_shadow(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, float rounding) {
    constexpr int layers = 8;
    const float spread = kit.px(16);
    const float drop = kit.px(4);
    const ImU32 shade = with_alpha(kit.c().shadow, 1.0F / layers);
    for (int i = 0; i < layers; ++i) {
        const float grow = spread * static_cast<float>(i) / layers;
        list.AddRectFilled({min.x - grow, min.y - grow + drop}, {max.x + grow, max.y + grow + drop},
                           shade, rounding + grow);
    }
}

}  // namespace sotto::ui
