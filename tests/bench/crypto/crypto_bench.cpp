// ./dev bench crypto: sessions and messages, beside libolm and beside the bare primitives.
//
// One thread. All contenders of a case take turns in short slices, so that a busy machine is busy
// for all of them alike; ratios are of the medians. A case that nobody stands beside is not printed
// with `against`. libolm's set-up and the bare one verify no signature. Sotto's verifies eight when
// the two devices have never met ("cold"), and two when each has verified the other's certificate
// and device list before ("known"): a session that begins anew, or a device that already wrote.
// Both sign the one-time key. Suite 2 is measured cold.
#include <cstring>

#include "crypto/init.hpp"
#include "tests/bench/crypto/contender.hpp"
#include "tests/bench/report.hpp"

namespace sotto::bench {
namespace {

struct Plan {
    int runs;
    double slice_seconds;
};

double rate(const std::function<void()>& work, double seconds) {
    constexpr int batch = 8;  // looks at the clock rarely
    const Stopwatch watch;
    std::uint64_t done = 0;
    while (watch.seconds() < seconds) {
        for (int i = 0; i < batch; ++i)
            work();
        done += batch;
    }
    return static_cast<double>(done) / watch.seconds();
}

void run_case(std::string_view name, const std::vector<Contender>& all,
              std::function<void()> Contender::*work, const Plan& plan) {
    std::vector<const Contender*> who;
    for (const Contender& each : all)
        if (each.*work) who.push_back(&each);
    if (who.empty() || who.front() != &all.front()) return;
    std::vector<std::vector<double>> rates(who.size());
    for (int run = 0; run <= plan.runs; ++run)
        for (std::size_t i = 0; i < who.size(); ++i) {
            const double each = rate(who[i]->*work, plan.slice_seconds);
            if (run > 0) rates[i].push_back(each);  // the first warms up
        }
    const double ours = median(rates[0]);
    if (who.size() == 1) report("crypto", name, {}, rates[0], ours, "1/s", std::nullopt);
    for (std::size_t i = 1; i < who.size(); ++i)
        report("crypto", name, {}, rates[0], ours, "1/s",
               more_than(who[i]->name, median(rates[i]), ours));
    for (std::size_t i = 1; i < who.size(); ++i)
        report("crypto", std::string(name) + " of " + who[i]->name, {}, rates[i], median(rates[i]),
               "1/s", std::nullopt);
}

int run(bool quick) {
    const Plan plan =
        quick ? Plan{.runs = 3, .slice_seconds = 0.1} : Plan{.runs = 9, .slice_seconds = 0.5};
    std::vector<Contender> all{make_sotto(), make_bare()};
#ifdef SOTTO_OLM_VERSION
    all.push_back(make_olm());
#else
    std::fputs("libolm is not installed: nothing beside the bare primitives\n", stderr);
#endif
    run_case("one_chain_200", all, &Contender::one_chain, plan);
    run_case("ping_pong_200", all, &Contender::ping_pong, plan);
    run_case("set_up_suite1_cold", all, &Contender::set_up, plan);
    run_case("set_up_suite1_known", all, &Contender::set_up_known, plan);
    // libolm has no hybrid: its classical set-up stands beside ours.
    std::vector<Contender> hybrid = all;
    for (Contender& each : hybrid)
        if (!each.set_up_hybrid && each.name.starts_with("libolm"))
            each.set_up_hybrid = each.set_up;
    run_case("set_up_suite2_cold", hybrid, &Contender::set_up_hybrid, plan);
    return 0;
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
    sotto::crypto::initialise();
    bool quick = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") != 0) {
            std::fprintf(stderr, "usage: crypto [--quick]\n");
            return 2;
        }
        quick = true;
    }
    return sotto::bench::run(quick);
}
