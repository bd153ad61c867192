// The embedded Store: one SQLite file (WAL, synchronous=FULL) behind a group-commit queue.
//
// A thread of its own takes everything that was submitted meanwhile, runs it in one transaction,
// commits, and only then hands the results back: durability costs one fsync per group, not per
// message, and none for acknowledgements. When a group fails (disk full), its batches are tried one
// by one, so that only those that cannot be stored are refused. Owns the thread; the destructor
// finishes what was submitted. Refuses files of a newer schema or of another program.
// docs/protocol-rendezvous.md, "Storage".
#pragma once

#include "rendezvous/event_fd.hpp"
#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/store.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace sotto::rendezvous {

class SqliteStore final : public Store {
public:
    // `path`: the database file, created with mode 0600 when missing. `max_bytes`: how large it may
    // grow before it behaves like a full disk; 0 = as large as the disk allows.
    [[nodiscard]] static crypto::Result<std::unique_ptr<SqliteStore>, DatabaseError> open(
        const std::string& path, std::uint64_t max_bytes);
    ~SqliteStore() override;

    void submit(std::vector<StoreRequest> requests) override;
    [[nodiscard]] std::vector<StoreDone> collect() override;
    [[nodiscard]] int ready_fd() const override { return ready_.fd(); }

    [[nodiscard]] StoreFigures figures() const override;
    // Transactions so far; tells a test that commits are shared.
    [[nodiscard]] std::uint64_t commits() const { return figures().commits; }

private:
    class Worker;
    SqliteStore(Database database, std::string path);
    void run();
    void note_group(const std::vector<StoreDone>& done, std::size_t left);

    const std::string path_;
    std::unique_ptr<Worker> worker_;
    EventFd ready_;
    mutable std::mutex mutex_;  // guards everything below
    std::condition_variable submitted_signal_;
    std::vector<StoreRequest> submitted_;
    std::vector<StoreDone> done_;
    StoreFigures figures_;
    bool stopping_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sotto::rendezvous
