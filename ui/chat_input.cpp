#include "ui/chat_input.hpp"

#include "ui/chat_input_frame.hpp"
#include "ui/semantics.hpp"

#include <string.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace sotto::ui {

namespace {

constexpr std::string_view dot = "\u2022";

[[nodiscard]] std::size_t count_graphemes(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = next_grapheme(text, at)) {
        ++count;
    }
    return count;
}

}  // namespace

ChatInput::ChatInput(std::size_t bytes_max, Secrecy secrecy) : buffer_(bytes_max, secrecy) {}

std::string ChatInput::shown_text(const InputMethod& method, bool active) const {
    if (masked()) {
        std::string dots;
        for (std::size_t n = count_graphemes(buffer_.text()); n > 0; --n) {
            dots += dot;
        }
        return dots;
    }
    std::string text(buffer_.text());
    if (active) {
        text.insert(buffer_.caret(), method.preedit);
    }
    return text;
}

// Offsets in the buffer and in the text as shown differ by dots and by the composed text.
std::size_t ChatInput::to_shown(std::size_t offset) const {
    if (masked()) {
        return count_graphemes(buffer_.text().substr(0, offset)) * dot.size();
    }
    return offset > buffer_.caret() ? offset + preedit_.size() : offset;
}

std::size_t ChatInput::from_shown(std::size_t offset) const {
    if (masked()) {
        std::size_t at = 0;
        for (std::size_t n = offset / dot.size(); n > 0 && at < buffer_.text().size(); --n) {
            at = next_grapheme(buffer_.text(), at);
        }
        return at;
    }
    const std::size_t caret = buffer_.caret();
    return offset <= caret ? offset : std::max(caret, offset - std::min(offset, preedit_.size()));
}

Wrap ChatInput::wrap_for(const InputOptions& options, float text_width) const {
    return {.width = options.multiline ? text_width : 0.0F, .fill = options.multiline};
}

void ChatInput::lay_out(Frame& frame) {
    std::string text = shown_text(frame.kit.input_method, frame.active);
    const Wrap wrap = wrap_for(frame.options, frame.text_area.GetWidth());
    if (buffer_.secret() && revealed_) {
        secret_layout_.wipe();
        secret_layout_ = TextLayout::make(frame.kit.fonts, text, frame.style, wrap);
        frame.layout = &secret_layout_;
        explicit_bzero(text.data(), text.size());
    } else {
        frame.layout = &frame.kit.text.layout(text, frame.style, wrap);
    }
}

float ChatInput::height(Kit& kit, float width, const InputOptions& options) {
    const float pad = kit.px(options.compact ? 8.0F : 9.5F);
    const TextStyle style = options.compact ? kit.theme.preview() : kit.theme.body();
    const float line = std::round(style.size * 1.4F);
    float lines = 1.0F;
    if (options.multiline) {
        const float side = kit.px(16);
        const float icon = options.icon != 0 ? kit.px(22) : 0.0F;
        const float text_width = std::max(width - 2 * side - icon - options.pad_right, kit.px(40));
        std::string text(buffer_.text());
        text.insert(buffer_.caret(), preedit_);
        const auto& laid = kit.text.layout(text, style, wrap_for(options, text_width));
        lines = std::clamp(static_cast<float>(laid.line_count()), 1.0F,
                           static_cast<float>(options.lines_max));
    }
    return lines * line + 2 * pad;
}

void ChatInput::place(Frame& frame, ImVec2 at, float width) {
    Kit& kit = frame.kit;
    const InputOptions& options = frame.options;
    frame.style = options.compact ? kit.theme.preview() : kit.theme.body();
    frame.result.height = height(kit, width, options);
    frame.box = ImRect(at, {at.x + width, at.y + frame.result.height});
    const float pad_y = kit.px(options.compact ? 8.0F : 9.5F);
    const float icon = options.icon != 0 ? kit.px(22) : 0.0F;
    const bool cross = options.clear_button && !options.multiline;
    const float right = options.pad_right + (cross ? kit.px(16) : 0.0F);
    frame.text_area = ImRect(at.x + kit.px(16) + icon, at.y + pad_y,
                             std::max(at.x + width - kit.px(16) - right, at.x + kit.px(40)),
                             frame.box.Max.y - pad_y);
    if (cross && !buffer_.empty()) {
        frame.clear_area = ImRect({frame.box.Max.x - kit.px(34), at.y}, frame.box.Max);
    }
}

InputResult ChatInput::draw(Kit& kit, const char* id, float width, const InputOptions& options) {
    ImGuiWindow* window = ImGui::GetCurrentWindow();
    Frame frame{.kit = kit, .options = options, .result = {}};
    if (window->SkipItems) {
        return frame.result;
    }
    frame.id = window->GetID(id);
    place(frame, window->DC.CursorPos, width);
    ImGui::BeginDisabled(!options.enabled);
    ImGui::ItemSize(frame.box);
    const bool visible = ImGui::ItemAdd(frame.box, frame.id, nullptr, ImGuiItemFlags_Inputable);
    const bool usable = visible || ImGui::GetActiveID() == frame.id || focus_wanted_;
    if (usable && options.enabled) {
        take_focus(frame);
    }
    frame.result.focused = frame.active;
    preedit_ = frame.active && !masked() ? kit.input_method.preedit : std::string();
    preedit_caret_ = std::min(kit.input_method.preedit_caret, preedit_.size());
    lay_out(frame);
    if (frame.active) {
        own_keys(frame);
        handle_mouse(frame);
        handle_keys(frame);
        lay_out(frame);
        keep_caret_visible(frame);
        report(frame);
    }
    if (visible) {
        paint(frame);
    }
    say(frame);
    ImGui::EndDisabled();
    return frame.result;
}

void ChatInput::say(const Frame& frame) const {
    const InputOptions& options = frame.options;
    describe({.role = buffer_.secret() ? "password" : "input",
              .label = options.label.empty() ? options.placeholder : options.label,
              .id = frame.id,
              .min = frame.box.Min,
              .max = frame.box.Max,
              .enabled = options.enabled,
              .focused = frame.active,
              .value = buffer_.secret() ? std::string_view{} : buffer_.text()});
}

void ChatInput::take_focus(Frame& frame) {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    const ImGuiIO& io = g.IO;
    frame.hovered = ImGui::ItemHoverable(frame.box, frame.id, g.LastItemData.ItemFlags);
    const bool on_text = frame.box.Max.x - frame.options.pad_right > io.MousePos.x;
    const bool clicked = frame.hovered && on_text &&
                         (io.MouseClicked[0] || (io.MouseClicked[2] && !buffer_.secret()));
    const bool by_keyboard = g.ActiveId != frame.id && g.NavActivateId == frame.id;
    const bool typed = frame.options.grabs_typing && g.ActiveId == 0 && !io.KeyCtrl &&
                       io.InputQueueCharacters.Size > 0 && g.OpenPopupStack.Size == 0;
    if (clicked || by_keyboard || focus_wanted_ || typed) {
        if (g.ActiveId != frame.id) {
            ImGui::SetActiveID(frame.id, g.CurrentWindow);
            ImGui::SetFocusID(frame.id, g.CurrentWindow);
            ImGui::FocusWindow(g.CurrentWindow);
            blink_start_ = g.Time;
            if (by_keyboard && !frame.options.multiline) {
                buffer_.select_all();
            }
        }
        focus_wanted_ = false;
    } else if (g.ActiveId == frame.id && io.MouseClicked[0] && !frame.hovered) {
        ImGui::ClearActiveID();
    }
    frame.active = g.ActiveId == frame.id;
    if (frame.hovered) {
        const bool over_text = on_text && !frame.clear_area.Contains(io.MousePos);
        ImGui::SetMouseCursor(over_text ? ImGuiMouseCursor_TextInput : ImGuiMouseCursor_Arrow);
    }
}

void ChatInput::own_keys(const Frame& frame) const {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    for (const ImGuiKey key :
         {ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow, ImGuiKey_DownArrow,
          ImGuiKey_Home, ImGuiKey_End, ImGuiKey_Delete, ImGuiKey_Backspace, ImGuiKey_Enter,
          ImGuiKey_KeypadEnter, ImGuiKey_Escape, ImGuiKey_Space}) {
        ImGui::SetKeyOwner(key, frame.id);
    }
    if (frame.options.multiline) {
        ImGui::SetKeyOwner(ImGuiKey_PageUp, frame.id);
        ImGui::SetKeyOwner(ImGuiKey_PageDown, frame.id);
    }
    g.ActiveIdUsingNavDirMask |= (1U << ImGuiDir_Left) | (1U << ImGuiDir_Right) |
                                 (1U << ImGuiDir_Up) | (1U << ImGuiDir_Down);
    // Becomes io.WantTextInput at the end of the frame.
    g.PlatformImeData.WantTextInput = true;
    g.PlatformImeData.ViewportId = g.CurrentWindow->Viewport->ID;
    // Else nothing else could be hovered while somebody writes.
    g.ActiveIdAllowOverlap = !g.IO.MouseDown[0];
}

void ChatInput::handle_mouse(Frame& frame) {
    const ImGuiIO& io = ImGui::GetIO();
    const ImVec2 origin = frame.origin(scroll_);
    const ImVec2 point(io.MousePos.x - origin.x, io.MousePos.y - origin.y);
    if (frame.hovered && io.MouseClicked[0] && frame.clear_area.Contains(io.MousePos)) {
        buffer_.set_text({});
        frame.result.changed = true;
        return;
    }
    const std::size_t at = from_shown(frame.layout->hit_test(point));
    const bool inside = frame.hovered && io.MousePos.x < frame.box.Max.x - frame.options.pad_right;
    if (inside && io.MouseClicked[0]) {
        goal_x_ = -1.0F;
        blink_start_ = ImGui::GetTime();
        const int clicks = io.MouseClickedCount[0];
        dragging_ = clicks == 1;
        if (clicks == 1) {
            buffer_.move_to(at, io.KeyShift ? Select::extend : Select::no);
        } else if (clicks == 2) {
            buffer_.select_word_at(at);
        } else {
            buffer_.select_all();
        }
    } else if (dragging_ && io.MouseDown[0] && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
        buffer_.move_to(at, Select::extend);
    }
    if (!io.MouseDown[0]) {
        const bool chosen = dragging_ && !buffer_.selected().empty();
        if (chosen && frame.kit.host.set_primary_selection) {
            frame.kit.host.set_primary_selection(std::string(buffer_.selected()));
        }
        dragging_ = false;
    }
    if (inside && io.MouseClicked[2] && !buffer_.secret() && frame.kit.host.primary_selection) {
        buffer_.move_to(at, Select::no);
        insert(frame, frame.kit.host.primary_selection());
    }
}

}  // namespace sotto::ui
