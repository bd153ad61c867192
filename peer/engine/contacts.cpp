#include "peer/engine/contacts.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {
namespace {

constexpr std::string_view first_number_setting = "engine.first_number";
constexpr std::string_view hold_setting = "engine.hold_new_devices";

std::uint32_t count_held(const ContactRecord& record) {
    return static_cast<std::uint32_t>(
        std::count_if(record.devices.begin(), record.devices.end(),
                      [](const auto& item) { return item.second.held; }));
}

}  // namespace

void Contacts::load(const SaveContact& row) {
    auto record = decode_contact_state(row.contact, row.engine_state);
    if (!record) {
        record = rescue_contact_state(row.contact, row.engine_state);
        damaged_.insert(row.contact.account);
    }
    // Older versions kept removed devices as well.
    std::erase_if(record->devices, [&](const auto& item) { return !record->lists(item.first); });
    record->view.held_devices = count_held(*record);
    const bool asks = record->view.new_key || record->view.held_devices > 0;
    if (asks) shown_.insert(row.contact.account);  // the store's row does not say so
    records_.insert_or_assign(row.contact.account, std::move(*record));
}

bool Contacts::load(const SaveSetting& row) {
    if (row.name == hold_setting) hold_new_devices_ = !row.value.empty();
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
    const auto change = adopt_list(record, list);
    if (!change) return false;
    for (const DeviceId& device : change->removed)
        removed_.push_back({.account = record.view.account, .device = device});
    const bool held = hold_new_devices_ && record.view.verified;
    for (const DeviceId& device : change->added)
        record.devices.at(device).held = held;
    if (change->added.empty() && change->removed.empty()) return true;
    changes_.push_back({.account = record.view.account,
                        .added = change->added.size(),
                        .removed = change->removed.size(),
                        .held = held});
    if (std::exchange(record.view.held_devices, count_held(record)) != record.view.held_devices) {
        show(record);
    }
    return true;
}

bool Contacts::holds(const DeviceAddress& address) const {
    const ContactRecord* record = find(address.account);
    return record != nullptr && record->holds(address.device);
}

bool Contacts::allow_devices(ContactRecord& record) {
    if (record.view.held_devices == 0) return false;
    for (auto& [id, device] : record.devices)
        device.held = false;
    record.view.held_devices = 0;
    touch(record);
    show(record);
    return true;
}

void Contacts::set_hold_new_devices(Turn& turn, bool hold) {
    hold_new_devices_ = hold;
    turn.save(SaveSetting{.name = std::string(hold_setting), .value = hold ? Bytes{1} : Bytes{}});
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
