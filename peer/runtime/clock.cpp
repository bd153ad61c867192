#include "peer/runtime/clock.hpp"

#include <chrono>

namespace sotto::peer::runtime {

namespace {

template <class Clock>
std::uint64_t milliseconds() {
    using std::chrono::milliseconds;
    const auto since = std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch());
    return since.count() < 0 ? 0
                             : static_cast<std::uint64_t>(since.count());  // a clock before 1970
}

}  // namespace

Now read_clocks() {
    return {.mono = {milliseconds<std::chrono::steady_clock>()},
            .wall = {milliseconds<std::chrono::system_clock>()}};
}

}  // namespace sotto::peer::runtime
