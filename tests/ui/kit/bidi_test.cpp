#include "ui/bidi.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace sotto::ui;
using Order = std::vector<std::uint32_t>;

TEST(Bidi, LatinNeedsNothing) {
    const BidiParagraph p = bidi_levels("Hello, 42");
    EXPECT_FALSE(p.right_to_left);
    EXPECT_EQ(p.levels, std::vector<std::uint8_t>(9, 0));
}

TEST(Bidi, HebrewWithLatinAndNumbers) {
    const BidiParagraph p = bidi_levels("אב ab 12");
    EXPECT_TRUE(p.right_to_left);
    EXPECT_EQ(p.levels, (std::vector<std::uint8_t>{1, 1, 1, 2, 2, 2, 2, 2}));
}

TEST(Bidi, HebrewInsideLatin) {
    const BidiParagraph p = bidi_levels("x אב y");
    EXPECT_FALSE(p.right_to_left);
    EXPECT_EQ(p.levels, (std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0}));
}

TEST(Bidi, EmptyAndNeutral) {
    EXPECT_TRUE(bidi_levels("").levels.empty());
    EXPECT_FALSE(bidi_levels("…—").right_to_left);
}

TEST(VisualOrder, RuleL2) {
    EXPECT_EQ(visual_order(std::vector<std::uint8_t>{0, 0, 0}), (Order{0, 1, 2}));
    EXPECT_EQ(visual_order(std::vector<std::uint8_t>{1, 1, 1}), (Order{2, 1, 0}));
    EXPECT_EQ(visual_order(std::vector<std::uint8_t>{0, 1, 1, 0}), (Order{0, 2, 1, 3}));
    // right to left with a number inside: the number keeps its own order
    EXPECT_EQ(visual_order(std::vector<std::uint8_t>{1, 2, 2, 1}), (Order{3, 1, 2, 0}));
    EXPECT_TRUE(visual_order(std::vector<std::uint8_t>{}).empty());
}

}  // namespace
