// Idle clients in a process of their own: two descriptors each are more than one process may have.
//
// They log in, ping every 30 s as clients do, and come back all at once when told. A Town has one
// when it does not hold everybody itself.
#pragma once

#include "tests/bench/rendezvous/swarm.hpp"
#include "tests/e2e/process.hpp"

namespace sotto::bench::rendezvous {

class Suburb {
public:
    // Returns when all are logged in.
    Suburb(const Place& place, std::size_t clients);
    // All drop their connections and come back; wait_in() returns when they are.
    void begin_storm() { process_.write("storm\n"); }
    void wait_in();
    [[nodiscard]] std::size_t size() const { return clients_; }

private:
    std::size_t clients_;
    e2e::Process process_;
};

// The other process: main() with --suburb ENDPOINT HEXKEY CLIENTS. Until its standard input ends.
[[nodiscard]] int run_suburb(const std::string& endpoint, const std::string& key,
                             std::size_t clients);

}  // namespace sotto::bench::rendezvous
