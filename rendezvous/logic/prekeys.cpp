#include "rendezvous/logic/prekeys.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

// 100,000 x 100 B = 10 MB. Full: strangers' accounts get no one-time prekeys until some are full
// again; sessions start without one, as they do when the pool is empty.
constexpr std::size_t max_taken_from = 100'000;

}  // namespace

void Prekeys::publish(Turn& turn, const UserId& user, RequestId id, PublishPrekeys& request) {
    const auto address = state_.require_device(turn, user, id);
    if (!address || !state_.admit(turn, user, id, Action::publish)) return;
    state_.ask(turn, user, id, AwaitPublication{},
               ops::PublishPrekeys{.address = *address,
                                   .record = std::move(request.record),
                                   .one_time = std::move(request.one_time)});
}

void Prekeys::resume(Turn& turn, const Pending& pending, const AwaitPublication&, StoreDone& done) {
    if (!done.results) {
        return state_.refuse(turn, *pending.user, pending.request_id, done.results.error());
    }
    state_.reply(turn, *pending.user, pending.request_id, Ok{});
}

// Only looks: whether the mailbox token is the right one is known when the store has answered, and
// who guesses tokens must not use up what contacts may take.
bool Prekeys::may_take(const Turn& turn, const AccountId& account) const {
    const auto bucket = taken_.find(account);
    if (bucket == taken_.end()) return taken_.size() < max_taken_from;
    return bucket->second.wait_ms(rate(), turn.now.mono_ms, 1) == 0;
}

// Fetches that were under way at the same time may take a few more than the rate allows.
void Prekeys::charge(const Turn& turn, const AccountId& account) {
    taken_[account].take(rate(), turn.now.mono_ms, 1);
}

const Rate& Prekeys::rate() const {
    return state_.settings.rates.account[static_cast<std::size_t>(Action::take_prekey)];
}

void Prekeys::tidy(std::uint64_t now_ms) {
    std::erase_if(taken_, [now_ms](const auto& entry) { return entry.second.full(now_ms); });
}

void Prekeys::fetch(Turn& turn, const UserId& user, RequestId id, const FetchBundle& request) {
    if (!request.token && !state_.require_device(turn, user, id)) return;
    if (!state_.admit(turn, user, id, Action::fetch_bundle)) return;
    ops::ReadBundle op{.account = request.account,
                       .token = std::nullopt,
                       .token_required = !state_.device_of(user),
                       .take_one_time = false,
                       .now_ms = turn.now.wall_ms};
    if (request.token) {
        op.token = hash_of(*request.token);
        op.take_one_time = request.want_one_time && may_take(turn, request.account);
    }
    state_.ask(turn, user, id, AwaitBundle{request.account}, std::move(op));
}

void Prekeys::resume(Turn& turn, const Pending& pending, const AwaitBundle& next, StoreDone& done) {
    const UserId& user = *pending.user;
    if (!done.results) return state_.refuse(turn, user, pending.request_id, done.results.error());
    auto& row = std::get<ops::ReadBundleResult>(done.results->front());
    if (!row) return state_.refuse(turn, user, pending.request_id, ErrorCode::not_found);
    const bool taken = std::any_of(row->devices.begin(), row->devices.end(),
                                   [](const auto& device) { return !device.one_time.empty(); });
    if (taken) charge(turn, next.account);
    Bundle bundle{.device_list = std::move(row->device_list), .devices = {}};
    for (ops::BundleDevice& device : row->devices) {
        if (!device.one_time.empty()) warn_if_low(turn, next.account, device);
        bundle.devices.push_back({.cert = std::move(device.cert),
                                  .prekeys = std::move(device.prekeys),
                                  .one_time = std::move(device.one_time)});
    }
    state_.reply(turn, user, pending.request_id, std::move(bundle));
}

void Prekeys::warn_if_low(Turn& turn, const AccountId& account, const ops::BundleDevice& device) {
    if (device.one_time_left >= one_time_refill_below) return;
    const OnlineDevice* online = state_.find({account, device.device});
    if (online == nullptr) return;
    state_.push(turn, online->user,
                PrekeysLow{.one_time_left = static_cast<std::uint16_t>(device.one_time_left)});
}

}  // namespace sotto::rendezvous
