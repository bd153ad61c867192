// One conversation's own part of the screen: the draft, how far the list is scrolled, what was
// seen, which words are selected.
//
// Lives as long as the vault is open, so that a draft waits for its conversation to be opened
// again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "peer/input.hpp"
#include "ui/chat_input.hpp"
#include "ui/timeline.hpp"
#include "ui/virtual_list.hpp"

namespace sotto::ui {

// -----------------------------------------------------------------------

struct TextSelection {
    std::uint64_t row = 0;  // the message; 0: none
    std::size_t anchor = 0;
    std::size_t caret = 0;
    bool dragging = false;
    [[nodiscard]] std::size_t begin() const { return std::min(anchor, caret); }
    [[nodiscard]] std::size_t end() const { return std::max(anchor, caret); }
};

// How much of the box the profile has (ui/drafts.hpp); numbers are the box' revisions.
struct DraftState {
    std::size_t saved = 0;  // what the disk has
    std::size_t posted = 0;
    bool saving = false;                 // `posted` has no answer yet
    std::optional<std::size_t> refused;  // tried, and not stored
    bool stored = false;                 // the disk may have a text
    std::size_t seen = 0;
    double changed_at_s = 0.0;
};

struct Thread {
    // SendText takes 32 KiB; the encryption's largest size is above that.
    static constexpr std::size_t text_bytes_max = std::size_t{32} * 1024;
    // The box holds more than one message: what came back must fit beside what is being typed.
    static constexpr std::size_t composer_bytes_max = 4 * text_bytes_max;

    ChatInput composer{composer_bytes_max};
    DraftState draft;
    std::deque<std::string>
        returned;  // messages that were refused and did not fit into the box yet
    VirtualList list{VirtualList::Stick::bottom};
    std::vector<TimelineRow> rows;
    std::uint64_t rows_revision = 0;  // of the conversation they were built from
    std::int64_t rows_day = 0;        // "Today" moves at midnight
    std::optional<std::uint64_t> rows_unread_from;
    bool rows_typing = false;
    bool rows_end_in_past = false;  // newer messages are on the disk

    std::optional<std::uint64_t> unread_from;  // the marker stands above this row
    std::uint64_t seen_row = 0;                // everything up to here was on the screen
    std::uint64_t marked_row = 0;              // and the engine was told up to here
    bool entered = false;                      // since it was selected, the marker was placed
    bool watched = false;                      // somebody was looking at it in the last frame
    std::optional<peer::CommandId> loading;
    std::uint64_t loading_before = UINT64_MAX;  // which page was asked for
    bool load_failed = false;
    std::uint64_t jump_row = 0;  // a search led to this message: to be shown as soon as it is there
    std::uint64_t jump_asked = 0;
    std::uint64_t newer_asked = 0;  // the page after this row is on its way, or failed
    bool to_newest = false;         // the run in memory is to end with the newest message again
    std::uint64_t flash_row = 0;
    double flash_since_s = 0.0;
    TextSelection selection;
    std::string error;            // above the composer, until dismissed
    float notices_height = 0.0F;  // as drawn last
    bool allow_direct = false;    // the box in the request banner
    bool typing_told = false;
    double typing_told_at_s = 0.0;
    std::size_t typed_revision = 0;
    std::uint64_t opened = 0;  // counts up: the least recently opened leave memory first
};

}  // namespace sotto::ui
