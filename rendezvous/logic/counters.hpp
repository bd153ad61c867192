// What the logic counted since it began, for the operator. Only ever grows; names nobody.
#pragma once

#include "rendezvous/protocol_replies.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sotto::rendezvous {

inline constexpr std::size_t error_code_end = static_cast<std::size_t>(ErrorCode::busy) + 1;

struct LogicCounters {
    std::uint64_t requests = 0;
    std::array<std::uint64_t, error_code_end> refused{};  // by ErrorCode
    std::uint64_t registrations = 0;
    std::uint64_t device_logins = 0;
    std::uint64_t password_logins = 0;
    std::uint64_t password_changes = 0;
    std::uint64_t mail_stored = 0;
    std::uint64_t mail_repeated = 0;       // was there already
    std::uint64_t requests_swallowed = 0;  // contact requests that nobody gets
    std::uint64_t mail_relayed = 0;        // not stored: typing notices and the like
    std::uint64_t mail_pushed = 0;
    std::uint64_t mail_acknowledged = 0;
    std::uint64_t full_prefixes = 0;      // connections over an address prefix's share
    std::uint64_t anonymous_dropped = 0;  // connections without a session, for newcomers
};

// How much there is right now.
struct LogicGauges {
    std::size_t clients = 0;          // connections that said something
    std::size_t anonymous = 0;        // of them, without a device session
    std::size_t sessions = 0;         // of them, logged in
    std::size_t accounts_online = 0;  // logged in by device
    std::size_t pending = 0;          // batches at the store
    std::size_t pending_bytes = 0;    // of items
    std::size_t watched = 0;
};

}  // namespace sotto::rendezvous
