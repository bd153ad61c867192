#include "ui/timeline.hpp"

#include <algorithm>

namespace sotto::ui {
namespace {

bool same_group(const peer::Message& above, const peer::Message& below) {
    if (above.outgoing != below.outgoing || above.kind == peer::MessageKind::notice ||
        below.kind == peer::MessageKind::notice || above.state == peer::DeliveryState::failed) {
        return false;
    }
    const std::uint64_t earlier = std::min(above.at.ms, below.at.ms);
    const std::uint64_t later = std::max(above.at.ms, below.at.ms);  // clocks differ: either way
    return later - earlier < group_gap_max_ms;
}

// Which row it is; what it looks like and where its message lies in memory may differ.
bool same_row(const TimelineRow& a, const TimelineRow& b) {
    return a.kind == b.kind && a.key == b.key;
}

class Builder {
public:
    Builder(const Conversation& conversation, const TimelineOptions& options, const DayOf& day_of)
        : conversation_(conversation),
          options_(options),
          unread_from_(options.unread_from),
          day_of_(day_of) {}

    std::vector<TimelineRow> build() {
        if (!conversation_.loaded()) {
            return {};
        }
        // Keyed by what it stands above: a page inserted below it would push down what is read.
        add({.kind = conversation_.more() ? RowKind::older : RowKind::beginning,
             .key = conversation_.first_row()});
        const std::vector<peer::Message>& messages = conversation_.messages();
        rows_.reserve(messages.size() + messages.size() / 8 + 8);
        add_notices_after(0);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            add_message(messages, i);
            add_notices_after(messages[i].row);
        }
        if (options_.typing) {
            add({.kind = RowKind::typing});
        }
        add({.kind = RowKind::foot});
        return std::move(rows_);
    }

private:
    void add(TimelineRow row) { rows_.push_back(row); }

    void add_message(const std::vector<peer::Message>& messages, std::size_t i) {
        const peer::Message& message = messages[i];
        const std::int64_t day = day_of_(message.at);
        if (!day_ || *day_ != day) {
            day_ = day;
            // Keyed by its first message: a clock that goes back may begin the same day twice.
            add({.kind = RowKind::day, .index = static_cast<std::uint32_t>(i), .key = message.row});
        }
        if (unread_from_ && message.row >= *unread_from_) {
            add({.kind = RowKind::unread_marker, .key = *unread_from_});
            unread_from_.reset();
        }
        TimelineRow row{.index = static_cast<std::uint32_t>(i), .key = message.row};
        row.failed = message.outgoing && message.state == peer::DeliveryState::failed;
        if (!rows_.empty() && rows_.back().kind == RowKind::message && i > 0 &&
            same_group(messages[i - 1], message)) {
            rows_.back().last_of_group = false;
            row.first_of_group = false;
        }
        add(row);
    }

    void add_notices_after(std::uint64_t row) {
        const std::vector<PresenceNotice>& notices = conversation_.notices();
        while (notice_ < notices.size() && notices[notice_].after_row <= row) {
            add({.kind = RowKind::presence,
                 .index = static_cast<std::uint32_t>(notice_),
                 .key = notices[notice_].at.ms});
            ++notice_;
        }
    }

    const Conversation& conversation_;
    TimelineOptions options_;
    std::optional<std::uint64_t> unread_from_;
    const DayOf& day_of_;
    std::vector<TimelineRow> rows_;
    std::optional<std::int64_t> day_;
    std::size_t notice_ = 0;
};

}  // namespace

std::vector<TimelineRow> build_timeline(const Conversation& conversation,
                                        const TimelineOptions& options, const DayOf& day_of) {
    return Builder(conversation, options, day_of).build();
}

RowDiff diff_rows(const std::vector<TimelineRow>& before, const std::vector<TimelineRow>& after) {
    const std::size_t shorter = std::min(before.size(), after.size());
    RowDiff diff;
    while (diff.at < shorter && same_row(before[diff.at], after[diff.at])) {
        ++diff.at;
    }
    std::size_t tail = 0;
    while (tail < shorter - diff.at &&
           same_row(before[before.size() - 1 - tail], after[after.size() - 1 - tail])) {
        ++tail;
    }
    diff.erased = before.size() - diff.at - tail;
    diff.inserted = after.size() - diff.at - tail;
    const auto looks_different = [](TimelineRow a, const TimelineRow& b) {
        a.index = b.index;  // moved within memory only
        return !(a == b);
    };
    for (std::size_t i = 0; i < diff.at; ++i) {
        if (looks_different(before[i], after[i])) {
            diff.changed.push_back(i);
        }
    }
    for (std::size_t i = after.size() - tail; i < after.size(); ++i) {
        if (looks_different(before[before.size() - (after.size() - i)], after[i])) {
            diff.changed.push_back(i);
        }
    }
    return diff;
}

}  // namespace sotto::ui
