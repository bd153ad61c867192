#include "crypto/random.hpp"

#include <sodium.h>

#include "crypto/primitives.hpp"

namespace sotto::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
    if (!out.empty()) randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(std::uint64_t seed) noexcept
    : seed_(hash(label::seeded_random, {le_bytes(seed)})) {}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    const ByteArray<32> key = keyed_hash(seed_, label::seeded_random, {le_bytes(counter_++)});
    if (!out.empty()) randombytes_buf_deterministic(out.data(), out.size(), key.data());
}

}  // namespace sotto::crypto
