// Publication of prekeys and their atomic hand-out.
//
// One-time prekeys go only to who holds the recipient's mailbox token, and only so many a day, so
// that strangers can neither deplete them nor learn activity from refills (docs/protocol.md 2.4).
// Records are not verified here: their readers do, and a device that publishes nonsense harms only
// itself.
#pragma once

#include "rendezvous/logic/state.hpp"

namespace sotto::rendezvous {

class Prekeys {
public:
    explicit Prekeys(State& state) : state_(state) {}

    void publish(Turn& turn, const UserId& user, RequestId id, PublishPrekeys& request);
    void fetch(Turn& turn, const UserId& user, RequestId id, const FetchBundle& request);
    void tidy(std::uint64_t now_ms);

    void resume(Turn& turn, const Pending& pending, const AwaitPublication& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitBundle& next, StoreDone& done);

private:
    [[nodiscard]] bool may_take(const Turn& turn, const AccountId& account) const;
    [[nodiscard]] const Rate& rate() const;
    void charge(const Turn& turn, const AccountId& account);
    void warn_if_low(Turn& turn, const AccountId& account, const ops::BundleDevice& device);

    State& state_;
    std::map<AccountId, TokenBucket> taken_;  // by the account they are taken from
};

}  // namespace sotto::rendezvous
