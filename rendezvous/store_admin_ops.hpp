// Ops for the operator: members, invites, counts. Include store_ops.hpp, which has them all.
//
// Plain values: an op, then its result. Nothing here shows more than the tables hold: names, sizes
// and times, no content and nobody's contacts.
#pragma once

#include "rendezvous/store_account_ops.hpp"

namespace sotto::rendezvous::ops {

// What a list returns at once: 1,000 rows of about 200 bytes.
inline constexpr std::size_t max_admin_rows = 1000;

// --- invites -----------------------------------------------------------------------------------

struct AddInvite {  // -> Done
    InviteHash hash;
    std::uint32_t uses = 1;
    std::uint64_t not_after_ms = 0;
    std::uint64_t created_ms = 0;
    std::string note = {};  // the operator's own words
};
struct ListInvites {  // -> InviteList: those that are still good, oldest first
    std::uint64_t now_ms = 0;
};
struct InviteRow {
    InviteHash hash;
    std::uint32_t uses = 0;
    std::uint32_t uses_left = 0;
    std::uint64_t created_ms = 0;
    std::uint64_t not_after_ms = 0;
    std::string note;
};
struct InviteList {
    std::vector<InviteRow> invites;
    bool more = false;
};
// The invite whose hash begins with these bytes; none when several do.
struct RevokeInvite {
    Bytes hash_start;
};
enum class RevokeResult : std::uint8_t { revoked, unknown, ambiguous };

// --- members -----------------------------------------------------------------------------------

struct ListAccounts {  // -> AccountPage, by name
    std::string query;
    std::string after;
    std::size_t limit = 0;
};
struct AccountInfo {
    AccountId account;
    std::string username;
    std::uint64_t created_ms = 0;
    bool listed = false;
    Visibility visibility = Visibility::members;
    bool disabled = false;
    std::size_t devices = 0;
    std::size_t mail_items = 0;
    std::size_t mail_bytes = 0;
};
struct AccountPage {
    std::vector<AccountInfo> accounts;
    bool more = false;
};
struct FindAccount {  // -> FindAccountResult
    std::string username;
};
using FindAccountResult = std::optional<AccountInfo>;

// A disabled account cannot log in and is not shown in the directory; its mail stays.
struct SetDisabled {
    std::string username;
    bool disabled = true;
};
// With devices, prekeys, waiting mail and contact requests, sent and received. Frees the name.
struct RemoveAccount {
    std::string username;
};
struct AccountChanged {  // of both; no account when there is no such name
    std::optional<AccountId> account;
};

// --- counts ------------------------------------------------------------------------------------

struct CountAll {  // -> StoreCounts
    std::uint64_t now_ms = 0;
};
struct StoreCounts {
    std::uint64_t accounts = 0;
    std::uint64_t listed = 0;
    std::uint64_t disabled = 0;
    std::uint64_t devices = 0;
    std::uint64_t invites = 0;
};

}  // namespace sotto::rendezvous::ops
