// The mailboxes that are in use, in memory: whose they are, which tokens open them, what waits.
//
// Mail is put and deleted thousands of times a second, but to few devices: looking each one up in
// four tables and writing its counters every time cost more than the mail. So both are kept here,
// and the counters of a group are written once, by flush(), inside the group's transaction. Part of
// the store thread. After a transaction that failed, forget_all(). docs/decisions/0120.
#pragma once

#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/store_ops.hpp"

#include <map>
#include <set>

namespace sotto::rendezvous {

// token, previous_token and previous_until_ms from three columns, starting at `column`.
[[nodiscard]] ops::TokenHashes read_tokens_at(Statement& row, int column);

// All mail that waits, kept along so that nobody has to count it.
struct MailTotals {
    std::int64_t items = 0;
    std::int64_t bytes = 0;
};

struct Mailbox {
    std::int64_t device_id = 0;
    std::int64_t items = 0;
    std::int64_t bytes = 0;
    ops::TokenHashes tokens;
};

class SqliteMailboxes {
public:
    explicit SqliteMailboxes(Database& database);

    // Lives until the next call of find() or forget(); nullptr: there is no such device.
    [[nodiscard]] Mailbox* find(const ops::MailAddress& address);
    // So many more (less) wait there.
    void count(const ops::MailAddress& address, Mailbox& mailbox, std::int64_t items,
               std::int64_t bytes);
    // How many wait there.
    [[nodiscard]] std::int64_t items_of(const ops::MailAddress& address, std::int64_t device_id);
    // Fewer wait there; for what is rare, as it forgets all copies.
    void take_from(std::int64_t device_id, std::int64_t items, std::int64_t bytes);
    // The device is about to be deleted, and its mail with it.
    void remove(std::int64_t device_id);

    // Writes what was counted. Before the commit, and before anything else reads the counters.
    void flush();
    // The account's tokens or devices have changed.
    void forget(const AccountId& account);
    void forget_all();

    [[nodiscard]] const MailTotals& totals() const { return totals_; }
    void put_back(const MailTotals& totals) { totals_ = totals; }
    // To be called before the first op, outside of a transaction.
    void count_all();

private:
    [[nodiscard]] Mailbox* load(const ops::MailAddress& address);

    Database& database_;
    MailTotals totals_;
    std::map<ops::MailAddress, Mailbox> known_;
    std::set<ops::MailAddress> changed_;
    Statement find_;
    Statement read_counts_;
    Statement write_counts_;
    Statement delete_counts_;
};

}  // namespace sotto::rendezvous
