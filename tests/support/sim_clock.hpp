// Simulated time and what happens in it: one heap ordered by (time, sequence), one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace sotto::sim {

class Schedule {
public:
    [[nodiscard]] std::uint64_t now_ms() const { return now_ms_; }
    void after(std::uint64_t delay_ms, std::function<void()> what) {
        heap_.push({now_ms_ + delay_ms, next_++, std::move(what)});
    }
    /// Runs everything up to and including `until_ms`.
    void run_until(std::uint64_t until_ms) {
        while (!heap_.empty() && heap_.top().at_ms <= until_ms) {
            // A priority queue gives no way to move out its top; the copy is of a small closure.
            const Event event = heap_.top();
            heap_.pop();
            now_ms_ = event.at_ms;
            ++steps_;
            event.what();
        }
        now_ms_ = until_ms;
    }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    struct Event {
        std::uint64_t at_ms;
        std::uint64_t order;
        std::function<void()> what;
        bool operator<(const Event& other) const {
            return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
        }
    };
    std::priority_queue<Event> heap_;
    std::uint64_t now_ms_ = 1'000;  // not 0: nothing may depend on the start
    std::uint64_t next_ = 0;
    std::uint64_t steps_ = 0;
};

}  // namespace sotto::sim
