// The tables of history.db and search.db, as numbered steps from one version to the next.
//
// PRAGMA user_version is the number of steps done. Each step is one transaction, so a crash leaves
// the file at a version, never between two. Steps are never edited once released: a new one is
// appended. A file of a newer version is refused untouched (docs/storage.md).
#pragma once

#include <span>

#include "peer/store/database.hpp"

namespace sotto::peer::store {

/// All steps for history.db, oldest first.
[[nodiscard]] std::span<const Sql> history_schema() noexcept;
/// All steps for search.db. Its content can be made again from history.db.
[[nodiscard]] std::span<const Sql> search_schema() noexcept;

/// Brings the file to version steps.size(). Errors: newer_version, and whatever the file gives.
[[nodiscard]] Result<void, StoreError> migrate(Database& database, std::span<const Sql> steps);

}  // namespace sotto::peer::store
