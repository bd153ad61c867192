#include "peer/store/batch_writer.hpp"

#include <limits>

namespace sotto::peer::store {
namespace {

constexpr auto row_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - 1;

bool counts_as_unread(const Message& message) {
    return !message.outgoing && !message.read_locally && message.kind != MessageKind::notice;
}

std::uint64_t outbox_number(const EnvelopeId& envelope) {
    return crypto::Reader(envelope.bytes).u64();
}

}  // namespace

std::optional<Duplicate> BatchWriter::write(const SaveOp& op) {
    duplicate_.reset();
    std::visit(*this, op);
    return duplicate_;
}

void BatchWriter::operator()(const SaveSelf& op) {
    const Self& self = op.self;
    transaction_.run("INSERT OR REPLACE INTO self VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?)",
                     {self.username, self.account.view(), self.device.view(), self.server.host,
                      self.server.port, self.server.key.view(), self.registered, op.keys});
}

void BatchWriter::operator()(const SaveSetting& op) {
    transaction_.run(
        "INSERT INTO settings VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        {op.name, op.value});
}

void BatchWriter::operator()(const SaveContact& op) {
    const Contact& contact = op.contact;
    transaction_.run(
        "INSERT INTO peers(account, username, state, request_text, verified, allow_direct,"
        " changed_at, engine_state) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(account) DO UPDATE SET username = excluded.username, state = excluded.state,"
        " request_text = excluded.request_text, verified = excluded.verified,"
        " allow_direct = excluded.allow_direct, changed_at = excluded.changed_at,"
        " engine_state = excluded.engine_state",
        {contact.account.view(), contact.username, contact.state, contact.request_text,
         contact.verified, contact.allow_direct, contact.changed_at.ms, op.engine_state});
}

// --- ratchets and keys -------------------------------------------------------------------------

void BatchWriter::operator()(const SaveSession& op) {
    transaction_.run(
        "INSERT INTO sessions(device, session, account, state) VALUES(?, ?, ?, ?)"
        " ON CONFLICT(device, session) DO UPDATE SET account = excluded.account,"
        " state = excluded.state",
        {op.device.view(), op.session_id, op.account.view(), op.state});
}

void BatchWriter::operator()(const DeleteSession& op) {
    transaction_.run("DELETE FROM sessions WHERE device = ? AND session = ?",
                     {op.device.view(), op.session_id});
}

void BatchWriter::operator()(const SavePrekey& op) {
    transaction_.run(
        "INSERT INTO prekeys VALUES(?, ?, ?)"
        " ON CONFLICT(kind, number) DO UPDATE SET secret = excluded.secret",
        {op.kind, op.id, op.secret});
}

void BatchWriter::operator()(const DeletePrekey& op) {
    transaction_.run("DELETE FROM prekeys WHERE kind = ? AND number = ?", {op.kind, op.id});
}

void BatchWriter::operator()(const SaveHandshakeSeen& op) {
    transaction_.run("INSERT OR REPLACE INTO handshakes VALUES(?, ?, ?)",
                     {op.transcript_hash, op.session_id, op.signed_prekey_id});
}

void BatchWriter::operator()(const DeleteHandshakesSeen& op) {
    transaction_.run("DELETE FROM handshakes WHERE signed_prekey = ?", {op.signed_prekey_id});
}

// --- messages ----------------------------------------------------------------------------------

std::int64_t BatchWriter::number_of(const AccountId& peer) {
    if (const auto known = store_.peers_.find(peer); known != store_.peers_.end()) {
        return known->second;
    }
    // DO UPDATE, because DO NOTHING would return no row for one that is there.
    const auto number = transaction_.number(
        "INSERT INTO peers(account) VALUES(?)"
        " ON CONFLICT(account) DO UPDATE SET account = account RETURNING id",
        {peer.view()});
    if (number) store_.peers_.emplace(peer, *number);
    return number.value_or(0);
}

std::int64_t BatchWriter::number_of(const DeviceId& device) {
    if (const auto known = store_.devices_.find(device); known != store_.devices_.end()) {
        return known->second;
    }
    const auto number = transaction_.number(
        "INSERT INTO devices(device) VALUES(?)"
        " ON CONFLICT(device) DO UPDATE SET device = device RETURNING id",
        {device.view()});
    if (number) store_.devices_.emplace(device, *number);
    return number.value_or(0);
}

void BatchWriter::operator()(const SaveMessage& op) {
    const Message& message = op.message;
    if (message.row == 0 || message.row > row_max) return transaction_.fail(StoreError::conflict);
    const std::int64_t peer = number_of(message.peer);
    const std::int64_t sender = number_of(op.sender_device);
    transaction_.run(
        "INSERT INTO messages VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(message, sender, peer) DO NOTHING",
        {message.row, peer, sender, message.id.bytes, op.sender_seq, message.at.ms,
         message.outgoing, message.kind, message.state, message.failure, message.read_locally,
         message.text});
    if (!transaction_.ok()) return;
    if (transaction_.database().changes() == 0) {
        const auto row = transaction_.number(
            "SELECT row FROM messages WHERE message = ? AND sender = ? AND peer = ?",
            {message.id.bytes, sender, peer});
        const auto read = transaction_.number(
            "SELECT m.read = 1 OR m.row <= p.read_to FROM messages m JOIN peers p ON p.id = m.peer"
            " WHERE m.row = ?",
            {row.value_or(0)});
        duplicate_ = Duplicate{.row = static_cast<std::uint64_t>(row.value_or(0)),
                               .read = read.value_or(0) != 0};
        return;
    }
    transaction_.run(
        "UPDATE peers SET last_row = max(last_row, ?), unread = unread + ? WHERE id = ?",
        {message.row, counts_as_unread(message), peer});
}

// Only own messages have a delivery state: a contact who knows the id of one of them, and sends a
// message under it, must not move or be moved by it.
void BatchWriter::operator()(const SaveMessageState& op) {
    transaction_.run(
        "UPDATE messages SET state = ?, failure = ? WHERE message = ? AND outgoing = 1",
        {op.state, op.failure, op.id.bytes});
}

// The mark never goes back, and never beyond the last message, which would hide later ones.
void BatchWriter::operator()(const SaveReadUpTo& op) {
    const std::int64_t peer = number_of(op.peer);
    const std::uint64_t row = op.row > row_max ? row_max : op.row;
    transaction_.run("UPDATE peers SET read_to = max(read_to, min(last_row, ?)) WHERE id = ?",
                     {row, peer});
    transaction_.run(
        "UPDATE peers SET unread = (SELECT count(*) FROM messages m"
        " WHERE m.peer = peers.id AND m.row > peers.read_to"
        " AND m.outgoing = 0 AND m.read = 0 AND m.kind <> ?) WHERE id = ?",
        {MessageKind::notice, peer});
}

// --- outbox ------------------------------------------------------------------------------------

void BatchWriter::operator()(const SaveOutbox& op) {
    transaction_.run(
        "INSERT INTO outbox VALUES(?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(id) DO UPDATE SET message = excluded.message, account = excluded.account,"
        " device = excluded.device, entry = excluded.entry WHERE envelope = excluded.envelope",
        {outbox_number(op.envelope), op.envelope.bytes, store_.next_outbox_position_,
         op.message.bytes, op.account.view(), op.device.view(), op.entry});
    if (!transaction_.ok()) return;
    // Another envelope with the same first 8 bytes: once in 2^63 names, or a broken generator.
    if (transaction_.database().changes() == 0) return transaction_.fail(StoreError::conflict);
    ++store_.next_outbox_position_;
}

void BatchWriter::operator()(const DeleteOutbox& op) {
    transaction_.run("DELETE FROM outbox WHERE id = ? AND envelope = ?",
                     {outbox_number(op.envelope), op.envelope.bytes});
}

}  // namespace sotto::peer::store
