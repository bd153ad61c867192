// The reader of a profile: pages of conversations, the home list, search.
//
// Has connections of its own (history.db read-only, search.db), so it never blocks the writer and
// is used from another thread than the Store, one thread at a time. Sees each commit as soon as it
// returned. Also fills the search index in idle moments: index_batch(). Search is complete whether
// the index is up to date, behind or gone; it is only slower then. Limits are cut, never refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "peer/model.hpp"
#include "peer/output.hpp"
#include "peer/store/database.hpp"
#include "peer/store/search_index.hpp"

namespace sotto::peer::store {

/// Messages in one page or one answer to a search: ten screens.
inline constexpr std::uint32_t history_page_max = 500;
/// A batch of the index: about 20 ms, so that a page asked for meanwhile does not wait noticeably.
inline constexpr std::uint32_t index_batch_size = 256;

class History {
public:
    /// Both files of a profile whose Store is open. A search.db that cannot be used is made anew.
    [[nodiscard]] static Result<History, StoreError> open(const std::filesystem::path& history_file,
                                                          const std::filesystem::path& search_file,
                                                          const crypto::DatabaseKey& key);

    /// Up to `limit` messages before `before_row` (0: the newest), oldest first.
    [[nodiscard]] Result<HistoryPage, StoreError> page(const AccountId& peer,
                                                       std::uint64_t before_row,
                                                       std::uint32_t limit);
    /// The same and up to `newer` messages from `before_row` on. Two looks: a message that is
    /// stored in between is in the second.
    [[nodiscard]] Result<HistoryPage, StoreError> page_around(const AccountId& peer,
                                                              std::uint64_t before_row,
                                                              std::uint32_t limit,
                                                              std::uint32_t newer);
    /// One entry per conversation that has a message, the latest first.
    [[nodiscard]] Result<std::vector<ConversationSummary>, StoreError> summaries();
    [[nodiscard]] Result<std::uint32_t, StoreError> unread(const AccountId& peer);

    /// Messages whose text contains `query`, newest first; case, accents and kinds of space and
    /// quote do not count (text_fold.hpp). A query of spaces finds nothing.
    [[nodiscard]] Result<HistoryHits, StoreError> search(std::string_view query,
                                                         const std::optional<AccountId>& peer,
                                                         std::uint32_t limit);
    /// After a stop was asked for, everything fails soon with `stopped`; also what is under way.
    void stop_when(const std::stop_token& stop);
    /// Takes the next messages into the search index. True when there is more to do at once; false
    /// when fewer than a batch are waiting, which a search looks through in a millisecond.
    [[nodiscard]] Result<bool, StoreError> index_batch();

private:
    History(Database database, TextFolder folder, std::filesystem::path search_file,
            std::optional<SearchIndex> index) noexcept;
    [[nodiscard]] Result<std::optional<std::int64_t>, StoreError> number_of(const AccountId& peer);
    [[nodiscard]] Result<void, StoreError> check_index();
    [[nodiscard]] Result<std::vector<IndexEntry>, StoreError> next_entries();
    void drop_index() noexcept;

    Database database_;
    TextFolder folder_;
    std::filesystem::path search_file_;
    std::optional<SearchIndex>
        index_;  // nothing when it cannot be used; made anew at the next opening
};

}  // namespace sotto::peer::store
