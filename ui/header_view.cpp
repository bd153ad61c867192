#include "ui/header_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "ui/avatar_of.hpp"
#include "ui/menu.hpp"
#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/request_view.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

struct Badge {
    Text label;
    Text tip;
    ImU32 colour;
};

Badge path_badge(const Palette& c, peer::Path path) {
    switch (path) {
        case peer::Path::direct:
            return {Text::path_direct, Text::path_direct_tip, c.online_ink};
        case peer::Path::relay:
            return {Text::path_relay, Text::path_relay_tip, c.accent};
        case peer::Path::mailbox:
            return {Text::path_mailbox, Text::path_mailbox_tip, c.warning};
        case peer::Path::none:
            break;
    }
    return {Text::path_none, Text::path_none_tip, c.offline};
}

struct PresenceLine {
    Text text;
    ImU32 colour;
};

// Nothing for somebody whose presence is none of our business yet.
std::optional<PresenceLine> presence_line(const Palette& c, const ContactEntry& entry) {
    if (entry.typing) {
        return PresenceLine{Text::presence_typing, c.accent};
    }
    switch (entry.contact.presence) {
        case peer::Presence::online:
            return PresenceLine{Text::presence_online, c.online_ink};
        case peer::Presence::offline:
            return PresenceLine{Text::presence_offline, c.text_soft};
        case peer::Presence::unknown:
            break;
    }
    if (entry.contact.state != peer::ContactState::accepted) {
        return std::nullopt;
    }
    return PresenceLine{Text::presence_unknown, c.text_faint};
}

// Answers its width.
float draw_path(Kit& kit, const UiState& ui, const ContactEntry& entry, float right, float middle) {
    const Badge badge = path_badge(kit.c(), entry.contact.path);
    const std::string& label = ui.text(badge.label);
    // As wide as draw_tag() makes it, which aligns left.
    const float width =
        std::ceil(kit.text.measure(label, kit.theme.tiny_strong()).x) + kit.px(14.0F);
    const ImVec2 min{right - width, middle - kit.px(11.0F)};
    draw_tag(kit, *ImGui::GetWindowDrawList(), {min.x, middle}, label, badge.colour);
    ImGui::SetCursorScreenPos(min);
    ImGui::Dummy({width, kit.px(22.0F)});
    describe({.role = "path", .label = label, .min = min, .max = {right, middle + kit.px(11.0F)}});
    tooltip(kit, ui.text.format(badge.tip, {{"name", entry.contact.username}}));
    return width;
}

void draw_menu(Kit& kit, const ViewModel& model, UiState& ui, const ContactEntry& entry) {
    const peer::Contact& contact = entry.contact;
    const Menu menu(kit, "contact-menu");
    if (!menu.open()) {
        return;
    }
    const std::string block = ui.text.format(Text::menu_block, {{"name", contact.username}});
    const std::array items{
        MenuItem{"safety", icons::verified, ui.text(Text::menu_safety)},
        MenuItem{"block", icons::block, block, {}, true},
    };
    const std::string& direct_label = ui.text(Text::menu_direct);
    const bool accepted = contact.state == peer::ContactState::accepted;
    float width = menu_width(kit, items);
    if (accepted) {
        width = std::max(width, kit.text.measure(direct_label, kit.theme.body()).x + kit.px(80.0F));
    }
    bool direct = contact.allow_direct;
    if (accepted) {  // its words begin where those of the items do
        const float inset = kit.px(12.0F);
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + inset);
        width += inset;
    }
    if (accepted && toggle(kit, "direct", direct_label, direct, width - kit.px(24.0F))) {
        ui.post(
            {.purpose = Purpose::allow_direct, .account = contact.account, .text = {}},
            peer::SetAllowDirect{.account = contact.account, .allow_direct = direct, .command = 0});
    }
    switch (menu_items(kit, items, width)) {
        case 0:
            start_safety(ui, model, contact);
            break;
        case 1:
            ui.dialog = Dialog::block;
            break;
        default:
            break;
    }
}

// The mark "verified"; it leads to the number that was compared.
void draw_shield(Kit& kit, const ViewModel& model, UiState& ui, const peer::Contact& contact,
                 ImVec2 centre) {
    const float diameter = 24.0F;
    const float half = kit.px(diameter) / 2.0F;
    ImGui::SetCursorScreenPos({centre.x - half, centre.y - half});
    const std::string tip = ui.text.format(Text::verified_tip, {{"name", contact.username}});
    if (icon_button(kit, "verified", icons::verified, tip,
                    {.diameter = diameter, .icon_size = 18.0F, .colour = kit.c().online_ink})) {
        start_safety(ui, model, contact);
    }
}

void draw_name(Kit& kit, const ViewModel& model, UiState& ui, const ContactEntry& entry, ImVec2 at,
               float room) {
    const peer::Contact& contact = entry.contact;
    const Palette& c = kit.c();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const std::optional<PresenceLine> line = presence_line(c, entry);
    const float top = at.y + kit.px(line ? 11.0F : 21.0F);
    const bool verified = contact.verified && !is_held(entry);
    const float shield = verified ? kit.px(24.0F) : 0.0F;
    const float width = kit.text.draw(list, {at.x, top}, contact.username, kit.theme.title(),
                                      c.text, room - shield);
    describe({.role = "conversation",
              .label = contact.username,
              .min = {at.x, top},
              .max = {at.x + width, top + kit.px(20.0F)}});
    if (verified) {
        draw_shield(kit, model, ui, contact, {at.x + width + kit.px(15.0F), top + kit.px(11.0F)});
    }
    if (line) {
        const ImVec2 below{at.x, at.y + kit.px(34.0F)};
        kit.text.draw(list, below, ui.text(line->text), kit.theme.preview(), line->colour, room);
        describe({.role = "presence",
                  .label = ui.text(line->text),
                  .min = below,
                  .max = {at.x + room, at.y + kit.px(52.0F)}});
    }
}

}  // namespace

void draw_conversation_header(Kit& kit, const ViewModel& model, UiState& ui,
                              const ContactEntry& entry, ImVec2 at, float width, bool narrow) {
    const Palette& c = kit.c();
    const float height = kit.px(conversation_header_height);
    const Pane pane("conversation-header", at, {width, height}, c.panel);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float middle = at.y + height / 2.0F;
    float x = at.x + kit.px(22.0F);
    if (narrow) {
        ImGui::SetCursorScreenPos({at.x + kit.px(8.0F), middle - kit.px(18.0F)});
        if (icon_button(kit, "back", icons::back, ui.text(Text::back))) {
            leave_conversation(ui);
        }
        x = at.x + kit.px(52.0F);
    }
    const float radius = kit.px(20.0F);
    const ImVec2 centre{x + radius, middle};
    draw_avatar(kit, list, centre, radius, avatar_of(entry.contact.account));
    if (entry.contact.presence != peer::Presence::unknown) {
        draw_presence(kit, list, centre, radius, dot_of(entry.contact.presence), c.panel);
    }
    float right = at.x + width - kit.px(18.0F);
    ImGui::SetCursorScreenPos({right - kit.px(36.0F), middle - kit.px(18.0F)});
    if (icon_button(kit, "more", icons::more, ui.text(Text::menu_tip))) {
        ImGui::OpenPopup("contact-menu");
    }
    draw_menu(kit, model, ui, entry);
    right -= kit.px(40.0F);
    ImGui::SetCursorScreenPos({right - kit.px(36.0F), middle - kit.px(18.0F)});
    if (icon_button(kit, "search-here", icons::search, ui.text(Text::search_here))) {
        search_in_conversation(ui);
    }
    right -= kit.px(46.0F);
    if (entry.contact.state == peer::ContactState::accepted && !is_held(entry)) {
        right -= draw_path(kit, ui, entry, right, middle) + kit.px(12.0F);
    }
    const float text_x = x + 2.0F * radius + kit.px(14.0F);
    draw_name(kit, model, ui, entry, {text_x, at.y}, right - text_x);
    draw_separator(kit, list, {at.x, at.y + height - kit.px(1.0F)},
                   {at.x + width, at.y + height - kit.px(1.0F)});
}

}  // namespace sotto::ui
