// Text as search compares it: lower case, without accents, without what cannot be seen.
//
// The same function folds messages and queries, so its only law is to be the same for both. "Été",
// "ÉTÉ" and "été" typed with a combining accent all fold to "ete"; "cœur" to "coeur"; curly
// quotes to straight ones; every run of white space to one space. Not folded: Hangul typed as
// single jamo, compatibility forms other than full-width ASCII. Case and Latin accents come from
// the tables of FTS5's own tokenizer, the rest is in text_fold.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct Fts5Tokenizer;

namespace sotto::peer::store {

/// Belongs to one connection and ends before it.
class TextFolder {
public:
    /// Nothing when SQLite cannot give its tokenizer (out of memory).
    [[nodiscard]] static std::optional<TextFolder> create(sqlite3* connection);

    /// UTF-8 in, UTF-8 out; any bytes are taken, broken sequences become U+FFFD.
    [[nodiscard]] std::string fold(std::string_view text) const;

private:
    using Delete = void (*)(Fts5Tokenizer*);
    using Tokenize = int (*)(Fts5Tokenizer*, void*, int, const char*, int,
                             int (*)(void*, int, const char*, int, int, int));
    TextFolder(std::unique_ptr<Fts5Tokenizer, Delete> tokenizer, Tokenize tokenize) noexcept
        : tokenizer_(std::move(tokenizer)), tokenize_(tokenize) {}

    std::unique_ptr<Fts5Tokenizer, Delete> tokenizer_;
    Tokenize tokenize_;
};

/// The code point that starts at `position`, which moves behind it. `text` is well-formed UTF-8, as
/// fold() returns it.
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& position) noexcept;

}  // namespace sotto::peer::store
