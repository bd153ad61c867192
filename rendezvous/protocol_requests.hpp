// What a peer asks of the rendezvous. Include protocol.hpp, which adds the replies and the codec.
//
// Plain values. Every field is what the other side wrote until it has been checked: records and
// signatures are opaque here, names are not yet names. docs/protocol-rendezvous.md has the bytes;
// login and mailbox are docs/protocol.md 2.3, 2.4 and 2.10.
#pragma once

#include "rendezvous/protocol_logins.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sotto::rendezvous {

struct Logout {  // -> Ok; offline at once
    bool operator==(const Logout&) const = default;
};
// -> Pong, or unknown_session while nobody is logged in here. Renews the lease either way.
struct Ping {
    bool operator==(const Ping&) const = default;
};

struct OneTimePrekey {
    std::uint32_t id = 0;  // the record's, not 0
    Bytes record;          // crypto::OpkRec, its PQ key included
    bool operator==(const OneTimePrekey&) const = default;
};
// -> Ok. Replaces the signed prekey; one-time prekeys are added to the pool. Ids only ever rise:
// one that is not above all this device ever published is a repeat and ignored, so no key is served
// twice although a client publishes again after a crash.
struct PublishPrekeys {
    Bytes record;                         // crypto::PreRec, its PQ key included
    std::vector<OneTimePrekey> one_time;  // by rising id
    bool operator==(const PublishPrekeys&) const = default;
};
struct PublishDeviceList {  // -> Ok | not_allowed when the sequence number does not grow
    std::vector<Bytes> certs;
    Bytes device_list;
    bool operator==(const PublishDeviceList&) const = default;
};

// -> Bundle | not_found. A device session may ask for any account it can name; an anonymous
// connection needs the token. One-time prekeys are released against the token only.
struct FetchBundle {
    AccountId account;
    bool want_one_time = false;
    std::optional<MailboxToken> token;  // mailbox token
    bool operator==(const FetchBundle&) const = default;
};
struct LookUp {  // -> Found | not_found ("not listed" and "does not exist" are one answer)
    std::string username;
    bool operator==(const LookUp&) const = default;
};
// -> Members: names containing `query`, in byte order, those after `after`.
struct DirectoryPage {
    std::string query;
    std::string after;
    std::uint8_t limit = max_directory_page;
    bool operator==(const DirectoryPage&) const = default;
};
struct WatchEntry {
    AccountId account;
    std::optional<MailboxToken> token;  // mailbox token, for presence shown to contacts only
    bool operator==(const WatchEntry&) const = default;
};
// -> Ok, then Presence of the watched who are online now, then every change. Replaces the last one.
struct Watch {
    bool directory = false;  // all listed members
    std::vector<WatchEntry> accounts;
    bool operator==(const Watch&) const = default;
};
struct SetListing {  // -> Ok
    bool listed = false;
    Visibility visibility = Visibility::members;
    bool operator==(const SetListing&) const = default;
};
// -> Ok. token_hash = H("PM1/mt", token). The one before stays valid for 14 d unless revoked.
struct SetMailboxToken {
    MailboxTokenHash token_hash;
    bool revoke_previous = false;
    bool operator==(const SetMailboxToken&) const = default;
};

enum class PutAuthority : std::uint8_t {
    mailbox_token = 0,  // any connection
    request = 1,        // device session; a stranger's contact request
    own_device = 2,     // device session, to another device of the same account
};
// -> Accepted after the store's commit, or at once when stored = false (typing, presence,
// endpoints: relayed if the recipient is online, else dropped). Idempotent by (device, envelope).
struct PutMail {
    AccountId account;
    DeviceId device;
    EnvelopeId envelope;
    PutAuthority authority = PutAuthority::mailbox_token;
    std::optional<MailboxToken> token;  // present exactly for mailbox_token
    bool stored = true;
    Bytes item;  // sealed, <= max_item_bytes
    bool operator==(const PutMail&) const = default;
};
// -> Ok (none when request_id is 0). Names rows, never "all up to": commit order is not row order.
struct AckMail {
    std::vector<std::uint64_t> rows;  // strictly increasing, none 0
    bool operator==(const AckMail&) const = default;
};

// -> Observed, over any connection: a peer asks from the port it wants others to dial.
struct Observe {
    bool operator==(const Observe&) const = default;
};

using Request =
    std::variant<ChallengeRequest, Register, LoginPassword, LoginDevice, Logout, Ping,
                 PublishPrekeys, PublishDeviceList, FetchBundle, LookUp, DirectoryPage, Watch,
                 SetListing, SetMailboxToken, PutMail, AckMail, Observe, ChangePassword>;

struct RequestFrame {
    RequestId id = 0;
    Request request;
    bool operator==(const RequestFrame&) const = default;
};

}  // namespace sotto::rendezvous
