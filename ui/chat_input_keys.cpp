// The keyboard of ChatInput: movement, editing, clipboard, typing.

#include "ui/chat_input_frame.hpp"
#include "ui/utf8.hpp"

#include <string.h>
#include <algorithm>
#include <string>

namespace sotto::ui {

namespace {

[[nodiscard]] bool pressed(ImGuiKey key, ImGuiID owner) {
    return ImGui::IsKeyPressed(key, ImGuiInputFlags_Repeat, owner);
}

}  // namespace

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

}  // namespace sotto::ui
