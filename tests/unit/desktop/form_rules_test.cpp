#include "ui/form_rules.hpp"

#include <gtest/gtest.h>

#include <string>

#include "peer/server_link.hpp"
#include "people.hpp"

namespace sotto::ui {
namespace {

using enum HintTone;

const Strings english(Language::english);

struct NameCase {
    std::string name;
    HintTone tone;
};

TEST(FormRules, Names) {
    const NameCase cases[] = {
        {"", neutral},
        {"a", neutral},
        {"ab", neutral},
        {"abc", good},
        {"marie.curie_2-b", good},
        {std::string(32, 'a'), good},
        {std::string(33, 'a'), bad},
        {"Bob", bad},
        {"é", bad},
        {"a b", bad},
        {"a\xFFz", bad},
        {"😀😀😀", bad},
    };
    for (const NameCase& one : cases) {
        EXPECT_EQ(check_name(english, one.name).tone, one.tone) << one.name;
        EXPECT_FALSE(check_name(english, one.name).hint.empty()) << one.name;
    }
}

TEST(FormRules, LinksAreJudgedPartByPart) {
    const std::string link = peer::to_link(testing::server());
    EXPECT_EQ(check_server_link(english, link).server, testing::server());
    EXPECT_EQ(check_server_link(english, " \n" + link + "\n").server, testing::server());
    EXPECT_EQ(check_server_link(english, "").verdict.tone, neutral);
    EXPECT_EQ(check_server_link(english, "sott").verdict.tone, neutral) << "being typed";
    for (const std::string& wrong : {std::string("http://x"), std::string("sotto://h:7313"),
                                     link + "A", link.substr(0, link.size() - 1)}) {
        const LinkVerdict verdict = check_server_link(english, wrong);
        EXPECT_EQ(verdict.verdict.tone, bad) << wrong;
        EXPECT_FALSE(verdict.server.has_value()) << wrong;
    }
}

TEST(FormRules, PasswordsAreJudgedByLengthInCharacters) {
    EXPECT_EQ(check_password(english, "").tone, neutral);
    EXPECT_EQ(check_password(english, "1234567").tone, neutral);
    EXPECT_EQ(check_password(english, "12345678").tone, good);
    EXPECT_EQ(check_password(english, "éééé").tone, neutral) << "four characters, eight bytes";
    EXPECT_NE(check_password(english, "12345678").hint,
              check_password(english, std::string(16, 'x')).hint);
}

TEST(FormRules, TheSecondPasswordIsNotScoldedWhileItIsTyped) {
    EXPECT_EQ(check_again(english, "secret words", "").tone, neutral);
    EXPECT_EQ(check_again(english, "secret words", "secr").tone, neutral);
    EXPECT_EQ(check_again(english, "secret words", "secrt").tone, bad);
    EXPECT_EQ(check_again(english, "secret words", "secret words").tone, good);
    EXPECT_EQ(check_again(english, "secret words", "secret words!").tone, bad);
}

}  // namespace
}  // namespace sotto::ui
