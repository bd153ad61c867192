#include "crypto/dev_list.hpp"

#include "crypto/signatures.hpp"

namespace sotto::crypto {

struct DevList::Parts {
    std::uint64_t seq;
    std::uint64_t issued_ms;
    std::uint64_t not_after_ms;
    DevListHash previous_hash;
    std::vector<DevListEntry> entries;
};

namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_primary = 1;
const DevListHash no_previous{ByteArray<32>{}};

DevListHash hash_of(ByteView encoded) {
    return DevListHash(hash(label::dev_list_hash, {encoded}));
}

bool by_device(const DevListEntry& a, const DevListEntry& b) noexcept {
    return a.device < b.device;
}

/// Strictly ascending: sorted and without doubles, so that a set of devices has one encoding.
bool entries_are_valid(const std::vector<DevListEntry>& entries) noexcept {
    return !entries.empty() && entries.size() <= devices_max &&
           std::adjacent_find(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
               return !by_device(a, b);
           }) == entries.end();
}

}  // namespace

DevList::DevList(const AccountId& account, Parts parts, Bytes encoded, const DevListHash& hash)
    : account_(account),
      seq_(parts.seq),
      issued_ms_(parts.issued_ms),
      not_after_ms_(parts.not_after_ms),
      previous_hash_(parts.previous_hash),
      entries_(std::move(parts.entries)),
      encoded_(std::move(encoded)),
      hash_(hash) {}

DevList DevList::sign(const OwnAccountKey& account, Parts parts) {
    std::sort(parts.entries.begin(), parts.entries.end(), by_device);
    ensure(entries_are_valid(parts.entries), "1..8 different devices");
    Writer out(encoded_size_max);
    out.u8(version)
        .raw(account.public_key().view())
        .u64(parts.seq)
        .u64(parts.issued_ms)
        .u64(parts.not_after_ms)
        .raw(parts.previous_hash.view())
        .u8(static_cast<std::uint8_t>(parts.entries.size()));
    for (const DevListEntry& entry : parts.entries)
        out.raw(entry.device.view()).raw(entry.cert.view()).u8(entry.primary ? flag_primary : 0);
    const Signature signature = sign_dev_list(account, out.view());
    out.raw(signature.view());
    const DevListHash hash = hash_of(out.view());
    return DevList(account.public_key(), std::move(parts), std::move(out).take(), hash);
}

DevList DevList::first(const OwnAccountKey& account, std::vector<DevListEntry> entries,
                       std::uint64_t now_ms) {
    return sign(account, Parts{.seq = 1,
                               .issued_ms = now_ms,
                               .not_after_ms = now_ms + dev_list_validity_ms,
                               .previous_hash = no_previous,
                               .entries = std::move(entries)});
}

DevList DevList::successor(const OwnAccountKey& account, const DevList& previous,
                           std::vector<DevListEntry> entries, std::uint64_t now_ms) {
    ensure(previous.account() == account.public_key(), "the list before is of the same account");
    return sign(account, Parts{.seq = previous.seq() + 1,
                               .issued_ms = now_ms,
                               .not_after_ms = now_ms + dev_list_validity_ms,
                               .previous_hash = previous.hash(),
                               .entries = std::move(entries)});
}

Result<DevList, RecordError> DevList::decode(ByteView bytes) {
    VerifiedRecords none;
    return decode(bytes, none);
}

Result<DevList, RecordError> DevList::decode(ByteView bytes, VerifiedRecords& known) {
    if (bytes.size() < encoded_size_min || bytes.size() > encoded_size_max)
        return Unexpected(RecordError::malformed);
    Reader in(bytes);
    if (in.u8() != version) return Unexpected(RecordError::malformed);
    const AccountId account(in.array<32>());
    Parts parts{.seq = in.u64(),
                .issued_ms = in.u64(),
                .not_after_ms = in.u64(),
                .previous_hash = DevListHash(in.array<32>()),
                .entries = {}};
    const std::size_t count = in.u8();
    if (count > devices_max) return Unexpected(RecordError::malformed);
    bool flags_known = true;
    for (std::size_t i = 0; i < count; ++i) {
        const DeviceId device(in.array<16>());
        const CertHash cert(in.array<32>());
        const std::uint8_t flags = in.u8();
        flags_known = flags_known && (flags & ~flag_primary) == 0;
        parts.entries.push_back({.device = device, .cert = cert, .primary = flags == flag_primary});
    }
    const Signature signature(in.array<64>());
    const bool chain_start = parts.seq == 1;
    if (!in.finished() || !flags_known || !entries_are_valid(parts.entries) || parts.seq == 0 ||
        (parts.previous_hash == no_previous) != chain_start ||
        parts.not_after_ms <= parts.issued_ms ||
        parts.not_after_ms - parts.issued_ms > dev_list_validity_ms)
        return Unexpected(RecordError::malformed);
    const DevListHash hash = hash_of(bytes);
    if (!known.has(hash.view())) {
        if (!verify_dev_list(account, bytes.first(bytes.size() - Signature::size), signature))
            return Unexpected(RecordError::bad_signature);
        known.add(hash.view());
    }
    return DevList(account, std::move(parts), Bytes(bytes.begin(), bytes.end()), hash);
}

const DevListEntry* DevList::find(const DeviceId& device) const noexcept {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(),
                     [&](const DevListEntry& entry) { return entry.device == device; });
    return found == entries_.end() ? nullptr : &*found;
}

bool DevList::contains(const Cert& cert) const noexcept {
    const DevListEntry* entry = find(cert.device());
    return cert.account() == account_ && entry != nullptr && entry->cert == cert.hash();
}

bool DevList::expired(std::uint64_t now_ms) const noexcept {
    // Subtraction, because a date near 2^64 plus the tolerance would wrap round.
    return now_ms > not_after_ms_ && now_ms - not_after_ms_ > clock_tolerance_ms;
}

DevListMark mark_of(const DevList& list) noexcept {
    return {.seq = list.seq(), .hash = list.hash()};
}

Result<DevListOrder, DevListError> compare_dev_lists(const std::optional<DevListMark>& held,
                                                     const DevList& incoming) noexcept {
    if (!held) return DevListOrder::first_seen;
    if (incoming.seq() < held->seq) return Unexpected(DevListError::rollback);
    if (incoming.seq() == held->seq) {
        if (incoming.hash() != held->hash) return Unexpected(DevListError::fork);
        return DevListOrder::same;
    }
    // With a larger gap the lists between are not known, so their chain cannot be checked.
    if (incoming.seq() - held->seq == 1 && incoming.previous_hash() != held->hash)
        return Unexpected(DevListError::broken_chain);
    return DevListOrder::newer;
}

GossipMark gossip_of(const DevListMark& mark) noexcept {
    GossipMark out{.seq = mark.seq, .hash8 = {}};
    std::copy_n(mark.hash.bytes().begin(), out.hash8.size(), out.hash8.begin());
    return out;
}

GossipVerdict compare_gossip(const DevListMark& ours, const GossipMark& theirs) noexcept {
    if (theirs.seq < ours.seq) return GossipVerdict::they_are_behind;
    if (theirs.seq > ours.seq) return GossipVerdict::we_are_behind;
    return gossip_of(ours) == theirs ? GossipVerdict::agree : GossipVerdict::fork;
}

}  // namespace sotto::crypto
