#include "ui/desktop.hpp"

#include <imgui.h>

#include <utility>
#include <variant>

#include "ui/drafts.hpp"
#include "ui/navigation.hpp"

namespace sotto::ui {

void Desktop::take(const peer::ViewChange& change, peer::WallTime now) {
    apply(model_, change, now);
    if (const auto* failed = std::get_if<peer::CommandFailed>(&change)) {
        command_failed(ui_, model_, failed->command,
                       {.error = failed->error, .retry_after_ms = failed->retry_after_ms});
    } else if (const auto* done = std::get_if<peer::CommandDone>(&change)) {
        command_done(ui_, model_, done->command);
    }
    const bool ready = model_.ready();
    if (was_ready_ && model_.vault == peer::VaultState::locked) {
        locked();
    }
    if (ready && !was_ready_) {
        opened(std::get_if<peer::Opened>(&change));
    }
    was_ready_ = ready;
}

void Desktop::opened(const peer::Opened* what) {
    remember_owner();
    owner_ = model_.self->account;
    for (auto& [account, thread] : ui_.threads) {  // after a new key: the messages are read anew
        thread->rows.clear();
        thread->rows_revision = 0;
        thread->list.reset();
        thread->loading.reset();
        thread->entered = false;
    }
    if (what != nullptr) {  // a new registration has no drafts yet
        for (const peer::Draft& draft : what->drafts) {
            restore_draft(ui_, draft.peer, draft.text);
        }
    }
    drafts_.give_back(ui_, *owner_);
    ui_.drafts_kept = false;
    ui_.locked_alone = false;
    newly_opened_ = true;
}

// The screen, the forms and the titles of everything go; drafts wait.
void Desktop::locked() {
    if (owner_) {
        drafts_.keep(ui_, *owner_);
    }
    ui_.locked_alone = !ui_.locking();
    forget_typed(ui_);
    ui_.drafts_kept = !drafts_.empty();
    if (std::exchange(ui_.quit_when_saved, false)) {
        ui_.quit_wanted = may_quit(ui_, model_);
    }
    root_.forget();
}

void Desktop::watch_attendance(const Kit& kit) {
    if (!model_.ready()) {
        return;
    }
    const double now_s = ImGui::GetTime();
    if (newly_opened_) {
        newly_opened_ = false;
        attendance_.begin(now_s, ui_.now);
    }
    const std::uint32_t minutes = ui_.auto_lock_chosen.value_or(model_.auto_lock_minutes);
    switch (attendance_.frame(kit.person_active, now_s, ui_.now, minutes)) {
        case Attendance::Act::tell:
            ui_.post({}, peer::NoteActivity{});
            break;
        case Attendance::Act::lock:
            lock(ui_);
            break;
        case Attendance::Act::nothing:
            break;
    }
}

// For the unlock screen; and the forms hold nothing any more.
void Desktop::remember_owner() {
    ui_.register_form.error.clear();
    for (ChatInput* input :
         {&ui_.register_form.password, &ui_.register_form.again, &ui_.unlock_form.passphrase}) {
        input->buffer().clear();
    }
    if (ui_.settings.name != model_.own_name() || ui_.settings.account != model_.self->account) {
        ui_.settings.name = model_.own_name();
        ui_.settings.account = model_.self->account;
        ui_.settings_changed = true;
    }
}

void Desktop::refuse(peer::CommandId id) {
    command_failed(ui_, model_, id, Failure{});
}

Commands Desktop::draw(Kit& kit, peer::WallTime now) {
    ui_.now = now;
    ui_.today = local_time(now);
    watch_attendance(kit);
    const double again_s = follow(model_, ui_, {.now_s = ImGui::GetTime()});
    if (again_s > 0.0) {
        kit.redraw.wake_in(static_cast<float>(again_s) + 0.005F);
    }
    return root_.draw(kit, model_, ui_);
}

std::string Desktop::title() const {
    if (!model_.ready() || ui_.locking()) {
        return "Sotto";
    }
    const std::uint32_t unread = model_.unread_total();
    const std::string count = unread == 0 ? "" : "(" + std::to_string(unread) + ") ";
    return count + "Sotto - " + model_.own_name();
}

}  // namespace sotto::ui
