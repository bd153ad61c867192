// What the protocol core costs of a message: step() of both peers, with the real cryptography and
// without disk and network. "one way" is command to event; "round trip" adds the receipt.
//
// Options: --quick.
#include <time.h>

#include <cstring>
#include <string>
#include <vector>

#include "crypto/init.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/sim_town.hpp"

namespace sotto::bench {
namespace {

using namespace peer;  // NOLINT: a program, not a header

constexpr std::size_t message_size = 200;

// Time on the processor: step() waits for nothing, and other programs do not count.
double cpu_seconds() {
    timespec now{};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Two friends with a direct link whose engines are stepped by hand.
class Pair {
public:
    explicit Pair(bool direct) : town_(2) {
        town_.befriend(0, 1, direct);
        town_.run_for(20'000);
        crypto::ensure(town_.linked(0, 1) == direct, "the pair is linked as asked");
    }

    // Both engines do everything a text asks of them: frames go to and fro until there are none.
    struct Cost {
        double one_way_us = 0;     // command to event
        double round_trip_us = 0;  // all that both do for it, receipt included
    };
    Cost message(std::size_t from, std::size_t batch) {
        const std::size_t to = 1 - from;
        std::vector<Input> texts(
            batch, SendText{.to = town_.account(to), .text = std::string(message_size, 'x')});
        double seconds = 0;
        const auto frames = run(from, texts, to, seconds);
        auto answers = run(to, frames, from, seconds);
        const double one_way = seconds;
        // The receipt follows a moment later.
        clock_ms_ += 2;
        for (const Input& receipt : run(to, {}, from, seconds))
            answers.push_back(receipt);
        const auto rest = run(from, answers, to, seconds);
        (void)run(to, rest, from, seconds);
        const auto count = static_cast<double>(batch);
        return {.one_way_us = one_way * 1e6 / count, .round_trip_us = seconds * 1e6 / count};
    }

private:
    // One batch of inputs and the tick after it, as the runtime does; the frames for the other
    // side.
    std::vector<Input> run(std::size_t who, const std::vector<Input>& inputs, std::size_t other,
                           double& seconds) {
        engine::Engine& engine = town_.peer(who).engine();
        Now now = town_.peer(who).now();
        now.mono.ms += clock_ms_;
        now.wall.ms += clock_ms_;
        std::vector<NetworkOutput> sends;
        const double start = cpu_seconds();
        for (const Input& input : inputs)
            collect(engine.step(now, random_, input), sends);
        const auto due = engine.next_deadline();
        if (due && *due <= now.mono) collect(engine.step(now, random_, Tick{}), sends);
        seconds += cpu_seconds() - start;
        std::vector<Input> frames;
        for (const NetworkOutput& send : sends) {
            const auto* frame = std::get_if<SendToPeer>(&send);
            if (frame == nullptr) continue;
            const auto end = town_.network().other_end(who, frame->link);
            if (end && end->peer == other) {
                frames.emplace_back(PeerFrame{.link = end->link, .frame = frame->frame});
            }
        }
        return frames;
    }
    static void collect(Outputs out, std::vector<NetworkOutput>& sends) {
        std::move(out.sends.begin(), out.sends.end(), std::back_inserter(sends));
    }

    sim::Town town_;
    std::uint64_t clock_ms_ = 0;
    crypto::SystemRandom random_;
};

// Medians over `runs` fresh pairs of the means over `messages`.
struct Samples {
    std::vector<double> one_way;
    std::vector<double> round_trip;
};
Samples sample(int runs, int messages, std::size_t batch, bool to_and_fro) {
    Samples samples;
    for (int run = 0; run < runs; ++run) {
        Pair pair(true);
        double one_way = 0;
        double round_trip = 0;
        for (int i = 0; i < messages; ++i) {
            const auto from = static_cast<std::size_t>(to_and_fro ? i % 2 : 0);
            const auto cost = pair.message(from, batch);
            one_way += cost.one_way_us;
            round_trip += cost.round_trip_us;
        }
        samples.one_way.push_back(one_way / messages);
        samples.round_trip.push_back(round_trip / messages);
    }
    return samples;
}

void show(std::string_view name, const std::vector<double>& samples,
          const std::optional<Against>& against) {
    report("engine", name, {{"bytes", message_size}}, samples, median(samples), "us", against);
}

void measure(int runs, int messages) {
    const Samples same = sample(runs, messages, 1, false);
    const Samples alternating = sample(runs, messages, 1, true);
    const Samples batched = sample(runs, messages / 64 + 1, 64, false);
    const auto goal = [](const std::vector<double>& samples) {
        return less_than("goal of 60 us", 60, median(samples));
    };
    show("direct_one_way", same.one_way, goal(same.one_way));
    show("direct_one_way_alternating", alternating.one_way, goal(alternating.one_way));
    show("direct_with_receipt", same.round_trip, std::nullopt);
    show("direct_with_receipt_64_together", batched.round_trip, std::nullopt);
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
    sotto::crypto::initialise();
    const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    sotto::bench::measure(quick ? 3 : 7, quick ? 200 : 2'000);
}
