// What a view needs to draw: the theme, the text engine, the input method. One per window, passed
// by reference.
//
// Owned by Window; views keep no copy. Ui thread.
#pragma once

#include "ui/fonts.hpp"
#include "ui/glyph_atlas.hpp"
#include "ui/shaped_text.hpp"
#include "ui/theme.hpp"

#include <functional>
#include <string>

namespace sotto::ui {

// The conversation between a text widget and the input method (IBus, Fcitx) by way of the window.
struct InputMethod {
    // from the window: text that is being composed, and the caret inside it (bytes)
    std::string preedit;
    std::size_t preedit_caret = 0;
    // from the focused widget, each frame: where the caret is, so that the candidates open beside
    // it
    bool wanted = false;
    bool secret =
        false;  // a password: no suggestions, and typed characters are wiped from the queues
    ImVec2 caret_min = {};
    ImVec2 caret_max = {};
};

// Requests of widgets to the window's event loop; reset each frame.
struct RedrawWishes {
    bool caret_blinks = false;
    bool animating = false;  // 30 frames a second as long as somebody asks
    float wake_in_s = 0.0F;  // 0: none; one frame after so many seconds (a toast that goes away)
    void wake_in(float seconds) {
        if (wake_in_s == 0.0F || seconds < wake_in_s) {
            wake_in_s = seconds;
        }
    }
};

struct HostServices {
    std::function<std::string()> primary_selection;  // middle click; may be empty
    std::function<void(const std::string&)> set_primary_selection;
    std::function<bool(const std::string& url)> open_url;  // http and https only
};

struct Kit {
    explicit Kit(ImFontAtlas& atlas);
    ~Kit() = default;
    Kit(const Kit&) = delete;
    Kit& operator=(const Kit&) = delete;

    Theme theme;
    FontSet fonts;
    GlyphAtlas glyphs;
    TextEngine text;
    InputMethod input_method;
    RedrawWishes redraw;
    HostServices host;
    bool caret_steady = false;   // tests freeze the caret
    bool window_focused = true;  // else no caret blinks
    bool caps_lock = false;      // capitals are locked: password boxes say so
    bool person_active = false;  // a key, the mouse or a finger moved since the last frame

    [[nodiscard]] float px(float v) const { return theme.px(v); }
    [[nodiscard]] const Palette& c() const { return theme.c(); }
};

}  // namespace sotto::ui
