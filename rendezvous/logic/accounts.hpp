// Registration, the device list, and an account's settings.
//
// What an account says about itself is verified here once (certificates and device list, docs/
// protocol.md 2.2), so that the store never holds a device its account did not sign.
#pragma once

#include "rendezvous/logic/login.hpp"

namespace sotto::rendezvous {

class Accounts {
public:
    Accounts(State& state, PresenceBoard& presence, Sessions& sessions, Login& login)
        : state_(state), presence_(presence), sessions_(sessions), login_(login) {}

    void register_account(Turn& turn, const UserId& user, RequestId id, Register& request);
    void publish_devices(Turn& turn, const UserId& user, RequestId id, PublishDeviceList& request);
    void set_listing(Turn& turn, const UserId& user, RequestId id, const SetListing& request);
    void set_token(Turn& turn, const UserId& user, RequestId id, const SetMailboxToken& request);

    void resume(Turn& turn, const Pending& pending, const AwaitRegistration& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitDevices& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitListing& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitToken& next, StoreDone& done);

private:
    State& state_;
    PresenceBoard& presence_;
    Sessions& sessions_;
    Login& login_;
};

}  // namespace sotto::rendezvous
