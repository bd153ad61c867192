// RAII over one SQLite connection and its prepared statements.
//
// Errors are sticky: after the first failing call every further step does nothing and yields no
// row, until clear_failure(). So a transaction's code reads straight on and asks failed() once,
// before COMMIT. Belongs to one thread. No SQL text ever contains a value.
#pragma once

#include "crypto/result.hpp"
#include "rendezvous/protocol.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

namespace sotto::rendezvous {

enum class DatabaseError : std::uint8_t {
    cannot_open,
    not_a_database,
    newer_schema,  // written by a newer version of this program
    wrong_schema,  // of a version we know, but a table or a column is not there
    disk_full,
    io_error,
};
[[nodiscard]] constexpr std::string_view to_string(DatabaseError error) {
    switch (error) {
        case DatabaseError::cannot_open:
            return "cannot open the database file";
        case DatabaseError::not_a_database:
            return "not a database of this program, or damaged";
        case DatabaseError::newer_schema:
            return "written by a newer version of this program";
        case DatabaseError::wrong_schema:
            return "its tables are not those of its version";
        case DatabaseError::disk_full:
            return "disk full";
        case DatabaseError::io_error:
            return "input/output error";
    }
    return "unknown database error";
}

class Database {
public:
    [[nodiscard]] static crypto::Result<Database, DatabaseError> open(const std::string& path);
    // Makes none.
    [[nodiscard]] static crypto::Result<Database, DatabaseError> open_existing(
        const std::string& path);

    // Statements without values or rows, several separated by semicolons.
    void execute(const char* sql);
    void roll_back();
    [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
    [[nodiscard]] int changes() const { return sqlite3_changes(handle_.get()); }
    [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

    // How many pages were looked at so far, in memory or on disk: work, without a clock.
    [[nodiscard]] std::uint64_t pages_looked_at() const;

    [[nodiscard]] std::optional<DatabaseError> failed() const { return failure_; }
    void clear_failure() { failure_.reset(); }

private:
    friend class Statement;
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    [[nodiscard]] static crypto::Result<Database, DatabaseError> open_with(const std::string& path,
                                                                           int flags);
    void note(int code);

    std::unique_ptr<sqlite3, Close> handle_;
    std::optional<DatabaseError> failure_;
};

// One prepared statement. Use: bind all, step until false, or run() for statements without rows.
// Starting over (bind after a finished step) resets it.
class Statement {
public:
    Statement(Database& database, const char* sql);

    Statement& bind(std::int64_t value);
    Statement& bind(std::string_view text);
    Statement& bind(ByteView bytes);
    Statement& bind_null();

    // Moves to the next row; false at the end or after a failure.
    [[nodiscard]] bool step();
    void run() {
        while (step()) {
        }
    }
    // A statement that yields at most one row of interest: leaves it readable until rewind().
    void rewind();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    // Views live until the next step or rewind.
    [[nodiscard]] ByteView bytes(int column) const;
    [[nodiscard]] Bytes copy(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    // A stored id of another size is damage: fails the transaction and yields zeros.
    template <class Id>
    [[nodiscard]] Id id(int column) {
        if (const auto value = Id::from(bytes(column))) return *value;
        database_->note(SQLITE_CORRUPT);
        return Id(crypto::ByteArray<Id::size>{});
    }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
    };
    void note_bind(int code);
    Database* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int next_parameter_ = 1;
};

// Rolls back unless committed; takes the write lock at once unless it only reads.
class Transaction {
public:
    enum class Kind : std::uint8_t { read, write };
    Transaction(Database& database, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    // True when everything since the start is durable.
    [[nodiscard]] bool commit();

private:
    Database& database_;
};

}  // namespace sotto::rendezvous
