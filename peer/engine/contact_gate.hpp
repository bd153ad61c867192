// Who may say what to us, and how somebody becomes a contact (docs/protocol.md 2.11).
//
// A stranger can do exactly one thing: ask. Nothing goes back, no receipt and no error, until the
// person here accepts; ignoring and refusing look the same. Both who asked each other are contacts.
// Refuses requests beyond pending_requests_max, and everything from who is blocked.
#pragma once

#include "peer/engine/delivery.hpp"

namespace sotto::peer::engine {

class ContactGate {
public:
    ContactGate(Account& account, Contacts& contacts, Sessions& sessions, Delivery& delivery,
                Counters& counters)
        : account_(account),
          contacts_(contacts),
          sessions_(sessions),
          delivery_(delivery),
          counters_(counters) {}

    // Commands. `username`: as the rendezvous knows it, empty when added by account id.
    void request(Turn& turn, const SendContactRequest& input, const AccountId& account,
                 const std::string& username);
    void accept(Turn& turn, const AcceptContact& input);
    void ignore(Turn& turn, const IgnoreContact& input);
    void block(Turn& turn, const BlockContact& input);
    void accept_key(Turn& turn, const AcceptKey& input);

    /// The rendezvous says who has which name. A name that was only claimed becomes true, or goes.
    /// Where it contradicts the account pinned to a name that was true, nothing more goes to that
    /// contact until the person has decided (docs/protocol.md 2.14).
    void names_seen(const std::vector<rendezvous::MemberEntry>& members);
    [[nodiscard]] bool key_changed(const std::string& username) const;

    /// May this envelope be taken from this account, in its present state?
    [[nodiscard]] bool admits(const ContactRecord* record, const wire::Body& body) const;
    [[nodiscard]] bool has_room_for_request() const;
    /// A stranger's request: the new contact. Nothing at a limit.
    [[nodiscard]] ContactRecord* add_stranger(Turn& turn, const AccountId& account,
                                              const wire::ContactRequest& body);
    /// What only comes from somebody who accepted us; true when that is news.
    bool note_acceptance(Turn& turn, ContactRecord& record, const wire::Body& body);
    /// `anew`: in a new session. Who starts one to ask has lost what we answered before.
    void handle(Turn& turn, ContactRecord& record, const wire::ContactRequest& body, bool anew);
    void handle(Turn& turn, ContactRecord& record, const wire::ContactAccept& body);
    void handle(Turn& turn, ContactRecord& record, const wire::MailboxToken& body);
    void handle(ContactRecord& record, const wire::Profile& body);
    /// The last acceptance once more: it may not have been readable there.
    void repeat_accept(Turn& turn, ContactRecord& record);
    /// Questions nobody has answered for a day (the rendezvous takes one a day from each to each)
    /// are asked anew, with the token of today; after two weeks once a week.
    void ask_again(Turn& turn);
    /// Tells everybody our new mailbox token.
    void send_token(Turn& turn);

private:
    /// What they call themselves: good for who has no name yet, and never another contact's.
    void claim_name(ContactRecord& record, const std::string& username);
    void give_name(ContactRecord& record, const std::string& username);
    void forget_name(ContactRecord& record);
    /// They become a contact: one name, one contact.
    void settle_name(ContactRecord& record);
    [[nodiscard]] bool is_taken(const ContactRecord& record, const std::string& username) const;
    void shut_out(Turn& turn, ContactRecord& record, MessageFailure reason);
    void become_contact(Turn& turn, ContactRecord& record);
    void send_request(Turn& turn, const ContactRecord& record);
    [[nodiscard]] bool request_is_due(const Turn& turn, const ContactRecord& record) const;
    void send_accept(Turn& turn, ContactRecord& record);
    [[nodiscard]] bool accept_is_due(const Turn& turn, const ContactRecord& record) const;
    void adopt(Turn& turn, ContactRecord& record, const wire::TokenOffer& offer);
    [[nodiscard]] wire::TokenOffer own_offer() const;

    Account& account_;
    Contacts& contacts_;
    Sessions& sessions_;
    Delivery& delivery_;
    Counters& counters_;
};

}  // namespace sotto::peer::engine
