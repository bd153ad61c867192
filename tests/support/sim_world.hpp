// One world: peers, a rendezvous, people who talk, and trouble; all from one seed.
//
// run() lets chaos happen, then heals everything and demands: all queues empty, both histories
// equal, every message exactly once and in order, every message read in the end. Invariants hold at
// all times (sim_checker.hpp).
#pragma once

#include "tests/support/sim_peer.hpp"
#include "tests/support/sim_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sotto::sim {

struct Result {
    bool good = false;
    std::string problem;      // what was wrong first, with the options
    std::uint64_t steps = 0;  // events
    std::uint64_t frames = 0;
    std::uint64_t links = 0;
    std::uint64_t messages = 0;
    std::uint64_t simulated_ms = 0;
};

class World {
public:
    explicit World(const Options& options);
    [[nodiscard]] Result run();

private:
    // What a person wants to have done, tried again until it is.
    struct Wish {
        PeerIndex from = 0;
        PeerIndex to = 0;
        bool asks = false;  // sends the contact request
        std::uint64_t texts = 0;
        bool direct = false;
    };

    void make_wishes();
    void plan_trouble();
    void plan_put_backs();
    void plan_absence();
    [[nodiscard]] bool absent() const;
    [[nodiscard]] std::uint64_t slice(std::uint64_t heal_at_ms) const;
    void pursue(std::size_t wish);
    void ask_or_accept(const Wish& wish);
    void write(const Wish& wish);
    void look(PeerIndex reader);
    [[nodiscard]] const peer::Contact* contact(PeerIndex of, PeerIndex with) const;
    [[nodiscard]] std::uint64_t written(PeerIndex from, PeerIndex to) const;
    [[nodiscard]] std::string text(const Wish& wish);
    [[nodiscard]] std::string unsatisfied() const;
    [[nodiscard]] std::string broken() const;
    void heal();

    Options options_;
    Schedule schedule_;
    Dice dice_;
    Network network_;
    SimServer server_;
    std::vector<std::unique_ptr<SimPeer>> peers_;
    std::vector<Wish> wishes_;
    std::uint64_t next_text_ = 0;
    std::uint64_t absent_from_ms_ = 0;
    std::uint64_t absent_to_ms_ = 0;
    bool healed_ = false;
};

/// One world from its options.
[[nodiscard]] Result run_world(const Options& options);

}  // namespace sotto::sim
