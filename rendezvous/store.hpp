// The port to the rendezvous' durable truth: batches of ops in, results out, never waiting.
//
// One thread owns a Store and makes all calls. submit() hands over a batch; its results come out of
// collect() after the batch is on disk, in the order of submission. A batch is atomic: after a
// crash all of it is there or nothing. A batch that could not be made durable comes back as a
// StoreError, with nothing of it done, and the store goes on serving.
// docs/protocol-rendezvous.md, "Storage".
#pragma once

#include "crypto/result.hpp"
#include "rendezvous/store_ops.hpp"

namespace sotto::rendezvous {

struct StoreRequest {
    std::uint64_t token = 0;  // names the batch in its StoreDone
    std::vector<ops::Op> batch;
};

enum class StoreError : std::uint8_t {
    disk_full,
    unavailable,  // I/O error, damaged file, connection lost
};
[[nodiscard]] constexpr std::string_view to_string(StoreError error) {
    switch (error) {
        case StoreError::disk_full:
            return "disk full";
        case StoreError::unavailable:
            return "storage unavailable";
    }
    return "unknown storage error";
}

struct StoreDone {
    std::uint64_t token = 0;
    crypto::Result<std::vector<ops::OpResult>, StoreError> results;  // one per op
};

// For the operator's eyes.
struct StoreFigures {
    std::uint64_t commits = 0;
    std::uint64_t failed_batches = 0;  // disk full and the like
    std::size_t waiting_batches = 0;   // submitted, not begun
    std::uint64_t mail_items = 0;
    std::uint64_t mail_bytes = 0;
    std::uint64_t file_bytes = 0;
};

class Store {
public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    virtual void submit(std::vector<StoreRequest> requests) = 0;
    [[nodiscard]] virtual std::vector<StoreDone> collect() = 0;
    // Readable while collect() has something; -1 when submit() leaves it ready at once.
    [[nodiscard]] virtual int ready_fd() const = 0;
    [[nodiscard]] virtual StoreFigures figures() const = 0;
};

}  // namespace sotto::rendezvous
