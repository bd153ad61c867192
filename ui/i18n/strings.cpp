#include "ui/i18n/strings.hpp"

#include <algorithm>
#include <cstdlib>

namespace sotto::ui {
namespace {

constexpr std::string_view no_break_space = "\u00A0";

// French puts a space before ? ! : ; and inside « »; it must not begin a line. The table is written
// with plain spaces, which a person can see.
std::string with_french_spaces(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i + 1);
        const bool before_mark = !rest.empty() && (std::string_view("?!:;").find(rest.front()) !=
                                                       std::string_view::npos ||
                                                   rest.starts_with("»"));
        const bool after_opening = std::string_view(out).ends_with("«");
        if (text[i] == ' ' && (before_mark || after_opening)) {
            out += no_break_space;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

Language language_of_locale(std::string_view locale) {
    const std::string_view code = locale.substr(0, locale.find_first_of("_.@"));
    return code == "fr" ? Language::french : Language::english;
}

Language language_of_environment() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);  // before any thread of ours runs
        if (value != nullptr && *value != '\0') {
            return language_of_locale(value);
        }
    }
    return Language::english;
}

Strings::Strings(Language language) : language_(language) {
    const bool french = language == Language::french;
    const Catalogue& catalogue = french ? french_catalogue() : english_catalogue();
    for (std::size_t i = 0; i < text_count; ++i) {
        entries_[i] =
            french ? with_french_spaces(catalogue[i].text) : std::string(catalogue[i].text);
    }
}

std::string Strings::format(Text key, std::initializer_list<Argument> arguments) const {
    const std::string& pattern = (*this)(key);
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t open = pattern.find('{', at);
        const std::size_t end = open == std::string::npos ? open : pattern.find('}', open);
        if (end == std::string::npos) {
            return out.append(pattern, at);
        }
        out.append(pattern, at, open - at);
        const std::string_view name = std::string_view(pattern).substr(open + 1, end - open - 1);
        const Argument* value = std::find_if(arguments.begin(), arguments.end(),
                                             [&](const Argument& a) { return a.first == name; });
        if (value == arguments.end()) {
            out.append(pattern, open, end + 1 - open);
        } else {
            out += value->second;
        }
        at = end + 1;
    }
    return out;
}

}  // namespace sotto::ui
