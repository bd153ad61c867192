#include "rendezvous/sqlite_requests.hpp"

namespace sotto::rendezvous {

namespace {

// The earliest time that is not `lifetime_ms` ago yet; 0 in the first days of the epoch.
std::int64_t since(std::uint64_t now_ms, std::uint64_t lifetime_ms) {
    return static_cast<std::int64_t>(now_ms < lifetime_ms ? 0 : now_ms - lifetime_ms + 1);
}

}  // namespace

SqliteRequests::SqliteRequests(Database& db)
    : database_(db),
      find_sent_(db,
                 "SELECT 1 FROM requests_sent WHERE sender = ? AND envelope = ? "
                 "AND created_ms >= ?"),
      count_sent_(db,
                  "SELECT count(*), min(created_ms) FROM requests_sent "
                  "WHERE sender = ? AND created_ms >= ?"),
      insert_sent_(db,
                   "INSERT OR REPLACE INTO requests_sent (sender, envelope, created_ms) "
                   "VALUES (?, ?, ?)"),
      find_pending_(db,
                    "SELECT 1 FROM contact_requests r WHERE r.sender = ?1 AND r.device_id = ?2 "
                    "AND (r.created_ms >= ?3 OR EXISTS (SELECT 1 FROM mail m "
                    "WHERE m.device_id = r.device_id AND m.envelope = r.envelope))"),
      list_waiting_(db,
                    "SELECT sender FROM contact_requests WHERE device_id = ? AND waiting = 1 "
                    "LIMIT ?"),
      find_unfetched_(db,
                      "SELECT EXISTS (SELECT 1 FROM mail WHERE device_id = ?2 AND envelope = "
                      "coalesce((SELECT envelope FROM contact_requests "
                      "WHERE sender = ?1 AND device_id = ?2), zeroblob(16)))"),
      clear_waiting_(db,
                     "UPDATE contact_requests SET waiting = 0 WHERE sender = ? AND device_id = ?"),
      insert_pending_(db,
                      "INSERT OR REPLACE INTO contact_requests "
                      "(sender, device_id, envelope, created_ms) VALUES (?, ?, ?, ?)"),
      insert_decoy_(db, "INSERT OR REPLACE INTO decoy (id, filler) VALUES (1, zeroblob(?))"),
      touch_decoy_(db, "INSERT OR REPLACE INTO decoy (id, filler) VALUES (2, randomblob(16))"),
      expire_sent_(db,
                   "DELETE FROM requests_sent WHERE (sender, envelope) IN (SELECT sender, envelope "
                   "FROM requests_sent WHERE created_ms < ? LIMIT ?)"),
      expire_pending_(db,
                      "DELETE FROM contact_requests WHERE (sender, device_id) IN (SELECT sender, "
                      "device_id FROM contact_requests WHERE created_ms < ? LIMIT ?)") {}

ops::PutMailResult SqliteRequests::count(const ops::PutMail& op) {
    ops::PutMailResult result;
    const std::int64_t recent = since(op.now_ms, ops::request_window_ms);
    find_sent_.bind(op.request_sender->view()).bind(op.envelope.view()).bind(recent);
    if (find_sent_.step()) result.status = ops::PutStatus::repeated_request;
    find_sent_.rewind();
    if (result.status != ops::PutStatus::stored) return result;
    count_sent_.bind(op.request_sender->view()).bind(recent);
    if (count_sent_.step() &&
        count_sent_.integer(0) >= static_cast<std::int64_t>(ops::requests_per_window)) {
        result.status = ops::PutStatus::too_many_requests;
        result.retry_after_ms = static_cast<std::uint64_t>(count_sent_.integer(1) - recent) + 1;
    }
    count_sent_.rewind();
    if (result.status != ops::PutStatus::stored) return result;
    insert_sent_.bind(op.request_sender->view()).bind(op.envelope.view());
    insert_sent_.bind(static_cast<std::int64_t>(op.now_ms)).run();
    return result;
}

bool SqliteRequests::has_place(const ops::PutMail& op, std::int64_t device_id) {
    find_pending_.bind(op.request_sender->view()).bind(device_id);
    find_pending_.bind(since(op.now_ms, ops::request_window_ms));
    const bool pending = find_pending_.step();
    find_pending_.rewind();
    const bool room = count_waiting(device_id) < ops::requests_waiting_max;
    return room && !pending;
}

bool SqliteRequests::unfetched(const AccountId& sender, std::int64_t device_id) {
    find_unfetched_.bind(sender.view()).bind(device_id);
    const bool there = find_unfetched_.step() && find_unfetched_.integer(0) != 0;
    find_unfetched_.rewind();
    return there;
}

// Always as many look-ups as can wait, and one row written: work that grew with those who wait, or
// with those fetched since the last look, would tell of a mailbox and of who is at home. One that
// was fetched is cleared at a time, and one at most is added after it: so no more than can wait are
// ever marked.
std::size_t SqliteRequests::count_waiting(std::int64_t device_id) {
    std::vector<AccountId> senders;
    list_waiting_.bind(device_id).bind(static_cast<std::int64_t>(ops::requests_waiting_max));
    while (list_waiting_.step())
        senders.push_back(list_waiting_.id<AccountId>(0));
    list_waiting_.rewind();
    const std::size_t marked = senders.size();
    senders.resize(ops::requests_waiting_max, AccountId(crypto::ByteArray<AccountId::size>{}));
    std::size_t count = 0;
    std::optional<AccountId> fetched;
    for (std::size_t i = 0; i < senders.size(); ++i) {
        const bool waits = unfetched(senders[i], device_id);
        if (i >= marked) continue;
        if (waits) {
            ++count;
        } else {
            fetched = senders[i];
        }
    }
    if (fetched) {
        clear_waiting_.bind(fetched->view()).bind(device_id).run();
    } else {
        touch_decoy_.run();
    }
    return count;
}

void SqliteRequests::note(const ops::PutMail& op, std::int64_t device_id) {
    insert_pending_.bind(op.request_sender->view()).bind(device_id);
    insert_pending_.bind(op.envelope.view()).bind(static_cast<std::int64_t>(op.now_ms)).run();
}

void SqliteRequests::swallow(const ops::PutMail& op) {
    // What storing one changes besides the item's own pages: two indexes of mail, its counters and
    // highest number, and the pending requests with their indexes.
    constexpr std::int64_t page_bytes = 4096;
    constexpr std::int64_t pages = 7;
    insert_decoy_.bind(static_cast<std::int64_t>(op.item.size()) + pages * page_bytes).run();
}

bool SqliteRequests::expire(std::uint64_t now_ms, std::size_t limit) {
    const auto most = static_cast<std::int64_t>(limit);
    expire_sent_.bind(since(now_ms, ops::request_window_ms)).bind(most).run();
    const bool more_sent = database_.changes() == most;
    expire_pending_.bind(since(now_ms, mail_ttl_ms)).bind(most).run();
    return more_sent || database_.changes() == most;
}

}  // namespace sotto::rendezvous
