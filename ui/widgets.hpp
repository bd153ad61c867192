// Small parts all views share: buttons, switches, badges, pills, delivery ticks, toasts.
//
// Every interactive part is a real ImGui item (keyboard focus, hover, test hooks) with own drawing.
// Labels are shown through the text engine, so any script works and "##" in a name is just text.
// Ids are separate.
#pragma once

#include "ui/icons.hpp"
#include "ui/kit.hpp"

#include <imgui.h>

#include <cstdint>
#include <string_view>

namespace sotto::ui {

enum class Delivery : std::uint8_t { waiting, sent, delivered, read, failed };

// Drawn with lines, right aligned to `right`, middle at `y`; answers the width taken.
float draw_ticks(const Kit& kit, ImDrawList& list, float right, float y, Delivery state,
                 ImU32 colour, ImU32 read_colour);
[[nodiscard]] float ticks_width(const Kit& kit);

enum class ButtonKind : std::uint8_t { primary, secondary, quiet, danger };

struct ButtonOptions {
    ButtonKind kind = ButtonKind::primary;
    float width = 0.0F;  // 0: as wide as the label needs
    bool enabled = true;
    bool busy = false;  // shows a spinner instead of the label
    Icon icon = {};
};
bool button(Kit& kit, const char* id, std::string_view label, const ButtonOptions& options = {});

struct IconButtonOptions {
    float diameter = 36.0F;  // design pixels
    float icon_size = 22.0F;
    bool filled = false;  // accent disc: the send button
    bool active = false;  // pressed-in look
    bool enabled = true;
    ImU32 colour = 0;  // of the icon; 0: as the theme has it
};
// `label` is the tooltip and the name for tests and readers.
bool icon_button(Kit& kit, const char* id, Icon icon, std::string_view label,
                 const IconButtonOptions& options = {});

// A switch with its label at the left and the knob at the right edge of `width`.
bool toggle(Kit& kit, const char* id, std::string_view label, bool& value, float width);

// Text in accent colour that acts as a button.
bool text_link(Kit& kit, const char* id, std::string_view label);

// A round count, right aligned; "99+" above 99. Answers the width.
float draw_badge(Kit& kit, ImDrawList& list, ImVec2 right_middle, unsigned count,
                 bool muted = false);

// A rounded label such as a day separator, centred.
void draw_pill(Kit& kit, ImDrawList& list, ImVec2 centre, std::string_view text);

// A label with a coloured background ("Direct", "Relay"), left middle aligned; answers the width.
float draw_tag(Kit& kit, ImDrawList& list, ImVec2 left_middle, std::string_view text, ImU32 colour);

// A bubble's shape; the tail (last of a group) points to its side.
void draw_bubble(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, bool mine, bool tail);

void draw_separator(const Kit& kit, ImDrawList& list, ImVec2 from, ImVec2 to);
void draw_spinner(Kit& kit, ImDrawList& list, ImVec2 centre, float radius, ImU32 colour);
void draw_typing_dots(Kit& kit, ImDrawList& list, ImVec2 left_middle, ImU32 colour);
void draw_soft_shadow(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, float rounding);

// Shows the text near the mouse when the last item is hovered long enough.
void tooltip(Kit& kit, std::string_view text);

// A ring around the last item when the keyboard moved there (nothing otherwise).
void draw_focus_ring(const Kit& kit, ImDrawList& list, ImVec2 min, ImVec2 max, float rounding);

// A clickable row (list entry, menu entry): hover and selection fill; draw the content afterwards.
struct RowState {
    bool clicked = false;
    bool hovered = false;
    bool context_menu = false;  // right click or the menu key
    ImVec2 min;
    ImVec2 max;
};
RowState row(Kit& kit, const char* id, std::string_view label, ImVec2 size, bool selected);

}  // namespace sotto::ui
