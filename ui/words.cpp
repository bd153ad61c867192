// Words and links (see segment.hpp).

#include "ui/segment.hpp"
#include "ui/utf8.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace sotto::ui {

namespace {

enum class WordClass { space, punctuation, word, han, hiragana, katakana, emoji };

[[nodiscard]] WordClass class_of(const Grapheme& g) {
    const char32_t c = g.base;
    if (g.emoji) {
        return WordClass::emoji;
    }
    if (c >= 0x3040 && c <= 0x309F) {
        return WordClass::hiragana;
    }
    if ((c >= 0x30A0 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF)) {
        return WordClass::katakana;
    }
    if ((c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
        (c >= 0x20000 && c <= 0x3FFFF)) {
        return WordClass::han;
    }
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return WordClass::space;
        case UTF8PROC_CATEGORY_PC:
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO:
            return WordClass::word;
        default:
            return WordClass::punctuation;
    }
}

// An apostrophe inside a word ("l'été", "don't") does not end it.
[[nodiscard]] bool joins_words(const std::vector<Grapheme>& all, std::size_t i) {
    const char32_t c = all[i].base;
    return (c == '\'' || c == 0x2019) && i > 0 && i + 1 < all.size() &&
           class_of(all[i - 1]) == WordClass::word && class_of(all[i + 1]) == WordClass::word;
}

[[nodiscard]] WordClass class_at(const std::vector<Grapheme>& all, std::size_t i) {
    return joins_words(all, i) ? WordClass::word : class_of(all[i]);
}

[[nodiscard]] bool is_gap(WordClass c) {
    return c == WordClass::space || c == WordClass::punctuation;
}

[[nodiscard]] bool starts_with_scheme(std::string_view text, std::string_view scheme) {
    return text.size() > scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
           });
}

[[nodiscard]] bool is_letter_or_digit(char32_t c) {
    return class_of({.base = c}) != WordClass::punctuation &&
           class_of({.base = c}) != WordClass::space;
}

[[nodiscard]] char32_t code_point_before(std::string_view text, std::size_t offset) {
    std::size_t at = offset - 1;
    while (at > 0 && offset - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    return decode_utf8(text, at).code_point;
}

[[nodiscard]] bool belongs_to_link(char32_t c) {
    if (c < 0x80) {
        return c > 0x20 && c != 0x7F &&
               std::string_view("\"<>\\^`{|}").find(static_cast<char>(c)) == std::string_view::npos;
    }
    return is_letter_or_digit(c);
}

// Sentences go on after links: "see https://a.org/x)." does not contain ")." of the link.
[[nodiscard]] std::size_t trim_link(std::string_view text, std::size_t begin, std::size_t end) {
    const auto unbalanced = [&](char last, char close, char open) {
        const std::string_view link = text.substr(begin, end - begin);
        return last == close && std::ranges::count(link, close) > std::ranges::count(link, open);
    };
    while (end > begin) {
        const char last = text[end - 1];
        const bool mark = std::string_view(".,;:!?'*_~").find(last) != std::string_view::npos;
        if (!mark && !unbalanced(last, ')', '(') && !unbalanced(last, ']', '[')) {
            break;
        }
        --end;
    }
    return end;
}

}  // namespace

std::size_t next_word(std::string_view text, std::size_t offset) {
    const auto all = graphemes(text);
    std::size_t i = 0;
    while (i < all.size() && all[i].begin < offset) {
        ++i;
    }
    while (i < all.size() && is_gap(class_at(all, i))) {
        ++i;
    }
    if (i >= all.size()) {
        return text.size();
    }
    const WordClass kind = class_at(all, i);
    while (i < all.size() && class_at(all, i) == kind) {
        ++i;
    }
    return i < all.size() ? all[i].begin : text.size();
}

std::size_t previous_word(std::string_view text, std::size_t offset) {
    const auto all = graphemes(text);
    std::size_t i = 0;
    while (i < all.size() && all[i].begin < offset) {
        ++i;
    }
    while (i > 0 && is_gap(class_at(all, i - 1))) {
        --i;
    }
    if (i == 0) {
        return 0;
    }
    const WordClass kind = class_at(all, i - 1);
    while (i > 0 && class_at(all, i - 1) == kind) {
        --i;
    }
    return all[i].begin;
}

TextSpan word_at(std::string_view text, std::size_t offset) {
    const auto all = graphemes(text);
    if (all.empty()) {
        return {};
    }
    std::size_t i = 0;
    while (i + 1 < all.size() && all[i].end <= offset) {
        ++i;
    }
    const WordClass kind = class_at(all, i);
    std::size_t first = i;
    std::size_t last = i;
    while (first > 0 && class_at(all, first - 1) == kind && all[first - 1].base != '\n') {
        --first;
    }
    while (last + 1 < all.size() && class_at(all, last + 1) == kind && all[last + 1].base != '\n') {
        ++last;
    }
    return {all[first].begin, all[last].end};
}

std::vector<TextSpan> find_links(std::string_view text) {
    std::vector<TextSpan> links;
    for (std::size_t at = text.find_first_of("hH"); at < text.size();
         at = text.find_first_of("hH", at)) {
        const std::string_view rest = text.substr(at);
        const std::size_t scheme = starts_with_scheme(rest, "https://")  ? 8
                                   : starts_with_scheme(rest, "http://") ? 7
                                                                         : 0;
        if (scheme == 0 || (at > 0 && is_letter_or_digit(code_point_before(text, at)))) {
            ++at;
            continue;
        }
        std::size_t end = at + scheme;
        while (end < text.size()) {
            const Decoded d = decode_utf8(text, end);
            if (!d.well_formed || !belongs_to_link(d.code_point)) {
                break;
            }
            end += d.length;
        }
        end = trim_link(text, at, end);
        const bool has_host =
            end > at + scheme && is_letter_or_digit(decode_utf8(text, at + scheme).code_point);
        const bool ipv6 = end > at + scheme && text[at + scheme] == '[';
        if (has_host || ipv6) {
            links.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
        }
        at = std::max(end, at + 1);
    }
    return links;
}

}  // namespace sotto::ui
