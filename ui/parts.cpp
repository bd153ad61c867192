#include "ui/parts.hpp"

#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sotto::ui {
namespace {

constexpr float dialog_padding = 24.0F;
// Room for the box to breathe, also in the smallest window.
constexpr float dialog_margin = 16.0F;

struct Tone {
    ImU32 background;
    ImU32 ink;
};

Tone tone_colours(const Palette& c, BannerTone tone) {
    switch (tone) {
        case BannerTone::info:
            return {c.accent_soft, c.accent};
        case BannerTone::success:
            return {c.success_soft, c.online_ink};
        case BannerTone::warning:
            return {c.warning_soft, c.warning};
        case BannerTone::danger:
            return {c.danger_soft, c.danger};
    }
    return {c.field, c.text};
}

ImU32 hint_colour(const Palette& c, HintTone tone) {
    switch (tone) {
        case HintTone::good:
            return c.online_ink;
        case HintTone::bad:
            return c.danger;
        case HintTone::neutral:
            break;
    }
    return c.text_faint;
}

void reveal_button(Kit& kit, const char* id, const FieldOptions& options, ImVec2 box_min,
                   float width) {
    const float diameter = 32.0F;
    const ImVec2 after = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos(
        {box_min.x + width - kit.px(diameter + 6.0F), box_min.y + kit.px(4.0F)});
    ImGui::PushID(id);
    const bool shown = *options.revealed;
    if (icon_button(kit, "reveal", shown ? icons::hidden : icons::visible,
                    shown ? options.hide_label : options.show_label,
                    {.diameter = diameter, .icon_size = 18.0F})) {
        *options.revealed = !shown;
    }
    ImGui::PopID();
    ImGui::SetCursorScreenPos(after);
}

}  // namespace

void paragraph(Kit& kit, std::string_view text, const ParagraphOptions& options) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const TextLayout& layout = kit.text.layout(text, options.style, {.width = options.width});
    const float height = layout.height();
    if (options.centred) {
        for (const LaidLine& line : layout.lines()) {
            if (line.first == line.last) {
                continue;
            }
            const std::size_t begin = layout.clusters()[line.first].begin;
            const std::size_t end = layout.clusters()[line.last - 1].end;
            kit.text.draw_centred(
                list, {at.x + options.width / 2.0F, at.y + line.top + layout.line_height() / 2.0F},
                text.substr(begin, end - begin), options.style, options.colour);
        }
    } else {
        kit.text.draw(list, at, layout, {.colour = options.colour});
    }
    describe(
        {.role = "text", .label = text, .min = at, .max = {at.x + options.width, at.y + height}});
    ImGui::Dummy({options.width, height});
}

void space(const Kit& kit, float height) {
    // Whatever spacing the style puts between items is part of the space asked for.
    const float gap = ImGui::GetStyle().ItemSpacing.y;
    ImGui::Dummy({1.0F, std::max(0.0F, kit.px(height) - gap)});
}

void explain(Kit& kit, std::string_view text, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({at.x, at.y - kit.px(10.0F)});
    paragraph(kit, text, {.style = kit.theme.meta(), .colour = kit.c().text_faint, .width = width});
}

InputResult field(Kit& kit, const char* id, ChatInput& input, float width,
                  const FieldOptions& options) {
    const Palette& c = kit.c();
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0.0F, kit.px(5.0F)});
    if (!options.label.empty()) {
        paragraph(kit, options.label,
                  {.style = kit.theme.label(), .colour = c.text_soft, .width = width});
    }
    const ImVec2 box = ImGui::GetCursorScreenPos();
    if (options.revealed != nullptr) {
        input.reveal(*options.revealed);
    }
    ImGui::SetNextItemAllowOverlap();  // the eye lies inside
    const InputResult result =
        input.draw(kit, id, width,
                   {.placeholder = options.placeholder,
                    .label = options.label,
                    .multiline = options.multiline,
                    .lines_max = 5,
                    .icon = options.icon,
                    .icon_fallback = options.icon_fallback,
                    .pad_right = options.revealed != nullptr ? kit.px(40.0F) : 0.0F,
                    .rounding = 12.0F,
                    .outlined = true,
                    .invalid = options.tone == HintTone::bad,
                    .enabled = options.enabled});
    if (options.revealed != nullptr) {
        reveal_button(kit, id, options, box, width);
    }
    const bool caps = kit.caps_lock && result.focused && !options.caps_label.empty();
    const std::string_view hint = caps ? options.caps_label : options.hint;
    if (!hint.empty()) {
        const ImU32 colour = caps ? c.away : hint_colour(c, options.tone);
        paragraph(kit, hint, {.style = kit.theme.meta(), .colour = colour, .width = width});
    }
    ImGui::PopStyleVar();
    return result;
}

float column_inset(const Kit& kit, float width) {
    constexpr float column_max = 1000.0F;  // bubbles of 560 at both sides still overlap
    return std::max(std::floor((width - kit.px(column_max)) / 2.0F), 0.0F);
}

void banner(Kit& kit, Icon icon, std::string_view text, BannerTone tone, float width,
            float room_right) {
    const Tone colours = tone_colours(kit.c(), tone);
    const float pad = kit.px(12.0F);
    const float icon_room = kit.px(32.0F);
    const float text_width = width - 2.0F * pad - icon_room - kit.px(room_right);
    const TextStyle style = kit.theme.preview();
    const float height = kit.text.layout(text, style, {.width = text_width}).height() + 2.0F * pad;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min = ImGui::GetCursorScreenPos();
    list.AddRectFilled(min, {min.x + width, min.y + height}, colours.background, kit.px(10.0F));
    kit.text.draw_icon(list, {min.x + pad + kit.px(10.0F), min.y + pad + kit.px(9.0F)}, icon.glyph,
                       kit.px(20.0F), colours.ink, icon.fallback);
    const TextLayout& layout = kit.text.layout(text, style, {.width = text_width});
    kit.text.draw(list, {min.x + pad + icon_room, min.y + pad}, layout, {.colour = kit.c().text});
    describe({.role = "alert", .label = text, .min = min, .max = {min.x + width, min.y + height}});
    ImGui::Dummy({width, height});
}

bool segments(Kit& kit, const char* id, std::span<const std::string_view> labels,
              std::size_t& chosen, float width) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float height = kit.px(36.0F);
    const float inset = kit.px(3.0F);
    const float each = (width - 2.0F * inset) / static_cast<float>(labels.size());
    list.AddRectFilled(min, {min.x + width, min.y + height}, c.field, kit.px(10.0F));
    bool changed = false;
    ImGui::PushID(id);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const ImVec2 part_min{min.x + inset + each * static_cast<float>(i), min.y + inset};
        const ImVec2 part_max{part_min.x + each, min.y + height - inset};
        ImGui::SetCursorScreenPos(part_min);
        ImGui::PushID(static_cast<int>(i));
        const bool pressed = ImGui::InvisibleButton(
            "part", {part_max.x - part_min.x, part_max.y - part_min.y}, ImGuiButtonFlags_EnableNav);
        const bool hovered = ImGui::IsItemHovered();
        describe({.role = "choice",
                  .label = labels[i],
                  .id = ImGui::GetItemID(),
                  .min = part_min,
                  .max = part_max,
                  .checked = i == chosen});
        if (pressed && i != chosen) {
            chosen = i;
            changed = true;
        }
        if (i == chosen) {
            list.AddRectFilled(part_min, part_max, c.accent, kit.px(8.0F));
        } else if (hovered) {
            list.AddRectFilled(part_min, part_max, c.pressed, kit.px(8.0F));
        }
        kit.text.draw_centred(list,
                              {(part_min.x + part_max.x) / 2.0F, (part_min.y + part_max.y) / 2.0F},
                              labels[i], kit.theme.label(), i == chosen ? c.on_accent : c.text);
        draw_focus_ring(kit, list, part_min, part_max, kit.px(8.0F));
        ImGui::PopID();
    }
    ImGui::PopID();
    ImGui::SetCursorScreenPos(min);
    ImGui::Dummy({width, height});
    return changed;
}

Pane::Pane(const char* id, ImVec2 position, ImVec2 size, ImU32 background, Scroll scroll)
    : min_(position), max_(position.x + size.x, position.y + size.y) {
    ImGui::SetCursorScreenPos(position);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{0, 0});
    ImGui::PushStyleColor(ImGuiCol_ChildBg, background);
    constexpr int still = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
    // One order for Tab over all panes.
    ImGui::BeginChild(id, size, ImGuiChildFlags_NavFlattened, scroll == Scroll::yes ? 0 : still);
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
}

Pane::~Pane() {
    // Parts are placed by coordinates; ImGui wants an item after the last move of its cursor.
    ImGui::Dummy({0, 0});
    ImGui::EndChild();
}

DialogBox::DialogBox(Kit& kit, const char* id, std::string_view title, std::string_view close_label,
                     float width) {
    const ImGuiViewport& view = *ImGui::GetMainViewport();
    just_opened_ = !ImGui::IsPopupOpen(id);
    if (just_opened_) {
        ImGui::OpenPopup(id);
    }
    const float margin = kit.px(dialog_margin);
    const float padding = kit.px(dialog_padding);
    const float outer = std::min(kit.px(width), view.Size.x - 2.0F * margin);
    width_ = outer - 2.0F * padding;
    ImGui::SetNextWindowSizeConstraints({outer, 0.0F}, {outer, view.Size.y - 2.0F * margin});
    ImGui::SetNextWindowPos({view.Pos.x + view.Size.x / 2.0F, view.Pos.y + view.Size.y / 2.0F},
                            ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{padding, padding});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, kit.px(14.0F));
    open_ = ImGui::BeginPopupModal(
        id, nullptr,
        ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize |
            ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings);
    ImGui::PopStyleVar(2);
    if (open_) {
        header(kit, title, close_label);
    }
}

void DialogBox::header(Kit& kit, std::string_view title, std::string_view close_label) {
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float button = 32.0F;
    paragraph(kit, title,
              {.style = kit.theme.text(19.0F, Weight::strong),
               .colour = kit.c().text,
               .width = width_ - kit.px(button)});
    const ImVec2 below = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({min.x + width_ - kit.px(button - 6.0F), min.y - kit.px(5.0F)});
    if (icon_button(kit, "close", icons::close, close_label,
                    {.diameter = button, .icon_size = 20.0F})) {
        closed_ = true;
    }
    ImGui::SetCursorScreenPos(below);
    space(kit, 8.0F);
    const bool inside = ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows |
                                               ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
    const bool beside =
        ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !inside && !ImGui::IsWindowAppearing();
    if (beside || ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        closed_ = true;
    }
}

DialogBox::~DialogBox() {
    if (open_) {
        ImGui::EndPopup();
    }
}

float button_width(Kit& kit, std::string_view label) {
    return kit.text.measure(label, kit.theme.name()).x + kit.px(36.0F);
}

int button_row(Kit& kit, std::initializer_list<RowButton> buttons, float width) {
    const float gap = kit.px(10.0F);
    const float height_gap = ImGui::GetStyle().ItemSpacing.y;
    float total = -gap;
    float widest = 0.0F;
    for (const RowButton& one : buttons) {
        const float needed = button_width(kit, one.label);
        total += needed + gap;
        widest = std::max(widest, needed);
    }
    const bool stacked = total > width;  // a narrow window, a long language
    const ImVec2 start = ImGui::GetCursorScreenPos();
    float x = start.x + width - std::max(total, 0.0F);
    float y = start.y;
    int pressed = -1;
    int index = 0;
    for (const RowButton& one : buttons) {
        const float needed = stacked ? width : button_width(kit, one.label);
        ImGui::SetCursorScreenPos({stacked ? start.x : x, y});
        const ButtonKind kind = one.danger    ? ButtonKind::danger
                                : one.primary ? ButtonKind::primary
                                              : ButtonKind::secondary;
        if (button(kit, one.id, one.label,
                   {.kind = kind, .width = needed, .enabled = one.enabled, .busy = one.busy})) {
            pressed = index;
        }
        x += needed + gap;
        if (stacked) {
            y = ImGui::GetItemRectMax().y + height_gap;
        }
        ++index;
    }
    const float bottom = ImGui::GetItemRectMax().y;
    ImGui::SetCursorScreenPos(start);
    ImGui::Dummy({width, bottom - start.y});
    return pressed;
}

}  // namespace sotto::ui
