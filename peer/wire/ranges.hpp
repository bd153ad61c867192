// A set of sequence numbers as the fewest ranges: what a device has received or read of another.
//
// Invariant: ranges are non-empty, increasing, not touching, and begin at 1 or later. A
// conversation without loss is one range however long it is, so a cumulative receipt is 16 bytes.
// Bounded: insert() refuses to grow past max_ranges.
#pragma once

#include "crypto/bytes.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace sotto::peer::wire {

struct SeqRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // inclusive
    bool operator==(const SeqRange&) const = default;
};

class SeqSet {
public:
    // The sender keeps at most 512 envelopes per device unacknowledged (engine/limits.hpp), so loss
    // alone makes at most 256 holes; the rest is for messages that failed for good.
    static constexpr std::size_t max_ranges = 1024;

    enum class Insert : std::uint8_t { added, known, full };

    /// `seq` >= 1. Full leaves the set as it was.
    [[nodiscard]] Insert insert(std::uint64_t seq);
    /// Where taking it out would make a range too many, it stays.
    void erase(std::uint64_t seq);
    [[nodiscard]] bool contains(std::uint64_t seq) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    /// The largest n for which 1..n are all in the set; 0 when 1 is missing.
    [[nodiscard]] std::uint64_t watermark() const noexcept;
    [[nodiscard]] std::uint64_t largest() const noexcept;
    [[nodiscard]] const std::vector<SeqRange>& ranges() const noexcept { return ranges_; }

    /// Nothing unless the invariant holds.
    [[nodiscard]] static std::optional<SeqSet> from(std::vector<SeqRange> ranges);

    bool operator==(const SeqSet&) const = default;

private:
    std::vector<SeqRange> ranges_;
};

/// u16 count || (u64 first || u64 last)*.
void write_ranges(crypto::Writer& out, const SeqSet& set);
/// Nothing when malformed or too many.
[[nodiscard]] std::optional<SeqSet> read_ranges(crypto::Reader& in);

}  // namespace sotto::peer::wire
