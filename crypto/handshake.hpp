// The asynchronous handshake (PQXDH-like; docs/protocol.md 2.5): one message makes a session.
//
// Pure: both sides return values and change nothing. The caller of accept() commits, in ONE
// transaction: the session, the deletion of the used one-time prekey, the transcript hash in the
// replay cache and the first plaintext; a failure leaves nothing to undo. The caller looks up,
// before accept(), whether the inner message's session id is already a live session (a repeated
// init), and after it, whether the transcript hash is already known (a replay: drop).
#pragma once

#include "crypto/prekeys.hpp"
#include "crypto/ratchet.hpp"

namespace sotto::crypto {

enum class HandshakeError : std::uint8_t {
    malformed,          ///< init message: length, version, flags, suite, key encoding, signature
    wrong_account,      ///< the records are of another account than the one meant
    same_device,        ///< a handshake with oneself
    not_listed,         ///< the certificate is not in the newest device list
    list_expired,       ///< device list past its date: start no new sessions
    list_rollback,      ///< device list older than the one held (when fetched by the initiator)
    list_fork,          ///< two lists of one seq, or one that does not follow the list held
    prekey_expired,     ///< signed prekeys past their date
    prekey_rollback,    ///< signed prekeys older than some seen before
    suite_stripped,     ///< below the floor of the device, of ours, or of what was seen before
    suite_unsupported,  ///< this build cannot do it
    unknown_prekey,     ///< spk, opk or pq id that we do not (any more) have
    bad_key,            ///< a key of low order, or an invalid KEM key
    bad_first_message,  ///< the inner ratchet message does not decrypt
};
[[nodiscard]] std::string_view to_string(HandshakeError error) noexcept;

/// Our own side. References must live through the call.
struct OwnIdentity {
    const Cert& cert;
    const DevList& dev_list;
    const OwnDik& dik;
};

/// What a device's owner published, decoded (each part is valid by itself; initiate() checks that
/// they belong together).
struct PreKeyBundle {
    DevList dev_list;
    Cert cert;
    PreRec prerec;
    std::optional<OpkRec> one_time;
};

/// What was seen of a device before; kept for ever (sticky). All zero for a new one.
struct DeviceFloor {
    std::uint8_t suite_floor;  ///< the highest suite ever used or announced
    std::uint64_t prerec_seq;  ///< the highest seq of a PreRec
    friend bool operator==(const DeviceFloor&, const DeviceFloor&) = default;
};

/// What we know of the other side before the handshake.
struct KnownPeer {
    AccountId account;                    ///< whom we mean: pinned
    std::optional<DevListMark> dev_list;  ///< newest list held
    DeviceFloor floor;                    ///< of this device
};

struct InitiatedSession {
    Ratchet ratchet;
    /// Goes in front of EVERY ratchet message (see make_init_message) until ratchet.confirmed().
    Bytes init_prefix;
    TranscriptHash transcript;
    Suite suite;
    DeviceFloor floor;  ///< to be stored for the device from now on
};

/// Starts a session with the device of `bundle`, in the best common suite. All checks of the bundle
/// (owner, list order, membership, dates, rollback, stripping) are inside.
[[nodiscard]] Result<InitiatedSession, HandshakeError> initiate(const OwnIdentity& own,
                                                                const PreKeyBundle& bundle,
                                                                const KnownPeer& peer,
                                                                std::uint64_t now_ms,
                                                                RandomSource& random);

/// init_prefix || ratchet message.
[[nodiscard]] Bytes make_init_message(ByteView init_prefix, ByteView ratchet_message);

/// A decoded init message: signatures of list and certificate are checked, nothing else yet.
struct InitMessage {
    Suite suite;
    bool has_one_time;
    bool pq_one_time;
    Cert cert;
    DevList dev_list;
    EkPublic ek;
    std::uint32_t spk_id;
    std::uint32_t opk_id;  ///< 0 without one
    std::uint32_t pq_id;   ///< 0 in suite 1
    Bytes kem_ciphertext;  ///< empty in suite 1
    Bytes ratchet_message;
    SessionId session;  ///< as the ratchet message claims
};
/// Error: malformed only.
[[nodiscard]] Result<InitMessage, HandshakeError> decode_init_message(ByteView bytes);
/// The same, but that list and certificate, which come again with every message until the first
/// answer, are verified once only.
[[nodiscard]] Result<InitMessage, HandshakeError> decode_init_message(ByteView bytes,
                                                                      VerifiedRecords& known);

/// The private keys the init message asks for, as far as we have them; nullptr otherwise.
struct ResponderKeys {
    const OwnSignedPreKey* spk;
    const OwnOneTimePreKey* one_time;  ///< must be nullptr when the message names none
    const OwnPqPreKey* pq_last_resort;
};

/// What we know of the sender.
struct KnownSender {
    const DevList* dev_list;   ///< newest list held of this account, nullptr if none
    std::uint8_t suite_floor;  ///< DeviceFloor of this device, 0 if new
};

struct AcceptedSession {
    Ratchet ratchet;
    SecretBytes first_plaintext;
    TranscriptHash transcript;  ///< for the replay cache, until the SPK is destroyed
    Suite suite;
    std::optional<std::uint32_t> used_one_time_id;  ///< destroy it in the same transaction
    /// The sender's list is newer than the one held: adopt it.
    bool dev_list_is_news;
};

/// Answers an init message. An account equal to our own is accepted only from a device in our own
/// list. Judged by the newer of the sent list and the one held, so a message that waited in a
/// mailbox still opens, and a removed device cannot come back with an old list.
[[nodiscard]] Result<AcceptedSession, HandshakeError> accept(const OwnIdentity& own,
                                                             const ResponderKeys& keys,
                                                             const InitMessage& message,
                                                             const KnownSender& sender,
                                                             std::uint64_t now_ms);

}  // namespace sotto::crypto
