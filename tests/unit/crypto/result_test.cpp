#include "crypto/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sotto::crypto {
namespace {

enum class Trouble { some, other };

Result<int, Trouble> half(int value) {
    if (value % 2 != 0) return Unexpected(Trouble::other);
    return value / 2;
}
Result<void, Trouble> must_be_even(int value) {
    if (value % 2 != 0) return Unexpected(Trouble::some);
    return {};
}

TEST(Result, HoldsAValueOrAnError) {
    EXPECT_EQ(*half(4), 2);
    EXPECT_EQ(half(4).value(), 2);
    EXPECT_FALSE(half(3));
    EXPECT_EQ(half(3).error(), Trouble::other);
    EXPECT_TRUE(must_be_even(2).has_value());
    EXPECT_EQ(must_be_even(1).error(), Trouble::some);
}

TEST(Result, MovesWhatCannotBeCopied) {
    Result<std::unique_ptr<std::string>, Trouble> made(std::make_unique<std::string>("x"));
    ASSERT_TRUE(made);
    const std::unique_ptr<std::string> taken = *std::move(made);
    EXPECT_EQ(*taken, "x");
}

TEST(ResultDeathTest, AskingForWhatIsNotThereAborts) {
    EXPECT_DEATH((void)half(3).value(), "broken invariant");
    EXPECT_DEATH((void)half(2).error(), "broken invariant");
    EXPECT_DEATH(ensure(false, "one equals two"), "one equals two");
}

}  // namespace
}  // namespace sotto::crypto
