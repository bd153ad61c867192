// Colours, sizes and type of the desktop: one accent, three surfaces (page, panel, field), light
// and dark.
//
// A Theme is a value: views read colours and sizes from it and never write literals of their own.
// px(v) turns a design pixel (96 dpi) into whole screen pixels. Style numbers: ui.md section 4.
#pragma once

#include "ui/text_layout.hpp"

#include <imgui.h>

#include <cstdint>

struct ImGuiStyle;

namespace sotto::ui {

enum class ThemeChoice : std::uint8_t { system, light, dark };

struct Palette {
    // surfaces, from back to front
    ImU32 page, panel, field, popup;
    ImU32 hover, pressed, selected, separator, shadow;
    // text on them
    ImU32 text, text_soft, text_faint, placeholder;
    // the accent and what stands on it
    ImU32 accent, accent_hover, accent_pressed, accent_soft, on_accent;
    // bubbles
    ImU32 mine, on_mine, mine_meta, mine_selection, mine_read;
    ImU32 theirs, on_theirs, theirs_meta, theirs_edge;
    ImU32 selection, link;
    // meanings
    // `online` is for dots, `online_ink` for words and signs: they need more contrast
    ImU32 online, online_ink, away, offline, danger, danger_soft, warning, warning_soft,
        success_soft;
    ImU32 scrollbar, scrollbar_hover, day_pill, on_day_pill, tooltip, on_tooltip;
};

[[nodiscard]] const Palette& light_palette();
[[nodiscard]] const Palette& dark_palette();

struct Theme {
    bool dark = false;
    float scale = 1.0F;      // screen pixels per design pixel
    float text_zoom = 1.0F;  // a person's own wish for larger text
    const Palette* colours = &light_palette();

    [[nodiscard]] float px(float design_px) const;
    [[nodiscard]] const Palette& c() const { return *colours; }

    [[nodiscard]] TextStyle body() const { return text(15.0F); }
    [[nodiscard]] TextStyle name() const { return text(15.0F, Weight::strong); }
    [[nodiscard]] TextStyle title() const { return text(16.0F, Weight::strong); }
    [[nodiscard]] TextStyle headline() const { return text(24.0F, Weight::strong); }
    [[nodiscard]] TextStyle preview() const { return text(13.0F); }
    [[nodiscard]] TextStyle label() const { return text(13.0F, Weight::strong); }
    [[nodiscard]] TextStyle meta() const { return text(12.0F); }
    [[nodiscard]] TextStyle tiny() const { return text(11.0F); }
    [[nodiscard]] TextStyle tiny_strong() const { return text(11.0F, Weight::strong); }
    [[nodiscard]] TextStyle big_emoji() const { return text(34.0F); }
    [[nodiscard]] TextStyle text(float design_px, Weight weight = Weight::regular) const;

    // Fills a fresh ImGuiStyle (never one that was scaled before).
    void apply_to(ImGuiStyle& style) const;
};

[[nodiscard]] Theme make_theme(bool dark, float scale, float text_zoom = 1.0F);

// a * (1 - t) + b * t for each channel, and a colour with another alpha (0..1, multiplied).
[[nodiscard]] ImU32 mix(ImU32 a, ImU32 b, float t);
[[nodiscard]] ImU32 with_alpha(ImU32 colour, float alpha);

}  // namespace sotto::ui
