// Ratchet sessions, per device of a contact: started, used, replaced
// (docs/protocol.md 2.5, 2.6, 2.9).
//
// open_*() changes nothing: it returns what was inside together with the change that commit() makes
// and saves. So an envelope can be judged first, and hostile bytes never move state. encrypt()
// advances and saves the session in the same turn, before anything is sent. Refuses replayed
// handshakes, and any account's claim to be another one: identity comes from the session alone.
#pragma once

#include "peer/engine/account.hpp"
#include "peer/engine/contacts.hpp"
#include "peer/engine/counters.hpp"

namespace sotto::peer::engine {

struct Session {
    DeviceAddress peer;
    crypto::Ratchet ratchet;
    Bytes init_prefix;  // in front of every message until the other side has answered; or empty
    bool active = false;
    bool reset_taken = false;    // a SESSION_RESET came in it
    std::uint64_t since_ms = 0;  // active or receive-only since (wall); 0: not known yet
};

enum class OpenError : std::uint8_t {
    malformed,
    unknown_session,
    repeated,        // decrypted before: acknowledge again
    undecryptable,   // not authentic, or too far ahead
    refused,         // a handshake that may not start a session
    not_now,         // a handshake we have no room to remember: it may come again
    removed_device,  // its account's newest list does not name it any more
    held,            // its device is new, and the person wants to be asked first
};

// What a message contained, and what committing it will change.
struct Opened {
    DeviceAddress from;
    crypto::SessionId session;
    crypto::SecretBytes content;
    crypto::Ratchet next;
    // For a handshake only:
    struct Start {
        crypto::TranscriptHash transcript;
        std::uint32_t signed_prekey_id = 0;
        std::optional<std::uint32_t> one_time_id;
        crypto::Suite suite{};
        crypto::DevList list;  // the sender's, as sent
    };
    std::optional<Start> start;
};
// A handshake that was refused for its device list, which is signed, whoever sent it.
struct RefusedStart {
    crypto::HandshakeError error{};
    crypto::DevList list;
};
struct OpenFailure {
    OpenError error = OpenError::malformed;
    std::optional<DeviceAddress> from;  // of a session we know
    std::optional<RefusedStart> start{};
};

struct Encrypted {
    crypto::SealedKind kind = crypto::SealedKind::message;
    crypto::SessionId session;
    Bytes payload;
};

class Sessions {
public:
    Sessions(Account& account, Contacts& contacts) : account_(account), contacts_(contacts) {}
    /// False: damaged row.
    [[nodiscard]] bool load(const SaveSession& row);
    [[nodiscard]] bool load(const SaveHandshakeSeen& row);

    [[nodiscard]] const Session* active(const DeviceAddress& peer) const;
    /// Starts a session with a device, in place of an active one.
    [[nodiscard]] crypto::Result<void, crypto::HandshakeError> start(
        Turn& turn, const crypto::PreKeyBundle& bundle);
    /// Needs an active session. Nothing when the content is too large or the chain is used up.
    [[nodiscard]] std::optional<Encrypted> encrypt(Turn& turn, const DeviceAddress& peer,
                                                   ByteView content);

    [[nodiscard]] crypto::Result<Opened, OpenFailure> open(const Turn& turn,
                                                           crypto::SealedKind kind,
                                                           ByteView payload);
    /// What was verified in this run of the program; shared with whoever fetches records.
    [[nodiscard]] crypto::VerifiedRecords& verified() noexcept { return verified_; }
    /// One more handshake could be remembered.
    [[nodiscard]] bool has_room_for_handshake() const;
    void commit(Turn& turn, Opened opened);
    /// A SESSION_RESET came with this session's handshake. True: the first one.
    [[nodiscard]] bool take_reset(const crypto::SessionId& session);
    /// Who asks in a session it began has not heard ours, and may be unable to: the answer goes in
    /// theirs, whichever won, unless ours was answered.
    void answer_in(Turn& turn, const crypto::SessionId& session);
    /// Does the next message's key agreement now, while nobody waits.
    void prepare(Turn& turn, const crypto::SessionId& session);
    /// Saves what this turn changed, each session once.
    void flush(Turn& turn);
    /// Their signed prekeys are destroyed.
    void forget_handshakes(const std::vector<std::uint32_t>& signed_prekey_ids);

    /// Ends everything with this account, or this device.
    void forget(Turn& turn, const AccountId& account);
    void forget(Turn& turn, const DeviceAddress& peer);
    /// Nothing is encrypted any more in the sessions this account has: they only receive.
    void retire(Turn& turn, const AccountId& account);
    /// Ends receive-only sessions after their time, and all of who is not to be heard any more.
    void retire_old(Turn& turn);
    /// Forgets the keys of messages that never came (docs/protocol.md 2.6), also where nothing
    /// comes any more; and dates what was not.
    void expire_keys(const Turn& turn);

private:
    using ByPeer = std::map<DeviceAddress, std::vector<crypto::SessionId>>;

    [[nodiscard]] crypto::Result<Opened, OpenFailure> open_message(const Turn& turn,
                                                                   ByteView payload) const;
    [[nodiscard]] crypto::Result<Opened, OpenFailure> open_init(const Turn& turn, ByteView payload);
    [[nodiscard]] bool starts_too_often(const Turn& turn, const AccountId& account) const;
    void note_start(const Turn& turn, const AccountId& account);
    [[nodiscard]] bool is_over(const Session& session, std::uint64_t now_ms) const;
    void insert(Session session);
    void make_active(Turn& turn, const DeviceAddress& peer, const crypto::SessionId& sid);
    void drop_surplus(Turn& turn, const DeviceAddress& peer);
    void drop(Turn& turn, const crypto::SessionId& sid);
    [[nodiscard]] Session* find(const crypto::SessionId& sid);
    [[nodiscard]] const Session* find(const crypto::SessionId& sid) const;

    Account& account_;
    Contacts& contacts_;
    std::map<crypto::SessionId, Session> sessions_;
    ByPeer by_peer_;
    std::map<crypto::TranscriptHash, std::uint32_t> seen_;  // signed prekey of each
    std::set<crypto::SessionId> touched_;
    // When the sessions an account has started would be paid for at handshake_pace_ms each: at most
    // handshakes_burst of them ahead of now. Forgotten when in the past.
    std::map<AccountId, Instant> starts_paid_at_;
    crypto::VerifiedRecords verified_;
};

}  // namespace sotto::peer::engine
