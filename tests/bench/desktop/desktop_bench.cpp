// ./dev bench desktop: what the person's own thread costs (goals: scrolling 4 ms of CPU per frame
// at a million messages, a letter 1 ms, 0.2 % idle, the first picture after 250 ms, 100 MB).
//
// Figures are CPU time: other programs on the machine make them hardly worse.
#include <SDL.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "child.hpp"
#include "room.hpp"
#include "tests/bench/report.hpp"

namespace sotto::bench {
namespace {

constexpr std::string_view name = "desktop";

struct Amount {
    int frames;
    int letters;
    int starts;
    int idle_s;
};
constexpr Amount full{.frames = 3000, .letters = 300, .starts = 15, .idle_s = 20};
constexpr Amount quick{.frames = 300, .letters = 60, .starts = 3, .idle_s = 3};

// Upward through the history, three notches a frame, as fast as a person turns a wheel.
void scroll(const Amount& amount, std::uint64_t messages) {
    Room room({.messages = messages});
    room.open();
    room.enter();
    std::vector<double> samples;
    for (int i = 0; i < amount.frames; ++i) {
        room.wheel(3.0F);
        samples.push_back(room.frame());
    }
    report(name, "scroll_p50", {{"messages", messages}}, samples, median(samples), "ms", {});
    report(name, "scroll_p99", {{"messages", messages}}, samples, percentile(samples, 0.99), "ms",
           {});
}

void type(const Amount& amount, std::uint64_t messages) {
    Room room({.messages = messages});
    room.open();
    room.enter();
    std::vector<double> samples;
    for (int i = 0; i < amount.letters; ++i) {
        room.type(i % 6 == 5 ? " " : "a");
        samples.push_back(room.frame());
        room.frame();  // what follows a letter is not the person's wait
    }
    report(name, "type_letter", {{"messages", messages}}, samples, median(samples), "ms", {});
}

void receive(const Amount& amount, std::uint64_t messages) {
    Room room({.messages = messages});
    room.open();
    room.enter();
    std::vector<double> samples;
    for (int i = 0; i < amount.letters; ++i) {
        room.receive("A message that arrives while somebody looks, " + std::to_string(i));
        samples.push_back(room.frame());
        room.settle();
    }
    report(name, "message_arrives", {{"messages", messages}}, samples, median(samples), "ms", {});
}

// The caret blinks in the box, nothing else happens. On a real X server, be it one without a
// screen: without any, SDL looks for events a thousand times a second.
int idle_child(int seconds) {
    Room room({.messages = 100'000, .driver = "x11", .fixed_time = false});
    SDL_SetWindowInputFocus(room.window().sdl());
    room.open();
    room.enter();
    std::mutex mutex;
    std::condition_variable never;
    std::atomic<bool> stop{false};
    const double before = process_cpu_ms();
    const std::jthread alarm([&] {
        std::unique_lock lock(mutex);
        never.wait_for(lock, std::chrono::seconds(seconds), [] { return false; });
        stop = true;
        room.window().wake();
    });
    room.window().run([&](ui::Kit& kit) {
        room.draw(kit);
        if (stop) room.window().quit();
    });
    std::printf("%f\n", (process_cpu_ms() - before) / (seconds * 1e3) * 100.0);
    return 0;
}

void idle(const Amount& amount) {
    const auto share = ask_child("idle " + std::to_string(amount.idle_s), Display::needed);
    if (share) {
        report(name, "idle", {}, {*share}, *share, "% CPU", {});
    } else {
        std::fprintf(stderr,
                     "desktop: idle is left out: no display, and no xvfb-run to make one\n");
    }
}

void starts(const Amount& amount) {
    std::vector<double> samples;
    for (int i = 0; i < amount.starts; ++i) {
        if (const auto ms = ask_child("start")) samples.push_back(*ms);
    }
    if (!samples.empty()) {
        report(name, "first_frame", {}, samples, median(samples), "ms", {});
    }
    for (const auto& [argument, messages] :
         {std::pair<const char*, std::uint64_t>{"memory-small", 10'000},
          {"memory-large", 1'000'000}}) {
        if (const auto mb = ask_child(argument)) {
            report(name, "memory", {{"messages", messages}}, {*mb}, *mb, "MB", {});
        }
    }
}

// --- as a child

int first_frame() {
    Room room({});
    room.lock();
    while (!room.presented())
        room.frame();
    std::printf("%f\n", process_cpu_ms());
    return 0;
}

// After some scrolling, with texts of several scripts.
int memory(std::uint64_t messages) {
    Room room({.messages = messages, .contacts = 300});
    room.open();
    room.enter();
    for (int i = 0; i < 1000; ++i) {
        room.wheel(3.0F);
        room.frame();
    }
    std::printf("%f\n", resident_mb());
    return 0;
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
    using namespace sotto::bench;
    const std::string_view argument = argc > 1 ? argv[1] : "";
    if (argument == "--child-idle" && argc > 2) return idle_child(std::atoi(argv[2]));
    if (argument == "--child-start") return first_frame();
    if (argument == "--child-memory-small") return memory(10'000);
    if (argument == "--child-memory-large") return memory(1'000'000);
    const Amount& amount = argument == "--quick" ? quick : full;
    starts(amount);
    for (const std::uint64_t messages : {std::uint64_t{10'000}, std::uint64_t{1'000'000}}) {
        scroll(amount, messages);
        type(amount, messages);
        receive(amount, messages);
    }
    idle(amount);
    return 0;
}
