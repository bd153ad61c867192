// The whole desktop but for its two edges, the window and the engine: ViewChanges in, pictures and
// commands out.
//
// The App puts a Window and a Runtime around it; tests put fake changes in and look at what comes
// out. Ui thread; reads no clock but what draw() and take() are given.
#pragma once

#include <optional>
#include <string>

#include "ui/attendance.hpp"
#include "ui/kept_drafts.hpp"
#include "ui/root_view.hpp"
#include "ui/ui_state.hpp"
#include "ui/view_model.hpp"

namespace sotto::ui {

class Desktop {
public:
    Desktop(Settings settings, Language system_language)
        : ui_(std::move(settings), system_language) {}

    void take(const peer::ViewChange& change, peer::WallTime now);
    // The engine's queue was full: the command is undone on the screen.
    void refuse(peer::CommandId id);

    // One frame; the commands are to be posted in order.
    [[nodiscard]] Commands draw(Kit& kit, peer::WallTime now);

    // "Sotto - NAME", with the number of unread messages before it; "Sotto" while locked.
    [[nodiscard]] std::string title() const;

    [[nodiscard]] ViewModel& model() { return model_; }
    [[nodiscard]] const ViewModel& model() const { return model_; }
    [[nodiscard]] UiState& ui() { return ui_; }
    [[nodiscard]] const RootView& root() const { return root_; }

private:
    void opened(const peer::Opened* what);
    void locked();
    void remember_owner();
    void watch_attendance(const Kit& kit);

    ViewModel model_;
    UiState ui_;
    RootView root_;
    Attendance attendance_;
    KeptDrafts drafts_;
    std::optional<AccountId> owner_;  // whose drafts are to be kept
    bool was_ready_ = false;
    bool newly_opened_ = false;
};

}  // namespace sotto::ui
