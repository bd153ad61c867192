// Envelopes on their way: one entry per envelope and recipient device, until that device has it.
//
// What a person wrote, and what others rely on, is durable: plaintext is kept until delivery (a
// reset session needs it again), ciphertext is kept once made, so that a retry sends the very same
// bytes. Lanes say, per device, what is to be sent, on its way, or only waiting for a receipt.
// Refuses more than outbox_entries_max entries or outbox_bytes_max bytes, and more than a share of
// them for one account, so that nobody can use up the room of the others. Touched entries are saved
// by flush().
#pragma once

#include "peer/engine/sessions.hpp"

#include <set>

namespace sotto::peer::engine {

enum class Cargo : std::uint8_t {
    text = 1,
    request = 2,
    accept = 3,
    token = 4,
    reset = 5,
    renewal = 6,  // asks a contact for its present mailbox token
    // Not saved: made anew after a restart.
    receipt = 16,
    endpoint = 17,
};
[[nodiscard]] constexpr bool is_durable(Cargo cargo) {
    return cargo < Cargo::receipt;
}

enum class Stage : std::uint8_t { waiting = 1, with_server = 2, delivered = 3, failed = 4 };

// Which set of its lane an entry stands in.
enum class Place : std::uint8_t { none, to_send, in_flight, parked, awaiting_read };

// What stands in the store for "no device yet".
inline constexpr DeviceId no_device{std::array<std::uint8_t, 16>{}};

struct Entry {
    std::uint64_t order = 0;  // of writing; the key in memory
    EnvelopeId envelope;
    MessageId message;  // zero: no message of a person
    AccountId account;
    std::optional<DeviceId> device{};  // nothing yet: the recipient's devices are not known
    Cargo cargo = Cargo::text;
    std::uint64_t seq = 0;         // sender_seq; 0: not numbered
    std::uint64_t created_ms = 0;  // 0: before anybody knew what time it was
    Stage stage = Stage::waiting;
    Bytes plain{};
    std::optional<Encrypted> sealed{};
    bool spoken = false;  // was encrypted under its present number: a receipt may mean it

    // Not saved.
    Place place = Place::none;
    std::size_t counted = 0;  // of its bytes, in the outbox' total
    bool saved = false;
    bool on_link = false;  // sent over a link that has not acknowledged it
    bool putting = false;  // PutMail is not answered
    Instant sent_at{};
    unsigned times_sent = 0;
    unsigned offered_again = 0;  // for want of a receipt

    [[nodiscard]] DeviceAddress address() const;
    /// A question the server has taken, and which nobody has answered: it is not sent again as it
    /// is, but asked anew after a day (ContactGate::ask_again).
    [[nodiscard]] bool rests() const {
        return stage == Stage::with_server && message == MessageId{};
    }
    [[nodiscard]] std::size_t bytes() const {
        return plain.size() + (sealed ? sealed->payload.size() : 0);
    }
};

// Asks the rendezvous as a stranger does: it counts these by the day.
[[nodiscard]] constexpr bool is_question(Cargo cargo) {
    return cargo == Cargo::request || cargo == Cargo::renewal;
}

// One recipient device. Sets hold entry orders, so they are in the order of writing.
struct Lane {
    // After a put that was refused or not answered: nothing of its kind is put before.
    struct Pause {
        Instant until{};
        unsigned attempts = 0;
    };
    std::set<std::uint64_t> to_send;
    std::set<std::uint64_t> in_flight;     // an answer of server or link is awaited
    std::set<std::uint64_t> parked;        // stored there or acknowledged; the receipt is awaited
    std::optional<std::uint64_t> reset{};  // order of the newest SESSION_RESET, wherever it stands
    std::optional<std::uint64_t> question{};               // of the newest question
    std::map<std::uint64_t, std::uint64_t> undelivered;    // sender_seq -> order
    std::map<std::uint64_t, std::uint64_t> awaiting_read;  // sender_seq -> order
    std::size_t on_link = 0;
    Pause puts;
    Pause questions;
    [[nodiscard]] Pause& pause_of(Cargo cargo) { return is_question(cargo) ? questions : puts; }
    unsigned holes_in_vain = 0;  // times in a row that holes were offered and not one was filled
    std::optional<Instant> linked_at{};  // when all that was parked was last sent over a new link
    unsigned unreceipted_attempts = 0;
    unsigned offers_unheard = 0;         // in a row, since the last receipt
    std::uint64_t newest_receipted = 0;  // sender_seq
    std::optional<Instant> receipt_at{};
};

class Outbox {
public:
    /// False: damaged row.
    [[nodiscard]] bool load(const SaveOutbox& row);

    [[nodiscard]] bool has_room(const AccountId& account, std::size_t entries,
                                std::size_t bytes) const;
    Entry& add(Turn& turn, Entry entry);
    void touch(Entry& entry);
    /// What was dated by a clock that was ahead would never expire: its time begins now.
    void redate(const Turn& turn);
    void flush(Turn& turn);
    /// Forgets the entry, also on disk.
    void erase(Turn& turn, std::uint64_t order);
    /// Gives the entry its device: it is to be sent in that lane.
    void assign(Entry& entry, const DeviceId& device);
    /// Takes its device from it: under a new name and without ciphertext it waits for another.
    void release(Turn& turn, Entry& entry);
    /// Forgets a lane in which nothing stands any more.
    void drop_lane(const DeviceAddress& address) { lanes_.erase(address); }
    /// From whatever set of its lane into this one.
    void move(Entry& entry, Place place);
    /// The entry with another number: its old ciphertext is void.
    void renumber(Entry& entry, std::uint64_t seq);
    /// The entry under a new name and without ciphertext, to be encrypted and sent again.
    void renew(Turn& turn, Entry& entry);

    [[nodiscard]] Entry* find(std::uint64_t order);
    [[nodiscard]] Entry* find(const EnvelopeId& envelope);
    [[nodiscard]] std::vector<std::uint64_t> entries_of(const MessageId& message) const;
    [[nodiscard]] std::vector<std::uint64_t> entries_of(const AccountId& account) const;
    [[nodiscard]] Lane& lane(const DeviceAddress& address) { return lanes_[address]; }
    [[nodiscard]] std::map<DeviceAddress, Lane>& lanes() { return lanes_; }
    /// Entries without a device, in order.
    [[nodiscard]] std::set<std::uint64_t> undirected(const AccountId& account) const;
    [[nodiscard]] std::vector<AccountId> accounts_undirected() const;
    [[nodiscard]] bool empty() const;
    /// What is on its way and where it stands, without content or names.
    [[nodiscard]] std::string describe() const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    [[nodiscard]] static std::set<std::uint64_t>* set_of(Lane& lane, Place place);
    Entry& insert(Entry entry);
    void remove_undirected(const Entry& entry);
    void recount(Entry& entry);

    std::map<std::uint64_t, Entry> entries_;
    std::map<EnvelopeId, std::uint64_t> by_envelope_;
    std::map<MessageId, std::set<std::uint64_t>> by_message_;
    struct Share {
        std::set<std::uint64_t> orders;
        std::size_t bytes = 0;
    };
    std::map<AccountId, Share> by_account_;
    std::map<DeviceAddress, Lane> lanes_;
    std::map<AccountId, std::set<std::uint64_t>> undirected_;
    std::set<std::uint64_t> touched_;
    std::uint64_t next_order_ = 1;
    std::size_t bytes_ = 0;
};

[[nodiscard]] Bytes encode_entry(const Entry& entry);
[[nodiscard]] std::optional<Entry> decode_entry(const SaveOutbox& row);

}  // namespace sotto::peer::engine
