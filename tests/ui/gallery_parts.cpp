#include "gallery_parts.hpp"

#include "ui/avatar.hpp"
#include "ui/logo.hpp"
#include "ui/widgets.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace sotto::ui::gallery {

PartsScreen::PartsScreen() {
    name_.buffer().set_text("Élodie Marchand");
    password_.buffer().set_text("correct horse");
    wrong_.buffer().set_text("sotto://");
}

void PartsScreen::draw(Kit& kit) {
    draw_buttons(kit, {kit.px(32), kit.px(28)});
    draw_forms(kit, {kit.px(32), kit.px(220)});
    draw_marks(kit, {kit.px(480), kit.px(28)});
    draw_type(kit, {kit.px(480), kit.px(300)});
}

void PartsScreen::draw_buttons(Kit& kit, ImVec2 at) {
    const struct {
        const char* label;
        ButtonOptions options;
    } buttons[] = {
        {"Log in", {.kind = ButtonKind::primary, .icon = {}}},
        {"Cancel", {.kind = ButtonKind::secondary, .icon = {}}},
        {"Later", {.kind = ButtonKind::quiet, .icon = {}}},
        {"Remove", {.kind = ButtonKind::danger, .icon = icons::remove}},
        {"Disabled", {.kind = ButtonKind::primary, .enabled = false, .icon = {}}},
        {"Busy", {.kind = ButtonKind::primary, .width = kit.px(110), .busy = true, .icon = {}}},
    };
    float x = at.x;
    float y = at.y;
    int count = 0;
    for (const auto& b : buttons) {
        ImGui::SetCursorScreenPos({x, y});
        button(kit, b.label, b.label, b.options);
        x = ImGui::GetItemRectMax().x + kit.px(12);
        if (++count == 4) {
            x = at.x;
            y += kit.px(52);
        }
    }
    ImGui::SetCursorScreenPos({x + kit.px(8), y});
    icon_button(kit, "send", icons::send, "Send", {.diameter = 40, .filled = true});
    ImGui::SameLine();
    icon_button(kit, "lock", icons::lock, "Lock", {.diameter = 40, .active = true});
    ImGui::SetCursorScreenPos({at.x, y + kit.px(52)});
    toggle(kit, "on", "Follow the system's colours", on_, kit.px(360));
    ImGui::SetCursorScreenPos({at.x, y + kit.px(92)});
    toggle(kit, "off", "Relay only (hide my address)", off_, kit.px(360));
}

void PartsScreen::draw_forms(Kit& kit, ImVec2 at) {
    const InputOptions form{.placeholder = "Name", .rounding = 10, .outlined = true};
    InputOptions secret = form;
    secret.placeholder = "Passphrase";
    InputOptions wrong = form;
    wrong.placeholder = "Server";
    wrong.invalid = true;
    ImGui::SetCursorScreenPos(at);
    name_.draw(kit, "name", kit.px(360), form);
    ImGui::SetCursorScreenPos({at.x, at.y + kit.px(54)});
    password_.draw(kit, "password", kit.px(360), secret);
    ImGui::SetCursorScreenPos({at.x, at.y + kit.px(108)});
    wrong_.draw(kit, "wrong", kit.px(360), wrong);
    ImGui::SetCursorScreenPos({at.x, at.y + kit.px(164)});
    text_link(kit, "link", "I have no account yet");
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 min(at.x, at.y + kit.px(214));
    const ImVec2 max(at.x + kit.px(360), at.y + kit.px(320));
    draw_soft_shadow(kit, list, min, max, kit.px(12));
    list.AddRectFilled(min, max, kit.c().popup, kit.px(12));
    kit.text.draw(list, {min.x + kit.px(16), min.y + kit.px(14)}, "Safety number",
                  kit.theme.title(), kit.c().text);
    const auto& body = kit.text.layout(
        "Compare these numbers with Élodie over another way. If they differ, someone "
        "else may be reading along.",
        kit.theme.preview(), {.width = kit.px(328)});
    kit.text.draw(list, {min.x + kit.px(16), min.y + kit.px(40)}, body,
                  {.colour = kit.c().text_soft});
}

void PartsScreen::draw_marks(Kit& kit, ImVec2 at) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    const std::array<Presence, 3> presences{Presence::online, Presence::away, Presence::offline};
    for (std::size_t i = 0; i < 12; ++i) {
        const std::string name = "person " + std::to_string(i);
        const float size = i < 6 ? 22.0F : 32.0F;
        const ImVec2 centre(at.x + kit.px(24) + kit.px(i < 6 ? 58 : 68) * static_cast<float>(i % 6),
                            at.y + kit.px(i < 6 ? 22 : 96));
        draw_avatar(kit, list, centre, kit.px(size), avatar_look(std::as_bytes(std::span(name))));
        draw_presence(kit, list, centre, kit.px(size), presences[i % 3], c.panel);
    }
    const ImVec2 min(at.x, at.y + kit.px(150));
    draw_bubble(kit, list, min, {min.x + kit.px(180), min.y + kit.px(37)}, true, true);
    draw_bubble(kit, list, {min.x + kit.px(210), min.y}, {min.x + kit.px(390), min.y + kit.px(37)},
                false, true);
    float x = min.x + kit.px(36);
    for (const Delivery d : {Delivery::waiting, Delivery::sent, Delivery::delivered, Delivery::read,
                             Delivery::failed}) {
        draw_ticks(kit, list, x, min.y + kit.px(18), d, c.mine_meta, c.mine_read);
        draw_ticks(kit, list, x + kit.px(210), min.y + kit.px(18), d, c.theirs_meta, c.accent);
        x += kit.px(30);
    }
    draw_badge(kit, list, {at.x + kit.px(24), at.y + kit.px(214)}, 1);
    draw_badge(kit, list, {at.x + kit.px(60), at.y + kit.px(214)}, 42);
    draw_badge(kit, list, {at.x + kit.px(110), at.y + kit.px(214)}, 1000);
    draw_pill(kit, list, {at.x + kit.px(160), at.y + kit.px(214)}, "Today");
    draw_tag(kit, list, {at.x + kit.px(210), at.y + kit.px(214)}, "Direct", c.online);
    draw_tag(kit, list, {at.x + kit.px(266), at.y + kit.px(214)}, "Relay", c.accent);
    draw_tag(kit, list, {at.x + kit.px(316), at.y + kit.px(214)}, "Mailbox", c.away);
    draw_logo(list, {at.x + kit.px(366), at.y + kit.px(266)}, kit.px(48));
    draw_typing_dots(kit, list, {at.x + kit.px(4), at.y + kit.px(246)}, c.text_soft);
}

void PartsScreen::draw_type(Kit& kit, ImVec2 at) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const struct {
        const char* text;
        TextStyle style;
    } lines[] = {
        {"Headline: Welcome, Élodie", kit.theme.headline()},
        {"Title: Александр Пушкин", kit.theme.title()},
        {"Body: fi AVATAR To. 14:30 — naïve “quotes” 😀", kit.theme.body()},
        {"שלום עולם, README.md ו־42", kit.theme.body()},
        {"مرحبا بالعالم، الساعة 14:30", kit.theme.body()},
        {"नमस्ते · สวัสดีครับ · 漢字かな · 한국어", kit.theme.body()},
        {"Preview: a line that is too long for the room it has got here, so it ends",
         kit.theme.preview()},
        {"Meta: 08:47 · 2.5 MB", kit.theme.meta()},
    };
    float y = at.y;
    for (const auto& line : lines) {
        const float width =
            kit.text.draw(list, {at.x, y}, line.text, line.style, kit.c().text, kit.px(380));
        (void)width;
        y += std::round(line.style.size * 1.4F) + kit.px(9);
    }
}

}  // namespace sotto::ui::gallery
