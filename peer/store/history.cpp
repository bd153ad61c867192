#include "peer/store/history.hpp"

#include <algorithm>

#include "peer/store/message_row.hpp"
#include "peer/store/search.hpp"

namespace sotto::peer::store {
namespace {

// Decrypted pages the reader keeps: the upper levels of the tables and the pages of a few screens.
constexpr std::uint32_t reader_cache_kib = 8192;

std::optional<SearchIndex> usable(Result<SearchIndex, StoreError> opened) {
    if (!opened) return std::nullopt;
    return std::move(*opened);
}

void remove_database(const std::filesystem::path& file) {
    std::error_code ignored;  // what cannot be removed cannot be used either
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::path part = file;
        std::filesystem::remove(part += suffix, ignored);
    }
}

std::optional<SearchIndex> open_or_remake(const std::filesystem::path& file,
                                          const crypto::DatabaseKey& key) {
    auto opened = SearchIndex::open(file, key);
    if (opened) return std::move(*opened);
    const bool unusable = opened.error() == StoreError::wrong_key ||
                          opened.error() == StoreError::corrupt ||
                          opened.error() == StoreError::newer_version;
    if (!unusable) return std::nullopt;  // a full disk, say: searching goes on without it
    remove_database(file);
    return usable(SearchIndex::open(file, key));
}

}  // namespace

// --- opening -----------------------------------------------------------------------------------

History::History(Database database, TextFolder folder, std::filesystem::path search_file,
                 std::optional<SearchIndex> index) noexcept
    : database_(std::move(database)),
      folder_(std::move(folder)),
      search_file_(std::move(search_file)),
      index_(std::move(index)) {}

Result<History, StoreError> History::open(const std::filesystem::path& history_file,
                                          const std::filesystem::path& search_file,
                                          const crypto::DatabaseKey& key) {
    auto database = Database::open(history_file, key,
                                   {.mode = Database::Mode::read_only,
                                    .durability = Database::Durability::every_commit,
                                    .cache_kib = reader_cache_kib});
    if (!database) return Unexpected(database.error());
    auto folder = TextFolder::create(database->handle());
    if (!folder) return Unexpected(StoreError::out_of_memory);
    History history(std::move(*database), std::move(*folder), search_file,
                    open_or_remake(search_file, key));
    if (auto checked = history.check_index(); !checked) return Unexpected(checked.error());
    return history;
}

// An older copy of either file put back, or another profile's: the message at the index' last row
// would be another one.
Result<void, StoreError> History::check_index() {
    if (!index_ || index_->progress() == 0) return {};
    Rows rows = database_.query("SELECT message FROM messages WHERE row = ?", {index_->progress()});
    const bool same = rows.next() && crypto::equal(rows.blob_view(0), index_->progress_message());
    if (!rows.ok()) return Unexpected(rows.error());
    if (!same && !index_->clear()) drop_index();
    return {};
}

void History::stop_when(const std::stop_token& stop) {
    database_.stop_when(stop);
    if (index_) index_->stop_when(stop);
}

void History::drop_index() noexcept {
    index_.reset();
    remove_database(search_file_);
}

// --- pages -------------------------------------------------------------------------------------

Result<std::optional<std::int64_t>, StoreError> History::number_of(const AccountId& peer) {
    Rows rows = database_.query("SELECT id FROM peers WHERE account = ?", {peer.view()});
    std::optional<std::int64_t> number;
    if (rows.next()) number = rows.integer(0);
    if (!rows.ok()) return Unexpected(rows.error());
    return number;
}

Result<HistoryPage, StoreError> History::page(const AccountId& peer, std::uint64_t before_row,
                                              std::uint32_t limit) {
    return page_around(peer, before_row, limit, 0);
}

Result<HistoryPage, StoreError> History::page_around(const AccountId& peer,
                                                     std::uint64_t before_row, std::uint32_t limit,
                                                     std::uint32_t newer) {
    HistoryPage page{
        .peer = peer, .before_row = before_row, .messages = {}, .more = false, .newer = newer};
    const auto number = number_of(peer);
    if (!number) return Unexpected(number.error());
    if (!*number) return page;
    limit = std::min(limit, history_page_max);
    Rows rows = database_.query(
        "SELECT * FROM shown_messages WHERE peer = ? AND row < ?"
        " ORDER BY row DESC LIMIT ?",
        {**number, row_bound(before_row), limit + 1});
    while (rows.next()) {
        if (page.messages.size() == limit) {
            page.more = true;
            break;
        }
        page.messages.push_back(message_at(rows));
    }
    if (!rows.ok()) return Unexpected(rows.error());
    std::reverse(page.messages.begin(), page.messages.end());
    if (newer == 0) return page;
    newer = std::min(newer, history_page_max);
    const std::size_t end = page.messages.size() + newer;
    Rows after = database_.query(
        "SELECT * FROM shown_messages WHERE peer = ? AND row >= ?"
        " ORDER BY row LIMIT ?",
        {**number, row_bound(before_row), newer + 1});
    while (after.next()) {
        if (page.messages.size() == end) {
            page.more_newer = true;
            break;
        }
        page.messages.push_back(message_at(after));
    }
    if (!after.ok()) return Unexpected(after.error());
    return page;
}

Result<std::vector<ConversationSummary>, StoreError> History::summaries() {
    std::vector<ConversationSummary> summaries;
    Rows rows = database_.query(
        "SELECT s.*, p.unread FROM peers p"
        " JOIN shown_messages s ON s.row = p.last_row"
        " WHERE p.last_row > 0 ORDER BY p.last_row DESC");
    while (rows.next()) {
        Message last = message_at(rows);
        const AccountId peer = last.peer;
        summaries.push_back({.peer = peer,
                             .last = std::move(last),
                             .unread = static_cast<std::uint32_t>(rows.integer(message_columns))});
    }
    if (!rows.ok()) return Unexpected(rows.error());
    return summaries;
}

Result<std::uint32_t, StoreError> History::unread(const AccountId& peer) {
    Rows rows = database_.query("SELECT unread FROM peers WHERE account = ?", {peer.view()});
    std::int64_t unread = 0;
    if (rows.next()) unread = rows.integer(0);
    if (!rows.ok()) return Unexpected(rows.error());
    return static_cast<std::uint32_t>(unread);
}

// --- search ------------------------------------------------------------------------------------

Result<HistoryHits, StoreError> History::search(std::string_view query,
                                                const std::optional<AccountId>& peer,
                                                std::uint32_t limit) {
    HistoryHits hits{.query = std::string(query), .messages = {}};
    std::optional<std::int64_t> number;
    if (peer) {
        const auto known = number_of(*peer);
        if (!known) return Unexpected(known.error());
        if (!*known) return hits;
        number = *known;
    }
    Search search(database_, folder_, query, number, std::min(limit, history_page_max));
    const auto with_index = search.run(index_ ? &*index_ : nullptr);
    if (!with_index && search.error() == StoreError::stopped) {
        return Unexpected(StoreError::stopped);
    }
    if (!with_index && with_index.error() == SearchFailure::index) {
        // The index can be made again, so its damage is not the person's: look without it.
        drop_index();
        const auto without = search.run(nullptr);
        if (!without) return Unexpected(search.error());
    } else if (!with_index) {
        return Unexpected(search.error());
    }
    hits.messages = std::move(search).take();
    return hits;
}

Result<std::vector<IndexEntry>, StoreError> History::next_entries() {
    std::vector<IndexEntry> entries;
    Rows rows = database_.query(
        "SELECT row, message, peer, kind, text FROM messages WHERE row > ?"
        " ORDER BY row LIMIT ?",
        {index_->progress(), index_batch_size});
    while (rows.next()) {
        entries.push_back({.row = rows.unsigned_integer(0),
                           .message = rows.fixed<16>(1),
                           .peer = rows.integer(2),
                           .searchable = rows.integer(3) == static_cast<int>(MessageKind::text),
                           .text = rows.text(4)});
    }
    if (!rows.ok()) return Unexpected(rows.error());
    return entries;
}

Result<bool, StoreError> History::index_batch() {
    if (!index_) return false;
    const auto entries = next_entries();
    if (!entries) return Unexpected(entries.error());
    if (entries->size() < index_batch_size) return false;
    const auto added = index_->add(*entries);
    if (added) return true;
    if (added.error() == StoreError::corrupt) {
        drop_index();
        return false;
    }
    return Unexpected(added.error());
}

}  // namespace sotto::peer::store
