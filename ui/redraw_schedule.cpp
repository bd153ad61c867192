#include "ui/redraw_schedule.hpp"

#include <algorithm>

namespace sotto::ui {

void RedrawSchedule::mouse_moved(std::int64_t now_ms) {
    event();
    hover_until_ms_ = now_ms + hover_time_ms;
}

void RedrawSchedule::frame_drawn(std::int64_t now_ms, const Wishes& wishes) {
    last_frame_ms_ = now_ms;
    wishes_ = wishes;
    wake_at_ms_ = wishes.wake_in_ms > 0 ? now_ms + wishes.wake_in_ms : -1;
    settle_ = std::max(settle_ - 1, wishes.input_left ? 1 : 0);
}

std::int64_t RedrawSchedule::wait_ms(std::int64_t now_ms) const {
    if (settle_ > 0) {
        return 0;
    }
    std::int64_t at = last_frame_ms_ + idle_ms;
    if (wishes_.animating) {
        at = std::min(at, last_frame_ms_ + animation_period_ms);
    }
    if (wishes_.caret_blinks) {
        at = std::min(at, last_frame_ms_ + blink_period_ms);
    }
    if (now_ms < hover_until_ms_) {
        at = std::min(at, last_frame_ms_ + hover_period_ms);
    }
    if (wake_at_ms_ >= 0) {
        at = std::min(at, wake_at_ms_);
    }
    return std::max<std::int64_t>(at - now_ms, 0);
}

}  // namespace sotto::ui
