#include "rendezvous/sqlite_schema.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace sotto::rendezvous {

namespace {

// "Stto": tells our files from any other SQLite file.
constexpr std::int64_t application_id = 0x5374746f;

// Index 0 is version 1. Never edit one that was released: add another.
constexpr std::array migrations{
    R"sql(
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    account BLOB NOT NULL UNIQUE,
    username TEXT NOT NULL UNIQUE,
    login_key BLOB NOT NULL,
    device_list BLOB NOT NULL,
    list_seq INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    visibility INTEGER NOT NULL,
    token BLOB,
    previous_token BLOB,
    previous_until_ms INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX members ON accounts (username) WHERE listed = 1;

CREATE TABLE devices (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts,
    device BLOB NOT NULL,
    position INTEGER NOT NULL,
    dsk BLOB NOT NULL,
    cert BLOB NOT NULL,
    prekeys BLOB NOT NULL DEFAULT x'',
    one_time_high INTEGER NOT NULL DEFAULT 0,
    mail_items INTEGER NOT NULL DEFAULT 0,
    mail_bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, device)
) STRICT;

CREATE TABLE one_time_prekeys (
    device_id INTEGER NOT NULL REFERENCES devices,
    id INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (device_id, id)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a late acknowledgement of an old row must never name a new one.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL REFERENCES devices,
    envelope BLOB NOT NULL,
    stored_ms INTEGER NOT NULL,
    item BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_by_envelope ON mail (device_id, envelope);
CREATE INDEX mail_by_device ON mail (device_id);

CREATE TABLE contact_requests (
    sender BLOB NOT NULL,
    device_id INTEGER NOT NULL REFERENCES devices,
    envelope BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (sender, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_requests_by_device ON contact_requests (device_id);

CREATE TABLE invites (
    hash BLOB PRIMARY KEY,
    uses_left INTEGER NOT NULL,
    not_after_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    // 2: what an operator needs: disabled members, invites that can be listed.
    R"sql(
ALTER TABLE accounts ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
DROP INDEX members;
CREATE INDEX members ON accounts (username) WHERE listed = 1 AND disabled = 0;
CREATE INDEX disabled_accounts ON accounts (id) WHERE disabled = 1;
ALTER TABLE invites ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invites ADD COLUMN created_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invites ADD COLUMN note TEXT NOT NULL DEFAULT '';
UPDATE invites SET uses = uses_left;
)sql",
    // 3: counters that change with every mail leave the device's row, which is 2 KB wide.
    R"sql(
CREATE TABLE mail_counts (
    device_id INTEGER PRIMARY KEY REFERENCES devices,
    items INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO mail_counts SELECT id, mail_items, mail_bytes FROM devices WHERE mail_items > 0;
ALTER TABLE devices DROP COLUMN mail_items;
ALTER TABLE devices DROP COLUMN mail_bytes;
)sql",
    // 4: contact requests are counted by sender alone, so that no limit tells who exists.
    R"sql(
CREATE TABLE requests_sent (
    sender BLOB NOT NULL,
    envelope BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (sender, envelope)
) STRICT, WITHOUT ROWID;
-- One row of zeros: written instead of a request that nobody gets, so that it takes as long.
CREATE TABLE decoy (
    id INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
) STRICT;
INSERT OR IGNORE INTO requests_sent SELECT sender, envelope, created_ms FROM contact_requests;
)sql",
    // 5: after `add_waiting`. What is too old is found without reading the rest.
    R"sql(
CREATE INDEX IF NOT EXISTS requests_waiting ON contact_requests (device_id) WHERE waiting = 1;
CREATE INDEX requests_sent_by_age ON requests_sent (created_ms);
CREATE INDEX contact_requests_by_age ON contact_requests (created_ms);
)sql",
    // 6: once for all; from now on a look clears one at a time.
    R"sql(
UPDATE contact_requests SET waiting = 0 WHERE waiting = 1 AND NOT EXISTS (
    SELECT 1 FROM mail m WHERE m.device_id = contact_requests.device_id
    AND m.envelope = contact_requests.envelope);
)sql",
};
constexpr std::size_t waiting_version = 5;

std::int64_t read_pragma(Database& database, const char* sql) {
    Statement statement(database, sql);
    std::int64_t value = 0;
    if (statement.step()) value = statement.integer(0);
    statement.rewind();
    return value;
}

bool enable_wal(Database& database) {
    Statement statement(database, "PRAGMA journal_mode = WAL");
    const bool wal = statement.step() && statement.text(0) == "wal";
    statement.rewind();
    return wal;
}

// Perhaps unfetched: cleared when somebody looks, so that fetching costs nothing. For some days
// version 4 had made this column itself: such files exist.
void add_waiting(Database& database) {
    const std::int64_t there = read_pragma(
        database,
        "SELECT count(*) FROM pragma_table_info('contact_requests') WHERE name = 'waiting'");
    if (there > 0) return;
    database.execute("ALTER TABLE contact_requests ADD COLUMN waiting INTEGER NOT NULL DEFAULT 1");
}

bool run_migration(Database& database, std::size_t index) {
    Transaction transaction(database, Transaction::Kind::write);
    if (index + 1 == waiting_version) add_waiting(database);
    database.execute(migrations[index]);
    database.execute(("PRAGMA user_version = " + std::to_string(index + 1)).c_str());
    if (index == 0) {
        database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    }
    return transaction.commit();
}

// "TABLE.COLUMN" of every table, and every index by its name; sorted.
std::vector<std::string> names_in(Database& database) {
    std::vector<std::string> names;
    Statement columns(database,
                      "SELECT m.name || '.' || c.name FROM sqlite_schema m "
                      "JOIN pragma_table_info(m.name) c WHERE m.type = 'table' "
                      "UNION SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1");
    while (columns.step())
        names.push_back(columns.text(0));
    return names;
}

}  // namespace

int schema_version() {
    return static_cast<int>(migrations.size());
}

std::string_view migration_text(int version) {
    return migrations.at(static_cast<std::size_t>(version) - 1);
}

std::vector<std::string> missing_names(Database& database) {
    const std::int64_t version = read_pragma(database, "PRAGMA user_version");
    auto pattern = Database::open(":memory:");
    crypto::ensure(pattern.has_value(), "a database in memory opens");
    if (version < 1 || version > schema_version()) return {};
    for (std::size_t next = 0; next < static_cast<std::size_t>(version); ++next) {
        crypto::ensure(run_migration(*pattern, next), "our own migrations run");
    }
    const std::vector<std::string> there = names_in(database);
    std::vector<std::string> missing;
    std::ranges::set_difference(names_in(*pattern), there, std::back_inserter(missing));
    return missing;
}

std::optional<DatabaseError> check_identity(Database& database) {
    const std::int64_t version = read_pragma(database, "PRAGMA user_version");
    const std::int64_t application = read_pragma(database, "PRAGMA application_id");
    if (const auto error = database.failed()) return error;
    if (application != application_id || version < 1) return DatabaseError::not_a_database;
    if (version > schema_version()) return DatabaseError::newer_schema;
    return std::nullopt;
}

crypto::Result<void, DatabaseError> prepare_schema(Database& database, std::uint64_t max_bytes) {
    // Look before touching: a foreign or newer file must stay as it is.
    const std::int64_t version = read_pragma(database, "PRAGMA user_version");
    const std::int64_t tables = read_pragma(database, "SELECT count(*) FROM sqlite_schema");
    if (const auto error = database.failed()) return crypto::Unexpected(*error);
    if (tables > 0) {
        if (const auto error = check_identity(database)) return crypto::Unexpected(*error);
    } else if (version > schema_version()) {
        return crypto::Unexpected(DatabaseError::newer_schema);
    }

    // Where shared memory does not work (some network file systems) SQLite silently keeps another
    // mode.
    if (!enable_wal(database)) return crypto::Unexpected(DatabaseError::cannot_open);
    // FULL: a committed transaction survives loss of power, which is what "Accepted" promises.
    database.execute(
        "PRAGMA synchronous = FULL;"
        "PRAGMA foreign_keys = ON;"
        "PRAGMA secure_delete = FAST;"  // deleted mail is overwritten where it costs no extra I/O
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -16384;"            // 16 MiB
        "PRAGMA journal_size_limit = 67108864;"  // give the log's peak back to the disk
        "PRAGMA trusted_schema = OFF;");
    for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
        if (!run_migration(database, next)) break;
    }
    // After them: a store that is full up to its limit must be able to become a newer one.
    if (max_bytes > 0) {
        const std::int64_t page_bytes =
            std::max<std::int64_t>(read_pragma(database, "PRAGMA page_size"), 512);
        const std::uint64_t pages = max_bytes / static_cast<std::uint64_t>(page_bytes) + 1;
        database.execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
    }
    if (const auto error = database.failed()) return crypto::Unexpected(*error);
    return {};
}

}  // namespace sotto::rendezvous
