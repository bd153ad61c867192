// Mosquitto with TLS and QoS 1 under the same games, where its library and its broker are
// installed.
//
// The broker keeps messages in memory and answers before anything is on a disk, so it does less: it
// stands for what a well-made C server of another protocol takes. Started here, on loopback, with a
// certificate made for the occasion.
#pragma once

#include "tests/bench/rendezvous/cpu.hpp"
#include "tests/bench/rendezvous/swarm.hpp"

#include <memory>

namespace sotto::bench::rendezvous {

class Mosquitto {
public:
    virtual ~Mosquitto() = default;
    // Nothing where it is not installed; says so on stderr.
    [[nodiscard]] static std::unique_ptr<Mosquitto> start();

    // From handing a message to the library to holding it at its recipient. The pair is connected
    // by the first call.
    [[nodiscard]] virtual double one_way_ms() = 0;
    struct Played {
        double rate = 0;           // messages a second
        double server_cpu_us = 0;  // each
        double memory_kib = 0;     // resident, for each client
    };
    // Everybody has one message on its way to a neighbour, as in play().
    [[nodiscard]] virtual Played play(std::size_t active, double seconds) = 0;
};

}  // namespace sotto::bench::rendezvous
