#include "peer/store/text_fold.hpp"

#include "peer/store/gram_tokenizer.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class TextFoldTest : public StoreTest {
protected:
    TextFoldTest() : database(*Database::open(folder.path() / "fold.db", key, {})) {}
    [[nodiscard]] std::string fold(std::string_view text) {
        return TextFolder::create(database.handle())->fold(text);
    }
    Database database;
};

TEST_F(TextFoldTest, case_accents_and_typographic_signs_do_not_count) {
    struct Case {
        std::string_view text;
        std::string_view folded;
    };
    const Case cases[] = {
        {"", ""},
        {"Hello, World!", "hello, world!"},
        {"Élève ÀÇÉ naïve Ñandú", "eleve ace naive nandu"},
        {"e\xCC\x81te\xCC\x81", "ete"},  // with combining accents
        {"ệ Việt Nam", "e viet nam"},
        {"cœur Œuvre æther Straße ŁÓDŹ Øre Þor ðð", "coeur oeuvre aether strasse lodz ore thor dd"},
        {"ﬁn ﬂeur", "fin fleur"},
        {"l’été « oui »", "l'ete « oui »"},
        {"“x” ‘y’ … – —", "\"x\" 'y' ... - -"},
        {"a\u00A0b\u202Fc\u3000d", "a b c d"},
        {"a  \t\n b", "a b"},
        {"İstanbul ISPARTA ılık", "istanbul isparta ilik"},
        {"ΆΈΉΊΌΎΏ Ωμέγας", "αεηιουω ωμεγασ"},
        {"Ёжик й Ї ў", "ежик и і у"},
        {"ＦＵＬＬ ＷＩＤＴＨ１", "full width1"},
        {"日本語 テスト 한국어", "日本語 テスト 한국어"},
        {"مَرْحَبًا", "مرحبا"},
        {"שָׁלוֹם", "שלום"},
        {"❤\uFE0F 👩\u200D👧 1\uFE0F\u20E3", "❤ 👩👧 1"},
        {"👍🏽", "👍🏽"},
        {"so\u00ADft zero\u200Bwidth", "soft zerowidth"},
        {"\x01\x02 control \x7F", " control "},
    };
    for (const Case& c : cases)
        EXPECT_EQ(fold(c.text), c.folded) << c.text;
}

TEST_F(TextFoldTest, any_bytes_are_taken) {
    EXPECT_EQ(fold(std::string_view("a\0b\0\0c", 6)), "a b c");
    EXPECT_EQ(fold("\xFF\xFE"), "\uFFFD\uFFFD");
    for (int i = 0; i < 300; ++i) {
        const Bytes noise = bytes(static_cast<std::size_t>(i % 50));
        const std::string once = fold(std::string(noise.begin(), noise.end()));
        EXPECT_EQ(fold(once), once) << "folding again changes nothing";
    }
}

TEST_F(TextFoldTest, a_match_expression_quotes_whatever_a_person_types) {
    EXPECT_EQ(match_expression("abcd", {}), "\"abc\" AND \"bcd\"");
    EXPECT_EQ(match_expression("abc", {}), "\"abc\"");
    EXPECT_EQ(match_expression("ab", {}), "\"ab\"*");
    EXPECT_EQ(match_expression("a\"b", {}), "\"a\"\"b\"");
    EXPECT_EQ(match_expression("日本", {}), "\"日本\"*");
    EXPECT_EQ(match_expression("abc", 12),
              "\"\x01"
              "12\" AND \"abc\"");
    std::string long_text(5000, 'x');
    EXPECT_LE(match_expression(long_text, {}).size(), 100U) << "bounded, however long the search";
}

}  // namespace
}  // namespace sotto::peer::store
