#include "ui/chat_input.hpp"

#include "ui/chat_input_frame.hpp"
#include "ui/icons.hpp"
#include "ui/semantics.hpp"
#include "ui/utf8.hpp"

#include <string.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace sotto::ui {

namespace {

constexpr std::string_view dot = "\u2022";

[[nodiscard]] bool pressed(ImGuiKey key, ImGuiID owner) {
    return ImGui::IsKeyPressed(key, ImGuiInputFlags_Repeat, owner);
}

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

InputResult ChatInput::draw(Kit& kit, const char* id, float width, const InputOptions& options) {
    ImGuiWindow* window = ImGui::GetCurrentWindow();
    Frame frame{.kit = kit, .options = options, .result = {}};
    if (window->SkipItems) {
        return frame.result;
    }
    frame.id = window->GetID(id);
    frame.style = options.compact ? kit.theme.preview() : kit.theme.body();
    frame.result.height = height(kit, width, options);
    const ImVec2 at = window->DC.CursorPos;
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
    describe({.role = buffer_.secret() ? "password" : "input",
              .label = options.label.empty() ? options.placeholder : options.label,
              .id = frame.id,
              .min = frame.box.Min,
              .max = frame.box.Max,
              .enabled = options.enabled,
              .focused = frame.active,
              .value = buffer_.secret() ? std::string_view{} : buffer_.text()});
    ImGui::EndDisabled();
    return frame.result;
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
    g.WantTextInputNextFrame = 1;
    // Else nothing else could be hovered while somebody writes.
    g.ActiveIdAllowOverlap = !g.IO.MouseDown[0];
}

void ChatInput::handle_keys(Frame& frame) {
    const std::size_t revision = buffer_.revision();
    const std::size_t caret = buffer_.caret();
    // What is being composed belongs to the input method until it is committed.
    if (preedit_.empty()) {
        handle_movement(frame, ImGui::GetIO().KeyShift ? Select::extend : Select::no);
        handle_editing(frame);
        handle_clipboard(frame);
        handle_typing(frame);
        handle_enter(frame);
        frame.result.escaped = pressed(ImGuiKey_Escape, frame.id);
    } else {
        handle_typing(frame);
    }
    frame.result.changed = buffer_.revision() != revision;
    if (frame.result.changed || buffer_.caret() != caret) {
        blink_start_ = ImGui::GetTime();
    }
}

void ChatInput::handle_movement(Frame& frame, Select select) {
    const ImGuiIO& io = ImGui::GetIO();
    const std::size_t line = frame.layout->line_of(to_shown(buffer_.caret()));
    const int page = static_cast<int>(frame.text_area.GetHeight() / frame.layout->line_height());
    const auto vertical = [&](ImGuiKey key, int lines) {
        if (pressed(key, frame.id)) {
            move_vertically(frame, lines, select);
            return true;
        }
        return false;
    };
    if (vertical(ImGuiKey_UpArrow, -1) || vertical(ImGuiKey_DownArrow, 1) ||
        (frame.options.multiline &&
         (vertical(ImGuiKey_PageUp, -page) || vertical(ImGuiKey_PageDown, page)))) {
        return;
    }
    const std::size_t before = buffer_.caret();
    if (pressed(ImGuiKey_LeftArrow, frame.id)) {
        move_sideways(frame, false, select);
    }
    if (pressed(ImGuiKey_RightArrow, frame.id)) {
        move_sideways(frame, true, select);
    }
    if (pressed(ImGuiKey_Home, frame.id)) {
        buffer_.move_to(io.KeyCtrl ? 0 : from_shown(frame.layout->line_start(line)), select);
    }
    if (pressed(ImGuiKey_End, frame.id)) {
        buffer_.move_to(
            io.KeyCtrl ? buffer_.text().size() : from_shown(frame.layout->line_end(line)), select);
    }
    if (buffer_.caret() != before) {
        goal_x_ = -1.0F;
    }
}

// The arrow keys follow the direction of the words at the caret.
void ChatInput::move_sideways(Frame& frame, bool right, Select select) {
    const bool backwards = frame.layout->right_to_left_at(to_shown(buffer_.caret()));
    const bool forward = right != backwards;
    if (ImGui::GetIO().KeyCtrl) {
        forward ? buffer_.move_word_forward(select) : buffer_.move_word_backward(select);
    } else {
        forward ? buffer_.move_forward(select) : buffer_.move_backward(select);
    }
}

void ChatInput::move_vertically(Frame& frame, int lines, Select select) {
    const std::size_t at = to_shown(buffer_.caret());
    if (goal_x_ < 0.0F) {
        goal_x_ = std::max(frame.layout->caret(at).x, 0.0F);
    }
    const float goal = goal_x_;
    const auto line = static_cast<std::ptrdiff_t>(frame.layout->line_of(at)) + lines;
    const auto last = static_cast<std::ptrdiff_t>(frame.layout->line_count()) - 1;
    if (line < 0) {
        buffer_.move_to(0, select);
    } else if (line > last) {
        buffer_.move_to(buffer_.text().size(), select);
    } else {
        buffer_.move_to(from_shown(frame.layout->offset_at(static_cast<std::size_t>(line), goal)),
                        select);
    }
    goal_x_ = goal;
}

void ChatInput::handle_editing(Frame& frame) {
    const ImGuiIO& io = ImGui::GetIO();
    if (pressed(ImGuiKey_Backspace, frame.id)) {
        io.KeyCtrl ? buffer_.erase_word_backward() : buffer_.erase_backward();
        goal_x_ = -1.0F;
    }
    if (pressed(ImGuiKey_Delete, frame.id) && !io.KeyShift) {
        io.KeyCtrl ? buffer_.erase_word_forward() : buffer_.erase_forward();
        goal_x_ = -1.0F;
    }
    if (io.KeyCtrl && pressed(ImGuiKey_Z, frame.id)) {
        io.KeyShift ? buffer_.redo() : buffer_.undo();
    }
    if (io.KeyCtrl && pressed(ImGuiKey_Y, frame.id)) {
        buffer_.redo();
    }
    if (io.KeyCtrl && pressed(ImGuiKey_A, frame.id)) {
        buffer_.select_all();
    }
}

void ChatInput::handle_clipboard(Frame& frame) {
    const ImGuiIO& io = ImGui::GetIO();
    const bool cut = (io.KeyCtrl && pressed(ImGuiKey_X, frame.id)) ||
                     (io.KeyShift && pressed(ImGuiKey_Delete, frame.id));
    const bool copy =
        cut ||
        (io.KeyCtrl && (pressed(ImGuiKey_C, frame.id) || pressed(ImGuiKey_Insert, frame.id)));
    if (copy && !buffer_.selected().empty()) {
        ImGui::SetClipboardText(std::string(buffer_.selected()).c_str());
        if (cut) {
            buffer_.erase_selection();
        }
    }
    const bool paste = (io.KeyCtrl && pressed(ImGuiKey_V, frame.id)) ||
                       (io.KeyShift && pressed(ImGuiKey_Insert, frame.id));
    if (paste) {
        if (const char* text = ImGui::GetClipboardText()) {
            insert(frame, text);
        }
    }
}

void ChatInput::insert(Frame& frame, std::string_view text) {
    goal_x_ = -1.0F;
    if (frame.options.multiline) {
        // Windows' line ends come with pasted text.
        std::string clean(text);
        std::erase(clean, '\r');
        frame.result.refused = !buffer_.insert(clean) || frame.result.refused;
        return;
    }
    if (buffer_.secret()) {
        // A password manager may end its text with a line feed.
        const std::size_t line = std::min(text.find_first_of("\r\n"), text.size());
        frame.result.refused = !buffer_.insert(text.substr(0, line)) || frame.result.refused;
        return;
    }
    std::string line(text);
    std::erase(line, '\r');
    std::ranges::replace(line, '\n', ' ');
    frame.result.refused = !buffer_.insert(line) || frame.result.refused;
}

void ChatInput::handle_typing(Frame& frame) {
    ImGuiIO& io = ImGui::GetIO();
    const bool shortcut = io.KeyCtrl && !io.KeyAlt;  // AltGr is both
    for (int i = 0; i < io.InputQueueCharacters.Size; ++i) {
        const char32_t c = io.InputQueueCharacters[i];
        if (shortcut || c < 0x20 || c == 0x7F) {
            continue;
        }
        std::string utf8;  // four bytes: inside the object, no heap
        append_utf8(utf8, c);
        insert(frame, utf8);
        explicit_bzero(utf8.data(), utf8.size());
    }
    io.InputQueueCharacters.resize(0);
}

void ChatInput::handle_enter(Frame& frame) {
    const ImGuiIO& io = ImGui::GetIO();
    if (!pressed(ImGuiKey_Enter, frame.id) && !pressed(ImGuiKey_KeypadEnter, frame.id)) {
        return;
    }
    if (frame.options.multiline && (io.KeyShift || io.KeyCtrl)) {
        insert(frame, "\n");
    } else {
        frame.result.submitted = true;
    }
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
