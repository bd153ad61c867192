#include "peer/engine/contact.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

// Joins the two oldest neighbouring marks into one that counts as read only when both are; drops
// the oldest when they cannot be joined: those messages stay "delivered" at the sender, which is
// true.
void shorten(std::vector<UnreadMark>& marks) {
    for (std::size_t i = 1; i < marks.size(); ++i) {
        UnreadMark& lower = marks[i - 1];
        const UnreadMark& upper = marks[i];
        if (lower.range.last + 1 != upper.range.first) continue;
        lower.range.last = upper.range.last;
        lower.row = std::max(lower.row, upper.row);
        marks.erase(marks.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
    marks.erase(marks.begin());
}

void add_unread(std::vector<UnreadMark>& marks, std::uint64_t row, std::uint64_t seq) {
    const auto at = std::partition_point(marks.begin(), marks.end(),
                                         [row](const UnreadMark& m) { return m.row < row; });
    marks.insert(at, UnreadMark{.row = row, .range = {.first = seq, .last = seq}});
    if (marks.size() > unread_marks_max) shorten(marks);
}

// The row of `seq`, which lies in a hole below `next_first`: directly in front of what follows it,
// as far as the step between rows has room.
std::optional<std::uint64_t> row_before(const PeerDevice& device, std::uint64_t next_first,
                                        std::uint64_t seq) {
    const auto known = device.gap_rows.find(next_first);
    if (known == device.gap_rows.end()) return std::nullopt;
    // The step of rows that ends with the message which found the hole: all of it is this device's.
    const std::uint64_t top = (known->second + row_step - 1) / row_step * row_step;
    const std::uint64_t used = top - known->second;
    if (next_first - seq >= row_step - used) return std::nullopt;
    return known->second - (next_first - seq);
}

}  // namespace

std::optional<crypto::DevListMark> ContactRecord::list_mark() const {
    if (!list) return std::nullopt;
    return crypto::mark_of(*list);
}

Rows::Rows(std::uint64_t next_row) : last_(next_row / row_step * row_step) {}

std::uint64_t Rows::take() {
    return last_ += row_step;
}

void Rows::skip(const PeerDevice& device) {
    std::uint64_t highest = 0;
    for (const auto& [seq, row] : device.gap_rows)
        highest = std::max(highest, row);
    if (!device.unread.empty()) highest = std::max(highest, device.unread.back().row);
    last_ = std::max(last_, (highest + row_step - 1) / row_step * row_step);
}

std::uint64_t unused_number(const Turn& turn, std::uint64_t known) {
    // A clock of the year 4000 leaves numbers enough.
    const std::uint64_t clock = std::min(turn.believed_ms, believed_number_max / 2);
    return std::max(known + row_step, clock);
}

Arrival arrive(PeerDevice& device, std::uint64_t seq, Rows& rows) {
    const auto result = device.received.insert(seq);
    if (result != wire::SeqSet::Insert::added) return {.result = result};
    const auto& ranges = device.received.ranges();
    const auto own = std::partition_point(ranges.begin(), ranges.end(),
                                          [seq](const wire::SeqRange& r) { return r.last < seq; });
    // What directly follows the hole seq was in: behind seq itself, or where seq's own range goes
    // on.
    std::optional<std::uint64_t> follower;
    if (own->last > seq) {
        follower = seq + 1;
    } else if (own + 1 != ranges.end()) {
        follower = (own + 1)->first;
    }
    std::optional<std::uint64_t> row;
    if (follower) row = row_before(device, *follower, seq);
    if (follower == seq + 1) device.gap_rows.erase(seq + 1);
    if (!row) row = rows.take();
    if (own->first == seq && seq != 1) device.gap_rows.insert_or_assign(seq, *row);
    add_unread(device.unread, *row, seq);
    return {.result = result, .row = *row};
}

void note_unread(PeerDevice& device, std::uint64_t row, std::uint64_t seq) {
    add_unread(device.unread, row, seq);
}

void void_row(PeerDevice& device, std::uint64_t row, std::uint64_t seq) {
    const auto gap = device.gap_rows.find(seq);
    if (gap != device.gap_rows.end() && gap->second == row) device.gap_rows.erase(gap);
    std::erase(device.unread, UnreadMark{.row = row, .range = {.first = seq, .last = seq}});
}

bool mark_read(PeerDevice& device, std::uint64_t row) {
    bool news = false;
    std::erase_if(device.unread, [&](const UnreadMark& mark) {
        if (mark.row > row) return false;
        for (std::uint64_t seq = mark.range.first; seq <= mark.range.last; ++seq) {
            news |= device.read.insert(seq) == wire::SeqSet::Insert::added;
        }
        return true;
    });
    return news;
}

bool forget_unread(PeerDevice& device, std::uint64_t row) {
    return std::erase_if(device.unread, [row](const UnreadMark& mark) { return mark.row <= row; }) >
           0;
}

bool ContactRecord::lists(const DeviceId& device) const {
    return list && list->find(device) != nullptr;
}

bool ContactRecord::holds(const DeviceId& device) const {
    const auto at = devices.find(device);
    return at != devices.end() && at->second.held;
}

std::optional<ListChange> adopt_list(ContactRecord& record, const crypto::DevList& list) {
    const auto order = crypto::compare_dev_lists(record.list_mark(), list);
    if (!order) return std::nullopt;
    ListChange change;
    if (*order == crypto::DevListOrder::same) return change;
    record.list = list;
    for (const crypto::DevListEntry& entry : list.entries()) {
        const auto [device, added] = record.devices.try_emplace(entry.device);
        if (!added) continue;
        if (*order == crypto::DevListOrder::newer) change.added.push_back(entry.device);
        if (const auto known = record.former.extract(entry.device)) {
            device->second.floor = known.mapped();
        }
    }
    for (auto at = record.devices.begin(); at != record.devices.end();) {
        if (record.lists(at->first)) {
            ++at;
            continue;
        }
        change.removed.push_back(at->first);
        // Full: whoever lists so many devices gains nothing by it but at himself.
        if (record.former.size() < former_devices_max) {
            record.former.insert_or_assign(at->first, at->second.floor);
        }
        at = record.devices.erase(at);
    }
    return change;
}

}  // namespace sotto::peer::engine
