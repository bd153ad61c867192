// What stands beside the store: the same tables in SQLCipher, filled and read by SQLite's C
// interface with prepared statements and nothing around it.
#pragma once

#include <filesystem>

#include "peer/output.hpp"
#include "peer/store/database.hpp"

struct sqlite3_stmt;

namespace sotto::bench {

class BareSqlcipher {
public:
    BareSqlcipher(const std::filesystem::path& file, const crypto::DatabaseKey& key);
    BareSqlcipher(const BareSqlcipher&) = delete;
    BareSqlcipher& operator=(const BareSqlcipher&) = delete;
    ~BareSqlcipher();

    void begin();
    void commit();
    /// The message, and its peer's counters.
    void insert(const peer::SaveMessage& save);
    /// One session's state and one outbox entry, as a sent message has.
    void save(const peer::SaveSession& session, const peer::SaveOutbox& entry);
    /// Reads the columns of the newest `limit` messages of a peer; returns how many.
    std::size_t page(std::int64_t peer, std::uint64_t before_row, int limit);
    /// The newest `limit` messages with `text` anywhere, by LIKE.
    std::size_t like(const std::string& text, int limit);

private:
    sqlite3_stmt* prepare(const char* sql);
    void step(sqlite3_stmt* statement);

    peer::store::Database database_;
    std::vector<sqlite3_stmt*> statements_;
    sqlite3_stmt* begin_;
    sqlite3_stmt* commit_;
    sqlite3_stmt* insert_;
    sqlite3_stmt* count_;
    sqlite3_stmt* session_;
    sqlite3_stmt* outbox_;
    sqlite3_stmt* page_;
    sqlite3_stmt* like_;
};

}  // namespace sotto::bench
