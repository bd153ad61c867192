// A peer's disk: takes a turn's saves as one, and gives back what was committed, nothing else.
//
// Behaves like peer/store: last write wins per key, an incoming message that was stored before is
// left out, a taken row number refuses the whole batch.
#pragma once

#include "peer/output.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace sotto::sim {

struct StoredMessage {
    peer::Message message;
    peer::DeviceId sender_device;
    std::uint64_t sender_seq = 0;
};

struct Disk {
    std::optional<peer::SaveSelf> self;
    std::map<std::string, peer::Bytes> settings;
    std::map<peer::AccountId, peer::SaveContact> contacts;
    std::map<std::pair<peer::DeviceId, peer::Bytes>, peer::SaveSession> sessions;
    std::map<std::pair<std::uint8_t, std::uint32_t>, peer::Bytes> prekeys;
    std::map<peer::Bytes, peer::SaveHandshakeSeen> handshakes;
    std::map<std::uint64_t, StoredMessage> messages;  // by row
    // The row of each message, by what makes it the same.
    std::map<std::tuple<peer::DeviceId, peer::MessageId, peer::AccountId>, std::uint64_t> known;
    std::map<peer::MessageId, std::uint64_t> rows;
    std::map<peer::AccountId, std::uint64_t> read_up_to;
    std::map<peer::EnvelopeId, peer::SaveOutbox> outbox;
};

class SimStore {
public:
    /// Nothing when the batch was committed; else what is wrong with it (our bug, never a fault).
    [[nodiscard]] std::optional<std::string> commit(const std::vector<peer::SaveOp>& ops);
    /// Rows of incoming messages the last batch left out, because they were stored before.
    [[nodiscard]] const std::set<std::uint64_t>& duplicates() const { return duplicates_; }
    /// What the engine is to be told of the last batch.
    [[nodiscard]] std::vector<peer::RepeatChecked> take_checked() {
        return std::exchange(checked_, {});
    }
    [[nodiscard]] peer::Snapshot load() const;
    [[nodiscard]] const Disk& disk() const { return disk_; }

    // Accidents.
    /// The copy made by remember() is put back, and noticed, as peer/store does it.
    void roll_back();
    /// The whole profile's folder is put back as it was then: nothing on the disk tells.
    void put_back(Disk backup) { disk_ = std::move(backup); }
    /// All ratchet sessions are gone, and nobody noticed.
    void lose_sessions() { disk_.sessions.clear(); }
    /// The engine's state of this contact does not decode any more.
    void damage_contact(const peer::AccountId& account) {
        disk_.contacts.at(account).engine_state.pop_back();
    }
    /// We hold a token of this contact that the server does not take any more, and none newer.
    void spoil_token(const peer::AccountId& account);

    // For canaries.
    void remember() { older_ = disk_; }
    void forget_commits() { disk_ = older_; }
    void forget_contacts() { disk_.contacts = older_.contacts; }

private:
    Disk disk_;
    Disk older_;
    std::set<std::uint64_t> duplicates_;
    std::vector<peer::RepeatChecked> checked_;
    bool rolled_back_ = false;
};

}  // namespace sotto::sim
