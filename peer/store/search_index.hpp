// search.db: which messages may contain a piece of text. Everything in it can be made again.
//
// A file of its own, so that indexing (15 times the work of storing) never stands in the way of a
// message: the writer of history.db waits for nothing here, and nothing is lost with this file. It
// is filled in the background in batches, up to progress(); what is above, the reader looks through
// itself. Damaged, of another key, or not of this history.db: emptied and filled anew.
// One thread at a time. Keyed like history.db.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "peer/store/database.hpp"
#include "peer/store/text_fold.hpp"

namespace sotto::peer::store {

/// A text to be found: `row` and `message` of the message, `peer` of peers(id), the text as
/// written.
struct IndexEntry {
    std::uint64_t row = 0;
    std::array<std::uint8_t, 16> message{};
    std::int64_t peer = 0;
    bool searchable = false;  ///< a text of a person, not a notice
    std::string text;
};

class SearchIndex {
public:
    [[nodiscard]] static Result<SearchIndex, StoreError> open(const std::filesystem::path& file,
                                                              const crypto::DatabaseKey& key);

    /// All messages up to this row are in the index; 0: none.
    [[nodiscard]] std::uint64_t progress() const noexcept { return progress_; }
    /// The message that stands at that row; tells whether index and history belong together.
    [[nodiscard]] const Bytes& progress_message() const noexcept { return progress_message_; }

    /// Adds the messages that follow progress(), in order, in one transaction.
    [[nodiscard]] Result<void, StoreError> add(const std::vector<IndexEntry>& entries);
    /// As Database::stop_when().
    void stop_when(const std::stop_token& stop) { database_.stop_when(stop); }
    /// Forgets everything.
    [[nodiscard]] Result<void, StoreError> clear();
    /// Rows, newest first, that may contain `folded` and are below `before_row`.
    [[nodiscard]] Rows candidates(std::string_view folded, std::optional<std::int64_t> peer,
                                  std::uint64_t before_row);

private:
    SearchIndex(Database database, TextFolder folder) noexcept
        : database_(std::move(database)), folder_(std::move(folder)) {}
    [[nodiscard]] Result<void, StoreError> load_progress();

    Database database_;
    TextFolder folder_;
    std::string expression_;  // of the running query: bound values are not copied
    std::uint64_t progress_ = 0;
    Bytes progress_message_;
};

}  // namespace sotto::peer::store
