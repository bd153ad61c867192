#include "ui/unlock_view.hpp"

#include "ui/avatar_of.hpp"
#include "ui/card.hpp"
#include "ui/parts.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

namespace sotto::ui {
namespace {

void draw_owner(Kit& kit, const UiState& ui, float width) {
    const Strings& text = ui.text;
    const bool named = ui.settings.greet && !ui.settings.name.empty();
    if (named && ui.settings.account) {
        const float radius = kit.px(40.0F);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        draw_avatar(kit, *ImGui::GetWindowDrawList(), {at.x + width / 2.0F, at.y + radius}, radius,
                    avatar_of(*ui.settings.account));
        ImGui::Dummy({width, 2.0F * radius + kit.px(8.0F)});
    } else {
        draw_logo_row(kit, width);
    }
    const std::string title = named ? text.format(Text::unlock_title, {{"name", ui.settings.name}})
                                    : text(Text::unlock_title_unnamed);
    paragraph(
        kit, title,
        {.style = kit.theme.headline(), .colour = kit.c().text, .width = width, .centred = true});
    paragraph(kit, text(ui.locked_alone ? Text::unlock_alone_prompt : Text::unlock_prompt),
              {.style = kit.theme.preview(),
               .colour = kit.c().text_soft,
               .width = width,
               .centred = true});
}

void start(UiState& ui) {
    UnlockForm& form = ui.unlock_form;
    if (form.running || form.passphrase.buffer().empty()) {
        return;
    }
    form.error.clear();
    form.running = ui.post({.purpose = Purpose::unlock, .account = {}, .text = {}},
                           peer::Unlock{.vault_passphrase = secret_of(form.passphrase)});
}

}  // namespace

void draw_unlock(Kit& kit, const ViewModel& model, UiState& ui) {
    UnlockForm& form = ui.unlock_form;
    const Strings& text = ui.text;
    const bool running = form.running || model.vault == peer::VaultState::unlocking;
    if (!form.started) {
        form.started = true;
        form.passphrase.focus();
    }
    const Card card(kit, "unlock", 360.0F, whole_window(), kit.c().panel);
    const float width = card.width();
    draw_owner(kit, ui, width);
    space(kit, 24.0F);
    const InputResult input = field(kit, "passphrase", form.passphrase, width,
                                    {.label = text(Text::passphrase_label),
                                     .enabled = !running,
                                     .revealed = &form.revealed,
                                     .show_label = text(Text::password_show),
                                     .hide_label = text(Text::password_hide),
                                     .caps_label = text(Text::caps_lock_on)});
    if (input.changed) {
        form.error.clear();
    }
    space(kit, 12.0F);
    if (!form.error.empty()) {
        banner(kit, icons::error, form.error, BannerTone::danger, width);
        space(kit, 12.0F);
    }
    const bool pressed = button(kit, "unlock", text(Text::unlock_button),
                                {.width = width, .enabled = !running, .busy = running});
    if (running) {
        paragraph(kit, text(Text::unlock_working),
                  {.style = kit.theme.preview(),
                   .colour = kit.c().text_soft,
                   .width = width,
                   .centred = true});
    }
    if (pressed || input.submitted) {
        start(ui);
    }
}

}  // namespace sotto::ui
