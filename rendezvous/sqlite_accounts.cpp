#include "rendezvous/sqlite_accounts.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

std::int64_t to_sql(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}
std::uint64_t from_sql(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

// One integer, or nothing when there is no row.
std::optional<std::int64_t> single(Statement& statement) {
    std::optional<std::int64_t> value;
    if (statement.step()) value = statement.integer(0);
    statement.rewind();
    return value;
}

void bind_token(Statement& statement, const std::optional<MailboxTokenHash>& hash) {
    if (hash) {
        statement.bind(ByteView(hash->view()));
    } else {
        statement.bind_null();
    }
}

std::vector<Statement> device_deletions(Database& database) {
    std::vector<Statement> all;
    for (const char* sql :
         {"DELETE FROM one_time_prekeys WHERE device_id = ?",
          "DELETE FROM mail WHERE device_id = ?",
          "DELETE FROM contact_requests WHERE device_id = ?", "DELETE FROM devices WHERE id = ?"}) {
        all.emplace_back(database, sql);
    }
    return all;
}

}  // namespace

Visibility visibility_of(std::int64_t stored) {
    switch (stored) {
        case 0:
            return Visibility::members;
        case 1:
            return Visibility::contacts;
        default:
            return Visibility::nobody;  // also what a damaged file says: show less
    }
}

SqliteAccounts::SqliteAccounts(Database& db, SqliteMailboxes& mailboxes)
    : database_(db),
      mailboxes_(mailboxes),
      find_account_(db, "SELECT id FROM accounts WHERE account = ?"),
      find_device_(db,
                   "SELECT d.id FROM devices d JOIN accounts a ON a.id = d.account_id "
                   "WHERE a.account = ? AND d.device = ?"),
      find_name_(db, "SELECT account, login_key, disabled, id FROM accounts WHERE username = ?"),
      change_login_(db, "UPDATE accounts SET login_key = ? WHERE account = ? AND login_key = ?"),
      read_account_(db, "SELECT username, login_key FROM accounts WHERE id = ?"),
      insert_account_(db,
                      "INSERT INTO accounts (account, username, login_key, device_list, list_seq, "
                      "listed, visibility, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_device_(db,
                     "INSERT INTO devices (account_id, position, device, dsk, cert) "
                     "VALUES (?, ?, ?, ?, ?)"),
      open_device_(db,
                   "SELECT a.username, d.dsk, a.listed, a.visibility, a.token, a.previous_token, "
                   "a.previous_until_ms, d.id, a.disabled FROM devices d "
                   "JOIN accounts a ON a.id = d.account_id WHERE a.account = ? AND d.device = ?"),
      read_list_seq_(db, "SELECT list_seq FROM accounts WHERE id = ?"),
      update_list_(db, "UPDATE accounts SET device_list = ?, list_seq = ? WHERE id = ?"),
      device_rows_(db, "SELECT id, device FROM devices WHERE account_id = ?"),
      update_device_(db,
                     "UPDATE devices SET position = ?, dsk = ?, cert = ? "
                     "WHERE account_id = ? AND device = ?"),
      delete_device_(device_deletions(db)),
      update_listing_(db, "UPDATE accounts SET listed = ?, visibility = ? WHERE account = ?"),
      read_tokens_(db,
                   "SELECT token, previous_token, previous_until_ms FROM accounts "
                   "WHERE account = ?"),
      update_tokens_(db,
                     "UPDATE accounts SET token = ?, previous_token = ?, previous_until_ms = ? "
                     "WHERE account = ?"),
      update_prekeys_(db, "UPDATE devices SET prekeys = ? WHERE id = ? RETURNING one_time_high"),
      update_high_(db, "UPDATE devices SET one_time_high = ? WHERE id = ?"),
      insert_one_time_(db, "INSERT INTO one_time_prekeys (device_id, id, record) VALUES (?, ?, ?)"),
      count_one_time_(db, "SELECT count(*) FROM one_time_prekeys WHERE device_id = ?"),
      first_one_time_(db,
                      "SELECT id, record FROM one_time_prekeys WHERE device_id = ? "
                      "ORDER BY id LIMIT 1"),
      delete_one_time_(db, "DELETE FROM one_time_prekeys WHERE device_id = ? AND id = ?"),
      read_list_(db, "SELECT device_list FROM accounts WHERE id = ?"),
      read_bundle_(db,
                   "SELECT id, device, cert, prekeys FROM devices WHERE account_id = ? "
                   "ORDER BY position"),
      find_member_(db,
                   "SELECT account, listed AND NOT disabled, visibility FROM accounts "
                   "WHERE username = ?"),
      list_names_(db,
                  "SELECT username FROM accounts INDEXED BY members "
                  "WHERE listed = 1 AND disabled = 0 ORDER BY username"),
      read_name_(db, "SELECT username FROM accounts WHERE account = ?"),
      spend_invite_(db,
                    "UPDATE invites SET uses_left = uses_left - 1 "
                    "WHERE hash = ? AND uses_left > 0 AND not_after_ms > ?"),
      set_disabled_(db, "UPDATE accounts SET disabled = ? WHERE username = ?"),
      delete_sent_requests_(db, "DELETE FROM contact_requests WHERE sender = ?"),
      delete_request_counts_(db, "DELETE FROM requests_sent WHERE sender = ?"),
      delete_account_(db, "DELETE FROM accounts WHERE id = ?") {}

std::optional<std::int64_t> SqliteAccounts::find_account(const AccountId& account) {
    return single(find_account_.bind(account.view()));
}

std::optional<std::int64_t> SqliteAccounts::find_device(const ops::MailAddress& address) {
    return single(find_device_.bind(address.account.view()).bind(address.device.view()));
}

std::optional<ops::TokenHashes> SqliteAccounts::read_tokens(const AccountId& account) {
    std::optional<ops::TokenHashes> tokens;
    read_tokens_.bind(account.view());
    if (read_tokens_.step()) tokens = read_tokens_at(read_tokens_, 0);
    read_tokens_.rewind();
    return tokens;
}

// --- accounts ----------------------------------------------------------------------------------

ops::CreateResult SqliteAccounts::compare_account(const ops::CreateAccount& op,
                                                  std::int64_t account_id) {
    read_account_.bind(account_id);
    const bool same = read_account_.step() && read_account_.text(0) == op.username &&
                      crypto::equal(read_account_.bytes(1), op.login_key.view());
    read_account_.rewind();
    const bool known = find_device({op.account, op.device}).has_value();
    return same && known ? ops::CreateResult::repeated : ops::CreateResult::account_taken;
}

bool SqliteAccounts::spend_invite(const ops::CreateAccount& op) {
    if (!op.invite) return false;
    spend_invite_.bind(op.invite->view()).bind(to_sql(op.now_ms)).run();
    return database_.changes() == 1;
}

void SqliteAccounts::insert_device(std::int64_t account_id, std::int64_t position,
                                   const DeviceId& device, const crypto::DskPublic& dsk,
                                   const Bytes& cert) {
    insert_device_.bind(account_id).bind(position);
    insert_device_.bind(device.view()).bind(dsk.view()).bind(ByteView(cert)).run();
}

ops::OpResult SqliteAccounts::apply(const ops::CreateAccount& op) {
    if (const auto known = find_account(op.account)) return compare_account(op, *known);
    find_name_.bind(std::string_view(op.username));
    const bool taken = find_name_.step();
    find_name_.rewind();
    if (taken) return ops::CreateResult::name_taken;
    if (op.invite_required && !spend_invite(op)) return ops::CreateResult::invite_needed;

    insert_account_.bind(op.account.view()).bind(std::string_view(op.username));
    insert_account_.bind(op.login_key.view()).bind(ByteView(op.device_list));
    insert_account_.bind(to_sql(op.list_seq)).bind(op.listed ? 1 : 0);
    insert_account_.bind(static_cast<std::int64_t>(op.visibility)).bind(to_sql(op.now_ms)).run();
    insert_device(database_.last_row(), 0, op.device, op.dsk, op.cert);
    renew_name(op.username);
    return ops::CreateResult::created;
}

ops::OpResult SqliteAccounts::apply(const ops::FindLogin& op) {
    ops::FindLoginResult result;
    find_name_.bind(std::string_view(op.username));
    if (find_name_.step()) {
        result = {.account = find_name_.id<AccountId>(0),
                  .login_key = find_name_.id<crypto::LkPublic>(1),
                  .disabled = find_name_.integer(2) != 0};
    }
    find_name_.rewind();
    return result;
}

ops::OpResult SqliteAccounts::apply(const ops::ChangeLogin& op) {
    change_login_.bind(op.to.view()).bind(op.account.view()).bind(op.from.view()).run();
    return database_.changes() == 1 ? ops::ChangeLoginResult::changed
                                    : ops::ChangeLoginResult::other_key;
}

ops::OpResult SqliteAccounts::apply(const ops::OpenDevice& op) {
    ops::OpenDeviceResult result;
    Statement& row = open_device_;
    std::int64_t device_id = 0;
    row.bind(op.address.account.view()).bind(op.address.device.view());
    if (row.step()) {
        result = {.username = row.text(0),
                  .dsk = row.id<crypto::DskPublic>(1),
                  .listed = row.integer(2) != 0,
                  .visibility = visibility_of(row.integer(3)),
                  .tokens = read_tokens_at(row, 4),
                  .one_time_left = 0,
                  .mail_waiting = 0,
                  .disabled = row.integer(8) != 0};
        device_id = row.integer(7);
    }
    row.rewind();
    if (result) {
        result->one_time_left = count_one_time(device_id);
        result->mail_waiting = static_cast<std::size_t>(mailboxes_.items_of(op.address, device_id));
    }
    return result;
}

void SqliteAccounts::remove_unlisted(std::int64_t account_id,
                                     const std::vector<ops::ListedDevice>& keep) {
    std::vector<std::int64_t> gone;
    device_rows_.bind(account_id);
    while (device_rows_.step()) {
        const ByteView device = device_rows_.bytes(1);
        const bool kept = std::any_of(keep.begin(), keep.end(), [device](const auto& listed) {
            return crypto::equal(listed.device.view(), device);
        });
        if (!kept) gone.push_back(device_rows_.integer(0));
    }
    for (const std::int64_t device_id : gone)
        remove_device(device_id);
}

void SqliteAccounts::remove_device(std::int64_t device_id) {
    mailboxes_.remove(device_id);
    for (Statement& deletion : delete_device_)
        deletion.bind(device_id).run();
}

ops::OpResult SqliteAccounts::apply(const ops::ReplaceDevices& op) {
    const auto account_id = find_account(op.account);
    if (!account_id) return ops::ReplaceDevicesResult::unknown_account;
    const auto seq = single(read_list_seq_.bind(*account_id));
    if (op.list_seq <= from_sql(seq.value_or(0))) return ops::ReplaceDevicesResult::stale;

    remove_unlisted(*account_id, op.devices);
    std::int64_t position = 0;
    for (const ops::ListedDevice& listed : op.devices) {
        update_device_.bind(position).bind(listed.dsk.view()).bind(ByteView(listed.cert));
        update_device_.bind(*account_id).bind(listed.device.view()).run();
        if (database_.changes() == 0) {
            insert_device(*account_id, position, listed.device, listed.dsk, listed.cert);
        }
        ++position;
    }
    update_list_.bind(ByteView(op.device_list)).bind(to_sql(op.list_seq)).bind(*account_id).run();
    return ops::ReplaceDevicesResult::replaced;
}

ops::OpResult SqliteAccounts::apply(const ops::SetListing& op) {
    update_listing_.bind(op.listed ? 1 : 0).bind(static_cast<std::int64_t>(op.visibility));
    update_listing_.bind(op.account.view()).run();
    std::string username;
    read_name_.bind(op.account.view());
    if (read_name_.step()) username = read_name_.text(0);
    read_name_.rewind();
    renew_name(username);
    return ops::Done{};
}

ops::OpResult SqliteAccounts::apply(const ops::SetToken& op) {
    ops::TokenHashes tokens = read_tokens(op.account).value_or(ops::TokenHashes{});
    if (tokens.current != op.hash) {
        tokens.previous = tokens.current;
        tokens.previous_until_ms = op.now_ms + previous_token_ttl_ms;
        tokens.current = op.hash;
    }
    if (op.revoke_previous || !tokens.previous) {
        tokens.previous.reset();
        tokens.previous_until_ms = 0;
    }
    mailboxes_.forget(op.account);
    bind_token(update_tokens_, tokens.current);
    bind_token(update_tokens_, tokens.previous);
    update_tokens_.bind(to_sql(tokens.previous_until_ms)).bind(op.account.view()).run();
    return database_.changes() == 1 ? tokens : ops::TokenHashes{};
}

// --- prekeys -----------------------------------------------------------------------------------

std::size_t SqliteAccounts::count_one_time(std::int64_t device_id) {
    return static_cast<std::size_t>(single(count_one_time_.bind(device_id)).value_or(0));
}

Bytes SqliteAccounts::take_one_time(std::int64_t device_id) {
    Bytes record;
    std::optional<std::int64_t> id;
    first_one_time_.bind(device_id);
    if (first_one_time_.step()) {
        id = first_one_time_.integer(0);
        record = first_one_time_.copy(1);
    }
    first_one_time_.rewind();
    if (id) delete_one_time_.bind(device_id).bind(*id).run();
    return record;
}

ops::OpResult SqliteAccounts::apply(const ops::PublishPrekeys& op) {
    const auto device_id = find_device(op.address);
    if (!device_id) return ops::OneTimeLeft{};
    std::int64_t high =
        single(update_prekeys_.bind(ByteView(op.record)).bind(*device_id)).value_or(0);
    std::size_t count = count_one_time(*device_id);
    for (const OneTimePrekey& prekey : op.one_time) {
        if (prekey.id <= high) continue;
        if (count >= op.max_one_time) break;
        insert_one_time_.bind(*device_id).bind(static_cast<std::int64_t>(prekey.id));
        insert_one_time_.bind(ByteView(prekey.record)).run();
        high = prekey.id;
        ++count;
    }
    update_high_.bind(high).bind(*device_id).run();
    return ops::OneTimeLeft{count};
}

ops::OpResult SqliteAccounts::apply(const ops::ReadBundle& op) {
    const auto tokens = read_tokens(op.account);
    if (!tokens) return ops::ReadBundleResult();
    const bool token_valid = op.token && tokens->accept(*op.token, op.now_ms);
    if (op.token_required && !token_valid) return ops::ReadBundleResult();

    ops::BundleRow bundle;
    const std::int64_t account_id = find_account(op.account).value_or(0);
    read_list_.bind(account_id);
    if (read_list_.step()) bundle.device_list = read_list_.copy(0);
    read_list_.rewind();
    std::vector<std::int64_t> device_ids;
    read_bundle_.bind(account_id);
    while (read_bundle_.step()) {
        device_ids.push_back(read_bundle_.integer(0));
        bundle.devices.push_back({.device = read_bundle_.id<DeviceId>(1),
                                  .cert = read_bundle_.copy(2),
                                  .prekeys = read_bundle_.copy(3),
                                  .one_time = {},
                                  .one_time_left = 0});
    }
    for (std::size_t i = 0; i < device_ids.size(); ++i) {
        ops::BundleDevice& device = bundle.devices[i];
        if (op.take_one_time && token_valid) device.one_time = take_one_time(device_ids[i]);
        device.one_time_left = count_one_time(device_ids[i]);
    }
    return ops::ReadBundleResult(std::move(bundle));
}

}  // namespace sotto::rendezvous
