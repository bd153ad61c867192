#include "tests/bench/rendezvous/cases.hpp"
#include "tests/bench/report.hpp"

#include <atomic>
#include <cstring>
#include <numeric>

namespace sotto::bench::rendezvous {

namespace {

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// A pair of clients of the bare router.
class BarePair {
public:
    explicit BarePair(const Place& bare) : worker_(bare, 2) {
        for (std::uint32_t i = 0; i < 2; ++i) {
            worker_.connect(i);
            Bytes hello(sizeof i);
            std::memcpy(hello.data(), &i, sizeof i);
            worker_.send(i, hello);
        }
        // Until both are known: the first message that comes through says so.
        Bytes frame(sizeof(std::uint32_t) + 1);
        frame[0] = 1;
        bool through = false;
        while (!through) {
            worker_.send(0, frame);
            worker_.poll(10, [&](std::size_t, ByteView) { through = true; });
        }
        for (int quiet = 0; quiet < 5; ++quiet)
            worker_.poll(10, [&](std::size_t, ByteView) { quiet = 0; });
    }
    double one_way_ms() {
        Bytes frame(sizeof(std::uint32_t) + item_bytes, 7);
        const std::uint32_t to = 1;
        std::memcpy(frame.data(), &to, sizeof to);
        bool there = false;
        const Stopwatch watch;
        worker_.send(0, frame);
        while (!there)
            worker_.poll(1000, [&](std::size_t, ByteView) { there = true; });
        return watch.seconds() * 1e3;
    }

private:
    Worker worker_;
};

// From handing it to the socket to holding it at the recipient.
double one_way_ms(Crowd& crowd, bool stored) {
    bool there = false;
    bool accepted = false;
    double ms = 0;
    const Stopwatch watch;
    crowd.ask(0, mail(crowd.person(1), new_numbers(1), stored));
    while (!there || !accepted) {
        crowd.worker().poll(1000, [&](std::size_t i, ByteView bytes) {
            const ReplyFrame frame = decoded(bytes);
            if (std::holds_alternative<Accepted>(frame.reply)) accepted = true;
            const auto* got = std::get_if<Mail>(&frame.reply);
            if (got == nullptr) return;
            ms = watch.seconds() * 1e3;
            there = true;
            if (got->row != 0) crowd.ask(i, AckMail{{got->row}}, 0);
        });
    }
    return ms;
}

void report_latency(std::string_view name, std::size_t clients, const std::vector<double>& samples,
                    std::string_view other, const std::vector<double>& others) {
    if (others.empty()) return;
    for (const auto& [share, unit] : {std::pair{0.5, "ms_p50"}, std::pair{0.99, "ms_p99"}}) {
        const double value = percentile(samples, share);
        report(suite, name, {{"clients", clients}}, samples, value, unit,
               less_than(other, percentile(others, share), value));
    }
}

}  // namespace

// One message at a time, beside the bare router.
void relay_latency(Town& town, const Place& bare, Mosquitto* mosquitto, const Scale& scale) {
    BarePair pair(bare);
    std::vector<double> stored;
    std::vector<double> typing;
    std::vector<double> bare_ms;
    std::vector<double> mosquitto_ms;
    Crowd& crowd = town.crowd(0);
    for (int i = 0; i < scale.latency_samples; ++i) {
        stored.push_back(one_way_ms(crowd, true));
        typing.push_back(one_way_ms(crowd, false));
        bare_ms.push_back(pair.one_way_ms());
        if (mosquitto != nullptr) mosquitto_ms.push_back(mosquitto->one_way_ms());
    }
    report_latency("relay_latency", town.size(), stored, bare_name, bare_ms);
    report_latency("relay_latency", town.size(), stored, mosquitto_name, mosquitto_ms);
    report_latency("relay_latency_not_stored", town.size(), typing, bare_name, bare_ms);
    report_latency("relay_latency_not_stored", town.size(), typing, mosquitto_name, mosquitto_ms);
}

namespace {

// Everybody who is active plays ping-pong with a neighbour: each has one message on its way.
double play(Town& town, std::size_t active, double seconds) {
    std::atomic<std::uint64_t> delivered{0};
    const Stopwatch watch;
    town.each([&](Crowd& crowd, std::size_t) {
        const std::size_t players = active / workers;
        std::size_t on_their_way = 0;
        const auto serve = [&](std::size_t i) {
            crowd.ask(i, mail(crowd.person(i ^ 1U), new_numbers(1)));
            ++on_their_way;
        };
        for (std::size_t i = 0; i < players; ++i)
            serve(i);
        std::uint64_t mine = 0;
        while (on_their_way > 0) {
            crowd.worker().poll(100, [&](std::size_t i, ByteView bytes) {
                const ReplyFrame frame = decoded(bytes);
                const auto* got = std::get_if<Mail>(&frame.reply);
                if (got == nullptr) return;
                crowd.ask(i, AckMail{{got->row}}, 0);
                --on_their_way;
                if (watch.seconds() >= seconds) return;
                ++mine;
                serve(i);
            });
        }
        delivered += mine;
    });
    return static_cast<double>(delivered) / seconds;
}

double play_bare(const Place& bare, std::size_t active, double seconds) {
    std::atomic<std::uint64_t> delivered{0};
    {
        std::vector<std::jthread> threads;
        for (std::uint32_t w = 0; w < workers; ++w) {
            threads.emplace_back([&, w] {
                const auto players = static_cast<std::uint32_t>(active / workers);
                const std::uint32_t first = 100 + w * players;
                Worker worker(bare, players);
                Bytes frame(sizeof(std::uint32_t) + item_bytes, 7);
                const auto send = [&](std::size_t from, std::uint32_t number, std::size_t size) {
                    std::memcpy(frame.data(), &number, sizeof number);
                    worker.send(from, ByteView(frame).first(size));
                };
                // A message to oneself, until it came: then the router knows this client.
                std::vector<bool> known(players);
                std::size_t count = 0;
                for (std::uint32_t i = 0; i < players; ++i) {
                    worker.connect(i);
                    send(i, first + i, sizeof first);
                    send(i, first + i, frame.size());
                }
                while (count < players) {
                    worker.poll(100, [&](std::size_t i, ByteView) {
                        if (!known[i]) ++count;
                        known[i] = true;
                    });
                }
                const Stopwatch watch;
                std::uint64_t mine = 0;
                for (std::uint32_t i = 0; i < players; ++i)
                    send(i, first + (i ^ 1U), frame.size());
                while (watch.seconds() < seconds) {
                    worker.poll(100, [&](std::size_t i, ByteView) {
                        ++mine;
                        send(i, first + (static_cast<std::uint32_t>(i) ^ 1U), frame.size());
                    });
                }
                delivered += mine;
            });
        }
    }
    return static_cast<double>(delivered) / seconds;
}

}  // namespace

void relay_throughput(Town& town, const Place& bare, Mosquitto* mosquitto, const Scale& scale) {
    constexpr std::size_t most_active = 1000;
    const std::size_t active = std::min(town.here(), most_active);
    std::vector<double> rates;
    std::vector<double> bare_rates;
    std::vector<double> mosquitto_rates;
    std::vector<double> mosquitto_cpu;
    double mosquitto_kib = 0;
    Meter meter(town);
    for (int run = 0; run < scale.runs; ++run) {
        meter.begin();
        rates.push_back(play(town, active, scale.seconds));
        meter.end(rates.back() * scale.seconds);
        bare_rates.push_back(play_bare(bare, active, scale.seconds));
        if (mosquitto == nullptr) continue;
        const Mosquitto::Played played = mosquitto->play(active, scale.seconds);
        mosquitto_rates.push_back(played.rate);
        mosquitto_cpu.push_back(played.server_cpu_us);
        if (run == 0) mosquitto_kib = played.memory_kib;  // later ones use what was freed
    }
    report(suite, "relay", {{"clients", town.size()}}, rates, median(rates), "1/s",
           more_than(bare_name, median(bare_rates), median(rates)));
    meter.report("relay");
    if (mosquitto == nullptr) return;
    report(suite, "relay", {{"clients", town.size()}}, rates, median(rates), "1/s",
           more_than(mosquitto_name, median(mosquitto_rates), median(rates)));
    report(suite, "mosquitto_server_cpu", {{"clients", active}}, mosquitto_cpu,
           median(mosquitto_cpu), "us", {});
    report(suite, "mosquitto_memory_per_client", {{"clients", active}}, {mosquitto_kib},
           mosquitto_kib, "KiB", {});
}

// `rate` messages a second, sent by the clock: waiting in line counts as time on the way.
void relay_loaded(Town& town, const Scale& scale, double rate) {
    constexpr std::size_t most_active = 1000;
    const std::size_t active = std::min(town.here(), most_active) / workers;
    std::array<std::vector<double>, workers> samples;
    std::array<std::size_t, workers> refused{};  // by a server that has too much to do
    town.each([&](Crowd& crowd, std::size_t worker) {
        const double mine = rate / workers;
        std::uint64_t sent = 0;
        std::uint64_t accepted = 0;
        const std::uint64_t start = now_ns();
        const Stopwatch watch;
        const auto take = [&](std::size_t i, ByteView bytes) {
            const auto frame = decode_reply(bytes);
            if (!frame) throw std::runtime_error("the server sent what no client reads");
            if (std::holds_alternative<Accepted>(frame->reply)) ++accepted;
            // (An acknowledgement that was refused has no number; its mail comes again.)
            if (std::holds_alternative<Error>(frame->reply) && frame->id != 0) ++refused[worker];
            const auto* got = std::get_if<Mail>(&frame->reply);
            if (got == nullptr) return;
            std::uint64_t due = 0;
            std::memcpy(&due, got->item.data(), sizeof due);
            samples[worker].push_back(static_cast<double>(now_ns() - due) / 1e6);
            crowd.ask(i, AckMail{{got->row}}, 0);
        };
        while (watch.seconds() < scale.seconds) {
            for (; static_cast<double>(sent) < watch.seconds() * mine; ++sent) {
                const std::size_t from = sent % active;
                PutMail put = mail(crowd.person(from ^ 1U), new_numbers(1));
                const std::uint64_t due =
                    start + static_cast<std::uint64_t>(static_cast<double>(sent) / mine * 1e9);
                std::memcpy(put.item.data(), &due, sizeof due);
                crowd.ask(from, std::move(put));
            }
            crowd.worker().poll(1, take);
        }
        // An overloaded server may never deliver some: the next login brings them.
        constexpr double patience_s = 20;
        while (std::min(samples[worker].size(), accepted) + refused[worker] < sent &&
               watch.seconds() < scale.seconds + patience_s)
            crowd.worker().poll(100, take);
    });
    std::vector<double> all = samples[0];
    all.insert(all.end(), samples[1].begin(), samples[1].end());
    for (const auto& [share, unit] : {std::pair{0.5, "ms_p50"}, std::pair{0.99, "ms_p99"}}) {
        report(suite, "relay_loaded",
               {{"clients", town.size()}, {"rate", static_cast<std::uint64_t>(rate)}}, all,
               percentile(all, share), unit, {});
    }
    const double share = 100 * static_cast<double>(refused[0] + refused[1]) /
                         static_cast<double>(all.size() + refused[0] + refused[1]);
    report(suite, "relay_loaded_refused",
           {{"clients", town.size()}, {"rate", static_cast<std::uint64_t>(rate)}}, {share}, share,
           "%", {});
}

}  // namespace sotto::bench::rendezvous
