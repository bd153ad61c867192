#include "ui/i18n/strings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "ui/error_text.hpp"

namespace sotto::ui {
namespace {

std::multiset<std::string> placeholders(std::string_view text) {
    std::multiset<std::string> found;
    for (std::size_t at = text.find('{'); at != std::string_view::npos;
         at = text.find('{', at + 1)) {
        found.emplace(text.substr(at, text.find('}', at) - at + 1));
    }
    return found;
}

TEST(Strings, BothLanguagesSayEverythingWithTheSamePlaceholders) {
    const Strings english(Language::english);
    const Strings french(Language::french);
    for (std::size_t i = 0; i < text_count; ++i) {
        const auto key = static_cast<Text>(i);
        EXPECT_FALSE(french(key).empty()) << english(key);
        const auto names = [](const std::multiset<std::string>& all) {
            return std::set<std::string>(all.begin(), all.end());
        };
        EXPECT_EQ(names(placeholders(english(key))), names(placeholders(french(key))))
            << english(key);
    }
}

TEST(Strings, WhatIsEqualInBothLanguagesIsMeantToBe) {
    const Strings english(Language::english);
    const Strings french(Language::french);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < text_count; ++i) {
        equal += english(static_cast<Text>(i)) == french(static_cast<Text>(i)) ? 1U : 0U;
    }
    // Placeholders alone, "sotto://…", "Direct", "Conversations", "Session", "Auto" and the like.
    EXPECT_LE(equal, 14U) << "something was not translated";
}

TEST(Strings, FrenchMarksDoNotBeginALine) {
    const Strings french(Language::french);
    for (std::size_t i = 0; i < text_count; ++i) {
        const std::string& text = french(static_cast<Text>(i));
        for (const char* loose : {" ?", " !", " :", " ;", "« ", " »"}) {
            EXPECT_EQ(text.find(loose), std::string::npos) << text;
        }
    }
}

TEST(Strings, FormatReplacesByNameAndLooksNoFurther) {
    const Strings english(Language::english);
    EXPECT_EQ(english.format(Text::message_to, {{"name", "bob"}}), "Message to bob");
    EXPECT_EQ(english.format(Text::message_to, {{"name", "{name}"}}), "Message to {name}");
    EXPECT_EQ(english.format(Text::message_to, {{"other", "x"}}), "Message to {name}");
    EXPECT_EQ(english.format(Text::server_good, {{"port", "1"}, {"host", "h"}}),
              "Server h, port 1");
}

TEST(Strings, LanguageOfALocale) {
    EXPECT_EQ(language_of_locale("fr_FR.UTF-8"), Language::french);
    EXPECT_EQ(language_of_locale("fr"), Language::french);
    EXPECT_EQ(language_of_locale("fr@euro"), Language::french);
    EXPECT_EQ(language_of_locale("fri_DE"), Language::english);
    EXPECT_EQ(language_of_locale("de_DE.UTF-8"), Language::english);
    EXPECT_EQ(language_of_locale("C"), Language::english);
    EXPECT_EQ(language_of_locale(""), Language::english);
}

TEST(ErrorText, EveryErrorHasASentenceOfItsOwn) {
    const Strings english(Language::english);
    std::set<std::string> sentences;
    constexpr int count = static_cast<int>(peer::CommandError::list_full) + 1;
    for (int i = 0; i < count; ++i) {
        const std::string sentence =
            error_text(english, {.error = static_cast<peer::CommandError>(i)});
        EXPECT_TRUE(sentence.ends_with('.') || sentence.ends_with('-')) << sentence;
        EXPECT_EQ(sentence.find('{'), std::string::npos) << sentence;
        sentences.insert(sentence);
    }
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(count));
    sentences.insert(error_text(english, {}));
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(count) + 1) << "a full queue is another";
}

TEST(ErrorText, WaitingIsNeverTooShort) {
    const Strings english(Language::english);
    const std::string text =
        error_text(english, {.error = peer::CommandError::too_many_tries, .retry_after_ms = 1001});
    EXPECT_NE(text.find("2 s"), std::string::npos) << text;
}

}  // namespace
}  // namespace sotto::ui
