// Everything the server counts, at one moment: for the statistics command, the metrics and the log.
//
// Numbers only; nothing in it names a member, an address or a contact.
#pragma once

#include "rendezvous/logic/counters.hpp"
#include "rendezvous/store.hpp"

namespace sotto::rendezvous {

// What an operator may count.
struct ServerCounters {
    std::uint64_t frames_in = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t kicked = 0;          // leases ended, slow readers
    std::uint64_t violations = 0;      // messages of other than two frames
    std::uint64_t silent = 0;          // finished the handshake and then said nothing
    std::uint64_t silent_dropped = 0;  // said nothing yet, and went for newcomers
};

// Handshakes, as the ZAP handler judged them.
struct HandshakeCounters {
    std::uint64_t accepted = 0;
    std::uint64_t refused_full = 0;    // no room in all
    std::uint64_t refused_rate = 0;    // too many from one address prefix
    std::uint64_t refused_banned = 0;  // broke the framing on purpose, or no key at all
};

struct ServerFigures {
    ServerCounters server;
    HandshakeCounters handshakes;
    LogicCounters logic;
    LogicGauges gauges;
    StoreFigures store;
    std::size_t connections = 0;   // that libzmq holds after the handshake
    std::size_t queued_bytes = 0;  // replies that wait for slow readers
    std::size_t at_store = 0;      // batches
    std::uint64_t descriptor_limit = 0;
    std::uint64_t uptime_s = 0;
};

}  // namespace sotto::rendezvous
