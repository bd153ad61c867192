#include "peer/store/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "peer/store/transaction.hpp"

namespace sotto::peer::store {
namespace {

// Tables with a large blob have an integer key of their own: in a WITHOUT ROWID table a row beyond
// a quarter of a page would spill to overflow pages, and each page of a commit costs about 12 us.
constexpr std::array history_steps{
    Sql(R"sql(
CREATE TABLE vault_state(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    epoch INTEGER NOT NULL
) STRICT;
INSERT INTO vault_state VALUES(1, 0);

CREATE TABLE self(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    username TEXT NOT NULL,
    account BLOB NOT NULL,
    device BLOB NOT NULL,
    server_host TEXT NOT NULL,
    server_port INTEGER NOT NULL,
    server_key BLOB NOT NULL,
    registered INTEGER NOT NULL,
    keys BLOB NOT NULL
) STRICT;

CREATE TABLE settings(
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per account: what the engine keeps of it (state is NULL when it is no contact), and the
-- counters of the conversation. One row, because a message changes both.
CREATE TABLE peers(
    id INTEGER PRIMARY KEY,
    account BLOB NOT NULL UNIQUE,
    last_row INTEGER NOT NULL DEFAULT 0,
    read_to INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    username TEXT NOT NULL DEFAULT '',
    state INTEGER,
    request_text TEXT NOT NULL DEFAULT '',
    verified INTEGER NOT NULL DEFAULT 0,
    allow_direct INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    engine_state BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE sessions(
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    session BLOB NOT NULL,
    account BLOB NOT NULL,
    state BLOB NOT NULL,
    UNIQUE(device, session)
) STRICT;

CREATE TABLE prekeys(
    kind INTEGER NOT NULL,
    number INTEGER NOT NULL,
    secret BLOB NOT NULL,
    PRIMARY KEY(kind, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE handshakes(
    transcript_hash BLOB PRIMARY KEY,
    session BLOB NOT NULL,
    signed_prekey INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- id: the first 8 bytes of the envelope's random name, so that no second index is needed.
CREATE TABLE outbox(
    id INTEGER PRIMARY KEY,
    envelope BLOB NOT NULL,
    position INTEGER NOT NULL,
    message BLOB NOT NULL,
    account BLOB NOT NULL,
    device BLOB NOT NULL,
    entry BLOB NOT NULL
) STRICT;

CREATE TABLE devices(
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE messages(
    row INTEGER PRIMARY KEY,
    peer INTEGER NOT NULL REFERENCES peers(id),
    sender INTEGER NOT NULL REFERENCES devices(id),
    message BLOB NOT NULL,
    sender_seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outgoing INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    failure INTEGER NOT NULL,
    read INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_id ON messages(message, sender, peer);
CREATE INDEX messages_by_peer ON messages(peer);

-- A message as a person sees it.
CREATE VIEW shown_messages AS
    SELECT m.row, m.message, p.account, m.outgoing, m.kind, m.text, m.at, m.state, m.failure,
           m.read OR (NOT m.outgoing AND m.row <= p.read_to) AS read, m.peer
    FROM messages m JOIN peers p ON p.id = m.peer;
)sql"),
};

// Without content, columns or positions: one list of rows per gram. About as large as the texts.
constexpr std::array search_steps{
    Sql(R"sql(
CREATE TABLE progress(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    row INTEGER NOT NULL,
    message BLOB NOT NULL
) STRICT;
INSERT INTO progress VALUES(1, 0, x'');

CREATE VIRTUAL TABLE grams USING fts5(
    text, content = '', columnsize = 0, detail = none, tokenize = 'sotto_grams');
-- A leaf of the index fits into one page, of which SQLCipher takes 80 bytes; the default of 4050
-- would take two.
INSERT INTO grams(grams, rank) VALUES('pgsz', 3900);
)sql"),
};

}  // namespace

std::span<const Sql> history_schema() noexcept {
    return history_steps;
}
std::span<const Sql> search_schema() noexcept {
    return search_steps;
}

Result<void, StoreError> migrate(Database& database, std::span<const Sql> steps) {
    const auto version = database.number("PRAGMA user_version");
    if (!version) return Unexpected(version.error());
    if (*version < 0) return Unexpected(StoreError::corrupt);
    if (*version > static_cast<std::int64_t>(steps.size())) {
        return Unexpected(StoreError::newer_version);
    }
    for (auto done = static_cast<std::size_t>(*version); done < steps.size(); ++done) {
        Transaction transaction(database);
        if (transaction.ok()) {
            if (auto step = database.script(steps[done]); !step) transaction.fail(step.error());
        }
        // A pragma takes no bound values; the number is ours.
        const std::string mark = "PRAGMA user_version = " + std::to_string(done + 1);
        if (transaction.ok() &&
            sqlite3_exec(database.handle(), mark.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            transaction.fail(StoreError::io);
        }
        if (auto committed = transaction.commit(); !committed) return committed;
    }
    return {};
}

}  // namespace sotto::peer::store
