// ./dev bench peer: what a message between two people costs, command on stdin to event on the
// other's stdout, stored durably by both. Bare alternatives run interleaved in the same run.
#include "tests/bench/peer/bare_link.hpp"
#include "tests/bench/peer/conversation.hpp"
#include "tests/bench/report.hpp"

#include <cstring>

namespace sotto::bench {
namespace {

constexpr std::size_t text_size = 200;  // docs: messages of 200 B unless said
// A text of 200 B becomes a ratchet message of 512 B.
constexpr std::size_t frame_size = 512;

struct Plan {
    std::size_t runs;
    std::size_t messages;  // per run, one at a time
    std::size_t burst;     // per run, at once
};

// The median over all runs' samples, and each run's median as its sample.
struct Times {
    std::vector<double> all;
    std::vector<double> medians;

    void add(const std::vector<double>& run) {
        all.insert(all.end(), run.begin(), run.end());
        medians.push_back(median(run));
    }
};

void report_times(std::string_view name, const Times& ours, std::string_view other,
                  const Times& theirs) {
    report("peer", std::string(name) + "_p50", {{"bytes", text_size}}, ours.medians,
           median(ours.all), "ms", less_than(other, median(theirs.all), median(ours.all)));
    report("peer", std::string(name) + "_p99", {{"bytes", text_size}}, ours.medians,
           percentile(ours.all, 0.99), "ms",
           less_than(other, percentile(theirs.all, 0.99), percentile(ours.all, 0.99)));
}

constexpr std::string_view bare_name = "ZeroMQ DEALER-ROUTER with CURVE, nothing stored";

void direct(const Plan& plan) {
    Conversation people(true);
    static_cast<void>(people.one_way_ms(plan.messages / 4, text_size));  // warm up
    Times ours;
    Times delivered;
    Times bare;
    Times disk;
    std::vector<double> rates;
    std::vector<double> bare_rates;
    std::vector<double> link_up;
    for (std::size_t run = 0; run < plan.runs; ++run) {
        bare.add(bare_one_way_ms(plan.messages, frame_size));
        ours.add(people.one_way_ms(plan.messages, text_size));
        disk.add(bare_sync_ms(people.folder(), plan.messages));
        delivered.add(people.until_delivered_ms(plan.messages / 4, text_size));
        rates.push_back(people.rate(plan.burst, text_size));
        bare_rates.push_back(bare_rate(plan.burst, frame_size));
        link_up.push_back(people.link_up_ms());
    }
    report_times("direct_one_way", ours, bare_name, bare);
    report_times("direct_until_delivered", delivered, bare_name, bare);
    report("peer", "disk_sync_p50", {{"bytes", 4096}}, disk.medians, median(disk.all), "ms",
           std::nullopt);
    report("peer", "direct_rate", {{"bytes", text_size}, {"burst", plan.burst}}, rates,
           median(rates), "1/s", more_than(bare_name, median(bare_rates), median(rates)));
    report("peer", "direct_link_up_after_unlock", {}, link_up, median(link_up), "ms", std::nullopt);
}

void relayed(const Plan& plan) {
    Conversation people(false);
    static_cast<void>(people.one_way_ms(plan.messages / 4, text_size));
    Times ours;
    Times bare;
    for (std::size_t run = 0; run < plan.runs; ++run) {
        bare.add(bare_one_way_ms(plan.messages, frame_size));
        ours.add(people.one_way_ms(plan.messages, text_size));
    }
    report_times("relayed_one_way", ours, bare_name, bare);
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
    bool quick = false;
    for (int i = 1; i < argc; ++i)
        quick = quick || std::strcmp(argv[i], "--quick") == 0;
    const sotto::bench::Plan plan =
        quick ? sotto::bench::Plan{.runs = 2, .messages = 200, .burst = 1000}
              : sotto::bench::Plan{.runs = 5, .messages = 1000, .burst = 10'000};
    sotto::bench::direct(plan);
    sotto::bench::relayed(plan);
    return 0;
}
