// Sending: which envelope goes now, and over which path. The answers are in ledger.cpp.
#include "peer/engine/delivery.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

bool Delivery::may_go(const ContactRecord& record, Cargo cargo) const {
    if (record.view.new_key) return false;  // who is meant? The person decides (AcceptKey)
    switch (record.view.state) {
        case ContactState::accepted:
            if (cargo == Cargo::endpoint) return record.view.allow_direct;
            return cargo != Cargo::request;
        case ContactState::request_sent:
            return cargo == Cargo::request;
        case ContactState::request_received:
        case ContactState::ignored:
        case ContactState::blocked:
            return false;
    }
    return false;
}

bool Delivery::has_room(const ContactRecord& record, std::size_t bytes) const {
    const std::size_t devices =
        record.list ? std::max<std::size_t>(record.list->entries().size(), 1) : 1;
    // Twice: the ciphertext stands beside the plaintext, in the next larger bucket.
    return outbox_.has_room(record.view.account, devices, devices * 3 * (bytes + 512));
}

Bytes Delivery::make_envelope(Turn& turn, const ContactRecord& record, const Parcel& parcel) const {
    const auto mark = record.list_mark();
    wire::Envelope envelope{
        .id = parcel.message,
        .conversation = crypto::conversation_id(account_.id(), record.view.account),
        .sender_seq = parcel.seq,
        .at = turn.now.wall,
        .own_list = account_.gossip(),
        .peer_list = mark ? crypto::gossip_of(*mark) : crypto::GossipMark{.seq = 0, .hash8 = {}},
        .body = parcel.body};
    if (envelope.id == MessageId{}) envelope.id = {turn.random.array<16>()};
    return encode(envelope);
}

void Delivery::send(Turn& turn, const ContactRecord& record, Parcel parcel) {
    Entry entry{.envelope = {turn.random.array<16>()},
                .message = parcel.message,
                .account = record.view.account,
                .device = parcel.device,
                .cargo = parcel.cargo,
                .seq = parcel.seq,
                .plain = make_envelope(turn, record, parcel)};
    if (parcel.device && (!is_durable(parcel.cargo) || parcel.cargo == Cargo::reset)) {
        supersede(turn, outbox_.lane(entry.address()), parcel.cargo);
    }
    const Entry& added = outbox_.add(turn, std::move(entry));
    if (added.message != MessageId{}) shown_.insert_or_assign(added.message, DeliveryState::saved);
    if (parcel.device) {
        pump(turn, {.account = record.view.account, .device = *parcel.device});
    } else {
        direct(turn, record);
    }
}

// A newer receipt, endpoint or reset says all that an older one said.
bool Delivery::supersede(Turn& turn, Lane& lane, Cargo cargo) {
    std::vector<std::uint64_t> older;
    for (const auto* set : {&lane.to_send, &lane.in_flight, &lane.parked}) {
        for (const std::uint64_t order : *set) {
            if (outbox_.find(order)->cargo == cargo) older.push_back(order);
        }
    }
    for (const std::uint64_t order : older)
        outbox_.erase(turn, order);
    return !older.empty();
}

bool Delivery::take_back(Turn& turn, const DeviceAddress& peer, Cargo cargo) {
    return supersede(turn, outbox_.lane(peer), cargo);
}

void Delivery::forget_read(Turn& turn, const DeviceAddress& peer, const wire::SeqSet& read_set) {
    Lane& lane = outbox_.lane(peer);
    for (const std::uint64_t seq : spoken_in(lane.awaiting_read, read_set))
        erase(turn, *outbox_.find(lane.awaiting_read.at(seq)));
}

void Delivery::send_fleeting(Turn& turn, const DeviceAddress& peer, wire::Body body) {
    const ContactRecord* record = contacts_.find(peer.account);
    const Link* link = links_.best(peer);
    if (record == nullptr || link == nullptr || link->suspect) return;
    if (!may_go(*record, Cargo::text) || sessions_.active(peer) == nullptr) return;
    if (!account_.confirmed()) return;
    const Bytes plain =
        make_envelope(turn, *record, {.cargo = Cargo::text, .body = std::move(body)});
    auto encrypted = sessions_.encrypt(turn, peer, plain);
    if (!encrypted) return;
    links_.send(turn, *link,
                wire::LinkMessage{.envelope = {turn.random.array<16>()},
                                  .kind = encrypted->kind,
                                  .payload = std::move(encrypted->payload)});
}

// Gives devices to what was written before they were known, or before it might go.
void Delivery::direct(Turn& turn, const ContactRecord& record) {
    const auto waiting = outbox_.undirected(record.view.account);
    std::vector<std::uint64_t> ready;
    for (const std::uint64_t order : waiting) {
        const Entry& entry = *outbox_.find(order);
        // What failed goes again when the person says so: retry().
        if (entry.stage == Stage::waiting && may_go(record, entry.cargo)) ready.push_back(order);
    }
    if (ready.empty()) return;
    if (!record.list || record.list->entries().empty()) {
        bundles_.want(turn, record.view.account, Bundles::Need::session);
        return;
    }
    // Those that are held get nothing of what is written meanwhile; where all are, it waits.
    std::vector<crypto::DevListEntry> devices = record.list->entries();
    std::erase_if(devices, [&](const auto& entry) { return record.holds(entry.device); });
    if (devices.empty()) return;
    for (const std::uint64_t order : ready) {
        Entry& entry = *outbox_.find(order);
        for (std::size_t i = 1; i < devices.size(); ++i) {
            Entry copy = entry;
            copy.envelope = {turn.random.array<16>()};
            copy.saved = false;
            copy.device = devices[i].device;
            outbox_.add(turn, std::move(copy));
        }
        outbox_.assign(entry, devices.front().device);
    }
    for (const crypto::DevListEntry& device : devices) {
        pump(turn, {.account = record.view.account, .device = device.device});
    }
}

void Delivery::contact_changed(Turn& turn, const AccountId& account) {
    const ContactRecord* record = contacts_.find(account);
    if (record == nullptr) return;
    direct(turn, *record);
    for (const auto& [device, known] : record->devices) {
        pump(turn, {.account = account, .device = device});
    }
}

void Delivery::server_ready(Turn& turn) {
    bundles_.retry_all(turn);
    for (const auto& [account, record] : contacts_.all())
        try_token_soon(turn, account);
    for (const AccountId& account : outbox_.accounts_undirected()) {
        if (const ContactRecord* record = contacts_.find(account)) direct(turn, *record);
    }
    std::vector<DeviceAddress> peers;
    for (auto& [peer, lane] : outbox_.lanes()) {
        lane.puts.until = {};
        lane.questions.until = {};
        if (!lane.to_send.empty()) peers.push_back(peer);
    }
    for (const DeviceAddress& peer : peers)
        pump(turn, peer);
}

void Delivery::pump(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    if (record == nullptr || record->holds(peer.device)) return;
    Lane& lane = outbox_.lane(peer);
    // A question goes another way, and what waits for a token waits for its answer:
    // a reset, too.
    if (lane.question && lane.to_send.contains(*lane.question)) {
        (void)send_one(turn, *record, lane, *outbox_.find(*lane.question));
    }
    // A reset asks for what is missing, so it goes before what was written earlier.
    if (lane.reset && lane.to_send.contains(*lane.reset)) {
        if (send_one(turn, *record, lane, *outbox_.find(*lane.reset)) == Step::waits) return;
    }
    std::uint64_t order = 0;
    for (;;) {
        const auto next = lane.to_send.upper_bound(order);  // what was sent has left the set
        if (next == lane.to_send.end()) break;
        order = *next;
        if (order == lane.question) continue;
        if (send_one(turn, *record, lane, *outbox_.find(order)) == Step::waits) break;
    }
}

Delivery::Step Delivery::send_one(Turn& turn, const ContactRecord& record, Lane& lane,
                                  Entry& entry) {
    if (!may_go(record, entry.cargo)) return Step::done;  // stays where it is
    const Step step = entry.sealed ? Step::done : encrypt(turn, lane, entry);
    return step == Step::done ? transmit(turn, lane, entry) : step;
}

Delivery::Step Delivery::encrypt(Turn& turn, Lane& lane, Entry& entry) {
    if (!account_.confirmed()) return Step::waits;  // server_ready() comes with the answer
    if (lane.in_flight.size() + lane.parked.size() >= lane_window) return Step::waits;
    const DeviceAddress peer = entry.address();
    if (sessions_.active(peer) == nullptr) {
        bundles_.want(turn, peer.account, Bundles::Need::session);
        return Step::waits;
    }
    // No use for a ratchet key while there is no way to send: a receipt or endpoint may be
    // superseded before there is one.
    const bool can_wait = !is_durable(entry.cargo);
    if (can_wait && !links_.live(peer) && !server_.anonymous_up()) return Step::waits;
    entry.sealed = sessions_.encrypt(turn, peer, entry.plain);
    if (!entry.sealed) {
        fail(turn, entry, MessageFailure::refused);
        return Step::gone;
    }
    entry.spoken = true;
    outbox_.touch(entry);
    return Step::done;
}

Delivery::Step Delivery::transmit(Turn& turn, Lane& lane, Entry& entry) {
    const DeviceAddress peer = entry.address();
    const Link* link = links_.best(peer);
    if (link == nullptr) return put(turn, entry);
    if (lane.on_link >= link_window) return Step::waits;
    links_.send(turn, *link,
                wire::LinkMessage{.envelope = entry.envelope,
                                  .kind = entry.sealed->kind,
                                  .payload = entry.sealed->payload});
    sent(turn, entry);
    entry.on_link = true;
    ++lane.on_link;
    timers_.set_by(timer(TimerKind::lane, peer), turn.after(link_ack_timeout_ms));
    outbox_.move(entry, Place::in_flight);
    const bool twice = link->suspect && entry.cargo != Cargo::endpoint;
    return twice && put(turn, entry) == Step::gone ? Step::gone : Step::done;
}

void Delivery::sent(const Turn& turn, Entry& entry) {
    entry.sent_at = turn.now.mono;
    if (entry.times_sent++ > 0) ++counters_.resent;
}

Delivery::Step Delivery::put(Turn& turn, Entry& entry) {
    const DeviceAddress peer = entry.address();
    ContactRecord* record = contacts_.find(peer.account);
    if (record == nullptr || entry.putting) return Step::waits;
    // Without a token that holds, the one way in is that of a stranger's request.
    const bool request = is_question(entry.cargo);
    const bool ready = request ? server_.logged_in() : server_.anonymous_up() && record->token;
    if (!ready) return Step::waits;
    if (turn.now.mono < outbox_.lane(peer).pause_of(entry.cargo).until) return Step::waits;
    if (requests_.puts_in_flight() >= puts_in_flight_max || requests_.full()) {
        blocked_.insert(peer);
        return Step::waits;
    }
    const crypto::SealTarget* target = bundles_.seal_target(turn, peer);
    if (target == nullptr) return Step::waits;
    const bool tells =
        !request && entry.cargo != Cargo::endpoint;  // of an endpoint there is no word
    if (tells && waits_for_token(turn, *record)) return Step::waits;
    auto item = crypto::seal(*target,
                             {.kind = entry.sealed->kind,
                              .sender_account = account_.id(),
                              .sender_device = account_.self().device,
                              .payload = entry.sealed->payload},
                             turn.random);
    if (!item) {  // a mailbox key of low order: its owner wants no mail
        if (entry.on_link) return Step::waits;  // perhaps it arrives that way
        fail(turn, entry, MessageFailure::refused);
        return Step::gone;
    }
    rendezvous::PutMail put{.account = peer.account,
                            .device = peer.device,
                            .envelope = rendezvous::EnvelopeId(entry.envelope.bytes),
                            .authority = request ? rendezvous::PutAuthority::request
                                                 : rendezvous::PutAuthority::mailbox_token,
                            .token = std::nullopt,
                            .stored = entry.cargo != Cargo::endpoint,
                            .item = std::move(*item)};
    if (!request) put.token = rendezvous::MailboxToken(record->token->view());
    requests_.ask(turn, request ? ServerChannel::session : ServerChannel::anonymous, std::move(put),
                  ForPut{.envelope = entry.envelope});
    sent(turn, entry);
    entry.putting = true;
    outbox_.move(entry, Place::in_flight);
    return Step::done;
}

void Delivery::pump_blocked(Turn& turn) {
    while (!blocked_.empty() && requests_.puts_in_flight() < puts_in_flight_max &&
           !requests_.full()) {
        auto next = unblocked_last_ ? blocked_.upper_bound(*unblocked_last_) : blocked_.begin();
        if (next == blocked_.end()) next = blocked_.begin();
        const DeviceAddress peer = *next;
        blocked_.erase(next);
        unblocked_last_ = peer;
        pump(turn, peer);
    }
}

}  // namespace sotto::peer::engine
