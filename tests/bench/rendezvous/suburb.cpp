#include "tests/bench/rendezvous/suburb.hpp"

#include "tests/bench/report.hpp"

#include <poll.h>
#include <unistd.h>

#include <numeric>

namespace sotto::bench::rendezvous {

Suburb::Suburb(const Place& place, std::size_t clients)
    : clients_(clients),
      process_("/proc/self/exe", {"--suburb", place.endpoint, crypto::to_hex(place.key.view()),
                                  std::to_string(clients)}) {
    wait_in();
}

void Suburb::wait_in() {
    // Each wait has the patience of a test; a storm of thousands may take several.
    for (int waits = 0; waits < 4; ++waits) {
        if (process_.read_line() == "in") return;
    }
    throw std::runtime_error("a suburb: " + process_.errors());
}

namespace {

// There is only one command.
enum class Told { nothing, storm, end };
Told told() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (poll(&input, 1, 0) <= 0) return Told::nothing;
    std::array<char, 64> line{};
    return read(STDIN_FILENO, line.data(), line.size()) > 0 ? Told::storm : Told::end;
}

void say_in() {
    std::puts("in");
    std::fflush(stdout);
}

}  // namespace

int run_suburb(const std::string& endpoint, const std::string& key, std::size_t clients) {
    constexpr double ping_interval_s = 30;
    constexpr std::size_t at_once = 64;
    const auto parsed = crypto::CurvePublic::parse(*crypto::from_hex(key));
    Crowd crowd({endpoint, *parsed}, make_people(clients, "suburb-"));
    std::vector<std::size_t> everybody(clients);
    std::iota(everybody.begin(), everybody.end(), std::size_t{0});
    crowd.enter(everybody, at_once, true);
    say_in();
    const Stopwatch watch;
    const double rate = static_cast<double>(clients) / ping_interval_s;
    double sent = 0;
    while (true) {
        const Told command = told();
        if (command == Told::end) return 0;
        if (command == Told::storm) {
            crowd.worker().close_all();
            crowd.enter(everybody, everybody.size(), false);
            say_in();
            sent = watch.seconds() * rate;
        }
        for (; sent < watch.seconds() * rate; ++sent)
            crowd.ask(static_cast<std::size_t>(sent) % clients, Ping{});
        crowd.worker().poll(10, [](std::size_t, ByteView) {});
    }
}

}  // namespace sotto::bench::rendezvous
