// One connection to one SQLCipher file: keyed, checked, with cached statements and typed values.
//
// Owned and used by one thread at a time. Errors are sticky: Rows and Transaction do nothing more
// after their first failure and tell it when asked, so that callers read as a list of statements.
// Statements are literals of our source (Sql), values are always bound. Refuses: plain SQLite
// instead of SQLCipher, a wrong key, SQL made at run time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "crypto/vault_header.hpp"
#include "peer/store/rows.hpp"
#include "peer/store/sql.hpp"

struct sqlite3;

namespace sotto::peer::store {

class Database {
public:
    enum class Mode : std::uint8_t {
        create,     ///< read and write; the file is made (0600) when it is not there
        read_only,  ///< beside a writer of the same process
    };
    enum class Durability : std::uint8_t {
        every_commit,  ///< on the disk when commit() returns
        checkpoints,   ///< survives our crash; a power cut may lose the last commits, never damages
    };
    struct Options {
        Mode mode = Mode::create;
        Durability durability = Durability::every_commit;
        std::uint32_t cache_kib = 2048;
        std::uint32_t log_room_pages = 0;  ///< what wipe_log() leaves room for
    };

    [[nodiscard]] static Result<Database, StoreError> open(const std::filesystem::path& file,
                                                           const crypto::DatabaseKey& key,
                                                           const Options& options);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// One query at a time per call site: a second one before the first Rows is gone is our own
    /// bug.
    [[nodiscard]] Rows query(Sql sql, Values values = {});
    [[nodiscard]] Result<void, StoreError> run(Sql sql, Values values = {});
    /// Several statements without values, not cached (schema, pragmas).
    [[nodiscard]] Result<void, StoreError> script(Sql sql);
    /// The first column of the first row of a query that has one.
    [[nodiscard]] Result<std::int64_t, StoreError> number(Sql sql, Values values = {});

    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] std::int64_t last_insert_row() const;

    /// Pages in the write-ahead log after the last commit of this connection.
    [[nodiscard]] std::uint32_t log_pages() const noexcept;
    /// Nothing was written to the log since wipe_log().
    [[nodiscard]] bool log_is_wiped() const noexcept;
    /// Moves what it can from the log into the file; waits for nobody.
    [[nodiscard]] Result<void, StoreError> checkpoint();
    /// Moves everything into the file and overwrites the log with zeros, so that no older version
    /// of a page stays readable in it. The log keeps log_pages_kept pages of room: a commit into
    /// blocks the file has already costs half of one that makes it grow (131 against 283 us of
    /// fdatasync). False when a reader is in the way: ask again later.
    [[nodiscard]] Result<bool, StoreError> wipe_log();

    /// Everything as it is now, into a new file of another key; on the disk when it returns. After
    /// a failure the file may be there in part.
    [[nodiscard]] Result<void, StoreError> copy_to(const std::filesystem::path& file,
                                                   const crypto::DatabaseKey& key);

    /// From now on every statement fails with `stopped` soon after a stop was asked for, also one
    /// that is under way. A commit that has begun ends.
    void stop_when(std::stop_token stop);

    /// For what only SQLite's own interface offers (search/, tests). Never key or close it.
    [[nodiscard]] sqlite3* handle() noexcept;

private:
    struct Connection;
    explicit Database(std::unique_ptr<Connection> connection) noexcept;
    [[nodiscard]] Result<void, StoreError> prepare_connection(const Options& options);

    std::unique_ptr<Connection> connection_;
};

/// How long a connection waits for another one of this process.
inline constexpr int busy_timeout_ms =
    2000;  // far above a checkpoint, far below a person's patience

}  // namespace sotto::peer::store
