// The seed of a property test: from SOTTO_SEED, else a fixed one, so that a plain run repeats.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace sotto::test {

[[nodiscard]] inline std::uint64_t seed() {
    const char* chosen = std::getenv("SOTTO_SEED");
    return chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 20240;
}

}  // namespace sotto::test

/// Names the seed in every failure below it.
#define SOTTO_TRACE_SEED() \
    SCOPED_TRACE("repeat with SOTTO_SEED=" + std::to_string(::sotto::test::seed()))
