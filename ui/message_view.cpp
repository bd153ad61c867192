#include "ui/message_view.hpp"

#include "ui/avatar_of.hpp"
#include "ui/segment.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

#include <algorithm>
#include <string_view>

namespace sotto::ui {
namespace {

constexpr float side_margin = 20.0F;  // of the bubbles to the edges of the pane
constexpr float pad_x = 13.0F;
constexpr float pad_top = 8.0F;
constexpr float pad_bottom = 7.0F;
constexpr float width_max = 560.0F;  // longer lines are hard to read
constexpr float width_share = 0.72F;
constexpr float gap_in_group = 2.0F;
constexpr float gap_between_groups = 8.0F;
constexpr float meta_gap = 16.0F;  // between the last line and the time
constexpr float failure_height = 22.0F;
constexpr std::size_t big_emoji_max = 3;

std::string_view state_name(const peer::Message& message) {
    if (!message.outgoing) {
        return "incoming";
    }
    switch (message.state) {
        case peer::DeliveryState::saved:
            return "saved";
        case peer::DeliveryState::with_server:
            return "with_server";
        case peer::DeliveryState::delivered:
            return "delivered";
        case peer::DeliveryState::read:
            return "read";
        case peer::DeliveryState::failed:
            return "failed";
    }
    return "saved";
}

Text state_text(peer::DeliveryState state) {
    switch (state) {
        case peer::DeliveryState::saved:
            return Text::state_saved;
        case peer::DeliveryState::with_server:
            return Text::state_with_server;
        case peer::DeliveryState::delivered:
            return Text::state_delivered;
        case peer::DeliveryState::read:
            return Text::state_read;
        case peer::DeliveryState::failed:
            return Text::failure_none;
    }
    return Text::state_saved;
}

Text failure_key(peer::MessageFailure failure) {
    switch (failure) {
        case peer::MessageFailure::no_such_account:
            return Text::failure_no_such_account;
        case peer::MessageFailure::blocked_by_us:
            return Text::failure_blocked;
        case peer::MessageFailure::key_changed:
            return Text::failure_key_changed;
        case peer::MessageFailure::expired:
            return Text::failure_expired;
        case peer::MessageFailure::refused:
            return Text::failure_refused;
        case peer::MessageFailure::none:
            break;
    }
    return Text::failure_none;
}

const std::string& body(const UiState& ui, const peer::Message& message) {
    return message.kind == peer::MessageKind::unsupported ? ui.text(Text::unsupported_message)
                                                          : message.text;
}

struct Geometry {
    TextStyle style;
    Wrap wrap;
    std::string time;
    ImVec2 bubble_size;
    float meta_width = 0.0F;
    float ticks = 0.0F;  // width, 0 for incoming
    float top_gap = 0.0F;
    float row_height = 0.0F;
};

Geometry geometry(Kit& kit, const UiState& ui, const MessageContext& context, float width) {
    const peer::Message& message = context.message;
    Geometry g;
    const bool big =
        message.kind == peer::MessageKind::text && only_emoji(message.text, big_emoji_max);
    g.style = big ? kit.theme.big_emoji() : kit.theme.body();
    const float room = std::min(kit.px(width_max), width * width_share) - 2.0F * kit.px(pad_x);
    g.wrap = {.width = room, .links = true};
    g.time = time_of_day(local_time(message.at));
    g.ticks = message.outgoing ? ticks_width(kit) + kit.px(4.0F) : 0.0F;
    g.meta_width = kit.text.measure(g.time, kit.theme.tiny()).x + g.ticks;

    const TextLayout& layout = kit.text.layout(body(ui, message), g.style, g.wrap);
    const LaidLine* last = layout.lines().empty() ? nullptr : &layout.lines().back();
    const float beside = (last == nullptr ? 0.0F : last->width) + kit.px(meta_gap) + g.meta_width;
    const bool fits = last != nullptr && !last->right_to_left && beside <= room;
    float text_width = std::max(layout.width(), g.meta_width);
    float text_height = layout.height();
    if (fits) {
        text_width = std::max(text_width, beside);
    } else {
        text_height += kit.px(15.0F);
    }
    g.bubble_size = {text_width + 2.0F * kit.px(pad_x), text_height + kit.px(pad_top + pad_bottom)};
    g.top_gap = kit.px(context.row.first_of_group ? gap_between_groups : gap_in_group);
    g.row_height =
        g.top_gap + g.bubble_size.y + (context.row.failed ? kit.px(failure_height) : 0.0F);
    return g;
}

// --- the mouse over the text

void select_with_mouse(Thread& thread, const peer::Message& message, std::string_view text,
                       std::size_t offset) {
    TextSelection& selection = thread.selection;
    if (!ImGui::IsItemActivated()) {
        if (ImGui::IsItemActive() && selection.dragging) {
            selection.caret = offset;
        }
        return;
    }
    const int clicks = ImGui::GetMouseClickedCount(ImGuiMouseButton_Left);
    if (clicks >= 3) {
        selection = {.row = message.row, .anchor = 0, .caret = text.size()};
    } else if (clicks == 2) {
        const TextSpan word = word_at(text, offset);
        selection = {.row = message.row, .anchor = word.begin, .caret = word.end};
    } else {
        selection = {.row = message.row, .anchor = offset, .caret = offset, .dragging = true};
    }
}

void message_menu(Kit& kit, UiState& ui, const peer::Message& message, std::string_view text) {
    const float pad = kit.px(6.0F);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{pad, pad});
    if (ImGui::BeginPopupContextItem("message-menu")) {
        const ImVec2 size{kit.px(190.0F), kit.px(36.0F)};
        const auto entry = [&](const char* id, Text label) {
            const RowState state = row(kit, id, ui.text(label), size, false);
            kit.text.draw(*ImGui::GetWindowDrawList(),
                          {state.min.x + kit.px(12.0F), state.min.y + kit.px(8.0F)}, ui.text(label),
                          kit.theme.body(), kit.c().text);
            return state.clicked;
        };
        if (entry("copy", Text::copy_text)) {
            ui.clipboard_wanted = text;
            ui.say(ui.text(Text::copied));
            ImGui::CloseCurrentPopup();
        }
        if (message.state == peer::DeliveryState::failed && message.outgoing &&
            entry("retry", Text::retry)) {
            ui.post({.purpose = Purpose::retry, .account = message.peer, .text = {}},
                    peer::RetryMessage{.id = message.id, .command = 0});
            ImGui::CloseCurrentPopup();
        }
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
}

// Answers the link under the mouse, or -1.
int handle_mouse(Kit& kit, UiState& ui, Thread& thread, const peer::Message& message,
                 const TextLayout& layout, ImVec2 text_at, ImVec2 bubble_min, ImVec2 size) {
    ImGui::SetCursorScreenPos(bubble_min);
    ImGui::SetNextItemAllowOverlap();
    ImGui::PushItemFlag(ImGuiItemFlags_NoNav, true);  // Tab goes to what can be pressed
    ImGui::InvisibleButton("bubble", size);
    ImGui::PopItemFlag();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const ImVec2 point{mouse.x - text_at.x, mouse.y - text_at.y};
    const bool hovered = ImGui::IsItemHovered();
    const int link = hovered ? layout.link_at(point) : -1;
    if (link >= 0) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    } else if (hovered && layout.covers(point)) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
    }
    select_with_mouse(thread, message, layout.text(), layout.hit_test(point));
    const TextSelection& selection = thread.selection;
    if (ImGui::IsItemDeactivated() && link >= 0 && selection.anchor == selection.caret) {
        const TextSpan span = layout.links()[static_cast<std::size_t>(link)];
        ui.link = layout.text().substr(span.begin, span.end - span.begin);
        ui.dialog = Dialog::open_link;
    }
    message_menu(kit, ui, message, layout.text());
    return link;
}

// --- drawing

void draw_meta(Kit& kit, const UiState& ui, const MessageContext& context, const Geometry& g,
               ImVec2 bubble_max) {
    const peer::Message& message = context.message;
    const Palette& c = kit.c();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 colour = message.outgoing ? c.mine_meta : c.theirs_meta;
    const float right = bubble_max.x - kit.px(pad_x - 2.0F);
    const float middle = bubble_max.y - kit.px(13.0F);
    const float text_height = kit.text.measure(g.time, kit.theme.tiny()).y;
    kit.text.draw(list, {right - g.meta_width, middle - text_height / 2.0F}, g.time,
                  kit.theme.tiny(), colour);
    if (!message.outgoing) {
        return;
    }
    draw_ticks(kit, list, right, middle, ticks_of(message.state), colour, c.mine_read);
    const ImVec2 min{right - g.ticks, middle - kit.px(9.0F)};
    ImGui::SetCursorScreenPos(min);
    ImGui::Dummy({g.ticks, kit.px(18.0F)});
    tooltip(kit, message.state == peer::DeliveryState::failed
                     ? failure_text(ui.text, message.failure, context.name)
                     : ui.text.format(state_text(message.state), {{"name", context.name}}));
}

void draw_failure(Kit& kit, UiState& ui, const MessageContext& context, ImVec2 right_top) {
    const std::string reason = failure_text(ui.text, context.message.failure, context.name);
    const TextStyle style = kit.theme.meta();
    const std::string& retry = ui.text(Text::retry);
    const float retry_width = kit.text.measure(retry, kit.theme.text(13.5F, Weight::strong)).x;
    const float gap = kit.px(10.0F);
    const float room = right_top.x - ImGui::GetWindowPos().x - retry_width - 2.0F * gap;
    const float width = std::min(kit.text.measure(reason, style).x, room);
    const ImVec2 at{right_top.x - retry_width - gap - width, right_top.y + kit.px(3.0F)};
    kit.text.draw(*ImGui::GetWindowDrawList(), at, reason, style, kit.c().danger, width + 1.0F);
    describe({.role = "failure",
              .label = reason,
              .min = at,
              .max = {at.x + width, at.y + kit.px(16.0F)}});
    ImGui::SetCursorScreenPos({right_top.x - retry_width, right_top.y + kit.px(2.0F)});
    if (text_link(kit, "retry", retry)) {
        ui.post({.purpose = Purpose::retry, .account = context.message.peer, .text = {}},
                peer::RetryMessage{.id = context.message.id, .command = 0});
    }
}

}  // namespace

std::string failure_text(const Strings& text, peer::MessageFailure failure,
                         const std::string& name) {
    return text.format(failure_key(failure), {{"name", name}});
}

float measure_message(Kit& kit, const UiState& ui, const MessageContext& context, float width) {
    return geometry(kit, ui, context, width).row_height;
}

void draw_message(Kit& kit, UiState& ui, Thread& thread, const MessageContext& context,
                  ImVec2 top_left, float width) {
    const peer::Message& message = context.message;
    const Palette& c = kit.c();
    const bool mine = message.outgoing;
    const Geometry g = geometry(kit, ui, context, width);
    const float margin = kit.px(side_margin);
    const float x = mine ? top_left.x + width - margin - g.bubble_size.x : top_left.x + margin;
    const ImVec2 min{x, top_left.y + g.top_gap};
    const ImVec2 max{min.x + g.bubble_size.x, min.y + g.bubble_size.y};
    const ImVec2 text_at{min.x + kit.px(pad_x), min.y + kit.px(pad_top)};
    ImDrawList& list = *ImGui::GetWindowDrawList();

    draw_bubble(kit, list, min, max, mine, context.row.last_of_group);
    const TextLayout& layout = kit.text.layout(body(ui, message), g.style, g.wrap);
    const int link = handle_mouse(kit, ui, thread, message, layout, text_at, min, g.bubble_size);
    const bool soft = message.kind == peer::MessageKind::unsupported;
    TextPaint paint{.colour = mine ? c.on_mine : c.on_theirs,
                    .link = mine ? c.on_mine : c.link,
                    .selection = mine ? c.mine_selection : c.selection,
                    .hovered_link = link};
    if (soft) {
        paint.colour = mine ? c.mine_meta : c.theirs_meta;
    }
    if (thread.selection.row == message.row) {
        paint.select_begin = thread.selection.begin();
        paint.select_end = thread.selection.end();
    }
    kit.text.draw(list, text_at, layout, paint);
    draw_meta(kit, ui, context, g, max);
    if (context.row.failed) {
        draw_failure(kit, ui, context, {max.x, max.y});
    }
    describe({.role = "message",
              .label = body(ui, message),
              .min = min,
              .max = max,
              .index = context.index,
              .value = state_name(message)});
}

}  // namespace sotto::ui
