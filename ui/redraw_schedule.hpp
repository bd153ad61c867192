// When to draw the next frame: after events, and never otherwise (ui.md section 2).
//
// Three frames follow each event, because ImGui needs up to two to settle; for 0.7 s after the
// mouse moved there is a frame every 100 ms, because tooltips appear by time; a blinking caret and
// animations ask for theirs. Pure: time is passed in, in milliseconds of any steady clock.
#pragma once

#include <cstdint>

namespace sotto::ui {

class RedrawSchedule {
public:
    static constexpr int settle_frames = 3;
    static constexpr std::int64_t hover_period_ms = 100;
    static constexpr std::int64_t hover_time_ms = 700;
    static constexpr std::int64_t blink_period_ms = 530;
    static constexpr std::int64_t animation_period_ms = 33;
    static constexpr std::int64_t idle_ms = 3'600'000;

    void event() { settle_ = settle_frames; }
    void mouse_moved(std::int64_t now_ms);

    struct Wishes {
        bool caret_blinks = false;
        bool animating = false;
        bool input_left = false;  // ImGui spread queued events over frames: draw again at once
        std::int64_t wake_in_ms = 0;
    };
    void frame_drawn(std::int64_t now_ms, const Wishes& wishes);

    // How long to wait for an event before drawing anyway; 0: draw now.
    [[nodiscard]] std::int64_t wait_ms(std::int64_t now_ms) const;

private:
    int settle_ = settle_frames;
    std::int64_t hover_until_ms_ = -1;
    std::int64_t last_frame_ms_ = 0;
    std::int64_t wake_at_ms_ = -1;
    Wishes wishes_;
};

}  // namespace sotto::ui
