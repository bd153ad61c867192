#include "ui/composer_view.hpp"

#include <imgui.h>

#include <string>

#include "ui/emoji_picker.hpp"
#include "ui/parts.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr float edge = 16.0F;
constexpr float air = 12.0F;  // above and below the box
constexpr float send_side = 40.0F;
constexpr float emoji_room = 44.0F;

// The other side forgets "typing" by itself; it is told again while somebody goes on writing.
constexpr double typing_again_s = 4.0;

struct Layout {
    std::string placeholder;
    float box_width = 0.0F;
    InputOptions options;
};

Layout layout_of(const Kit& kit, const UiState& ui, const ContactEntry& entry, float width) {
    Layout layout;
    layout.placeholder = ui.text.format(Text::message_to, {{"name", entry.contact.username}});
    layout.box_width = width - kit.px(edge * 2.0F + send_side + 12.0F);
    layout.options = {.multiline = true, .pad_right = kit.px(emoji_room), .grabs_typing = true};
    return layout;
}

std::string trimmed(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    const std::size_t begin = text.find_first_not_of("\r\n");
    return end == std::string_view::npos || begin > end
               ? std::string{}
               : std::string(text.substr(begin, end + 1 - begin));
}

void send(UiState& ui, const ContactEntry& entry, Thread& thread) {
    std::string text = trimmed(thread.composer.buffer().text());
    if (text.empty()) {
        return;
    }
    if (text.size() > Thread::text_bytes_max) {
        thread.error = ui.text(Text::message_too_long);
        overwrite(text);
        return;
    }
    const AccountId& to = entry.contact.account;
    Pending pending{.purpose = Purpose::send_text, .account = to, .text = text};
    ui.post(std::move(pending), peer::SendText{.to = to, .text = std::move(text), .command = 0});
    thread.composer.buffer().clear();
    thread.error.clear();
    thread.selection = {};
    thread.unread_from.reset();
    thread.list.scroll_to_end();
    thread.to_newest = true;
    thread.typing_told = false;  // the message itself says that the typing has ended
}

void tell_typing(UiState& ui, const ContactEntry& entry, Thread& thread) {
    const double now_s = ImGui::GetTime();
    const bool known = thread.typing_told && now_s - thread.typing_told_at_s < typing_again_s;
    if (known || thread.composer.buffer().empty() ||
        entry.contact.state != peer::ContactState::accepted) {
        return;
    }
    thread.typing_told = true;
    thread.typing_told_at_s = now_s;
    ui.post({}, peer::SetTyping{.peer = entry.contact.account, .typing = true, .command = 0});
}

}  // namespace

float composer_height(Kit& kit, const UiState& ui, const ContactEntry& entry, Thread& thread,
                      float width) {
    Layout layout = layout_of(kit, ui, entry, width);
    layout.options.placeholder = layout.placeholder;
    return thread.composer.height(kit, layout.box_width, layout.options) + 2.0F * kit.px(air);
}

void draw_composer(Kit& kit, UiState& ui, const ContactEntry& entry, Thread& thread, ImVec2 at,
                   float width) {
    Layout layout = layout_of(kit, ui, entry, width);
    layout.options.placeholder = layout.placeholder;
    const ImVec2 box{at.x + kit.px(edge), at.y + kit.px(air)};
    if (ui.focus_composer && ui.dialog == Dialog::none) {
        ui.focus_composer = false;
        thread.composer.focus();
    }
    ImGui::SetCursorScreenPos(box);
    ImGui::SetNextItemAllowOverlap();  // the emoji button lies inside
    const InputResult input =
        thread.composer.draw(kit, "composer", layout.box_width, layout.options);
    const float bottom = box.y + input.height;
    if (input.changed) {
        tell_typing(ui, entry, thread);
    }
    if (input.refused) {
        thread.error = ui.text(Text::message_too_long);
    }
    ImGui::SetCursorScreenPos({box.x + layout.box_width - kit.px(38.0F), bottom - kit.px(37.0F)});
    if (icon_button(kit, "emoji", icons::emoji, ui.text(Text::emoji), {.diameter = 34.0F})) {
        ImGui::OpenPopup("emoji-picker");
    }
    const std::string chosen = draw_emoji_picker(kit, {box.x + layout.box_width, box.y});
    if (!chosen.empty()) {
        thread.composer.buffer().insert(chosen);
        thread.composer.focus();
    }
    const float side = kit.px(send_side);
    ImGui::SetCursorScreenPos({at.x + width - kit.px(edge) - side, bottom - side});
    const bool pressed = icon_button(
        kit, "send", icons::send, ui.text(Text::send),
        {.diameter = send_side, .filled = true, .enabled = !thread.composer.buffer().empty()});
    if (pressed || input.submitted) {
        send(ui, entry, thread);
        thread.composer.focus();
    }
}

}  // namespace sotto::ui
