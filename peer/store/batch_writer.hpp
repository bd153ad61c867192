// One SaveOp at a time into an open transaction: the mirror of load().
//
// Errors stick to the transaction; after the first one nothing more is done. Knows which
// SaveMessages were duplicates. Refuses row numbers that SQLite cannot keep (conflict).
#pragma once

#include <span>
#include <vector>

#include "peer/output.hpp"
#include "peer/store/store.hpp"
#include "peer/store/transaction.hpp"

namespace sotto::peer::store {

class BatchWriter {
public:
    BatchWriter(Store& store, Transaction& transaction) noexcept
        : store_(store), transaction_(transaction) {}

    /// What is there already, when it was such a message; without its position.
    [[nodiscard]] std::optional<Duplicate> write(const SaveOp& op);

    void operator()(const SaveSelf& op);
    void operator()(const SaveSetting& op);
    void operator()(const SaveContact& op);
    void operator()(const SaveSession& op);
    void operator()(const DeleteSession& op);
    void operator()(const SavePrekey& op);
    void operator()(const DeletePrekey& op);
    void operator()(const SaveHandshakeSeen& op);
    void operator()(const DeleteHandshakesSeen& op);
    void operator()(const SaveMessage& op);
    void operator()(const SaveMessageState& op);
    void operator()(const SaveReadUpTo& op);
    void operator()(const SaveOutbox& op);
    void operator()(const DeleteOutbox& op);

private:
    [[nodiscard]] std::int64_t number_of(const AccountId& peer);
    [[nodiscard]] std::int64_t number_of(const DeviceId& device);

    Store& store_;
    Transaction& transaction_;
    std::optional<Duplicate> duplicate_;
};

}  // namespace sotto::peer::store
