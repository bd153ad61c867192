#include "peer/store/rows.hpp"

#include <sqlite3.h>

#include "peer/store/sqlite_error.hpp"

namespace sotto::peer::store {

Rows::Rows(sqlite3_stmt* statement, std::optional<StoreError> error)
    : statement_(statement), error_(error) {}

Rows::Rows(Rows&& other) noexcept : statement_(other.statement_), error_(other.error_) {
    other.statement_ = nullptr;
}

Rows::~Rows() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);  // the bound memory is the caller's
}

bool Rows::next() {
    if (error_ || statement_ == nullptr) return false;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) error_ = error_of_sqlite(sqlite3_db_handle(statement_), code);
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    statement_ = nullptr;
    return false;
}

StoreError Rows::error() const {
    crypto::ensure(error_.has_value(), "error() of rows that did not fail");
    return *error_;
}

Result<void, StoreError> Rows::finish() {
    while (next()) {
    }
    if (error_) return Unexpected(*error_);
    return {};
}

void Rows::fail(StoreError error) noexcept {
    if (!error_) error_ = error;
}

std::int64_t Rows::integer(int column) {
    if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER) {
        fail(StoreError::corrupt);
        return 0;
    }
    return sqlite3_column_int64(statement_, column);
}

std::uint64_t Rows::unsigned_integer(int column) {
    return static_cast<std::uint64_t>(integer(column));
}

bool Rows::boolean(int column) {
    return integer(column) != 0;
}

std::string_view Rows::text_view(int column) {
    if (sqlite3_column_type(statement_, column) != SQLITE_TEXT) {
        fail(StoreError::corrupt);
        return {};
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Rows::text(int column) {
    return std::string(text_view(column));
}

ByteView Rows::blob_view(int column) {
    if (sqlite3_column_type(statement_, column) != SQLITE_BLOB) {
        fail(StoreError::corrupt);
        return {};
    }
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Bytes Rows::blob(int column) {
    const ByteView bytes = blob_view(column);
    return {bytes.begin(), bytes.end()};
}

}  // namespace sotto::peer::store
