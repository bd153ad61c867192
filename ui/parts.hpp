// Larger parts the views are made of: paragraphs, labelled fields, banners, dialogs, panes.
//
// All sizes are design pixels unless a parameter says "screen". Each part stands at ImGui's cursor,
// moves it below itself, and says in the semantic tree what it shows. Ui thread, within a frame.
#pragma once

#include "ui/chat_input.hpp"
#include "ui/form_rules.hpp"
#include "ui/icons.hpp"
#include "ui/kit.hpp"

#include <imgui.h>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sotto::ui {

struct ParagraphOptions {
    TextStyle style;
    ImU32 colour = 0;
    float width = 0.0F;  // screen pixels
    bool centred = false;
};
// Wrapped text of our own catalogue (or sanitised).
void paragraph(Kit& kit, std::string_view text, const ParagraphOptions& options);
void space(const Kit& kit, float height);
// Explains the switch just drawn, close below it.
void explain(Kit& kit, std::string_view text, float width);

struct FieldOptions {
    std::string_view label = {};
    std::string_view placeholder = {};
    std::string_view hint = {};  // below the box; empty: none
    HintTone tone = HintTone::neutral;
    bool enabled = true;
    char32_t icon = 0;
    std::string_view icon_fallback = {};
    bool multiline = false;
    // For passwords: the eye at the right edge and its two tooltips.
    bool* revealed = nullptr;
    std::string_view show_label = {};
    std::string_view hide_label = {};
    std::string_view caps_label = {};  // below the box while it has the focus and Caps Lock is on
};
InputResult field(Kit& kit, const char* id, ChatInput& input, float width,
                  const FieldOptions& options);

// What two people say stays together on a wide screen: the free space at each side of it.
[[nodiscard]] float column_inset(const Kit& kit, float width);

enum class BannerTone : std::uint8_t { info, success, warning, danger };
// An icon and some lines on a coloured background, across `width` screen pixels; `room_right` of
// them (design pixels) stay free for a button of the caller.
void banner(Kit& kit, Icon icon, std::string_view text, BannerTone tone, float width,
            float room_right = 0.0F);

// One of several, side by side; answers true when `chosen` changed.
bool segments(Kit& kit, const char* id, std::span<const std::string_view> labels,
              std::size_t& chosen, float width);

// A rectangle of its own with a background; everything until the end of the object's life is in it.
class Pane {
public:
    enum class Scroll : bool { no, yes };
    Pane(const char* id, ImVec2 position, ImVec2 size, ImU32 background,
         Scroll scroll = Scroll::no);
    ~Pane();
    Pane(const Pane&) = delete;
    Pane& operator=(const Pane&) = delete;
    [[nodiscard]] ImVec2 min() const { return min_; }
    [[nodiscard]] ImVec2 max() const { return max_; }

private:
    ImVec2 min_;
    ImVec2 max_;
};

// A box over a dimmed window that takes the keyboard until it is closed. Draw its content while
// `open()`; Escape, the cross and a click beside it set `closed()`.
class DialogBox {
public:
    DialogBox(Kit& kit, const char* id, std::string_view title, std::string_view close_label,
              float width);
    ~DialogBox();
    DialogBox(const DialogBox&) = delete;
    DialogBox& operator=(const DialogBox&) = delete;
    [[nodiscard]] bool open() const { return open_; }
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] float width() const { return width_; }  // of the content, screen pixels
    [[nodiscard]] bool just_opened() const { return just_opened_; }

private:
    void header(Kit& kit, std::string_view title, std::string_view close_label);

    bool open_ = false;
    bool closed_ = false;
    bool just_opened_ = false;
    float width_ = 0.0F;
};

// Buttons right aligned in one row of `width` screen pixels; answers the index of the pressed one,
// or -1.
struct RowButton {
    const char* id;
    std::string_view label = {};
    bool primary = false;
    bool danger = false;
    bool enabled = true;
    bool busy = false;
};
int button_row(Kit& kit, std::initializer_list<RowButton> buttons, float width);

// The width button() takes for a label.
[[nodiscard]] float button_width(Kit& kit, std::string_view label);

}  // namespace sotto::ui
