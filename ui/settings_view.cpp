#include "ui/settings_view.hpp"

#include <imgui.h>

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

void heading(Kit& kit, std::string_view text, float width) {
    space(kit, 14.0F);
    paragraph(kit, text, {.style = kit.theme.label(), .colour = kit.c().accent, .width = width});
    space(kit, 4.0F);
}

void label(Kit& kit, std::string_view text, float width) {
    paragraph(kit, text,
              {.style = kit.theme.preview(), .colour = kit.c().text_soft, .width = width});
}

// Name at the left, choices at the right; below each other where that is too narrow.
bool choice(Kit& kit, const char* id, std::string_view name,
            std::span<const std::string_view> labels, std::size_t& chosen, float width) {
    const float name_width = kit.px(96.0F);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool beside = width > kit.px(380.0F);
    if (!beside) {
        label(kit, name, width);
        return segments(kit, id, labels, chosen, width);
    }
    kit.text.draw(*ImGui::GetWindowDrawList(), {at.x, at.y + kit.px(9.0F)}, name, kit.theme.body(),
                  kit.c().text, name_width);
    ImGui::SetCursorScreenPos({at.x + name_width, at.y});
    const bool changed = segments(kit, id, labels, chosen, width - name_width);
    ImGui::SetCursorScreenPos({at.x, ImGui::GetItemRectMax().y + kit.px(8.0F)});
    return changed;
}

void help(Kit& kit, std::string_view text, float width) {
    paragraph(kit, text, {.style = kit.theme.meta(), .colour = kit.c().text_faint, .width = width});
    space(kit, 6.0F);
}

void theme(Kit& kit, UiState& ui, float width) {
    constexpr std::array choices{ThemeChoice::system, ThemeChoice::light, ThemeChoice::dark};
    const std::array<std::string_view, 3> names{
        ui.text(Text::theme_system), ui.text(Text::theme_light), ui.text(Text::theme_dark)};
    std::size_t chosen = 0;
    while (choices[chosen] != ui.settings.theme) {
        ++chosen;
    }
    if (choice(kit, "theme", ui.text(Text::theme_label), names, chosen, width)) {
        ui.settings.theme = choices[chosen];
        ui.settings_changed = true;
    }
}

void language(Kit& kit, UiState& ui, float width) {
    constexpr std::array<std::optional<Language>, 3> choices{std::nullopt, Language::english,
                                                             Language::french};
    // A language is called by its own name, so that it is found from within any other.
    const std::array<std::string_view, 3> names{ui.text(Text::language_system), "English",
                                                "Français"};
    std::size_t chosen = 0;
    while (choices[chosen] != ui.settings.language) {
        ++chosen;
    }
    if (choice(kit, "language", ui.text(Text::language_label), names, chosen, width)) {
        ui.set_language(choices[chosen]);
    }
}

void size(Kit& kit, UiState& ui, float width) {
    constexpr std::array<std::optional<float>, 6> choices{std::nullopt, 1.0F,  1.25F,
                                                          1.5F,         1.75F, 2.0F};
    const std::array<std::string_view, 6> names{
        ui.text(Text::scale_auto), "100 %", "125 %", "150 %", "175 %", "200 %"};
    std::size_t chosen = 0;  // a size from the file that is none of these shows as automatic
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i] == ui.settings.scale) {
            chosen = i;
        }
    }
    if (choice(kit, "size", ui.text(Text::scale_label), names, chosen, width)) {
        ui.settings.scale = choices[chosen];
        ui.settings_changed = true;
    }
}

void receipts(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    bool on = ui.receipts_chosen.value_or(model.read_receipts);
    if (toggle(kit, "receipts", ui.text(Text::receipts_setting), on, width)) {
        ui.receipts_chosen = on;
        ui.post({.purpose = Purpose::read_receipts, .account = {}, .text = {}},
                peer::SetReadReceipts{.on = on});
    }
    explain(kit, ui.text(Text::receipts_setting_help), width);
}

void privacy(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    receipts(kit, model, ui, width);
    if (toggle(kit, "listed", ui.text(Text::listed_setting), ui.settings.listed, width)) {
        ui.settings_changed = true;
        ui.post({.purpose = Purpose::listed, .account = {}, .text = {}},
                peer::SetListed{.listed = ui.settings.listed, .command = 0});
    }
    explain(kit, ui.text(Text::listed_setting_help), width);
    if (toggle(kit, "greet", ui.text(Text::greet_setting), ui.settings.greet, width)) {
        ui.settings_changed = true;
    }
    explain(kit, ui.text(Text::greet_setting_help), width);
    if (!model.self) {
        return;
    }
    bool hold = model.device_watch.hold_new_devices;
    if (toggle(kit, "hold-devices", ui.text(Text::hold_devices_setting), hold, width)) {
        ui.post({.purpose = Purpose::device_watch, .account = {}, .text = {}},
                peer::SetHoldNewDevices{.hold = hold, .command = 0});
    }
    explain(kit, ui.text(Text::hold_devices_setting_help), width);
}

void auto_lock(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    constexpr std::array<std::uint32_t, 4> minutes{0, 5, 15, 60};
    std::array<std::string, 4> words{ui.text(Text::auto_lock_never)};
    std::array<std::string_view, 4> names{words[0]};
    const std::uint32_t now = ui.auto_lock_chosen.value_or(model.auto_lock_minutes);
    std::size_t chosen = 0;
    for (std::size_t i = 1; i < minutes.size(); ++i) {
        words[i] = ui.text.format(Text::auto_lock_minutes, {{"count", std::to_string(minutes[i])}});
        names[i] = words[i];
        // Another front end may have chosen a number between; the next stricter one is shown.
        chosen = now >= minutes[i] ? i : chosen;
    }
    chosen = now != 0 && chosen == 0 ? 1 : chosen;
    if (choice(kit, "auto-lock", ui.text(Text::auto_lock_label), names, chosen, width)) {
        ui.auto_lock_chosen = minutes[chosen];
        ui.post({.purpose = Purpose::auto_lock, .account = {}, .text = {}},
                peer::SetAutoLock{.minutes = minutes[chosen]});
    }
}

void security(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    auto_lock(kit, model, ui, width);
    help(kit, ui.text(Text::auto_lock_help), width);
    if (button_row(kit, {{.id = "passphrase", .label = ui.text(Text::change_passphrase)}}, width) ==
        0) {
        start_passphrase_change(ui, false);
    }
    if (button_row(kit, {{.id = "password", .label = ui.text(Text::change_password)}}, width) ==
        0) {
        start_passphrase_change(ui, true);
    }
}

void session(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    help(kit, ui.text(Text::lock_help), width);
    switch (button_row(kit,
                       {{.id = "quit", .label = ui.text(Text::quit)},
                        {.id = "lock", .label = ui.text(Text::lock_now), .primary = true}},
                       width)) {
        case 0:
            ui.quit_wanted = may_quit(ui, model);
            break;
        case 1:
            lock(ui);
            break;
        default:
            break;
    }
}

void about(Kit& kit, const ViewModel& model, const UiState& ui, float width) {
    label(kit, ui.text.format(Text::about_version, {{"version", ui.version}}), width);
    label(kit, ui.text(ui.hybrid_suite ? Text::about_suite_hybrid : Text::about_suite_classic),
          width);
    if (model.self) {
        const peer::ServerAddress& server = model.self->server;
        label(kit,
              ui.text.format(Text::about_server,
                             {{"host", server.host}, {"port", std::to_string(server.port)}}),
              width);
    }
}

}  // namespace

void draw_keys(Kit& kit, const UiState& ui, float width) {
    struct Key {
        std::string_view keys;
        Text what;
    };
    constexpr std::array table{
        Key{"Ctrl+K", Text::keys_search},
        Key{"Ctrl+F", Text::keys_find},
        Key{"Ctrl+1 … Ctrl+9", Text::keys_switch},
        Key{"Enter", Text::keys_send},
        Key{"Shift+Enter", Text::keys_newline},
        Key{"Page ↑  Page ↓", Text::keys_scroll},
        Key{"Tab", Text::keys_tab},
        Key{"Esc", Text::keys_back},
        Key{"Ctrl+,", Text::keys_settings},
        Key{"Ctrl+L", Text::keys_lock},
        Key{"F1", Text::keys_help},
    };
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (const Key& key : table) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        kit.text.draw(list, at, ui.text(key.what), kit.theme.preview(), kit.c().text_soft);
        const float keys_width = kit.text.measure(key.keys, kit.theme.label()).x;
        kit.text.draw(list, {at.x + width - keys_width, at.y}, key.keys, kit.theme.label(),
                      kit.c().text);
        ImGui::Dummy({width, kit.px(18.0F)});
        describe({.role = "key",
                  .label = ui.text(key.what),
                  .min = at,
                  .max = {at.x + width, at.y + kit.px(18.0F)},
                  .value = key.keys});
    }
}

void draw_settings(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    heading(kit, ui.text(Text::appearance_heading), width);
    theme(kit, ui, width);
    language(kit, ui, width);
    size(kit, ui, width);
    heading(kit, ui.text(Text::privacy_heading), width);
    privacy(kit, model, ui, width);
    heading(kit, ui.text(Text::security_heading), width);
    security(kit, model, ui, width);
    heading(kit, ui.text(Text::session_heading), width);
    session(kit, model, ui, width);
    heading(kit, ui.text(Text::keys_heading), width);
    draw_keys(kit, ui, width);
    heading(kit, ui.text(Text::about_heading), width);
    about(kit, model, ui, width);
}

}  // namespace sotto::ui
