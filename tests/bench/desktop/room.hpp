// A desktop without a display and without an engine: one person's home and a conversation whose
// history answers from numbers, so that a million messages cost the benchmark no disk.
//
// What the engine's threads would do (making a page) is not counted; what the ui thread does is:
// taking the changes, building the frame, drawing it. CPU time of this thread, not wall time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ui/desktop.hpp"
#include "ui/window.hpp"

namespace sotto::bench {

struct RoomOptions {
    std::uint64_t messages = 0;  // in the open conversation
    unsigned contacts = 30;
    const char* driver = "dummy";  // SDL's name for where windows go
    bool fixed_time = true;        // 1/60 s per frame
};

class Room {
public:
    explicit Room(const RoomOptions& options);

    /// The locked program's first picture, or the home.
    void lock();
    void open();
    /// Opens the conversation with the million and lets the picture rest.
    void enter();

    /// One frame with whatever was asked for in the last one. CPU milliseconds.
    double frame();
    void settle();
    [[nodiscard]] bool presented() const { return presented_; }

    void wheel(float notches);
    void type(const std::string& text);
    void receive(const std::string& text);

    [[nodiscard]] ui::Window& window() { return *window_; }
    void draw(ui::Kit& kit);

private:
    void answer(const peer::LoadHistory& asked);
    [[nodiscard]] peer::Message numbered(std::uint64_t row) const;

    RoomOptions options_;
    ui::Desktop desktop_;
    std::unique_ptr<ui::Window> window_;
    std::vector<peer::ViewChange> arrived_;
    std::vector<peer::LoadHistory> asked_;
    std::uint64_t newest_;
    bool presented_ = false;
};

/// Of this thread, in milliseconds.
[[nodiscard]] double thread_cpu_ms();
/// Of the whole program.
[[nodiscard]] double process_cpu_ms();

}  // namespace sotto::bench
