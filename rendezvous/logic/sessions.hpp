// Beginning and ending logged-in sessions: the one place that changes who is online.
#pragma once

#include "rendezvous/logic/mailbox.hpp"
#include "rendezvous/logic/presence.hpp"

namespace sotto::rendezvous {

class Sessions {
public:
    Sessions(State& state, PresenceBoard& presence, Mailbox& mailbox)
        : state_(state), presence_(presence), mailbox_(mailbox) {}

    // Answers LoggedIn, then pushes waiting mail. A connection that had another session loses it; a
    // device that was logged in over another connection is told that it was replaced.
    void begin_device(Turn& turn, const UserId& user, RequestId id, const ops::MailAddress& address,
                      const ops::DeviceRow& row);
    void begin_password(Turn& turn, const UserId& user, RequestId id, const AccountId& account,
                        const std::string& username);
    // Logged out: offline at once. The connection stays.
    void end(Turn& turn, const UserId& user);
    // The device was removed from its account.
    void revoke(Turn& turn, const ops::MailAddress& address);
    // The account was disabled or removed: all its sessions.
    void revoke(Turn& turn, const AccountId& account);
    // The password was changed over `by`: what was opened by the old one elsewhere. Devices stay.
    void revoke_passwords(Turn& turn, const AccountId& account, const UserId& by);

private:
    void revoke_all(Turn& turn, const std::vector<UserId>& users);
    // Takes the session of a device from `old`, which `by` goes on with.
    void detach(Turn& turn, const UserId& old, const UserId& by);

    State& state_;
    PresenceBoard& presence_;
    Mailbox& mailbox_;
};

}  // namespace sotto::rendezvous
