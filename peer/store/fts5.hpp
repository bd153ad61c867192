// The way to FTS5's interface for tokenizers, which SQLite gives through a query.
#pragma once

struct sqlite3;
struct fts5_api;

namespace sotto::peer::store {

/// Null when the library has no FTS5 or no memory. Lives as long as the connection.
[[nodiscard]] fts5_api* fts5_api_of(sqlite3* connection);

}  // namespace sotto::peer::store
