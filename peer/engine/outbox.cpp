#include "peer/engine/outbox.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>
#include <utility>

namespace sotto::peer::engine {

DeviceAddress Entry::address() const {
    crypto::ensure(device.has_value(), "the entry has a device");
    return {.account = account, .device = *device};
}

bool Outbox::load(const SaveOutbox& row) {
    auto entry = decode_entry(row);
    if (!entry || entries_.contains(entry->order)) return false;
    next_order_ = std::max(next_order_, entry->order + 1);
    entry->saved = true;
    insert(std::move(*entry));
    return true;
}

bool Outbox::has_room(const AccountId& account, std::size_t entries, std::size_t bytes) const {
    const auto share = by_account_.find(account);
    const std::size_t held = share == by_account_.end() ? 0 : share->second.orders.size();
    const std::size_t held_bytes = share == by_account_.end() ? 0 : share->second.bytes;
    return entries_.size() + entries <= outbox_entries_max && bytes_ + bytes <= outbox_bytes_max &&
           held + entries <= outbox_entries_max / outbox_share &&
           held_bytes + bytes <= outbox_bytes_max / outbox_share;
}

// The bytes of an entry that is new, changed or (as an empty one) about to go.
void Outbox::recount(Entry& entry) {
    Share& share = by_account_.at(entry.account);
    bytes_ = bytes_ - entry.counted + entry.bytes();
    share.bytes = share.bytes - entry.counted + entry.bytes();
    entry.counted = entry.bytes();
}

Entry& Outbox::insert(Entry entry) {
    const std::uint64_t order = entry.order;
    by_envelope_.insert_or_assign(entry.envelope, order);
    if (entry.message != MessageId{}) by_message_[entry.message].insert(order);
    Entry& kept = entries_.insert_or_assign(order, std::move(entry)).first->second;
    by_account_[kept.account].orders.insert(order);
    kept.counted = 0;
    recount(kept);
    if (!kept.device) {
        undirected_[kept.account].insert(order);
        return kept;
    }
    Lane& lane = lanes_[kept.address()];
    if (kept.cargo == Cargo::reset) lane.reset = order;
    if (is_question(kept.cargo)) lane.question = order;
    if (kept.stage == Stage::delivered) {
        kept.place = Place::awaiting_read;
        lane.awaiting_read.insert_or_assign(kept.seq, order);
        return kept;
    }
    if (kept.seq != 0) lane.undelivered.insert_or_assign(kept.seq, order);
    kept.place = kept.stage == Stage::waiting                        ? Place::to_send
                 : kept.stage == Stage::with_server && !kept.rests() ? Place::parked
                                                                     : Place::none;
    if (auto* set = set_of(lane, kept.place)) set->insert(order);
    return kept;
}

Entry& Outbox::add(Turn& turn, Entry entry) {
    entry.order = next_order_++;
    entry.created_ms = turn.dated ? turn.believed_ms : 0;
    Entry& kept = insert(std::move(entry));
    touch(kept);
    return kept;
}

void Outbox::touch(Entry& entry) {
    recount(entry);
    if (is_durable(entry.cargo)) touched_.insert(entry.order);
}

void Outbox::redate(const Turn& turn) {
    for (auto& [order, entry] : entries_) {
        if (entry.created_ms <= turn.believed_ms + crypto::clock_tolerance_ms) continue;
        entry.created_ms = turn.believed_ms;
        touch(entry);
    }
}

void Outbox::flush(Turn& turn) {
    for (const std::uint64_t order : std::exchange(touched_, {})) {
        Entry* entry = find(order);
        if (entry == nullptr) continue;
        entry->saved = true;
        turn.save(SaveOutbox{.envelope = entry->envelope,
                             .message = entry->message,
                             .account = entry->account,
                             .device = entry->device.value_or(no_device),
                             .entry = encode_entry(*entry)});
    }
}

std::set<std::uint64_t>* Outbox::set_of(Lane& lane, Place place) {
    switch (place) {
        case Place::to_send:
            return &lane.to_send;
        case Place::in_flight:
            return &lane.in_flight;
        case Place::parked:
            return &lane.parked;
        case Place::none:
        case Place::awaiting_read:
            return nullptr;
    }
    return nullptr;
}

void Outbox::move(Entry& entry, Place place) {
    Lane& lane = lanes_[entry.address()];
    if (auto* set = set_of(lane, entry.place)) set->erase(entry.order);
    if (entry.on_link && place != Place::in_flight) {
        entry.on_link = false;
        --lane.on_link;
    }
    entry.place = place;
    if (auto* set = set_of(lane, place)) set->insert(entry.order);
    if (place != Place::awaiting_read) return;
    lane.undelivered.erase(entry.seq);
    lane.awaiting_read.insert_or_assign(entry.seq, entry.order);
}

void Outbox::erase(Turn& turn, std::uint64_t order) {
    const auto at = entries_.find(order);
    if (at == entries_.end()) return;
    Entry& entry = at->second;
    if (entry.saved) turn.save(DeleteOutbox{.envelope = entry.envelope});
    if (entry.device) {
        move(entry, Place::none);
        Lane& lane = lanes_[entry.address()];
        lane.undelivered.erase(entry.seq);
        lane.awaiting_read.erase(entry.seq);
        if (lane.reset == order) lane.reset.reset();
        if (lane.question == order) lane.question.reset();
    } else {
        remove_undirected(entry);
    }
    if (const auto orders = by_message_.find(entry.message); orders != by_message_.end()) {
        orders->second.erase(order);
        if (orders->second.empty()) by_message_.erase(orders);
    }
    by_envelope_.erase(entry.envelope);
    bytes_ -= entry.counted;
    const auto share = by_account_.find(entry.account);
    share->second.bytes -= entry.counted;
    share->second.orders.erase(order);
    if (share->second.orders.empty()) by_account_.erase(share);
    touched_.erase(order);
    entries_.erase(at);
}

void Outbox::assign(Entry& entry, const DeviceId& device) {
    remove_undirected(entry);
    entry.device = device;
    Lane& lane = lanes_[entry.address()];
    if (entry.seq != 0) lane.undelivered.insert_or_assign(entry.seq, entry.order);
    if (entry.cargo == Cargo::reset) lane.reset = entry.order;
    if (is_question(entry.cargo)) lane.question = entry.order;
    entry.place = Place::to_send;
    lane.to_send.insert(entry.order);
    touch(entry);
}

void Outbox::release(Turn& turn, Entry& entry) {
    renew(turn, entry);
    entry.spoken = false;
    move(entry, Place::none);
    Lane& lane = lanes_[entry.address()];
    lane.undelivered.erase(entry.seq);
    if (lane.question == entry.order) lane.question.reset();
    entry.device.reset();
    undirected_[entry.account].insert(entry.order);
}

void Outbox::renumber(Entry& entry, std::uint64_t seq) {
    auto envelope = wire::decode_envelope(entry.plain);
    crypto::ensure(envelope.has_value(), "an envelope of ours decodes");
    envelope->sender_seq = seq;
    entry.plain = encode(*envelope);
    entry.sealed.reset();
    entry.spoken = false;
    if (entry.device) {
        Lane& lane = lanes_[entry.address()];
        lane.undelivered.erase(entry.seq);
        lane.undelivered.insert_or_assign(seq, entry.order);
    }
    entry.seq = seq;
    touch(entry);
}

void Outbox::renew(Turn& turn, Entry& entry) {
    if (entry.saved) turn.save(DeleteOutbox{.envelope = entry.envelope});
    by_envelope_.erase(entry.envelope);
    entry.envelope = {turn.random.array<16>()};
    by_envelope_.insert_or_assign(entry.envelope, entry.order);
    entry.sealed.reset();
    entry.putting = false;
    entry.saved = false;
    entry.offered_again = 0;
    move(entry, Place::to_send);
    touch(entry);
}

Entry* Outbox::find(std::uint64_t order) {
    const auto at = entries_.find(order);
    return at == entries_.end() ? nullptr : &at->second;
}

Entry* Outbox::find(const EnvelopeId& envelope) {
    const auto at = by_envelope_.find(envelope);
    return at == by_envelope_.end() ? nullptr : find(at->second);
}

std::vector<std::uint64_t> Outbox::entries_of(const MessageId& message) const {
    const auto at = by_message_.find(message);
    if (at == by_message_.end()) return {};
    return {at->second.begin(), at->second.end()};
}

std::vector<std::uint64_t> Outbox::entries_of(const AccountId& account) const {
    const auto at = by_account_.find(account);
    if (at == by_account_.end()) return {};
    return {at->second.orders.begin(), at->second.orders.end()};
}

void Outbox::remove_undirected(const Entry& entry) {
    const auto at = undirected_.find(entry.account);
    if (at == undirected_.end()) return;
    at->second.erase(entry.order);
    if (at->second.empty()) undirected_.erase(at);
}

std::set<std::uint64_t> Outbox::undirected(const AccountId& account) const {
    const auto at = undirected_.find(account);
    return at == undirected_.end() ? std::set<std::uint64_t>{} : at->second;
}

std::vector<AccountId> Outbox::accounts_undirected() const {
    std::vector<AccountId> accounts;
    for (const auto& [account, orders] : undirected_)
        accounts.push_back(account);
    return accounts;
}

std::string Outbox::describe() const {
    std::string text;
    for (const auto& [order, entry] : entries_) {
        if (entry.stage == Stage::delivered) continue;
        text += "entry " + std::to_string(order);
        text += " cargo " + std::to_string(static_cast<int>(entry.cargo));
        text += " number " + std::to_string(entry.seq);
        text += " stage " + std::to_string(static_cast<int>(entry.stage));
        text += " place " + std::to_string(static_cast<int>(entry.place));
        text += entry.device ? "" : " undirected";
        text += entry.sealed ? " encrypted" : "";
        text += entry.on_link ? " on-link" : "";
        text += entry.putting ? " putting" : "";
        text += "; ";
    }
    return text;
}

bool Outbox::empty() const {
    return std::all_of(entries_.begin(), entries_.end(), [](const auto& item) {
        const Entry& entry = item.second;
        return entry.stage == Stage::delivered || entry.stage == Stage::failed || entry.rests();
    });
}

}  // namespace sotto::peer::engine
