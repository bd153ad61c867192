// Delivery, second part: what answers and receipts do to entries and to the states of messages.
#include "peer/engine/delivery.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

// --- the visible state of a message ------------------------------------------------------------

DeliveryState Delivery::shown(const MessageId& message) {
    const auto at = shown_.find(message);
    if (at != shown_.end()) return at->second;
    // After a restart: what the entries say.
    DeliveryState state = DeliveryState::with_server;
    for (const std::uint64_t order : outbox_.entries_of(message)) {
        switch (outbox_.find(order)->stage) {
            case Stage::delivered:
                return shown_[message] = DeliveryState::delivered;
            case Stage::failed:
                state = DeliveryState::failed;
                break;
            case Stage::waiting:
                if (state != DeliveryState::failed) state = DeliveryState::saved;
                break;
            case Stage::with_server:
                break;
        }
    }
    return shown_[message] = state;
}

// One device is enough for "delivered" and "read"; "with the server" means: for every device.
void Delivery::advance(Turn& turn, const Entry& entry, DeliveryState state) {
    if (entry.message == MessageId{}) return;
    if (state == DeliveryState::with_server) {
        for (const std::uint64_t order : outbox_.entries_of(entry.message)) {
            if (outbox_.find(order)->stage == Stage::waiting) return;
        }
    }
    const DeliveryState now = shown(entry.message);
    if (now >= state && now != DeliveryState::failed) return;
    shown_[entry.message] = state;
    turn.save(SaveMessageState{.id = entry.message, .state = state});
    turn.show(MessageStateChanged{.peer = entry.account, .id = entry.message, .state = state});
}

void Delivery::fail(Turn& turn, Entry& entry, MessageFailure reason) {
    if (entry.message == MessageId{}) {
        erase(turn, entry);
        return;
    }
    const DeliveryState now = shown(entry.message);  // before the stage, from which it may read
    entry.stage = Stage::failed;
    if (entry.device) outbox_.move(entry, Place::none);
    outbox_.touch(entry);
    if (now >= DeliveryState::delivered) return;
    shown_[entry.message] = DeliveryState::failed;
    turn.save(
        SaveMessageState{.id = entry.message, .state = DeliveryState::failed, .failure = reason});
    turn.show(MessageStateChanged{.peer = entry.account,
                                  .id = entry.message,
                                  .state = DeliveryState::failed,
                                  .failure = reason});
}

void Delivery::erase(Turn& turn, Entry& entry) {
    const MessageId message = entry.message;
    outbox_.erase(turn, entry.order);
    if (outbox_.entries_of(message).empty()) shown_.erase(message);
}

bool Delivery::retry(Turn& turn, const MessageId& message) {
    std::vector<std::uint64_t> failed;
    for (const std::uint64_t order : outbox_.entries_of(message)) {
        if (outbox_.find(order)->stage == Stage::failed) failed.push_back(order);
    }
    if (failed.empty()) return false;
    const AccountId account = outbox_.find(failed.front())->account;
    const ContactRecord* record = contacts_.find(account);
    if (record == nullptr || record->view.state == ContactState::blocked) return false;
    for (const std::uint64_t order : failed) {
        Entry& entry = *outbox_.find(order);
        entry.stage = Stage::waiting;
        entry.created_ms = turn.dated ? turn.believed_ms : 0;  // its time to live begins again
        if (entry.device) {
            outbox_.renew(turn, entry);
            outbox_.lane(entry.address()).puts.until = {};
        }
        outbox_.touch(entry);
    }
    try_token_soon(turn, account);
    shown_[message] = DeliveryState::saved;
    turn.save(SaveMessageState{.id = message, .state = DeliveryState::saved});
    turn.show(MessageStateChanged{.peer = account, .id = message, .state = DeliveryState::saved});
    contact_changed(turn, account);
    return true;
}

void Delivery::withdraw(Turn& turn, const AccountId& account, Cargo cargo) {
    for (const std::uint64_t order : outbox_.entries_of(account)) {
        Entry& entry = *outbox_.find(order);
        if (entry.cargo == cargo) erase(turn, entry);
    }
}

void Delivery::fail_account(Turn& turn, const AccountId& account, MessageFailure reason) {
    for (const std::uint64_t order : outbox_.entries_of(account)) {
        Entry* entry = outbox_.find(order);
        if (entry == nullptr || entry->stage == Stage::delivered) continue;
        fail(turn, *entry, reason);
    }
}

void Delivery::expire(Turn& turn) {
    outbox_.redate(turn);
    std::vector<std::uint64_t> old;
    const auto add_old = [&](const std::set<std::uint64_t>& orders) {
        for (const std::uint64_t order : orders) {
            Entry& entry = *outbox_.find(order);
            const std::uint64_t now_ms = turn.believed_ms;
            if (entry.created_ms == 0) {
                entry.created_ms = now_ms;
                outbox_.touch(entry);
            }
            const bool expired =
                now_ms > entry.created_ms && now_ms - entry.created_ms > message_expiry_ms;
            const bool ends = entry.stage != Stage::failed && entry.cargo != Cargo::request;
            if (expired && ends) old.push_back(order);
        }
    };
    for (const auto& [peer, lane] : outbox_.lanes()) {
        add_old(lane.to_send);
        add_old(lane.parked);
    }
    for (const AccountId& account : outbox_.accounts_undirected())
        add_old(outbox_.undirected(account));
    for (const std::uint64_t order : old) {
        fail(turn, *outbox_.find(order), MessageFailure::expired);
    }
}

void Delivery::fail_unknown(Turn& turn, const AccountId& account) {
    for (const std::uint64_t order : outbox_.entries_of(account)) {
        Entry& entry = *outbox_.find(order);
        const bool old =
            entry.created_ms != 0 && turn.believed_ms > entry.created_ms + unknown_account_ms;
        const bool waits = entry.stage == Stage::waiting || entry.stage == Stage::with_server;
        if (entry.message == MessageId{} || !old || !waits) continue;
        fail(turn, entry, MessageFailure::no_such_account);
    }
}

// --- answers -----------------------------------------------------------------------------------

// The server has stored it, or the device has acknowledged it over a link.
void Delivery::taken_over(Turn& turn, Entry& entry, bool by_server) {
    const DeviceAddress peer = entry.address();
    Lane& lane = outbox_.lane(peer);
    // An envelope that is not stored is accepted whatever became of it.
    if (by_server && entry.cargo != Cargo::endpoint) {
        lane.pause_of(entry.cargo) = {};
        if (!is_question(entry.cargo)) token_confirmed(turn, peer.account);
    }
    if (entry.stage == Stage::delivered) return;  // the receipt was faster
    if (entry.message == MessageId{}) {
        if (entry.cargo == Cargo::receipt) {
            PeerDevice* device = contacts_.find(peer);
            if (device != nullptr && !device->news_since_receipt &&
                device->due != ReceiptDue::none) {
                device->due = ReceiptDue::none;
                contacts_.save_lazily(turn, peer.account);
            }
        }
        // The server may have taken a question and swallowed it: kept until there is an answer.
        if (!is_question(entry.cargo)) return erase(turn, entry);
        entry.stage = Stage::with_server;
        entry.created_ms = turn.believed_ms;
        entry.sealed.reset();
        outbox_.move(entry, Place::none);
        outbox_.touch(entry);
        return;
    }
    if (by_server && entry.stage == Stage::waiting) {
        (void)shown(entry.message);  // before the stage, from which it may read
        entry.stage = Stage::with_server;
        outbox_.touch(entry);
        advance(turn, entry, DeliveryState::with_server);
    }
    outbox_.move(entry, Place::parked);
    await_receipt(turn, peer, lane);
}

void Delivery::await_receipt(Turn& turn, const DeviceAddress& peer, Lane& lane) {
    const TimerId id = timer(TimerKind::unreceipted, peer);
    if (lane.parked.empty() || timers_.running(id)) return;
    const std::uint64_t delay_ms =
        std::min(unreceipted_retry_max_ms,
                 unreceipted_retry_first_ms << std::min(lane.unreceipted_attempts, 16U));
    timers_.set(id, turn.after(turn.jittered(delay_ms)));
}

void Delivery::put_answered(Turn& turn, const EnvelopeId& envelope, const Answer& answer) {
    Entry* entry = outbox_.find(envelope);
    if (entry != nullptr && entry->putting) {
        entry->putting = false;
        const DeviceAddress peer = entry->address();
        const auto* error = answer.error();
        using rendezvous::ErrorCode;
        if (answer.as<rendezvous::Accepted>() != nullptr) {
            taken_over(turn, *entry, true);
            pump(turn, peer);
        } else if (error != nullptr &&
                   (error->code == ErrorCode::too_large || error->code == ErrorCode::bad_request)) {
            fail(turn, *entry, MessageFailure::refused);  // it would be refused every time
        } else {
            if (entry->place == Place::in_flight) outbox_.move(*entry, Place::to_send);
            const bool not_allowed = error != nullptr && error->code == ErrorCode::not_allowed;
            if (not_allowed && !is_question(entry->cargo)) {
                token_refused(turn, peer.account);
            } else {
                back_off(turn, *entry, error != nullptr ? error->retry_after_ms : 0);
            }
            if (not_allowed) ask_for_token(turn, peer.account);
        }
    }
}

// Many may be under way with a token when it is refused: together they are one try.
void Delivery::token_refused(Turn& turn, const AccountId& account) {
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr || !record->token) return;
    auto& refusal = record->token_refusal;
    if (!refusal || refusal->token != *record->token) {
        refusal = TokenRefusal{.token = *record->token};
        refusal->under_way = true;
    }
    if (!refusal->under_way) return;
    refusal->under_way = false;
    refusal->tried_at = turn.now.mono;
    refusal->next = turn.after(turn.jittered(
        std::min(token_retry_max_ms, token_retry_first_ms << std::min(refusal->refusals, 16U))));
    ++refusal->refusals;
    timers_.set(timer(TimerKind::token, account), refusal->next);
}

bool Delivery::waits_for_token(Turn& turn, ContactRecord& record) const {
    auto& refusal = record.token_refusal;
    if (!refusal || refusal->token != *record.token) return false;
    if (turn.now.mono < refusal->next) return true;
    refusal->under_way = true;
    refusal->tried_at = turn.now.mono;
    // Its answer may be lost.
    refusal->next = turn.after(token_retry_pace_ms);
    timers_.set(timer(TimerKind::token, record.view.account), refusal->next);
    return false;
}

void Delivery::try_token_soon(Turn& turn, const AccountId& account) {
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr || !record->token_refusal) return;
    TokenRefusal& refusal = *record->token_refusal;
    const Instant soon =
        std::max(turn.now.mono, Instant{refusal.tried_at.ms + token_retry_pace_ms});
    if (refusal.next <= soon) return;
    refusal.next = soon;
    timers_.set(timer(TimerKind::token, account), soon);
}

void Delivery::token_confirmed(Turn& turn, const AccountId& account) {
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr || !record->token_refusal) return;
    record->token_refusal.reset();
    timers_.cancel(timer(TimerKind::token, account));
    contact_changed(turn, account);
}

// The token expired while we, or they, were away for weeks. They answer with the present one.
void Delivery::ask_for_token(Turn& turn, const AccountId& account) {
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr || record->view.state != ContactState::accepted) return;
    // The server takes one a day from each to each, and says nothing.
    const auto asked = asked_ms(account, Cargo::renewal);
    if (asked && turn.believed_ms < *asked + reoffer_ms) return;
    if (!asked && record->token_asked_at &&
        turn.now.mono.ms < record->token_asked_at->ms + token_request_pace_ms) {
        return;
    }
    if (!has_room(*record, 256)) return;
    record->token_asked_at = turn.now.mono;
    // A day without an answer: perhaps it is the session that they cannot read.
    if (asked) {
        sessions_.retire(turn, account);
        for (const auto& [device, known] : record->devices)
            void_ciphertexts(turn, {.account = account, .device = device});
    }
    withdraw(turn, account, Cargo::renewal);
    send(turn, *record,
         {.cargo = Cargo::renewal,
          .body = wire::ContactRequest{
              .username = account_.self().username,
              .text = {},
              .token = {.serial = account_.token().serial, .token = account_.token().token}}});
}

std::optional<std::uint64_t> Delivery::asked_ms(const AccountId& account, Cargo cargo) {
    std::optional<std::uint64_t> newest;
    for (const std::uint64_t order : outbox_.entries_of(account)) {
        const Entry& entry = *outbox_.find(order);
        if (entry.cargo == cargo) newest = std::max(newest.value_or(0), entry.created_ms);
    }
    return newest;
}

void Delivery::back_off(Turn& turn, const Entry& entry, std::uint64_t at_least_ms) {
    const DeviceAddress peer = entry.address();
    Lane::Pause& pause = outbox_.lane(peer).pause_of(entry.cargo);
    if (turn.now.mono < pause.until) return;  // one for all that failed together
    const std::uint64_t ceiling =
        std::min(resend_max_ms, resend_first_ms << std::min(pause.attempts, 16U));
    ++pause.attempts;
    pause.until =
        turn.after(std::max(turn.jittered(ceiling), std::min(at_least_ms, retry_after_max_ms)));
    timers_.set_by(timer(TimerKind::lane, peer), pause.until);
}

void Delivery::link_acknowledged(Turn& turn, const DeviceAddress& peer, const wire::LinkAck& ack) {
    for (const EnvelopeId& envelope : ack.envelopes) {
        Entry* entry = outbox_.find(envelope);
        // Only the device itself can say that it has something.
        if (entry == nullptr || !entry->device || entry->address() != peer) continue;
        taken_over(turn, *entry, false);
    }
    pump(turn, peer);
}

bool Delivery::names_unspoken(const DeviceAddress& peer, const wire::SeqSet& set) {
    const auto& undelivered = outbox_.lane(peer).undelivered;
    for (const wire::SeqRange& range : set.ranges()) {
        const auto end = undelivered.upper_bound(range.last);
        for (auto at = undelivered.lower_bound(range.first); at != end; ++at) {
            if (!outbox_.find(at->second)->spoken) return true;
        }
    }
    return false;
}

std::vector<std::uint64_t> Delivery::spoken_in(const std::map<std::uint64_t, std::uint64_t>& from,
                                               const wire::SeqSet& set) {
    std::vector<std::uint64_t> seqs;
    for (const wire::SeqRange& range : set.ranges()) {
        const auto end = from.upper_bound(range.last);
        for (auto at = from.lower_bound(range.first); at != end; ++at) {
            if (outbox_.find(at->second)->spoken) seqs.push_back(at->first);
        }
    }
    return seqs;
}

void Delivery::receipt(Turn& turn, const DeviceAddress& peer, const wire::SeqSet& delivered_set,
                       const wire::SeqSet& read_set) {
    Lane& lane = outbox_.lane(peer);
    const auto arrived = spoken_in(lane.undelivered, delivered_set);
    for (const std::uint64_t seq : arrived)
        delivered(turn, lane, seq);
    for (const std::uint64_t seq : spoken_in(lane.awaiting_read, read_set))
        read(turn, lane, seq);
    lane.receipt_at = turn.now.mono;
    lane.offers_unheard = 0;
    // What was never given cannot be behind a hole.
    const ContactRecord* record = contacts_.find(peer.account);
    const std::uint64_t given = record != nullptr ? record->next_seq - 1 : 0;
    lane.newest_receipted =
        std::max(lane.newest_receipted, std::min(delivered_set.largest(), given));
    const TimerId unreceipted = timer(TimerKind::unreceipted, peer);
    if (!arrived.empty()) {
        lane.unreceipted_attempts = 0;
        lane.holes_in_vain = 0;
        timers_.cancel(unreceipted);
        await_receipt(turn, peer, lane);
        pump(turn, peer);  // the window has room again
    }
    // Later ones are there and this one is not: it hardly comes by itself any more.
    const bool hole = !lane.parked.empty() && is_hole(lane, *outbox_.find(*lane.parked.begin()));
    if (hole) timers_.set_by(unreceipted, turn.after(hole_patience(lane)));
}

bool Delivery::is_hole(const Lane& lane, const Entry& entry) const {
    return entry.seq < lane.newest_receipted;
}

void Delivery::delivered(Turn& turn, Lane& lane, std::uint64_t seq) {
    Entry& entry = *outbox_.find(lane.undelivered.at(seq));
    advance(turn, entry,
            DeliveryState::delivered);  // before the stage, from which shown() may read
    entry.stage = Stage::delivered;
    entry.plain.clear();
    entry.sealed.reset();
    outbox_.touch(entry);
    outbox_.move(entry, Place::awaiting_read);
    if (lane.awaiting_read.size() <= awaiting_read_max) return;
    erase(turn, *outbox_.find(lane.awaiting_read.begin()->second));  // it stays "delivered"
}

void Delivery::read(Turn& turn, Lane& lane, std::uint64_t seq) {
    Entry& entry = *outbox_.find(lane.awaiting_read.at(seq));
    advance(turn, entry, DeliveryState::read);
    erase(turn, entry);
}

}  // namespace sotto::peer::engine
