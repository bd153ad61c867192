// Where a text may be cut: grapheme clusters, words, emoji, links.
//
// A grapheme cluster is what a person calls one character (family emoji, flag, letter with
// accents); caret movement, deletion, selection and line breaking never look inside one. Offsets
// are bytes. Pure; any bytes are accepted. Rules: Unicode UAX #29 by utf8proc, emoji as in ui.md
// 3c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sotto::ui {

struct Grapheme {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    char32_t base = 0;   // first code point
    bool emoji = false;  // to be drawn by the colour font, as one picture
};

[[nodiscard]] std::vector<Grapheme> graphemes(std::string_view text);

// Both answer text.size() / 0 at the ends. `offset` may lie inside a cluster.
[[nodiscard]] std::size_t next_grapheme(std::string_view text, std::size_t offset);
[[nodiscard]] std::size_t previous_grapheme(std::string_view text, std::size_t offset);

// Ctrl+arrow: to the end of the next word, to the start of the previous one.
[[nodiscard]] std::size_t next_word(std::string_view text, std::size_t offset);
[[nodiscard]] std::size_t previous_word(std::string_view text, std::size_t offset);

struct TextSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// The word (or run of spaces or of punctuation) around an offset: a double click.
[[nodiscard]] TextSpan word_at(std::string_view text, std::size_t offset);

// http:// and https:// only, without trailing punctuation and unbalanced closing brackets.
[[nodiscard]] std::vector<TextSpan> find_links(std::string_view text);

// True when the text is one to `count_max` emoji and nothing else but spaces (drawn larger).
[[nodiscard]] bool only_emoji(std::string_view text, std::size_t count_max);

}  // namespace sotto::ui
