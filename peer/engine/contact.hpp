// What we keep of one contact and of each of its devices, and the blob it is saved as.
//
// Plain state with the few rules that keep it consistent: numbers received, rows given to them,
// what was read. docs/protocol-envelope.md ("Order and duplicates", "Receipts").
#pragma once

#include "crypto/handshake.hpp"
#include "crypto/seal.hpp"
#include "peer/engine/turn.hpp"
#include "peer/wire/envelope.hpp"

#include <deque>
#include <map>

namespace sotto::peer::engine {

// To which mailbox key of a device we seal, and how fresh it is.
struct SealKey {
    crypto::SealTarget target;
    std::uint64_t created_ms = 0;
    std::uint64_t not_after_ms = 0;
};

// These messages stand at this row or above it.
struct UnreadMark {
    std::uint64_t row = 0;
    wire::SeqRange range;
    bool operator==(const UnreadMark&) const = default;
};

// The end of a ratchet message, its authentication tag: two with the same are the same bytes.
using MessageTail = std::array<std::uint8_t, 16>;

enum class ReceiptDue : std::uint8_t { none = 0, delivered = 1, read = 2 };

struct PeerDevice {
    crypto::DeviceFloor floor{};
    std::optional<SealKey> seal;
    wire::SeqSet received;  // numbers of theirs that are stored here
    wire::SeqSet read;      // of these, seen by the person here
    // Row of the first message behind each hole in `received`, by its number: where late ones go.
    std::map<std::uint64_t, std::uint64_t> gap_rows;
    std::vector<UnreadMark> unread;  // by rising row
    ReceiptDue due = ReceiptDue::none;
    std::uint64_t gaps_told_up_to = 0;  // the person knows of the holes below this number
    // Holes below this number are told of when they are an hour old, and when that began; 0: none.
    std::uint64_t gaps_seen_up_to = 0;
    std::uint64_t gaps_seen_ms = 0;
    std::uint64_t reset_ms = 0;  // when we last began a new session in place of one of no use
    bool held = false;  // new, and the person wants to be asked: nothing goes there or is taken

    // Not saved.
    bool news_since_receipt = true;  // the last receipt sent does not say it all
    std::optional<Instant> started_over_at{};
    std::deque<MessageTail> recent_messages{};  // as they came, opened in this process
};

// The rendezvous does not take this token: theirs is newer, they have blocked us, or it was
// restored from a copy and they have not been there since.
struct TokenRefusal {
    wire::Token token;
    Instant next{};          // nothing for their mailbox is put before; then one envelope is
    Instant tried_at{};      // when the last one went
    unsigned refusals = 0;   // one for each try
    bool under_way = false;  // a try that is not answered
};

// What was told of device lists, so that it is told once. Saved.
struct ListsTold {
    // Lists the contact says it was given of ours; and those of its own that do not fit the one
    // held.
    std::vector<crypto::GossipMark> of_ours;
    std::vector<crypto::GossipMark> of_theirs;
    std::uint64_t expired = 0;  // number of the list that was past its date
    bool operator==(const ListsTold&) const = default;
};

// Does a contact follow our newer list? Not saved: the count begins again.
struct ListFollowed {
    std::uint64_t seq = 0;     // of our list
    std::uint64_t number = 0;  // our envelopes from this number on name it
    unsigned behind = 0;       // receipts for such envelopes that name an older list
    std::optional<Instant> counted_at{};
};

struct ContactRecord {
    Contact view;
    std::optional<crypto::DevList> list{};
    std::optional<wire::Token> token{};  // of their mailbox
    std::uint64_t token_serial = 0;
    std::uint64_t next_seq = 1;                // of our next numbered envelope to them
    std::optional<AccountId> refused_key{};    // a new_key the person did not believe
    bool name_is_claim = false;                // view.username is what they say of themselves
    std::map<DeviceId, PeerDevice> devices{};  // exactly those of `list`
    // Of devices that left the list: one that comes back may not be older or weaker than it was.
    std::map<DeviceId, crypto::DeviceFloor> former{};
    ListsTold told{};

    // Not saved.
    std::deque<MessageId> recent_ids{};
    std::optional<Instant> bundle_at{};    // when the last bundle came
    std::optional<Instant> accepted_at{};  // when our last acceptance was written, with which token
    std::uint64_t accepted_serial = 0;
    // The newest list they say they have, and how often the server did not give it.
    std::uint64_t list_announced = 0;
    unsigned list_withheld = 0;
    std::optional<crypto::GossipMark> fork_announced{};  // looked into with the next answer
    ListFollowed followed{};
    unsigned not_found = 0;                   // times in a row the server did not know the account
    std::optional<Instant> token_asked_at{};  // when we last asked for a token that holds
    std::optional<TokenRefusal> token_refusal{};
    std::optional<Instant> overtaken_at{};  // when a receipt last named numbers above ours

    [[nodiscard]] std::optional<crypto::DevListMark> list_mark() const;
    /// The device stands in the newest list held: it may be heard and written to.
    [[nodiscard]] bool lists(const DeviceId& device) const;
    /// Nothing goes to this device, and nothing is taken from it.
    [[nodiscard]] bool holds(const DeviceId& device) const;
};

/// A number of ours that was never used, also by a profile whose older copy this is, when all that
/// is known was below `known`. The clock is above all numbers: those count messages, it counts
/// milliseconds since 1970; so the same copy put back twice gives two answers.
[[nodiscard]] std::uint64_t unused_number(const Turn& turn, std::uint64_t known);

// Gives rows to messages, in steps, so that a late one finds room.
class Rows {
public:
    explicit Rows(std::uint64_t next_row);
    [[nodiscard]] std::uint64_t take();
    /// Everything of this device stands below the rows to come, also what no message came to.
    void skip(const PeerDevice& device);
    /// The highest given so far; late messages stand below it.
    [[nodiscard]] std::uint64_t last() const { return last_; }

private:
    std::uint64_t last_;
};

struct Arrival {
    wire::SeqSet::Insert result = wire::SeqSet::Insert::known;
    std::uint64_t row = 0;  // only when added
};
/// Number `seq` of this device has come: is it new, and which row does it get?
[[nodiscard]] Arrival arrive(PeerDevice& device, std::uint64_t seq, Rows& rows);
/// The text of number `seq` stands at `row`, and the person has not seen it.
void note_unread(PeerDevice& device, std::uint64_t row, std::uint64_t seq);
/// No message stands at the row that arrive() gave `seq`: nothing may be put in front of it.
void void_row(PeerDevice& device, std::uint64_t row, std::uint64_t seq);
/// The person has seen everything up to `row`. True when that is news for the sender.
[[nodiscard]] bool mark_read(PeerDevice& device, std::uint64_t row);
/// The same, and the sender will never hear of it. True when something was unread.
[[nodiscard]] bool forget_unread(PeerDevice& device, std::uint64_t row);

struct ListChange {
    std::vector<DeviceId> added;  // none by the first list
    std::vector<DeviceId> removed;
};
/// Adopts a list that may follow the one held, and forgets the devices it leaves out, but for their
/// floors. Nothing: rollback, fork or broken chain. The one place where devices are added.
[[nodiscard]] std::optional<ListChange> adopt_list(ContactRecord& record,
                                                   const crypto::DevList& list);

[[nodiscard]] Bytes encode_contact_state(const ContactRecord& record);
/// Nothing for bytes that encode_contact_state() does not make.
[[nodiscard]] std::optional<ContactRecord> decode_contact_state(const Contact& contact,
                                                                ByteView bytes);
/// Of bytes that do not decode: the device list, if its signature says that it is whole, and what
/// can be read of the devices' suite floors. Old lists and weak suites stay refused.
[[nodiscard]] ContactRecord rescue_contact_state(const Contact& contact, ByteView bytes);

}  // namespace sotto::peer::engine
