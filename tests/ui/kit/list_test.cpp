#include "support/driver.hpp"
#include "ui/redraw_schedule.hpp"
#include "ui/row_heights.hpp"
#include "ui/virtual_list.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace sotto::ui;

TEST(RowHeights, AgreesWithAPlainSum) {
    std::mt19937 random(3);  // NOLINT
    RowHeights rows(10.0);
    std::vector<double> plain;
    for (int round = 0; round < 400; ++round) {
        const std::size_t at = random() % (plain.size() + 1);
        switch (random() % 4) {
            case 0:
                rows.append(3);
                plain.insert(plain.end(), 3, 10.0);
                break;
            case 1:
                rows.insert(at, 2);
                plain.insert(plain.begin() + static_cast<std::ptrdiff_t>(at), 2, 10.0);
                break;
            case 2:
                if (at < plain.size()) {
                    rows.erase(at, 1);
                    plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(at));
                }
                break;
            default:
                if (at < plain.size()) {
                    plain[at] = static_cast<double>(random() % 100);
                    rows.set(at, plain[at]);
                }
        }
        ASSERT_EQ(rows.size(), plain.size());
        const std::size_t row = random() % (plain.size() + 1);
        const double sum =
            std::accumulate(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(row), 0.0);
        ASSERT_DOUBLE_EQ(rows.offset_of(row), sum);
        if (row < plain.size() && plain[row] > 0) {
            EXPECT_EQ(rows.row_at(sum + plain[row] / 2), row);
        }
    }
}

TEST(RowHeights, AMillionRowsStayExact) {
    RowHeights rows(60.0);
    rows.reset(1'000'000);
    rows.set(999'999, 61.0);
    EXPECT_DOUBLE_EQ(rows.total(), 60'000'001.0);
    EXPECT_EQ(rows.row_at(59'999'940.5), 999'999U);
    EXPECT_EQ(rows.row_at(1e12), 999'999U);
    EXPECT_EQ(rows.row_at(-5.0), 0U);
}

TEST(RedrawSchedule, ThreeFramesThenSleep) {
    RedrawSchedule schedule;
    schedule.event();
    for (std::int64_t t = 0; t < 3; ++t) {
        EXPECT_EQ(schedule.wait_ms(t), 0);
        schedule.frame_drawn(t, {});
    }
    EXPECT_GT(schedule.wait_ms(3), 1'000'000);
}

TEST(RedrawSchedule, WishesSetTheNextFrame) {
    RedrawSchedule schedule;
    for (int i = 0; i < 3; ++i) {
        schedule.frame_drawn(1000, {.caret_blinks = true});
    }
    EXPECT_EQ(schedule.wait_ms(1000), RedrawSchedule::blink_period_ms);
    schedule.frame_drawn(2000, {.animating = true});
    EXPECT_EQ(schedule.wait_ms(2010), RedrawSchedule::animation_period_ms - 10);
    schedule.frame_drawn(3000, {.wake_in_ms = 250});
    EXPECT_EQ(schedule.wait_ms(3000), 250);
    schedule.frame_drawn(4000, {.input_left = true});
    EXPECT_EQ(schedule.wait_ms(4000), 0);
}

TEST(RedrawSchedule, TooltipsComeByTime) {
    RedrawSchedule schedule;
    schedule.mouse_moved(0);
    for (int i = 0; i < 3; ++i) {
        schedule.frame_drawn(5, {});
    }
    EXPECT_EQ(schedule.wait_ms(5), RedrawSchedule::hover_period_ms);
    schedule.frame_drawn(705, {});
    EXPECT_GT(schedule.wait_ms(705), 1'000'000);
}

// A list of rows whose heights are known only once they are seen.
class ListTest : public ::testing::Test {
protected:
    ListTest() : window_(Window::open({.width = 400, .height = 600, .fixed_time = true}).window) {}

    void frame() {
        const RowSource source{heights_.size(),
                               [this](std::size_t row, float) {
                                   ++measured_;
                                   return heights_[row];
                               },
                               [this](std::size_t row, ImVec2 at, float, float) {
                                   if (row == watched_) {
                                       watched_y_ = at.y;
                                   }
                               }};
        window_->frame([&](Kit& kit) {
            ImGui::SetCursorScreenPos({0, 0});
            list_.draw(kit, "list", {400, 600}, source);
        });
    }

    std::unique_ptr<Window> window_;
    std::vector<double> heights_;
    VirtualList list_{VirtualList::Stick::bottom, 50.0};
    std::size_t measured_ = 0;
    std::size_t watched_ = 0;
    float watched_y_ = -1.0F;
};

TEST_F(ListTest, MeasuresOnlyWhatIsSeen) {
    heights_.assign(100'000, 40.0);
    frame();
    EXPECT_TRUE(list_.at_end());
    EXPECT_EQ(list_.last_visible(), 99'999U);
    EXPECT_LE(measured_, 16U);
}

TEST_F(ListTest, StaysAtTheEndWhenRowsAreAppended) {
    heights_.assign(100, 70.0);
    frame();
    heights_.insert(heights_.end(), 5, 120.0);
    frame();
    EXPECT_TRUE(list_.at_end());
    EXPECT_EQ(list_.last_visible(), 104U);
}

TEST_F(ListTest, DoesNotMoveWhenReadingOldRows) {
    heights_.assign(500, 70.0);
    frame();
    list_.scroll_to_row(250);
    watched_ = 250;
    frame();
    const float before = watched_y_;
    EXPECT_NEAR(before, 240.0F, 1.0F);
    heights_.insert(heights_.end(), 3, 90.0);  // new messages at the end
    frame();
    EXPECT_EQ(watched_y_, before);
    heights_.insert(heights_.begin(), 50, 33.0);  // an older page at the top
    list_.rows_inserted(0, 50);
    watched_ = 300;
    frame();
    EXPECT_EQ(watched_y_, before);
    EXPECT_FALSE(list_.at_end());
}

TEST_F(ListTest, RowsAboveThatTurnOutTallerDoNotPushThePicture) {
    std::mt19937 random(5);  // NOLINT
    heights_.resize(2000);
    for (double& h : heights_) {
        h = static_cast<double>(20 + random() % 200);
    }
    frame();
    list_.scroll_to_row(1000);
    frame();
    for (int i = 0; i < 200; ++i) {
        watched_ = list_.first_visible() + 1;
        frame();
        const float y = watched_y_;
        list_.scroll_by(-13.0);
        frame();
        EXPECT_NEAR(watched_y_, y + 13.0F, 0.6F);
    }
}

TEST_F(ListTest, AChangedRowIsMeasuredAgain) {
    heights_.assign(20, 50.0);
    frame();
    heights_[19] = 80.0;
    list_.row_changed(19);
    frame();
    EXPECT_DOUBLE_EQ(list_.heights().total(), 19 * 50.0 + 80.0);
    EXPECT_TRUE(list_.at_end());
}

TEST_F(ListTest, FewRowsStandAtTheBottom) {
    heights_.assign(2, 50.0);
    watched_ = 1;
    frame();
    EXPECT_EQ(watched_y_, 550.0F);
}

TEST_F(ListTest, NoRowsAreFine) {
    frame();
    EXPECT_TRUE(list_.at_end());
}

}  // namespace
