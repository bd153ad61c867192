#include "peer/store/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>

#include "crypto/result.hpp"

namespace sotto::peer::store {

// A quota or a file size limit is a full disk to whoever has to make room.
StoreError error_of_system(int code) {
    return code == ENOSPC || code == EDQUOT || code == EFBIG ? StoreError::disk_full
                                                             : StoreError::io;
}

StoreError error_of_sqlite(sqlite3* connection, int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return StoreError::disk_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return StoreError::busy;
        case SQLITE_NOMEM:
            return StoreError::out_of_memory;
        case SQLITE_INTERRUPT:
            return StoreError::stopped;
        case SQLITE_CONSTRAINT:
            return StoreError::conflict;
        case SQLITE_TOOBIG:
            return StoreError::too_big;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // our statements are right: SQLCipher says so when a page's MAC is
                            // wrong
            return StoreError::corrupt;
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
            crypto::ensure(false, "SQLite was called in the wrong way");
            [[fallthrough]];
        default:
            break;
    }
    if (code == SQLITE_IOERR_NOMEM) return StoreError::out_of_memory;
    return error_of_system(connection == nullptr ? 0 : sqlite3_system_errno(connection));
}

}  // namespace sotto::peer::store
