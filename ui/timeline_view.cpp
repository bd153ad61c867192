#include "ui/timeline_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <string>

#include "ui/avatar_of.hpp"
#include "ui/message_view.hpp"
#include "ui/navigation.hpp"
#include "ui/notice_text.hpp"
#include "ui/parts.hpp"
#include "ui/reading.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr float day_height = 52.0F;
constexpr float marker_height = 42.0F;
constexpr float notice_height = 34.0F;
constexpr float notice_width_max = 560.0F;  // longer lines are hard to read
constexpr float notice_air = 18.0F;         // above and below together
constexpr float older_height = 44.0F;
// So many rows before the end of the run the next page is asked for.
constexpr std::size_t rows_ahead = 10;
constexpr float beginning_height = 170.0F;  // around the words
constexpr float typing_height = 46.0F;
constexpr double flash_s = 2.0;  // as long as an eye needs to find it
constexpr float flash_frame_s = 0.05F;
constexpr float flash_alpha = 0.22F;
constexpr float foot_height = 14.0F;  // air between the newest bubble and the composer

// --- drawing

void draw_marker(Kit& kit, const UiState& ui, ImVec2 at, float width) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    const std::string& label = ui.text(Text::unread_marker);
    const float middle = at.y + kit.px(marker_height / 2.0F);
    const float half = kit.text.measure(label, kit.theme.label()).x / 2.0F + kit.px(12.0F);
    const float centre = at.x + width / 2.0F;
    const ImU32 line = with_alpha(c.accent, 0.45F);
    list.AddLine({at.x + kit.px(20.0F), middle}, {centre - half, middle}, line, kit.px(1.0F));
    list.AddLine({centre + half, middle}, {at.x + width - kit.px(20.0F), middle}, line,
                 kit.px(1.0F));
    kit.text.draw_centred(list, {centre, middle}, label, kit.theme.label(), c.accent);
    describe({.role = "marker",
              .label = label,
              .min = {centre - half, middle - kit.px(9.0F)},
              .max = {centre + half, middle + kit.px(9.0F)}});
}

void draw_notice(Kit& kit, std::string_view label, ImVec2 at, float width, float height) {
    const ImVec2 centre{at.x + width / 2.0F, at.y + height / 2.0F};
    kit.text.draw_centred(*ImGui::GetWindowDrawList(), centre, label, kit.theme.meta(),
                          kit.c().text_faint);
    describe({.role = "notice",
              .label = label,
              .min = {at.x, at.y},
              .max = {at.x + width, at.y + height}});
}

// A line about the conversation itself, in as many lines as it needs.
float told_width(const Kit& kit, float width) {
    return std::min(width - kit.px(40.0F), kit.px(notice_width_max));
}

float measure_told(Kit& kit, std::string_view words, float width) {
    const TextLayout& layout =
        kit.text.layout(words, kit.theme.meta(), {.width = told_width(kit, width)});
    return std::max(kit.px(notice_height), layout.height() + kit.px(notice_air));
}

void draw_told(Kit& kit, std::string_view words, ImVec2 at, float width) {
    const float room = told_width(kit, width);
    const float height = measure_told(kit, words, width);
    const float text_height = kit.text.layout(words, kit.theme.meta(), {.width = room}).height();
    ImGui::SetCursorScreenPos({at.x + (width - room) / 2.0F, at.y + (height - text_height) / 2.0F});
    paragraph(
        kit, words,
        {.style = kit.theme.meta(), .colour = kit.c().text_faint, .width = room, .centred = true});
    describe({.role = "notice",
              .label = words,
              .min = {at.x, at.y},
              .max = {at.x + width, at.y + height}});
}

void draw_presence_notice(Kit& kit, const UiState& ui, const TimelineScene& scene,
                          const TimelineRow& row, ImVec2 at, float width) {
    const PresenceNotice& notice = scene.conversation.notices()[row.index];
    const std::string what =
        ui.text.format(notice.online ? Text::notice_online : Text::notice_offline,
                       {{"name", scene.entry.contact.username}});
    draw_notice(kit, what + " · " + time_of_day(local_time(notice.at)), at, width,
                kit.px(notice_height));
}

void draw_older(Kit& kit, UiState& ui, const TimelineScene& scene, ImVec2 at, float width) {
    const ImVec2 centre{at.x + width / 2.0F, at.y + kit.px(older_height / 2.0F)};
    if (scene.thread.load_failed) {
        const std::string& retry = ui.text(Text::retry);
        const float half = kit.text.measure(retry, kit.theme.body()).x / 2.0F;
        ImGui::SetCursorScreenPos({centre.x - half, centre.y - kit.px(10.0F)});
        if (text_link(kit, "load-again", retry)) {
            scene.thread.load_failed = false;
        }
        return;
    }
    load_older(ui, scene.conversation, scene.entry.contact.account, scene.thread);
    draw_notice(kit, ui.text(Text::loading_older), at, width, kit.px(older_height));
}

struct Opening {
    std::string title;
    std::string words;  // of the contact request, while no notice shows them
};

Opening opening_of(const UiState& ui, const peer::Contact& contact) {
    Opening opening{ui.text.format(Text::beginning, {{"name", contact.username}}), {}};
    if (!contact.request_text.empty() && contact.state != peer::ContactState::request_received) {
        opening.words = ui.text.format(Text::request_words, {{"text", contact.request_text}});
    }
    return opening;
}

float opening_width(const Kit& kit, float width) {
    return std::min(width - kit.px(40.0F), kit.px(420.0F));
}

float measure_beginning(Kit& kit, const UiState& ui, const peer::Contact& contact, float width) {
    const Opening opening = opening_of(ui, contact);
    const Wrap wrap{.width = opening_width(kit, width)};
    float height = kit.text.layout(opening.title, kit.theme.name(), wrap).height();
    if (!opening.words.empty()) {
        height += kit.text.layout(opening.words, kit.theme.body(), wrap).height() + kit.px(26.0F);
    }
    return height + kit.px(beginning_height);
}

void draw_beginning(Kit& kit, const UiState& ui, const TimelineScene& scene, ImVec2 at,
                    float width) {
    const peer::Contact& contact = scene.entry.contact;
    const Opening opening = opening_of(ui, contact);
    const ImVec2 centre{at.x + width / 2.0F, at.y + kit.px(62.0F)};
    draw_avatar(kit, *ImGui::GetWindowDrawList(), centre, kit.px(34.0F),
                avatar_of(contact.account));
    const float text_width = opening_width(kit, width);
    ImGui::SetCursorScreenPos({at.x + (width - text_width) / 2.0F, at.y + kit.px(110.0F)});
    ImGui::BeginGroup();
    paragraph(
        kit, opening.title,
        {.style = kit.theme.name(), .colour = kit.c().text, .width = text_width, .centred = true});
    paragraph(kit, ui.text(Text::beginning_help),
              {.style = kit.theme.preview(),
               .colour = kit.c().text_soft,
               .width = text_width,
               .centred = true});
    if (!opening.words.empty()) {
        space(kit, 14.0F);
        paragraph(kit, opening.words,
                  {.style = kit.theme.body(),
                   .colour = kit.c().text_soft,
                   .width = text_width,
                   .centred = true});
    }
    ImGui::EndGroup();
}

void draw_typing_row(Kit& kit, ImVec2 at) {
    const ImVec2 min{at.x + kit.px(20.0F), at.y + kit.px(8.0F)};
    const ImVec2 max{min.x + kit.px(62.0F), min.y + kit.px(36.0F)};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_bubble(kit, list, min, max, false, true);
    draw_typing_dots(kit, list, {min.x + kit.px(14.0F), (min.y + max.y) / 2.0F},
                     kit.c().theirs_meta);
}

void draw_day(Kit& kit, const UiState& ui, const TimelineScene& scene, const TimelineRow& row,
              ImVec2 at, float width) {
    const peer::WallTime when = scene.conversation.messages()[row.index].at;
    const std::string title = day_title(ui.text, local_time(when), ui.today);
    const ImVec2 centre{at.x + width / 2.0F, at.y + kit.px(day_height / 2.0F)};
    draw_pill(kit, *ImGui::GetWindowDrawList(), centre, title);
    describe({.role = "day",
              .label = title,
              .min = {centre.x - kit.px(40.0F), centre.y - kit.px(12.0F)},
              .max = {centre.x + kit.px(40.0F), centre.y + kit.px(12.0F)}});
}

double measure_row(Kit& kit, const UiState& ui, const TimelineScene& scene, std::size_t index,
                   float width) {
    const TimelineRow& row = scene.thread.rows[index];
    switch (row.kind) {
        case RowKind::beginning:
            return measure_beginning(kit, ui, scene.entry.contact, width);
        case RowKind::older:
            return kit.px(older_height);
        case RowKind::day:
            return kit.px(day_height);
        case RowKind::unread_marker:
            return kit.px(marker_height);
        case RowKind::presence:
            return kit.px(notice_height);
        case RowKind::typing:
            return kit.px(typing_height);
        case RowKind::foot:
            return kit.px(foot_height);
        case RowKind::message:
            break;
    }
    const peer::Message& message = scene.conversation.messages()[row.index];
    if (message.kind == peer::MessageKind::notice) {
        const std::string& name = scene.entry.contact.username;
        return measure_told(kit, notice_text(ui.text, message.text, name), width);
    }
    return measure_message(
        kit, ui, {.message = message, .row = row, .name = scene.entry.contact.username}, width);
}

void draw_row(Kit& kit, UiState& ui, const TimelineScene& scene, std::size_t index, ImVec2 at,
              float width) {
    const TimelineRow& row = scene.thread.rows[index];
    switch (row.kind) {
        case RowKind::beginning:
            draw_beginning(kit, ui, scene, at, width);
            return;
        case RowKind::older:
            draw_older(kit, ui, scene, at, width);
            return;
        case RowKind::day:
            draw_day(kit, ui, scene, row, at, width);
            return;
        case RowKind::unread_marker:
            draw_marker(kit, ui, at, width);
            return;
        case RowKind::presence:
            draw_presence_notice(kit, ui, scene, row, at, width);
            return;
        case RowKind::typing:
            draw_typing_row(kit, at);
            return;
        case RowKind::foot:
            ImGui::Dummy({0, 0});  // ImGui wants an item after the last move of its cursor
            return;
        case RowKind::message:
            break;
    }
    const peer::Message& message = scene.conversation.messages()[row.index];
    if (message.kind == peer::MessageKind::notice) {
        draw_told(kit, notice_text(ui.text, message.text, scene.entry.contact.username), at, width);
        return;
    }
    draw_message(kit, ui, scene.thread,
                 {.message = message,
                  .row = row,
                  .name = scene.entry.contact.username,
                  .index = static_cast<int>(index)},
                 at, width);
}

// The message that a search led to lights up for a moment.
void draw_flash(Kit& kit, Thread& thread, const TimelineRow& row, ImVec2 at, float width,
                float height) {
    if (row.kind != RowKind::message || thread.flash_row == 0 || row.key != thread.flash_row) {
        return;
    }
    const double passed_s = ImGui::GetTime() - thread.flash_since_s;
    if (passed_s >= flash_s) {
        thread.flash_row = 0;
        return;
    }
    const auto left = static_cast<float>(1.0 - passed_s / flash_s);
    ImGui::GetWindowDrawList()->AddRectFilled(
        at, {at.x + width, at.y + height},
        with_alpha(kit.c().accent, flash_alpha * std::min(1.0F, 2.0F * left)));
    kit.redraw.wake_in(flash_frame_s);
}

// A round button that leads to the newest message, with the number of those not seen yet.
void draw_to_newest(Kit& kit, UiState& ui, const TimelineScene& scene, ImVec2 bottom_right) {
    Thread& thread = scene.thread;
    const bool at_newest = thread.list.at_end() && !scene.conversation.newer();
    if (at_newest || thread.rows.empty()) {
        return;
    }
    const std::size_t unseen = count_unseen(scene.conversation, thread.seen_row);
    const float side = kit.px(40.0F);
    const ImVec2 min{bottom_right.x - side - kit.px(22.0F), bottom_right.y - side - kit.px(14.0F)};
    const ImVec2 max{min.x + side, min.y + side};
    const std::string label =
        unseen == 0   ? ui.text(Text::to_newest)
        : unseen == 1 ? ui.text(Text::new_messages_one)
                      : ui.text.format(Text::new_messages, {{"count", std::to_string(unseen)}});
    const Palette& c = kit.c();
    const float air = kit.px(12.0F);  // for the shadow and the badge
    // A child window of its own: the list is one, and would cover whatever is drawn below it.
    const Pane pane("to-newest", {min.x - air, min.y - air}, {side + 2.0F * air, side + 2.0F * air},
                    0);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_soft_shadow(kit, list, min, max, side / 2.0F);
    list.AddCircleFilled({min.x + side / 2.0F, min.y + side / 2.0F}, side / 2.0F, c.popup);
    ImGui::SetCursorScreenPos({min.x, min.y});
    if (icon_button(kit, "to-newest", icons::down, label,
                    {.diameter = 40.0F, .icon_size = 24.0F})) {
        thread.list.scroll_to_end();
        thread.to_newest = true;
    }
    if (unseen > 0) {
        draw_badge(kit, list, {max.x + kit.px(2.0F), min.y},
                   static_cast<unsigned>(std::min<std::size_t>(unseen, 1000)));
    }
}

}  // namespace

void draw_timeline(Kit& kit, UiState& ui, const TimelineScene& scene, ImVec2 at, ImVec2 size) {
    follow_reading(ui, scene);
    {
        const Pane pane("timeline", at, size, kit.c().page);
        const auto inset = [&](float width) { return column_inset(kit, width); };
        scene.thread.list.draw(
            kit, "messages", size,
            {.count = scene.thread.rows.size(),
             .measure =
                 [&](std::size_t row, float width) {
                     return measure_row(kit, ui, scene, row, width - 2.0F * inset(width));
                 },
             .draw =
                 [&](std::size_t row, ImVec2 top_left, float width, float height) {
                     draw_flash(kit, scene.thread, scene.thread.rows[row], top_left, width, height);
                     const ImVec2 at_column{top_left.x + inset(width), top_left.y};
                     ImGui::SetCursorScreenPos(at_column);
                     draw_row(kit, ui, scene, row, at_column, width - 2.0F * inset(width));
                 }});
        if (scene.thread.list.last_visible() + rows_ahead >= scene.thread.rows.size()) {
            load_newer(ui, scene.conversation, scene.entry.contact.account, scene.thread);
        }
        draw_to_newest(kit, ui, scene, pane.max());
    }
    note_what_was_seen(ui, scene);
}

}  // namespace sotto::ui
