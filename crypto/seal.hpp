// The sealed mailbox item: the server that keeps it does not see who sent it
// (docs/protocol.md 2.10).
//
// The sender named inside is a HINT for finding the session; nobody is authenticated by it.
#pragma once

#include "crypto/prekeys.hpp"

namespace sotto::crypto {

enum class SealedKind : std::uint8_t { init = 1, message = 2 };

/// Whom it is for: from the newest PreRec of the device.
struct SealTarget {
    DeviceId device;
    std::uint32_t mbk_id;
    MbkPublic mbk;
};

struct SealedContent {
    SealedKind kind;
    AccountId sender_account;
    DeviceId sender_device;
    Bytes payload;  ///< an init message or a ratchet message
};

enum class SealError : std::uint8_t {
    malformed,
    unknown_key,  ///< sealed to a mailbox key we do not (any more) have
    bad_key,      ///< low-order or non-canonical key
    not_authentic,
};
[[nodiscard]] constexpr std::string_view to_string(SealError error) noexcept {
    switch (error) {
        case SealError::malformed:
            return "malformed sealed item";
        case SealError::unknown_key:
            return "sealed to an unknown mailbox key";
        case SealError::bad_key:
            return "bad key in sealed item";
        case SealError::not_authentic:
            return "sealed item is not authentic";
    }
    return "unknown";
}

/// What sealing adds to the payload: the 16 bytes of the device id in front included.
inline constexpr std::size_t seal_overhead = 16 + 1 + 4 + 32 + 24 + 1 + 32 + 16 + 16;
/// The largest item a mailbox takes: a frame of 64 KiB less what the mailbox's messages put around
/// it (docs/decisions/0020-frame-and-item-sizes.md).
inline constexpr std::size_t sealed_item_size_max = 65'024;

/// False for a key of low order: nothing can be sealed to it.
[[nodiscard]] bool can_seal_to(const MbkPublic& mbk);
/// The item: recipient device id || sealed. Errors: bad_key.
[[nodiscard]] Result<Bytes, SealError> seal(const SealTarget& target, const SealedContent& content,
                                            RandomSource& random);
/// For which device an item is; all that the server reads of it. Nothing when malformed.
[[nodiscard]] std::optional<DeviceId> sealed_item_device(ByteView item) noexcept;
/// `keys`: every mailbox key whose secret is still kept. An item for another device is malformed.
[[nodiscard]] Result<SealedContent, SealError> open_sealed(ByteView item,
                                                           const DeviceId& own_device,
                                                           std::span<const OwnMailboxKey> keys);

/// The right to put items into an account's mailboxes: shared with contacts, changed weekly.
using MailboxToken = Secret<32>;
/// What the server stores: H("PM1/mt", token).
[[nodiscard]] ByteArray<32> mailbox_token_hash(const MailboxToken& token);
/// The single-use token of an invite link, and what the server stores: H("PM1/invite", token).
using InviteToken = Secret<16>;
[[nodiscard]] ByteArray<32> invite_token_hash(const InviteToken& token);

}  // namespace sotto::crypto
