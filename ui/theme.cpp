#include "ui/theme.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::ui {

namespace {

[[nodiscard]] constexpr ImU32 rgb(std::uint32_t hex, std::uint32_t alpha = 255) {
    return IM_COL32((hex >> 16U) & 0xFFU, (hex >> 8U) & 0xFFU, hex & 0xFFU, alpha);
}

constexpr Palette light{
    .page = rgb(0xF4F6FA),
    .panel = rgb(0xFFFFFF),
    .field = rgb(0xF1F4F9),
    .popup = rgb(0xFFFFFF),
    .hover = rgb(0xF1F4F9),
    .pressed = rgb(0xE6EAF2),
    .selected = rgb(0xE6EEFF),
    .separator = rgb(0xE3E7EE),
    .shadow = rgb(0x0F172A, 26),
    .text = rgb(0x151A23),
    .text_soft = rgb(0x515C6E),
    .text_faint = rgb(0x697386),
    .placeholder = rgb(0x697386),
    .accent = rgb(0x2563EB),
    .accent_hover = rgb(0x3B74F0),
    .accent_pressed = rgb(0x1D4FC4),
    .accent_soft = rgb(0xE6EEFF),
    .on_accent = rgb(0xFFFFFF),
    .mine = rgb(0x2563EB),
    .on_mine = rgb(0xFFFFFF),
    .mine_meta = rgb(0xDCE7FE),
    .mine_selection = rgb(0xFFFFFF, 72),
    .mine_read = rgb(0x7DE3FF),
    .theirs = rgb(0xFFFFFF),
    .on_theirs = rgb(0x151A23),
    .theirs_meta = rgb(0x697386),
    .theirs_edge = rgb(0xDFE4EC),
    .selection = rgb(0x2563EB, 56),
    .link = rgb(0x1D4ED8),
    .online = rgb(0x22C55E),
    .online_ink = rgb(0x15803D),
    .away = rgb(0xF59E0B),
    .offline = rgb(0xA7AFBE),
    .danger = rgb(0xDC2626),
    .danger_soft = rgb(0xFDECEC),
    .warning = rgb(0xB45309),
    .warning_soft = rgb(0xFEF3DC),
    .success_soft = rgb(0xE3F7EA),
    .scrollbar = rgb(0xDCE1EA),
    .scrollbar_hover = rgb(0xB4BDCC),
    .day_pill = rgb(0xE2E8F2),
    .on_day_pill = rgb(0x5D6778),
    .tooltip = rgb(0x1F2630),
    .on_tooltip = rgb(0xF3F5F9),
};

constexpr Palette dark{
    .page = rgb(0x0E1116),
    .panel = rgb(0x151A21),
    .field = rgb(0x1F2630),
    .popup = rgb(0x1B212A),
    .hover = rgb(0x1C232D),
    .pressed = rgb(0x263040),
    .selected = rgb(0x1E2D4A),
    .separator = rgb(0x232A34),
    .shadow = rgb(0x000000, 90),
    .text = rgb(0xE8EBF0),
    .text_soft = rgb(0x98A2B3),
    .text_faint = rgb(0x8792A5),
    .placeholder = rgb(0x8792A5),
    .accent = rgb(0x3B82F6),
    .accent_hover = rgb(0x5694F8),
    .accent_pressed = rgb(0x2F6BD0),
    .accent_soft = rgb(0x1E2D4A),
    .on_accent = rgb(0xFFFFFF),
    .mine = rgb(0x2B5FD9),
    .on_mine = rgb(0xFFFFFF),
    .mine_meta = rgb(0xDCE7FE),
    .mine_selection = rgb(0xFFFFFF, 72),
    .mine_read = rgb(0x67E8F9),
    .theirs = rgb(0x1F2630),
    .on_theirs = rgb(0xE8EBF0),
    .theirs_meta = rgb(0x8E99AC),
    .theirs_edge = rgb(0x1F2630, 0),
    .selection = rgb(0x3B82F6, 96),
    .link = rgb(0x7FB0FF),
    .online = rgb(0x22C55E),
    .online_ink = rgb(0x22C55E),
    .away = rgb(0xF59E0B),
    .offline = rgb(0x5A677B),
    .danger = rgb(0xF87171),
    .danger_soft = rgb(0x3A1D22),
    .warning = rgb(0xFBBF24),
    .warning_soft = rgb(0x33280F),
    .success_soft = rgb(0x12301F),
    .scrollbar = rgb(0x2A323E),
    .scrollbar_hover = rgb(0x3C4757),
    .day_pill = rgb(0x232B36),
    .on_day_pill = rgb(0x98A2B3),
    .tooltip = rgb(0xE8EBF0),
    .on_tooltip = rgb(0x151A21),
};

[[nodiscard]] ImVec4 vec(ImU32 colour) {
    return ImGui::ColorConvertU32ToFloat4(colour);
}

void apply_sizes(ImGuiStyle& style) {
    style.WindowPadding = {0, 0};
    style.WindowRounding = 14;
    style.WindowBorderSize = 0;
    style.WindowMinSize = {1, 1};
    style.ChildRounding = 0;
    style.ChildBorderSize = 0;
    style.PopupRounding = 12;
    style.PopupBorderSize = 1;
    style.FramePadding = {12, 9};
    style.FrameRounding = 10;
    style.FrameBorderSize = 0;
    style.ItemSpacing = {8, 8};
    style.ItemInnerSpacing = {8, 6};
    style.ScrollbarSize = 10;
    style.ScrollbarRounding = 5;
    style.GrabRounding = 8;
    style.GrabMinSize = 24;
    style.TabRounding = 8;
    style.CircleTessellationMaxError = 0.2F;
    style.CurveTessellationTol = 1.0F;
    // Textured lines need bilinear sampling at odd angles; triangles are exact and as fast here.
    style.AntiAliasedLinesUseTex = false;
    style.HoverDelayNormal = 0.45F;
    style.HoverStationaryDelay = 0.12F;
}

void apply_colours(ImGuiStyle& style, const Palette& c) {
    auto* to = style.Colors;
    to[ImGuiCol_Text] = vec(c.text);
    to[ImGuiCol_TextDisabled] = vec(c.text_faint);
    to[ImGuiCol_WindowBg] = vec(c.panel);
    to[ImGuiCol_ChildBg] = vec(with_alpha(c.panel, 0));
    to[ImGuiCol_PopupBg] = vec(c.popup);
    to[ImGuiCol_Border] = vec(c.separator);
    to[ImGuiCol_FrameBg] = vec(c.field);
    to[ImGuiCol_FrameBgHovered] = vec(c.hover);
    to[ImGuiCol_FrameBgActive] = vec(c.pressed);
    to[ImGuiCol_Button] = vec(c.accent);
    to[ImGuiCol_ButtonHovered] = vec(c.accent_hover);
    to[ImGuiCol_ButtonActive] = vec(c.accent_pressed);
    to[ImGuiCol_Header] = vec(c.selected);
    to[ImGuiCol_HeaderHovered] = vec(c.hover);
    to[ImGuiCol_HeaderActive] = vec(c.pressed);
    to[ImGuiCol_Separator] = vec(c.separator);
    to[ImGuiCol_CheckMark] = vec(c.accent);
    to[ImGuiCol_SliderGrab] = vec(c.accent);
    to[ImGuiCol_SliderGrabActive] = vec(c.accent_pressed);
    to[ImGuiCol_ScrollbarBg] = vec(with_alpha(c.panel, 0));
    to[ImGuiCol_ScrollbarGrab] = vec(c.scrollbar);
    to[ImGuiCol_ScrollbarGrabHovered] = vec(c.scrollbar_hover);
    to[ImGuiCol_ScrollbarGrabActive] = vec(c.scrollbar_hover);
    to[ImGuiCol_TextSelectedBg] = vec(c.selection);
    // Our widgets draw their own focus ring (draw_focus_ring).
    to[ImGuiCol_NavCursor] = vec(with_alpha(c.accent, 0));
    to[ImGuiCol_ModalWindowDimBg] = {0, 0, 0, 0.42F};
    to[ImGuiCol_DragDropTarget] = vec(c.accent);
}

}  // namespace

const Palette& light_palette() {
    return light;
}
const Palette& dark_palette() {
    return dark;
}

float Theme::px(float design_px) const {
    const float scaled = std::round(design_px * scale);
    // A hairline stays visible at any scale.
    return design_px > 0.0F ? std::max(scaled, 1.0F) : scaled;
}

TextStyle Theme::text(float design_px, Weight weight) const {
    return {std::round(design_px * scale * text_zoom * 4.0F) / 4.0F, weight};
}

void Theme::apply_to(ImGuiStyle& style) const {
    style = ImGuiStyle();
    apply_sizes(style);
    apply_colours(style, c());
    style.ScaleAllSizes(scale);
    style.FontSizeBase = 15.0F * text_zoom;
    style.FontScaleDpi = scale;
}

Theme make_theme(bool dark_wanted, float scale, float text_zoom) {
    Theme theme;
    theme.dark = dark_wanted;
    theme.scale = scale;
    theme.text_zoom = text_zoom;
    theme.colours = dark_wanted ? &dark : &light;
    return theme;
}

ImU32 mix(ImU32 a, ImU32 b, float t) {
    const auto part = std::clamp(t, 0.0F, 1.0F);
    ImU32 out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        const auto from = static_cast<float>((a >> shift) & 0xFFU);
        const auto to = static_cast<float>((b >> shift) & 0xFFU);
        out |= static_cast<ImU32>(std::lround(from + (to - from) * part)) << shift;
    }
    return out;
}

ImU32 with_alpha(ImU32 colour, float alpha) {
    const auto old = static_cast<float>(colour >> IM_COL32_A_SHIFT);
    const auto now = static_cast<ImU32>(std::clamp(old * alpha + 0.5F, 0.0F, 255.0F));
    return (colour & ~IM_COL32_A_MASK) | (now << IM_COL32_A_SHIFT);
}

}  // namespace sotto::ui
