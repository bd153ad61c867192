// The port between the nodes of one rendezvous: "mail for this device was stored, look now".
//
// Best effort: hints may be lost, doubled or late, and are never truth. Losing the bus costs
// latency, never mail, because a device's mailbox is read at each login and after each
// acknowledgement. One thread owns a Bus and makes all calls; publish() never waits.
#pragma once

#include "rendezvous/store_ops.hpp"

#include <vector>

namespace sotto::rendezvous {

struct MailHint {
    ops::MailAddress address;
};

class Bus {
public:
    Bus() = default;
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;
    virtual ~Bus() = default;

    virtual void publish(const MailHint& hint) = 0;
    // What the other nodes published since the last call.
    [[nodiscard]] virtual std::vector<MailHint> collect() = 0;
};

}  // namespace sotto::rendezvous
