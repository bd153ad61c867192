#include "peer/engine/reachability.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

bool Reachability::wanted(const ContactRecord& record) const {
    return record.view.state == ContactState::accepted && record.view.allow_direct;
}

// Worth offering: whoever is not there would not get it, since endpoints are never stored.
bool Reachability::there(const ContactRecord& record) const {
    return record.view.presence == Presence::online && server_.anonymous_up();
}

Reachability::Device& Reachability::device(Turn& turn, const DeviceAddress& peer) {
    const auto at = devices_.find(peer);
    if (at != devices_.end()) return at->second;
    return devices_.emplace(peer, Device{.dial_with = crypto::OwnCurve::generate(turn.random)})
        .first->second;
}

// --- our own listener --------------------------------------------------------------------------

void Reachability::listen(Turn& turn) {
    if (listener_) return;
    listener_ = crypto::OwnCurve::generate(turn.random);
    own_endpoints_.clear();
    serial_ = std::max(serial_ + 1, turn.now.wall.ms);
    turn.send(Listen{.own = *listener_});
    allowed_.clear();
    allow_peers(turn);
    timers_.set(timer(TimerKind::listener), turn.after(listener_epoch_ms));
}

void Reachability::stop_listening(Turn& turn) {
    if (!listener_) return;
    listener_.reset();
    own_endpoints_.clear();
    timers_.cancel(timer(TimerKind::listener));
    turn.send(StopListening{});
}

void Reachability::listener_ready(Turn& turn, const ListenerReady& input) {
    if (!listener_) return;
    own_endpoints_.clear();
    for (const std::string& endpoint : input.endpoints) {
        if (own_endpoints_.size() == wire::max_endpoints) break;
        if (wire::is_endpoint(endpoint)) own_endpoints_.push_back(endpoint);
    }
    serial_ = std::max(serial_ + 1, turn.now.wall.ms);
    consider_all(turn);
}

// The keys are a day old at most: a new listener, and everybody is told.
void Reachability::listener_due(Turn& turn) {
    stop_listening(turn);
    consider_all(turn);
}

void Reachability::go_offline(Turn& turn) {
    for (const LinkId id : links_.all()) {
        links_.send(turn, *links_.find(id), wire::LinkBye{});
        close(turn, id);
    }
    for (const auto& [peer, device] : devices_) {
        if (device.dialing) turn.send(CloseLink{.link = *device.dialing});
        timers_.cancel(timer(TimerKind::offer, peer));
        timers_.cancel(timer(TimerKind::dial, peer));
    }
    devices_.clear();
    stop_listening(turn);
}

// Everybody who was told one of our addresses may call, and nobody else.
void Reachability::allow_peers(Turn& turn) {
    if (!listener_) return;
    std::vector<crypto::CurvePublic> keys;
    for (const auto& [peer, device] : devices_) {
        if (device.theirs) keys.push_back(device.theirs->dial_with);
    }
    std::sort(keys.begin(), keys.end());
    if (keys == allowed_) return;
    allowed_ = keys;
    turn.send(AllowPeers{.keys = std::move(keys)});
}

// --- telling each other ------------------------------------------------------------------------

void Reachability::consider_all(Turn& turn) {
    for (const auto& [account, record] : contacts_.all()) {
        if (wanted(record)) consider(turn, account);
    }
}

void Reachability::consider(Turn& turn, const AccountId& account) {
    const ContactRecord* record = contacts_.find(account);
    if (record == nullptr || !server_.wanted()) return;
    if (!wanted(*record)) {
        for (const LinkId id : links_.all_of(account))
            close(turn, id);
        const auto of_account = [&](const auto& item) { return item.first.account == account; };
        for (const auto& [peer, device] : devices_) {
            if (peer.account == account && device.dialing) {
                turn.send(CloseLink{.link = *device.dialing});
            }
        }
        std::erase_if(devices_, of_account);
        delivery_.withdraw(turn, account, Cargo::endpoint);  // an offer that could not go yet
        allow_peers(turn);
        const auto& all = contacts_.all();
        const bool anybody = std::any_of(all.begin(), all.end(),
                                         [&](const auto& item) { return wanted(item.second); });
        if (!anybody) stop_listening(turn);
        return;
    }
    listen(turn);
    if (!record->list) return;
    for (const crypto::DevListEntry& entry : record->list->entries()) {
        if (record->holds(entry.device)) continue;
        const DeviceAddress peer{.account = account, .device = entry.device};
        Device& known = device(turn, peer);
        if (known.told == serial_ && links_.live(peer)) continue;
        if (!there(*record) && !links_.live(peer)) continue;
        known.offers = 0;
        timers_.set_by(timer(TimerKind::offer, peer), turn.now.mono);
        if (known.theirs && !known.dialing && !links_.live(peer)) dial_soon(turn, peer);
    }
}

void Reachability::forget(Turn& turn, const DeviceAddress& peer) {
    const auto at = devices_.find(peer);
    if (at != devices_.end()) {
        if (at->second.dialing) turn.send(CloseLink{.link = *at->second.dialing});
        devices_.erase(at);
    }
    timers_.cancel(timer(TimerKind::offer, peer));
    timers_.cancel(timer(TimerKind::dial, peer));
    for (const LinkId id : links_.all_of(peer.account)) {
        if (links_.find(id)->peer != peer) continue;
        (void)links_.remove(id);
        turn.send(CloseLink{.link = id});
    }
    allow_peers(turn);
}

void Reachability::offer_due(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    const auto at = devices_.find(peer);
    if (record == nullptr || at == devices_.end() || !listener_ || !wanted(*record)) return;
    const bool linked = links_.live(peer);
    if (at->second.told == serial_ && linked) return;
    if (!linked && !there(*record)) return;  // consider() comes with the next presence
    offer(turn, peer, at->second);
}

void Reachability::offer(Turn& turn, const DeviceAddress& peer, Device& known) {
    const ContactRecord& record = *contacts_.find(peer.account);
    if (!delivery_.has_room(record, 1024)) return offer_later(turn, peer, known);
    delivery_.send(turn, record,
                   {.cargo = Cargo::endpoint,
                    .body = wire::Endpoint{.serial = serial_,
                                           .endpoints = own_endpoints_,
                                           .server_key = listener_->public_key(),
                                           .dial_with = known.dial_with.public_key(),
                                           .expires = {turn.now.wall.ms + endpoint_validity_ms}},
                    .device = peer.device});
    known.told = serial_;
    offer_later(turn, peer, known);
}

// Nobody acknowledges it; it is told again, ever more rarely, until there is a link.
void Reachability::offer_later(Turn& turn, const DeviceAddress& peer, Device& known) {
    const std::uint64_t delay_ms =
        std::min(offer_retry_max_ms, offer_retry_first_ms << std::min(known.offers, 8U));
    ++known.offers;
    timers_.set(timer(TimerKind::offer, peer), turn.after(turn.jittered(delay_ms)));
}

void Reachability::endpoint_received(Turn& turn, const DeviceAddress& peer,
                                     wire::Endpoint endpoint) {
    const ContactRecord* record = contacts_.find(peer.account);
    if (record == nullptr || !wanted(*record) || !record->lists(peer.device)) return;
    Device& known = device(turn, peer);
    // Told again, or late. Another listener key is news whatever its serial: a clock went back.
    const bool same_listener = known.theirs && known.theirs->server_key == endpoint.server_key;
    if (same_listener && endpoint.serial <= known.theirs->serial) return;
    const bool moved =
        known.theirs && (!same_listener || known.theirs->endpoints != endpoint.endpoints);
    if (known.dialing && moved) {  // a call to where they were would keep us from calling anew
        turn.send(CloseLink{.link = *known.dialing});
        known.dialing.reset();
    }
    // Their clock sets no date here: what they say is good for a day of ours.
    known.theirs_expire = turn.after(endpoint_validity_ms);
    known.theirs = std::move(endpoint);
    known.dials = 0;
    listen(turn);
    allow_peers(turn);
    if (links_.live(peer)) return;
    offer(turn, peer,
          known);  // they may not know ours, and cannot call or be called before they do
    dial_soon(turn, peer);
}

void Reachability::dial_soon(Turn& turn, const DeviceAddress& peer) {
    const bool first = account_.id() < peer.account;
    timers_.set_by(timer(TimerKind::dial, peer), turn.after(first ? 0 : second_dialer_delay_ms));
}

// --- links -------------------------------------------------------------------------------------

void Reachability::dial_due(Turn& turn, const DeviceAddress& peer) {
    const ContactRecord* record = contacts_.find(peer.account);
    const auto at = devices_.find(peer);
    if (record == nullptr || at == devices_.end() || !wanted(*record)) return;
    Device& known = at->second;
    if (links_.live(peer) || known.dialing || !known.theirs) return;
    if (known.dials >= dials_unseen_max && !there(*record)) return;  // consider() comes again
    if (known.theirs_expire < turn.now.mono) {
        known.theirs.reset();
        allow_peers(turn);
        return;
    }
    dial(turn, known);
}

void Reachability::dial(Turn& turn, Device& known) {
    if (known.theirs->endpoints.empty()) return;  // they can only call us
    known.dialing = LinkId{next_link_++};
    turn.send(Dial{.link = *known.dialing,
                   .endpoints = known.theirs->endpoints,
                   .server_key = known.theirs->server_key,
                   .own = known.dial_with});
}

void Reachability::retry_dial(Turn& turn, const DeviceAddress& peer, Device& known) {
    const std::uint64_t delay_ms =
        std::min(dial_retry_max_ms, dial_retry_first_ms << std::min(known.dials, 8U));
    ++known.dials;
    timers_.set(timer(TimerKind::dial, peer), turn.after(turn.jittered(delay_ms)));
}

std::optional<DeviceAddress> Reachability::owner_of(const PeerLinkUp& input) const {
    for (const auto& [peer, device] : devices_) {
        if (!device.theirs) continue;
        const bool ours = device.dialing == input.link && !input.inbound;
        if (ours && input.remote == device.theirs->server_key) return peer;
        if (input.inbound && input.remote == device.theirs->dial_with) return peer;
    }
    return std::nullopt;
}

void Reachability::link_up(Turn& turn, const PeerLinkUp& input) {
    const auto peer = owner_of(input);
    if (!peer) {
        ++counters_.links_refused;
        turn.send(CloseLink{.link = input.link});
        return;
    }
    Device& known = devices_.at(*peer);
    if (!input.inbound) known.dialing.reset();
    links_.add(turn, {.id = input.link, .peer = *peer, .inbound = input.inbound});
}

void Reachability::link_live(Turn& turn, Link link) {
    const auto at = devices_.find(link.peer);
    if (at != devices_.end()) {
        at->second.live_since = turn.now.mono;
    }
    timers_.cancel(timer(TimerKind::dial, link.peer));
    if (at == devices_.end() || at->second.told == serial_) {
        timers_.cancel(timer(TimerKind::offer, link.peer));
    }
    // Two links came up at once: the one dialled by the smaller account stays. Its dialler closes
    // the other one when it has seen both.
    const bool smaller = account_.id() < link.peer.account;
    for (const LinkId id : links_.all_of(link.peer.account)) {
        const Link& other = *links_.find(id);
        if (id == link.id || other.peer != link.peer || !other.live) continue;
        if (other.inbound == link.inbound) continue;
        const Link& surplus = link.inbound ? (smaller ? link : other) : (smaller ? other : link);
        if (!surplus.inbound) {
            const LinkId surplus_id = surplus.id;
            turn.send(CloseLink{.link = surplus_id});
            (void)links_.remove(surplus_id);
            break;
        }
    }
    delivery_.link_live(turn, link.peer);
}

void Reachability::lose(Turn& turn, const Link& link) {
    if (links_.live(link.peer)) return;  // the other link goes on
    delivery_.link_lost(turn, link.peer);
    const auto at = devices_.find(link.peer);
    if (at == devices_.end()) return;
    Device& known = at->second;
    if (turn.now.mono.ms >= known.live_since.ms + link_settled_ms) {
        known.dials = 0;
        known.offers = 0;
    }
    retry_dial(turn, link.peer, known);
    offer_later(turn, link.peer, known);
}

void Reachability::link_down(Turn& turn, LinkId id) {
    if (const auto link = links_.remove(id)) return lose(turn, *link);
    for (auto& [peer, device] : devices_) {
        if (device.dialing != id) continue;
        device.dialing.reset();
        return retry_dial(turn, peer, device);
    }
}

void Reachability::close(Turn& turn, LinkId id) {
    const auto link = links_.remove(id);
    if (!link) return;
    turn.send(CloseLink{.link = id});
    lose(turn, *link);
}

void Reachability::link_due(Turn& turn, LinkId id) {
    Link* link = links_.find(id);
    if (link == nullptr) return;
    switch (links_.timer_due(turn, *link)) {
        case Links::Silence::none:
            return;
        case Links::Silence::suspect:
            return delivery_.link_suspect(turn, link->peer);
        case Links::Silence::dead:
            return close(turn, id);
    }
}

}  // namespace sotto::peer::engine
