// The catalogue in one language: what views ask for their words.
//
// Which language: a person's choice, else LC_ALL, LC_MESSAGES, LANG in this order (POSIX), else
// English. Every key answers in every language; there is no fallback at run time because the tables
// are complete at compile time. Values, pure but for language_of_environment().
#pragma once

#include "ui/i18n/text.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sotto::ui {

enum class Language : std::uint8_t { english, french };

// "fr", "fr_CA.UTF-8" are French; everything else is English.
[[nodiscard]] Language language_of_locale(std::string_view locale);
[[nodiscard]] Language language_of_environment();

class Strings {
public:
    explicit Strings(Language language);

    [[nodiscard]] Language language() const { return language_; }
    [[nodiscard]] const std::string& operator()(Text key) const {
        return entries_[static_cast<std::size_t>(key)];
    }

    using Argument = std::pair<std::string_view, std::string_view>;
    // Replaces each {name} once and never looks into what it put in, so that a person called
    // "{name}" does no harm. Unknown names stay as they are.
    [[nodiscard]] std::string format(Text key, std::initializer_list<Argument> arguments) const;

private:
    Language language_;
    std::array<std::string, text_count> entries_;
};

struct CatalogueEntry {
    Text key;
    std::string_view text;
};
using Catalogue = std::array<CatalogueEntry, text_count>;
[[nodiscard]] const Catalogue& english_catalogue();
[[nodiscard]] const Catalogue& french_catalogue();

// For the tables' static_assert: every key once, in order, with a text.
[[nodiscard]] constexpr bool is_complete(const Catalogue& catalogue) {
    for (std::size_t i = 0; i < text_count; ++i) {
        if (catalogue[i].key != static_cast<Text>(i) || catalogue[i].text.empty()) {
            return false;
        }
    }
    return true;
}

}  // namespace sotto::ui
