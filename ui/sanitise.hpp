// What another person's text must pass before it is laid out (ui.md 3c).
//
// Promises: the result is well-formed UTF-8 without C0/C1 controls, bidi overrides, embeddings or
// isolates (they would let a sender reorder our own words around theirs), without private-use code
// points (our icon font lives there: a peer must not be able to draw our "verified" shield),
// without noncharacters, tag characters outside a flag, and without towers of combining marks. Pure
// functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sotto::ui {

// A grapheme cluster keeps at most this many combining marks: real scripts stay below 8 (Tibetan,
// pointed Hebrew), and more than that only serves to paint over the neighbours' lines.
inline constexpr std::size_t combining_marks_max = 10;

// Message bodies: keeps line feeds (CR and CRLF become LF) and turns tabs into spaces.
[[nodiscard]] std::string sanitise_message(std::string_view text);

// Names, file names, status lines: one line, white space collapsed and trimmed, at most
// `code_points_max` code points (an ellipsis marks a cut).
[[nodiscard]] std::string sanitise_name(std::string_view text, std::size_t code_points_max = 64);

// Lower case, without accents and width variants: equal keys mean "the same" to a search box.
// `contains_folded` expects both sides folded.
[[nodiscard]] std::string fold_for_search(std::string_view text);
[[nodiscard]] bool contains_folded(std::string_view haystack, std::string_view needle);

}  // namespace sotto::ui
