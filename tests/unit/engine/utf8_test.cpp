#include "peer/wire/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

using sotto::peer::wire::utf8_length;
using namespace std::string_literals;

TEST(Utf8, CountsCodePoints) {
    EXPECT_EQ(utf8_length(""), 0U);
    EXPECT_EQ(utf8_length("abc"), 3U);
    EXPECT_EQ(utf8_length("\xc3\xa9t\xc3\xa9"), 3U);         // été
    EXPECT_EQ(utf8_length("\xe2\x82\xac"), 1U);              // euro sign
    EXPECT_EQ(utf8_length("\xf0\x9f\x98\x80"), 1U);          // emoji
    EXPECT_EQ(utf8_length("\xf4\x8f\xbf\xbf"), 1U);          // U+10FFFF
    EXPECT_EQ(utf8_length("\xed\x9f\xbf\xee\x80\x80"), 2U);  // around the surrogates
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
    for (const std::string& bad :
         {"\x80"s, "\xc3"s, "\xc3\x28"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xe0\x80\xaf"s, "\xe2\x82"s,
          "\xed\xa0\x80"s, "\xed\xbf\xbf"s, "\xf0\x80\x80\xaf"s, "\xf4\x90\x80\x80"s,
          "\xf8\x88\x80\x80\x80"s, "\xff"s, "a\0b"s, "\0"s}) {
        EXPECT_FALSE(utf8_length(bad)) << testing::PrintToString(bad);
    }
}
