// Whether a person is there: tells the engine, which locks by itself when nobody was for long.
//
// The engine counts awake time; a machine that slept through the time is noticed here, by the wall
// clock, before the first movement after it counts as somebody being there. A wall clock set
// forward by hours locks once too often, which costs a passphrase. Pure: clocks are passed in.
#pragma once

#include "peer/model.hpp"

#include <cstdint>

namespace sotto::ui {

class Attendance {
public:
    // The engine wants to hear of it "once every few seconds".
    static constexpr double told_every_s = 5.0;

    enum class Act : std::uint8_t { nothing, tell, lock };

    // The vault was opened: somebody is there.
    void begin(double now_s, peer::WallTime now);
    // Once per frame. `active`: a key, the mouse or a finger moved since the last one;
    // `lock_after_minutes`: 0 = never.
    [[nodiscard]] Act frame(bool active, double now_s, peer::WallTime now,
                            std::uint32_t lock_after_minutes);

private:
    double told_at_s_ = 0.0;
    peer::WallTime active_at_;
};

}  // namespace sotto::ui
