// Device lists as the two sides of a conversation see them: every envelope names the sender's own
// list and the one it holds of the recipient (docs/protocol.md 2.2).
//
// What does not fit is told to the person, once for each list, and counted; nothing is ever done
// because of it. A contact can claim anything here: words about him, never about the account alone.
#pragma once

#include "peer/engine/account.hpp"
#include "peer/engine/contacts.hpp"
#include "peer/engine/counters.hpp"
#include "peer/engine/server_session.hpp"
#include "peer/engine/sessions.hpp"
#include "peer/notice.hpp"

#include <utility>

namespace sotto::peer::engine {

class Gossip {
public:
    Gossip(Account& account, Contacts& contacts, ServerSession& server, Counters& counters)
        : account_(account), contacts_(contacts), server_(server), counters_(counters) {}

    // The marks of an authentic envelope.
    struct Heard {
        crypto::GossipMark theirs;
        crypto::GossipMark ours;
        // The largest of our numbers it confirms, when its sender can reach the rendezvous.
        std::uint64_t receipted = 0;
    };
    /// True: their keys should be fetched now. Strangers' envelopes say nothing here.
    [[nodiscard]] bool heard(const Turn& turn, ContactRecord& record, const Heard& marks);
    /// A handshake that may not start a session; only its records are certain, not who sent it.
    /// True: their keys should be fetched now.
    [[nodiscard]] bool refused(Turn& turn, const RefusedStart& start);
    /// A session with this contact could not be begun: the newest list held may be past its date.
    void look_at_date(Turn& turn, ContactRecord& record);
    /// The rendezvous gave this list, which may not follow the one held.
    void offered(ContactRecord& record, const crypto::DevList& list);
    /// A fetch was answered, or never will be: a fork the contact announced stays, or is resolved.
    void fetched(const AccountId& account);
    /// Our list at the rendezvous has devices this profile does not know.
    void own_list_strange() { alarm_ = true; }
    /// The person has seen it.
    void settle(Turn& turn);

    [[nodiscard]] DeviceWatch watch() const;
    /// Lines for conversations; and what is told apart from any is saved and shown.
    [[nodiscard]] std::vector<std::pair<AccountId, Notice>> take_findings(Turn& turn);

private:
    void compare_ours(const Turn& turn, ContactRecord& record, const Heard& marks);
    void behind(const Turn& turn, ContactRecord& record, const Heard& marks);
    [[nodiscard]] bool compare_theirs(ContactRecord& record, const crypto::GossipMark& theirs);
    void tell_fork(ContactRecord& record, const crypto::GossipMark& mark);

    Account& account_;
    Contacts& contacts_;
    ServerSession& server_;
    Counters& counters_;
    std::vector<std::pair<AccountId, Notice>> findings_;
    bool alarm_ = false;  // to be raised with this turn
};

}  // namespace sotto::peer::engine
