#include "ui/conversation_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <string>

#include "ui/composer_view.hpp"
#include "ui/header_view.hpp"
#include "ui/parts.hpp"
#include "ui/request_view.hpp"
#include "ui/timeline_view.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

void draw_nobody_chosen(Kit& kit, const UiState& ui, ImVec2 at, ImVec2 size) {
    const Pane pane("nobody-chosen", at, size, kit.c().page);
    const float width = std::min(size.x - kit.px(40.0F), kit.px(440.0F));
    const float centre_x = at.x + size.x / 2.0F;
    const float top = at.y + size.y * 0.38F;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddCircleFilled({centre_x, top}, kit.px(44.0F), kit.c().accent_soft);
    kit.text.draw_icon(list, {centre_x, top}, icons::chat.glyph, kit.px(42.0F), kit.c().accent,
                       icons::chat.fallback);
    ImGui::SetCursorScreenPos({centre_x - width / 2.0F, top + kit.px(64.0F)});
    ImGui::BeginGroup();
    paragraph(kit, ui.text(Text::choose_title),
              {.style = kit.theme.text(19.0F, Weight::strong),
               .colour = kit.c().text,
               .width = width,
               .centred = true});
    paragraph(kit, ui.text(Text::choose_help),
              {.style = kit.theme.preview(),
               .colour = kit.c().text_soft,
               .width = width,
               .centred = true});
    ImGui::EndGroup();
}

// Ctrl+C takes the selected part of a message, unless the box has a selection of its own.
void copy_selection(UiState& ui, const Conversation& conversation, const Thread& thread) {
    const TextSelection& selection = thread.selection;
    const bool asked = ImGui::GetIO().KeyCtrl && ImGui::IsKeyPressed(ImGuiKey_C, false);
    if (!asked || selection.begin() == selection.end() ||
        thread.composer.buffer().has_selection()) {
        return;
    }
    for (const peer::Message& message : conversation.messages()) {
        if (message.row == selection.row && selection.end() <= message.text.size()) {
            ui.clipboard_wanted =
                message.text.substr(selection.begin(), selection.end() - selection.begin());
        }
    }
}

void scroll_with_keys(const UiState& ui, Thread& thread, float height) {
    if (ui.dialog != Dialog::none || !ImGui::GetIO().WantTextInput) {
        return;  // the list listens by itself while it has the focus
    }
    const double page = static_cast<double>(height) * 0.9;
    if (ImGui::IsKeyPressed(ImGuiKey_PageUp)) {
        thread.list.scroll_by(-page);
    }
    if (ImGui::IsKeyPressed(ImGuiKey_PageDown)) {
        thread.list.scroll_by(page);
    }
}

void draw_top_edge(Kit& kit, ImVec2 at, float width) {
    draw_separator(kit, *ImGui::GetWindowDrawList(), at, {at.x + width, at.y});
}

// Answers where it begins.
float draw_composer_pane(Kit& kit, UiState& ui, const ContactEntry& entry, Thread& thread,
                         ImVec2 at, ImVec2 size) {
    const float bottom = at.y + size.y;
    if (!may_write(entry)) {
        return bottom;
    }
    const float inset = column_inset(kit, size.x);
    const float width = size.x - 2.0F * inset;
    const float height = composer_height(kit, ui, entry, thread, width);
    const ImVec2 top_left{at.x, bottom - height};
    const Pane pane("composer-pane", top_left, {size.x, height}, kit.c().panel);
    draw_composer(kit, ui, entry, thread, {top_left.x + inset, top_left.y}, width);
    if (!has_notices(entry, thread)) {
        draw_top_edge(kit, top_left, size.x);
    }
    return top_left.y;
}

// Between `top` and `bottom`, at the bottom; scrolls when that is too little. Answers where it
// begins.
float draw_notices_pane(Kit& kit, const ViewModel& model, UiState& ui, const ContactEntry& entry,
                        Thread& thread, ImVec2 at, float width, float bottom) {
    if (!has_notices(entry, thread)) {
        return bottom;
    }
    // Their height is known after they are drawn: the frame that follows is right.
    const float height = std::min(thread.notices_height, bottom - at.y);
    const ImVec2 top_left{at.x, bottom - height};
    const Pane pane("notices", top_left, {width, std::max(height, 1.0F)}, kit.c().panel,
                    thread.notices_height > bottom - at.y ? Pane::Scroll::yes : Pane::Scroll::no);
    const float scrolled = ImGui::GetScrollY();
    const float needed =
        draw_notices(kit, model, ui, entry, thread, {top_left.x, top_left.y - scrolled}, width);
    if (thread.notices_height != needed) {
        thread.notices_height = needed;
        kit.redraw.wake_in(0.001F);
    }
    draw_top_edge(kit, top_left, width);
    return top_left.y;
}

}  // namespace

void draw_conversation(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size,
                       bool narrow) {
    const ContactEntry* entry = ui.selected ? model.contact(*ui.selected) : nullptr;
    const Conversation* conversation = ui.selected ? model.conversation(*ui.selected) : nullptr;
    if (entry == nullptr || conversation == nullptr) {
        draw_nobody_chosen(kit, ui, at, size);
        return;
    }
    // One id per person, so that no state of a widget goes from one conversation to another.
    const auto& account = entry->contact.account.bytes();
    const std::string id(account.begin(), account.end());
    ImGui::PushID(id.data(), id.data() + id.size());
    Thread& thread = ui.thread(*ui.selected);
    draw_conversation_header(kit, model, ui, *entry, at, size.x, narrow);
    const float top = at.y + kit.px(conversation_header_height);
    const float composer = draw_composer_pane(kit, ui, *entry, thread, at, size);
    const float bottom =
        draw_notices_pane(kit, model, ui, *entry, thread, {at.x, top}, size.x, composer);
    const float height = std::max(bottom - top, 0.0F);
    scroll_with_keys(ui, thread, height);
    if (height > 0.0F) {
        draw_timeline(kit, ui, {*entry, *conversation, thread}, {at.x, top}, {size.x, height});
    }
    copy_selection(ui, *conversation, thread);
    ImGui::PopID();
}

}  // namespace sotto::ui
