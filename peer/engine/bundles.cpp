#include "peer/engine/bundles.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

void Bundles::want(Turn& turn, const AccountId& account, Need need) {
    Wish& wish = wishes_[account];
    wish.session |= need == Need::session;
    const TimerId id = timer(TimerKind::bundle, account);
    if (wish.asked || timers_.running(id)) return;
    // Somebody who has not published newer keys since the last look will not have done so now.
    const ContactRecord* record = contacts_.find(account);
    const bool fresh = record != nullptr && record->bundle_at &&
                       turn.now.mono.ms < record->bundle_at->ms + bundle_pace_ms;
    if (fresh && !wish.session) {
        timers_.set(id, {record->bundle_at->ms + bundle_pace_ms});
    } else {
        ask(turn, account, wish);
    }
}

void Bundles::want_reset(Turn& turn, const DeviceAddress& peer) {
    wishes_[peer.account].reset.insert(peer.device);
    want(turn, peer.account, Need::session);
}

void Bundles::want_new_keys(Turn& turn, const DeviceAddress& peer) {
    Wish& wish = wishes_[peer.account];
    const PeerDevice* device = contacts_.find(peer);
    wish.new_keys.try_emplace(peer.device, device != nullptr && device->seal
                                               ? std::optional(device->seal->target.mbk)
                                               : std::nullopt);
    wish.once_more |= wish.asked;
    // A timer without a failed attempt only keeps us from asking too often.
    if (wish.attempts == 0) timers_.cancel(timer(TimerKind::bundle, peer.account));
    if (ContactRecord* record = contacts_.find(peer.account)) record->bundle_at.reset();
    want(turn, peer.account, Need::keys);
}

bool Bundles::trusts_one_time(const AccountId& account, const Wish& wish) const {
    return std::none_of(wish.reset.begin(), wish.reset.end(), [&](const DeviceId& device) {
        const Session* session = sessions_.active({.account = account, .device = device});
        return session != nullptr && !session->init_prefix.empty();
    });
}

void Bundles::due(Turn& turn, const AccountId& account) {
    const auto at = wishes_.find(account);
    if (at != wishes_.end() && !at->second.asked) ask(turn, account, at->second);
}

void Bundles::retry_all(Turn& turn) {
    for (auto& [account, wish] : wishes_) {
        if (wish.asked) continue;
        timers_.cancel(timer(TimerKind::bundle, account));
        ask(turn, account, wish);
    }
}

void Bundles::ask(Turn& turn, const AccountId& account, Wish& wish) {
    const ContactRecord* record = contacts_.find(account);
    if (record == nullptr) return;
    if (requests_.full()) {
        // Nobody else asks again: those in flight were asked for other accounts.
        timers_.set(timer(TimerKind::bundle, account),
                    turn.after(turn.jittered(bundle_retry_first_ms)));
        return;
    }
    rendezvous::FetchBundle request{
        .account = account, .want_one_time = false, .token = std::nullopt};
    auto channel = ServerChannel::session;
    const bool with_token = record->token && !wish.token_refused;
    if (with_token) {
        channel = ServerChannel::anonymous;
        request.want_one_time = wish.session && trusts_one_time(account, wish);
        request.token = rendezvous::MailboxToken(record->token->view());
    }
    const bool ready = with_token ? server_.anonymous_up() : server_.logged_in();
    if (!ready) return;  // retry_all() comes with the connection
    wish.asked = true;
    requests_.ask(turn, channel, std::move(request), ForBundle{.account = account});
}

void Bundles::retry_later(Turn& turn, const AccountId& account, Wish& wish) {
    const std::uint64_t delay_ms =
        std::min(bundle_retry_max_ms, bundle_retry_first_ms << std::min(wish.attempts, 16U));
    ++wish.attempts;
    timers_.set(timer(TimerKind::bundle, account), turn.after(turn.jittered(delay_ms)));
}

bool Bundles::answered(Turn& turn, const AccountId& account, const Answer& answer) {
    const auto at = wishes_.find(account);
    ContactRecord* record = contacts_.find(account);
    if (at == wishes_.end()) return false;
    Wish& wish = at->second;
    wish.asked = false;
    if (record == nullptr) {
        wishes_.erase(at);
        return false;
    }
    const auto* bundle = answer.as<rendezvous::Bundle>();
    const auto list = bundle != nullptr ? judge_list(*record, *bundle) : std::nullopt;
    if (!list) {
        // An account nobody knows, or a token that has expired: not_found either way.
        const auto* error = answer.error();
        if (error != nullptr && error->code == rendezvous::ErrorCode::not_found) {
            wish.token_refused = answer.channel == ServerChannel::anonymous;
        }
        retry_later(turn, account, wish);
        return false;
    }
    record->bundle_at = turn.now.mono;
    contacts_.touch(*record);
    const bool complete = learn(turn, *record, *list, *bundle, wish);
    if (std::exchange(wish.once_more, false)) {
        ask(turn, account, wish);
    } else if (complete) {
        wishes_.erase(at);
    } else {
        retry_later(turn, account, wish);  // the rest of the devices; these can be written to
    }
    return true;
}

std::optional<crypto::DevList> Bundles::judge_list(ContactRecord& record,
                                                   const rendezvous::Bundle& bundle) {
    const auto list = crypto::DevList::decode(bundle.device_list, sessions_.verified());
    if (!list || list->account() != record.view.account) return std::nullopt;
    if (contacts_.adopt(record, *list)) return *list;
    gossip_.offered(record, *list);
    return std::nullopt;
}

// True when every device of the list can now be written to, as far as the wish asks.
bool Bundles::learn(Turn& turn, ContactRecord& record, const crypto::DevList& list,
                    const rendezvous::Bundle& bundle, Wish& wish) {
    // Counted by device: one that is sent twice does not stand for one that is left out.
    std::set<DeviceId> learnt;
    for (const rendezvous::DeviceBundle& device : bundle.devices) {
        if (const auto id = learn_device(turn, record, list, device, wish)) learnt.insert(*id);
    }
    return learnt.size() == list.entries().size();
}

// The device, when it can now be written to.
std::optional<DeviceId> Bundles::learn_device(Turn& turn, ContactRecord& record,
                                              const crypto::DevList& list,
                                              const rendezvous::DeviceBundle& device, Wish& wish) {
    const auto cert = crypto::Cert::decode(device.cert, sessions_.verified());
    if (!cert || !list.contains(*cert)) return std::nullopt;
    const auto prerec = crypto::PreRec::decode(device.prekeys, *cert);
    PeerDevice& known = record.devices.at(cert->device());
    if (!prerec || prerec->fields().seq < known.floor.prerec_seq) return std::nullopt;
    const crypto::PreRecFields& fields = prerec->fields();
    if (!crypto::can_seal_to(fields.mbk)) return std::nullopt;
    const DeviceAddress peer{.account = record.view.account, .device = cert->device()};
    const auto held = wish.new_keys.find(peer.device);
    const bool other_key =
        held != wish.new_keys.end() && held->second && *held->second != fields.mbk;
    if (other_key) rekeyed_.push_back(peer);
    if (held != wish.new_keys.end() && (other_key || !wish.once_more)) wish.new_keys.erase(held);
    known.seal =
        SealKey{.target = {.device = cert->device(), .mbk_id = fields.mbk_id, .mbk = fields.mbk},
                .created_ms = fields.created_ms,
                .not_after_ms = fields.not_after_ms};
    known.floor.prerec_seq = fields.seq;
    if (known.held) return peer.device;
    const bool reset = wish.reset.contains(peer.device);
    if (!wish.session || (sessions_.active(peer) != nullptr && !reset)) return peer.device;
    // What we sign and judge now would be judged by a wrong clock.
    if (!server_.clocks_agree(turn.now)) return std::nullopt;
    std::optional<crypto::OpkRec> one_time;
    if (!device.one_time.empty()) {
        auto decoded = crypto::OpkRec::decode(device.one_time, *cert);
        if (!decoded) return std::nullopt;
        one_time = std::move(*decoded);
    }
    const auto started = sessions_.start(
        turn, {.dev_list = list, .cert = *cert, .prerec = *prerec, .one_time = one_time});
    if (!started) {
        ++counters_.handshakes_refused;
        if (started.error() == crypto::HandshakeError::list_expired) {
            gossip_.look_at_date(turn, record);
        }
        return std::nullopt;
    }
    if (wish.reset.erase(peer.device) != 0) restarted_.push_back(peer);
    return peer.device;
}

const crypto::SealTarget* Bundles::seal_target(Turn& turn, const DeviceAddress& peer) {
    const PeerDevice* device = contacts_.find(peer);
    const std::uint64_t now_ms = turn.believed_ms;
    const bool valid =
        device != nullptr && device->seal &&
        turn.undisputed_ms <= device->seal->not_after_ms + crypto::clock_tolerance_ms;
    if (!valid) {
        want(turn, peer.account, Need::keys);
        return nullptr;
    }
    const std::uint64_t created_ms = device->seal->created_ms;
    const bool old = now_ms > created_ms && now_ms - created_ms > crypto::prekey_rotation_ms;
    if (old) want(turn, peer.account, Need::keys);
    return &device->seal->target;
}

}  // namespace sotto::peer::engine
