#include "ui/safety_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "ui/code_check.hpp"
#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr float code_side_max = 240.0F;
constexpr std::size_t group_digits = 5;

// Twelve groups of five, four in a row, or three where that is too narrow.
void draw_number(Kit& kit, std::string_view grouped, float width) {
    const std::size_t groups = (grouped.size() + 1) / (group_digits + 1);
    const std::size_t columns = width < kit.px(300.0F) ? 3 : 4;
    const std::size_t rows = (groups + columns - 1) / columns;
    const float pad = kit.px(14.0F);
    const float line = kit.px(30.0F);
    const float each = (width - 2.0F * pad) / static_cast<float>(columns);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const ImVec2 max{min.x + width, min.y + line * static_cast<float>(rows) + 2.0F * pad};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(min, max, kit.c().field, kit.px(12.0F));
    for (std::size_t i = 0; i < groups; ++i) {
        const ImVec2 centre{min.x + pad + each * (static_cast<float>(i % columns) + 0.5F),
                            min.y + pad + line * (static_cast<float>(i / columns) + 0.5F)};
        kit.text.draw_centred(list, centre, grouped.substr(i * (group_digits + 1), group_digits),
                              kit.theme.text(20.0F, Weight::strong), kit.c().text);
    }
    describe({.role = "safety-number", .label = grouped, .min = min, .max = max});
    ImGui::Dummy({width, max.y - min.y});
}

void soft(Kit& kit, std::string_view text, float width) {
    paragraph(kit, text,
              {.style = kit.theme.preview(), .colour = kit.c().text_soft, .width = width});
}

void heading(Kit& kit, std::string_view text, float width) {
    space(kit, 16.0F);
    paragraph(kit, text, {.style = kit.theme.label(), .colour = kit.c().text, .width = width});
}

struct Scene {
    Kit& kit;
    UiState& ui;
    const ContactEntry& entry;
    float width;
    [[nodiscard]] std::string named(Text key) const {
        return ui.text.format(key, {{"name", entry.contact.username}});
    }
};

void draw_own_code(const Scene& scene) {
    Kit& kit = scene.kit;
    const SafetyForm& form = scene.ui.safety_form;
    if (!form.qr) {
        return;
    }
    heading(kit, scene.named(Text::safety_code), scene.width);
    soft(kit, scene.named(Text::safety_code_help), scene.width);
    space(kit, 6.0F);
    const float side = qr_side(*form.qr, std::min(kit.px(code_side_max), scene.width));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 min{at.x + (scene.width - side) / 2.0F, at.y};
    draw_qr(kit, *ImGui::GetWindowDrawList(), min, *form.qr, side);
    describe({.role = "qr", .label = form.code, .min = min, .max = {min.x + side, min.y + side}});
    ImGui::Dummy({scene.width, side});
    if (button_row(kit, {{.id = "copy-code", .label = scene.ui.text(Text::safety_copy_code)}},
                   scene.width) == 0) {
        scene.ui.clipboard_wanted = form.code;
        scene.ui.say(scene.ui.text(Text::safety_code_copied));
    }
}

void draw_pasted(const Scene& scene, const AccountId& own) {
    Kit& kit = scene.kit;
    UiState& ui = scene.ui;
    SafetyForm& form = ui.safety_form;
    const CodeAnswer answer = check_code(form.pasted.buffer().text(), own, *form.account);
    space(kit, 14.0F);
    const bool none = answer == CodeAnswer::none;
    const bool good = answer == CodeAnswer::match;
    const std::string label = scene.named(Text::safety_paste_label);
    const std::string help = scene.named(Text::safety_paste_help);
    field(kit, "pasted", form.pasted, scene.width,
          {.label = label,
           .placeholder = "PM1V:…",
           .hint = none ? std::string_view(help) : std::string_view{},
           .tone = none || good ? HintTone::neutral : HintTone::bad});
    if (none) {
        return;
    }
    space(kit, 8.0F);
    banner(kit, good ? icons::verified : icons::error, scene.named(words_of(answer)),
           good ? BannerTone::success : BannerTone::danger, scene.width);
}

void copy_number(UiState& ui) {
    ui.clipboard_wanted = ui.safety_form.number;
    ui.say(ui.text(Text::safety_copied));
}

// A key that is not accepted yet cannot be verified: the way back leads to the question.
void draw_new_key_actions(const Scene& scene) {
    UiState& ui = scene.ui;
    space(scene.kit, 16.0F);
    switch (
        button_row(scene.kit,
                   {{.id = "copy", .label = ui.text(Text::safety_copy)},
                    {.id = "accept-key", .label = ui.text(Text::key_accept_ask), .primary = true}},
                   scene.width)) {
        case 0:
            copy_number(ui);
            break;
        case 1:
            ui.dialog = Dialog::accept_key;
            break;
        default:
            break;
    }
}

void draw_actions(const Scene& scene) {
    UiState& ui = scene.ui;
    const bool verified = scene.entry.contact.verified;
    const bool running = ui.safety_form.running.has_value();
    space(scene.kit, 16.0F);
    const int pressed =
        button_row(scene.kit,
                   {{.id = "copy", .label = ui.text(Text::safety_copy)},
                    {.id = "mark",
                     .label = ui.text(verified ? Text::safety_clear : Text::safety_mark),
                     .primary = !verified,
                     .enabled = !running,
                     .busy = running}},
                   scene.width);
    if (pressed == 0) {
        copy_number(ui);
    } else if (pressed == 1) {
        set_verified(ui, scene.entry.contact.account, !verified);
    }
}

}  // namespace

void draw_safety(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    const SafetyForm& form = ui.safety_form;
    const ContactEntry* entry = form.contact ? model.contact(*form.contact) : nullptr;
    if (entry == nullptr || !form.account || !model.self) {
        ui.dialog = Dialog::none;
        return;
    }
    const Scene scene{kit, ui, *entry, width};
    const bool of_new_key = form.account != form.contact;
    soft(kit, scene.named(Text::safety_explain), width);
    space(kit, 12.0F);
    draw_number(kit, ui.safety_form.number, width);
    space(kit, 10.0F);
    if (of_new_key) {
        banner(kit, icons::warning, scene.named(Text::safety_of_new_key), BannerTone::warning,
               width);
    } else {
        const bool verified = entry->contact.verified;
        banner(kit, verified ? icons::verified : icons::info,
               scene.named(verified ? Text::safety_verified : Text::safety_unverified),
               verified ? BannerTone::success : BannerTone::info, width);
    }
    draw_own_code(scene);
    draw_pasted(scene, model.self->account);
    if (of_new_key) {
        draw_new_key_actions(scene);
    } else {
        draw_actions(scene);
    }
}

}  // namespace sotto::ui
