// What stands between the messages and the composer: a contact request and its answers, "waiting
// for an answer", "you blocked them", why the last message came back; or, in the composer's place,
// "their keys have changed".
#pragma once

#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

namespace sotto::ui {

// Draws nothing and answers 0 when there is nothing to say; else the height taken, screen pixels.
[[nodiscard]] float draw_notices(Kit& kit, const ViewModel& model, UiState& ui,
                                 const ContactEntry& entry, Thread& thread, ImVec2 at, float width);
[[nodiscard]] bool has_notices(const ContactEntry& entry, const Thread& thread);
// Their keys changed, and nothing is sent before the person chose one.
[[nodiscard]] bool is_held(const ContactEntry& entry);
[[nodiscard]] bool may_write(const ContactEntry& entry);

}  // namespace sotto::ui
