#include "bare_sqlcipher.hpp"

#include <sqlite3.h>

#include "crypto/result.hpp"
#include "peer/store/schema.hpp"

namespace sotto::bench {
namespace {

using crypto::ensure;

peer::store::Database open(const std::filesystem::path& file, const crypto::DatabaseKey& key) {
    auto database = peer::store::Database::open(file, key, {});
    ensure(database.has_value(), "bare SQLCipher did not open");
    ensure(peer::store::migrate(*database, peer::store::history_schema()).has_value(),
           "bare SQLCipher has no tables");
    sqlite3_wal_autocheckpoint(database->handle(), 1000);  // SQLite's own default
    return std::move(*database);
}

void bind(sqlite3_stmt* statement, int at, crypto::ByteView bytes) {
    sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC);
}
void bind(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void bind(sqlite3_stmt* statement, int at, std::uint64_t number) {
    sqlite3_bind_int64(statement, at, static_cast<sqlite3_int64>(number));
}

}  // namespace

BareSqlcipher::BareSqlcipher(const std::filesystem::path& file, const crypto::DatabaseKey& key)
    : database_(open(file, key)),
      begin_(prepare("BEGIN IMMEDIATE")),
      commit_(prepare("COMMIT")),
      insert_(prepare("INSERT INTO messages VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"
                      " ON CONFLICT(message, sender, peer) DO NOTHING")),
      count_(prepare("UPDATE peers SET last_row = max(last_row, ?), unread = unread + ?"
                     " WHERE id = ?")),
      session_(prepare("INSERT INTO sessions(device, session, account, state) VALUES(?,?,?,?)"
                       " ON CONFLICT(device, session) DO UPDATE SET state = excluded.state")),
      outbox_(prepare("INSERT INTO outbox VALUES(?,?,?,?,?,?,?)")),
      page_(prepare("SELECT * FROM shown_messages WHERE peer = ? AND row < ?"
                    " ORDER BY row DESC LIMIT ?")),
      like_(prepare("SELECT row FROM messages WHERE text LIKE ? ORDER BY row DESC LIMIT ?")) {
    // As many peers as the store's side has; numbered from 1 there as well.
    for (int i = 0; i < 256; ++i) {
        const auto insert = "INSERT INTO peers(account) VALUES(randomblob(32))";
        ensure(sqlite3_exec(database_.handle(), insert, nullptr, nullptr, nullptr) == SQLITE_OK,
               "no peers");
    }
    ensure(sqlite3_exec(database_.handle(), "INSERT INTO devices VALUES(1, randomblob(16))",
                        nullptr, nullptr, nullptr) == SQLITE_OK,
           "no device");
}

BareSqlcipher::~BareSqlcipher() {
    for (sqlite3_stmt* statement : statements_)
        sqlite3_finalize(statement);
}

sqlite3_stmt* BareSqlcipher::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    ensure(sqlite3_prepare_v3(database_.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                              nullptr) == SQLITE_OK,
           "bare SQLCipher does not take a statement");
    statements_.push_back(statement);
    return statement;
}

void BareSqlcipher::step(sqlite3_stmt* statement) {
    ensure(sqlite3_step(statement) == SQLITE_DONE, "bare SQLCipher failed");
    sqlite3_reset(statement);
}

void BareSqlcipher::begin() {
    step(begin_);
}
void BareSqlcipher::commit() {
    step(commit_);
}

void BareSqlcipher::insert(const peer::SaveMessage& save) {
    const peer::Message& m = save.message;
    const std::uint64_t peer = 1 + m.peer.view()[0];
    bind(insert_, 1, m.row);
    bind(insert_, 2, peer);
    bind(insert_, 3, std::uint64_t{1});
    bind(insert_, 4, crypto::ByteView(m.id.bytes));
    bind(insert_, 5, save.sender_seq);
    bind(insert_, 6, m.at.ms);
    bind(insert_, 7, std::uint64_t{m.outgoing});
    bind(insert_, 8, static_cast<std::uint64_t>(m.kind));
    bind(insert_, 9, static_cast<std::uint64_t>(m.state));
    bind(insert_, 10, static_cast<std::uint64_t>(m.failure));
    bind(insert_, 11, std::uint64_t{m.read_locally});
    bind(insert_, 12, m.text);
    step(insert_);
    bind(count_, 1, m.row);
    bind(count_, 2, std::uint64_t{!m.outgoing});
    bind(count_, 3, peer);
    step(count_);
}

void BareSqlcipher::save(const peer::SaveSession& session, const peer::SaveOutbox& entry) {
    bind(session_, 1, session.device.view());
    bind(session_, 2, crypto::ByteView(session.session_id));
    bind(session_, 3, session.account.view());
    bind(session_, 4, crypto::ByteView(session.state));
    step(session_);
    bind(outbox_, 1, crypto::Reader(entry.envelope.bytes).u64());
    bind(outbox_, 2, crypto::ByteView(entry.envelope.bytes));
    bind(outbox_, 3, std::uint64_t{0});
    bind(outbox_, 4, crypto::ByteView(entry.message.bytes));
    bind(outbox_, 5, entry.account.view());
    bind(outbox_, 6, entry.device.view());
    bind(outbox_, 7, crypto::ByteView(entry.entry));
    step(outbox_);
}

std::size_t BareSqlcipher::page(std::int64_t peer, std::uint64_t before_row, int limit) {
    bind(page_, 1, static_cast<std::uint64_t>(peer));
    bind(page_, 2, before_row);
    sqlite3_bind_int(page_, 3, limit);
    std::size_t rows = 0;
    std::size_t bytes = 0;
    while (sqlite3_step(page_) == SQLITE_ROW) {
        ++rows;
        const unsigned char* text = sqlite3_column_text(page_, 5);
        bytes += text == nullptr ? 0 : text[0];
    }
    sqlite3_reset(page_);
    return bytes > 0 ? rows : 0;
}

std::size_t BareSqlcipher::like(const std::string& text, int limit) {
    const std::string pattern = "%" + text + "%";
    bind(like_, 1, pattern);
    sqlite3_bind_int(like_, 2, limit);
    std::size_t rows = 0;
    while (sqlite3_step(like_) == SQLITE_ROW)
        ++rows;
    sqlite3_reset(like_);
    return rows;
}

}  // namespace sotto::bench
