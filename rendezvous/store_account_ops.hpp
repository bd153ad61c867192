// Ops about accounts, prekeys and the directory. Include store_ops.hpp, which adds mail.
//
// Plain values: an op, then its result. store_ops.hpp says what holds for all of them.
#pragma once

#include "rendezvous/protocol.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sotto::rendezvous::ops {

using InviteHash = crypto::FixedBytes<struct InviteHashTag, 32>;  // H("PM1/invite", token)

struct MailAddress {
    AccountId account;
    DeviceId device;
    auto operator<=>(const MailAddress&) const = default;
};

// --- accounts ----------------------------------------------------------------------------------

struct CreateAccount {
    AccountId account;
    std::string username;
    crypto::LkPublic login_key;
    DeviceId device;
    crypto::DskPublic dsk;
    Bytes cert;
    Bytes device_list;
    std::uint64_t list_seq = 0;
    bool listed = false;
    Visibility visibility = Visibility::members;
    std::optional<InviteHash> invite;  // counted down when the account is new
    bool invite_required = false;
    std::uint64_t now_ms = 0;
};
enum class CreateResult : std::uint8_t {
    created,
    repeated,  // this account, name, login key and device are registered already
    name_taken,
    account_taken,  // the account exists with another name, login key or device
    invite_needed,
};

struct FindLogin {  // -> FindLoginResult
    std::string username;
};
struct LoginRow {
    AccountId account;
    crypto::LkPublic login_key;
    bool disabled = false;
};
using FindLoginResult = std::optional<LoginRow>;

// `to` in place of `from`, which must be the account's login key: of two changes at once the second
// finds that it is not.
struct ChangeLogin {
    AccountId account;
    crypto::LkPublic from;
    crypto::LkPublic to;
};
enum class ChangeLoginResult : std::uint8_t { changed, other_key };

// Current and previous mailbox token, by hash; the previous one until `previous_until_ms`.
struct TokenHashes {
    std::optional<MailboxTokenHash> current;
    std::optional<MailboxTokenHash> previous;
    std::uint64_t previous_until_ms = 0;
    [[nodiscard]] bool accept(const MailboxTokenHash& hash, std::uint64_t now_ms) const {
        return current == hash || (previous == hash && now_ms < previous_until_ms);
    }
};

struct OpenDevice {  // -> OpenDeviceResult
    MailAddress address;
};
struct DeviceRow {
    std::string username;
    crypto::DskPublic dsk;
    bool listed = false;
    Visibility visibility = Visibility::members;
    TokenHashes tokens;
    std::size_t one_time_left = 0;
    std::size_t mail_waiting = 0;
    bool disabled = false;
};
using OpenDeviceResult = std::optional<DeviceRow>;

struct ListedDevice {
    DeviceId device;
    crypto::DskPublic dsk;
    Bytes cert;
};
// Replaces the list; devices that are no longer in it lose their mail and prekeys.
struct ReplaceDevices {
    AccountId account;
    std::vector<ListedDevice> devices;
    Bytes device_list;
    std::uint64_t list_seq = 0;
};
enum class ReplaceDevicesResult : std::uint8_t { replaced, stale, unknown_account };

struct SetListing {
    AccountId account;
    bool listed = false;
    Visibility visibility = Visibility::members;
};
struct SetToken {  // -> TokenHashes as they are now
    AccountId account;
    MailboxTokenHash hash;
    bool revoke_previous = false;
    std::uint64_t now_ms = 0;
};

// --- prekeys -----------------------------------------------------------------------------------

struct PublishPrekeys {  // -> OneTimeLeft
    MailAddress address;
    Bytes record;
    std::vector<OneTimePrekey> one_time;  // those not above the highest id so far are ignored
    std::size_t max_one_time = max_one_time_per_device;
};
struct OneTimeLeft {
    std::size_t count = 0;
};

struct ReadBundle {  // -> ReadBundleResult
    AccountId account;
    std::optional<MailboxTokenHash> token;
    bool token_required = false;  // without a valid token: nothing, as if there were no account
    bool take_one_time = false;   // one per device, only with a valid token
    std::uint64_t now_ms = 0;
};
struct BundleDevice {
    DeviceId device;
    Bytes cert;
    Bytes prekeys;
    Bytes one_time;
    std::size_t one_time_left = 0;
};
struct BundleRow {
    Bytes device_list;
    std::vector<BundleDevice> devices;
};
using ReadBundleResult = std::optional<BundleRow>;

// --- directory ---------------------------------------------------------------------------------

struct FindMember {  // -> FindMemberResult; also those not listed. Disabled: as if not listed
    std::string username;
};
struct MemberRow {
    AccountId account;
    std::string username;
    bool listed = false;
    Visibility visibility = Visibility::members;
};
using FindMemberResult = std::optional<MemberRow>;

struct ListMembers {  // -> MemberPage: listed members, by name
    std::string query;
    std::string after;
    std::size_t limit = 0;
};
struct MemberPage {
    std::vector<MemberRow> members;
    bool more = false;
};

}  // namespace sotto::rendezvous::ops
