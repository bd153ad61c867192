// Who there is at the rendezvous, and who of them is there now.
//
// Searches and look-ups go over the logged-in connection. Contacts are watched with their mailbox
// token, listed members without. What the server says about presence is shown and used to choose a
// path; delivery never depends on it (docs/protocol.md 2.3, 2.11).
#pragma once

#include "peer/engine/contact_gate.hpp"

namespace sotto::peer::engine {

class Directory {
public:
    Directory(Account& account, Contacts& contacts, ServerSession& server, Requests& requests,
              Links& links, ContactGate& gate)
        : account_(account),
          contacts_(contacts),
          server_(server),
          requests_(requests),
          links_(links),
          gate_(gate) {}

    void search(Turn& turn, const SearchDirectory& input);
    void request(Turn& turn, const SendContactRequest& input);
    void set_listed(Turn& turn, const SetListed& input);
    void answered(Turn& turn, const Answer& answer);

    /// Says again whom we watch.
    void watch(Turn& turn);
    /// The accounts that came online.
    [[nodiscard]] std::vector<AccountId> presence(Turn& turn, const rendezvous::Presence& push);
    /// The connection is gone: nobody's presence is known.
    void forget_presence();
    /// Shows a contact's path if it is another than before.
    void update_path(ContactRecord& record);
    void update_paths();

private:
    void page(Turn& turn, const SearchDirectory& search, const Answer& answer) const;
    void looked_up(Turn& turn, const SendContactRequest& request, const Answer& answer);
    [[nodiscard]] Path path_of(const ContactRecord& record) const;
    [[nodiscard]] bool linked(const AccountId& account) const;

    Account& account_;
    Contacts& contacts_;
    ServerSession& server_;
    Requests& requests_;
    Links& links_;
    ContactGate& gate_;
};

}  // namespace sotto::peer::engine
