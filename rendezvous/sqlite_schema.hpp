// The tables of the embedded store, and how they came to be: numbered migrations, only ever added.
//
// PRAGMA user_version counts the migrations a file has seen. Refuses a file that has seen more than
// this program knows, or one of another program. docs/protocol-rendezvous.md, "Storage".
#pragma once

#include "rendezvous/sqlite_database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sotto::rendezvous {

// Sets the connection up (WAL, synchronous=FULL, size limit unless 0) and runs the missing
// migrations, each in a transaction of its own.
[[nodiscard]] crypto::Result<void, DatabaseError> prepare_schema(Database& database,
                                                                 std::uint64_t max_bytes);

// What is wrong with a file that should be ours, before anything in it is touched: another
// program's, or a newer version's. An empty file is nobody's.
[[nodiscard]] std::optional<DatabaseError> check_identity(Database& database);

// Tables' columns ("TABLE.COLUMN") and indexes that a file of its version ought to have and has
// not. More than it ought to have is no harm. The file is one that check_identity() let pass.
[[nodiscard]] std::vector<std::string> missing_names(Database& database);

[[nodiscard]] int schema_version();
// The SQL that made `version` of the one before it (1..schema_version()): for the test that it
// stays as it was released.
[[nodiscard]] std::string_view migration_text(int version);

}  // namespace sotto::rendezvous
