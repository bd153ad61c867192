// The bytes of an outbox entry, in the database only.
//
//   u8 version || u64 order || u8 cargo || u8 stage || u8 has_device || u64 seq || u64 created ||
//   u16 plain || u8 has_ciphertext [u8 kind || session 16 || u16 payload] || u8 spoken
#include "peer/engine/outbox.hpp"

namespace sotto::peer::engine {
namespace {

// 1 ended before the last byte.
constexpr std::uint8_t blob_version = 2;

bool is_durable_cargo(std::uint8_t value) {
    return value >= static_cast<std::uint8_t>(Cargo::text) &&
           value <= static_cast<std::uint8_t>(Cargo::renewal);
}

bool is_stage(std::uint8_t value) {
    return value >= static_cast<std::uint8_t>(Stage::waiting) &&
           value <= static_cast<std::uint8_t>(Stage::failed);
}

bool read_sealed(crypto::Reader& in, Entry& entry) {
    const std::uint8_t has_sealed = in.u8();
    if (has_sealed == 0) return true;
    const std::uint8_t kind = in.u8();
    const crypto::SessionId session(in.array<16>());
    const ByteView payload = in.sized16();
    const bool init = kind == static_cast<std::uint8_t>(crypto::SealedKind::init);
    const bool message = kind == static_cast<std::uint8_t>(crypto::SealedKind::message);
    if (has_sealed != 1 || (!init && !message)) return false;
    entry.sealed = Encrypted{.kind = static_cast<crypto::SealedKind>(kind),
                             .session = session,
                             .payload = Bytes(payload.begin(), payload.end())};
    return true;
}

}  // namespace

Bytes encode_entry(const Entry& entry) {
    crypto::Writer out(64 + entry.bytes());
    out.u8(blob_version).u64(entry.order).u8(static_cast<std::uint8_t>(entry.cargo));
    out.u8(static_cast<std::uint8_t>(entry.stage)).u8(entry.device ? 1 : 0);
    out.u64(entry.seq).u64(entry.created_ms).sized16(entry.plain);
    out.u8(entry.sealed ? 1 : 0);
    if (entry.sealed) {
        out.u8(static_cast<std::uint8_t>(entry.sealed->kind)).raw(entry.sealed->session.view());
        out.sized16(entry.sealed->payload);
    }
    out.u8(entry.spoken ? 1 : 0);
    return std::move(out).take();
}

std::optional<Entry> decode_entry(const SaveOutbox& row) {
    crypto::Reader in(row.entry);
    const std::uint8_t version = in.u8();
    if (version == 0 || version > blob_version) return std::nullopt;
    Entry entry{.order = in.u64(),
                .envelope = row.envelope,
                .message = row.message,
                .account = row.account};
    const std::uint8_t cargo = in.u8();
    const std::uint8_t stage = in.u8();
    const std::uint8_t has_device = in.u8();
    entry.seq = in.u64();
    entry.created_ms = in.u64();
    const ByteView plain = in.sized16();
    if (!is_durable_cargo(cargo) || !is_stage(stage) || has_device > 1) return std::nullopt;
    if (!read_sealed(in, entry)) return std::nullopt;
    entry.cargo = static_cast<Cargo>(cargo);
    entry.stage = static_cast<Stage>(stage);
    // As far as the older blob tells.
    const bool seems_spoken = entry.sealed.has_value() || entry.stage != Stage::waiting;
    const std::uint8_t spoken = version >= 2 ? in.u8() : std::uint8_t{seems_spoken};
    if (!in.finished() || spoken > 1) return std::nullopt;
    entry.spoken = spoken == 1;
    if (has_device == 1) entry.device = row.device;
    entry.plain.assign(plain.begin(), plain.end());
    return entry;
}

}  // namespace sotto::peer::engine
