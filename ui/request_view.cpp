#include "ui/request_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <string>

#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr float edge = 20.0F;

struct Scene {
    Kit& kit;
    UiState& ui;
    const ViewModel& model;
    const peer::Contact& contact;
    Thread& thread;
    float width;

    [[nodiscard]] std::string named(Text key) const {
        return ui.text.format(key, {{"name", contact.username}});
    }
};

void accept(const Scene& scene) {
    const bool direct = scene.thread.allow_direct;
    scene.ui.post({.purpose = Purpose::accept, .account = scene.contact.account, .text = {}},
                  peer::AcceptContact{
                      .account = scene.contact.account, .allow_direct = direct, .command = 0});
    scene.ui.focus_composer = true;
}

void title(const Scene& scene, Text title_key, Text help_key) {
    paragraph(
        scene.kit, scene.named(title_key),
        {.style = scene.kit.theme.title(), .colour = scene.kit.c().text, .width = scene.width});
    paragraph(scene.kit, scene.named(help_key),
              {.style = scene.kit.theme.preview(),
               .colour = scene.kit.c().text_soft,
               .width = scene.width});
}

// Their own words, set apart from ours, so that nobody can write a button into them.
void quote(const Scene& scene, std::string_view text) {
    Kit& kit = scene.kit;
    const float bar = kit.px(3.0F);
    const float pad = kit.px(12.0F);
    const Wrap wrap{.width = scene.width - 2.0F * pad - bar};
    const TextLayout& layout = kit.text.layout(text, kit.theme.body(), wrap);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const ImVec2 max{min.x + scene.width, min.y + layout.height() + 2.0F * pad};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(min, max, kit.c().field, kit.px(10.0F));
    list.AddRectFilled({min.x, min.y + pad}, {min.x + bar, max.y - pad}, kit.c().accent, bar / 2);
    kit.text.draw(list, {min.x + bar + pad, min.y + pad}, layout, {.colour = kit.c().text});
    describe({.role = "quote", .label = text, .min = min, .max = max});
    ImGui::Dummy({scene.width, max.y - min.y});
}

void request(const Scene& scene) {
    UiState& ui = scene.ui;
    title(scene, Text::request_title, Text::request_explain);
    if (!scene.contact.request_text.empty()) {
        space(scene.kit, 8.0F);
        quote(scene, scene.contact.request_text);
    }
    space(scene.kit, 6.0F);
    toggle(scene.kit, "direct", scene.named(Text::request_direct), scene.thread.allow_direct,
           scene.width);
    explain(scene.kit, ui.text(Text::request_direct_help), scene.width);
    space(scene.kit, 10.0F);
    switch (button_row(scene.kit,
                       {{.id = "block", .label = ui.text(Text::block), .danger = true},
                        {.id = "ignore", .label = ui.text(Text::ignore)},
                        {.id = "accept", .label = ui.text(Text::accept), .primary = true}},
                       scene.width)) {
        case 0:
            ui.dialog = Dialog::block;
            break;
        case 1:
            ui.post({.purpose = Purpose::ignore, .account = scene.contact.account, .text = {}},
                    peer::IgnoreContact{.account = scene.contact.account, .command = 0});
            break;
        case 2:
            accept(scene);
            break;
        default:
            break;
    }
}

// Answers whether the button was pressed.
bool declined(const Scene& scene, Text title_key, Text help_key, Text answer) {
    title(scene, title_key, help_key);
    space(scene.kit, 10.0F);
    return button_row(scene.kit, {{.id = "undo", .label = scene.ui.text(answer)}}, scene.width) ==
           0;
}

void error(const Scene& scene) {
    banner(scene.kit, icons::error, scene.thread.error, BannerTone::danger, scene.width, 28.0F);
    const ImVec2 below = ImGui::GetCursorScreenPos();
    const ImVec2 max = ImGui::GetItemRectMax();
    const ImVec2 min = ImGui::GetItemRectMin();
    const float side = scene.kit.px(28.0F);
    ImGui::SetCursorScreenPos({max.x - side - scene.kit.px(6.0F), min.y + scene.kit.px(6.0F)});
    if (icon_button(scene.kit, "dismiss", icons::close, scene.ui.text(Text::dismiss),
                    {.diameter = 28.0F, .icon_size = 16.0F})) {
        scene.thread.error.clear();
    }
    ImGui::SetCursorScreenPos(below);
    ImGui::Dummy({0, 0});  // ImGui wants an item after the last move of its cursor
}

// The banner that stands in for the composer until the person decided whose key is meant.
void key_changed(const Scene& scene) {
    UiState& ui = scene.ui;
    Kit& kit = scene.kit;
    banner(kit, icons::error, scene.named(Text::key_changed_title), BannerTone::danger,
           scene.width);
    space(kit, 8.0F);
    paragraph(kit, scene.named(Text::key_changed_help),
              {.style = kit.theme.body(), .colour = kit.c().text, .width = scene.width});
    if (scene.contact.verified) {
        paragraph(kit, scene.named(Text::key_changed_verified),
                  {.style = kit.theme.name(), .colour = kit.c().danger, .width = scene.width});
    }
    space(kit, 12.0F);
    switch (button_row(kit,
                       {{.id = "keep-key", .label = ui.text(Text::key_keep)},
                        {.id = "accept-key", .label = ui.text(Text::key_accept_ask)},
                        {.id = "compare", .label = ui.text(Text::key_compare), .primary = true}},
                       scene.width)) {
        case 0:
            choose_key(ui, scene.contact, scene.contact.account);
            break;
        case 1:
            ui.dialog = Dialog::accept_key;
            break;
        case 2:
            start_safety(ui, scene.model, scene.contact);
            break;
        default:
            break;
    }
}

// Above the composer: one may go on writing, to the other devices.
void held_devices(const Scene& scene) {
    UiState& ui = scene.ui;
    Kit& kit = scene.kit;
    banner(kit, icons::warning,
           scene.named(Text::held_devices_title) + "\n" + scene.named(Text::held_devices_help),
           BannerTone::warning, scene.width);
    space(kit, 8.0F);
    if (button_row(kit, {{.id = "allow-devices", .label = ui.text(Text::held_devices_allow)}},
                   scene.width) == 0) {
        ui.post({.purpose = Purpose::device_watch, .account = scene.contact.account, .text = {}},
                peer::AllowDevices{.account = scene.contact.account, .command = 0});
    }
}

bool asks_about_devices(const peer::Contact& contact) {
    return contact.held_devices > 0 && contact.state == peer::ContactState::accepted;
}

void by_state(const Scene& scene) {
    switch (scene.contact.state) {
        case peer::ContactState::request_received:
            request(scene);
            break;
        case peer::ContactState::request_sent:
            banner(scene.kit, icons::info,
                   scene.named(Text::waiting_title) + "\n" + scene.named(Text::waiting_help),
                   BannerTone::info, scene.width);
            break;
        case peer::ContactState::ignored:
            if (declined(scene, Text::ignored_title, Text::ignored_help, Text::accept_after_all)) {
                accept(scene);
            }
            break;
        case peer::ContactState::blocked:
            if (declined(scene, Text::blocked_title, Text::blocked_help, Text::unblock)) {
                start_request(scene.ui, scene.contact.account, scene.contact.username);
            }
            break;
        case peer::ContactState::accepted:
            if (asks_about_devices(scene.contact)) {
                held_devices(scene);
            }
            break;
    }
}

}  // namespace

bool is_held(const ContactEntry& entry) {
    return entry.contact.new_key && (entry.contact.state == peer::ContactState::accepted ||
                                     entry.contact.state == peer::ContactState::request_sent);
}

bool may_write(const ContactEntry& entry) {
    if (is_held(entry)) {
        return false;
    }
    return entry.contact.state == peer::ContactState::accepted ||
           entry.contact.state == peer::ContactState::request_sent;
}

bool has_notices(const ContactEntry& entry, const Thread& thread) {
    return entry.contact.state != peer::ContactState::accepted || is_held(entry) ||
           asks_about_devices(entry.contact) || !thread.error.empty();
}

float draw_notices(Kit& kit, const ViewModel& model, UiState& ui, const ContactEntry& entry,
                   Thread& thread, ImVec2 at, float width) {
    if (!has_notices(entry, thread)) {
        return 0.0F;
    }
    const float margin = kit.px(edge);
    // Long lines are hard to read; the panel itself spans the whole width.
    const float room = std::min(width - 2.0F * margin, kit.px(640.0F));
    const Scene scene{kit, ui, model, entry.contact, thread, room};
    ImGui::SetCursorScreenPos({at.x + (width - room) / 2.0F, at.y + kit.px(14.0F)});
    ImGui::BeginGroup();
    if (!thread.error.empty()) {
        error(scene);
    }
    if (is_held(entry)) {
        key_changed(scene);
    } else {
        by_state(scene);
    }
    ImGui::EndGroup();
    const float below = may_write(entry) ? 2.0F : 16.0F;  // the composer has air of its own
    return ImGui::GetItemRectSize().y + kit.px(14.0F + below);
}

}  // namespace sotto::ui
