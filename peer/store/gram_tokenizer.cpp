#include "peer/store/gram_tokenizer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <vector>

#include "peer/store/fts5.hpp"
#include "peer/store/text_fold.hpp"

namespace sotto::peer::store {
namespace {

// In front of the term that names a conversation. Folded text has no control characters.
constexpr char peer_mark = '\x01';
// Between that term and the text.
constexpr char entry_separator = '\x02';

// Terms beyond this make a search slower without making it choosier: the comparison does the rest.
constexpr std::size_t terms_max = 8;

using TokenCallback = int (*)(void*, int, const char*, int, int, int);

int emit(TokenCallback callback, void* context, std::string_view token) {
    return callback(context, 0, token.data(), static_cast<int>(token.size()), 0, 0);
}

int emit_grams(TokenCallback callback, void* context, std::string_view text) {
    // Where the last gram_size characters start.
    std::array<std::size_t, gram_size> starts{};
    std::size_t count = 0;
    int code = SQLITE_OK;
    for (std::size_t position = 0; position < text.size() && code == SQLITE_OK; ++count) {
        starts[count % gram_size] = position;
        static_cast<void>(next_code_point(text, position));
        if (count + 1 >= gram_size) {
            const std::size_t start = starts[(count + 1) % gram_size];
            code = emit(callback, context, text.substr(start, position - start));
        }
    }
    const std::size_t tails = std::min(count, gram_size - 1);
    for (std::size_t i = count - tails; i < count && code == SQLITE_OK; ++i) {
        code = emit(callback, context, text.substr(starts[i % gram_size]));
    }
    return code;
}

int tokenize(Fts5Tokenizer*, void* context, int flags, const char* bytes, int size,
             TokenCallback callback) {
    const std::string_view text(bytes, static_cast<std::size_t>(size));
    if ((flags & FTS5_TOKENIZE_QUERY) != 0)
        return emit(callback, context, text);  // one term as it is
    const std::size_t end = text.find(entry_separator);
    if (end == std::string_view::npos) return SQLITE_ERROR;
    const int code = emit(callback, context, text.substr(0, end));
    return code == SQLITE_OK ? emit_grams(callback, context, text.substr(end + 1)) : code;
}

// FTS5 wants an object; this tokenizer has no state.
int create(void*, const char**, int, Fts5Tokenizer** out) {
    *out = static_cast<Fts5Tokenizer*>(sqlite3_malloc(1));
    return *out == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}
void destroy(Fts5Tokenizer* tokenizer) {
    sqlite3_free(tokenizer);
}

std::string peer_term(std::int64_t peer) {
    return peer_mark + std::to_string(peer);
}

void add_term(std::string& expression, std::string_view term) {
    if (!expression.empty()) expression += " AND ";
    expression += '"';
    for (const char c : term) {
        if (c == '"') expression += '"';
        expression += c;
    }
    expression += '"';
}

std::vector<std::size_t> character_starts(std::string_view text) {
    std::vector<std::size_t> starts;
    for (std::size_t position = 0; position < text.size();) {
        starts.push_back(position);
        static_cast<void>(next_code_point(text, position));
    }
    return starts;
}

}  // namespace

fts5_api* fts5_api_of(sqlite3* connection) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

bool register_gram_tokenizer(sqlite3* connection) {
    fts5_api* api = fts5_api_of(connection);
    if (api == nullptr) return false;
    fts5_tokenizer methods{.xCreate = create, .xDelete = destroy, .xTokenize = tokenize};
    return api->xCreateTokenizer(api, "sotto_grams", nullptr, &methods, nullptr) == SQLITE_OK;
}

std::string index_entry(std::int64_t peer, std::string_view folded) {
    std::string entry = peer_term(peer);
    entry += entry_separator;
    entry += folded;
    return entry;
}

std::size_t character_count(std::string_view folded) noexcept {
    return static_cast<std::size_t>(std::count_if(folded.begin(), folded.end(), [](char c) {
        return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
    }));
}

std::string match_expression(std::string_view folded, std::optional<std::int64_t> peer) {
    std::string expression;
    if (peer) add_term(expression, peer_term(*peer));
    const std::vector<std::size_t> starts = character_starts(folded);
    if (starts.size() < gram_size) {
        add_term(expression, folded);
        return expression += '*';  // every term that begins with it
    }
    // Side by side as far as they go, the last one ending with the text; then spread evenly.
    const std::size_t last = starts.size() - gram_size;
    const std::size_t terms = std::min(last + 1, terms_max);
    for (std::size_t i = 0; i < terms; ++i) {
        const std::size_t from = terms == 1 ? 0 : last * i / (terms - 1);
        const std::size_t end =
            from + gram_size < starts.size() ? starts[from + gram_size] : folded.size();
        add_term(expression, folded.substr(starts[from], end - starts[from]));
    }
    return expression;
}

}  // namespace sotto::peer::store
