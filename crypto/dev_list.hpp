// The list of an account's devices, signed by the account alone: the server cannot add one.
//
// A DevList object is always valid (like Cert). Whether it may REPLACE the list held so far is
// compare_dev_lists(): it refuses rollback, forks and broken chains. Gossip marks inside messages
// tell a withheld list. docs/protocol.md 2.2.
#pragma once

#include <vector>

#include "crypto/cert.hpp"

namespace sotto::crypto {

inline constexpr std::size_t devices_max = 8;  // fan-out of a message stays small
inline constexpr std::uint64_t day_ms = 24ULL * 60 * 60 * 1000;
inline constexpr std::uint64_t dev_list_validity_ms = 90 * day_ms;
inline constexpr std::uint64_t dev_list_resign_ms = 30 * day_ms;
/// How far clocks may differ before a validity date counts.
inline constexpr std::uint64_t clock_tolerance_ms = 2 * day_ms;

struct DevListEntry {
    DeviceId device;
    CertHash cert;
    bool primary;  ///< holds the account's master key (flags bit 0)
    friend bool operator==(const DevListEntry&, const DevListEntry&) = default;
};

class DevList {
public:
    static constexpr std::size_t encoded_size_min = 90 + 49 + 64;
    static constexpr std::size_t encoded_size_max = 90 + devices_max * 49 + 64;

    /// List number 1. 1..8 entries with different device ids: anything else is our own bug.
    [[nodiscard]] static DevList first(const OwnAccountKey& account,
                                       std::vector<DevListEntry> entries, std::uint64_t now_ms);
    /// The next list after `previous`, which must be of the same account.
    [[nodiscard]] static DevList successor(const OwnAccountKey& account, const DevList& previous,
                                           std::vector<DevListEntry> entries, std::uint64_t now_ms);
    /// Errors: malformed, bad_signature. Entries must be sorted by device id, without doubles.
    [[nodiscard]] static Result<DevList, RecordError> decode(ByteView bytes);
    /// The same, but that the signature of the very same bytes is checked once only.
    [[nodiscard]] static Result<DevList, RecordError> decode(ByteView bytes,
                                                             VerifiedRecords& known);

    [[nodiscard]] ByteView encoded() const noexcept { return encoded_; }
    [[nodiscard]] const DevListHash& hash() const noexcept { return hash_; }
    [[nodiscard]] const AccountId& account() const noexcept { return account_; }
    [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }
    [[nodiscard]] std::uint64_t issued_ms() const noexcept { return issued_ms_; }
    [[nodiscard]] std::uint64_t not_after_ms() const noexcept { return not_after_ms_; }
    [[nodiscard]] const DevListHash& previous_hash() const noexcept { return previous_hash_; }
    [[nodiscard]] const std::vector<DevListEntry>& entries() const noexcept { return entries_; }
    /// The entry of a device, or nullptr.
    [[nodiscard]] const DevListEntry* find(const DeviceId& device) const noexcept;
    /// The certificate belongs to this account and stands in this list, by hash.
    [[nodiscard]] bool contains(const Cert& cert) const noexcept;
    /// Past not_after plus the clock tolerance: keep sessions, warn, start no new ones.
    [[nodiscard]] bool expired(std::uint64_t now_ms) const noexcept;
    friend bool operator==(const DevList& a, const DevList& b) { return a.encoded_ == b.encoded_; }

private:
    struct Parts;
    [[nodiscard]] static DevList sign(const OwnAccountKey& account, Parts parts);
    DevList(const AccountId& account, Parts parts, Bytes encoded, const DevListHash& hash);
    AccountId account_;
    std::uint64_t seq_;
    std::uint64_t issued_ms_;
    std::uint64_t not_after_ms_;
    DevListHash previous_hash_;
    std::vector<DevListEntry> entries_;
    Bytes encoded_;
    DevListHash hash_;
};

/// What is kept of the newest list seen of an account.
struct DevListMark {
    std::uint64_t seq;
    DevListHash hash;
    friend bool operator==(const DevListMark&, const DevListMark&) = default;
};
[[nodiscard]] DevListMark mark_of(const DevList& list) noexcept;

enum class DevListOrder : std::uint8_t { first_seen, same, newer };
enum class DevListError : std::uint8_t {
    rollback,      ///< lower seq than the one held
    fork,          ///< same seq, other content
    broken_chain,  ///< seq + 1 whose prev_hash is not the hash held
};
[[nodiscard]] constexpr std::string_view to_string(DevListError error) noexcept {
    switch (error) {
        case DevListError::rollback:
            return "older device list";
        case DevListError::fork:
            return "forked device list";
        case DevListError::broken_chain:
            return "device list does not follow the one held";
    }
    return "unknown";
}
/// May `incoming` be adopted where `held` is what we have (of the same account)?
[[nodiscard]] Result<DevListOrder, DevListError> compare_dev_lists(
    const std::optional<DevListMark>& held, const DevList& incoming) noexcept;

/// (seq, first 8 bytes of the hash): 16 bytes in every envelope.
struct GossipMark {
    std::uint64_t seq;
    ByteArray<8> hash8;
    friend bool operator==(const GossipMark&, const GossipMark&) = default;
};
[[nodiscard]] GossipMark gossip_of(const DevListMark& mark) noexcept;

enum class GossipVerdict : std::uint8_t {
    agree,
    they_are_behind,  ///< they hold an older list: offer ours
    we_are_behind,    ///< they hold a newer one: fetch; warn if it does not come
    fork,             ///< same seq, other hash: warn
};
/// `ours`: what we hold about an account; `theirs`: what the peer says it holds about the same one.
[[nodiscard]] GossipVerdict compare_gossip(const DevListMark& ours,
                                           const GossipMark& theirs) noexcept;

}  // namespace sotto::crypto
