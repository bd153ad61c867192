// What an operator can choose about the logic, and the bounds of its memory.
#pragma once

#include "rendezvous/logic/limits.hpp"

#include <algorithm>

namespace sotto::rendezvous {

// docs/protocol.md 2.3, "Two server modes".
enum class Community : std::uint8_t { invite, open };

struct Settings {
    Community community = Community::invite;
    RateTable rates = default_rates(1);
    // About 34 KiB each in libzmq and the kernel: 20,000 connections are 680 MB.
    std::size_t max_clients = 20'000;
    // Connections from one address prefix: a school fits, with two for each of its members.
    std::size_t max_clients_per_prefix = 5'000;
    // Leading zero bits that a registration without an invite has to find; 0 = none.
    std::uint8_t registration_work_bits = 0;

    // Connections that nobody has logged in over by device. A member has one beside the one that is
    // logged in, so half of all; and from one prefix a fifth of its share, as anybody can make
    // them.
    [[nodiscard]] std::size_t max_anonymous() const {
        return std::max<std::size_t>(1, max_clients / 2);
    }
    // Of them, those who are just logging in and are not sent away meanwhile. The rest are enough
    // for who goes to be chosen among.
    [[nodiscard]] std::size_t max_newcomers() const { return max_anonymous() / 4; }
    [[nodiscard]] std::size_t max_anonymous_per_prefix() const {
        return std::max<std::size_t>(1, max_clients_per_prefix / 5);
    }
};

}  // namespace sotto::rendezvous
