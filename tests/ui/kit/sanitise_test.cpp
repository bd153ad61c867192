#include "ui/sanitise.hpp"

#include "ui/utf8.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using namespace sotto::ui;

const std::string replaced = "\uFFFD";

TEST(Sanitise, KeepsWhatPeopleWrite) {
    for (const std::string text :
         {"Bonjour, ça va ?", "שלום עולם", "مرحبا", "漢字かな", "नमस्ते",
          "👨‍👩‍👧‍👦 🏳️‍🌈 🇯🇵 👍🏽 1️⃣ ❤️",
          "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "a\nb", "می‌خواهم"}) {
        EXPECT_EQ(sanitise_message(text), text);
    }
}

TEST(Sanitise, PrivateUseCannotDrawOurIcons) {
    EXPECT_EQ(sanitise_message("\uE8E8 Bank"), replaced + " Bank");
    EXPECT_EQ(sanitise_message("\U000F0001\U0010FFFD"), replaced + replaced);
}

TEST(Sanitise, DirectionOverridesGo) {
    EXPECT_EQ(sanitise_message("photo\u202Egnp.exe"), "photognp.exe");
    EXPECT_EQ(sanitise_message("a\u2066b\u2067c\u2068d\u2069e\u202Af\u202Dg\u202C"), "abcdefg");
}

TEST(Sanitise, ControlsAndBrokenBytesShow) {
    EXPECT_EQ(sanitise_message("a\x01z\x7F\xC2\x9B"), "a" + replaced + "z" + replaced + replaced);
    EXPECT_EQ(sanitise_message("x\xFF\xFE\x80y"), "x" + replaced + "y");
    EXPECT_EQ(sanitise_message("cut \xE2\x82"), "cut " + replaced);
    EXPECT_EQ(sanitise_message("\xED\xA0\x80"), replaced);  // a surrogate
    EXPECT_EQ(sanitise_message("\xC0\xAF"), replaced);      // overlong
    EXPECT_EQ(sanitise_message("\uFDD0\uFFFE"), replaced + replaced);
}

TEST(Sanitise, LineEndsBecomeLineFeeds) {
    EXPECT_EQ(sanitise_message("a\r\nb\rc\u2028d\u2029e\tf"), "a\nb\nc\nd\ne f");
}

TEST(Sanitise, InvisibleCharactersGo) {
    EXPECT_EQ(sanitise_message("a\u00ADb\u2060c\uFEFFd\U000E0041e"), "abcde");
    EXPECT_EQ(sanitise_message("Bob\u3164"), "Bob");
}

// One grapheme of thousands of code points took seconds to find a font for.
TEST(Sanitise, ChainsOfJoinersAndModifiersAreCut) {
    for (const std::string link : {"\u200D", "\u200C", "\u0903", "\U0001F3FB"}) {
        std::string chain = "a";
        for (int i = 0; i < 10'000; ++i)
            chain += link;
        EXPECT_EQ(sanitise_message(chain + "k").size(), 1 + combining_marks_max * link.size() + 1);
    }
}

TEST(Sanitise, TowersOfMarksAreCut) {
    std::string tower = "o";
    for (int i = 0; i < 500; ++i) {
        tower += "\u0336";
    }
    const std::string clean = sanitise_message(tower + "k");
    EXPECT_EQ(clean.size(), 1 + 2 * combining_marks_max + 1);
    EXPECT_TRUE(clean.ends_with("k"));
}

TEST(Sanitise, NamesAreOneShortLine) {
    EXPECT_EQ(sanitise_name("  Alice \n\t  Durand\u00A0 "), "Alice Durand");
    EXPECT_EQ(sanitise_name("\u200B\u3000\n"), "");
    EXPECT_EQ(sanitise_name("abcdefgh", 5), "abcd…");
    EXPECT_EQ(sanitise_name("ab👨‍👩‍👧‍👦cd", 5),
              "ab…");  // a family is not cut in half
    EXPECT_EQ(sanitise_name("abcde", 5), "abcde");
}

TEST(Sanitise, AnyBytesGiveCleanText) {
    std::mt19937 random(7);  // NOLINT: the same bytes in every run
    for (int round = 0; round < 300; ++round) {
        std::string bytes(random() % 64, '\0');
        for (char& c : bytes) {
            c = static_cast<char>(random());
        }
        const std::string once = sanitise_message(bytes);
        EXPECT_EQ(sanitise_message(once), once);
        for (std::size_t at = 0; at < once.size();) {
            const Decoded d = decode_utf8(once, at);
            ASSERT_TRUE(d.well_formed);
            EXPECT_TRUE(d.code_point == '\n' || d.code_point >= 0x20);
            EXPECT_FALSE(d.code_point >= 0xE000 && d.code_point <= 0xF8FF);
            at += d.length;
        }
    }
}

TEST(Fold, IgnoresCaseAccentsAndWidth) {
    EXPECT_EQ(fold_for_search("Élodie MARCHAND"), fold_for_search("elodie marchand"));
    EXPECT_EQ(fold_for_search("Straße"), "strasse");
    EXPECT_EQ(fold_for_search("ＡＢＣ"), "abc");
    EXPECT_TRUE(contains_folded(fold_for_search("Γιώργος"), fold_for_search("ΓΙΩΡΓ")));
    EXPECT_TRUE(contains_folded(fold_for_search("Équipe infra 🚀"), fold_for_search("🚀")));
    EXPECT_FALSE(contains_folded(fold_for_search("Bob"), fold_for_search("Carol")));
}

TEST(Utf8, RoundTrip) {
    for (const char32_t c : {U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uFFFF',
                             U'\U00010000', U'\U0010FFFF'}) {
        std::string text;
        append_utf8(text, c);
        const Decoded d = decode_utf8(text, 0);
        EXPECT_TRUE(d.well_formed);
        EXPECT_EQ(d.code_point, c);
        EXPECT_EQ(d.length, text.size());
    }
    std::string surrogate;
    append_utf8(surrogate, static_cast<char32_t>(0xD800));
    EXPECT_EQ(surrogate, replaced);
}

}  // namespace
