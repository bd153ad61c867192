#include "peer/engine/contacts.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {
namespace {

constexpr std::string_view first_number_setting = "engine.first_number";

}  // namespace

void Contacts::load(const SaveContact& row) {
    auto record = decode_contact_state(row.contact, row.engine_state);
    if (!record) {
        record = ContactRecord{.view = row.contact};
        damaged_.insert(row.contact.account);
    }
    // Older versions kept removed devices as well.
    std::erase_if(record->devices, [&](const auto& item) { return !record->lists(item.first); });
    if (record->view.new_key) shown_.insert(row.contact.account);  // the store's row has none
    records_.insert_or_assign(row.contact.account, std::move(*record));
}

bool Contacts::load(const SaveSetting& row) {
    if (row.name != first_number_setting) return true;
    crypto::Reader in(row.value);
    first_number_ = in.u64();
    return in.finished() && first_number_ != 0;
}

void Contacts::skip_first_number(Turn& turn) {
    first_number_ = unused_number(turn, first_number_);
    crypto::Writer out(8);
    out.u64(first_number_);
    turn.save(
        SaveSetting{.name = std::string(first_number_setting), .value = std::move(out).take()});
}

bool Contacts::adopt(ContactRecord& record, const crypto::DevList& list) {
    const auto removed = adopt_list(record, list);
    if (!removed) return false;
    for (const DeviceId& device : *removed)
        removed_.push_back({.account = record.view.account, .device = device});
    return true;
}

bool Contacts::lists(const DeviceAddress& address) const {
    const ContactRecord* record = find(address.account);
    return record != nullptr && record->lists(address.device);
}

ContactRecord* Contacts::find(const AccountId& account) {
    const auto at = records_.find(account);
    return at == records_.end() ? nullptr : &at->second;
}

const ContactRecord* Contacts::find(const AccountId& account) const {
    const auto at = records_.find(account);
    return at == records_.end() ? nullptr : &at->second;
}

PeerDevice* Contacts::find(const DeviceAddress& address) {
    ContactRecord* record = find(address.account);
    if (record == nullptr) return nullptr;
    const auto at = record->devices.find(address.device);
    return at == record->devices.end() ? nullptr : &at->second;
}

bool Contacts::full() const {
    return records_.size() >= contacts_max;
}

std::size_t Contacts::count(ContactState state) const {
    return static_cast<std::size_t>(
        std::count_if(records_.begin(), records_.end(),
                      [state](const auto& item) { return item.second.view.state == state; }));
}

ContactRecord& Contacts::add(const Contact& contact) {
    const auto [at, added] = records_.emplace(
        contact.account, ContactRecord{.view = contact, .next_seq = first_number_});
    crypto::ensure(added, "a contact is added once");
    return at->second;
}

void Contacts::save_lazily(Turn& turn, const AccountId& account) {
    timers_.set_by(timer(TimerKind::lazy_save, account), turn.after(lazy_save_ms));
}

void Contacts::lazy_save_due(const AccountId& account) {
    touched_.insert(account);
}

void Contacts::set_state(Turn& turn, ContactRecord& record, ContactState state) {
    record.view.state = state;
    record.view.changed_at = {turn.believed_ms};
    touch(record);
    show(record);
}

void Contacts::flush(Turn& turn) {
    for (const AccountId& account : std::exchange(touched_, {})) {
        const ContactRecord* record = find(account);
        if (record == nullptr) continue;
        timers_.cancel(timer(TimerKind::lazy_save, account));
        turn.save(
            SaveContact{.contact = record->view, .engine_state = encode_contact_state(*record)});
    }
    for (const AccountId& account : std::exchange(shown_, {})) {
        if (const ContactRecord* record = find(account)) {
            turn.show(ContactChanged{.contact = record->view});
        }
    }
}

}  // namespace sotto::peer::engine
