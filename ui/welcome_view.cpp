#include "ui/welcome_view.hpp"

#include "ui/card.hpp"
#include "ui/form_rules.hpp"
#include "ui/logo.hpp"
#include "ui/parts.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

#include <cmath>

namespace sotto::ui {
namespace {

constexpr float two_columns_from = 860.0F;

struct Verdicts {
    LinkVerdict server;
    Verdict name;
    Verdict password;
    Verdict again;
    [[nodiscard]] bool good() const {
        return server.verdict.good() && name.good() && password.good() && again.good();
    }
};

Verdicts judge(const UiState& ui) {
    const RegisterForm& form = ui.register_form;
    const std::string_view password = form.password.buffer().text();
    return {.server = check_server_link(ui.text, form.server.buffer().text()),
            .name = check_name(ui.text, form.name.buffer().text()),
            .password = check_password(ui.text, password),
            .again = check_again(ui.text, password, form.again.buffer().text())};
}

// What is missing turns red only after an attempt: nobody is scolded for not being finished.
HintTone tone(const Verdict& verdict, bool tried) {
    return tried && !verdict.good() ? HintTone::bad : verdict.tone;
}

void start(UiState& ui, const Verdicts& verdicts) {
    RegisterForm& form = ui.register_form;
    form.tried = true;
    form.error.clear();
    if (form.running || !verdicts.good()) {
        return;
    }
    peer::Register command{.server = *verdicts.server.server,
                           .username = form.name.text(),
                           .password = secret_of(form.password),
                           .vault_passphrase = secret_of(form.password),
                           .listed = form.listed};
    ui.settings.listed = form.listed;
    form.running = ui.post({.purpose = Purpose::register_account, .account = {}, .text = {}},
                           std::move(command));
}

std::string progress(const ViewModel& model, const UiState& ui, const Verdicts& verdicts) {
    if (model.vault != peer::VaultState::open) {
        return ui.text(Text::register_hashing);
    }
    if (model.server != peer::ServerState::online && verdicts.server.server) {
        return ui.text.format(Text::register_connecting, {{"host", verdicts.server.server->host}});
    }
    return ui.text.format(Text::register_working, {{"name", ui.register_form.name.text()}});
}

void first_focus(RegisterForm& form) {
    if (form.started) {
        return;
    }
    form.started = true;
    (form.server.buffer().empty() ? form.server : form.name).focus();
}

bool fields(Kit& kit, UiState& ui, const Verdicts& verdicts, float width) {
    RegisterForm& form = ui.register_form;
    const Strings& text = ui.text;
    const bool enabled = !form.running;
    bool submitted = false;
    submitted |= field(kit, "server", form.server, width,
                       {.label = text(Text::server_label),
                        .placeholder = text(Text::server_placeholder),
                        .hint = verdicts.server.verdict.hint,
                        .tone = tone(verdicts.server.verdict, form.tried),
                        .enabled = enabled})
                     .submitted;
    space(kit, 12.0F);
    submitted |= field(kit, "name", form.name, width,
                       {.label = text(Text::name_label),
                        .placeholder = text(Text::name_placeholder),
                        .hint = verdicts.name.hint,
                        .tone = tone(verdicts.name, form.tried),
                        .enabled = enabled})
                     .submitted;
    space(kit, 12.0F);
    submitted |= field(kit, "password", form.password, width,
                       {.label = text(Text::password_label),
                        .placeholder = text(Text::password_placeholder),
                        .hint = verdicts.password.hint,
                        .tone = tone(verdicts.password, form.tried),
                        .enabled = enabled,
                        .revealed = &form.revealed,
                        .show_label = text(Text::password_show),
                        .hide_label = text(Text::password_hide),
                        .caps_label = text(Text::caps_lock_on)})
                     .submitted;
    space(kit, 12.0F);
    form.again.reveal(form.revealed);
    submitted |= field(kit, "again", form.again, width,
                       {.label = text(Text::again_label),
                        .placeholder = text(Text::again_placeholder),
                        .hint = verdicts.again.hint,
                        .tone = tone(verdicts.again, form.tried),
                        .enabled = enabled})
                     .submitted;
    return submitted;
}

// --- the left half of a wide window

void promise(Kit& kit, Icon icon, std::string_view text, float width) {
    const Palette& c = kit.c();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float indent = kit.px(40.0F);
    kit.text.draw_icon(*ImGui::GetWindowDrawList(), {at.x + kit.px(12.0F), at.y + kit.px(11.0F)},
                       icon.glyph, kit.px(24.0F), c.on_mine, icon.fallback);
    ImGui::SetCursorScreenPos({at.x + indent, at.y});
    paragraph(kit, text, {.style = kit.theme.body(), .colour = c.on_mine, .width = width - indent});
    ImGui::SetCursorScreenPos({at.x, ImGui::GetCursorScreenPos().y});
    space(kit, 10.0F);
}

void draw_promises(Kit& kit, const Strings& text, const Area& area) {
    const Palette& c = kit.c();
    const Pane pane("promises", area.min, area.size, c.mine);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 shade = with_alpha(c.on_mine, 0.06F);
    list.AddCircleFilled({pane.max().x, pane.min().y}, area.size.x * 0.55F, shade);
    list.AddCircleFilled({pane.min().x, pane.max().y}, area.size.x * 0.75F, shade);
    const float margin = kit.px(48.0F);
    const float width = area.size.x - 2.0F * margin;
    const float side = kit.px(64.0F);
    const float top = area.min.y + area.size.y * 0.2F;
    const ImVec2 mark{area.min.x + margin + side / 2.0F, top + side / 2.0F};
    const float plate = side * 0.56F;  // its blue would drown in ours without a frame
    list.AddRectFilled({mark.x - plate, mark.y - plate}, {mark.x + plate, mark.y + plate},
                       c.on_mine, side * 0.28F);
    draw_logo(list, mark, side);
    ImGui::SetCursorScreenPos({area.min.x + margin, top + side + kit.px(24.0F)});
    ImGui::BeginGroup();
    paragraph(
        kit, text(Text::welcome_title),
        {.style = kit.theme.text(30.0F, Weight::strong), .colour = c.on_mine, .width = width});
    paragraph(kit, text(Text::welcome_intro),
              {.style = kit.theme.title(), .colour = c.mine_meta, .width = width});
    space(kit, 30.0F);
    promise(kit, icons::direct, text(Text::promise_direct), width);
    promise(kit, icons::lock, text(Text::promise_private), width);
    promise(kit, icons::person, text(Text::promise_yours), width);
    ImGui::EndGroup();
}

void draw_title(Kit& kit, const Strings& text, bool wide, float width) {
    const Palette& c = kit.c();
    if (wide) {
        paragraph(kit, text(Text::register_button),
                  {.style = kit.theme.headline(), .colour = c.text, .width = width});
        space(kit, 14.0F);
        return;
    }
    draw_logo_row(kit, width);
    paragraph(kit, text(Text::welcome_title),
              {.style = kit.theme.headline(), .colour = c.text, .width = width, .centred = true});
    paragraph(
        kit, text(Text::welcome_intro),
        {.style = kit.theme.preview(), .colour = c.text_soft, .width = width, .centred = true});
    space(kit, 20.0F);
}

void draw_form(Kit& kit, const ViewModel& model, UiState& ui, float width) {
    RegisterForm& form = ui.register_form;
    const Strings& text = ui.text;
    const Palette& c = kit.c();
    const Verdicts verdicts = judge(ui);
    bool submitted = fields(kit, ui, verdicts, width);
    space(kit, 8.0F);
    toggle(kit, "listed", text(Text::listed_label), form.listed, width);
    explain(kit, text(Text::listed_help), width);
    space(kit, 14.0F);
    if (!form.error.empty()) {
        banner(kit, icons::error, form.error, BannerTone::danger, width);
        space(kit, 12.0F);
    }
    const bool running = form.running.has_value();
    submitted |= button(kit, "register", text(Text::register_button),
                        {.width = width, .enabled = !running, .busy = running});
    if (running) {
        paragraph(
            kit, progress(model, ui, verdicts),
            {.style = kit.theme.preview(), .colour = c.text_soft, .width = width, .centred = true});
    }
    if (submitted) {
        start(ui, verdicts);
    }
}

}  // namespace

void draw_welcome(Kit& kit, const ViewModel& model, UiState& ui) {
    first_focus(ui.register_form);
    const Area window = whole_window();
    const bool wide = window.size.x >= kit.px(two_columns_from);
    const float left = wide ? std::round(window.size.x * 0.42F) : 0.0F;
    if (wide) {
        draw_promises(kit, ui.text, {window.min, {left, window.size.y}});
    }
    const Area right{{window.min.x + left, window.min.y}, {window.size.x - left, window.size.y}};
    const Card card(kit, "welcome", 420.0F, right, kit.c().panel);
    draw_title(kit, ui.text, wide, card.width());
    draw_form(kit, model, ui, card.width());
}

}  // namespace sotto::ui
