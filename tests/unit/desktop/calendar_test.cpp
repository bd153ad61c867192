#include "ui/i18n/calendar.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace sotto::ui {
namespace {

constexpr std::uint64_t now_ms = 1741975200000;  // Friday, 14 March 2025, 18:00 UTC
constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;

struct InUtc {
    InUtc() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
};

class Calendar : public InUtc, public ::testing::Test {
protected:
    LocalTime before(std::uint64_t days) const { return local_time({now_ms - days * day_ms}); }
    const Strings english{Language::english};
    const Strings french{Language::french};
    const LocalTime now = local_time({now_ms});
};

TEST_F(Calendar, LocalTimeFollowsTheZone) {
    EXPECT_EQ(time_of_day(now), "18:00");
    ::setenv("TZ", "Asia/Tokyo", 1);
    ::tzset();
    const LocalTime tokyo = local_time({now_ms});
    EXPECT_EQ(time_of_day(tokyo), "03:00");
    EXPECT_EQ(tokyo.day_number, now.day_number + 1);
}

TEST_F(Calendar, DayTitles) {
    EXPECT_EQ(day_title(english, before(0), now), "Today");
    EXPECT_EQ(day_title(english, before(1), now), "Yesterday");
    EXPECT_EQ(day_title(english, before(2), now), "Wednesday 12 March");
    EXPECT_EQ(day_title(english, before(100), now), "Wednesday 4 December 2024");
    EXPECT_EQ(day_title(french, before(1), now), "Hier");
    EXPECT_EQ(day_title(french, before(2), now), "Mercredi 12 mars");
}

TEST_F(Calendar, ShortForms) {
    EXPECT_EQ(short_when(english, before(0), now), "18:00");
    EXPECT_EQ(short_when(english, before(1), now), "Yesterday");
    EXPECT_EQ(short_when(english, before(6), now), "Sat");
    EXPECT_EQ(short_when(english, before(7), now), "7 Mar");
    EXPECT_EQ(short_when(french, before(30), now), "12 févr.");
    EXPECT_EQ(short_when(english, before(100), now), "4/12/2024");
}

TEST_F(Calendar, AClockAheadIsShownAsItIs) {
    EXPECT_EQ(short_when(english, local_time({now_ms + 2 * day_ms}), now), "16 Mar");
    EXPECT_EQ(day_title(english, local_time({now_ms + 2 * day_ms}), now), "Sunday 16 March");
}

TEST_F(Calendar, HostileTimesDoNotOverflow) {
    EXPECT_EQ(local_time({UINT64_MAX}).year, 9999);
    EXPECT_EQ(local_time({0}).day_number, 0);
}

}  // namespace
}  // namespace sotto::ui
