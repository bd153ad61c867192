// The simulator's dice: small, fast, the same on every machine. Never for keys.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::sim {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        // splitmix64: every seed is good, also 0, 1, 2, ...
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    /// 0 .. count - 1; 0 for count 0.
    std::uint64_t below(std::uint64_t count) { return count == 0 ? 0 : next() % count; }
    /// low .. high.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    /// True in `per_mille` of 1,000 cases.
    bool chance(std::uint64_t per_mille) { return below(1000) < per_mille; }

private:
    std::uint64_t state_;
};

}  // namespace sotto::sim
