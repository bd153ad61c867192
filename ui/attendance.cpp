#include "ui/attendance.hpp"

namespace sotto::ui {
namespace {

constexpr std::uint64_t ms_per_minute = 60'000;

}  // namespace

void Attendance::begin(double now_s, peer::WallTime now) {
    told_at_s_ = now_s;
    active_at_ = now;
}

Attendance::Act Attendance::frame(bool active, double now_s, peer::WallTime now,
                                  std::uint32_t lock_after_minutes) {
    if (lock_after_minutes == 0) {
        active_at_ = now;  // a limit that is set later begins then
        return Act::nothing;
    }
    const std::uint64_t away_ms = now.ms > active_at_.ms ? now.ms - active_at_.ms : 0;
    if (away_ms >= lock_after_minutes * ms_per_minute) {
        active_at_ = now;  // asked once, not in every frame until it is done
        return Act::lock;
    }
    if (!active) {
        return Act::nothing;
    }
    active_at_ = now;
    if (now_s - told_at_s_ < told_every_s) {
        return Act::nothing;
    }
    told_at_s_ = now_s;
    return Act::tell;
}

}  // namespace sotto::ui
