#include "peer/store/store.hpp"

#include "peer/store/batch_writer.hpp"
#include "peer/store/schema.hpp"
#include "peer/store/transaction.hpp"

namespace sotto::peer::store {
namespace {

// Pages of a person's own profile that stay decrypted in memory: the ends of the tables and indexes
// that each message touches.
constexpr std::uint32_t writer_cache_kib = 4096;

template <std::size_t N>
using Fixed = std::array<std::uint8_t, N>;

AccountId account_at(Rows& rows, int column) {
    return AccountId(rows.fixed<AccountId::size>(column));
}
DeviceId device_at(Rows& rows, int column) {
    return DeviceId(rows.fixed<DeviceId::size>(column));
}

}  // namespace

Result<Store, StoreError> Store::open(const std::filesystem::path& file,
                                      const crypto::DatabaseKey& key, const StoreOptions& options) {
    auto database = Database::open(file, key,
                                   {.mode = Database::Mode::create,
                                    .durability = Database::Durability::every_commit,
                                    .cache_kib = writer_cache_kib,
                                    .log_room_pages = options.log_room_pages});
    if (!database) return Unexpected(database.error());
    if (auto migrated = migrate(*database, history_schema()); !migrated) {
        return Unexpected(migrated.error());
    }
    const auto position = database->number("SELECT coalesce(max(position), 0) FROM outbox");
    if (!position) return Unexpected(position.error());
    Store store(std::move(*database), *position + 1);
    // What a crash left behind (old ratchet keys among it) goes now; without room for that, later.
    const auto maintained = store.maintain();
    if (!maintained && maintained.error() != StoreError::disk_full) {
        return Unexpected(maintained.error());
    }
    return store;
}

void Store::forget_ids() noexcept {
    peers_.clear();
    devices_.clear();
}

Result<CommitSummary, StoreError> Store::commit(std::span<const SaveOp> ops) {
    CommitSummary summary;
    if (ops.empty()) return summary;
    Transaction transaction(database_);
    BatchWriter writer(*this, transaction);
    for (std::size_t position = 0; position < ops.size() && transaction.ok(); ++position) {
        if (auto there = writer.write(ops[position])) {
            there->position = position;
            summary.duplicates.push_back(*there);
        }
    }
    if (auto committed = transaction.commit(); !committed) {
        forget_ids();  // some may have been made by this very transaction
        return Unexpected(committed.error());
    }
    checkpoint_when_due();
    return summary;
}

// The batch is durable already, so a checkpoint that fails is nobody's failure: a later one does
// it. While a long read is in the way the log grows and each attempt moves a part only: not at each
// commit.
void Store::checkpoint_when_due() {
    const std::uint32_t pages = database_.log_pages();
    if (pages < log_pages_max) checkpoint_at_ = log_pages_max;  // the log has begun anew
    if (pages < checkpoint_at_) return;
    static_cast<void>(database_.checkpoint().has_value());
    checkpoint_at_ = pages + log_pages_max / 4;
}

Result<bool, StoreError> Store::maintain() {
    return database_.wipe_log();
}

// --- rollback ----------------------------------------------------------------------------------

Result<std::uint64_t, StoreError> Store::epoch() {
    const auto epoch = database_.number("SELECT epoch FROM vault_state");
    if (!epoch) return Unexpected(epoch.error());
    return static_cast<std::uint64_t>(*epoch);
}

Result<void, StoreError> Store::set_epoch(std::uint64_t epoch) {
    return database_.run("UPDATE vault_state SET epoch = ?", {epoch});
}

Result<void, StoreError> Store::mark_rolled_back(std::uint64_t epoch) {
    static constexpr std::array<std::uint8_t, 1> yes{1};
    Transaction transaction(database_);
    transaction.run("DELETE FROM sessions");
    transaction.run("INSERT OR REPLACE INTO settings VALUES(?, ?)", {rolled_back_setting, yes});
    transaction.run("UPDATE vault_state SET epoch = ?", {epoch});
    return transaction.commit();
}

// --- load --------------------------------------------------------------------------------------

namespace {

// Each reads one table; the Rows carry the first failure.

Rows load_self(Database& database, Snapshot& snapshot) {
    Rows rows = database.query(
        "SELECT username, account, device, server_host, server_port,"
        " server_key, registered, keys FROM self");
    while (rows.next()) {
        const auto key = crypto::CurvePublic::parse(rows.blob_view(5));
        const std::int64_t port = rows.integer(4);
        if (!key || port < 0 || port > 65535) {
            rows.fail(StoreError::corrupt);
            break;
        }
        snapshot.self = SaveSelf{.self = Self{.username = rows.text(0),
                                              .account = account_at(rows, 1),
                                              .device = device_at(rows, 2),
                                              .server = {.host = rows.text(3),
                                                         .port = static_cast<std::uint16_t>(port),
                                                         .key = *key},
                                              .registered = rows.boolean(6)},
                                 .keys = rows.blob(7)};
    }
    return rows;
}

Rows load_settings(Database& database, Snapshot& snapshot) {
    Rows rows = database.query("SELECT name, value FROM settings ORDER BY name");
    while (rows.next()) {
        SaveSetting setting{.name = rows.text(0), .value = rows.blob(1)};
        if (setting.name == rolled_back_setting) snapshot.rolled_back = !setting.value.empty();
        snapshot.settings.push_back(std::move(setting));
    }
    return rows;
}

Rows load_contacts(Database& database, Snapshot& snapshot) {
    Rows rows = database.query(
        "SELECT account, username, state, request_text, verified,"
        " allow_direct, changed_at, engine_state FROM peers"
        " WHERE state IS NOT NULL ORDER BY id");
    while (rows.next()) {
        snapshot.contacts.push_back(
            {.contact = Contact{.account = account_at(rows, 0),
                                .username = rows.text(1),
                                .state = rows.enumerator(2, ContactState::blocked),
                                .request_text = rows.text(3),
                                .verified = rows.boolean(4),
                                .allow_direct = rows.boolean(5),
                                .presence = Presence::unknown,
                                .path = Path::none,
                                .changed_at = {rows.unsigned_integer(6)}},
             .engine_state = rows.blob(7)});
    }
    return rows;
}

Rows load_sessions(Database& database, Snapshot& snapshot) {
    Rows rows = database.query("SELECT device, session, account, state FROM sessions ORDER BY id");
    while (rows.next()) {
        snapshot.sessions.push_back({.device = device_at(rows, 0),
                                     .session_id = rows.blob(1),
                                     .account = account_at(rows, 2),
                                     .state = rows.blob(3)});
    }
    return rows;
}

Rows load_prekeys(Database& database, Snapshot& snapshot) {
    Rows rows = database.query("SELECT kind, number, secret FROM prekeys ORDER BY kind, number");
    while (rows.next()) {
        snapshot.prekeys.push_back({.kind = static_cast<std::uint8_t>(rows.integer(0)),
                                    .id = static_cast<std::uint32_t>(rows.integer(1)),
                                    .secret = rows.blob(2)});
    }
    return rows;
}

Rows load_handshakes(Database& database, Snapshot& snapshot) {
    Rows rows = database.query(
        "SELECT transcript_hash, session, signed_prekey FROM handshakes ORDER BY transcript_hash");
    while (rows.next()) {
        snapshot.handshakes.push_back(
            {.transcript_hash = rows.blob(0),
             .session_id = rows.blob(1),
             .signed_prekey_id = static_cast<std::uint32_t>(rows.integer(2))});
    }
    return rows;
}

Rows load_outbox(Database& database, Snapshot& snapshot) {
    Rows rows = database.query(
        "SELECT envelope, message, account, device, entry FROM outbox ORDER BY position");
    while (rows.next()) {
        snapshot.outbox.push_back({.envelope = {rows.fixed<16>(0)},
                                   .message = {rows.fixed<16>(1)},
                                   .account = account_at(rows, 2),
                                   .device = device_at(rows, 3),
                                   .entry = rows.blob(4)});
    }
    return rows;
}

}  // namespace

Result<Snapshot, StoreError> Store::load() {
    Snapshot snapshot;
    for (auto* part : {load_self, load_settings, load_contacts, load_sessions, load_prekeys,
                       load_handshakes, load_outbox}) {
        const Rows rows = part(database_, snapshot);
        if (!rows.ok()) return Unexpected(rows.error());
    }
    const auto last = database_.number("SELECT coalesce(max(row), 0) FROM messages");
    if (!last) return Unexpected(last.error());
    snapshot.next_row = static_cast<std::uint64_t>(*last) + 1;
    return snapshot;
}

}  // namespace sotto::peer::store
