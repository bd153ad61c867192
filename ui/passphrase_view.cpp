#include "ui/passphrase_view.hpp"

#include <string_view>

#include "ui/drafts.hpp"
#include "ui/form_rules.hpp"
#include "ui/parts.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

struct Verdicts {
    Verdict fresh;
    Verdict again;
    bool old_missing = false;
    [[nodiscard]] bool good() const { return !old_missing && fresh.good() && again.good(); }
};

Verdicts judge(const UiState& ui) {
    const PassphraseForm& form = ui.passphrase_form;
    const std::string_view old_one = form.old_one.buffer().text();
    const std::string_view new_one = form.new_one.buffer().text();
    Verdicts verdicts{.fresh = check_password(ui.text, new_one),
                      .again = check_again(ui.text, new_one, form.again.buffer().text()),
                      .old_missing = old_one.empty()};
    if (new_one.empty()) {
        verdicts.fresh.hint.clear();  // check_password() speaks of an account there
    } else if (new_one == old_one) {
        verdicts.fresh = {
            .tone = HintTone::bad,
            .hint = ui.text(form.of_account ? Text::password_same : Text::passphrase_same)};
    }
    if (form.tried) {  // what is missing is wrong from now on
        verdicts.fresh.tone = verdicts.fresh.good() ? HintTone::good : HintTone::bad;
        verdicts.again.tone = verdicts.again.good() ? HintTone::good : HintTone::bad;
    }
    return verdicts;
}

void start(UiState& ui) {
    PassphraseForm& form = ui.passphrase_form;
    form.tried = true;
    if (form.running || !judge(ui).good()) {
        return;
    }
    form.error.clear();
    if (form.of_account) {
        form.running =
            ui.post({.purpose = Purpose::passphrase, .account = {}, .text = {}},
                    peer::ChangeAccountPassword{.old_password = secret_of(form.old_one),
                                                .new_password = secret_of(form.new_one),
                                                .also_passphrase = form.also_passphrase});
        return;
    }
    save_drafts_now(ui);  // with a new key the vault is closed for a while
    form.running = ui.post({.purpose = Purpose::passphrase, .account = {}, .text = {}},
                           peer::ChangePassphrase{.old_passphrase = secret_of(form.old_one),
                                                  .new_passphrase = secret_of(form.new_one),
                                                  .new_key = form.new_key});
}

struct FieldWords {
    Text label;
    std::string_view hint;
    HintTone tone;
};

InputResult secret_field(Kit& kit, UiState& ui, const char* id, ChatInput& input, float width,
                         const FieldWords& words) {
    PassphraseForm& form = ui.passphrase_form;
    return field(kit, id, input, width,
                 {.label = ui.text(words.label),
                  .hint = words.hint,
                  .tone = words.tone,
                  .enabled = !form.running,
                  .revealed = &form.revealed,
                  .show_label = ui.text(Text::password_show),
                  .hide_label = ui.text(Text::password_hide),
                  .caps_label = ui.text(Text::caps_lock_on)});
}

struct Wording {
    Text help;
    Text old_one;
    Text new_one;
    Text again;
    Text switch_label;
    Text switch_help;
    Text button;
};
constexpr Wording of_vault{Text::change_passphrase_help,  Text::passphrase_old,
                           Text::passphrase_new,          Text::passphrase_again,
                           Text::new_key_label,           Text::new_key_help,
                           Text::change_passphrase_button};
constexpr Wording of_account{Text::change_password_help,  Text::password_old,
                             Text::password_new,          Text::password_again,
                             Text::also_passphrase_label, Text::also_passphrase_help,
                             Text::change_password_button};

}  // namespace

void draw_passphrase(Kit& kit, UiState& ui, float width) {
    PassphraseForm& form = ui.passphrase_form;
    const Verdicts verdicts = judge(ui);
    const Wording& words = form.of_account ? of_account : of_vault;
    paragraph(kit, ui.text(words.help),
              {.style = kit.theme.preview(), .colour = kit.c().text_soft, .width = width});
    space(kit, 14.0F);
    const bool missing = form.tried && verdicts.old_missing;
    const InputResult old_one =
        secret_field(kit, ui, "old", form.old_one, width,
                     {words.old_one, {}, missing ? HintTone::bad : HintTone::neutral});
    space(kit, 12.0F);
    const InputResult new_one =
        secret_field(kit, ui, "new", form.new_one, width,
                     {words.new_one, verdicts.fresh.hint, verdicts.fresh.tone});
    space(kit, 12.0F);
    const InputResult again = secret_field(kit, ui, "again", form.again, width,
                                           {words.again, verdicts.again.hint, verdicts.again.tone});
    space(kit, 14.0F);
    bool& option = form.of_account ? form.also_passphrase : form.new_key;
    bool chosen = option;
    if (toggle(kit, "new-key", ui.text(words.switch_label), chosen, width) && !form.running) {
        option = chosen;
    }
    paragraph(kit, ui.text(words.switch_help),
              {.style = kit.theme.meta(), .colour = kit.c().text_faint, .width = width});
    space(kit, 14.0F);
    if (old_one.changed || new_one.changed || again.changed) {
        form.error.clear();
    }
    if (!form.error.empty()) {
        banner(kit, icons::error, form.error, BannerTone::danger, width);
        space(kit, 12.0F);
    }
    const bool running = form.running.has_value();
    const int pressed = button_row(kit,
                                   {{.id = "cancel", .label = ui.text(Text::cancel)},
                                    {.id = "change",
                                     .label = ui.text(words.button),
                                     .primary = true,
                                     .enabled = !running,
                                     .busy = running}},
                                   width);
    if (pressed == 0) {
        ui.dialog = Dialog::none;
    } else if (pressed == 1 || old_one.submitted || new_one.submitted || again.submitted) {
        start(ui);
    }
}

}  // namespace sotto::ui
