// The rows of the left panel: a contact with the head of its conversation, a member of the server,
// a heading, and what stands there when there is nobody.
//
// Free functions; each draws at `at` (screen pixels) and answers whether it was chosen.
#pragma once

#include "ui/home_rows.hpp"
#include "ui/kit.hpp"
#include "ui/ui_state.hpp"

#include <string_view>

namespace sotto::ui {

[[nodiscard]] bool draw_contact_row(Kit& kit, UiState& ui, const ContactEntry& entry, ImVec2 at,
                                    float width, bool selected);
[[nodiscard]] bool draw_member_row(Kit& kit, const UiState& ui, const peer::Member& member,
                                   ImVec2 at, float width, bool highlighted);
// A message that was found: who, when, and the line it is in. `within`: all are of one person, so
// it says who wrote it.
[[nodiscard]] bool draw_hit_row(Kit& kit, const UiState& ui, const ViewModel& model,
                                const peer::Message& hit, bool within, ImVec2 at, float width,
                                bool highlighted);
void draw_heading(Kit& kit, std::string_view title, ImVec2 at, float width);

[[nodiscard]] float empty_row_height(Kit& kit, const UiState& ui, HomeRowKind kind,
                                     std::string_view query, float width);
void draw_empty_row(Kit& kit, const ViewModel& model, UiState& ui, HomeRowKind kind,
                    std::string_view query, ImVec2 at, float width);

}  // namespace sotto::ui
