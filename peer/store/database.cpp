#include "peer/store/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>

#include "crypto/secret.hpp"
#include "peer/store/sqlite_error.hpp"
#include "peer/store/sqlite_memory.hpp"

namespace sotto::peer::store {
namespace {

// A ratchet state with all its skipped keys is about 0.4 MB, a text 32 KiB; beyond this is a bug.
constexpr int value_size_max = 16 * 1024 * 1024;

// A log that grew larger, behind a long read, is cut off instead of wiped: 8 MiB.
constexpr std::uint32_t log_pages_kept_max = 2048;

// Of SQLite's file format, at SQLCipher's default page size.
constexpr off_t log_header_size = 32;
constexpr off_t log_frame_size = 24 + 4096;

// Instructions of SQLite's machine between two looks at stop_when(): some 50 rows, 0.1 ms.
constexpr int steps_between_looks = 1000;

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

int bind_number(sqlite3_stmt* statement, int index, std::int64_t number) {
    return sqlite3_bind_int64(statement, index, number);
}
// Not copied: the values live until the statement was reset. Never a null pointer, which SQLite
// would store as NULL instead of as an empty value.
int bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    return sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(),
                               SQLITE_STATIC, SQLITE_UTF8);
}
int bind_blob(sqlite3_stmt* statement, int index, ByteView blob) {
    if (blob.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, blob.data(), blob.size(), SQLITE_STATIC);
}

// SQLite would make the file as the umask says; its -wal and -shm files take over the file's mode.
// A file that is there is not even opened: closing it would drop the locks that other connections
// of this process hold on it.
Result<void, StoreError> make_private_file(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        ::close(descriptor);
        return {};
    }
    if (errno == EEXIST) return {};
    return Unexpected(error_of_system(errno));
}

// Zeros from the start of `file` to `size`, and nothing behind; on the disk when it returns.
Result<void, StoreError> overwrite_with_zeros(const std::filesystem::path& file, off_t size) {
    static constexpr std::array<std::uint8_t, 64 * 1024> zeros{};
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return Unexpected(error_of_system(errno));
    int failure = 0;
    for (off_t offset = 0; offset < size && failure == 0;) {
        const auto left = static_cast<std::size_t>(size - offset);
        const ssize_t written =
            ::pwrite(descriptor, zeros.data(), std::min(left, zeros.size()), offset);
        if (written > 0) {
            offset += written;
        } else if (errno != EINTR) {
            failure = errno;
        }
    }
    if (failure == 0 && ::fdatasync(descriptor) != 0) failure = errno;
    ::close(descriptor);
    if (failure != 0) return Unexpected(error_of_system(failure));
    return {};
}

}  // namespace

struct Database::Connection {
    explicit Connection(sqlite3* opened) noexcept : handle(opened) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        statements.clear();
        sqlite3_close_v2(handle);  // checkpoints and removes the log when it is the last connection
    }

    sqlite3* handle;
    std::stop_token stop;
    // By the literal's address: each call site has its own statement.
    std::map<const char*, StatementPtr, std::less<>> statements;
    std::filesystem::path log_file;
    std::uint32_t log_pages = 0;    // in the log after the last commit
    std::uint32_t dirty_pages = 0;  // the most the log held since it was wiped
    std::uint32_t log_room_pages = 0;
    bool log_known = false;  // false: the log may hold anything an earlier process left
};

// --- opening -----------------------------------------------------------------------------------

Database::Database(std::unique_ptr<Connection> connection) noexcept
    : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database, StoreError> Database::open(const std::filesystem::path& file,
                                            const crypto::DatabaseKey& key,
                                            const Options& options) {
    use_wiped_memory();
    if (options.mode == Mode::create) {
        if (auto made = make_private_file(file); !made) return Unexpected(made.error());
    }
    // NOMUTEX: one thread at a time is the contract. No CREATE: see make_private_file().
    const int flags =
        (options.mode == Mode::create ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    auto connection = std::make_unique<Connection>(handle);
    connection->log_file = file;
    connection->log_file += "-wal";
    connection->log_room_pages = options.log_room_pages;
    if (opened != SQLITE_OK) return Unexpected(error_of_sqlite(handle, opened));

    // A raw key, in SQLCipher's notation x'64 hex digits': no key derivation, no key in SQL text.
    crypto::SecretBytes quoted;
    quoted.reserve(67);
    quoted.push_back('x');
    quoted.push_back('\'');
    const crypto::SecretBytes hex = key.hex();
    quoted.insert(quoted.end(), hex.begin(), hex.end());
    quoted.push_back('\'');
    if (sqlite3_key(handle, quoted.data(), static_cast<int>(quoted.size())) != SQLITE_OK) {
        return Unexpected(StoreError::wrong_key);
    }
    Database database(std::move(connection));
    if (auto ready = database.prepare_connection(options); !ready) return Unexpected(ready.error());
    return database;
}

Result<void, StoreError> Database::prepare_connection(const Options& options) {
    sqlite3* handle = connection_->handle;
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, value_size_max);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);

    // SQLCipher 4 reports failures on stderr by itself: they come back as errors instead.
    if (auto quiet = script("PRAGMA cipher_log_level = NONE"); !quiet) return quiet;
    // Plain SQLite takes sqlite3_key() and PRAGMA key without a word and writes plain text.
    Rows version = query("PRAGMA cipher_version");
    crypto::ensure(version.next() && !version.text(0).empty(),
                   "the program is linked with plain SQLite instead of SQLCipher");
    if (auto done = version.finish(); !done) return done;

    const auto schema = number("SELECT count(*) FROM sqlite_master");
    if (!schema) {
        return Unexpected(schema.error() == StoreError::corrupt ? StoreError::wrong_key
                                                                : schema.error());
    }
    if (options.mode == Mode::create) {
        const auto mode = query("PRAGMA journal_mode = WAL").finish();
        if (!mode) return mode;
    }
    if (auto set = script("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                          "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
                          "PRAGMA auto_vacuum = NONE;");
        !set) {
        return set;
    }
    auto level = options.durability == Durability::every_commit
                     ? script("PRAGMA synchronous = FULL")
                     : script("PRAGMA synchronous = NORMAL");
    if (!level) return level;
    const std::string cache = "PRAGMA cache_size = -" + std::to_string(options.cache_kib);
    if (sqlite3_exec(handle, cache.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return Unexpected(StoreError::out_of_memory);
    }
    // Replaces the checkpoint that SQLite would run inside some commit: the owner chooses the time.
    sqlite3_wal_hook(
        handle,
        [](void* connection, sqlite3*, const char*, int pages) {
            auto& self = *static_cast<Connection*>(connection);
            self.log_pages = static_cast<std::uint32_t>(pages);
            self.dirty_pages = std::max(self.dirty_pages, self.log_pages);
            return SQLITE_OK;
        },
        connection_.get());
    return {};
}

// --- statements --------------------------------------------------------------------------------

Rows Database::query(Sql sql, Values values) {
    StatementPtr& cached = connection_->statements[sql.text()];
    if (!cached) {
        sqlite3_stmt* prepared = nullptr;
        const int code = sqlite3_prepare_v3(connection_->handle, sql.text(), -1,
                                            SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        if (code != SQLITE_OK) return Rows(nullptr, error_of_sqlite(connection_->handle, code));
        cached.reset(prepared);
    }
    sqlite3_stmt* statement = cached.get();
    crypto::ensure(sqlite3_stmt_busy(statement) == 0, "a statement was started while it runs");
    int index = 0;
    int code = SQLITE_OK;
    for (const Value& value : values) {
        ++index;
        if (const auto* number = std::get_if<std::int64_t>(&value.get())) {
            code = bind_number(statement, index, *number);
        } else if (const auto* text = std::get_if<std::string_view>(&value.get())) {
            code = bind_text(statement, index, *text);
        } else {
            code = bind_blob(statement, index, std::get<ByteView>(value.get()));
        }
        if (code != SQLITE_OK) {
            sqlite3_clear_bindings(statement);
            return Rows(nullptr, error_of_sqlite(connection_->handle, code));
        }
    }
    return Rows(statement, std::nullopt);
}

Result<void, StoreError> Database::run(Sql sql, Values values) {
    return query(sql, values).finish();
}

Result<void, StoreError> Database::script(Sql sql) {
    const int code = sqlite3_exec(connection_->handle, sql.text(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return Unexpected(error_of_sqlite(connection_->handle, code));
    return {};
}

Result<std::int64_t, StoreError> Database::number(Sql sql, Values values) {
    Rows rows = query(sql, values);
    std::int64_t result = 0;
    if (rows.next()) {
        result = rows.integer(0);
    } else if (rows.ok()) {
        return Unexpected(StoreError::corrupt);
    }
    if (!rows.ok()) return Unexpected(rows.error());
    return result;
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(connection_->handle);
}
std::int64_t Database::last_insert_row() const {
    return sqlite3_last_insert_rowid(connection_->handle);
}

// --- the write-ahead log -----------------------------------------------------------------------

std::uint32_t Database::log_pages() const noexcept {
    return connection_->log_pages;
}
bool Database::log_is_wiped() const noexcept {
    return connection_->log_known && connection_->dirty_pages == 0;
}

Result<void, StoreError> Database::checkpoint() {
    const int code = sqlite3_wal_checkpoint_v2(connection_->handle, nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        return Unexpected(error_of_sqlite(connection_->handle, code));
    }
    return {};
}

// After a RESTART checkpoint no reader uses the log, its content is in the file and synced, and the
// next commit writes it from the start: what is in it matters to nobody, and a header of zeros is
// an empty log to whoever opens the file after a crash. No other connection writes (the profile is
// locked and the history reader is read-only), so none can begin between the two steps.
Result<bool, StoreError> Database::wipe_log() {
    Connection& self = *connection_;
    // What an earlier process or a long read left may be of any length: cut it off.
    const bool in_place = self.log_known && self.dirty_pages <= log_pages_kept_max;
    const int mode = in_place ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE;
    sqlite3_busy_timeout(self.handle, 0);
    int log = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(self.handle, nullptr, mode, &log, &moved);
    sqlite3_busy_timeout(self.handle, busy_timeout_ms);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) return false;
    if (code != SQLITE_OK) return Unexpected(error_of_sqlite(self.handle, code));
    if (moved != log) return false;
    const std::uint32_t pages = in_place ? self.dirty_pages : self.log_room_pages;
    const off_t size = log_header_size + static_cast<off_t>(pages) * log_frame_size;
    const auto wiped = overwrite_with_zeros(self.log_file, size);
    if (!wiped && in_place) return Unexpected(wiped.error());
    // Without room for a log of zeros, commits are slower, and fail when they need that room.
    if (!wiped && ::truncate(self.log_file.c_str(), 0) != 0) {
        // The zeros written so far stay: that is an empty log too.
    }
    self.log_known = true;
    self.log_pages = 0;
    self.dirty_pages = 0;
    return true;
}

Result<void, StoreError> Database::copy_to(const std::filesystem::path& file,
                                           const crypto::DatabaseKey& key) {
    auto target = open(file, key, {});
    if (!target) return Unexpected(target.error());
    // Straight into the file: a log would have to hold all of it first.
    const auto mode = target->query("PRAGMA journal_mode = DELETE").finish();
    if (!mode) return mode;
    sqlite3_backup* copy = sqlite3_backup_init(target->handle(), "main", handle(), "main");
    if (copy == nullptr) {
        return Unexpected(error_of_sqlite(target->handle(), sqlite3_errcode(target->handle())));
    }
    const int stepped = sqlite3_backup_step(copy, -1);
    const int finished = sqlite3_backup_finish(copy);
    if (stepped != SQLITE_DONE) return Unexpected(error_of_sqlite(target->handle(), stepped));
    if (finished != SQLITE_OK) return Unexpected(error_of_sqlite(target->handle(), finished));
    return {};
}

void Database::stop_when(std::stop_token stop) {
    connection_->stop = std::move(stop);
    const auto stopped = [](void* token) {
        return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
    };
    sqlite3_progress_handler(connection_->handle, steps_between_looks, stopped, &connection_->stop);
}

sqlite3* Database::handle() noexcept {
    return connection_->handle;
}

}  // namespace sotto::peer::store
