#include "tests/support/sim_options.hpp"

#include "tests/support/sim_random.hpp"

#include <sstream>

namespace sotto::sim {

Options Options::draw(std::uint64_t seed) {
    Dice dice(seed * 2 + 1);
    Options o;
    o.seed = seed;
    o.peers = dice.chance(700) ? 2 : dice.between(3, 4);
    o.texts_per_pair = dice.between(1, 14);
    o.chaos_ms = dice.between(20, 120) * 1000;
    o.everybody_knows_everybody = dice.chance(300);
    o.crossing_requests = dice.chance(400) ? 500 : 0;
    o.delay_min_ms = dice.below(30);
    o.delay_max_ms = o.delay_min_ms + dice.below(dice.chance(200) ? 2000 : 60);
    // Each kind of trouble is there in some worlds and absent in others, so that kinds meet in all
    // combinations and some worlds have only one.
    const auto trouble = [&dice](std::uint64_t likely, std::uint64_t max) {
        return dice.chance(likely) ? 1 + dice.below(max) : 0;
    };
    o.server_cut = trouble(400, 30);
    o.server_repeat = trouble(300, 100);
    o.server_reorder = trouble(300, 200);
    o.link_loss = trouble(400, 250);
    o.link_cut = trouble(300, 30);
    o.link_repeat = trouble(300, 150);
    o.link_reorder = trouble(300, 300);
    o.direct = dice.chance(600) ? 1000 : dice.below(1000);
    o.direct_impossible = trouble(250, 1000);
    o.partitions = trouble(400, 5);
    o.silent_cut = trouble(300, 500);
    o.peer_crash = trouble(500, 25);
    o.commit_fails = trouble(250, 15);
    o.server_crashes = trouble(350, 3);
    o.leaves = trouble(400, 3);
    o.turn_delay_max_ms = dice.below(20);
    o.batch_max = dice.between(1, 16);
    o.store_delay_max_ms = dice.below(30);
    o.clock_jumps = trouble(250, 4);
    o.clock_skew_max_ms = dice.chance(300) ? dice.below(86'400'000) : dice.below(2'000);
    o.put_backs = trouble(250, 2);
    // Over a rotation of keys and tokens; less than what waits lives.
    // In one seed of four: pings of the day until all is asked again make such a world cost
    // seconds.
    if (o.put_backs > 0 && o.seed % 4 == 1 && dice.chance(300)) o.away_days = dice.between(8, 12);
    return o;
}

std::string Options::describe() const {
    std::ostringstream out;
    out << "seed " << seed << ", canary " << static_cast<int>(canary) << ", " << peers << " peers, "
        << texts_per_pair << " texts per pair and way, chaos " << chaos_ms << " ms"
        << (everybody_knows_everybody ? ", complete" : ", ring") << ", crossing "
        << crossing_requests << "\n  delay " << delay_min_ms << ".." << delay_max_ms
        << " ms; server: cut " << server_cut << ", repeat " << server_repeat << ", reorder "
        << server_reorder << "; links: loss " << link_loss << ", cut " << link_cut << ", repeat "
        << link_repeat << ", reorder " << link_reorder << ", direct " << direct << ", impossible "
        << direct_impossible << "; partitions " << partitions << ", silent " << silent_cut
        << "\n  peer crash " << peer_crash << ", commit fails " << commit_fails
        << ", server crashes " << server_crashes << ", leaves " << leaves << ", put back "
        << put_backs << ", away " << away_days << " days, turn delay <= " << turn_delay_max_ms
        << ", batch <= " << batch_max << ", store delay <= " << store_delay_max_ms
        << ", clock jumps " << clock_jumps << ", skew <= " << clock_skew_max_ms << " ms";
    return out.str();
}

}  // namespace sotto::sim
