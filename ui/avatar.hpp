// A picture for everybody without asking anybody: a 5 x 5 symmetric pattern in a circle, drawn from
// a hash.
//
// The same account looks the same on every machine; it is a help to the eye, not a proof (safety
// numbers are).
#pragma once

#include "ui/kit.hpp"

#include <imgui.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sotto::ui {

enum class Presence : std::uint8_t { online, away, offline };

struct AvatarLook {
    std::array<bool, 25> cells{};
    float hue = 0.0F;  // 0..1

    [[nodiscard]] bool filled(int x, int y) const {
        return cells[static_cast<std::size_t>(y) * 5 + static_cast<std::size_t>(x)];
    }
};

// `identity` is the account id (or any stable bytes); equal bytes give equal pictures.
[[nodiscard]] AvatarLook avatar_look(std::span<const std::byte> identity);

void draw_avatar(const Kit& kit, ImDrawList& list, ImVec2 centre, float radius,
                 const AvatarLook& look);
// The dot at the lower right of an avatar; `behind` is the colour of the surface it is cut out of.
void draw_presence(const Kit& kit, ImDrawList& list, ImVec2 avatar_centre, float avatar_radius,
                   Presence presence, ImU32 behind);

}  // namespace sotto::ui
