// What two people say to each other: texts, receipts, who has read what.
//
// receive() is the one way in for a contact's bytes, whatever path they came: open, decode, judge,
// and only then commit, row and number and ratchet together. Exactly once: the ratchet, the
// sequence numbers and the message ids each recognise a repeat, which is only acknowledged again
// (docs/protocol-envelope.md, "Order and duplicates").
#pragma once

#include "peer/engine/contact_gate.hpp"
#include "peer/notice.hpp"

namespace sotto::peer::engine {

// A ratchet message from a mailbox, or from the device at the other end of a link.
struct Incoming {
    crypto::SealedKind kind{};
    ByteView payload;
    std::optional<DeviceAddress> link_peer{};
};

struct Received {
    std::optional<DeviceAddress> from{};  // when the message was authentic
    std::optional<OpenError> failure{};
    // For the nouns above.
    std::optional<wire::Endpoint> endpoint{};
    std::optional<bool> typing{};
    // A receipt names numbers we have not given yet: up to this one they were used already.
    std::optional<std::uint64_t> overtaken{};
    bool became_contact = false;
    bool started_session = false;
    bool no_room = false;  // a stranger's request, and too many wait: nothing was taken
};

class Conversation {
public:
    Conversation(Account& account, Contacts& contacts, Sessions& sessions, Bundles& bundles,
                 Gossip& gossip, Links& links, Delivery& delivery, ContactGate& gate,
                 Timers& timers, Rows& rows, Counters& counters)
        : account_(account),
          contacts_(contacts),
          sessions_(sessions),
          bundles_(bundles),
          gossip_(gossip),
          links_(links),
          delivery_(delivery),
          gate_(gate),
          timers_(timers),
          rows_(rows),
          counters_(counters) {}

    void send_text(Turn& turn, const SendText& input);
    void retry(Turn& turn, const RetryMessage& input);
    void mark_read(Turn& turn, const MarkRead& input);
    /// Others of the settings are left alone.
    void load(const SaveSetting& setting);
    void set_read_receipts(Turn& turn, const SetReadReceipts& input);
    [[nodiscard]] bool read_receipts() const { return read_receipts_; }
    /// A text that seems to be a repeat, once the database has said whether it is.
    void repeat_checked(Turn& turn, const RepeatChecked& input);

    /// A line of ours in the conversation: something the person should know about it.
    void notice(Turn& turn, const ContactRecord& record, const Notice& what);
    /// Messages of this device that have not come for an hour, though later ones have: says how
    /// many.
    void gaps_due(Turn& turn, const DeviceAddress& peer);
    /// Logged in: of holes that an earlier process has seen, the person hears soon.
    void hurry_gaps(Turn& turn);

    [[nodiscard]] Received receive(Turn& turn, const Incoming& incoming);
    void receipt_due(Turn& turn, const DeviceAddress& peer);
    /// What we said last may not have been readable there.
    void repeat_receipt(Turn& turn, const DeviceAddress& peer);
    /// Receipts that were due when the process ended.
    void resume(Turn& turn);

private:
    // An envelope of a contact, on its way to being committed.
    struct Letter {
        DeviceAddress from;
        crypto::SessionId session;
        bool over_link = false;
        bool with_handshake = false;
        wire::Envelope envelope;
    };
    [[nodiscard]] bool belongs(const AccountId& account, const wire::Envelope& envelope) const;
    void failed(Turn& turn, const OpenFailure& failure, const Incoming& incoming);
    [[nodiscard]] bool overtaken(Turn& turn, ContactRecord& record, const DeviceAddress& from,
                                 const wire::SeqSet& delivered, Received& received);
    void take(Turn& turn, ContactRecord& record, Letter& letter, Received& received);
    void take_row(Turn& turn, ContactRecord& record, const Letter& letter, MessageKind kind,
                  std::string text);
    void acknowledge(Turn& turn, PeerDevice& device, const DeviceAddress& peer, MessageKind kind);
    void watch_gaps(Turn& turn, PeerDevice& device, const DeviceAddress& peer);
    void owe_receipt(Turn& turn, PeerDevice& device, const DeviceAddress& peer, ReceiptDue due);
    void compare_lists(Turn& turn, ContactRecord& record, const Letter& letter);
    /// The message at this row was read; was that in a time of which others are told?
    [[nodiscard]] bool tells_of_reading(std::uint64_t row) const;
    void take_read(Turn& turn, const DeviceAddress& from, const wire::ReadReceipt& receipt);
    void take_back_read(Turn& turn, const ContactRecord& record, PeerDevice& device,
                        const DeviceAddress& peer);

    Account& account_;
    Contacts& contacts_;
    Sessions& sessions_;
    Bundles& bundles_;
    Gossip& gossip_;
    Links& links_;
    Delivery& delivery_;
    ContactGate& gate_;
    Timers& timers_;
    Rows& rows_;
    Counters& counters_;
    bool read_receipts_ = true;  // while it is false, PeerDevice::read is empty for everybody
    std::uint64_t receipts_on_since_ = 0;  // what the database has as read, up to this row, is ours
};

}  // namespace sotto::peer::engine
