// Why a database or a profile folder did not do what was asked.
//
// Every function of this folder that can fail in normal life returns one of these. The text of
// SQLite is not passed on: it may quote data. What a person reads is made from the enumerator.
#pragma once

#include <cstdint>
#include <string_view>

namespace sotto::peer::store {

enum class StoreError : std::uint8_t {
    disk_full,      ///< nothing was written; works again once there is room
    busy,           ///< another connection held the file for longer than busy_timeout_ms
    wrong_key,      ///< not a database, or of another key
    corrupt,        ///< a page is not authentic, or a row is not of the shape we write
    newer_version,  ///< written by a newer Sotto: this one must not touch it
    conflict,       ///< a row number or a reference that cannot be: a bug of the caller
    too_big,        ///< a value beyond what the database takes
    out_of_memory,
    stopped,  ///< whoever asked does not want it any more (Database::stop_when)
    io,       ///< the file system refused: permission, read-only, a failing disk
};

[[nodiscard]] constexpr std::string_view to_string(StoreError error) noexcept {
    switch (error) {
        case StoreError::disk_full:
            return "the disk is full";
        case StoreError::busy:
            return "the database is in use";
        case StoreError::wrong_key:
            return "the key does not open the database";
        case StoreError::corrupt:
            return "the database is damaged";
        case StoreError::newer_version:
            return "the database was written by a newer version";
        case StoreError::conflict:
            return "a row that cannot be stored";
        case StoreError::too_big:
            return "a value is too big to be stored";
        case StoreError::out_of_memory:
            return "out of memory";
        case StoreError::stopped:
            return "it was stopped";
        case StoreError::io:
            return "the file system refused";
    }
    return "unknown";
}

}  // namespace sotto::peer::store
