// Shared by chat_input.cpp (keys, mouse) and chat_input_paint.cpp (pixels); not for others.
#pragma once

#include "ui/chat_input.hpp"

#include <imgui_internal.h>

namespace sotto::ui {

struct ChatInput::Frame {
    Kit& kit;
    const InputOptions& options;
    InputResult result;
    ImGuiID id = 0;
    ImRect box = {};        // the whole widget
    ImRect text_area = {};  // where text is seen; the rest is padding, icon, buttons
    ImRect clear_area = {};
    TextStyle style = {};
    bool hovered = false;
    bool active = false;
    const TextLayout* layout = nullptr;

    [[nodiscard]] ImVec2 origin(ImVec2 scroll) const {
        return {text_area.Min.x - scroll.x, text_area.Min.y - scroll.y};
    }
};

}  // namespace sotto::ui
