// Contact requests on SQLite tables: what a sender may do in a day, and who waits at a device.
//
// Runs inside the caller's transaction. What it tells a sender is the same for every recipient,
// real or not: it counts, and writes, before it looks who the request is for; and it does as much
// work for nobody's device (0) as for one at which many wait or were just fetched.
#pragma once

#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/store_ops.hpp"

namespace sotto::rendezvous {

class SqliteRequests {
public:
    explicit SqliteRequests(Database& database);

    // For the sender: `stored` when it counts as one more today, else repeated_request or
    // too_many_requests.
    [[nodiscard]] ops::PutMailResult count(const ops::PutMail& op);
    // Whether the device has room for it, and none of this sender's waits there. 0: nobody's.
    [[nodiscard]] bool has_place(const ops::PutMail& op, std::int64_t device_id);
    // To be called when it was stored there.
    void note(const ops::PutMail& op, std::int64_t device_id);
    // To be called when it was not: writes about as many pages, with nothing in them.
    void swallow(const ops::PutMail& op);
    // At most `limit` rows of each table; whether there may be more.
    [[nodiscard]] bool expire(std::uint64_t now_ms, std::size_t limit);

private:
    [[nodiscard]] std::size_t count_waiting(std::int64_t device_id);
    [[nodiscard]] bool unfetched(const AccountId& sender, std::int64_t device_id);

    Database& database_;
    Statement find_sent_;
    Statement count_sent_;
    Statement insert_sent_;
    Statement find_pending_;
    Statement list_waiting_;
    Statement find_unfetched_;
    Statement clear_waiting_;
    Statement insert_pending_;
    Statement insert_decoy_;
    Statement touch_decoy_;
    Statement expire_sent_;
    Statement expire_pending_;
};

}  // namespace sotto::rendezvous
