// What the rendezvous asks of its store, and what comes back: plain values.
//
// Each op is one thing the protocol needs, done atomically where the data is, so that a clustered
// store needs no second round trip and no lock. An op that is refused (name taken, quota full)
// changes nothing and says so in its result. Times are wall-clock milliseconds. Rows of mail are
// numbers the store chooses and never uses again; larger is not necessarily later.
#pragma once

#include "rendezvous/store_account_ops.hpp"
#include "rendezvous/store_admin_ops.hpp"

#include <variant>

namespace sotto::rendezvous::ops {

// --- mail --------------------------------------------------------------------------------------

struct PutMail {  // -> PutMailResult
    MailAddress to;
    EnvelopeId envelope;
    std::optional<MailboxTokenHash> token;    // must be valid when present
    std::optional<AccountId> request_sender;  // a contact request, whose limits are checked
    Bytes item;
    std::uint64_t now_ms = 0;
};
enum class PutStatus : std::uint8_t {
    stored,
    repeated,  // this envelope waits already
    unknown_device,
    not_allowed,  // unknown account, or token neither current nor previous
    quota_full,
    // Contact requests know these only, and `stored`. None of them depends on who the recipient is,
    // or whether there is one, but for stored or swallowed, of which the sender is not told.
    repeated_request,   // the sender's, with this envelope, a day old at most
    too_many_requests,  // of the sender's, whoever they went to
    swallowed,          // no such device, no room there, or another one of the sender's: not a day
                        // old or not yet fetched
};
struct PutMailResult {
    PutStatus status = PutStatus::stored;
    std::uint64_t row = 0;
    std::uint64_t retry_after_ms = 0;  // of too_many_requests
    Bytes item;  // handed back when stored, so that it can be relayed without reading it again
};

struct ListMail {  // -> MailPage, by row
    MailAddress address;
    std::vector<std::uint64_t> skip_rows;  // sorted
    std::size_t max_items = 0;
    std::size_t max_bytes = 0;  // but at least one item
    std::uint64_t now_ms = 0;   // older than mail_ttl_ms: not listed
};
struct MailRow {
    std::uint64_t row = 0;
    Bytes item;
};
struct MailPage {
    std::vector<MailRow> items;
    bool more = false;
};
struct DeleteMail {  // rows of others and unknown rows are left alone
    MailAddress address;
    std::vector<std::uint64_t> rows;
};

// --- upkeep ------------------------------------------------------------------------------------

// Removes what is too old, at most `limit` rows of each kind, so that no transaction gets long.
struct Expire {  // -> Expired
    std::uint64_t now_ms = 0;
    std::size_t limit = 0;
};
struct Expired {
    bool more = false;  // the limit was reached
};
struct Done {};

using Op = std::variant<CreateAccount, FindLogin, ChangeLogin, OpenDevice, ReplaceDevices,
                        SetListing, SetToken, PublishPrekeys, ReadBundle, FindMember, ListMembers,
                        PutMail, ListMail, DeleteMail, Expire, AddInvite, ListInvites, RevokeInvite,
                        ListAccounts, FindAccount, SetDisabled, RemoveAccount, CountAll>;
using OpResult =
    std::variant<CreateResult, FindLoginResult, ChangeLoginResult, OpenDeviceResult,
                 ReplaceDevicesResult, TokenHashes, OneTimeLeft, ReadBundleResult, FindMemberResult,
                 MemberPage, PutMailResult, MailPage, Expired, Done, InviteList, RevokeResult,
                 AccountPage, FindAccountResult, AccountChanged, StoreCounts>;

// docs/protocol.md 2.10: one pending request per sender and device, 20 per sender and day.
inline constexpr std::uint64_t request_window_ms = 24ULL * 3600 * 1000;
inline constexpr std::size_t requests_per_window = 20;
// Requests of strangers that wait for one device. More than a person answers, and together less
// than 1 % of the mailbox, whose room belongs to contacts.
inline constexpr std::size_t requests_waiting_max = 50;

}  // namespace sotto::rendezvous::ops
