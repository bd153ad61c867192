// Delivery, third part: what is sent again, and when: links that come and go, silence, resets.
#include "peer/engine/delivery.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

// What is on its way over a link that may be gone is to be sent again.
void Delivery::recall(Lane& lane) {
    const std::vector<std::uint64_t> flying(lane.in_flight.begin(), lane.in_flight.end());
    for (const std::uint64_t order : flying) {
        Entry& entry = *outbox_.find(order);
        if (!entry.on_link) continue;
        if (!entry.putting) {
            const bool stored = entry.stage == Stage::with_server && !entry.rests();
            outbox_.move(entry, stored ? Place::parked : Place::to_send);
            continue;
        }
        entry.on_link = false;  // the server's answer is still awaited
        --lane.on_link;
    }
}

// Everything the device may not have goes over the new link, also what the server is still thinking
// about: what comes twice is recognised, what comes late may have lost its key.
void Delivery::link_live(Turn& turn, const DeviceAddress& peer) {
    Lane& lane = outbox_.lane(peer);
    const bool lately = lane.linked_at && turn.now.mono.ms < lane.linked_at->ms + link_settled_ms;
    if (!lately) lane.linked_at = turn.now.mono;
    for (const auto* set : {&lane.in_flight, &lane.parked}) {
        for (const std::uint64_t order : std::set(*set)) {
            Entry& entry = *outbox_.find(order);
            if (lately && entry.stage == Stage::with_server) continue;
            outbox_.move(entry, Place::to_send);
        }
    }
    pump(turn, peer);
}

void Delivery::link_lost(Turn& turn, const DeviceAddress& peer) {
    Lane& lane = outbox_.lane(peer);
    recall(lane);
    await_receipt(turn, peer, lane);
    // Acknowledged over the link, but not stored anywhere else and without a receipt.
    const std::vector<std::uint64_t> parked(lane.parked.begin(), lane.parked.end());
    for (const std::uint64_t order : parked) {
        Entry& entry = *outbox_.find(order);
        if (entry.stage == Stage::waiting) outbox_.move(entry, Place::to_send);
    }
    pump(turn, peer);
}

void Delivery::link_suspect(Turn& turn, const DeviceAddress& peer) {
    for (const std::uint64_t order : std::set(outbox_.lane(peer).in_flight)) {
        Entry& entry = *outbox_.find(order);
        if (entry.on_link && !entry.putting && entry.cargo != Cargo::endpoint) {
            (void)put(turn, entry);
        }
    }
}

void Delivery::lane_due(Turn& turn, const DeviceAddress& peer) {
    Lane& lane = outbox_.lane(peer);
    std::optional<Instant> next;
    for (const std::uint64_t order : std::set(lane.in_flight)) {
        Entry& entry = *outbox_.find(order);
        if (!entry.on_link || entry.putting) continue;
        const Instant due{entry.sent_at.ms + link_ack_timeout_ms};
        if (turn.now.mono < due) {
            if (!next || due < *next) next = due;
        } else if (entry.cargo == Cargo::endpoint || put(turn, entry) == Step::waits) {
            outbox_.move(entry, Place::to_send);  // once more over the link
        }
    }
    pump(turn, peer);
    for (const Lane::Pause* pause : {&lane.puts, &lane.questions}) {
        const bool goes_on = !lane.to_send.empty() && turn.now.mono < pause->until;
        if (goes_on && (!next || pause->until < *next)) next = pause->until;
    }
    if (next) timers_.set_by(timer(TimerKind::lane, peer), *next);
}

std::uint64_t Delivery::hole_patience(const Lane& lane) {
    return std::min(unreceipted_retry_max_ms,
                    hole_patience_ms << std::min(lane.holes_in_vain, 16U));
}

// Offered as it is once; after that its ratchet key may be gone on the other side (a ratchet
// forgets chains), so it is encrypted anew. Its number keeps it from being shown twice.
void Delivery::offer_again(Turn& turn, Lane& lane, Entry& entry) {
    if (entry.offered_again++ > 0 || is_hole(lane, entry)) {
        outbox_.renew(turn, entry);
    } else {
        outbox_.move(entry, Place::to_send);
    }
}

// Three times offered, at last encrypted anew, and not one receipt: the session itself may be
// useless to the other side, which cannot say so.
void Delivery::note_offer(const DeviceAddress& peer, Lane& lane) {
    if (++lane.offers_unheard % offers_unheard_max != 0) return;
    silent_.push_back({.peer = peer, .again = lane.offers_unheard > offers_unheard_max});
}

// Somebody who is away has it in the mailbox; somebody who is there should have answered. A receipt
// shows that the device was there just now, also of a contact whose presence we do not see; it says
// something about holes only.
void Delivery::unreceipted_due(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    Lane& lane = outbox_.lane(peer);
    if (record == nullptr || lane.parked.empty()) return;
    ++lane.unreceipted_attempts;
    const bool there = record->view.presence == Presence::online || links_.live(peer);
    const bool heard =
        lane.receipt_at && turn.now.mono.ms <= lane.receipt_at->ms + 2 * hole_patience(lane);
    if (there) note_offer(peer, lane);
    if (there || heard) {
        const std::uint64_t patience_ms = hole_patience(lane);
        bool holes = false;
        const std::vector<std::uint64_t> parked(lane.parked.begin(), lane.parked.end());
        for (const std::uint64_t order : parked) {
            Entry& entry = *outbox_.find(order);
            if (turn.now.mono.ms < entry.sent_at.ms + patience_ms) continue;
            if (is_hole(lane, entry)) holes = true;
            if (there || is_hole(lane, entry)) offer_again(turn, lane, entry);
        }
        if (holes) ++lane.holes_in_vain;
        pump(turn, peer);
    }
    await_receipt(turn, peer, lane);
}

void Delivery::reoffer(Turn& turn) {
    std::vector<DeviceAddress> peers;
    for (auto& [peer, lane] : outbox_.lanes()) {
        const std::size_t waiting = lane.to_send.size();
        for (const std::uint64_t order : std::set(lane.parked)) {
            Entry& entry = *outbox_.find(order);
            if (entry.sent_at == Instant{}) entry.sent_at = turn.now.mono;  // by an earlier process
            if (turn.now.mono.ms < entry.sent_at.ms + reoffer_ms) continue;
            offer_again(turn, lane, entry);
        }
        if (lane.to_send.size() == waiting) continue;
        note_offer(peer, lane);
        peers.push_back(peer);
    }
    for (const DeviceAddress& peer : peers)
        pump(turn, peer);
}

// When it was sent is not known any more; how old it is is. The old bytes of two days ago were
// offered yesterday.
void Delivery::reoffer_earlier(Turn& turn) {
    std::vector<DeviceAddress> peers;
    for (auto& [peer, lane] : outbox_.lanes()) {
        const std::size_t waiting = lane.to_send.size();
        for (const std::uint64_t order : std::set(lane.parked)) {
            Entry& entry = *outbox_.find(order);
            const std::uint64_t age_ms =
                turn.believed_ms - std::min(turn.believed_ms, entry.created_ms);
            if (entry.sent_at != Instant{} || age_ms < reoffer_ms) continue;
            if (age_ms >= 2 * reoffer_ms) entry.offered_again = std::max(entry.offered_again, 1U);
            offer_again(turn, lane, entry);
        }
        if (lane.to_send.size() != waiting) peers.push_back(peer);
    }
    for (const DeviceAddress& peer : peers)
        pump(turn, peer);
}

void Delivery::peer_online(Turn& turn, const AccountId& account) {
    const ContactRecord* record = contacts_.find(account);
    if (record == nullptr) return;
    try_token_soon(turn, account);
    for (const auto& [device, known] : record->devices) {
        const DeviceAddress peer{.account = account, .device = device};
        Lane& lane = outbox_.lane(peer);
        lane.puts = {};
        lane.unreceipted_attempts = 0;
        timers_.cancel(timer(TimerKind::unreceipted, peer));
        await_receipt(turn, peer, lane);
        pump(turn, peer);
    }
}

// All of it, also what was numbered before: its recipient knows it by its id if it is there.
void Delivery::renumber(Turn& turn, ContactRecord& record) {
    std::map<MessageId, std::uint64_t> numbers;
    for (const std::uint64_t order : outbox_.entries_of(record.view.account)) {
        Entry& entry = *outbox_.find(order);
        if (entry.stage == Stage::delivered) continue;
        if (entry.seq != 0) {
            const auto [number, fresh] = numbers.try_emplace(entry.message, record.next_seq);
            if (fresh) ++record.next_seq;
            outbox_.renumber(entry, number->second);
        }
        const bool goes = entry.stage != Stage::failed && !entry.rests();
        if (entry.device && goes) outbox_.renew(turn, entry);
    }
    contacts_.touch(record);
}

bool Delivery::has_other_copy(const ContactRecord& record, const Entry& entry) {
    for (const std::uint64_t order : outbox_.entries_of(entry.account)) {
        const Entry& other = *outbox_.find(order);
        const bool same = other.cargo == entry.cargo && other.message == entry.message;
        const bool goes = !other.device || record.lists(*other.device);
        if (order != entry.order && same && goes) return true;
    }
    return false;
}

void Delivery::device_removed(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    blocked_.erase(peer);
    timers_.cancel(timer(TimerKind::lane, peer));
    timers_.cancel(timer(TimerKind::unreceipted, peer));
    timers_.cancel(timer(TimerKind::start_over, peer));
    for (const std::uint64_t order : outbox_.entries_of(peer.account)) {
        Entry& entry = *outbox_.find(order);
        if (entry.device != peer.device) continue;
        // A reset was for this device's session; a receipt or endpoint is made for each anew.
        const bool of_use = is_durable(entry.cargo) && entry.cargo != Cargo::reset &&
                            entry.stage != Stage::delivered;
        if (!of_use || has_other_copy(*record, entry)) {
            erase(turn, entry);
            continue;
        }
        if (entry.stage == Stage::with_server) entry.stage = Stage::waiting;
        outbox_.release(turn, entry);
    }
    outbox_.drop_lane(peer);
    direct(turn, *record);
}

void Delivery::start_over(Turn& turn, const DeviceAddress& peer) {
    PeerDevice* device = contacts_.find(peer);
    if (device == nullptr) return;
    const auto last = device->started_over_at;
    if (last && turn.now.mono.ms < last->ms + start_over_pace_ms) {
        return timers_.set_by(timer(TimerKind::start_over, peer), {last->ms + start_over_pace_ms});
    }
    device->started_over_at = turn.now.mono;
    encrypt_anew(turn, peer);
}

void Delivery::void_ciphertexts(Turn& turn, const DeviceAddress& peer) {
    Lane& lane = outbox_.lane(peer);
    for (const auto* set : {&lane.to_send, &lane.in_flight, &lane.parked}) {
        for (const std::uint64_t order : std::set(*set)) {
            Entry& entry = *outbox_.find(order);
            if (entry.sealed) outbox_.renew(turn, entry);
        }
    }
}

void Delivery::encrypt_anew(Turn& turn, const DeviceAddress& peer) {
    void_ciphertexts(turn, peer);
    pump(turn, peer);
}

}  // namespace sotto::peer::engine
