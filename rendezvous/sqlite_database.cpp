#include "rendezvous/sqlite_database.hpp"

namespace sotto::rendezvous {

namespace {

DatabaseError error_of(int code) {
    switch (code & 0xff) {  // the primary code; extended ones add detail above
        case SQLITE_FULL:
            return DatabaseError::disk_full;
        case SQLITE_CANTOPEN:
            return DatabaseError::cannot_open;
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return DatabaseError::not_a_database;
        case SQLITE_ERROR:  // our SQL is right, so the tables are not
            return DatabaseError::wrong_schema;
        default:
            return DatabaseError::io_error;
    }
}

}  // namespace

crypto::Result<Database, DatabaseError> Database::open(const std::string& path) {
    return open_with(path, SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW);
}

crypto::Result<Database, DatabaseError> Database::open_existing(const std::string& path) {
    return open_with(path, 0);
}

crypto::Result<Database, DatabaseError> Database::open_with(const std::string& path, int flags) {
    sqlite3* handle = nullptr;
    // NOMUTEX: one thread uses the connection. NOFOLLOW: the file is ours, not a link to another.
    const int code = sqlite3_open_v2(
        path.c_str(), &handle,
        flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) return crypto::Unexpected(error_of(code));
    sqlite3_busy_timeout(handle, 5000);  // an admin command may hold the lock for a moment
    return database;
}

void Database::note(int code) {
    if (!failure_) failure_ = error_of(code);
}

void Database::execute(const char* sql) {
    if (failure_) return;
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) note(code);
}

std::uint64_t Database::pages_looked_at() const {
    std::uint64_t sum = 0;
    for (const int kind : {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS}) {
        int now = 0;
        int highest = 0;
        sqlite3_db_status(handle_.get(), kind, &now, &highest, 0);
        sum += static_cast<std::uint64_t>(now);
    }
    return sum;
}

void Database::roll_back() {
    const auto before = failure_;
    failure_.reset();
    execute("ROLLBACK");
    if (before) failure_ = before;  // the first reason is the one to report
}

Statement::Statement(Database& database, const char* sql) : database_(&database) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(database.handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &handle, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) database.note(code);
}

void Statement::note_bind(int code) {
    if (code != SQLITE_OK) database_->note(code);
    ++next_parameter_;
}

Statement& Statement::bind(std::int64_t value) {
    note_bind(sqlite3_bind_int64(handle_.get(), next_parameter_, value));
    return *this;
}

// SQLITE_STATIC (no copy): callers bind what lives until the statement was run.
Statement& Statement::bind(std::string_view text) {
    note_bind(sqlite3_bind_text64(handle_.get(), next_parameter_, text.data(), text.size(), nullptr,
                                  SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(ByteView bytes) {
    static constexpr std::uint8_t nothing = 0;  // a null pointer would bind NULL
    const void* data = bytes.empty() ? &nothing : bytes.data();
    note_bind(sqlite3_bind_blob64(handle_.get(), next_parameter_, data, bytes.size(), nullptr));
    return *this;
}

Statement& Statement::bind_null() {
    note_bind(sqlite3_bind_null(handle_.get(), next_parameter_));
    return *this;
}

bool Statement::step() {
    if (database_->failure_) {
        rewind();
        return false;
    }
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_->note(code);
    rewind();
    return false;
}

void Statement::rewind() {
    sqlite3_reset(handle_.get());
    next_parameter_ = 1;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string Statement::text(int column) const {
    const ByteView view = bytes(column);
    return {view.begin(), view.end()};
}

ByteView Statement::bytes(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return data == nullptr ? ByteView() : ByteView(data, static_cast<std::size_t>(size));
}

Bytes Statement::copy(int column) const {
    const ByteView view = bytes(column);
    return {view.begin(), view.end()};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
    database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (database_.in_transaction()) database_.roll_back();  // some errors do so by themselves
}

bool Transaction::commit() {
    database_.execute("COMMIT");
    return !database_.failed();
}

}  // namespace sotto::rendezvous
