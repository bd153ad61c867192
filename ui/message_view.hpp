// One message as a bubble: text, time, ticks, the reason when it failed.
//
// measure and draw work from the same geometry, so a row is never taller than what is drawn in it.
// The text can be selected with the mouse, links ask before they open, and the ticks say in words
// what they mean. Free functions; screen pixels.
#pragma once

#include "ui/kit.hpp"
#include "ui/timeline.hpp"
#include "ui/ui_state.hpp"

#include <string>

namespace sotto::ui {

struct MessageContext {
    const peer::Message& message;
    const TimelineRow& row;
    const std::string& name;  // of the other person
    int index = 0;            // row of the list, for tests
};

[[nodiscard]] float measure_message(Kit& kit, const UiState& ui, const MessageContext& context,
                                    float width);
void draw_message(Kit& kit, UiState& ui, Thread& thread, const MessageContext& context,
                  ImVec2 top_left, float width);

// Why a message failed, in words.
[[nodiscard]] std::string failure_text(const Strings& text, peer::MessageFailure failure,
                                       const std::string& name);

}  // namespace sotto::ui
