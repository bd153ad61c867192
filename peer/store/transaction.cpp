#include "peer/store/transaction.hpp"

#include <sqlite3.h>

namespace sotto::peer::store {

Transaction::Transaction(Database& database) : database_(database) {
    const auto begun = database_.run("BEGIN IMMEDIATE");
    if (begun) {
        open_ = true;
    } else {
        error_ = begun.error();
    }
}

Transaction::~Transaction() {
    // Some failures (a full disk) have rolled back already.
    if (open_ && sqlite3_get_autocommit(database_.handle()) == 0) {
        static_cast<void>(database_.run("ROLLBACK").has_value());
    }
}

void Transaction::run(Sql sql, Values values) {
    if (error_) return;
    const auto done = database_.run(sql, values);
    if (!done) error_ = done.error();
}

std::optional<std::int64_t> Transaction::number(Sql sql, Values values) {
    if (error_) return std::nullopt;
    Rows rows = database_.query(sql, values);
    std::optional<std::int64_t> result;
    if (rows.next()) result = rows.integer(0);
    if (!rows.ok()) {
        error_ = rows.error();
        result.reset();
    }
    return result;
}

void Transaction::fail(StoreError error) noexcept {
    if (!error_) error_ = error;
}

Result<void, StoreError> Transaction::commit() {
    if (error_) return Unexpected(*error_);
    const auto done = database_.run("COMMIT");
    if (!done) {
        error_ = done.error();
        return done;
    }
    open_ = false;
    return {};
}

}  // namespace sotto::peer::store
