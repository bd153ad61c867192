// When what is due. One table for the whole engine, so that the next deadline is known at once.
//
// Each timer is named by kind and subject; setting it again moves it. Deterministic: timers due at
// the same instant come in the order of their names.
#pragma once

#include "peer/engine/turn.hpp"

#include <map>
#include <optional>
#include <set>

namespace sotto::peer::engine {

enum class TimerKind : std::uint8_t {
    acknowledge_mail,
    acknowledge_links,
    receipt,      // per device
    lane,         // per device: send again
    unreceipted,  // per device: offer again what has no receipt
    request,      // the oldest unanswered request
    login,
    registration,
    password_change,
    ping,       // per channel
    bundle,     // per account
    lazy_save,  // per account
    offer,      // per device: our endpoint
    dial,       // per device
    link,       // per link: heartbeat and silence
    listener,
    maintenance,
    watch,        // tell the rendezvous whose presence we want
    start_over,   // per device: encrypt anew what it has not received
    prekeys,      // publish what the server lacks
    gaps,         // per device: messages that have not come
    device_list,  // publish the renewed one
    token,        // per account: is the refused token taken now?
    reset,        // per device: a new session in place of one of no use
};

struct TimerId {
    TimerKind kind{};
    std::array<std::uint8_t, 48> subject{};
    auto operator<=>(const TimerId&) const = default;

    [[nodiscard]] DeviceAddress device() const;
    [[nodiscard]] AccountId account() const;
    [[nodiscard]] std::uint64_t number() const;
};
[[nodiscard]] TimerId timer(TimerKind kind);
[[nodiscard]] TimerId timer(TimerKind kind, const DeviceAddress& subject);
[[nodiscard]] TimerId timer(TimerKind kind, const AccountId& subject);
[[nodiscard]] TimerId timer(TimerKind kind, std::uint64_t subject);

class Timers {
public:
    /// (Re)starts the timer.
    void set(const TimerId& id, Instant at);
    /// Starts it, or moves it to an earlier time; never to a later one.
    void set_by(const TimerId& id, Instant at);
    void cancel(const TimerId& id);
    [[nodiscard]] bool running(const TimerId& id) const { return times_.contains(id); }

    [[nodiscard]] std::optional<Instant> next() const;
    /// Removes and returns the first timer that is due.
    [[nodiscard]] std::optional<TimerId> pop_due(Instant now);

private:
    std::map<TimerId, Instant> times_;
    std::set<std::pair<Instant, TimerId>> queue_;
};

}  // namespace sotto::peer::engine
