#include "peer/runtime/peer_loop.hpp"

#include "peer/runtime/clock.hpp"
#include "peer/runtime/no_network.hpp"

#include <poll.h>

#include <algorithm>
#include <type_traits>

namespace sotto::peer::runtime {

namespace {

// Inputs per turn, hence per commit: 256 messages per fsync are as fast as a thousand, and the
// front end hears of the first of them sooner.
constexpr std::size_t batch_max = 256;
// After this much quiet the write-ahead log is emptied, so that nothing deleted stays in it.
constexpr std::uint64_t chores_after_ms = 3'000;
constexpr std::uint64_t epoch_every_ms = 3'600'000;
// A full disk does not get better by logging in again and again: each time the whole profile is
// read anew. So long without a failure, too, and the next one is the first again.
constexpr std::uint64_t online_delay_min_ms = 1'000;
constexpr std::uint64_t online_delay_max_ms = 60'000;
constexpr std::uint64_t ms_per_minute = 60'000;
constexpr std::uint64_t forever_ms = 24ULL * 3600 * 1000;

}  // namespace

PeerLoop::PeerLoop(RuntimeOptions options, LoopQueues& queues, crypto::RandomSource& random,
                   TransportFactory make_transport)
    : options_(std::move(options)),
      queues_(queues),
      random_(random),
      make_transport_(std::move(make_transport)),
      transport_(make_transport_()),
      worker_(queues.results) {}

void PeerLoop::run(const std::stop_token& stop) {
    const auto found = store::Profile::look(options_.profile);
    const bool absent = found && *found == store::ProfileState::absent;
    set_vault(absent ? VaultState::absent : VaultState::locked);
    while (!stop.stop_requested())
        turn();
    lock();
    transport_.reset();  // lets the log-out through
}

Now PeerLoop::clocks() const {
    return options_.clocks ? options_.clocks() : read_clocks();
}

void PeerLoop::turn() {
    if (!queues_.changes.has_room()) {
        // The front end has stopped looking: so do we, until drain() or stop() wakes us. But who
        // went away and left it hanging must find it locked.
        transport_->stand_by(idle_wait_ms(clocks().mono), queues_.wake.descriptor());
        queues_.wake.clear();
        now_ = clocks();
        lock_when_idle();
        // What was posted meanwhile has spent its wake-up here: the next turn is to look at it.
        if (queues_.changes.has_room()) queues_.wake.signal();
        return;
    }
    gather(transport_->wait(wait_ms(clocks().mono), queues_.wake.descriptor(), batch_max));
    carry_out();
    do_chores();
    lock_when_idle();
}

std::uint64_t PeerLoop::idle_wait_ms(Instant now) const {
    const auto at = auto_lock_at();
    if (!at) return forever_ms;
    return *at > now ? at->ms - now.ms : 0;
}

std::uint64_t PeerLoop::wait_ms(Instant now) const {
    std::uint64_t out = forever_ms;
    const auto until = [&](std::optional<Instant> deadline) {
        if (deadline) out = std::min(out, *deadline > now ? deadline->ms - now.ms : 0);
    };
    if (live_) {
        until(live_->next_deadline());
        until(chores_at_);
        until(epoch_at_);
        until(auto_lock_at());
    }
    until(online_at_);
    return out;
}

void PeerLoop::gather(std::vector<NetworkInput> network) {
    queues_.wake.clear();  // before taking: what comes later wakes the next turn
    auto results = queues_.results.take(vault_jobs_max);
    auto commands = queues_.commands.take(batch_max);
    if (commands.size() == batch_max) queues_.wake.signal();  // perhaps there are more
    now_ = clocks();
    if (!network.empty() || !commands.empty()) chores_at_ = {now_.mono.ms + chores_after_ms};
    for (auto& input : network) {
        std::visit([&](auto& value) { step(Input(std::move(value)), 0); }, input);
    }
    for (auto& result : results)
        handle(std::move(result));
    for (auto& command : commands)
        handle(std::move(command));
    if (online_at_ && now_.mono >= *online_at_) go_online_again();
    const auto deadline = live_ ? live_->next_deadline() : std::nullopt;
    if (deadline && now_.mono >= *deadline) step(Tick{}, 0);
}

void PeerLoop::step(const Input& input, CommandId command) {
    if (live_ && live_->has_engine()) live_->step(now_, input, command);
}

void PeerLoop::carry_out() {
    if (!live_) return;
    const auto done = live_->carry_out(*transport_);
    if (!done) return recover(done.error());
    if (!unregistered_passphrase_.empty() && live_->self().registered) {
        unregistered_passphrase_ = crypto::SecretBytes();  // no next try any more
    }
}

void PeerLoop::renew_network() {
    transport_.reset();
    network_missing_ = false;
    try {
        transport_ = make_transport_();
    } catch (const std::exception&) {  // out of sockets or descriptors
        transport_ = std::make_unique<NoNetwork>();
        network_missing_ = true;
    }
}

void PeerLoop::go_online_again() {
    online_at_.reset();
    if (network_missing_) renew_network();
    if (network_missing_) return go_online_later();
    online_since_ = now_.mono;
    step(GoOnline{}, 0);
}

// Going online saves nothing, and a small commit may fit where the next one does not: only time
// without a failure shows that the disk is well again.
void PeerLoop::go_online_later() {
    const bool online = !online_at_ && !network_missing_;
    if (online && now_.mono.ms >= online_since_.ms + online_delay_max_ms) online_delay_ms_ = 0;
    online_delay_ms_ = std::clamp(online_delay_ms_ * 2, online_delay_min_ms, online_delay_max_ms);
    online_at_ = Instant{now_.mono.ms + online_delay_ms_};
}

void PeerLoop::recover(store::StoreError error) {
    // The old transport's links belong to an engine that no longer exists.
    renew_network();
    fail_unanswered(to_command_error(error));
    if (!live_->rebuild(std::nullopt)) {
        live_.reset();
        set_vault(VaultState::locked);
        return;
    }
    queues_.changes.push(live_->introduction_after_failure());
    go_online_later();
}

void PeerLoop::do_chores() {
    if (!live_) return;
    if (now_.mono >= chores_at_) {
        live_->maintain();
        chores_at_ = {now_.mono.ms + forever_ms};  // until something happens again
    }
    if (now_.mono >= epoch_at_) {
        live_->advance_epoch();
        epoch_at_ = {now_.mono.ms + epoch_every_ms};
    }
}

void PeerLoop::lock() {
    if (!live_) return;
    step(GoOffline{}, 0);
    if (!live_->carry_out(*transport_)) {
        // The disk refuses, so the log-out was not sent either; locked, but online, is no lock.
        renew_network();
    }
    fail_unanswered(CommandError::not_unlocked);
    live_->maintain();
    live_.reset();
    online_at_.reset();
    unregistered_passphrase_ = crypto::SecretBytes();  // clear() and "= {}" keep the memory
}

std::optional<Instant> PeerLoop::auto_lock_at() const {
    if (!live_ || live_->auto_lock_minutes() == 0) return std::nullopt;
    return Instant{active_at_.ms + std::uint64_t{live_->auto_lock_minutes()} * ms_per_minute};
}

void PeerLoop::lock_when_idle() {
    const auto at = auto_lock_at();
    if (!at || now_.mono < *at) return;
    lock();
    queues_.changes.forget_shown();
    set_vault(VaultState::locked);
}

void PeerLoop::show(ViewChange change) {
    std::vector<ViewChange> one;
    one.push_back(std::move(change));
    queues_.changes.push(std::move(one));
}

void PeerLoop::set_vault(VaultState state) {
    vault_ = state;
    show(VaultChanged{.state = state});
}

void PeerLoop::fail_unanswered(CommandError error) {
    const auto account_change = live_->account_change();
    for (const CommandId id : live_->abandon())
        fail(id, id == account_change ? CommandError::password_unclear : error);
}

void PeerLoop::fail(CommandId id, CommandError error) {
    if (id != 0) show(CommandFailed{.command = id, .error = error});
}

}  // namespace sotto::peer::runtime
