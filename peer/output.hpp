// Everything a peer wants done, as values: rows to save, frames to send, changes to show.
//
// The engine returns `Outputs`; the runtime carries them out in the order save, send, show
// ("commit, then send, then show"): all saves of a turn go into one transaction, and when that
// fails nothing is sent or shown, the engine is rebuilt from the store, and the command fails
// with a reason. So a ratchet key never encrypts twice, an acknowledgement never leaves before
// its message is stored, and a screen never shows what the disk does not have.
#pragma once

#include "crypto/dev_list.hpp"
#include "peer/input.hpp"
#include "peer/model.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace sotto::peer {

// --- save ------------------------------------------------------------------------------------
// Blobs are the engine's own serialised state (version byte first); the store does not look inside.

struct SaveSelf {
    Self self;
    Bytes keys;  // account and device secrets, own device list
};
// Small named values of the engine: sequence numbers, tokens, times.
struct SaveSetting {
    std::string name;
    Bytes value;
};
struct SaveContact {
    Contact contact;
    Bytes engine_state;  // pinned device list, tokens, sequence watermarks
};
struct SaveSession {
    DeviceId device;
    Bytes session_id;  // 16 bytes
    AccountId account;
    Bytes state;
};
struct DeleteSession {
    DeviceId device;
    Bytes session_id;
};
// kind: which pool (signed prekey, one-time, mailbox key, KEM); id: its number in that pool.
struct SavePrekey {
    std::uint8_t kind = 0;
    std::uint32_t id = 0;
    Bytes secret;
};
struct DeletePrekey {
    std::uint8_t kind = 0;
    std::uint32_t id = 0;
};
// Transcript hash of an accepted handshake, kept until its signed prekey is destroyed.
struct SaveHandshakeSeen {
    Bytes transcript_hash;
    Bytes session_id;
    std::uint32_t signed_prekey_id = 0;
};
struct DeleteHandshakesSeen {
    std::uint32_t signed_prekey_id = 0;
};
// A new row, or an incoming duplicate which the (sender device, message id) index refuses.
struct SaveMessage {
    Message message;
    DeviceId sender_device;
    std::uint64_t sender_seq = 0;
    bool number_known = false;  // a text came under this number before
};
/// What the engine is to be told once `saved` is committed. `kept`: the database had it already.
[[nodiscard]] inline std::optional<RepeatChecked> repeat_checked(
    const SaveMessage& saved, std::optional<RepeatChecked::Kept> kept) {
    if (saved.message.outgoing || !(saved.number_known || kept)) return std::nullopt;
    return RepeatChecked{.peer = saved.message.peer,
                         .device = saved.sender_device,
                         .sender_seq = saved.sender_seq,
                         .row = saved.message.row,
                         .kind = saved.message.kind,
                         .number_known = saved.number_known,
                         .kept = kept};
}
struct SaveMessageState {
    MessageId id;
    DeliveryState state = DeliveryState::saved;
    MessageFailure failure = MessageFailure::none;
};
struct SaveReadUpTo {
    AccountId peer;
    std::uint64_t row = 0;
};
// Ciphertext waiting for one recipient device; sent as these very bytes until acknowledged.
struct SaveOutbox {
    EnvelopeId envelope;
    MessageId message;  // all zero for envelopes that are no message of a person
    AccountId account;
    DeviceId device;
    Bytes entry;  // ciphertext, kind, progress, times
};
struct DeleteOutbox {
    EnvelopeId envelope;
};

using SaveOp = std::variant<SaveSelf, SaveSetting, SaveContact, SaveSession, DeleteSession,
                            SavePrekey, DeletePrekey, SaveHandshakeSeen, DeleteHandshakesSeen,
                            SaveMessage, SaveMessageState, SaveReadUpTo, SaveOutbox, DeleteOutbox>;

// What the store hands the engine at start: the rows above, as last saved. History stays on disk;
// the engine gets only `next_row` and the ids of messages that still have outbox entries.
struct Snapshot {
    std::optional<SaveSelf> self;
    std::vector<SaveSetting> settings;
    std::vector<SaveContact> contacts;
    std::vector<SaveSession> sessions;
    std::vector<SavePrekey> prekeys;
    std::vector<SaveHandshakeSeen> handshakes;
    std::vector<SaveOutbox> outbox;
    std::uint64_t next_row = 1;
    // The database is older than its vault header: a copy was put back, so ratchet keys may have
    // been used already. The store has dropped all sessions; open new ones to all contacts and
    // warn. Stays true until the engine saves rolled_back_setting with an empty value.
    bool rolled_back = false;
};
inline constexpr std::string_view rolled_back_setting = "store.rolled_back";

// --- send ------------------------------------------------------------------------------------

struct OpenServer {
    ServerAddress address;
    ServerChannel channel = ServerChannel::session;
    crypto::OwnCurve own;  // fresh per process; its public half is our User-Id
};
struct CloseServer {
    ServerChannel channel = ServerChannel::session;
};
struct SendToServer {
    ServerChannel channel = ServerChannel::session;
    Bytes frame;
};
// Bind the listener for direct links with this CURVE server key (one epoch, <= 24 h).
struct Listen {
    crypto::OwnCurve own;
};
struct StopListening {};
// The whole list of client keys the listener's ZAP handler lets in; everything else is refused.
struct AllowPeers {
    std::vector<crypto::CurvePublic> keys;
};
// Open an outgoing link; answers with PeerLinkUp{link} or PeerLinkDown{link}.
struct Dial {
    LinkId link;
    std::vector<std::string> endpoints;
    crypto::CurvePublic server_key;
    crypto::OwnCurve own;
};
struct CloseLink {
    LinkId link;
};
struct SendToPeer {
    LinkId link;
    Bytes frame;
};

using NetworkOutput = std::variant<OpenServer, CloseServer, SendToServer, Listen, StopListening,
                                   AllowPeers, Dial, CloseLink, SendToPeer>;

// --- show ------------------------------------------------------------------------------------

enum class CommandError : std::uint8_t {
    not_unlocked,
    wrong_passphrase,
    profile_exists,
    profile_in_use,  // another copy of Sotto has this profile open
    profile_damaged,
    disk_full,
    disk_error,
    server_unreachable,
    server_wrong_key,
    server_refused,
    name_invalid,
    name_taken,
    no_such_name,
    wrong_credentials,  // wrong password or unknown name: deliberately one answer
    invite_needed,
    too_many_tries,  // CommandFailed::retry_after_ms says when
    not_a_contact,
    already_a_contact,
    own_account,
    text_empty,
    text_too_long,
    not_possible_now,
    list_full,
    key_changed,       // the contact's identity changed; AcceptKey decides (Contact::new_key)
    other_version,     // the server is older or newer than this program can use
    password_unclear,  // the server's answer was lost: the old password holds, or the new one
    passphrase_kept,   // the account's password was changed, the vault's passphrase was not
    clock_wrong,       // this machine's clock is days away from the server's; keys would be dated
                       // wrongly
};
struct CommandFailed {
    CommandId command = 0;
    CommandError error = CommandError::not_possible_now;
    std::uint64_t retry_after_ms = 0;
};
struct CommandDone {
    CommandId command = 0;
};

enum class VaultState : std::uint8_t { absent, locked, unlocking, open };
struct VaultChanged {
    VaultState state = VaultState::absent;
};
struct SelfChanged {
    Self self;
    crypto::GossipMark own_list{};  // of our device list: part of the verification code
};
struct ServerStateChanged {
    ServerState state = ServerState::offline;
};
struct ContactChanged {
    Contact contact;
};
struct DeviceWatchChanged {
    DeviceWatch watch;
};
struct MessageAdded {
    Message message;
};
struct MessageStateChanged {
    AccountId peer;
    MessageId id;
    DeliveryState state = DeliveryState::saved;
    MessageFailure failure = MessageFailure::none;
};
struct ReadUpToChanged {
    AccountId peer;
    std::uint64_t row = 0;
};
struct TypingChanged {
    AccountId peer;
    bool typing = false;
};
// One page of the answer to SearchDirectory.
struct DirectoryPage {
    std::string query;
    std::string after;
    std::vector<Member> members;
    bool more = false;
};
struct MemberPresenceChanged {
    Member member;
};
struct Draft {
    AccountId peer;
    std::string text;
};
// All contacts and conversation heads, once after the vault opened.
struct Opened {
    Self self;
    std::vector<Contact> contacts;
    std::vector<ConversationSummary> conversations;
    std::uint32_t auto_lock_minutes = 0;  // SetAutoLock
    crypto::GossipMark own_list{};        // as in SelfChanged
    std::vector<Draft> drafts{};          // SaveDraft
    DeviceWatch device_watch{};
    bool read_receipts = true;  // SetReadReceipts
};
struct HistoryPage {
    AccountId peer;
    std::uint64_t before_row = 0;
    std::vector<Message> messages;  // oldest first
    bool more = false;              // older ones than these
    std::uint32_t newer = 0;        // as asked
    bool more_newer = false;        // newer ones than these; known only where some were asked for
};
struct HistoryHits {
    std::string query;
    std::vector<Message> messages;  // newest first
};

using ViewChange =
    std::variant<CommandFailed, CommandDone, VaultChanged, SelfChanged, ServerStateChanged,
                 ContactChanged, MessageAdded, MessageStateChanged, ReadUpToChanged, TypingChanged,
                 DirectoryPage, MemberPresenceChanged, Opened, HistoryPage, HistoryHits,
                 DeviceWatchChanged>;

// One turn's result, in the order the runtime must honour: saves, then sends, then changes.
struct Outputs {
    std::vector<SaveOp> saves;
    std::vector<NetworkOutput> sends;
    std::vector<ViewChange> changes;
};

}  // namespace sotto::peer
