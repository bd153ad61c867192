#include "peer/store/search_index.hpp"

#include "peer/store/gram_tokenizer.hpp"
#include "peer/store/schema.hpp"
#include "peer/store/transaction.hpp"

namespace sotto::peer::store {
namespace {

// A search walks the lists of a few terms; the upper levels of the index stay in memory.
constexpr std::uint32_t index_cache_kib = 8192;
// 4 MiB. Nobody waits for its checkpoint.
constexpr std::uint32_t index_log_pages_max = 1024;

}  // namespace

Result<SearchIndex, StoreError> SearchIndex::open(const std::filesystem::path& file,
                                                  const crypto::DatabaseKey& key) {
    auto database = Database::open(file, key,
                                   {.mode = Database::Mode::create,
                                    .durability = Database::Durability::checkpoints,
                                    .cache_kib = index_cache_kib});
    if (!database) return Unexpected(database.error());
    auto folder = TextFolder::create(database->handle());
    if (!folder || !register_gram_tokenizer(database->handle())) {
        return Unexpected(StoreError::out_of_memory);
    }
    if (auto migrated = migrate(*database, search_schema()); !migrated) {
        return Unexpected(migrated.error());
    }
    SearchIndex index(std::move(*database), std::move(*folder));
    if (auto loaded = index.load_progress(); !loaded) return Unexpected(loaded.error());
    return index;
}

Result<void, StoreError> SearchIndex::load_progress() {
    Rows rows = database_.query("SELECT row, message FROM progress");
    if (rows.next()) {
        progress_ = rows.unsigned_integer(0);
        progress_message_ = rows.blob(1);
    }
    return rows.finish();
}

Result<void, StoreError> SearchIndex::add(const std::vector<IndexEntry>& entries) {
    if (entries.empty()) return {};
    Transaction transaction(database_);
    for (const IndexEntry& entry : entries) {
        if (!entry.searchable) continue;
        const std::string text = index_entry(entry.peer, folder_.fold(entry.text));
        transaction.run("INSERT INTO grams(rowid, text) VALUES(?, ?)", {entry.row, text});
    }
    const IndexEntry& last = entries.back();
    transaction.run("UPDATE progress SET row = ?, message = ?", {last.row, last.message});
    if (auto committed = transaction.commit(); !committed) return committed;
    progress_ = last.row;
    progress_message_.assign(last.message.begin(), last.message.end());
    if (database_.log_pages() >= index_log_pages_max) return database_.checkpoint();
    return {};
}

Result<void, StoreError> SearchIndex::clear() {
    Transaction transaction(database_);
    transaction.run("INSERT INTO grams(grams) VALUES('delete-all')");
    transaction.run("UPDATE progress SET row = 0, message = x''");
    if (auto committed = transaction.commit(); !committed) return committed;
    progress_ = 0;
    progress_message_.clear();
    return {};
}

Rows SearchIndex::candidates(std::string_view folded, std::optional<std::int64_t> peer,
                             std::uint64_t before_row) {
    expression_ = match_expression(folded, peer);
    return database_.query(
        "SELECT rowid FROM grams WHERE grams MATCH ? AND rowid < ?"
        " ORDER BY rowid DESC",
        {expression_, before_row});
}

}  // namespace sotto::peer::store
