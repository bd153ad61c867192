#include "peer/cli/terminal.hpp"

#include "peer/cli/chat_texts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sotto::peer::cli {
namespace {

TEST(TerminalSafe, leaves_text_alone) {
    for (const char* text : {"", "hello", "h\xc3\xa9ho", "\xe6\x97\xa5\xe6\x9c\xac",
                             "\xf0\x9f\x98\x80", "a b  c", "\xd9\x85\xd8\xb1"}) {
        EXPECT_EQ(terminal_safe(text), text);
    }
}

TEST(TerminalSafe, takes_every_trick_away) {
    struct Case {
        std::string text;
        std::string expected;
    };
    const Case cases[] = {
        {"\x1b[2J\x1b]0;owned\x07 hi", "[2J]0;owned hi"},  // escape sequences
        {"\xc2\x9b"
         "2Jx",
         "2Jx"},                 // CSI as one C1 character
        {"a\rb\bc\x7f", "abc"},  // overwriting what stands there
        {"line\nnext\ttab", "line next tab"},
        {std::string("a\0b", 3), "ab"},
        {"\xe2\x80\xae"
         "evil",
         "evil"},                                                  // right-to-left override
        {"\xe2\x81\xa6x\xe2\x81\xa9", "x"},                        // isolates
        {"\xe2\x80\xa8x", "x"},                                    // line separator
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},                  // no UTF-8 at all
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},  // cut off
    };
    for (const auto& c : cases)
        EXPECT_EQ(terminal_safe(c.text), c.expected);
}

TEST(ChatTexts, both_languages_say_everything_with_the_same_places) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Say::count_); ++i) {
        const auto what = static_cast<Say>(i);
        const auto english = raw_text(Language::english, what);
        const auto french = raw_text(Language::french, what);
        EXPECT_FALSE(english.empty()) << i;
        EXPECT_FALSE(french.empty()) << i;
        for (const char* place : {"{0}", "{1}"}) {
            EXPECT_EQ(english.find(place) == std::string_view::npos,
                      french.find(place) == std::string_view::npos)
                << english;
        }
    }
}

TEST(ChatTexts, fills_in_values) {
    EXPECT_EQ(say(Language::english, Say::welcome, {"alice"}), "Welcome, alice.");
    EXPECT_EQ(say(Language::french, Say::welcome, {"{0}"}), "Bienvenue, {0}.");  // not filled twice
    EXPECT_EQ(say(Language::english, Say::welcome), "Welcome, {0}.");
}

TEST(ChatTexts, follows_the_environment) {
    ::unsetenv("LC_ALL");
    ::unsetenv("LC_MESSAGES");
    ::setenv("LANG", "fr_FR.UTF-8", 1);
    EXPECT_EQ(language_of_environment(), Language::french);
    ::setenv("LC_MESSAGES", "de_DE.UTF-8", 1);
    EXPECT_EQ(language_of_environment(), Language::english);
    ::setenv("LC_ALL", "fr_CA", 1);
    EXPECT_EQ(language_of_environment(), Language::french);
    ::setenv("LC_ALL", "", 1);
    EXPECT_EQ(language_of_environment(), Language::english);
    ::unsetenv("LC_ALL");
    ::unsetenv("LC_MESSAGES");
    ::unsetenv("LANG");
    EXPECT_EQ(language_of_environment(), Language::english);
}

}  // namespace
}  // namespace sotto::peer::cli
