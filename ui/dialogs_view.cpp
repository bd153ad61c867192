#include "ui/dialogs_view.hpp"

#include <imgui.h>

#include <string>

#include "ui/form_rules.hpp"
#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/passphrase_view.hpp"
#include "ui/safety_view.hpp"
#include "ui/settings_view.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr const char* popup = "dialog";

// What has been said in the box itself need not be said twice.
void text_line(Kit& kit, std::string_view text, float width) {
    paragraph(kit, text, {.style = kit.theme.body(), .colour = kit.c().text_soft, .width = width});
    space(kit, 16.0F);
}

std::string selected_name(const ViewModel& model, const UiState& ui) {
    const ContactEntry* entry = ui.selected ? model.contact(*ui.selected) : nullptr;
    return entry == nullptr ? std::string{} : entry->contact.username;
}

// --- a request to somebody new

void send_request(UiState& ui) {
    RequestForm& form = ui.request_form;
    const bool named = check_name(ui.text, form.name.buffer().text()).good();
    const bool fits = count_characters(form.text.buffer().text()) <= RequestForm::characters_max;
    if (form.running || !named || !fits) {
        return;
    }
    form.error.clear();
    // The name is looked up anew even for a member that was clicked: the server's list is of some
    // seconds ago.
    peer::SendContactRequest command{.username = form.name.text(),
                                     .account = form.account,
                                     .text = form.text.text(),
                                     .allow_direct = form.allow_direct,
                                     .command = 0};
    form.running = ui.post(
        {.purpose = Purpose::send_request, .account = form.account, .text = form.name.text()},
        std::move(command));
}

void request_text(Kit& kit, UiState& ui, float width) {
    RequestForm& form = ui.request_form;
    const std::size_t count = count_characters(form.text.buffer().text());
    const std::string counter =
        ui.text.format(Text::send_request_count, {{"count", std::to_string(count)}});
    field(kit, "request-text", form.text, width,
          {.label = ui.text(Text::send_request_text),
           .placeholder = ui.text(Text::send_request_placeholder),
           .hint = counter,
           .tone = count > RequestForm::characters_max ? HintTone::bad : HintTone::neutral,
           .enabled = !form.running,
           .multiline = true});
}

void draw_request(Kit& kit, UiState& ui, float width) {
    RequestForm& form = ui.request_form;
    const Verdict name = check_name(ui.text, form.name.buffer().text());
    const InputResult input = field(
        kit, "request-name", form.name, width,
        {.label = ui.text(Text::send_request_to),
         .placeholder = ui.text(Text::name_placeholder),
         .hint = name.tone == HintTone::bad ? std::string_view(name.hint) : std::string_view{},
         .tone = name.tone,
         .enabled = !form.running});
    if (input.changed) {
        form.account.reset();  // another name is another person
        form.error.clear();
    }
    space(kit, 14.0F);
    request_text(kit, ui, width);
    space(kit, 8.0F);
    toggle(kit, "request-direct", ui.text(Text::send_request_direct), form.allow_direct, width);
    space(kit, 12.0F);
    if (!form.error.empty()) {
        banner(kit, icons::error, form.error, BannerTone::danger, width);
        space(kit, 12.0F);
    }
    const bool running = form.running.has_value();
    const int pressed = button_row(kit,
                                   {{.id = "cancel", .label = ui.text(Text::cancel)},
                                    {.id = "send-request",
                                     .label = ui.text(Text::send_request_button),
                                     .primary = true,
                                     .enabled = !running,
                                     .busy = running}},
                                   width);
    if (pressed == 0) {
        ui.dialog = Dialog::none;
    } else if (pressed == 1 || input.submitted) {
        send_request(ui);
    }
}

// --- small questions

void draw_link(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    banner(kit, icons::globe, ui.link, BannerTone::info, width);
    space(kit, 6.0F);
    text_line(kit, ui.text.format(Text::link_warning, {{"name", selected_name(model, ui)}}), width);
    switch (button_row(kit,
                       {{.id = "cancel", .label = ui.text(Text::cancel)},
                        {.id = "copy-link", .label = ui.text(Text::link_copy)},
                        {.id = "open-link", .label = ui.text(Text::link_open), .primary = true}},
                       width)) {
        case 0:
            ui.dialog = Dialog::none;
            break;
        case 1:
            ui.clipboard_wanted = ui.link;
            ui.say(ui.text(Text::copied));
            ui.dialog = Dialog::none;
            break;
        case 2:
            if (!kit.host.open_url || !kit.host.open_url(ui.link)) {
                ui.say(ui.text(Text::failed_open_link), true);
            }
            ui.dialog = Dialog::none;
            break;
        default:
            break;
    }
}

void draw_block(Kit& kit, UiState& ui, float width) {
    text_line(kit, ui.text(Text::block_explain), width);
    const int pressed =
        button_row(kit,
                   {{.id = "cancel", .label = ui.text(Text::cancel)},
                    {.id = "block-now", .label = ui.text(Text::block), .danger = true}},
                   width);
    if (pressed == 1 && ui.selected) {
        ui.post({.purpose = Purpose::block, .account = ui.selected, .text = {}},
                peer::BlockContact{.account = *ui.selected, .command = 0});
    }
    if (pressed >= 0) {
        ui.dialog = Dialog::none;
    }
}

// The second step: what accepting means, and for a verified contact what it risks.
void draw_accept_key(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    const ContactEntry* entry = ui.selected ? model.contact(*ui.selected) : nullptr;
    if (entry == nullptr || !entry->contact.new_key) {
        ui.dialog = Dialog::none;
        return;
    }
    const peer::Contact& contact = entry->contact;
    text_line(kit, ui.text(Text::key_accept_help), width);
    if (contact.verified) {
        banner(kit, icons::warning,
               ui.text.format(Text::key_accept_explain, {{"name", contact.username}}),
               BannerTone::danger, width);
        space(kit, 16.0F);
    }
    const int pressed = button_row(
        kit,
        {{.id = "cancel", .label = ui.text(Text::cancel)},
         {.id = "accept-key-now",
          .label = ui.text(contact.verified ? Text::key_accept_anyway : Text::key_accept),
          .primary = !contact.verified,
          .danger = contact.verified}},
        width);
    if (pressed == 1) {
        choose_key(ui, contact, *contact.new_key);
    }
    if (pressed >= 0) {
        ui.dialog = Dialog::none;
    }
}

void draw_drafts(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    std::string names;
    for (const std::string& name : ui.names_with_unsaved_drafts(model)) {
        names += names.empty() ? name : ", " + name;
    }
    // While locked nobody is named.
    text_line(kit,
              model.ready() ? ui.text.format(Text::quit_drafts, {{"names", names}})
                            : ui.text(Text::quit_kept_drafts),
              width);
    const int pressed =
        button_row(kit,
                   {{.id = "cancel", .label = ui.text(Text::cancel)},
                    {.id = "anyway", .label = ui.text(Text::quit_anyway), .danger = true}},
                   width);
    if (pressed == 0) {
        ui.dialog = Dialog::none;
    } else if (pressed == 1) {
        ui.quit_wanted = true;
    }
}

std::string title(const ViewModel& model, const UiState& ui) {
    switch (ui.dialog) {
        case Dialog::settings:
            return ui.text(Text::settings_title);
        case Dialog::send_request:
            return ui.text(Text::send_request_title);
        case Dialog::open_link:
            return ui.text(Text::link_title);
        case Dialog::block:
            return ui.text.format(Text::block_title, {{"name", selected_name(model, ui)}});
        case Dialog::safety:
            return ui.text.format(Text::safety_title, {{"name", selected_name(model, ui)}});
        case Dialog::accept_key:
            return ui.text.format(Text::key_accept_title, {{"name", selected_name(model, ui)}});
        case Dialog::passphrase:
            return ui.text(ui.passphrase_form.of_account ? Text::change_password_title
                                                         : Text::change_passphrase_title);
        case Dialog::keys:
            return ui.text(Text::keys_heading);
        case Dialog::quit_drafts:
            return ui.text(Text::quit_drafts_title);
        case Dialog::none:
            break;
    }
    return {};
}

// A dialog that was closed by an answer from the engine still has to leave ImGui's stack.
void close_leftover() {
    if (ImGui::IsPopupOpen(popup) && ImGui::BeginPopupModal(popup)) {
        ImGui::CloseCurrentPopup();
        ImGui::EndPopup();
    }
}

}  // namespace

void draw_dialogs(Kit& kit, const ViewModel& model, UiState& ui) {
    if (ui.dialog == Dialog::none) {
        close_leftover();
        return;
    }
    DialogBox box(kit, popup, title(model, ui), ui.text(Text::close),
                  ui.dialog == Dialog::settings ? 480.0F : 440.0F);
    if (!box.open()) {
        return;
    }
    switch (ui.dialog) {
        case Dialog::settings:
            draw_settings(kit, model, ui, box.width());
            break;
        case Dialog::send_request:
            draw_request(kit, ui, box.width());
            break;
        case Dialog::open_link:
            draw_link(kit, model, ui, box.width());
            break;
        case Dialog::block:
            draw_block(kit, ui, box.width());
            break;
        case Dialog::safety:
            draw_safety(kit, model, ui, box.width());
            break;
        case Dialog::accept_key:
            draw_accept_key(kit, model, ui, box.width());
            break;
        case Dialog::passphrase:
            draw_passphrase(kit, ui, box.width());
            break;
        case Dialog::keys:
            draw_keys(kit, ui, box.width());
            break;
        case Dialog::quit_drafts:
            draw_drafts(kit, model, ui, box.width());
            break;
        case Dialog::none:
            break;
    }
    if (box.closed()) {
        ui.dialog = Dialog::none;
    }
    if (ui.dialog == Dialog::none) {
        if (!ui.passphrase_form.running) {
            ui.passphrase_form.clear();
        }
        ImGui::CloseCurrentPopup();
        ui.focus_composer = true;
    }
}

}  // namespace sotto::ui
