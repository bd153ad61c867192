// The cases of the benchmark; each prints its results.
#pragma once

#include "tests/bench/rendezvous/mosquitto_side.hpp"
#include "tests/bench/rendezvous/town.hpp"

namespace sotto::bench::rendezvous {

// Logins and connections.
void logins(Town& town, const Scale& scale);
void connect_storm(Town& town, bool restart);
// What a client costs that does nothing but ping.
struct Memory {
    std::size_t resident = 0;  // of the server
    std::size_t kernel = 0;    // of the machine: a busy one makes this part meaningless
};
[[nodiscard]] Memory memory_of(Town& town);
// `when` becomes the end of the cases' names.
void memory_per_client(Town& town, const Memory& before, std::string_view when);
void idle_cpu(Town& town, double seconds);

// Mail.
// `mosquitto`: nullptr where it is not installed.
void relay_latency(Town& town, const Place& bare, Mosquitto* mosquitto, const Scale& scale);
void relay_throughput(Town& town, const Place& bare, Mosquitto* mosquitto, const Scale& scale);
void relay_loaded(Town& town, const Scale& scale, double rate);
void mailbox(Town& town, const Scale& scale);
void presence_fanout(Town& town, const Scale& scale);

inline constexpr std::string_view suite = "rendezvous";
inline constexpr std::string_view bare_name = "bare ROUTER+CURVE";
inline constexpr std::string_view mosquitto_name = "mosquitto, TLS, QoS 1, nothing on disk";

}  // namespace sotto::bench::rendezvous
