#include "peer/store/search.hpp"

#include <limits>

#include "peer/store/gram_tokenizer.hpp"
#include "peer/store/message_row.hpp"

namespace sotto::peer::store {
namespace {

constexpr auto row_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::string trimmed(std::string text) {
    if (!text.empty() && text.back() == ' ') text.pop_back();  // folding left one at most
    if (!text.empty() && text.front() == ' ') text.erase(0, 1);
    return text;
}

}  // namespace

std::uint64_t row_bound(std::uint64_t before_row) noexcept {
    return before_row == 0 || before_row > row_max ? row_max : before_row;
}

Search::Search(Database& history, const TextFolder& folder, std::string_view query,
               std::optional<std::int64_t> peer, std::uint32_t limit)
    : history_(history),
      folder_(folder),
      needle_(trimmed(folder.fold(query))),
      peer_(peer),
      limit_(limit) {}

Result<void, SearchFailure> Search::run(SearchIndex* index) {
    hits_.clear();
    if (needle_.empty() || limit_ == 0) return {};
    const std::uint64_t indexed = index == nullptr ? 0 : index->progress();
    auto reached = scan(row_max, indexed, row_max);
    if (reached && !full() && indexed > 0 && character_count(needle_) < gram_size) {
        reached = scan(*reached, 0, short_scan_rows);
    }
    if (!reached) return Unexpected(reached.error());
    if (full() || index == nullptr) return {};
    return ask(*index, *reached);
}

bool Search::matches(std::string_view text) const {
    return folder_.fold(text).find(needle_) != std::string::npos;
}

Unexpected<SearchFailure> Search::failed(const Rows& rows) {
    error_ = rows.error();
    return Unexpected(SearchFailure::history);
}

// Rows in (down_to, before_row), at most rows_max of them. Returns where it stopped: every row from
// there up was looked at.
Result<std::uint64_t, SearchFailure> Search::scan(std::uint64_t before_row, std::uint64_t down_to,
                                                  std::uint64_t rows_max) {
    const std::uint64_t limit = rows_max;
    Rows rows = peer_ ? history_.query(
                            "SELECT * FROM shown_messages WHERE peer = ?1 AND row < ?2"
                            " AND row > ?3 ORDER BY row DESC LIMIT ?4",
                            {*peer_, before_row, down_to, limit})
                      : history_.query(
                            "SELECT * FROM shown_messages WHERE row < ?1 AND row > ?2"
                            " ORDER BY row DESC LIMIT ?3",
                            {before_row, down_to, limit});
    std::uint64_t last = before_row;
    std::uint64_t count = 0;
    while (!full() && rows.next()) {
        last = rows.unsigned_integer(message_row_column);
        ++count;
        const bool is_text =
            rows.integer(message_kind_column) == static_cast<int>(MessageKind::text);
        if (is_text && matches(rows.text_view(message_text_column)))
            hits_.push_back(message_at(rows));
    }
    if (!rows.ok()) return failed(rows);
    return count < rows_max ? down_to + 1 : last;
}

Result<void, SearchFailure> Search::ask(SearchIndex& index, std::uint64_t before_row) {
    Rows candidates = index.candidates(needle_, peer_, before_row);
    while (!full() && candidates.next()) {
        const std::uint64_t row = candidates.unsigned_integer(0);
        Rows rows = history_.query("SELECT * FROM shown_messages WHERE row = ?", {row});
        if (rows.next() && matches(rows.text_view(message_text_column)))
            hits_.push_back(message_at(rows));
        if (!rows.ok()) return failed(rows);
    }
    if (!candidates.ok()) {
        error_ = candidates.error();
        return Unexpected(SearchFailure::index);
    }
    return {};
}

}  // namespace sotto::peer::store
