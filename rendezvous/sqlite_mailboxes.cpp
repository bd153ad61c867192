#include "rendezvous/sqlite_mailboxes.hpp"

#include <utility>

namespace sotto::rendezvous {

namespace {

// 20,000 x 250 B = 5 MB: as many as there are clients at most. Beyond, start again.
constexpr std::size_t max_known = 20'000;

}  // namespace

ops::TokenHashes read_tokens_at(Statement& row, int column) {
    ops::TokenHashes tokens;
    if (!row.is_null(column)) tokens.current = row.id<MailboxTokenHash>(column);
    if (!row.is_null(column + 1)) tokens.previous = row.id<MailboxTokenHash>(column + 1);
    tokens.previous_until_ms = static_cast<std::uint64_t>(row.integer(column + 2));
    return tokens;
}

SqliteMailboxes::SqliteMailboxes(Database& db)
    : database_(db),
      find_(db,
            "SELECT d.id, c.items, c.bytes, a.token, a.previous_token, a.previous_until_ms "
            "FROM accounts a JOIN devices d ON d.account_id = a.id "
            "LEFT JOIN mail_counts c ON c.device_id = d.id WHERE a.account = ? AND d.device = ?"),
      read_counts_(db, "SELECT items, bytes FROM mail_counts WHERE device_id = ?"),
      write_counts_(db,
                    "INSERT INTO mail_counts (device_id, items, bytes) VALUES (?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET items = excluded.items, bytes = excluded.bytes"),
      delete_counts_(db, "DELETE FROM mail_counts WHERE device_id = ?") {}

Mailbox* SqliteMailboxes::find(const ops::MailAddress& address) {
    const auto known = known_.find(address);
    return known == known_.end() ? load(address) : &known->second;
}

Mailbox* SqliteMailboxes::load(const ops::MailAddress& address) {
    if (known_.size() >= max_known) {
        flush();
        known_.clear();
    }
    Mailbox* mailbox = nullptr;
    find_.bind(address.account.view()).bind(address.device.view());
    if (find_.step()) {
        mailbox = &known_[address];
        *mailbox = {.device_id = find_.integer(0),
                    .items = find_.integer(1),
                    .bytes = find_.integer(2),
                    .tokens = read_tokens_at(find_, 3)};
    }
    find_.rewind();
    return mailbox;
}

void SqliteMailboxes::count(const ops::MailAddress& address, Mailbox& mailbox, std::int64_t items,
                            std::int64_t bytes) {
    mailbox.items += items;
    mailbox.bytes += bytes;
    totals_.items += items;
    totals_.bytes += bytes;
    changed_.insert(address);
}

void SqliteMailboxes::flush() {
    for (const ops::MailAddress& address : std::exchange(changed_, {})) {
        const Mailbox& mailbox = known_.at(address);
        write_counts_.bind(mailbox.device_id).bind(mailbox.items).bind(mailbox.bytes).run();
    }
}

std::int64_t SqliteMailboxes::items_of(const ops::MailAddress& address, std::int64_t device_id) {
    // What was counted and not written yet is known.
    if (const auto known = known_.find(address); known != known_.end()) return known->second.items;
    read_counts_.bind(device_id);
    const std::int64_t items = read_counts_.step() ? read_counts_.integer(0) : 0;
    read_counts_.rewind();
    return items;
}

void SqliteMailboxes::take_from(std::int64_t device_id, std::int64_t items, std::int64_t bytes) {
    flush();
    known_.clear();
    read_counts_.bind(device_id);
    if (!read_counts_.step()) return;
    const std::int64_t items_left = read_counts_.integer(0) - items;
    const std::int64_t bytes_left = read_counts_.integer(1) - bytes;
    read_counts_.rewind();
    totals_.items -= items;
    totals_.bytes -= bytes;
    write_counts_.bind(device_id).bind(items_left).bind(bytes_left).run();
}

void SqliteMailboxes::remove(std::int64_t device_id) {
    flush();
    known_.clear();
    read_counts_.bind(device_id);
    if (read_counts_.step()) {
        totals_.items -= read_counts_.integer(0);
        totals_.bytes -= read_counts_.integer(1);
    }
    read_counts_.rewind();
    delete_counts_.bind(device_id).run();
}

void SqliteMailboxes::forget(const AccountId& account) {
    flush();
    auto each = known_.lower_bound({account, DeviceId(crypto::ByteArray<DeviceId::size>{})});
    while (each != known_.end() && each->first.account == account)
        each = known_.erase(each);
}

void SqliteMailboxes::forget_all() {
    changed_.clear();
    known_.clear();
}

void SqliteMailboxes::count_all() {
    // Once: 100,000 rows in some milliseconds.
    Statement sum(database_, "SELECT total(items), total(bytes) FROM mail_counts");
    if (sum.step()) totals_ = {.items = sum.integer(0), .bytes = sum.integer(1)};
    sum.rewind();
}

}  // namespace sotto::rendezvous
