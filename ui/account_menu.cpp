#include "ui/account_menu.hpp"

#include <imgui.h>

#include <array>
#include <string>

#include "peer/server_link.hpp"
#include "ui/avatar_of.hpp"
#include "ui/menu.hpp"
#include "ui/navigation.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr const char* popup = "account-menu";
constexpr float text_left = 62.0F;

Text server_text(peer::ServerState state) {
    switch (state) {
        case peer::ServerState::online:
            return Text::server_online;
        case peer::ServerState::connecting:
            return Text::server_connecting;
        case peer::ServerState::refused:
            return Text::server_refused;
        case peer::ServerState::offline:
            break;
    }
    return Text::server_offline;
}

ImU32 server_colour(const Palette& c, peer::ServerState state) {
    switch (state) {
        case peer::ServerState::online:
            return c.text_soft;
        case peer::ServerState::connecting:
            return c.warning;
        case peer::ServerState::refused:
        case peer::ServerState::offline:
            break;
    }
    return c.danger;
}

void draw_status(Kit& kit, const ViewModel& model, const UiState& ui, ImVec2 at, float width) {
    const std::string& status = ui.text(server_text(model.server));
    kit.text.draw(*ImGui::GetWindowDrawList(), at, status, kit.theme.meta(),
                  server_colour(kit.c(), model.server), width);
    describe({.role = "status",
              .label = status,
              .min = at,
              .max = {at.x + width, at.y + kit.px(18.0F)}});
}

void draw_menu(Kit& kit, const ViewModel& model, UiState& ui) {
    const Menu menu(kit, popup);
    if (!menu.open()) {
        return;
    }
    const std::array items{
        MenuItem{"lock", icons::lock, ui.text(Text::menu_lock), "Ctrl+L"},
        MenuItem{"link", icons::copy, ui.text(Text::copy_server_link)},
        MenuItem{"settings", icons::settings, ui.text(Text::settings_title), "Ctrl+,"},
        MenuItem{"quit", icons::logout, ui.text(Text::quit)},
    };
    switch (menu_items(kit, items, menu_width(kit, items))) {
        case 0:
            lock(ui);
            break;
        case 1:
            if (model.self) {
                ui.clipboard_wanted = peer::to_link(model.self->server);
                ui.say(ui.text(Text::server_link_copied));
            }
            break;
        case 2:
            ui.dialog = Dialog::settings;
            break;
        case 3:
            ui.quit_wanted = may_quit(ui, model);
            break;
        default:
            break;
    }
}

}  // namespace

void draw_account(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float inset = kit.px(6.0F);
    ImGui::SetCursorScreenPos({at.x + inset, at.y + inset});
    const RowState state = row(kit, "account", ui.text(Text::account_menu),
                               {size.x - inset, size.y - 2.0F * inset}, false);
    describe_last("button", ui.text(Text::account_menu));
    if (model.server == peer::ServerState::online) {
        tooltip(kit, ui.text(Text::account_menu));
    } else {
        tooltip(kit, ui.text(Text::server_offline_tip));
    }
    if (state.clicked) {
        ImGui::OpenPopup(popup);
    }
    if (model.self) {
        draw_avatar(kit, list, {at.x + kit.px(34.0F), at.y + kit.px(32.0F)}, kit.px(18.0F),
                    avatar_of(model.self->account));
    }
    const float room = size.x - kit.px(text_left + 6.0F);
    kit.text.draw(list, {at.x + kit.px(text_left), at.y + kit.px(12.0F)}, model.own_name(),
                  kit.theme.title(), kit.c().text, room);
    draw_status(kit, model, ui, {at.x + kit.px(text_left), at.y + kit.px(34.0F)}, room);
    ImGui::SetNextWindowPos({at.x + kit.px(12.0F), at.y + size.y - inset});
    draw_menu(kit, model, ui);
}

}  // namespace sotto::ui
