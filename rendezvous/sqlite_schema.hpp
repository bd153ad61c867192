// The tables of the embedded store, and how they came to be: numbered migrations, only ever added.
//
// PRAGMA user_version counts the migrations a file has seen. Refuses a file that has seen more than
// this program knows, or one of another program. docs/protocol-rendezvous.md, "Storage".
#pragma once

#include "rendezvous/sqlite_database.hpp"

namespace sotto::rendezvous {

// Sets the connection up (WAL, synchronous=FULL, size limit unless 0) and runs the missing
// migrations, each in a transaction of its own.
[[nodiscard]] crypto::Result<void, DatabaseError> prepare_schema(Database& database,
                                                                 std::uint64_t max_bytes);

// What is wrong with a file that should be ours, before anything in it is touched: another
// program's, or a newer version's. An empty file is nobody's.
[[nodiscard]] std::optional<DatabaseError> check_identity(Database& database);

[[nodiscard]] int schema_version();

}  // namespace sotto::rendezvous
