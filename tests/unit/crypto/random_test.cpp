#include "crypto/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sotto::crypto {
namespace {

TEST(SeededRandom, RepeatsForTheSameSeedOnly) {
    SeededRandom a(7);
    SeededRandom b(7);
    SeededRandom c(8);
    for (int i = 0; i < 10; ++i) {
        const auto from_a = a.array<33>();
        EXPECT_EQ(from_a, b.array<33>());
        EXPECT_NE(from_a, c.array<33>());
    }
}

TEST(SeededRandom, NeverRepeatsItself) {
    SeededRandom random(1);
    std::set<ByteArray<16>> seen;
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(seen.insert(random.array<16>()).second);
}

// Worlds found by seed must stay the same worlds.
TEST(SeededRandom, IsFrozen) {
    SeededRandom random(42);
    EXPECT_EQ(to_hex(random.array<8>()), "c5ad934056b43988");
    EXPECT_EQ(to_hex(random.array<8>()), "8eaa7bc247e13d08");
}

TEST(SystemRandom, FillsEverything) {
    SystemRandom random;
    EXPECT_NE(random.array<32>(), random.array<32>());
    random.fill({});  // nothing asked, nothing done
}

}  // namespace
}  // namespace sotto::crypto
