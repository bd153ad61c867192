// What others have published: fetched, judged, used to start sessions and to seal.
//
// A bundle is fetched when somebody's device list is unknown, a device has no session, or its
// mailbox key is missing or old; over the anonymous connection with the mailbox token as soon as we
// hold one, so that the rendezvous does not learn who asks (docs/protocol.md 2.4, 2.10). Everything
// in it is verified against what is pinned; a list that goes back or forks is refused and counted.
#pragma once

#include "peer/engine/gossip.hpp"
#include "peer/engine/requests.hpp"
#include "peer/engine/server_session.hpp"
#include "peer/engine/sessions.hpp"

#include <utility>

namespace sotto::peer::engine {

class Bundles {
public:
    Bundles(Contacts& contacts, Sessions& sessions, ServerSession& server, Gossip& gossip,
            Requests& requests, Timers& timers, Counters& counters)
        : contacts_(contacts),
          sessions_(sessions),
          server_(server),
          gossip_(gossip),
          requests_(requests),
          timers_(timers),
          counters_(counters) {}

    enum class Need : std::uint8_t { keys, session };
    /// Fetches soon; at once if nothing is on its way and the last failure is long enough ago.
    void want(Turn& turn, const AccountId& account, Need need);
    /// A new session with this device, although there is one (docs/protocol.md 2.9). Without a
    /// one-time prekey when ours was never answered: its owner may have lost that key.
    void want_reset(Turn& turn, const DeviceAddress& peer);
    /// Its device began a new session: it may have lost the mailbox key we seal to. Fetches at
    /// once.
    void want_new_keys(Turn& turn, const DeviceAddress& peer);
    /// Devices whose wanted reset has got its session; and those whose new session has brought
    /// another mailbox key than we sealed to. Each is told once.
    [[nodiscard]] std::vector<DeviceAddress> take_restarted() {
        return std::exchange(restarted_, {});
    }
    [[nodiscard]] std::vector<DeviceAddress> take_rekeyed() { return std::exchange(rekeyed_, {}); }
    void due(Turn& turn, const AccountId& account);
    /// True when something was learnt that may let envelopes go.
    [[nodiscard]] bool answered(Turn& turn, const AccountId& account, const Answer& answer);
    /// A connection is there again: everything waiting is asked for now.
    void retry_all(Turn& turn);

    /// The mailbox key to seal with, if it is still valid. Asks for a newer one when it is old.
    [[nodiscard]] const crypto::SealTarget* seal_target(Turn& turn, const DeviceAddress& peer);

private:
    struct Wish {
        bool asked = false;
        bool session = false;
        bool token_refused = false;  // asked without it: the server learns who asks
        std::set<DeviceId> reset;
        // Devices that began a new session, with the mailbox key we held then.
        std::map<DeviceId, std::optional<crypto::MbkPublic>> new_keys;
        bool once_more = false;  // asked before one of them did: the answer may be too old
        unsigned attempts = 0;
    };
    void ask(Turn& turn, const AccountId& account, Wish& wish);
    [[nodiscard]] bool trusts_one_time(const AccountId& account, const Wish& wish) const;
    void retry_later(Turn& turn, const AccountId& account, Wish& wish);
    [[nodiscard]] std::optional<crypto::DevList> judge_list(ContactRecord& record,
                                                            const rendezvous::Bundle& bundle);
    [[nodiscard]] bool learn(Turn& turn, ContactRecord& record, const crypto::DevList& list,
                             const rendezvous::Bundle& bundle, Wish& wish);
    [[nodiscard]] std::optional<DeviceId> learn_device(Turn& turn, ContactRecord& record,
                                                       const crypto::DevList& list,
                                                       const rendezvous::DeviceBundle& device,
                                                       Wish& wish);

    Contacts& contacts_;
    Sessions& sessions_;
    ServerSession& server_;
    Gossip& gossip_;
    Requests& requests_;
    Timers& timers_;
    Counters& counters_;
    std::map<AccountId, Wish> wishes_;
    std::vector<DeviceAddress> restarted_;
    std::vector<DeviceAddress> rekeyed_;
};

}  // namespace sotto::peer::engine
