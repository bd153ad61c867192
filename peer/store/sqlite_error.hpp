// What SQLite's and the system's error numbers mean to this folder.
#pragma once

#include "peer/store/store_error.hpp"

struct sqlite3;

namespace sotto::peer::store {

/// Of errno.
[[nodiscard]] StoreError error_of_system(int code);
/// Of a result code; `connection` may be null. A code that says we called SQLite wrongly aborts.
[[nodiscard]] StoreError error_of_sqlite(sqlite3* connection, int code);

}  // namespace sotto::peer::store
