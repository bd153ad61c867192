// From the product's values to the kit's pictures: an account's avatar, a contact's presence dot, a
// message's ticks.
#pragma once

#include "peer/model.hpp"
#include "ui/avatar.hpp"
#include "ui/widgets.hpp"

#include <span>

namespace sotto::ui {

[[nodiscard]] inline AvatarLook avatar_of(const peer::AccountId& account) {
    return avatar_look(std::as_bytes(std::span(account.bytes())));
}

[[nodiscard]] constexpr Presence dot_of(peer::Presence presence) {
    return presence == peer::Presence::online ? Presence::online : Presence::offline;
}

[[nodiscard]] constexpr Delivery ticks_of(peer::DeliveryState state) {
    switch (state) {
        case peer::DeliveryState::saved:
            return Delivery::waiting;
        case peer::DeliveryState::with_server:
            return Delivery::sent;
        case peer::DeliveryState::delivered:
            return Delivery::delivered;
        case peer::DeliveryState::read:
            return Delivery::read;
        case peer::DeliveryState::failed:
            return Delivery::failed;
    }
    return Delivery::waiting;
}

}  // namespace sotto::ui
