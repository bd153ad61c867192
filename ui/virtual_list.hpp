// A scrolling list of rows of different heights, for a million messages.
//
// Measures only rows that are visible, keeps the first visible row where it is when heights above
// it turn out different (anchor), and stays at the bottom when it was there (sticky). Own scrollbar
// and double positions: ImGui's own scrolling counts in floats. One object per list; ui thread,
// within a frame.
#pragma once

#include "ui/kit.hpp"
#include "ui/row_heights.hpp"

#include <imgui.h>

#include <cstddef>
#include <functional>

namespace sotto::ui {

struct RowSource {
    std::size_t count = 0;
    std::function<double(std::size_t row, float width)> measure;
    // Draw at the screen position; ImGui's cursor stands there too. Called for visible rows only.
    std::function<void(std::size_t row, ImVec2 top_left, float width, float height)> draw;
};

class VirtualList {
public:
    enum class Stick : bool { top, bottom };
    explicit VirtualList(Stick stick, double row_estimate = 60.0);

    // Draws into a child window of this size at the ImGui cursor.
    void draw(Kit& kit, const char* id, ImVec2 size, const RowSource& rows);

    // Tell it what happened to the rows, before the next draw(). A `count` that grew without a word
    // means appended rows; any other difference means reset().
    void rows_inserted(std::size_t at, std::size_t count);
    void rows_erased(std::size_t at, std::size_t count);
    void row_changed(std::size_t row);
    void reset();

    void scroll_to_end();
    void scroll_to_row(std::size_t row, float viewport_fraction = 0.4F);
    void scroll_by(double pixels);

    [[nodiscard]] bool at_end() const { return at_end_; }
    [[nodiscard]] std::size_t first_visible() const { return first_visible_; }
    [[nodiscard]] std::size_t last_visible() const { return last_visible_; }
    [[nodiscard]] double scroll() const { return scroll_; }
    [[nodiscard]] const RowHeights& heights() const { return heights_; }

private:
    void settle(const RowSource& rows, float width, double viewport);
    void measure_visible(const RowSource& rows, float width, double viewport);
    void take_input(Kit& kit, double viewport);
    void draw_scrollbar(Kit& kit, ImVec2 min, ImVec2 max);
    void clamp(double viewport);

    RowHeights heights_;
    Stick stick_;
    double scroll_ = 0.0;
    bool at_end_ = true;
    bool end_wanted_ = false;
    std::ptrdiff_t row_wanted_ = -1;
    float row_wanted_at_ = 0.4F;
    std::size_t first_visible_ = 0;
    std::size_t last_visible_ = 0;
    float width_ = 0.0F;
    bool bar_dragging_ = false;
    double bar_grab_ = 0.0;
};

}  // namespace sotto::ui
