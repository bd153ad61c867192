// Everything about a world that is not the code under test: drawn from its seed, printed on
// failure.
#pragma once

#include <cstdint>
#include <string>

namespace sotto::sim {

// Worlds that must fail: they prove that the checker sees what it is there for.
enum class Canary : std::uint8_t {
    none,
    store_forgets_commits,   // a peer's restart finds an older state than it committed
    store_forgets_contacts,  // ... of its contacts only: numbers and received sets go back
    server_forgets_mail,     // the rendezvous loses what it has accepted
    network_shows_text,      // a frame carries the plaintext
};

struct Options {
    std::uint64_t seed = 0;
    Canary canary = Canary::none;

    std::uint64_t peers = 2;
    std::uint64_t texts_per_pair = 10;  // each way
    std::uint64_t chaos_ms = 60'000;
    bool everybody_knows_everybody = false;  // else a ring
    std::uint64_t crossing_requests = 0;     // per mille: both ask

    // The network. Delays in ms, chances per mille.
    std::uint64_t delay_min_ms = 1;
    std::uint64_t delay_max_ms = 20;
    std::uint64_t server_cut = 0;      // a frame to or from the server is lost with its connection
    std::uint64_t server_repeat = 0;   // ... is delivered twice
    std::uint64_t server_reorder = 0;  // ... may be overtaken
    std::uint64_t link_loss = 0;       // a frame on a direct link is lost, the link stays
    std::uint64_t link_cut = 0;        // ... is lost with its link
    std::uint64_t link_repeat = 0;
    std::uint64_t link_reorder = 0;
    std::uint64_t direct = 0;             // a contact allows direct links
    std::uint64_t direct_impossible = 0;  // a pair cannot reach each other
    std::uint64_t partitions = 0;         // how many, over the chaos
    std::uint64_t silent_cut = 0;         // a broken connection that only one side notices

    // The machines.
    std::uint64_t peer_crash = 0;    // per turn
    std::uint64_t commit_fails = 0;  // per turn
    std::uint64_t server_crashes = 0;
    std::uint64_t leaves = 0;  // somebody goes offline for a while
    // A copy of somebody's whole profile is put back, after a clean end of the program or a crash.
    std::uint64_t put_backs = 0;
    std::uint64_t away_days = 0;  // nobody is there, and copies from before are put back after
    std::uint64_t turn_delay_max_ms = 3;
    std::uint64_t batch_max = 4;
    std::uint64_t store_delay_max_ms = 4;
    std::uint64_t clock_jumps = 0;
    std::uint64_t clock_skew_max_ms = 0;

    [[nodiscard]] static Options draw(std::uint64_t seed);
    [[nodiscard]] std::string describe() const;
};

}  // namespace sotto::sim
