// A conversation as the rows of its list: day separators, the unread marker, bubbles with their
// place in a group, notices.
//
// Pure: what day a time belongs to comes in as a function (the local calendar in the product, UTC
// in tests). diff_rows() tells a VirtualList what changed between two timelines, so that it keeps
// its scroll position when a page is inserted above.
#pragma once

#include "ui/conversation.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace sotto::ui {

enum class RowKind : std::uint8_t {
    beginning,  // nothing older exists: says who this is with
    older,      // older messages are on disk and being fetched
    day,
    unread_marker,
    message,
    presence,
    typing,  // at the end, while they write
    foot,    // some air below the newest row
};

struct TimelineRow {
    RowKind kind = RowKind::message;
    std::uint32_t index = 0;     // into messages() or notices(); for `day` the first message of it
    std::uint64_t key = 0;       // with `kind`: which row this is, stable between timelines
    bool first_of_group = true;  // messages: the space above is larger
    bool last_of_group = true;   // messages: has the tail
    bool failed = false;         // messages: says why and offers to try again, so it is taller
    friend bool operator==(const TimelineRow&, const TimelineRow&) = default;
};

// Days since some day in the reader's calendar.
using DayOf = std::function<std::int64_t(peer::WallTime)>;

// Messages of one sender closer than this belong together (ui.md section 4).
inline constexpr std::uint64_t group_gap_max_ms = 10ULL * 60 * 1000;

struct TimelineOptions {
    std::optional<std::uint64_t> unread_from =
        {};  // the first row below the marker; none: no marker
    bool typing = false;
};
// Empty until the newest page has arrived.
[[nodiscard]] std::vector<TimelineRow> build_timeline(const Conversation& conversation,
                                                      const TimelineOptions& options,
                                                      const DayOf& day_of);

struct RowDiff {
    std::size_t at = 0;      // rows before this one are the same
    std::size_t erased = 0;  // in the old timeline
    std::size_t inserted = 0;
    std::vector<std::size_t> changed;  // new indices of rows that stayed and look different
};
[[nodiscard]] RowDiff diff_rows(const std::vector<TimelineRow>& before,
                                const std::vector<TimelineRow>& after);

}  // namespace sotto::ui
