#include "peer/store/text_fold.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "peer/store/fts5.hpp"

namespace sotto::peer::store {
namespace {

struct Replacement {
    char32_t from;
    const char* to;
};

// Sorted. What SQLite's tables leave as it is: ligatures and strokes that people do not type in a
// search, Greek and Cyrillic letters that have a form with and one without an accent, typographic
// signs that a keyboard does not have.
constexpr std::array replacements{
    Replacement{U'\u00A0', " "},  Replacement{U'\u00DF', "ss"}, Replacement{U'\u00E6', "ae"},
    Replacement{U'\u00F0', "d"},  Replacement{U'\u00F8', "o"},  Replacement{U'\u00FE', "th"},
    Replacement{U'\u0111', "d"},  Replacement{U'\u0127', "h"},  Replacement{U'\u0131', "i"},
    Replacement{U'\u0133', "ij"}, Replacement{U'\u0142', "l"},  Replacement{U'\u0153', "oe"},
    Replacement{U'\u0167', "t"},  Replacement{U'\u017F', "s"},  Replacement{U'\u0390', "ι"},
    Replacement{U'\u03AC', "α"},  Replacement{U'\u03AD', "ε"},  Replacement{U'\u03AE', "η"},
    Replacement{U'\u03AF', "ι"},  Replacement{U'\u03B0', "υ"},  Replacement{U'\u03C2', "σ"},
    Replacement{U'\u03CA', "ι"},  Replacement{U'\u03CB', "υ"},  Replacement{U'\u03CC', "ο"},
    Replacement{U'\u03CD', "υ"},  Replacement{U'\u03CE', "ω"},  Replacement{U'\u0439', "и"},
    Replacement{U'\u0450', "е"},  Replacement{U'\u0451', "е"},  Replacement{U'\u0453', "г"},
    Replacement{U'\u0457', "і"},  Replacement{U'\u045C', "к"},  Replacement{U'\u045D', "и"},
    Replacement{U'\u045E', "у"},  Replacement{U'\u2010', "-"},  Replacement{U'\u2011', "-"},
    Replacement{U'\u2013', "-"},  Replacement{U'\u2014', "-"},  Replacement{U'\u2018', "'"},
    Replacement{U'\u2019', "'"},  Replacement{U'\u201A', "'"},  Replacement{U'\u201C', "\""},
    Replacement{U'\u201D', "\""}, Replacement{U'\u201E', "\""}, Replacement{U'\u2026', "..."},
    Replacement{U'\u202F', " "},  Replacement{U'\u3000', " "},  Replacement{U'\uFB01', "fi"},
    Replacement{U'\uFB02', "fl"},
};

struct Range {
    char32_t first;
    char32_t last;
};

// Dropped: combining marks, joiners, variation selectors, direction marks, the soft hyphen. Search
// finds a heart whether it was sent with or without the selector that makes it red.
constexpr std::array invisible{
    Range{0x00AD, 0x00AD}, Range{0x0300, 0x036F},   Range{0x0591, 0x05BD}, Range{0x05BF, 0x05C7},
    Range{0x0610, 0x061A}, Range{0x064B, 0x065F},   Range{0x0670, 0x0670}, Range{0x1AB0, 0x1AFF},
    Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},   Range{0x202A, 0x202E}, Range{0x2060, 0x2064},
    Range{0x2066, 0x2069}, Range{0x20D0, 0x20FF},   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
    Range{0xFEFF, 0xFEFF}, Range{0xE0000, 0xE007F},
};

bool is_invisible(char32_t c) {
    const auto* range = std::lower_bound(invisible.begin(), invisible.end(), c,
                                         [](const Range& r, char32_t v) { return r.last < v; });
    return range != invisible.end() && c >= range->first;
}

void add_space(std::string& out) {
    if (out.empty() || out.back() != ' ') out.push_back(' ');
}

// `piece` is the character `c` in UTF-8.
void add(std::string& out, char32_t c, std::string_view piece) {
    if (c <= ' ' || (c >= 0x7F && c < 0xA0) || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
        c == 0x2029) {
        return add_space(out);
    }
    if (c < 0x7F) return out.push_back(static_cast<char>(c));
    if (is_invisible(c)) return;
    if (c >= 0xFF01 && c <= 0xFF5E) return out.push_back(static_cast<char>(c - 0xFEE0));
    const auto* found =
        std::lower_bound(replacements.begin(), replacements.end(), c,
                         [](const Replacement& r, char32_t v) { return r.from < v; });
    if (found == replacements.end() || found->from != c) {
        out.append(piece);
    } else if (std::string_view(found->to) == " ") {
        add_space(out);
    } else {
        out.append(found->to);
    }
}

int add_token(void* context, int, const char* token, int size, int, int) {
    auto& out = *static_cast<std::string*>(context);
    const std::string_view text(token, static_cast<std::size_t>(size));
    for (std::size_t position = 0; position < text.size();) {
        const std::size_t start = position;
        const char32_t c = next_code_point(text, position);
        add(out, c, text.substr(start, position - start));
    }
    return SQLITE_OK;
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& position) noexcept {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0U;
    };
    const std::uint32_t lead = byte(position);
    const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t value = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
        value = value << 6 | (byte(position + i) & 0x3F);
    position = std::min(position + size, text.size());
    return static_cast<char32_t>(value);
}

std::optional<TextFolder> TextFolder::create(sqlite3* connection) {
    fts5_api* api = fts5_api_of(connection);
    if (api == nullptr) return std::nullopt;
    void* context = nullptr;
    fts5_tokenizer methods{};
    if (api->xFindTokenizer(api, "unicode61", &context, &methods) != SQLITE_OK) return std::nullopt;
    // With every category counted as a letter, the whole text is one token: only the folding is
    // used.
    std::array<const char*, 4> arguments{"remove_diacritics", "2", "categories",
                                         "L* M* N* P* S* Z* C*"};
    Fts5Tokenizer* tokenizer = nullptr;
    if (methods.xCreate(context, arguments.data(), static_cast<int>(arguments.size()),
                        &tokenizer) != SQLITE_OK) {
        return std::nullopt;
    }
    return TextFolder({tokenizer, methods.xDelete}, methods.xTokenize);
}

std::string TextFolder::fold(std::string_view text) const {
    std::string out;
    out.reserve(text.size() + 8);
    // NUL ends a token for SQLite: the pieces are joined by the space it counts as.
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\0'), text.size());
        tokenize_(tokenizer_.get(), &out, FTS5_TOKENIZE_AUX, text.data(), static_cast<int>(end),
                  add_token);
        if (end < text.size()) add_space(out);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace sotto::peer::store
