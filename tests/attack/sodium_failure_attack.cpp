// Attack 46 in a program of its own, linked so that libsodium's start always fails.
#include <gtest/gtest.h>

#include "crypto/init.hpp"

extern "C" int __wrap_sodium_init(void) {  // NOLINT: the linker's name
    return -1;
}

namespace sotto::crypto {
namespace {

TEST(Attack46SodiumInitDeathTest, WithoutAGeneratorTheProgramEnds) {
    EXPECT_DEATH(initialise(), "libsodium is ready");
}

}  // namespace
}  // namespace sotto::crypto
