// The input widget: several lines that wrap and grow (composer), or one line (search, names,
// passwords).
//
// Works with every script the text engine draws: emoji are single atoms, right-to-left text has its
// caret where it belongs, the input method's text is shown underlined in place. Enter reports
// `submitted` (the caller reads and clears the buffer); Shift+Enter and Ctrl+Enter begin a new
// line. While something is being composed Enter belongs to the input method. One object per box; ui
// thread, within a frame.
#pragma once

#include "ui/edit_buffer.hpp"
#include "ui/kit.hpp"

#include <imgui.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace sotto::ui {

struct InputOptions {
    std::string_view placeholder = {};
    std::string_view label = {};  // for tests and screen readers; the placeholder if empty
    bool multiline = false;       // grows from 1 to `lines_max` lines, then scrolls
    int lines_max = 7;
    char32_t icon = 0;  // drawn at the left, such as a magnifying glass
    std::string_view icon_fallback = {};
    float pad_right = 0.0F;  // screen pixels kept free at the right for a button of the caller
    float rounding = 20.0F;  // design pixels
    bool compact = false;    // smaller text and box: search
    bool outlined = false;   // an accent edge while it has the focus: forms
    bool invalid = false;    // a red edge
    bool enabled = true;
    bool clear_button = false;  // a cross at the right while there is text (one line only)
    bool grabs_typing = false;  // takes the focus when somebody types and nothing else has it
};

struct InputResult {
    bool submitted = false;  // Enter
    bool changed = false;
    bool focused = false;
    bool escaped = false;  // Escape was pressed inside
    bool refused = false;  // text did not fit into bytes_max
    float height = 0.0F;
};

class ChatInput {
public:
    static constexpr std::size_t message_bytes_max = 16 * 1024;
    static constexpr std::size_t password_bytes_max = 1024;

    explicit ChatInput(std::size_t bytes_max = message_bytes_max, Secrecy secrecy = Secrecy::open);

    // The height draw() will take at this width (as of the text now).
    [[nodiscard]] float height(Kit& kit, float width, const InputOptions& options);
    // Draws at the ImGui cursor. `id` is an ImGui id, not shown.
    InputResult draw(Kit& kit, const char* id, float width, const InputOptions& options);

    void focus() { focus_wanted_ = true; }
    [[nodiscard]] EditBuffer& buffer() { return buffer_; }
    [[nodiscard]] const EditBuffer& buffer() const { return buffer_; }
    [[nodiscard]] std::string text() const { return std::string(buffer_.text()); }
    void reveal(bool shown) { revealed_ = shown; }  // show a password as letters

private:
    struct Frame;  // what one draw() works out once
    [[nodiscard]] bool masked() const { return buffer_.secret() && !revealed_; }
    [[nodiscard]] std::string shown_text(const InputMethod& method, bool active) const;
    [[nodiscard]] std::size_t to_shown(std::size_t offset) const;
    [[nodiscard]] std::size_t from_shown(std::size_t offset) const;
    [[nodiscard]] Wrap wrap_for(const InputOptions& options, float text_width) const;
    void place(Frame& frame, ImVec2 at, float width);
    void lay_out(Frame& frame);
    void say(const Frame& frame) const;
    void take_focus(Frame& frame);
    void own_keys(const Frame& frame) const;
    void handle_keys(Frame& frame);
    void handle_movement(Frame& frame, Select select);
    void handle_editing(Frame& frame);
    void handle_clipboard(Frame& frame);
    void handle_typing(Frame& frame);
    void handle_enter(Frame& frame);
    void handle_mouse(Frame& frame);
    void insert(Frame& frame, std::string_view text);
    void move_sideways(Frame& frame, bool right, Select select);
    void move_vertically(Frame& frame, int lines, Select select);
    void keep_caret_visible(const Frame& frame);
    void report(Frame& frame);
    void paint(Frame& frame);
    void paint_box(Frame& frame);
    void paint_text(Frame& frame);
    void paint_caret(Frame& frame);

    EditBuffer buffer_;
    bool revealed_ = false;
    bool focus_wanted_ = false;
    bool dragging_ = false;
    ImVec2 scroll_ = {};
    float goal_x_ = -1.0F;  // the column arrow up/down tries to keep
    double blink_start_ = 0.0;
    std::string preedit_;  // what the input method is composing, as of this frame
    std::size_t preedit_caret_ = 0;
    TextLayout secret_layout_;  // a revealed password is not remembered by the text engine
};

}  // namespace sotto::ui
