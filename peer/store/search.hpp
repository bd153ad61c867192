// One search through the messages: what the index offers, and what it does not know yet.
//
// From the newest message down: rows above the index' progress are read one by one; then, for one
// or two characters, the newest short_scan_rows as well (a common letter fills the page there, a
// rare one is a short list in the index); the rest comes from the index. Each candidate is compared
// with the folded text, so no hit is wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peer/model.hpp"
#include "peer/store/database.hpp"
#include "peer/store/search_index.hpp"
#include "peer/store/text_fold.hpp"

namespace sotto::peer::store {

enum class SearchFailure : std::uint8_t { index, history };

class Search {
public:
    Search(Database& history, const TextFolder& folder, std::string_view query,
           std::optional<std::int64_t> peer, std::uint32_t limit);

    /// Without an index every message is read. May be run again after a failure.
    [[nodiscard]] Result<void, SearchFailure> run(SearchIndex* index);
    /// What failed.
    [[nodiscard]] StoreError error() const noexcept { return error_; }
    /// Newest first.
    [[nodiscard]] std::vector<Message> take() && { return std::move(hits_); }

private:
    [[nodiscard]] bool full() const noexcept { return hits_.size() >= limit_; }
    [[nodiscard]] bool matches(std::string_view text) const;
    [[nodiscard]] Result<std::uint64_t, SearchFailure> scan(std::uint64_t before_row,
                                                            std::uint64_t down_to,
                                                            std::uint64_t rows_max);
    [[nodiscard]] Result<void, SearchFailure> ask(SearchIndex& index, std::uint64_t before_row);
    [[nodiscard]] Unexpected<SearchFailure> failed(const Rows& rows);

    Database& history_;
    const TextFolder& folder_;
    std::string needle_;
    std::optional<std::int64_t> peer_;
    std::uint32_t limit_;
    std::vector<Message> hits_;
    StoreError error_ = StoreError::io;
};

/// How far one or two characters are looked for before the index is asked: about 5 ms.
inline constexpr std::uint64_t short_scan_rows = 2000;

/// The bound of `row < ?` for a page: 0 is the newest.
[[nodiscard]] std::uint64_t row_bound(std::uint64_t before_row) noexcept;

}  // namespace sotto::peer::store
