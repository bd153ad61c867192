// Where randomness comes from is an argument, never a global: the same code runs on the system's
// generator in the field and on one seed in the simulator.
#pragma once

#include <cstdint>
#include <span>

#include "crypto/bytes.hpp"
#include "crypto/secret.hpp"

namespace sotto::crypto {

/// Promises bytes that nobody can predict or repeat (SeededRandom: nobody without the seed).
/// Cannot fail: an implementation without randomness aborts.
class RandomSource {
public:
    RandomSource() = default;
    RandomSource(const RandomSource&) = delete;
    RandomSource& operator=(const RandomSource&) = delete;
    virtual ~RandomSource() = default;

    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <std::size_t N>
    [[nodiscard]] ByteArray<N> array() {
        ByteArray<N> out;
        fill(out);
        return out;
    }
    template <std::size_t N>
    [[nodiscard]] Secret<N> secret() {
        Secret<N> out;
        fill(out.writable());
        return out;
    }
};

/// The operating system's generator, through libsodium.
class SystemRandom final : public RandomSource {
public:
    void fill(std::span<std::uint8_t> out) override;
};

/// The same bytes for the same seed and the same sequence of fill() sizes, on every machine.
/// For the simulator and tests ONLY.
class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(std::uint64_t seed) noexcept;
    void fill(std::span<std::uint8_t> out) override;

private:
    Secret<32> seed_;
    std::uint64_t counter_ = 0;
};

}  // namespace sotto::crypto
