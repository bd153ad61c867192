#include "ui/desktop.hpp"

#include <imgui.h>

#include <utility>
#include <variant>

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
        forget_typed(ui_);
        root_.forget();
    }
    if (ready && !was_ready_) {
        remember_owner();
    }
    was_ready_ = ready;
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
    const double again_s = follow(model_, ui_, {.now_s = ImGui::GetTime()});
    if (again_s > 0.0) {
        kit.redraw.wake_in(static_cast<float>(again_s) + 0.005F);
    }
    return root_.draw(kit, model_, ui_);
}

std::string Desktop::title() const {
    if (!model_.ready()) {
        return "Sotto";
    }
    const std::uint32_t unread = model_.unread_total();
    const std::string count = unread == 0 ? "" : "(" + std::to_string(unread) + ") ";
    return count + "Sotto - " + model_.own_name();
}

}  // namespace sotto::ui
