#include "ui/virtual_list.hpp"

#include "ui/semantics.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

namespace sotto::ui {

namespace {

// Measuring changes heights, which moves rows in and out of sight: repeat, but not for ever.
constexpr int settle_rounds_max = 5;
constexpr float wheel_lines = 3.0F;
constexpr float bar_width = 10.0F;
constexpr float bar_inset = 2.0F;
constexpr float bar_length_min = 32.0F;

}  // namespace

VirtualList::VirtualList(Stick stick, double row_estimate)
    : heights_(row_estimate), stick_(stick), at_end_(stick == Stick::bottom) {}

void VirtualList::rows_inserted(std::size_t at, std::size_t count) {
    const double before = scroll_;
    const double top = heights_.offset_of(std::min(at, heights_.size()));
    heights_.insert(std::min(at, heights_.size()), count);
    if (at < heights_.size() - count && top <= before && !at_end_) {
        scroll_ += heights_.offset_of(at + count) - heights_.offset_of(at);
    }
}

void VirtualList::rows_erased(std::size_t at, std::size_t count) {
    const double top = heights_.offset_of(at);
    const double bottom = heights_.offset_of(at + count);
    heights_.erase(at, count);
    if (bottom <= scroll_) {
        scroll_ -= bottom - top;
    }
}

void VirtualList::row_changed(std::size_t row) {
    if (row < heights_.size()) {
        heights_.forget(row);
    }
}

void VirtualList::reset() {
    heights_.reset(0);
    scroll_ = 0.0;
    row_wanted_ = -1;
    end_wanted_ = false;
    at_end_ = stick_ == Stick::bottom;
}

void VirtualList::scroll_to_end() {
    end_wanted_ = true;
}

void VirtualList::scroll_to_row(std::size_t row, float viewport_fraction) {
    row_wanted_ = static_cast<std::ptrdiff_t>(row);
    row_wanted_at_ = viewport_fraction;
}

void VirtualList::scroll_by(double pixels) {
    scroll_ += pixels;
    at_end_ = false;  // else the list would stick to where it was; the next draw finds out
}

void VirtualList::clamp(double viewport) {
    const double last = std::max(heights_.total() - viewport, 0.0);
    scroll_ = std::clamp(scroll_, 0.0, last);
    // Half a pixel: sums of heights that are whole numbers are exact, estimates are not.
    at_end_ = scroll_ >= last - 0.5;
}

// Measures what is visible. Rows above the first visible one keep it where it is: their change of
// height moves the scroll position, not the picture.
void VirtualList::measure_visible(const RowSource& rows, float width, double viewport) {
    const bool stay_at_end = at_end_ && stick_ == Stick::bottom;
    if (stay_at_end) {
        // From the last row upwards: nothing above it can push it down.
        double filled = 0.0;
        for (std::size_t i = rows.count; i > 0 && filled < viewport; --i) {
            if (!heights_.measured(i - 1)) {
                heights_.set(i - 1, rows.measure(i - 1, width));
            }
            filled += heights_.height_of(i - 1);
        }
        scroll_ = std::max(heights_.total() - viewport, 0.0);
        return;
    }
    std::size_t i = heights_.row_at(scroll_);
    for (double y = heights_.offset_of(i) - scroll_; i < rows.count && y < viewport; ++i) {
        if (!heights_.measured(i)) {
            const double change = heights_.set(i, rows.measure(i, width));
            const bool begins_above = y < 0.0;
            if (begins_above && change != 0.0) {
                // The row is cut by the upper edge: its lower end stays in place.
                scroll_ += change;
                y -= change;
            }
        }
        y += heights_.height_of(i);
    }
}

void VirtualList::settle(const RowSource& rows, float width, double viewport) {
    if (heights_.size() < rows.count && heights_.size() > 0) {
        heights_.append(rows.count - heights_.size());
    } else if (heights_.size() != rows.count) {
        heights_.reset(rows.count);
    }
    if (width != width_) {
        // The first visible row stays; all others are measured again when they come into sight.
        heights_.forget_all();
        width_ = width;
    }
    if (end_wanted_) {
        at_end_ = true;
        scroll_ = heights_.total();
        end_wanted_ = false;
    }
    if (row_wanted_ >= 0 && static_cast<std::size_t>(row_wanted_) < rows.count) {
        at_end_ = false;
    }
    for (int round = 0; round < settle_rounds_max; ++round) {
        if (row_wanted_ >= 0 && static_cast<std::size_t>(row_wanted_) < rows.count) {
            scroll_ = heights_.offset_of(static_cast<std::size_t>(row_wanted_)) -
                      static_cast<double>(row_wanted_at_) * viewport;
            scroll_ = std::clamp(scroll_, 0.0, std::max(heights_.total() - viewport, 0.0));
        }
        const double before = heights_.total();
        measure_visible(rows, width, viewport);
        const bool end = at_end_ && stick_ == Stick::bottom;
        clamp(viewport);
        at_end_ = at_end_ || end;
        if (heights_.total() == before) {
            break;
        }
    }
    row_wanted_ = -1;
}

void VirtualList::take_input(Kit& kit, double viewport) {
    const ImGuiIO& io = ImGui::GetIO();
    const bool hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows |
                                                ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
    double move = 0.0;
    if (hovered && io.MouseWheel != 0.0F && !io.KeyCtrl) {
        move -= static_cast<double>(io.MouseWheel * wheel_lines * kit.theme.body().size * 1.4F);
    }
    if (ImGui::IsWindowFocused() && !ImGui::GetIO().WantTextInput) {
        const double page = viewport * 0.9;
        move += ImGui::IsKeyPressed(ImGuiKey_PageDown) ? page : 0.0;
        move -= ImGui::IsKeyPressed(ImGuiKey_PageUp) ? page : 0.0;
        if (ImGui::IsKeyPressed(ImGuiKey_End)) {
            end_wanted_ = true;
        }
        if (ImGui::IsKeyPressed(ImGuiKey_Home)) {
            move = -scroll_;
        }
    }
    if (move != 0.0) {
        scroll_ += std::round(move);
        at_end_ = false;
        clamp(viewport);
    }
}

void VirtualList::draw_scrollbar(Kit& kit, ImVec2 min, ImVec2 max) {
    const double viewport = max.y - min.y;
    const double total = heights_.total();
    if (total <= viewport + 0.5) {
        bar_dragging_ = false;
        return;
    }
    const float width = kit.px(bar_width);
    const double track = viewport - 2.0 * kit.px(bar_inset);
    const double length = std::max<double>(track * viewport / total, kit.px(bar_length_min));
    const double room = track - length;
    const double span = total - viewport;
    ImGui::SetCursorScreenPos({max.x - width, min.y});
    ImGui::PushItemFlag(ImGuiItemFlags_NoNav, true);
    ImGui::InvisibleButton("##scroll", {width, static_cast<float>(viewport)});
    ImGui::PopItemFlag();
    const bool active = ImGui::IsItemActive();
    const bool hovered = ImGui::IsItemHovered() || active;
    double top = min.y + kit.px(bar_inset) + room * scroll_ / span;
    if (active) {
        const double mouse = ImGui::GetIO().MousePos.y;
        if (!bar_dragging_) {
            bar_dragging_ = true;
            const bool on_grab = mouse >= top && mouse < top + length;
            bar_grab_ = on_grab ? mouse - top : length / 2;
        }
        top = mouse - bar_grab_;
        scroll_ = std::round(std::clamp((top - min.y - kit.px(bar_inset)) / room, 0.0, 1.0) * span);
        at_end_ = false;
        clamp(viewport);
        top = min.y + kit.px(bar_inset) + room * scroll_ / span;
    } else {
        bar_dragging_ = false;
    }
    const float thick = kit.px(hovered ? 7.0F : 5.0F);
    const float right = max.x - kit.px(bar_inset);
    ImGui::GetWindowDrawList()->AddRectFilled({right - thick, std::round(static_cast<float>(top))},
                                              {right, std::round(static_cast<float>(top + length))},
                                              hovered ? kit.c().scrollbar_hover : kit.c().scrollbar,
                                              thick / 2);
}

void VirtualList::draw(Kit& kit, const char* id, ImVec2 size, const RowSource& rows) {
    constexpr auto flags = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse |
                           ImGuiWindowFlags_NoBackground;
    // Rows that can be pressed are reached with Tab, as everything else in the window.
    if (ImGui::BeginChild(id, size, ImGuiChildFlags_NavFlattened, flags)) {
        const ImVec2 min = ImGui::GetWindowPos();
        const ImVec2 extent = ImGui::GetWindowSize();
        const float width = extent.x;
        const double viewport = extent.y;
        settle(rows, width, viewport);
        take_input(kit, viewport);
        settle(rows, width, viewport);
        std::size_t i = rows.count > 0 ? heights_.row_at(scroll_) : 0;
        first_visible_ = i;
        double y = heights_.offset_of(i) - scroll_;
        // Few rows of a conversation stand at the bottom, above the input box.
        if (stick_ == Stick::bottom) {
            y += std::max(viewport - heights_.total(), 0.0);
        }
        for (; i < rows.count && y < viewport; ++i) {
            const auto height = static_cast<float>(heights_.height_of(i));
            const ImVec2 at(min.x, min.y + std::round(static_cast<float>(y)));
            ImGui::SetCursorScreenPos(at);
            ImGui::PushID(static_cast<int>(i));
            rows.draw(i, at, width, height);
            ImGui::PopID();
            y += height;
            last_visible_ = i;
        }
        draw_scrollbar(kit, min, {min.x + extent.x, min.y + extent.y});
        // ImGui wants an item after the last place the cursor was set to.
        ImGui::SetCursorScreenPos(min);
        ImGui::Dummy({0, 0});
    }
    ImGui::EndChild();
}

}  // namespace sotto::ui
