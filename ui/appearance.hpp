// A person's settings onto the window: theme and size. What the App does after each change.
#pragma once

#include "ui/settings.hpp"
#include "ui/window.hpp"

namespace sotto::ui {

inline void apply_settings(Window& window, const Settings& settings) {
    window.set_theme(settings.theme);
    window.set_scale(settings.scale.value_or(detect_scale()), 1.0F);
}

}  // namespace sotto::ui
