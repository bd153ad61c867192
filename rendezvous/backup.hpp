// Copies of a server in one file, and the way back.
//
// A backup is a SQLite database like the server's own with one more table, which holds the
// configuration and, unless left out, the secret key: without the key no member could connect to
// what is restored. It is consistent, taken while the server runs, mode 0600, on the disk when the
// call returns, and never written over an existing file. Restoring checks everything before it
// changes anything. docs/storage.md, "Backup of a server". Errors are sentences.
#pragma once

#include "rendezvous/server_folder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sotto::rendezvous {

using Sentence = ConfigError;

// `file` must not exist. Serving goes on meanwhile; the write-ahead log grows until it is done.
[[nodiscard]] crypto::Result<void, Sentence> write_backup(const ServerFolder& folder,
                                                          const std::string& file, bool with_key);

struct DatabaseReport {
    std::vector<std::string> damage;  // empty: none was found
    std::int64_t schema = 0;
    std::uint64_t accounts = 0;
    std::uint64_t mail_items = 0;
    bool has_key = false;  // of a backup
    bool is_backup = false;
};
// Reads all of it: structure, indexes, references, counters. Also while the server runs.
[[nodiscard]] crypto::Result<DatabaseReport, Sentence> check_database(const std::string& file);

struct RestoreReport {
    DatabaseReport database;
    std::string kept_as;  // the database that was there before
    bool wrote_key = false;
    bool wrote_config = false;
};
// The folder's lock must be held. With `replace` the database that is there is kept under another
// name. A key that is there must be the backup's.
[[nodiscard]] crypto::Result<RestoreReport, Sentence> restore_backup(const ServerFolder& folder,
                                                                     const std::string& file,
                                                                     bool replace,
                                                                     std::uint64_t now_ms);

}  // namespace sotto::rendezvous
