#include "ui/widgets.hpp"

#include "ui/semantics.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

namespace sotto::ui {

namespace {

struct ButtonColours {
    ImU32 normal;
    ImU32 hovered;
    ImU32 pressed;
    ImU32 text;
};

[[nodiscard]] ButtonColours colours_of(const Palette& c, ButtonKind kind) {
    switch (kind) {
        case ButtonKind::primary:
            return {c.accent, c.accent_hover, c.accent_pressed, c.on_accent};
        case ButtonKind::secondary:
            return {c.field, c.pressed, c.pressed, c.text};
        case ButtonKind::quiet:
            return {with_alpha(c.field, 0), c.hover, c.pressed, c.accent};
        case ButtonKind::danger:
            return {c.danger_soft, mix(c.danger_soft, c.danger, 0.12F),
                    mix(c.danger_soft, c.danger, 0.2F), c.danger};
    }
    return {};
}

[[nodiscard]] ImU32 state_colour(const ButtonColours& colours) {
    if (ImGui::IsItemActive()) {
        return colours.pressed;
    }
    return ImGui::IsItemHovered() ? colours.hovered : colours.normal;
}

[[nodiscard]] ImVec2 middle(ImVec2 min, ImVec2 max) {
    return {(min.x + max.x) / 2, (min.y + max.y) / 2};
}

// An invisible ImGui button that says its own name; disabled ones stay in the tree.
bool hit_area(const char* id, std::string_view role, std::string_view label, ImVec2 size,
              bool enabled) {
    ImGui::BeginDisabled(!enabled);
    const bool clicked = ImGui::InvisibleButton(id, size, ImGuiButtonFlags_EnableNav);
    ImGui::EndDisabled();
    describe_last(role, label);
    if (enabled && ImGui::IsItemHovered()) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    }
    return clicked && enabled;
}

}  // namespace

void draw_focus_ring(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, float rounding) {
    if (!ImGui::IsItemFocused() || !ImGui::GetCurrentContext()->NavCursorVisible) {
        return;
    }
    const float gap = kit.px(2);
    list.AddRect({min.x - gap, min.y - gap}, {max.x + gap, max.y + gap}, kit.c().accent,
                 rounding + gap, 0, kit.px(2));
}

bool button(Kit& kit, const char* id, std::string_view label, const ButtonOptions& options) {
    const TextStyle style = kit.theme.name();
    const float icon_room = options.icon ? kit.px(26) : 0.0F;
    const float wanted = kit.text.measure(label, style).x + icon_room + kit.px(36);
    const ImVec2 size(options.width > 0.0F ? options.width : std::ceil(wanted), kit.px(40));
    const bool enabled = options.enabled && !options.busy;
    const bool clicked = hit_area(id, "button", label, size, enabled);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min = ImGui::GetItemRectMin();
    const ImVec2 max = ImGui::GetItemRectMax();
    const ButtonColours colours = colours_of(kit.c(), options.kind);
    const float dim = options.enabled ? 1.0F : 0.45F;
    list.AddRectFilled(min, max, with_alpha(state_colour(colours), dim), kit.px(10));
    draw_focus_ring(kit, list, min, max, kit.px(10));
    const ImU32 text = with_alpha(colours.text, dim);
    const ImVec2 centre = middle(min, max);
    if (options.busy) {
        draw_spinner(kit, list, centre, kit.px(8), text);
        return clicked;
    }
    const TextLayout& laid = kit.text.layout(
        label, style, {.width = std::max(size.x - icon_room - kit.px(20), 1.0F), .ellipsis = true});
    const float left = std::round(centre.x - (laid.width() + icon_room) / 2);
    if (options.icon) {
        kit.text.draw_icon(list, {left + kit.px(9), centre.y}, options.icon.glyph, kit.px(19), text,
                           options.icon.fallback);
    }
    kit.text.draw(list, {left + icon_room, std::round(centre.y - laid.height() / 2)}, laid,
                  {.colour = text});
    return clicked;
}

bool icon_button(Kit& kit, const char* id, Icon icon, std::string_view label,
                 const IconButtonOptions& options) {
    const float diameter = kit.px(options.diameter);
    const bool clicked = hit_area(id, "button", label, {diameter, diameter}, options.enabled);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min = ImGui::GetItemRectMin();
    const ImVec2 max = ImGui::GetItemRectMax();
    const ImVec2 centre = middle(min, max);
    const Palette& c = kit.c();
    ImU32 ink = options.active ? c.accent : c.text_soft;
    if (options.filled) {
        const ImU32 disc = options.enabled
                               ? state_colour({c.accent, c.accent_hover, c.accent_pressed, 0})
                               : c.pressed;
        list.AddCircleFilled(centre, diameter / 2, disc);
        ink = options.enabled ? c.on_accent : c.text_faint;
    } else if (options.enabled && (ImGui::IsItemHovered() || options.active)) {
        list.AddCircleFilled(centre, diameter / 2, ImGui::IsItemActive() ? c.pressed : c.hover);
        ink = options.active ? c.accent : c.text;
    }
    if (options.colour != 0) {
        ink = options.colour;
    }
    if (!options.enabled && !options.filled) {
        ink = with_alpha(ink, 0.45F);
    }
    draw_focus_ring(kit, list, min, max, diameter / 2);
    // The paper plane's weight lies to the left of its square.
    const float nudge = icon.glyph == icons::send.glyph ? kit.px(1) : 0.0F;
    kit.text.draw_icon(list, {centre.x + nudge, centre.y}, icon.glyph, kit.px(options.icon_size),
                       ink, icon.fallback);
    tooltip(kit, label);
    return clicked;
}

bool toggle(Kit& kit, const char* id, std::string_view label, bool& value, float width) {
    const ImVec2 size(width, kit.px(40));
    const bool clicked = hit_area(id, "toggle", label, size, true);
    if (clicked) {
        value = !value;
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min = ImGui::GetItemRectMin();
    const ImVec2 max = ImGui::GetItemRectMax();
    describe({.role = "toggle-state",
              .label = label,
              .min = min,
              .max = max,
              .checked = value,
              .value = value ? "on" : "off"});
    const Palette& c = kit.c();
    const float mid = (min.y + max.y) / 2;
    const ImVec2 knob_size(kit.px(38), kit.px(22));
    const ImVec2 track_min(max.x - knob_size.x, std::round(mid - knob_size.y / 2));
    const ImVec2 track_max(max.x, track_min.y + knob_size.y);
    const ImU32 off = mix(c.field, c.text_faint, 0.45F);
    list.AddRectFilled(track_min, track_max, value ? c.accent : off, knob_size.y / 2);
    const float inset = knob_size.y / 2;
    const float knob_x = value ? track_max.x - inset : track_min.x + inset;
    list.AddCircleFilled({knob_x, (track_min.y + track_max.y) / 2}, knob_size.y / 2 - kit.px(3),
                         c.on_accent);
    draw_focus_ring(kit, list, track_min, track_max, knob_size.y / 2);
    const TextStyle style = kit.theme.body();
    const float room = std::max(width - knob_size.x - kit.px(12), 1.0F);
    kit.text.draw(list, {min.x, std::round(mid - style.size * 0.7F)}, label, style, c.text, room);
    return clicked;
}

bool text_link(Kit& kit, const char* id, std::string_view label) {
    const TextStyle style = kit.theme.text(13.5F, Weight::strong);
    const ImVec2 size = kit.text.measure(label, style);
    const bool clicked = hit_area(id, "link", label, {std::ceil(size.x), size.y}, true);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min = ImGui::GetItemRectMin();
    const ImVec2 max = ImGui::GetItemRectMax();
    kit.text.draw(list, min, label, style, kit.c().accent);
    if (ImGui::IsItemHovered()) {
        const float y = max.y - kit.px(2);
        list.AddRectFilled({min.x, y}, {max.x, y + kit.px(1)}, kit.c().accent);
    }
    draw_focus_ring(kit, list, min, max, kit.px(4));
    return clicked;
}

RowState row(Kit& kit, const char* id, std::string_view label, ImVec2 size, bool selected) {
    RowState state;
    state.clicked = ImGui::InvisibleButton(id, size, ImGuiButtonFlags_EnableNav);
    describe_last("row", label);
    state.hovered = ImGui::IsItemHovered();
    const bool menu_key = ImGui::IsItemFocused() && ImGui::IsKeyPressed(ImGuiKey_Menu);
    state.context_menu = menu_key || ImGui::IsItemClicked(ImGuiMouseButton_Right);
    state.min = ImGui::GetItemRectMin();
    state.max = ImGui::GetItemRectMax();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float rounding = kit.px(10);
    if (selected) {
        list.AddRectFilled(state.min, state.max, kit.c().selected, rounding);
    } else if (state.hovered || ImGui::IsItemActive()) {
        list.AddRectFilled(state.min, state.max,
                           ImGui::IsItemActive() ? kit.c().pressed : kit.c().hover, rounding);
    }
    draw_focus_ring(kit, list, {state.min.x + kit.px(2), state.min.y + kit.px(2)},
                    {state.max.x - kit.px(2), state.max.y - kit.px(2)}, rounding);
    return state;
}

void tooltip(Kit& kit, std::string_view text) {
    constexpr auto flags = ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_DelayNormal |
                           ImGuiHoveredFlags_AllowWhenDisabled;
    if (text.empty() || !ImGui::IsItemHovered(flags)) {
        return;
    }
    const TextStyle style = kit.theme.text(12.5F);
    const TextLayout& laid = kit.text.layout(text, style, {.width = kit.px(320)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {kit.px(10), kit.px(6)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, kit.px(8));
    ImGui::PushStyleVar(ImGuiStyleVar_PopupBorderSize, 0.0F);
    ImGui::PushStyleColor(ImGuiCol_PopupBg, kit.c().tooltip);
    if (ImGui::BeginTooltip()) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::Dummy({std::ceil(laid.width()), laid.height()});
        kit.text.draw(*ImGui::GetWindowDrawList(), at, laid, {.colour = kit.c().on_tooltip});
        describe({.role = "tooltip", .label = text, .min = at, .max = ImGui::GetItemRectMax()});
        ImGui::EndTooltip();
    }
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
}

}  // namespace sotto::ui
