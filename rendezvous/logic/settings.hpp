// What an operator can choose about the logic, and the bounds of its memory.
#pragma once

#include "crypto/password.hpp"
#include "rendezvous/logic/limits.hpp"

namespace sotto::rendezvous {

// docs/protocol.md 2.3, "Two server modes".
enum class Community : std::uint8_t { invite, open };

struct Settings {
    Community community = Community::invite;
    crypto::PasswordCost password_cost = crypto::password_cost_default;
    RateTable rates = default_rates(1);
    // About 34 KiB each in libzmq and the kernel: 20,000 connections are 680 MB.
    std::size_t max_clients = 20'000;
    // Connections from one address prefix: a school fits, and four are needed to fill the server.
    std::size_t max_clients_per_prefix = 5'000;
    // Leading zero bits that a registration without an invite has to find; 0 = none.
    std::uint8_t registration_work_bits = 0;
};

}  // namespace sotto::rendezvous
