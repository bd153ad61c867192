#include "rendezvous/sqlite_mail.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

std::int64_t to_sql(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

// The earliest time of storing that still counts; 0 in the first days of the epoch.
std::int64_t oldest_kept(std::uint64_t now_ms, std::uint64_t lifetime_ms) {
    return to_sql(now_ms < lifetime_ms ? 0 : now_ms - lifetime_ms + 1);
}

bool has_room(const Mailbox& mailbox, const ops::PutMail& op) {
    return mailbox.items < static_cast<std::int64_t>(max_mailbox_items) &&
           mailbox.bytes + static_cast<std::int64_t>(op.item.size()) <=
               static_cast<std::int64_t>(max_mailbox_bytes);
}

}  // namespace

SqliteMail::SqliteMail(Database& db, SqliteAccounts& accounts, SqliteMailboxes& mailboxes)
    : database_(db),
      accounts_(accounts),
      mailboxes_(mailboxes),
      requests_(db),
      find_envelope_(db, "SELECT id FROM mail WHERE device_id = ? AND envelope = ?"),
      insert_mail_(db,
                   "INSERT INTO mail (device_id, envelope, stored_ms, item) VALUES (?, ?, ?, ?)"),
      list_mail_(db,
                 "SELECT id, item FROM mail WHERE device_id = ? AND stored_ms >= ? ORDER BY id"),
      delete_mail_(db, "DELETE FROM mail WHERE id = ? AND device_id = ? RETURNING length(item)"),
      oldest_mail_(db, "SELECT id, device_id, stored_ms FROM mail ORDER BY id LIMIT ?"),
      expire_invites_(db, "DELETE FROM invites WHERE uses_left = 0 OR not_after_ms <= ?") {}

std::optional<std::int64_t> SqliteMail::find_envelope(std::int64_t device_id,
                                                      const EnvelopeId& envelope) {
    std::optional<std::int64_t> row;
    find_envelope_.bind(device_id).bind(envelope.view());
    if (find_envelope_.step()) row = find_envelope_.integer(0);
    find_envelope_.rewind();
    return row;
}

std::optional<std::int64_t> SqliteMail::delete_row(std::int64_t row, std::int64_t device_id) {
    std::optional<std::int64_t> size;
    delete_mail_.bind(row).bind(device_id);
    if (delete_mail_.step()) size = delete_mail_.integer(0);  // the row is gone by now
    delete_mail_.rewind();
    return size;
}

// Whether it may be stored, not looking at what is there.
ops::PutStatus SqliteMail::judge(const ops::PutMail& op, const Mailbox* mailbox) {
    if (mailbox == nullptr) {
        if (!op.token) return ops::PutStatus::unknown_device;
        const auto tokens = accounts_.read_tokens(op.to.account);
        const bool valid = tokens && tokens->accept(*op.token, op.now_ms);
        return valid ? ops::PutStatus::unknown_device : ops::PutStatus::not_allowed;
    }
    const bool refused = op.token && !mailbox->tokens.accept(*op.token, op.now_ms);
    return refused ? ops::PutStatus::not_allowed : ops::PutStatus::stored;
}

void SqliteMail::insert(ops::PutMail& op, Mailbox& mailbox, ops::PutMailResult& result) {
    const auto size = static_cast<std::int64_t>(op.item.size());
    insert_mail_.bind(mailbox.device_id).bind(op.envelope.view());
    insert_mail_.bind(to_sql(op.now_ms)).bind(ByteView(op.item)).run();
    result.row = static_cast<std::uint64_t>(database_.last_row());
    mailboxes_.count(op.to, mailbox, 1, size);
    result.item = std::move(op.item);
}

ops::OpResult SqliteMail::put_request(ops::PutMail& op) {
    ops::PutMailResult result = requests_.count(op);
    if (result.status != ops::PutStatus::stored) return result;
    Mailbox* const mailbox = mailboxes_.find(op.to);
    // Looked for at nobody's device too, which is 0: refusing sooner would tell.
    const std::int64_t device_id = mailbox == nullptr ? 0 : mailbox->device_id;
    const bool repeated = find_envelope(device_id, op.envelope).has_value();
    const bool has_place = requests_.has_place(op, device_id);
    const bool taken = mailbox != nullptr && has_room(*mailbox, op) && !repeated && has_place;
    if (!taken) {
        requests_.swallow(op);
        result.status = ops::PutStatus::swallowed;
        return result;
    }
    requests_.note(op, mailbox->device_id);
    insert(op, *mailbox, result);
    return result;
}

ops::OpResult SqliteMail::apply(ops::PutMail& op) {
    if (op.request_sender) return put_request(op);
    ops::PutMailResult result;
    Mailbox* const mailbox = mailboxes_.find(op.to);
    result.status = judge(op, mailbox);
    if (result.status != ops::PutStatus::stored) return result;
    if (const auto row = find_envelope(mailbox->device_id, op.envelope)) {
        result.status = ops::PutStatus::repeated;
        result.row = static_cast<std::uint64_t>(*row);
        return result;
    }
    if (!has_room(*mailbox, op)) {
        result.status = ops::PutStatus::quota_full;
        return result;
    }
    insert(op, *mailbox, result);
    return result;
}

ops::OpResult SqliteMail::apply(const ops::ListMail& op) {
    ops::MailPage page;
    const auto device_id = accounts_.find_device(op.address);
    if (!device_id) return page;
    std::size_t bytes = 0;
    list_mail_.bind(*device_id).bind(oldest_kept(op.now_ms, mail_ttl_ms));
    while (list_mail_.step()) {
        const auto row = static_cast<std::uint64_t>(list_mail_.integer(0));
        if (std::binary_search(op.skip_rows.begin(), op.skip_rows.end(), row)) continue;
        const ByteView item = list_mail_.bytes(1);
        bytes += item.size();
        if (page.items.size() == op.max_items || (!page.items.empty() && bytes > op.max_bytes)) {
            page.more = true;
            break;
        }
        page.items.push_back({row, Bytes(item.begin(), item.end())});
    }
    list_mail_.rewind();
    return page;
}

ops::OpResult SqliteMail::apply(const ops::DeleteMail& op) {
    Mailbox* const mailbox = mailboxes_.find(op.address);
    if (mailbox == nullptr) return ops::Done{};
    std::int64_t items = 0;
    std::int64_t bytes = 0;
    for (const std::uint64_t row : op.rows) {
        const auto size = delete_row(to_sql(row), mailbox->device_id);
        if (!size) continue;
        ++items;
        bytes += *size;
    }
    if (items > 0) mailboxes_.count(op.address, *mailbox, -items, -bytes);
    return ops::Done{};
}

ops::OpResult SqliteMail::apply(const ops::Expire& op) {
    // Rows come in order of storing, so the first young one ends the search.
    std::vector<std::pair<std::int64_t, std::int64_t>> old;
    const std::int64_t kept = oldest_kept(op.now_ms, mail_ttl_ms);
    oldest_mail_.bind(static_cast<std::int64_t>(op.limit));
    while (oldest_mail_.step() && oldest_mail_.integer(2) < kept) {
        old.emplace_back(oldest_mail_.integer(0), oldest_mail_.integer(1));
    }
    oldest_mail_.rewind();
    for (const auto& [row, device_id] : old) {
        if (const auto size = delete_row(row, device_id)) mailboxes_.take_from(device_id, 1, *size);
    }
    const bool more_requests = requests_.expire(op.now_ms, op.limit);
    expire_invites_.bind(to_sql(op.now_ms)).run();
    return ops::Expired{.more = more_requests || old.size() == op.limit};
}

}  // namespace sotto::rendezvous
