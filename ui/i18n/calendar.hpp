// When something was, in a reader's words: "14:02", "Yesterday", "Tuesday 3 March".
//
// local_time() asks the C library for the local time zone (TZ); everything else is pure. Times are
// shown with 24 hours in both languages. Times from another clock may lie in the future: they are
// shown as they are.
#pragma once

#include "peer/model.hpp"
#include "ui/i18n/strings.hpp"

#include <cstdint>
#include <string>

namespace sotto::ui {

struct LocalTime {
    int year = 1970;
    int month = 1;    // 1..12
    int day = 1;      // 1..31
    int weekday = 4;  // 0 = Sunday
    int hour = 0;
    int minute = 0;
    std::int64_t day_number = 0;  // days since 1970-01-01 in this calendar
};
[[nodiscard]] LocalTime local_time(peer::WallTime time);

// "14:02"
[[nodiscard]] std::string time_of_day(const LocalTime& time);
// A separator in a conversation: Today, Yesterday, Tuesday 3 March, ... 2024.
[[nodiscard]] std::string day_title(const Strings& text, const LocalTime& day,
                                    const LocalTime& now);
// A row of the home list: 14:02, Yesterday, Tue, 3 Mar, 3/3/2024.
[[nodiscard]] std::string short_when(const Strings& text, const LocalTime& time,
                                     const LocalTime& now);

}  // namespace sotto::ui
