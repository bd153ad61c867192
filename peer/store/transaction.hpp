// A transaction for writing, whose statements need no checks of their own: the first failure sticks
// and commit() tells it.
#pragma once

#include <optional>

#include "peer/store/database.hpp"

namespace sotto::peer::store {

/// All or nothing: rolled back unless committed.
class Transaction {
public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// Does nothing after a failure.
    void run(Sql sql, Values values = {});
    /// The first column of the first row; nothing when there is no row, or after a failure.
    [[nodiscard]] std::optional<std::int64_t> number(Sql sql, Values values = {});
    [[nodiscard]] bool ok() const noexcept { return !error_; }
    void fail(StoreError error) noexcept;
    [[nodiscard]] Database& database() noexcept { return database_; }

    /// The first failure, or that of the commit itself; then nothing was written.
    [[nodiscard]] Result<void, StoreError> commit();

private:
    Database& database_;
    std::optional<StoreError> error_;
    bool open_ = false;
};

}  // namespace sotto::peer::store
