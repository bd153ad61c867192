// Gets what is in the outbox to its recipients, and keeps the visible state of each message.
//
// Path rule: over a live direct link; else, or when the link is suspect or does not acknowledge
// within two seconds, to the rendezvous, which relays at once or keeps it. Everything is sent until
// the recipient's own receipt (for what others only need to have: until server or link took it
// over). A retry sends the same bytes. States only move forward (docs/protocol-envelope.md,
// "Delivery").
#pragma once

#include "peer/engine/bundles.hpp"
#include "peer/engine/links.hpp"
#include "peer/engine/outbox.hpp"

namespace sotto::peer::engine {

class Delivery {
public:
    Delivery(Account& account, Contacts& contacts, Sessions& sessions, Bundles& bundles,
             Links& links, ServerSession& server, Requests& requests, Timers& timers,
             Outbox& outbox, Counters& counters)
        : account_(account),
          contacts_(contacts),
          sessions_(sessions),
          bundles_(bundles),
          links_(links),
          server_(server),
          requests_(requests),
          timers_(timers),
          outbox_(outbox),
          counters_(counters) {}

    // What goes into an envelope besides what is filled in for everybody.
    struct Parcel {
        Cargo cargo{};
        wire::Body body;
        MessageId message{};               // of a row; else zero, and a random one is taken
        std::uint64_t seq = 0;             // of a row
        std::optional<DeviceId> device{};  // this one only
    };
    /// To all devices of the contact, or one. Needs room in the outbox.
    void send(Turn& turn, const ContactRecord& record, Parcel parcel);
    /// Over a live link now, or not at all; never stored, never sent again.
    void send_fleeting(Turn& turn, const DeviceAddress& peer, wire::Body body);
    [[nodiscard]] bool has_room(const ContactRecord& record, std::size_t bytes) const;

    // What may let something go, or stop it.
    void contact_changed(Turn& turn, const AccountId& account);
    void server_ready(Turn& turn);
    void peer_online(Turn& turn, const AccountId& account);
    void link_live(Turn& turn, const DeviceAddress& peer);
    void link_lost(Turn& turn, const DeviceAddress& peer);
    void link_suspect(Turn& turn, const DeviceAddress& peer);
    void lane_due(Turn& turn, const DeviceAddress& peer);
    void unreceipted_due(Turn& turn, const DeviceAddress& peer);

    // Answers.
    void put_answered(Turn& turn, const EnvelopeId& envelope, const Answer& answer);
    /// A request was answered, so that another may be asked.
    void pump_blocked(Turn& turn);
    /// They say that the token we hold is the present one: what stood still because of it goes.
    void token_confirmed(Turn& turn, const AccountId& account);
    void token_due(Turn& turn, const AccountId& account) { contact_changed(turn, account); }
    void link_acknowledged(Turn& turn, const DeviceAddress& peer, const wire::LinkAck& ack);
    void receipt(Turn& turn, const DeviceAddress& peer, const wire::SeqSet& delivered,
                 const wire::SeqSet& read);
    /// What these would have shown as read stays "delivered" for ever.
    void forget_read(Turn& turn, const DeviceAddress& peer, const wire::SeqSet& read);
    /// A receipt for numbers under which nothing was encrypted yet: it is about other texts, of a
    /// profile whose older copy was put back.
    [[nodiscard]] bool names_unspoken(const DeviceAddress& peer, const wire::SeqSet& set);
    /// The account has removed this device: what it had not received goes to the listed ones.
    void device_removed(Turn& turn, const DeviceAddress& peer);
    /// Our numbers may have been used before: what was not delivered goes under new ones.
    void renumber(Turn& turn, ContactRecord& record);
    /// A request for the present mailbox token of a contact, now and then.
    void ask_for_token(Turn& turn, const AccountId& account);
    /// The other side lost its state: what it has not received is encrypted again, now or, when it
    /// asks too often, later.
    void start_over(Turn& turn, const DeviceAddress& peer);
    /// Nothing goes to this device as it was encrypted; it goes with the next change.
    void void_ciphertexts(Turn& turn, const DeviceAddress& peer);
    /// All that this device has not received is encrypted again: its session or mailbox key is new.
    void encrypt_anew(Turn& turn, const DeviceAddress& peer);
    // A device that seems to be there and has left offer after offer without a word: what we send
    // may be unreadable to it. `again`: a new session did not help.
    struct Silent {
        DeviceAddress peer;
        bool again = false;
    };
    /// Each is told once.
    [[nodiscard]] std::vector<Silent> take_silent() { return std::exchange(silent_, {}); }

    /// False: no such failed message.
    [[nodiscard]] bool retry(Turn& turn, const MessageId& message);
    /// When the newest question of this kind to the account was written or taken by the server.
    [[nodiscard]] std::optional<std::uint64_t> asked_ms(const AccountId& account, Cargo cargo);
    /// Forgets what has become pointless, e.g. a request after the answer.
    void withdraw(Turn& turn, const AccountId& account, Cargo cargo);
    /// True: one was on its way to this device. It may have arrived; it is not sent again.
    [[nodiscard]] bool take_back(Turn& turn, const DeviceAddress& peer, Cargo cargo);
    void fail_account(Turn& turn, const AccountId& account, MessageFailure reason);
    void expire(Turn& turn);
    /// The server does not know the account: messages older than a day fail.
    void fail_unknown(Turn& turn, const AccountId& account);
    /// What waits for a receipt for more than a day is offered again, whoever seems to be there.
    void reoffer(Turn& turn);
    /// The same of what earlier processes had sent, once a day.
    void reoffer_earlier(Turn& turn);

private:
    // What became of an entry that was to go. After `gone` it may be erased: not to be touched.
    enum class Step : std::uint8_t { done, waits, gone };

    [[nodiscard]] bool may_go(const ContactRecord& record, Cargo cargo) const;
    [[nodiscard]] Bytes make_envelope(Turn& turn, const ContactRecord& record,
                                      const Parcel& parcel) const;
    void direct(Turn& turn, const ContactRecord& record);
    void pump(Turn& turn, const DeviceAddress& peer);
    [[nodiscard]] Step encrypt(Turn& turn, Lane& lane, Entry& entry);
    [[nodiscard]] Step transmit(Turn& turn, Lane& lane, Entry& entry);
    [[nodiscard]] Step put(Turn& turn, Entry& entry);
    void sent(const Turn& turn, Entry& entry);
    [[nodiscard]] bool has_other_copy(const ContactRecord& record, const Entry& entry);
    bool supersede(Turn& turn, Lane& lane, Cargo cargo);
    void taken_over(Turn& turn, Entry& entry, bool by_server);
    void offer_again(Turn& turn, Lane& lane, Entry& entry);
    void note_offer(const DeviceAddress& peer, Lane& lane);
    [[nodiscard]] Step send_one(Turn& turn, const ContactRecord& record, Lane& lane, Entry& entry);
    void back_off(Turn& turn, const Entry& entry, std::uint64_t at_least_ms);
    void token_refused(Turn& turn, const AccountId& account);
    void try_token_soon(Turn& turn, const AccountId& account);
    [[nodiscard]] bool waits_for_token(Turn& turn, ContactRecord& record) const;
    void recall(Lane& lane);
    [[nodiscard]] bool is_hole(const Lane& lane, const Entry& entry) const;
    [[nodiscard]] static std::uint64_t hole_patience(const Lane& lane);
    // The numbers of a lane's map that a receipt may mean.
    [[nodiscard]] std::vector<std::uint64_t> spoken_in(
        const std::map<std::uint64_t, std::uint64_t>& from, const wire::SeqSet& set);
    void await_receipt(Turn& turn, const DeviceAddress& peer, Lane& lane);
    void delivered(Turn& turn, Lane& lane, std::uint64_t seq);
    void read(Turn& turn, Lane& lane, std::uint64_t seq);
    void advance(Turn& turn, const Entry& entry, DeliveryState state);
    /// An entry that is no message of a person is erased.
    void fail(Turn& turn, Entry& entry, MessageFailure reason);
    void erase(Turn& turn, Entry& entry);
    [[nodiscard]] DeliveryState shown(const MessageId& message);

    Account& account_;
    Contacts& contacts_;
    Sessions& sessions_;
    Bundles& bundles_;
    Links& links_;
    ServerSession& server_;
    Requests& requests_;
    Timers& timers_;
    Outbox& outbox_;
    Counters& counters_;
    std::map<MessageId, DeliveryState> shown_;
    std::vector<Silent> silent_;
    std::set<DeviceAddress> blocked_;                // lanes that wait for a request to be answered
    std::optional<DeviceAddress> unblocked_last_{};  // they take turns
};

}  // namespace sotto::peer::engine
