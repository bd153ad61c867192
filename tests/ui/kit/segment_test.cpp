#include "ui/segment.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace sotto::ui;

[[nodiscard]] std::vector<std::string> pieces(const std::string& text) {
    std::vector<std::string> out;
    for (const Grapheme& g : graphemes(text)) {
        out.push_back(text.substr(g.begin, g.end - g.begin));
    }
    return out;
}

struct EmojiCase {
    const char* text;
    bool emoji;
};

TEST(Segment, EachOfTheseIsOneEmoji) {
    for (const EmojiCase c : {EmojiCase{"😀", true},
                              {"👍🏽", true},
                              {"👨‍👩‍👧‍👦", true},
                              {"🏳️‍🌈", true},
                              {"🇯🇵", true},
                              {"1️⃣", true},
                              {"#⃣", true},
                              {"❤️", true},
                              {"❤", false},  // text by default
                              {"❤\uFE0E", false},
                              {"☎️", true},
                              {"⌚", true},
                              {"⌚\uFE0E", false},
                              {"🏴󠁧󠁢󠁳󠁣󠁴󠁿", true},
                              {"🧑🏾‍🤝‍🧑🏻", true},
                              {"\U0001FAE9", true},  // newer than the tables
                              {"🇯", false},          // half a flag
                              {"1", false},
                              {"©", false},
                              {"©️", true},
                              {"a", false}}) {
        const auto all = graphemes(c.text);
        ASSERT_EQ(all.size(), 1U) << c.text;
        EXPECT_EQ(all[0].emoji, c.emoji) << c.text;
    }
}

TEST(Segment, ClustersOfSeveralCodePoints) {
    EXPECT_EQ(pieces("e\u0301a"), (std::vector<std::string>{"e\u0301", "a"}));
    EXPECT_EQ(pieces("🇯🇵🇰🇷"), (std::vector<std::string>{"🇯🇵", "🇰🇷"}));
    EXPECT_EQ(pieces("👋🏻🏳️‍🌈"),
              (std::vector<std::string>{"👋🏻", "🏳️‍🌈"}));
    EXPECT_EQ(pieces("a\r\nb"), (std::vector<std::string>{"a", "\r\n", "b"}));
    EXPECT_EQ(pieces("각"), (std::vector<std::string>{"각"}));
    EXPECT_TRUE(pieces("").empty());
}

TEST(Segment, NextAndPreviousAgreeWithTheWholeText) {
    const std::string text = "aé👨‍👩‍👧‍👦\n🇫🇷🇩🇪 x\n\n\u0301y\xFFz";
    const auto all = graphemes(text);
    for (const Grapheme& g : all) {
        EXPECT_EQ(next_grapheme(text, g.begin), g.end);
        EXPECT_EQ(previous_grapheme(text, g.end), g.begin);
    }
    EXPECT_EQ(next_grapheme(text, text.size()), text.size());
    EXPECT_EQ(previous_grapheme(text, 0), 0U);
    EXPECT_EQ(next_grapheme("👨‍👩‍👧‍👦!", 5),
              std::string("👨‍👩‍👧‍👦").size());
}

TEST(Segment, Words) {
    const std::string text = "hello, wörld 漢字かな";
    EXPECT_EQ(next_word(text, 0), 5U);
    EXPECT_EQ(next_word(text, 5), 13U);
    EXPECT_EQ(previous_word(text, 13), 7U);
    EXPECT_EQ(previous_word(text, text.size()), text.size() - 6);
    EXPECT_EQ(next_word(text, text.size()), text.size());
    const TextSpan word = word_at(text, 8);
    EXPECT_EQ(text.substr(word.begin, word.end - word.begin), "wörld");
    const TextSpan joined = word_at("l'été", 3);
    EXPECT_EQ(joined, (TextSpan{0, 7}));
    EXPECT_EQ(word_at("", 0), TextSpan{});
}

[[nodiscard]] std::vector<std::string> links(const std::string& text) {
    std::vector<std::string> out;
    for (const TextSpan& s : find_links(text)) {
        out.push_back(text.substr(s.begin, s.end - s.begin));
    }
    return out;
}

TEST(Links, OnlyTheWeb) {
    EXPECT_EQ(links("see https://example.org/a?b=c#d and http://x.y"),
              (std::vector<std::string>{"https://example.org/a?b=c#d", "http://x.y"}));
    EXPECT_TRUE(links("javascript:alert(1) file:///etc/passwd ftp://x mailto:a@b").empty());
    EXPECT_TRUE(links("xhttps://example.org").empty());
    EXPECT_TRUE(links("https:// http://").empty());
    EXPECT_TRUE(links("https").empty());
    EXPECT_EQ(links("HTTPS://Example.org"), (std::vector<std::string>{"HTTPS://Example.org"}));
}

TEST(Links, EndWhereTheSentenceGoesOn) {
    EXPECT_EQ(links("(https://a.org/b_(c))."), (std::vector<std::string>{"https://a.org/b_(c)"}));
    EXPECT_EQ(links("https://a.org/x, then"), (std::vector<std::string>{"https://a.org/x"}));
    EXPECT_EQ(links("<https://a.org>"), (std::vector<std::string>{"https://a.org"}));
    EXPECT_EQ(links("https://fr.wikipedia.org/wiki/Élan!"),
              (std::vector<std::string>{"https://fr.wikipedia.org/wiki/Élan"}));
    EXPECT_EQ(links("見てhttps://a.org/。次"), std::vector<std::string>{});
}

TEST(Links, ManyPrefixesAreNoProblem) {
    const std::string text(200'000, 'h');
    EXPECT_TRUE(find_links(text).empty());
}

TEST(Emoji, OnlyEmoji) {
    EXPECT_TRUE(only_emoji("😂😂😂", 3));
    EXPECT_TRUE(only_emoji("😂 👨‍👩‍👧‍👦", 3));
    EXPECT_FALSE(only_emoji("😂😂😂😂", 3));
    EXPECT_FALSE(only_emoji("Hi 👍", 3));
    EXPECT_FALSE(only_emoji("", 3));
    EXPECT_FALSE(only_emoji("  ", 3));
}

}  // namespace
