// The writer of a profile's history.db: takes a turn's saves in one transaction, gives them back.
//
// Owned by the thread that runs the engine. commit() is durable when it returns (WAL, one
// fdatasync); when it fails nothing of the batch was written and the store can be used on. Blobs of
// the engine are stored as they are. What is deleted or replaced is overwritten in the file at once
// and leaves the write-ahead log at the next maintain() or opening (docs/storage.md, "Deletion").
#pragma once

#include <map>
#include <span>
#include <vector>

#include "peer/output.hpp"
#include "peer/store/database.hpp"

namespace sotto::peer::store {

/// At this size commit() moves the log into the file by itself: 4 MiB. About one message in 160
/// pays for it (1 to 2 ms), which p99 hardly sees.
inline constexpr std::uint32_t log_pages_max = 1024;

/// A SaveMessage whose message was stored before (same sender device, message id and conversation):
/// nothing was changed for it.
struct Duplicate {
    std::size_t position = 0;  ///< in the batch
    std::uint64_t row = 0;     ///< where it stands
    bool read = false;         ///< the person has seen it
};
struct CommitSummary {
    std::vector<Duplicate> duplicates;  ///< by rising position
};

struct StoreOptions {
    /// Room made in the write-ahead log at opening, so that commits need not make it grow (4 ms
    /// once for 4 MiB).
    std::uint32_t log_room_pages = log_pages_max;
};

class Store {
public:
    /// Opens or makes the file and brings its schema up to date. Errors: wrong_key, newer_version,
    /// ...
    [[nodiscard]] static Result<Store, StoreError> open(const std::filesystem::path& file,
                                                        const crypto::DatabaseKey& key,
                                                        const StoreOptions& options);

    /// All or nothing, in the given order, durable. conflict: a message's row number is taken.
    [[nodiscard]] Result<CommitSummary, StoreError> commit(std::span<const SaveOp> ops);
    /// Everything the engine needs to go on; at start, or after a failed commit.
    [[nodiscard]] Result<Snapshot, StoreError> load();

    /// True when maintain() has something to do.
    [[nodiscard]] bool wants_maintenance() const noexcept { return !database_.log_is_wiped(); }
    /// Wipes the write-ahead log, so that nothing replaced or deleted is left in it. For idle
    /// moments (say after 10 s without a message): about 1 ms. False when the history reader is in
    /// the way: ask again.
    [[nodiscard]] Result<bool, StoreError> maintain();

    /// The monotonic number behind rollback detection (profile.hpp).
    [[nodiscard]] Result<std::uint64_t, StoreError> epoch();
    [[nodiscard]] Result<void, StoreError> set_epoch(std::uint64_t epoch);
    /// The file is an old copy: drops every session, remembers it for load(), sets the epoch.
    [[nodiscard]] Result<void, StoreError> mark_rolled_back(std::uint64_t epoch);

    /// For tests and tools that look at the file through this connection.
    [[nodiscard]] Database& database() noexcept { return database_; }

private:
    Store(Database database, std::int64_t next_outbox_position) noexcept
        : database_(std::move(database)), next_outbox_position_(next_outbox_position) {}
    void forget_ids() noexcept;
    void checkpoint_when_due();

    Database database_;
    // Numbers of peers and sender devices seen by this process. As many as there are contacts and
    // their devices, which the engine limits.
    std::map<AccountId, std::int64_t> peers_;
    std::map<DeviceId, std::int64_t> devices_;
    std::uint32_t checkpoint_at_ = log_pages_max;
    std::int64_t next_outbox_position_;  // grows; load() returns the outbox in this order

    friend class BatchWriter;
};

}  // namespace sotto::peer::store
