#include "peer/runtime/normalise.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sotto::peer::runtime {
namespace {

std::string normal(const std::string& typed) {
    const auto out = normalise_password(crypto::as_bytes(typed));
    return out ? std::string(out->begin(), out->end()) : "(refused)";
}

TEST(NormalisePassword, one_password_however_it_is_typed) {
    EXPECT_EQ(normal("cafe\xcc\x81"), "caf\xc3\xa9");
    EXPECT_EQ(normal("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(normal("\xe1\x84\x80\xe1\x85\xa1"), "\xea\xb0\x80");        // Hangul
    EXPECT_EQ(normal("\xe2\x84\xab"), "\xc3\x85");                        // Angstrom sign
    EXPECT_EQ(normal("q\xcc\x87\xcc\xa3"), normal("q\xcc\xa3\xcc\x87"));  // order of accents
}

TEST(NormalisePassword, leaves_everything_else_alone) {
    for (const std::string text : {"a", "A", " a b ", "\xef\xac\x81", "\xf0\x9f\x94\x91", "\"\\"}) {
        EXPECT_EQ(normal(text), text);
    }
    const std::string longest(password_bytes_max, 'x');
    EXPECT_EQ(normal(longest), longest);
    // What grows most: one character that decomposes and does not compose again.
    std::string growing;
    while (growing.size() + 2 <= password_bytes_max)
        growing += "\xcd\x84";
    EXPECT_NE(normal(growing), "(refused)");
}

TEST(NormalisePassword, refuses_what_nobody_can_type_again) {
    for (const std::string& text :
         {std::string(), std::string("a\0b", 3), std::string("a\nb"), std::string("\x7f"),
          std::string("\xff"), std::string("\xc0\xaf"), std::string("\xed\xa0\x80"),
          std::string("\xe2\x82"), std::string(password_bytes_max + 1, 'x')}) {
        EXPECT_EQ(normal(text), "(refused)");
    }
}

}  // namespace
}  // namespace sotto::peer::runtime
