// Mail: put it, keep it, push it to its device, forget it when it is acknowledged.
//
// A sender hears Accepted only after the store's commit. A device is sent at most one window of
// unacknowledged mail; what is beyond stays in the store and is listed again when there is room, so
// a slow reader costs the server one window. Listing asks for "all but what is in flight", never
// for "after row n", because commit order is not row order. docs/protocol.md 2.10.
#pragma once

#include "rendezvous/logic/state.hpp"

namespace sotto::rendezvous {

class Mailbox {
public:
    explicit Mailbox(State& state) : state_(state) {}

    void put(Turn& turn, const UserId& user, RequestId id, PutMail& request);
    void acknowledge(Turn& turn, const UserId& user, RequestId id, const AckMail& request);
    // A device has just logged in: its waiting mail follows.
    void start(Turn& turn, const ops::MailAddress& address);
    // Another node stored mail for this device.
    void look(Turn& turn, const ops::MailAddress& address);
    // Tries again where a listing failed.
    void retry(Turn& turn);

    void resume(Turn& turn, const Pending& pending, const AwaitPut& next, StoreDone& done);
    void resume(Turn& turn, const AwaitMail& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitDeletion& next, StoreDone& done);

private:
    [[nodiscard]] bool may_put(Turn& turn, const UserId& user, RequestId id,
                               const PutMail& request);
    void relay(Turn& turn, PutMail& request);
    void deliver(Turn& turn, const ops::MailAddress& address, std::uint64_t row, Bytes item);
    void delete_later(const ops::MailAddress& address, Delivery& delivery, std::uint64_t row);
    void delete_late(Turn& turn, const ops::MailAddress& address, OnlineDevice& device);
    // Its mail is in the store and beyond what it has been sent. retry() looks after both kinds.
    void fall_behind(const ops::MailAddress& address, Delivery& delivery);
    void list(Turn& turn, const ops::MailAddress& address, OnlineDevice& device);
    void push(Turn& turn, OnlineDevice& device, std::uint64_t row, Bytes item);

    State& state_;
    std::set<ops::MailAddress> behind_;  // online, or not noticed yet to have left
};

}  // namespace sotto::rendezvous
