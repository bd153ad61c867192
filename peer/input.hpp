// Everything that can happen to a peer, as values: what a person asks, what the network brings.
//
// `Command` is what front ends may post to the runtime. The runtime answers the commands about the
// vault and about history itself and hands the rest to the engine; `Input` is what the engine's
// step() takes. All bytes in `NetworkInput` are hostile until peer/wire or rendezvous/protocol
// decoded them.
#pragma once

#include "crypto/password.hpp"
#include "crypto/secret.hpp"
#include "peer/model.hpp"

#include <optional>
#include <string>
#include <variant>

namespace sotto::peer {

// --- what a person asks ----------------------------------------------------------------------

// Each command carries a number of the front end's choosing; CommandDone and CommandFailed name it.
// It stands in PostedCommand; the runtime copies it into the `command` field of what it hands to
// the engine, because some answers (a name looked up, a registration) come in a later turn. 0 =
// nobody waits for the answer.
using CommandId = std::uint64_t;

// Create the profile's vault and database, then register `username` at the rendezvous.
struct Register {
    ServerAddress server;
    std::string username;
    crypto::SecretBytes password;          // UTF-8, NFC; never leaves this process
    crypto::SecretBytes vault_passphrase;  // often the same as the password, need not be
    bool listed = true;                    // appear in the member directory
};
// Open an existing vault and log its device in.
struct Unlock {
    crypto::SecretBytes vault_passphrase;
};
// Log out (offline at once), forget every key in memory, close the database.
struct Lock {};
// Wrap the vault's key under another passphrase; the account's password stays as it is. Takes two
// password hashes (0.8 s), while everything else goes on. wrong_passphrase: nothing was changed.
struct ChangePassphrase {
    crypto::SecretBytes old_passphrase;
    crypto::SecretBytes new_passphrase;
    // Also a new database key, so that an old copy of the profile with the old passphrase opens
    // nothing newer. Everything is copied: the vault is closed meanwhile (VaultChanged{unlocking}),
    // and opens by itself. disk_full: the old passphrase stays.
    bool new_key = false;
};
// Lock without being asked when no person was active for so long; 0 = never. Kept in the profile,
// and told in Opened.
struct SetAutoLock {
    std::uint32_t minutes = 0;  // at most auto_lock_minutes_max
};
inline constexpr std::uint32_t auto_lock_minutes_max = 24 * 60;
// A person moved, typed or touched: puts the automatic lock off. Once every few seconds is enough.
// Other commands count as well, but for MarkRead, LoadHistory and SaveDraft, which nobody need be
// there for.
struct NoteActivity {};
// Keep what was typed and not sent, in the profile; an empty text forgets it. Told in Opened. Done
// once it is on the disk.
struct SaveDraft {
    AccountId peer;
    std::string text;  // at most draft_bytes_max
};
inline constexpr std::size_t draft_bytes_max = std::size_t{128} * 1024;  // four messages
inline constexpr std::size_t drafts_max = 1000;  // more than anybody begins and leaves
// Another password for the account at the rendezvous; the vault's passphrase stays as it is, unless
// it is to change too. The old one is proved to the rendezvous, so this needs a connection and
// takes four password hashes (1.6 s) at most, while everything else goes on. wrong_credentials, or
// wrong_passphrase (of `also_passphrase`, looked at first): nothing was changed. password_unclear:
// the rendezvous' answer was lost; either may hold.
struct ChangeAccountPassword {
    crypto::SecretBytes old_password;
    crypto::SecretBytes new_password;
    // Where the passphrase is the old password: the new one instead, once the rendezvous has
    // agreed. passphrase_kept: it agreed, but the disk did not.
    bool also_passphrase = false;
};
// Prove the account password to the rendezvous without using it for anything else.
struct CheckPassword {
    std::string username;
    crypto::SecretBytes password;
};

struct SendContactRequest {
    std::string username;              // looked up; or, when empty,
    std::optional<AccountId> account;  // used as it is (from a QR code or an invite link)
    std::string text;                  // <= 300 characters
    bool allow_direct = false;         // once accepted, direct links may show them our IP address
    CommandId command = 0;
};
struct AcceptContact {
    AccountId account;
    bool allow_direct = false;  // direct links show our IP address to this contact
    CommandId command = 0;
};
struct IgnoreContact {
    AccountId account;
    CommandId command = 0;
};
struct BlockContact {
    AccountId account;
    CommandId command = 0;
};
// The person compared the safety number or the code with this contact (or takes that back).
struct VerifyContact {
    AccountId account;
    bool verified = true;
    CommandId command = 0;
};
// The answer to Contact::new_key. `key` == `account`: keep whom we know, the other is not asked
// about again. `key` == the new one: the contact is blocked, what was queued for it fails with
// key_changed, and the new account is asked (or accepted, if it asked). A verified contact is only
// given up with `although_verified`, the second step of that question.
struct AcceptKey {
    AccountId account;
    AccountId key;
    bool although_verified = false;
    CommandId command = 0;
};
struct SetAllowDirect {
    AccountId account;
    bool allow_direct = false;
    CommandId command = 0;
};
// Nothing goes to, and nothing is taken from, a device that a verified contact adds from now on,
// until AllowDevices.
struct SetHoldNewDevices {
    bool hold = true;
    CommandId command = 0;
};
// The person has asked this contact: the devices that are held (Contact::held_devices) are theirs.
struct AllowDevices {
    AccountId account;
    CommandId command = 0;
};
// The person has read DeviceWatch::own_list_disputed. It is raised again by another list only.
struct SettleOwnList {
    CommandId command = 0;
};
struct SendText {
    AccountId to;
    std::string text;  // 1 .. 32 KiB of UTF-8
    CommandId command = 0;
};
struct RetryMessage {
    MessageId id;
    CommandId command = 0;
};
// The person has seen everything in this conversation up to and including `row`.
struct MarkRead {
    AccountId peer;
    std::uint64_t row = 0;
    CommandId command = 0;
};
// A new session with every device of this contact, because what is written does not arrive or
// cannot be read. At most once an hour: not_possible_now.
struct RestartSession {
    AccountId account;
    CommandId command = 0;
};
// Whether others see what was read here; and, in return, whether their reading is shown here. Off
// is told to nobody, and what is read meanwhile is not told later, on either side. Kept in the
// profile, and told in Opened. That a message *arrived* is always told: its sender keeps it until
// then.
struct SetReadReceipts {
    bool on = true;
    CommandId command = 0;
};
struct SetTyping {
    AccountId peer;
    bool typing = false;
    CommandId command = 0;
};
// Ask the directory for members whose name contains `query`; `after` continues a page.
struct SearchDirectory {
    std::string query;
    std::string after;
    CommandId command = 0;
};
struct SetListed {
    bool listed = true;
    CommandId command = 0;
};

// Answered by the history reader with a HistoryPage: up to `limit` messages before `before_row`
// (0 = from the newest), and up to `newer` from there on, oldest first.
struct LoadHistory {
    AccountId peer;
    std::uint64_t before_row = 0;
    std::uint32_t limit = 50;
    std::uint32_t newer = 0;
};
struct SearchHistory {
    std::string query;
    std::optional<AccountId> peer;
    std::uint32_t limit = 50;
};

using Command = std::variant<Register, Unlock, Lock, ChangePassphrase, SetAutoLock, NoteActivity,
                             SaveDraft, ChangeAccountPassword, CheckPassword, SendContactRequest,
                             AcceptContact, IgnoreContact, BlockContact, VerifyContact, AcceptKey,
                             SetAllowDirect, SetHoldNewDevices, AllowDevices, SettleOwnList,
                             SendText, RetryMessage, MarkRead, RestartSession, SetReadReceipts,
                             SetTyping, SearchDirectory, SetListed, LoadHistory, SearchHistory>;

struct PostedCommand {
    CommandId id = 0;
    Command command;
};

// --- what the network brings -----------------------------------------------------------------

// The two connections to the rendezvous: the one that is logged in, and the one with a throw-away
// key over which sealed items are submitted without saying who submits them.
enum class ServerChannel : std::uint8_t { session, anonymous };

struct ServerUp {
    ServerChannel channel = ServerChannel::session;
};
enum class ServerDownReason : std::uint8_t {
    unreachable,
    refused,    // the rendezvous' ZAP handler said no
    wrong_key,  // CURVE failed: not the server this profile pinned
};
struct ServerDown {
    ServerChannel channel = ServerChannel::session;
    ServerDownReason reason = ServerDownReason::unreachable;
};
struct ServerFrame {
    ServerChannel channel = ServerChannel::session;
    Bytes frame;
};
// The listener for direct links is bound; these are the addresses it may be reached at.
struct ListenerReady {
    std::vector<std::string> endpoints;  // "tcp://192.0.2.7:21345"
};
struct PeerLinkUp {
    LinkId link;
    crypto::CurvePublic remote;  // authenticated by CURVE
    bool inbound = false;
};
struct PeerLinkDown {
    LinkId link;
};
struct PeerFrame {
    LinkId link;
    Bytes frame;
};

using NetworkInput = std::variant<ServerUp, ServerDown, ServerFrame, ListenerReady, PeerLinkUp,
                                  PeerLinkDown, PeerFrame>;

// --- what only the runtime says --------------------------------------------------------------

// Register at the rendezvous with a login key the runtime derived from the password.
struct RegisterAccount {
    std::string username;
    crypto::OwnLk login_key;
    bool listed = true;
    CommandId command = 0;
};
// A password login (purpose: check) with a key the runtime derived.
struct ProvePassword {
    std::string username;
    crypto::OwnLk login_key;
    CommandId command = 0;
};
// Put one login key in place of another, as the account's at the rendezvous.
struct ReplaceLoginKey {
    crypto::OwnLk from;
    crypto::OwnLk to;
    CommandId command = 0;
};
// Open the connections; registered profiles log in as soon as the session channel is up.
struct GoOnline {};
struct GoOffline {};  // log out, drop links
struct Tick {};       // a deadline passed
// What became of an incoming SaveMessage that the database had already, or whose number was known:
// only the database can tell a repeat from another text.
struct RepeatChecked {
    AccountId peer;
    DeviceId device;
    std::uint64_t sender_seq = 0;
    std::uint64_t row = 0;  // that SaveMessage named
    MessageKind kind = MessageKind::text;
    bool number_known = false;
    // Nothing: another text, it stands at `row` now.
    struct Kept {
        std::uint64_t row = 0;
        bool read = false;  // by the person
    };
    std::optional<Kept> kept{};  // where it stood before
};

using Input =
    std::variant<RegisterAccount, ProvePassword, ReplaceLoginKey, GoOnline, GoOffline, Tick,
                 SendContactRequest, AcceptContact, IgnoreContact, BlockContact, VerifyContact,
                 AcceptKey, SetAllowDirect, SetHoldNewDevices, AllowDevices, SettleOwnList,
                 SendText, RetryMessage, MarkRead, RestartSession, SetReadReceipts, SetTyping,
                 SearchDirectory, SetListed, RepeatChecked, ServerUp, ServerDown, ServerFrame,
                 ListenerReady, PeerLinkUp, PeerLinkDown, PeerFrame>;

}  // namespace sotto::peer
