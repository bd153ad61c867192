// How text becomes the terms of the search index: every run of three characters.
//
// A text of n characters gives n terms: the three characters that start at each position (fewer at
// the end, so that a shorter search finds the last ones as a prefix). One more term says whose
// conversation it is, so that a search in one conversation does not walk through all others. A term
// of a search is quoted, so nothing a person types is read as FTS5's query language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;

namespace sotto::peer::store {

/// Characters per term.
inline constexpr std::size_t gram_size = 3;

/// Makes the tokenizer known to a connection, before it touches search.db. False: out of memory.
[[nodiscard]] bool register_gram_tokenizer(sqlite3* connection);

/// What is put into the index for a message; `folded` comes from TextFolder.
[[nodiscard]] std::string index_entry(std::int64_t peer, std::string_view folded);

/// The MATCH expression for all messages that may contain `folded` (not empty). Each hit must still
/// be compared with the text: the terms may stand there in another order.
[[nodiscard]] std::string match_expression(std::string_view folded,
                                           std::optional<std::int64_t> peer);

/// Number of characters.
[[nodiscard]] std::size_t character_count(std::string_view folded) noexcept;

}  // namespace sotto::peer::store
