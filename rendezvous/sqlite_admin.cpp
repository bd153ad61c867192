#include "rendezvous/sqlite_admin.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

std::int64_t to_sql(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}
std::size_t to_size(std::int64_t value) {
    return static_cast<std::size_t>(std::max<std::int64_t>(value, 0));
}
std::uint64_t to_unsigned(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

ops::AccountInfo account_at(Statement& row) {
    const std::int64_t visibility = row.integer(4);
    return {.account = row.id<AccountId>(0),
            .username = row.text(1),
            .created_ms = to_unsigned(row.integer(2)),
            .listed = row.integer(3) != 0,
            .visibility = visibility == 0   ? Visibility::members
                          : visibility == 1 ? Visibility::contacts
                                            : Visibility::nobody,
            .disabled = row.integer(5) != 0,
            .devices = to_size(row.integer(6)),
            .mail_items = to_size(row.integer(7)),
            .mail_bytes = to_size(row.integer(8))};
}

// Devices are few per account: three small look-ups for each row shown.
constexpr const char* list_accounts_sql =
    "SELECT account, username, created_ms, listed, visibility, disabled, "
    "(SELECT count(*) FROM devices d WHERE d.account_id = a.id), "
    "(SELECT total(items) FROM devices d JOIN mail_counts ON device_id = d.id "
    "WHERE d.account_id = a.id), "
    "(SELECT total(bytes) FROM devices d JOIN mail_counts ON device_id = d.id "
    "WHERE d.account_id = a.id) FROM accounts a "
    "WHERE username > ? AND instr(username, ?) > 0 ORDER BY username LIMIT ?";
constexpr const char* find_account_sql =
    "SELECT account, username, created_ms, listed, visibility, disabled, "
    "(SELECT count(*) FROM devices d WHERE d.account_id = a.id), "
    "(SELECT total(items) FROM devices d JOIN mail_counts ON device_id = d.id "
    "WHERE d.account_id = a.id), "
    "(SELECT total(bytes) FROM devices d JOIN mail_counts ON device_id = d.id "
    "WHERE d.account_id = a.id) FROM accounts a "
    "WHERE username = ?";

}  // namespace

SqliteAdmin::SqliteAdmin(Database& db)
    : insert_invite_(db,
                     "INSERT OR REPLACE INTO invites "
                     "(hash, uses_left, not_after_ms, uses, created_ms, note) "
                     "VALUES (?, ?, ?, ?, ?, ?)"),
      list_invites_(db,
                    "SELECT hash, uses, uses_left, created_ms, not_after_ms, note FROM invites "
                    "WHERE uses_left > 0 AND not_after_ms > ? ORDER BY created_ms LIMIT ?"),
      match_invites_(db, "SELECT hash FROM invites WHERE substr(hash, 1, ?) = ? LIMIT 2"),
      delete_invite_(db, "DELETE FROM invites WHERE hash = ?"),
      list_accounts_(db, list_accounts_sql),
      find_account_(db, find_account_sql),
      count_all_(db,
                 "SELECT (SELECT count(*) FROM accounts), "
                 "(SELECT count(*) FROM accounts WHERE listed = 1 AND disabled = 0), "
                 "(SELECT count(*) FROM accounts WHERE disabled = 1), "
                 "(SELECT count(*) FROM devices), "
                 "(SELECT count(*) FROM invites WHERE uses_left > 0 AND not_after_ms > ?)") {}

ops::OpResult SqliteAdmin::apply(const ops::AddInvite& op) {
    insert_invite_.bind(op.hash.view()).bind(static_cast<std::int64_t>(op.uses));
    insert_invite_.bind(to_sql(op.not_after_ms)).bind(static_cast<std::int64_t>(op.uses));
    insert_invite_.bind(to_sql(op.created_ms)).bind(std::string_view(op.note)).run();
    return ops::Done{};
}

ops::OpResult SqliteAdmin::apply(const ops::ListInvites& op) {
    ops::InviteList list;
    list_invites_.bind(to_sql(op.now_ms)).bind(to_sql(ops::max_admin_rows + 1));
    while (list_invites_.step()) {
        if (list.invites.size() == ops::max_admin_rows) {
            list.more = true;
            continue;
        }
        list.invites.push_back({.hash = list_invites_.id<ops::InviteHash>(0),
                                .uses = static_cast<std::uint32_t>(list_invites_.integer(1)),
                                .uses_left = static_cast<std::uint32_t>(list_invites_.integer(2)),
                                .created_ms = to_unsigned(list_invites_.integer(3)),
                                .not_after_ms = to_unsigned(list_invites_.integer(4)),
                                .note = list_invites_.text(5)});
    }
    return list;
}

ops::OpResult SqliteAdmin::apply(const ops::RevokeInvite& op) {
    std::vector<Bytes> matches;
    match_invites_.bind(to_sql(op.hash_start.size())).bind(ByteView(op.hash_start));
    while (match_invites_.step())
        matches.push_back(match_invites_.copy(0));
    if (matches.empty()) return ops::RevokeResult::unknown;
    if (matches.size() > 1) return ops::RevokeResult::ambiguous;
    delete_invite_.bind(ByteView(matches.front())).run();
    return ops::RevokeResult::revoked;
}

ops::OpResult SqliteAdmin::apply(const ops::ListAccounts& op) {
    ops::AccountPage page;
    const std::size_t limit = std::min(op.limit, ops::max_admin_rows);
    list_accounts_.bind(std::string_view(op.after)).bind(std::string_view(op.query));
    list_accounts_.bind(to_sql(limit + 1));
    while (list_accounts_.step()) {
        if (page.accounts.size() == limit) {
            page.more = true;
            continue;
        }
        page.accounts.push_back(account_at(list_accounts_));
    }
    return page;
}

ops::OpResult SqliteAdmin::apply(const ops::FindAccount& op) {
    ops::FindAccountResult found;
    find_account_.bind(std::string_view(op.username));
    if (find_account_.step()) found = account_at(find_account_);
    find_account_.rewind();
    return found;
}

ops::OpResult SqliteAdmin::apply(const ops::CountAll& op) {
    ops::StoreCounts counts;
    count_all_.bind(to_sql(op.now_ms));
    if (count_all_.step()) {
        counts = {.accounts = to_unsigned(count_all_.integer(0)),
                  .listed = to_unsigned(count_all_.integer(1)),
                  .disabled = to_unsigned(count_all_.integer(2)),
                  .devices = to_unsigned(count_all_.integer(3)),
                  .invites = to_unsigned(count_all_.integer(4))};
    }
    count_all_.rewind();
    return counts;
}

}  // namespace sotto::rendezvous
