#include "ui/fonts.hpp"
#include "ui/shaped_text.hpp"
#include "ui/text_layout.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

namespace {

using namespace sotto::ui;

class LayoutTest : public ::testing::Test {
protected:
    LayoutTest() {
        fonts_.add_to(atlas_);
        if (fonts_.text_face(Weight::regular) == no_face) {
            std::abort();
        }
    }
    [[nodiscard]] TextLayout lay(std::string_view text, float width = 0.0F) {
        return TextLayout::make(fonts_, text, {15.0F, Weight::regular}, {.width = width});
    }
    [[nodiscard]] std::string line(const TextLayout& layout, std::size_t i) {
        return layout.text().substr(layout.line_start(i),
                                    layout.line_end(i) - layout.line_start(i));
    }

    ImFontAtlas atlas_;
    FontSet fonts_;
};

TEST_F(LayoutTest, EmptyTextHasOneLineAndACaret) {
    const TextLayout layout = lay("");
    EXPECT_EQ(layout.line_count(), 1U);
    EXPECT_EQ(layout.caret(0).x, 0.0F);
    EXPECT_EQ(layout.hit_test({50, 50}), 0U);
    EXPECT_TRUE(layout.boxes(0, 0).empty());
}

TEST_F(LayoutTest, WrapsAtSpacesWithinTheWidth) {
    const TextLayout layout = lay("the quick brown fox jumps over the lazy dog", 120);
    ASSERT_GT(layout.line_count(), 2U);
    std::string joined;
    for (std::size_t i = 0; i < layout.line_count(); ++i) {
        EXPECT_LE(layout.lines()[i].width, 120.01F);
        joined += (i > 0 ? " " : "") + line(layout, i);
    }
    EXPECT_EQ(joined, layout.text());
}

TEST_F(LayoutTest, LongWordsAreCutAndJapaneseBreaksAnywhere) {
    const TextLayout word = lay(std::string(200, 'm'), 100);
    EXPECT_GT(word.line_count(), 10U);
    for (const LaidLine& l : word.lines()) {
        EXPECT_LE(l.width, 100.01F);
    }
    const TextLayout japanese = lay("これは長い日本語の文章なので、行の折り返しが必要です。", 150);
    EXPECT_GT(japanese.line_count(), 1U);
    for (std::size_t i = 0; i < japanese.line_count(); ++i) {
        EXPECT_FALSE(line(japanese, i).starts_with("、"));
        EXPECT_FALSE(line(japanese, i).starts_with("。"));
    }
}

TEST_F(LayoutTest, NarrowerThanOneCharacterStillEnds) {
    const TextLayout layout = lay("wide 👨‍👩‍👧‍👦 text", 0.5F);
    EXPECT_GE(layout.line_count(), 5U);
}

TEST_F(LayoutTest, LineFeedsMakeLines) {
    const TextLayout layout = lay("a\n\nb\n");
    EXPECT_EQ(layout.line_count(), 4U);
    EXPECT_EQ(layout.line_of(0), 0U);
    EXPECT_EQ(layout.line_of(2), 1U);
    EXPECT_EQ(layout.line_of(3), 2U);
    EXPECT_EQ(layout.line_of(5), 3U);
    EXPECT_EQ(layout.caret(5).y, 3 * layout.line_height());
}

TEST_F(LayoutTest, HitTestFindsEveryCaret) {
    for (const char* text : {"Hello AVATAR fi", "שלום עולם", "a שלום b", "مرحبا بكم", "漢字 kana",
                             "नमस्ते दुनिया", "x👨‍👩‍👧‍👦y 🇯🇵"}) {
        const TextLayout layout = lay(text);
        for (const LaidCluster& c : layout.clusters()) {
            // A quarter into the cluster from its leading edge is before it.
            const float x = c.right_to_left() ? c.x + c.advance * 0.75F : c.x + c.advance * 0.25F;
            EXPECT_EQ(layout.hit_test({x, 5}), c.begin) << text << " at " << c.begin;
            EXPECT_FLOAT_EQ(layout.caret(c.begin).x, c.leading()) << text << " at " << c.begin;
        }
        EXPECT_EQ(layout.hit_test({-100, -100}) == 0 || layout.hit_test({1000, 0}) == 0, true);
    }
}

TEST_F(LayoutTest, KerningAndLigaturesKeepTheCaretMonotone) {
    const TextLayout layout = lay("office AVATAR To fi ffl");
    float last = -1.0F;
    for (std::size_t at = 0; at <= layout.text().size(); ++at) {
        const float x = layout.caret(at).x;
        EXPECT_GT(x, last);
        last = x;
    }
}

TEST_F(LayoutTest, RightToLeftAlignsRight) {
    const TextLayout filled =
        TextLayout::make(fonts_, "שלום", {15.0F, Weight::regular}, {.width = 300, .fill = true});
    EXPECT_TRUE(filled.lines()[0].right_to_left);
    EXPECT_NEAR(filled.lines()[0].left + filled.lines()[0].width, 300.0F, 1.0F);
    EXPECT_NEAR(filled.caret(0).x, 300.0F, 1.0F);
    EXPECT_LT(filled.caret(filled.text().size()).x, filled.caret(0).x);
    const TextLayout own = lay("hello world\nשלום");
    EXPECT_GT(own.lines()[1].left, 0.0F);
    EXPECT_LE(own.lines()[1].left + own.lines()[1].width, own.width() + 0.01F);
}

TEST_F(LayoutTest, SelectionOfMixedTextIsTwoBoxes) {
    const std::string text = "ab שלום cd";
    const TextLayout layout = lay(text);
    // From "b" into the middle of the Hebrew word: its right half is not next to "b".
    const auto boxes = layout.boxes(1, 3 + 4);
    ASSERT_EQ(boxes.size(), 2U);
    EXPECT_LT(boxes[0].max.x, boxes[1].min.x);
    EXPECT_EQ(layout.boxes(0, text.size()).size(), 1U);
    EXPECT_TRUE(layout.boxes(3, 3).empty());
}

TEST_F(LayoutTest, EllipsisCutsToTheWidth) {
    const TextLayout cut =
        TextLayout::make(fonts_, "a long name that does not fit 👨‍👩‍👧‍👦",
                         {15.0F, Weight::regular}, {.width = 100, .ellipsis = true});
    EXPECT_TRUE(cut.cut());
    EXPECT_LE(cut.width(), 100.01F);
    EXPECT_TRUE(cut.text().ends_with("…"));
    const TextLayout whole = TextLayout::make(fonts_, "short", {15.0F, Weight::regular},
                                              {.width = 100, .ellipsis = true});
    EXPECT_FALSE(whole.cut());
}

TEST_F(LayoutTest, LinksAreFoundUnderThePointer) {
    const TextLayout layout = TextLayout::make(fonts_, "see https://a.org now",
                                               {15.0F, Weight::regular}, {.links = true});
    ASSERT_EQ(layout.links().size(), 1U);
    EXPECT_EQ(layout.link_at({layout.caret(8).x, 8}), 0);
    EXPECT_EQ(layout.link_at({layout.caret(1).x, 8}), -1);
    EXPECT_EQ(layout.link_at({layout.caret(8).x, 800}), -1);
}

TEST_F(LayoutTest, AnyTextHasAPlaceForEachCharacter) {
    std::mt19937 random(23);  // NOLINT
    const char* parts[] = {"a",        "b ", "é",  "\u0301", "שלום",  "مر", "漢",
                           "👍🏽", "🇯🇵", "\n", "नि",     "ครับ",   "\t", "-",
                           "(",        "12", "…",  "\xFF",   "\u200D"};
    for (int round = 0; round < 200; ++round) {
        std::string text;
        for (std::size_t n = random() % 30; n > 0; --n) {
            text += parts[random() % std::size(parts)];
        }
        const TextLayout layout = lay(text, static_cast<float>(random() % 200));
        std::size_t next = 0;
        for (const LaidCluster& c : layout.clusters()) {
            ASSERT_EQ(c.begin, next);
            next = c.end;
            ASSERT_GE(c.advance, -0.01F);
        }
        ASSERT_EQ(next, text.size());
        std::uint32_t cluster = 0;
        for (const LaidLine& l : layout.lines()) {
            ASSERT_EQ(l.first, cluster);
            cluster = l.last;
        }
        ASSERT_EQ(cluster, layout.clusters().size());
        for (float x = -10; x < 250; x += 37) {
            for (float y = -10; y < layout.height() + 20; y += 13) {
                ASSERT_LE(layout.hit_test({x, y}), text.size());
            }
        }
    }
}

TEST_F(LayoutTest, EngineRemembersAndForgets) {
    GlyphAtlas glyphs(fonts_, atlas_);
    TextEngine engine(fonts_, glyphs);
    const TextStyle style{15.0F, Weight::regular};
    const TextLayout* first = &engine.layout("hello", style);
    EXPECT_EQ(&engine.layout("hello", style), first);
    EXPECT_NE(&engine.layout("hello", {16.0F, Weight::regular}), first);
    EXPECT_EQ(engine.remembered(), 2U);
    for (int i = 0; i < 300; ++i) {
        (void)engine.layout(std::string(1000, 'x') + std::to_string(i), style, {.width = 300});
    }
    engine.end_frame();
    EXPECT_LT(engine.remembered(), 302U);
    EXPECT_GT(engine.remembered(), 10U);
    EXPECT_EQ(engine.layout("hello", style).text(), "hello");
}

TEST_F(LayoutTest, ManyUnknownCharactersAreQuick) {
    std::string text;
    for (char32_t c = 0x10A00; c < 0x12000; ++c) {
        text += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
                 static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    const TextLayout layout = lay(text, 500);
    EXPECT_GT(layout.line_count(), 10U);
}

}  // namespace
