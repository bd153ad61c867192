// All contacts, by account. Saving and showing go through here, so that neither is forgotten.
//
// A turn touches a record as often as it likes; flush() at its end saves each once.
#pragma once

#include "peer/engine/contact.hpp"
#include "peer/engine/timers.hpp"

#include <utility>

namespace sotto::peer::engine {

class Contacts {
public:
    explicit Contacts(Timers& timers) : timers_(timers) {}
    /// A row whose state does not decode costs this contact its state, never the whole profile: the
    /// contact stays, as the store shows it, with the device list and floors that can be rescued,
    /// and take_damaged() tells it.
    void load(const SaveContact& row);
    [[nodiscard]] bool load(const SaveSetting& row);
    [[nodiscard]] std::set<AccountId> take_damaged() { return std::exchange(damaged_, {}); }

    [[nodiscard]] ContactRecord* find(const AccountId& account);
    [[nodiscard]] const ContactRecord* find(const AccountId& account) const;
    [[nodiscard]] PeerDevice* find(const DeviceAddress& address);
    [[nodiscard]] bool full() const;
    [[nodiscard]] std::size_t count(ContactState state) const;
    /// Contacts added from now on count their messages from here: an old copy was put back, which
    /// does not know whom we wrote to since.
    void skip_first_number(Turn& turn);
    /// The record of a new contact; not yet saved. Needs that it does not exist, and !full().
    ContactRecord& add(const Contact& contact);

    /// Adopts a list that may follow the one held; its removed devices are told by take_removed(),
    /// how many came and went by take_changes(). New ones are held, if the person wants that.
    [[nodiscard]] bool adopt(ContactRecord& record, const crypto::DevList& list);
    struct Change {
        AccountId account;
        std::size_t added = 0;
        std::size_t removed = 0;
        bool held = false;  // those added
    };
    [[nodiscard]] std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
    [[nodiscard]] bool holds(const DeviceAddress& address) const;
    /// False: there is none that is held.
    [[nodiscard]] bool allow_devices(ContactRecord& record);
    [[nodiscard]] bool holds_new_devices() const { return hold_new_devices_; }
    void set_hold_new_devices(Turn& turn, bool hold);
    [[nodiscard]] std::vector<DeviceAddress> take_removed() { return std::exchange(removed_, {}); }
    /// The device stands in the newest list its account showed us.
    [[nodiscard]] bool lists(const DeviceAddress& address) const;

    /// The record changed: to be saved with this turn.
    void touch(const ContactRecord& record) { touched_.insert(record.view.account); }
    /// With the next save, or in two seconds: for changes that repair themselves after a crash.
    void save_lazily(Turn& turn, const AccountId& account);
    void lazy_save_due(const AccountId& account);
    void show(const ContactRecord& record) { shown_.insert(record.view.account); }
    void set_state(Turn& turn, ContactRecord& record, ContactState state);
    void flush(Turn& turn);

    [[nodiscard]] std::map<AccountId, ContactRecord>& all() { return records_; }
    [[nodiscard]] const std::map<AccountId, ContactRecord>& all() const { return records_; }

private:
    Timers& timers_;
    std::map<AccountId, ContactRecord> records_;
    std::set<AccountId> touched_;
    std::set<AccountId> shown_;
    std::set<AccountId> damaged_;
    std::uint64_t first_number_ = 1;
    std::vector<DeviceAddress> removed_;
    std::vector<Change> changes_;
    bool hold_new_devices_ = false;
};

}  // namespace sotto::peer::engine
