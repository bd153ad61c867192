#include "ui/i18n/calendar.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace sotto::ui {
namespace {

// Within a week a weekday's name says which day is meant.
constexpr std::int64_t weekday_names_for_days = 7;

std::int64_t days_from_civil(int year, int month, int day) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

}  // namespace

LocalTime local_time(peer::WallTime time) {
    // Year 9999: a hostile time must not overflow the calendar.
    constexpr std::uint64_t time_max_s = 253'402'300'799;
    const auto seconds = static_cast<std::time_t>(std::min(time.ms / 1000, time_max_s));
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) {
        return {};  // a year that does not fit an int: hostile, and not worth more
    }
    LocalTime local{.year = parts.tm_year + 1900,
                    .month = parts.tm_mon + 1,
                    .day = parts.tm_mday,
                    .weekday = parts.tm_wday,
                    .hour = parts.tm_hour,
                    .minute = parts.tm_min};
    local.day_number = days_from_civil(local.year, local.month, local.day);
    return local;
}

std::string time_of_day(const LocalTime& time) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%02d:%02d", time.hour % 24, time.minute % 60);
    return text.data();
}

std::string day_title(const Strings& text, const LocalTime& day, const LocalTime& now) {
    if (day.day_number == now.day_number) {
        return text(Text::today);
    }
    if (day.day_number == now.day_number - 1) {
        return text(Text::yesterday);
    }
    const Text form = day.year == now.year ? Text::day_long : Text::day_long_year;
    std::string title = text.format(form, {{"weekday", text(Text::sunday + day.weekday)},
                                           {"day", std::to_string(day.day)},
                                           {"month", text(Text::january + (day.month - 1))},
                                           {"year", std::to_string(day.year)}});
    if (title.front() >= 'a' && title.front() <= 'z') {
        title.front() = static_cast<char>(title.front() - 'a' + 'A');  // "mardi" begins a line
    }
    return title;
}

std::string short_when(const Strings& text, const LocalTime& time, const LocalTime& now) {
    const std::int64_t age_days = now.day_number - time.day_number;
    if (age_days == 0) {
        return time_of_day(time);
    }
    if (age_days == 1) {
        return text(Text::yesterday);
    }
    if (age_days > 1 && age_days < weekday_names_for_days) {
        return text(Text::sunday_short + time.weekday);
    }
    const std::string day = std::to_string(time.day);
    if (time.year == now.year) {
        return text.format(Text::day_short,
                           {{"day", day}, {"month", text(Text::january_short + (time.month - 1))}});
    }
    return text.format(
        Text::day_numeric,
        {{"day", day}, {"month", std::to_string(time.month)}, {"year", std::to_string(time.year)}});
}

}  // namespace sotto::ui
