// Everything in the window: which screen, the two panes or the one of a small window, dialogs,
// shortcuts, toasts.
//
// draw() takes what the product knows and what the person does, and answers with the commands to
// post. It reaches nothing else: tests drive it with a ViewModel of their own.
#pragma once

#include "ui/home_view.hpp"
#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

class RootView {
public:
    // Below this width (design pixels) list and conversation take turns.
    static constexpr float one_pane_below = 640.0F;
    static constexpr float list_width = 330.0F;

    [[nodiscard]] Commands draw(Kit& kit, const ViewModel& model, UiState& ui);
    [[nodiscard]] const HomeView& home() const { return home_; }
    // The vault was locked: rows hold names.
    void forget() { home_.forget(); }

private:
    void draw_home(Kit& kit, const ViewModel& model, UiState& ui);
    void take_shortcuts(const ViewModel& model, UiState& ui);

    HomeView home_;
    bool one_pane_ = false;
    bool popup_was_open_ = false;  // in the last frame: its Escape is not also ours
};

}  // namespace sotto::ui
