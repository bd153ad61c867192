#include "peer/wire/ranges.hpp"

#include <algorithm>
#include <limits>

namespace sotto::peer::wire {

SeqSet::Insert SeqSet::insert(std::uint64_t seq) {
    crypto::ensure(seq != 0, "sequence numbers begin at 1");
    // The first range that ends at or after seq - 1: the only one seq can lie in or extend upwards.
    const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                         [seq](const SeqRange& r) { return r.last < seq - 1; });
    if (at == ranges_.end() || at->first > seq) {
        if (at != ranges_.end() && at->first == seq + 1) {
            at->first = seq;
            return Insert::added;
        }
        if (ranges_.size() >= max_ranges) return Insert::full;
        ranges_.insert(at, SeqRange{.first = seq, .last = seq});
        return Insert::added;
    }
    if (at->last >= seq) return Insert::known;
    at->last = seq;
    const auto next = at + 1;
    if (next != ranges_.end() && next->first == seq + 1) {
        at->last = next->last;
        ranges_.erase(next);
    }
    return Insert::added;
}

void SeqSet::erase(std::uint64_t seq) {
    const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                         [seq](const SeqRange& r) { return r.last < seq; });
    if (at == ranges_.end() || at->first > seq) return;
    if (at->first == at->last) {
        ranges_.erase(at);
    } else if (at->first == seq) {
        ++at->first;
    } else if (at->last == seq) {
        --at->last;
    } else if (ranges_.size() < max_ranges) {
        const SeqRange lower{.first = at->first, .last = seq - 1};
        at->first = seq + 1;
        ranges_.insert(at, lower);
    }
}

bool SeqSet::contains(std::uint64_t seq) const noexcept {
    const auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                         [seq](const SeqRange& r) { return r.last < seq; });
    return at != ranges_.end() && at->first <= seq;
}

std::uint64_t SeqSet::watermark() const noexcept {
    return !ranges_.empty() && ranges_.front().first == 1 ? ranges_.front().last : 0;
}

std::uint64_t SeqSet::largest() const noexcept {
    return ranges_.empty() ? 0 : ranges_.back().last;
}

std::optional<SeqSet> SeqSet::from(std::vector<SeqRange> ranges) {
    if (ranges.size() > max_ranges) return std::nullopt;
    std::uint64_t lowest = 1;  // a range must begin here or later
    for (const SeqRange& range : ranges) {
        if (range.first < lowest || range.last < range.first) return std::nullopt;
        if (range.last > std::numeric_limits<std::uint64_t>::max() - 2) return std::nullopt;
        lowest = range.last + 2;  // touching ranges would have been one
    }
    SeqSet set;
    set.ranges_ = std::move(ranges);
    return set;
}

void write_ranges(crypto::Writer& out, const SeqSet& set) {
    out.u16(static_cast<std::uint16_t>(set.ranges().size()));
    for (const SeqRange& range : set.ranges())
        out.u64(range.first).u64(range.last);
}

std::optional<SeqSet> read_ranges(crypto::Reader& in) {
    const std::size_t count = in.u16();
    if (count > SeqSet::max_ranges || in.remaining() < count * 16) return std::nullopt;
    std::vector<SeqRange> ranges;
    ranges.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t first = in.u64();
        const std::uint64_t last = in.u64();
        ranges.push_back({.first = first, .last = last});
    }
    return SeqSet::from(std::move(ranges));
}

}  // namespace sotto::peer::wire
