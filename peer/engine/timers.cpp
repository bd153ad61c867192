#include "peer/engine/timers.hpp"

namespace sotto::peer::engine {

DeviceAddress TimerId::device() const {
    const ByteView bytes(subject);
    return {.account = AccountId(bytes.first<32>()), .device = DeviceId(bytes.last<16>())};
}

AccountId TimerId::account() const {
    return AccountId(ByteView(subject).first<32>());
}

std::uint64_t TimerId::number() const {
    crypto::Reader in(subject);
    return in.u64();
}

TimerId timer(TimerKind kind) {
    return {.kind = kind};
}

TimerId timer(TimerKind kind, const DeviceAddress& subject) {
    TimerId id = timer(kind, subject.account);
    const auto device = subject.device.view();
    std::copy(device.begin(), device.end(), id.subject.begin() + 32);
    return id;
}

TimerId timer(TimerKind kind, const AccountId& subject) {
    TimerId id{.kind = kind};
    const auto account = subject.view();
    std::copy(account.begin(), account.end(), id.subject.begin());
    return id;
}

TimerId timer(TimerKind kind, std::uint64_t subject) {
    TimerId id{.kind = kind};
    const auto bytes = crypto::le_bytes(subject);
    std::copy(bytes.begin(), bytes.end(), id.subject.begin());
    return id;
}

void Timers::set(const TimerId& id, Instant at) {
    cancel(id);
    times_.emplace(id, at);
    queue_.emplace(at, id);
}

void Timers::set_by(const TimerId& id, Instant at) {
    const auto found = times_.find(id);
    if (found == times_.end() || at < found->second) set(id, at);
}

void Timers::cancel(const TimerId& id) {
    const auto found = times_.find(id);
    if (found == times_.end()) return;
    queue_.erase({found->second, id});
    times_.erase(found);
}

std::optional<Instant> Timers::next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

std::optional<TimerId> Timers::pop_due(Instant now) {
    if (queue_.empty() || now < queue_.begin()->first) return std::nullopt;
    const TimerId id = queue_.begin()->second;
    cancel(id);
    return id;
}

}  // namespace sotto::peer::engine
