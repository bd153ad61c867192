#include "tests/support/sim_store.hpp"

#include "peer/engine/contact.hpp"

namespace sotto::sim {
namespace {

using namespace peer;

// Applies one op to a copy of the disk. A sentence when the op contradicts what is there.
struct Writer {
    Disk& disk;
    std::set<std::uint64_t>& duplicates;
    std::vector<RepeatChecked>& checked;
    std::string error;

    void operator()(const SaveSelf& op) { disk.self = op; }
    void operator()(const SaveSetting& op) { disk.settings[op.name] = op.value; }
    void operator()(const SaveContact& op) {
        disk.contacts.insert_or_assign(op.contact.account, op);
    }
    void operator()(const SaveSession& op) {
        disk.sessions.insert_or_assign({op.device, op.session_id}, op);
    }
    void operator()(const DeleteSession& op) { disk.sessions.erase({op.device, op.session_id}); }
    void operator()(const SavePrekey& op) { disk.prekeys[{op.kind, op.id}] = op.secret; }
    void operator()(const DeletePrekey& op) { disk.prekeys.erase({op.kind, op.id}); }
    void operator()(const SaveHandshakeSeen& op) {
        disk.handshakes.insert_or_assign(op.transcript_hash, op);
    }
    void operator()(const DeleteHandshakesSeen& op) {
        std::erase_if(disk.handshakes, [&](const auto& item) {
            return item.second.signed_prekey_id == op.signed_prekey_id;
        });
    }
    void operator()(const SaveMessage& op) {
        const auto [known, fresh] = disk.known.try_emplace(
            {op.sender_device, op.message.id, op.message.peer}, op.message.row);
        std::optional<RepeatChecked::Kept> kept;
        if (!fresh) {
            duplicates.insert(op.message.row);
            kept = {.row = known->second,
                    .read = known->second <= disk.read_up_to[op.message.peer]};
        }
        if (const auto told = repeat_checked(op, kept)) checked.push_back(*told);
        if (!fresh) return;
        const StoredMessage stored{op.message, op.sender_device, op.sender_seq};
        if (!disk.messages.emplace(op.message.row, stored).second) error = "row is taken";
        disk.rows[op.message.id] = op.message.row;
    }
    void operator()(const SaveMessageState& op) {
        const auto row = disk.rows.find(op.id);
        if (row == disk.rows.end()) {
            error = "state of an unknown message";
            return;
        }
        Message& message = disk.messages.at(row->second).message;
        const bool again = message.state == DeliveryState::failed;
        if (!again && op.state <= message.state) error = "state goes back";
        message.state = op.state;
        message.failure = op.failure;
    }
    void operator()(const SaveReadUpTo& op) { disk.read_up_to[op.peer] = op.row; }
    void operator()(const SaveOutbox& op) { disk.outbox.insert_or_assign(op.envelope, op); }
    void operator()(const DeleteOutbox& op) { disk.outbox.erase(op.envelope); }
};

template <class Map>
auto values(const Map& map) {
    std::vector<typename Map::mapped_type> list;
    for (const auto& [key, value] : map)
        list.push_back(value);
    return list;
}

}  // namespace

std::optional<std::string> SimStore::commit(const std::vector<SaveOp>& ops) {
    // In place: a batch that contradicts itself ends the world, so nothing needs undoing.
    duplicates_.clear();
    Writer writer{disk_, duplicates_, checked_, {}};
    for (const SaveOp& op : ops)
        std::visit(writer, op);
    if (!writer.error.empty()) return writer.error;
    return std::nullopt;
}

void SimStore::roll_back() {
    disk_ = older_;
    disk_.sessions.clear();
    rolled_back_ = true;
}

void SimStore::spoil_token(const AccountId& account) {
    SaveContact& row = disk_.contacts.at(account);
    auto record = engine::decode_contact_state(row.contact, row.engine_state);
    record->token = wire::Token();
    record->token_serial = 0;
    row.engine_state = engine::encode_contact_state(*record);
}

Snapshot SimStore::load() const {
    Snapshot snapshot;
    const auto mark = disk_.settings.find(std::string(rolled_back_setting));
    snapshot.rolled_back = rolled_back_ && (mark == disk_.settings.end() || !mark->second.empty());
    snapshot.self = disk_.self;
    for (const auto& [name, value] : disk_.settings)
        snapshot.settings.push_back({name, value});
    snapshot.contacts = values(disk_.contacts);
    snapshot.sessions = values(disk_.sessions);
    for (const auto& [key, secret] : disk_.prekeys) {
        snapshot.prekeys.push_back({.kind = key.first, .id = key.second, .secret = secret});
    }
    snapshot.handshakes = values(disk_.handshakes);
    snapshot.outbox = values(disk_.outbox);
    snapshot.next_row = disk_.messages.empty() ? 1 : disk_.messages.rbegin()->first + 1;
    return snapshot;
}

}  // namespace sotto::sim
