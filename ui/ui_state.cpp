#include "ui/ui_state.hpp"

#include "ui/drafts.hpp"

#include <algorithm>
#include <utility>

namespace sotto::ui {
namespace {

std::string name_of(const ViewModel& model, const Pending& pending) {
    const ContactEntry* entry = pending.account ? model.contact(*pending.account) : nullptr;
    return entry == nullptr ? pending.text : entry->contact.username;
}

Text headline(Purpose purpose) {
    switch (purpose) {
        case Purpose::accept:
            return Text::failed_accept;
        case Purpose::ignore:
            return Text::failed_ignore;
        case Purpose::block:
            return Text::failed_block;
        case Purpose::allow_direct:
            return Text::failed_direct;
        case Purpose::retry:
            return Text::failed_retry;
        case Purpose::listed:
            return Text::failed_listed;
        case Purpose::verify:
            return Text::failed_verify;
        case Purpose::accept_key:
            return Text::failed_accept_key;
        case Purpose::auto_lock:
        case Purpose::device_watch:
        case Purpose::read_receipts:
            return Text::failed_setting;
        case Purpose::send_request:
            return Text::failed_request;
        case Purpose::send_text:
            return Text::failed_send;
        case Purpose::history:
            return Text::failed_history;
        case Purpose::register_account:
        case Purpose::unlock:
        case Purpose::lock:
        case Purpose::passphrase:
        case Purpose::draft:
        case Purpose::quiet:
            return Text::failed_register;
    }
    return Text::failed_register;
}

Pending take_pending(UiState& ui, peer::CommandId id) {
    const auto at = ui.pending.find(id);
    if (at == ui.pending.end()) {
        return {};
    }
    Pending pending = std::move(at->second);
    ui.pending.erase(at);
    return pending;
}

void clear_running(std::optional<peer::CommandId>& running, peer::CommandId id) {
    if (running == id) {
        running.reset();
    }
}

// The conversation goes on with the new key; the draft, too, but it is not sent by itself.
void go_on_with(UiState& ui, const Pending& pending) {
    ui.selected = pending.key;
    Thread* from = pending.account ? ui.find_thread(*pending.account) : nullptr;
    if (from == nullptr || from->composer.buffer().empty()) {
        return;
    }
    Thread& to = ui.thread(*pending.key);
    to.returned.push_back(from->composer.text());
    from->composer.buffer().clear();
    put_back(to);
}

}  // namespace

crypto::SecretBytes secret_of(const ChatInput& input) {
    return crypto::secret_copy(crypto::as_bytes(input.buffer().text()));
}

void PassphraseForm::clear() {
    for (ChatInput* input : {&old_one, &new_one, &again}) {
        input->buffer().clear();
    }
    revealed = false;
    new_key = false;
    of_account = false;
    also_passphrase = true;
    tried = false;
    error.clear();
}

UiState::UiState(Settings settings_now, Language system_language)
    : settings(std::move(settings_now)),
      text(settings.language.value_or(system_language)),
      language_of_system(system_language) {}

void UiState::set_language(std::optional<Language> choice) {
    settings.language = choice;
    settings_changed = true;
    text = Strings(choice.value_or(language_of_system));
}

Thread& UiState::thread(const AccountId& account) {
    std::unique_ptr<Thread>& thread = threads[account];
    if (!thread) {
        thread = std::make_unique<Thread>();
    }
    return *thread;
}

Thread* UiState::find_thread(const AccountId& account) {
    const auto at = threads.find(account);
    return at == threads.end() ? nullptr : at->second.get();
}

bool UiState::locking() const {
    return std::any_of(pending.begin(), pending.end(),
                       [](const auto& command) { return command.second.purpose == Purpose::lock; });
}

void UiState::say(std::string message, bool bad) {
    if (!toasts.empty() && toasts.back().text == message) {
        return;  // the same news twice is one piece of news
    }
    if (toasts.size() == toasts_max) {
        toasts.pop_front();
    }
    toasts.push_back({.text = std::move(message), .bad = bad});
}

peer::CommandId UiState::post(Pending pending_now, peer::Command command) {
    const peer::CommandId id = next_command++;
    pending.emplace(id, std::move(pending_now));
    outbox.push_back({.id = id, .command = std::move(command)});
    return id;
}

std::vector<std::string> UiState::names_with_unsaved_drafts(const ViewModel& model) const {
    std::vector<std::string> names;
    for (const auto& [account, thread] : threads) {
        const ContactEntry* entry = model.contact(account);
        if (entry != nullptr && is_unsaved(*thread)) {
            names.push_back(entry->contact.username);
        }
    }
    return names;
}

void put_back(Thread& thread) {
    EditBuffer& buffer = thread.composer.buffer();
    while (!thread.returned.empty()) {
        std::string& text = thread.returned.front();
        const std::size_t size = buffer.text().size() + 1 + text.size();
        if (!buffer.empty() && size > Thread::composer_bytes_max) {
            return;  // the box is full: it comes back when there is room again
        }
        std::string whole(buffer.text());
        whole += whole.empty() ? text : "\n" + text;
        buffer.set_text(whole);
        overwrite(whole);
        overwrite(text);
        thread.returned.pop_front();
    }
}

Text passphrase_done(const PassphraseForm& form) {
    if (!form.of_account) return Text::change_passphrase_done;
    return form.also_passphrase ? Text::change_both_done : Text::change_password_done;
}

// Of the account's password other words are needed: a name was not asked for.
std::string passphrase_refusal(const UiState& ui, const Failure& failure,
                               const std::string& reason) {
    if (!ui.passphrase_form.of_account) return reason;
    if (failure.error == peer::CommandError::wrong_credentials)
        return ui.text(Text::password_wrong);
    if (failure.error == peer::CommandError::wrong_passphrase) {
        return ui.text(Text::also_passphrase_wrong);
    }
    return reason;
}

void command_done(UiState& ui, const ViewModel& model, peer::CommandId id) {
    Pending pending = take_pending(ui, id);
    switch (pending.purpose) {
        case Purpose::register_account:
            clear_running(ui.register_form.running, id);
            ui.register_form.password.buffer().clear();
            ui.register_form.again.buffer().clear();
            break;
        case Purpose::unlock:
            clear_running(ui.unlock_form.running, id);
            ui.unlock_form.passphrase.buffer().clear();
            break;
        case Purpose::send_text:
            overwrite(pending.text);
            break;
        case Purpose::draft:
            draft_saved(ui, *pending.account);
            break;
        case Purpose::verify: {
            clear_running(ui.safety_form.running, id);
            const ContactEntry* entry = pending.account ? model.contact(*pending.account) : nullptr;
            const bool marked = entry != nullptr && entry->contact.verified;
            ui.say(ui.text.format(marked ? Text::safety_marked : Text::safety_cleared,
                                  {{"name", name_of(model, pending)}}));
            break;
        }
        case Purpose::accept_key:
            if (pending.key && pending.key != pending.account) {
                go_on_with(ui, pending);
                ui.say(ui.text.format(Text::key_accepted, {{"name", name_of(model, pending)}}));
            } else {
                ui.say(ui.text.format(Text::key_kept, {{"name", name_of(model, pending)}}));
            }
            ui.focus_composer = true;
            break;
        case Purpose::passphrase:
            clear_running(ui.passphrase_form.running, id);
            ui.say(ui.text(passphrase_done(ui.passphrase_form)));
            ui.passphrase_form.clear();
            if (ui.dialog == Dialog::passphrase) {
                ui.dialog = Dialog::none;
            }
            break;
        case Purpose::send_request:
            if (ui.request_form.running == id) {
                ui.request_form.running.reset();
                ui.request_form.text.buffer().clear();
                if (ui.dialog == Dialog::send_request) {
                    ui.dialog = Dialog::none;
                }
            }
            ui.say(ui.text.format(Text::send_request_done, {{"name", name_of(model, pending)}}));
            ui.open_when_there = pending.text;
            break;
        default:
            break;
    }
}

void command_failed(UiState& ui, const ViewModel& model, peer::CommandId id,
                    const Failure& failure) {
    Pending pending = take_pending(ui, id);
    const std::string reason = error_text(ui.text, failure);
    const std::string whole = ui.text.format(
        headline(pending.purpose), {{"name", name_of(model, pending)}, {"error", reason}});
    switch (pending.purpose) {
        case Purpose::quiet:
            break;
        case Purpose::draft:
            draft_not_saved(ui, *pending.account);
            break;
        case Purpose::register_account:
            clear_running(ui.register_form.running, id);
            ui.register_form.error = reason;
            break;
        case Purpose::unlock:
            clear_running(ui.unlock_form.running, id);
            ui.unlock_form.error = reason;
            ui.unlock_form.passphrase.buffer().select_all();
            ui.unlock_form.passphrase.focus();
            break;
        case Purpose::passphrase:
            clear_running(ui.passphrase_form.running, id);
            if (ui.dialog != Dialog::passphrase) {
                ui.say(reason, true);
            }
            ui.passphrase_form.error = passphrase_refusal(ui, failure, reason);
            ui.passphrase_form.old_one.buffer().select_all();
            ui.passphrase_form.old_one.focus();
            break;
        case Purpose::verify:
            clear_running(ui.safety_form.running, id);
            ui.say(whole, true);
            break;
        case Purpose::auto_lock:
            ui.auto_lock_chosen.reset();
            ui.say(whole, true);
            break;
        case Purpose::read_receipts:
            ui.receipts_chosen.reset();
            ui.say(whole, true);
            break;
        case Purpose::send_request:
            clear_running(ui.request_form.running, id);
            ui.request_form.error = whole;
            break;
        case Purpose::send_text:
            if (pending.account) {
                Thread& thread = ui.thread(*pending.account);
                thread.returned.push_back(std::move(pending.text));
                put_back(thread);
                thread.error = whole;
            }
            break;
        case Purpose::history:
            if (Thread* thread = pending.account ? ui.find_thread(*pending.account) : nullptr) {
                clear_running(thread->loading, id);
                thread->load_failed = true;
            }
            ui.say(whole, true);
            break;
        default:
            ui.say(whole, true);
    }
}

void forget_typed(UiState& ui) {
    for (auto& [account, thread] : ui.threads) {
        for (std::string& text : thread->returned) {
            overwrite(text);
        }
    }
    for (auto& [id, pending] : ui.pending) {
        overwrite(pending.text);
    }
    ui.threads.clear();
    // Who asked for it may type the passphrase before it is done: that is of the time after it.
    if (!ui.locking()) {
        ui.unlock_form.passphrase.buffer().clear();
    }
    std::erase_if(ui.pending,
                  [](const auto& command) { return command.second.purpose != Purpose::unlock; });
    ui.selected.reset();
    ui.search.input.buffer().clear();
    ui.search.asked.reset();
    ui.search.hits_asked.reset();
    ui.search.within.reset();
    ui.search.highlighted = -1;
    ui.unlock_form.started = false;
    ui.unlock_form.error.clear();
    ui.register_form.password.buffer().clear();
    ui.register_form.again.buffer().clear();
    ui.passphrase_form.clear();
    ui.passphrase_form.running.reset();
    ui.safety_form.pasted.buffer().clear();
    ui.safety_form.running.reset();
    ui.safety_form.number.clear();
    ui.safety_form.code.clear();
    ui.safety_form.qr.reset();
    ui.request_form.text.buffer().clear();
    ui.request_form.running.reset();
    ui.request_form.error.clear();
    ui.auto_lock_chosen.reset();
    ui.receipts_chosen.reset();
    ui.server_gone_since_s.reset();
    ui.server_lost = false;
    ui.toasts.clear();  // they name people
    ui.dialog = Dialog::none;
    ui.link.clear();
}

}  // namespace sotto::ui
