// The bytes of a contact's engine state, in the database only.
//
//   u8 version || u16 list || u8 has_token [token 32] || u64 token_serial || u64 next_seq ||
//   u8 devices || (device 16 || u8 suite_floor || u64 prerec_seq || u8 has_seal [u32 id || key 32
//   || u64 created || u64 not_after] || ranges received || ranges read || u16 n (u64 seq || u64
//   row)* || u16 n (u64 row || u64 first || u64 last)* || u8 due || u64 gaps told up to ||
//   u64 gaps seen up to || u64 gaps seen at || u64 reset at || u8 held)* || [new key] ||
//   [refused key] || u8 name is a claim || u8 n (device 16 || u8 suite_floor || u64 prerec_seq)* of
//   removed devices || u8 n marks told of ours || u8 n marks told of theirs || u64 expired list
//   told
#include "peer/engine/contact.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

// 1 ended after the devices, 2 before the claim; devices to 3 ended after `due`, in 4 one number
// later, and 4 ended with the claim.
constexpr std::uint8_t blob_version = 5;

void write(crypto::Writer& out, const DeviceId& id, const PeerDevice& device) {
    out.raw(id.view()).u8(device.floor.suite_floor).u64(device.floor.prerec_seq);
    out.u8(device.seal ? 1 : 0);
    if (device.seal) {
        out.u32(device.seal->target.mbk_id).raw(device.seal->target.mbk.view());
        out.u64(device.seal->created_ms).u64(device.seal->not_after_ms);
    }
    write_ranges(out, device.received);
    write_ranges(out, device.read);
    out.u16(static_cast<std::uint16_t>(device.gap_rows.size()));
    for (const auto& [seq, row] : device.gap_rows)
        out.u64(seq).u64(row);
    out.u16(static_cast<std::uint16_t>(device.unread.size()));
    for (const UnreadMark& mark : device.unread) {
        out.u64(mark.row).u64(mark.range.first).u64(mark.range.last);
    }
    out.u8(static_cast<std::uint8_t>(device.due)).u64(device.gaps_told_up_to);
    out.u64(device.gaps_seen_up_to).u64(device.gaps_seen_ms).u64(device.reset_ms);
    out.u8(device.held ? 1 : 0);
}

void write(crypto::Writer& out, const std::vector<crypto::GossipMark>& marks) {
    out.u8(static_cast<std::uint8_t>(marks.size()));
    for (const crypto::GossipMark& mark : marks)
        out.u64(mark.seq).raw(mark.hash8);
}

bool read_marks(crypto::Reader& in, std::vector<crypto::GossipMark>& marks) {
    const std::size_t count = in.u8();
    if (count > lists_told_max) return false;
    for (std::size_t i = 0; i < count; ++i)
        marks.push_back({.seq = in.u64(), .hash8 = in.array<8>()});
    return true;
}

// What 5 added.
bool read_lists(crypto::Reader& in, ContactRecord& record) {
    const std::size_t former = in.u8();
    if (former > former_devices_max) return false;
    for (std::size_t i = 0; i < former; ++i) {
        const DeviceId id(in.array<16>());
        if (!record.former.empty() && record.former.rbegin()->first >= id) return false;
        const crypto::DeviceFloor floor{.suite_floor = in.u8(), .prerec_seq = in.u64()};
        record.former.emplace_hint(record.former.end(), id, floor);
    }
    if (!read_marks(in, record.told.of_ours) || !read_marks(in, record.told.of_theirs)) {
        return false;
    }
    record.told.expired = in.u64();
    return true;
}

void write(crypto::Writer& out, const std::optional<AccountId>& key) {
    out.u8(key ? 1 : 0);
    if (key) out.raw(key->view());
}

bool read_key(crypto::Reader& in, std::optional<AccountId>& key) {
    const std::uint8_t has_key = in.u8();
    if (has_key == 1) key = AccountId(in.array<32>());
    return has_key <= 1;
}

bool read_seal(crypto::Reader& in, const DeviceId& id, PeerDevice& device) {
    const std::uint8_t has_seal = in.u8();
    if (has_seal == 0) return true;
    const std::uint32_t mbk_id = in.u32();
    const auto mbk = crypto::MbkPublic::parse(in.raw(32));
    const std::uint64_t created_ms = in.u64();
    const std::uint64_t not_after_ms = in.u64();
    if (has_seal != 1 || !mbk) return false;
    device.seal = SealKey{.target = {.device = id, .mbk_id = mbk_id, .mbk = *mbk},
                          .created_ms = created_ms,
                          .not_after_ms = not_after_ms};
    return true;
}

bool read_rows(crypto::Reader& in, PeerDevice& device) {
    const std::size_t gaps = in.u16();
    if (gaps > wire::SeqSet::max_ranges) return false;
    for (std::size_t i = 0; i < gaps; ++i) {
        const std::uint64_t seq = in.u64();
        const std::uint64_t row = in.u64();
        if (!device.gap_rows.empty() && device.gap_rows.rbegin()->first >= seq) return false;
        device.gap_rows.emplace_hint(device.gap_rows.end(), seq, row);
    }
    const std::size_t marks = in.u16();
    if (marks > unread_marks_max) return false;
    for (std::size_t i = 0; i < marks; ++i) {
        UnreadMark mark{.row = in.u64(), .range = {.first = in.u64(), .last = in.u64()}};
        if (mark.range.first == 0 || mark.range.last < mark.range.first) return false;
        if (!device.unread.empty() && device.unread.back().row > mark.row) return false;
        device.unread.push_back(mark);
    }
    return true;
}

std::optional<std::pair<DeviceId, PeerDevice>> read_device(crypto::Reader& in,
                                                           std::uint8_t version) {
    const DeviceId id(in.array<16>());
    PeerDevice device;
    device.floor.suite_floor = in.u8();
    device.floor.prerec_seq = in.u64();
    if (!read_seal(in, id, device)) return std::nullopt;
    auto received = wire::read_ranges(in);
    auto read = wire::read_ranges(in);
    if (!received || !read || !read_rows(in, device)) return std::nullopt;
    device.received = std::move(*received);
    device.read = std::move(*read);
    const std::uint8_t due = in.u8();
    if (due > static_cast<std::uint8_t>(ReceiptDue::read)) return std::nullopt;
    device.due = static_cast<ReceiptDue>(due);
    // What was missing before this was looked at is not told of now.
    device.gaps_told_up_to = version < 4 ? device.received.largest() : in.u64();
    if (version >= 5) {
        device.gaps_seen_up_to = in.u64();
        device.gaps_seen_ms = in.u64();
        device.reset_ms = in.u64();
    }
    const std::uint8_t held = version < 5 ? 0 : in.u8();
    if (held > 1) return std::nullopt;
    device.held = held == 1;
    return std::pair{id, std::move(device)};
}

}  // namespace

Bytes encode_contact_state(const ContactRecord& record) {
    crypto::Writer out(512);
    out.u8(blob_version);
    out.sized16(record.list ? record.list->encoded() : ByteView{});
    out.u8(record.token ? 1 : 0);
    if (record.token) out.raw(record.token->view());
    out.u64(record.token_serial).u64(record.next_seq);
    crypto::ensure(record.devices.size() <= crypto::devices_max, "as many devices as a list has");
    out.u8(static_cast<std::uint8_t>(record.devices.size()));
    for (const auto& [id, device] : record.devices)
        write(out, id, device);
    write(out, record.view.new_key);
    write(out, record.refused_key);
    out.u8(record.name_is_claim ? 1 : 0);
    out.u8(static_cast<std::uint8_t>(record.former.size()));
    for (const auto& [id, floor] : record.former)
        out.raw(id.view()).u8(floor.suite_floor).u64(floor.prerec_seq);
    write(out, record.told.of_ours);
    write(out, record.told.of_theirs);
    out.u64(record.told.expired);
    return std::move(out).take();
}

std::optional<ContactRecord> decode_contact_state(const Contact& contact, ByteView bytes) {
    ContactRecord record{.view = contact};
    record.view.presence = Presence::unknown;
    record.view.path = Path::none;
    crypto::Reader in(bytes);
    const std::uint8_t version = in.u8();
    if (version == 0 || version > blob_version) return std::nullopt;
    const ByteView list = in.sized16();
    if (!list.empty()) {
        auto decoded = crypto::DevList::decode(list);
        if (!decoded || decoded->account() != contact.account) return std::nullopt;
        record.list = std::move(*decoded);
    }
    const std::uint8_t has_token = in.u8();
    if (has_token > 1) return std::nullopt;
    if (has_token == 1) record.token = wire::Token(in.array<32>());
    record.token_serial = in.u64();
    record.next_seq = in.u64();
    const std::size_t devices = in.u8();
    for (std::size_t i = 0; i < devices; ++i) {
        auto device = read_device(in, version);
        if (!device) return std::nullopt;
        const bool rising =
            record.devices.empty() || record.devices.rbegin()->first < device->first;
        if (!rising) return std::nullopt;
        record.devices.emplace_hint(record.devices.end(), std::move(*device));
    }
    const bool keys_fit =
        version == 1 || (read_key(in, record.view.new_key) && read_key(in, record.refused_key));
    const std::uint8_t claim = version < 3 ? 0 : in.u8();
    record.name_is_claim = claim == 1;
    const bool lists_fit = version < 5 || read_lists(in, record);
    if (!keys_fit || !lists_fit || claim > 1 || !in.finished() || record.next_seq == 0)
        return std::nullopt;
    return record;
}

ContactRecord rescue_contact_state(const Contact& contact, ByteView bytes) {
    ContactRecord record{.view = contact};
    crypto::Reader in(bytes);
    const std::uint8_t version = in.u8();
    auto list = crypto::DevList::decode(in.sized16());
    if (!list || list->account() != contact.account) return record;
    for (const crypto::DevListEntry& entry : list->entries())
        record.devices[entry.device];
    record.list = std::move(*list);
    if (in.u8() == 1) (void)in.array<32>();
    (void)in.u64();
    (void)in.u64();
    const std::size_t devices = std::min<std::size_t>(in.u8(), crypto::devices_max);
    for (std::size_t i = 0; i < devices; ++i) {
        const auto device = read_device(in, version);
        if (!device) break;
        const auto at = record.devices.find(device->first);
        const std::uint8_t floor = device->second.floor.suite_floor;
        // A floor no suite reaches would be damage, too, and would end all talk with the device.
        if (at == record.devices.end() || floor > static_cast<std::uint8_t>(crypto::Suite::hybrid))
            break;
        at->second.floor.suite_floor = floor;
        at->second.held = device->second.held;
    }
    return record;
}

}  // namespace sotto::peer::engine
