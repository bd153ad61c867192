#include "peer/runtime/clock.hpp"

#include <chrono>
#include <ctime>

namespace sotto::peer::runtime {

namespace {

template <class Clock>
std::uint64_t milliseconds() {
    using std::chrono::milliseconds;
    const auto since = std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch());
    return since.count() < 0 ? 0
                             : static_cast<std::uint64_t>(since.count());  // a clock before 1970
}

// Time that passes while the machine sleeps counts: a closed laptop locks, and what is due is due.
std::uint64_t milliseconds_since_boot() {
    timespec now{};
    if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return milliseconds<std::chrono::steady_clock>();
    return static_cast<std::uint64_t>(now.tv_sec) * 1000U +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000U;
}

}  // namespace

Now read_clocks() {
    return {.mono = {milliseconds_since_boot()},
            .wall = {milliseconds<std::chrono::system_clock>()}};
}

}  // namespace sotto::peer::runtime
