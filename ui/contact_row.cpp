#include "ui/contact_row.hpp"

#include "peer/server_link.hpp"
#include "ui/avatar_of.hpp"
#include "ui/notice_text.hpp"
#include "ui/parts.hpp"
#include "ui/request_view.hpp"
#include "ui/sanitise.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

#include <string>

namespace sotto::ui {
namespace {

constexpr float row_height = 66.0F;
constexpr float avatar_x = 38.0F;
constexpr float avatar_radius = 22.0F;
constexpr float text_x = 72.0F;
constexpr float text_right = 18.0F;

struct Preview {
    std::string text;
    ImU32 colour;
};

// The words for a message that has no text of its own.
std::string body(const UiState& ui, const ContactEntry& entry) {
    if (entry.last->kind == peer::MessageKind::notice) {
        return notice_text(ui.text, entry.preview, entry.contact.username);
    }
    return entry.last->kind == peer::MessageKind::unsupported ? ui.text(Text::preview_unsupported)
                                                              : entry.preview;
}

Preview preview(const Kit& kit, UiState& ui, const ContactEntry& entry) {
    const Palette& c = kit.c();
    const Thread* thread = ui.find_thread(entry.contact.account);
    if (entry.typing) {
        return {ui.text(Text::preview_typing), c.accent};
    }
    if (thread != nullptr && ui.selected != entry.contact.account &&
        !thread->composer.buffer().empty()) {
        const std::string draft = sanitise_name(thread->composer.buffer().text());
        return {ui.text.format(Text::preview_draft, {{"text", draft}}), c.danger};
    }
    if (is_held(entry)) {
        return {ui.text(Text::preview_key_changed), c.danger};
    }
    switch (entry.contact.state) {
        case peer::ContactState::request_received: {
            const std::string& asked = entry.contact.request_text;
            return {asked.empty() ? ui.text(Text::preview_request) : sanitise_name(asked), c.text};
        }
        case peer::ContactState::ignored:
            return {ui.text(Text::preview_ignored), c.text_faint};
        case peer::ContactState::blocked:
            return {ui.text(Text::preview_blocked), c.text_faint};
        case peer::ContactState::request_sent:
            if (!entry.last) {
                return {ui.text(Text::preview_request_sent), c.text_faint};
            }
            break;
        case peer::ContactState::accepted:
            break;
    }
    if (!entry.last) {
        return {ui.text(Text::preview_empty), c.text_faint};
    }
    const ImU32 colour = entry.unread > 0 ? c.text : c.text_soft;
    if (entry.last->outgoing) {
        return {ui.text.format(Text::preview_you, {{"text", body(ui, entry)}}), colour};
    }
    return {std::string(body(ui, entry)), colour};
}

// Answers the room taken at the right.
float draw_time(Kit& kit, const UiState& ui, const ContactEntry& entry, ImVec2 right_top) {
    const peer::WallTime at = entry.last ? entry.last->at : entry.contact.changed_at;
    if (at.ms == 0) {
        return 0.0F;
    }
    const std::string when = short_when(ui.text, local_time(at), ui.today);
    const TextStyle style = kit.theme.meta();
    const float width = kit.text.measure(when, style).x;
    kit.text.draw(*ImGui::GetWindowDrawList(), {right_top.x - width, right_top.y}, when, style,
                  entry.unread > 0 ? kit.c().accent : kit.c().text_faint);
    return width + kit.px(8.0F);
}

struct RowFrame {
    RowState state;
    ImVec2 min;
    float right;
};

RowFrame begin_row(Kit& kit, std::string_view label, ImVec2 at, float width, bool selected) {
    const float inset = kit.px(6.0F);
    ImGui::SetCursorScreenPos({at.x + inset, at.y + kit.px(1.0F)});
    const RowState state =
        row(kit, "row", label, {width - 2.0F * inset, kit.px(row_height - 2.0F)}, selected);
    return {state, at, at.x + width - kit.px(text_right)};
}

void draw_person(Kit& kit, const peer::AccountId& account, peer::Presence presence, bool selected,
                 bool hovered, ImVec2 at) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 centre{at.x + kit.px(avatar_x), at.y + kit.px(row_height / 2.0F)};
    const Palette& c = kit.c();
    draw_avatar(kit, list, centre, kit.px(avatar_radius), avatar_of(account));
    if (presence != peer::Presence::unknown) {
        draw_presence(kit, list, centre, kit.px(avatar_radius), dot_of(presence),
                      selected  ? c.selected
                      : hovered ? c.hover
                                : c.panel);
    }
}

Text empty_text(HomeRowKind kind) {
    switch (kind) {
        case HomeRowKind::waiting:
            return Text::members_need_server;
        case HomeRowKind::no_match:
            return Text::no_match;
        case HomeRowKind::no_message:
            return Text::no_message;
        case HomeRowKind::type_words:
            return Text::search_type_words;
        default:
            return Text::nobody_yet_help;
    }
}

std::string empty_message(const UiState& ui, HomeRowKind kind, std::string_view query) {
    return ui.text.format(empty_text(kind), {{"query", sanitise_name(query)}});
}

}  // namespace

bool draw_contact_row(Kit& kit, UiState& ui, const ContactEntry& entry, ImVec2 at, float width,
                      bool selected) {
    const peer::Contact& contact = entry.contact;
    const Palette& c = kit.c();
    const RowFrame frame = begin_row(kit, contact.username, at, width, selected);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_person(kit, contact.account, contact.presence, selected, frame.state.hovered, at);

    const float x = at.x + kit.px(text_x);
    const float taken = draw_time(kit, ui, entry, {frame.right, at.y + kit.px(13.0F)});
    float name_room = frame.right - taken - x;
    const bool verified = contact.verified && !is_held(entry);  // it was the old key
    if (verified) {
        name_room -= kit.px(20.0F);
    }
    const float name_width = kit.text.draw(list, {x, at.y + kit.px(11.0F)}, contact.username,
                                           kit.theme.name(), c.text, name_room);
    if (verified) {
        kit.text.draw_icon(list, {x + name_width + kit.px(12.0F), at.y + kit.px(20.0F)},
                           icons::verified.glyph, kit.px(16.0F), c.online_ink,
                           icons::verified.fallback);
    }
    float right = frame.right;
    const ImVec2 badge_at{right, at.y + kit.px(43.0F)};
    if (contact.state == peer::ContactState::request_received) {
        right -= draw_badge(kit, list, badge_at, 1) + kit.px(8.0F);
    } else if (entry.unread > 0) {
        right -= draw_badge(kit, list, badge_at, entry.unread) + kit.px(8.0F);
    }
    const Preview shown = preview(kit, ui, entry);
    kit.text.draw(list, {x, at.y + kit.px(34.0F)}, shown.text, kit.theme.preview(), shown.colour,
                  right - x);
    describe({.role = "contact",
              .label = contact.username,
              .min = frame.state.min,
              .max = frame.state.max,
              .checked = selected,
              .value = shown.text});
    return frame.state.clicked;
}

bool draw_member_row(Kit& kit, const UiState& ui, const peer::Member& member, ImVec2 at,
                     float width, bool highlighted) {
    const Palette& c = kit.c();
    const RowFrame frame = begin_row(kit, member.username, at, width, highlighted);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_person(kit, member.account, member.presence, highlighted, frame.state.hovered, at);
    const float x = at.x + kit.px(text_x);
    const float room = frame.right - kit.px(28.0F) - x;
    kit.text.draw(list, {x, at.y + kit.px(11.0F)}, member.username, kit.theme.name(), c.text, room);
    const bool online = member.presence == peer::Presence::online;
    const std::string& presence =
        ui.text(online                                       ? Text::presence_online
                : member.presence == peer::Presence::offline ? Text::presence_offline
                                                             : Text::presence_unknown);
    kit.text.draw(list, {x, at.y + kit.px(34.0F)}, presence, kit.theme.preview(),
                  online ? c.online_ink : c.text_faint, room);
    kit.text.draw_icon(list, {frame.right - kit.px(10.0F), at.y + kit.px(row_height / 2.0F)},
                       icons::add_person.glyph, kit.px(20.0F),
                       frame.state.hovered || highlighted ? c.accent : c.text_faint,
                       icons::add_person.fallback);
    describe({.role = "member",
              .label = member.username,
              .min = frame.state.min,
              .max = frame.state.max,
              .value = presence});
    return frame.state.clicked;
}

bool draw_hit_row(Kit& kit, const UiState& ui, const ViewModel& model, const peer::Message& hit,
                  bool within, ImVec2 at, float width, bool highlighted) {
    const Palette& c = kit.c();
    const ContactEntry* entry = model.contact(hit.peer);
    const std::string name = entry == nullptr ? std::string{} : entry->contact.username;
    const RowFrame frame = begin_row(kit, hit.text, at, width, highlighted);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const bool own = within && hit.outgoing && model.self;
    draw_person(kit, own ? model.self->account : hit.peer, peer::Presence::unknown, highlighted,
                frame.state.hovered, at);
    const float x = at.x + kit.px(text_x);
    const std::string when = short_when(ui.text, local_time(hit.at), ui.today);
    const float taken = kit.text.measure(when, kit.theme.meta()).x;
    kit.text.draw(list, {frame.right - taken, at.y + kit.px(13.0F)}, when, kit.theme.meta(),
                  c.text_faint);
    kit.text.draw(list, {x, at.y + kit.px(11.0F)}, own ? model.own_name() : name, kit.theme.name(),
                  c.text, frame.right - taken - kit.px(8.0F) - x);
    const std::string line = !within && hit.outgoing
                                 ? ui.text.format(Text::preview_you, {{"text", hit.text}})
                                 : hit.text;
    kit.text.draw(list, {x, at.y + kit.px(34.0F)}, line, kit.theme.preview(), c.text_soft,
                  frame.right - x);
    describe({.role = "hit",
              .label = hit.text,
              .min = frame.state.min,
              .max = frame.state.max,
              .value = name});
    return frame.state.clicked;
}

void draw_heading(Kit& kit, std::string_view title, ImVec2 at, float width) {
    kit.text.draw(*ImGui::GetWindowDrawList(), {at.x + kit.px(16.0F), at.y + kit.px(12.0F)}, title,
                  kit.theme.label(), kit.c().text_faint, width - kit.px(32.0F));
    describe({.role = "heading",
              .label = title,
              .min = at,
              .max = {at.x + width, at.y + kit.px(30.0F)}});
}

float empty_row_height(Kit& kit, const UiState& ui, HomeRowKind kind, std::string_view query,
                       float width) {
    const float text_width = width - kit.px(48.0F);
    const std::string message = empty_message(ui, kind, query);
    const float lines =
        kit.text.layout(message, kit.theme.preview(), {.width = text_width}).height();
    return lines + kit.px(kind == HomeRowKind::nobody ? 190.0F : 100.0F);
}

void draw_empty_row(Kit& kit, const ViewModel& model, UiState& ui, HomeRowKind kind,
                    std::string_view query, ImVec2 at, float width) {
    const Palette& c = kit.c();
    const float text_width = width - kit.px(48.0F);
    const Icon icon = kind == HomeRowKind::waiting  ? icons::cloud_off
                      : kind == HomeRowKind::nobody ? icons::group
                                                    : icons::search;
    kit.text.draw_icon(*ImGui::GetWindowDrawList(), {at.x + width / 2.0F, at.y + kit.px(46.0F)},
                       icon.glyph, kit.px(36.0F), c.text_faint, icon.fallback);
    ImGui::SetCursorScreenPos({at.x + kit.px(24.0F), at.y + kit.px(74.0F)});
    ImGui::BeginGroup();
    if (kind == HomeRowKind::nobody) {
        paragraph(
            kit, ui.text(Text::nobody_yet),
            {.style = kit.theme.name(), .colour = c.text, .width = text_width, .centred = true});
    }
    paragraph(kit, empty_message(ui, kind, query),
              {.style = kit.theme.preview(),
               .colour = c.text_soft,
               .width = text_width,
               .centred = true});
    if (kind == HomeRowKind::nobody && model.self) {
        space(kit, 12.0F);
        const std::string& label = ui.text(Text::copy_server_link);
        const float needed = button_width(kit, label);
        const ImVec2 cursor = ImGui::GetCursorScreenPos();
        ImGui::SetCursorScreenPos({at.x + (width - needed) / 2.0F, cursor.y});
        if (button(kit, "copy-link", label, {.kind = ButtonKind::secondary, .width = needed})) {
            ui.clipboard_wanted = peer::to_link(model.self->server);
            ui.say(ui.text(Text::server_link_copied));
        }
    }
    ImGui::EndGroup();
}

}  // namespace sotto::ui
