#include "crypto/prekeys.hpp"

#include "crypto/signatures.hpp"

namespace sotto::crypto {

namespace {

constexpr std::uint8_t version = 1;

ByteArray<32> pq_hash_or_zeros(const std::optional<PqPublic>& pq) {
    return pq ? pq->key_hash() : ByteArray<32>{};
}

/// What stands in both records about the PQ key, and what rides behind the signature.
struct PqPart {
    std::uint8_t present;
    ByteArray<32> key_hash;
    ByteView key;

    /// Without a key everything is zero and empty: one encoding.
    [[nodiscard]] bool well_formed() const noexcept {
        return present == 1 ? key.size() == kem_public_size
                            : present == 0 && key.empty() && key_hash == ByteArray<32>{};
    }
    [[nodiscard]] Result<std::optional<PqPublic>, RecordError> parse() const {
        if (present == 0) return std::optional<PqPublic>();
        auto parsed = PqPublic::parse(key);
        if (!parsed) return Unexpected(RecordError::malformed);
        if (parsed->key_hash() != key_hash) return Unexpected(RecordError::wrong_pq_key);
        return std::optional(*std::move(parsed));
    }
};

bool validity_is_sane(std::uint64_t created_ms, std::uint64_t not_after_ms) noexcept {
    return not_after_ms > created_ms && not_after_ms - created_ms <= prekey_validity_ms;
}

}  // namespace

PreRec PreRec::create(const OwnDsk& dsk, const Cert& cert, PreRecFields fields) {
    ensure(dsk.public_key() == cert.dsk(), "the certificate is of this device");
    ensure(fields.suite_floor >= 1 && fields.suite_floor <= 3, "suite_floor is a suite");
    ensure(fields.pq.has_value() == (fields.pq_id != 0),
           "a PQ key has an id, and no id without one");
    ensure(validity_is_sane(fields.created_ms, fields.not_after_ms), "valid for at most 21 days");
    Writer out(encoded_size_max);
    out.u8(version)
        .raw(cert.account().view())
        .raw(cert.device().view())
        .raw(cert.hash().view())
        .u64(fields.seq)
        .u8(fields.suite_floor)
        .u32(fields.spk_id)
        .raw(fields.spk.view())
        .u32(fields.mbk_id)
        .raw(fields.mbk.view())
        .u8(fields.pq ? 1 : 0)
        .u32(fields.pq_id)
        .raw(pq_hash_or_zeros(fields.pq))
        .u64(fields.created_ms)
        .u64(fields.not_after_ms);
    const Signature signature = sign_prekey_record(dsk, out.view());
    out.raw(signature.view());
    ensure(out.view().size() == signed_size, "PreRec has its size");
    if (fields.pq) out.raw(fields.pq->view());
    return PreRec(std::move(fields), cert.hash(), std::move(out).take());
}

Result<PreRec, RecordError> PreRec::decode(ByteView bytes, const Cert& cert) {
    Reader in(bytes);
    if (in.u8() != version) return Unexpected(RecordError::malformed);
    const AccountId account(in.array<32>());
    const DeviceId device(in.array<16>());
    const CertHash cert_hash(in.array<32>());
    const std::uint64_t seq = in.u64();
    const std::uint8_t suite_floor = in.u8();
    const std::uint32_t spk_id = in.u32();
    const auto spk = SpkPublic::parse(in.raw(32));
    const std::uint32_t mbk_id = in.u32();
    const auto mbk = MbkPublic::parse(in.raw(32));
    const std::uint8_t pq_present = in.u8();
    const std::uint32_t pq_id = in.u32();
    const auto pq_hash = in.array<32>();
    const std::uint64_t created_ms = in.u64();
    const std::uint64_t not_after_ms = in.u64();
    const Signature signature(in.array<64>());
    const PqPart pq{.present = pq_present, .key_hash = pq_hash, .key = in.rest()};
    if (!in.finished() || !pq.well_formed() || (pq_id != 0) != (pq_present == 1) ||
        suite_floor < 1 || suite_floor > 3 || !validity_is_sane(created_ms, not_after_ms))
        return Unexpected(RecordError::malformed);
    if (!spk || !mbk) return Unexpected(RecordError::bad_key);
    if (account != cert.account() || device != cert.device() || cert_hash != cert.hash())
        return Unexpected(RecordError::wrong_owner);
    if (!verify_prekey_record(cert.dsk(), bytes.first(signed_size - Signature::size), signature))
        return Unexpected(RecordError::bad_signature);
    auto pq_key = pq.parse();
    if (!pq_key) return Unexpected(pq_key.error());
    return PreRec(PreRecFields{.seq = seq,
                               .suite_floor = suite_floor,
                               .spk_id = spk_id,
                               .spk = *spk,
                               .mbk_id = mbk_id,
                               .mbk = *mbk,
                               .pq_id = pq_id,
                               .pq = *std::move(pq_key),
                               .created_ms = created_ms,
                               .not_after_ms = not_after_ms},
                  cert.hash(), Bytes(bytes.begin(), bytes.end()));
}

bool PreRec::expired(std::uint64_t now_ms) const noexcept {
    return now_ms > fields_.not_after_ms && now_ms - fields_.not_after_ms > clock_tolerance_ms;
}

OpkRec OpkRec::create(const OwnDsk& dsk, const Cert& cert, OpkRecFields fields) {
    ensure(dsk.public_key() == cert.dsk(), "the certificate is of this device");
    ensure(fields.id != 0, "0 means: no one-time prekey");
    Writer out(encoded_size_max);
    out.u8(version)
        .raw(cert.hash().view())
        .u32(fields.id)
        .raw(fields.opk.view())
        .u8(fields.pq ? 1 : 0)
        .raw(pq_hash_or_zeros(fields.pq));
    const Signature signature = sign_one_time_record(dsk, out.view());
    out.raw(signature.view());
    ensure(out.view().size() == signed_size, "OpkRec has its size");
    if (fields.pq) out.raw(fields.pq->view());
    return OpkRec(std::move(fields), cert.hash(), std::move(out).take());
}

Result<OpkRec, RecordError> OpkRec::decode(ByteView bytes, const Cert& cert) {
    Reader in(bytes);
    if (in.u8() != version) return Unexpected(RecordError::malformed);
    const CertHash cert_hash(in.array<32>());
    const std::uint32_t id = in.u32();
    const auto opk = OpkPublic::parse(in.raw(32));
    const std::uint8_t pq_present = in.u8();
    const auto pq_hash = in.array<32>();
    const Signature signature(in.array<64>());
    const PqPart pq{.present = pq_present, .key_hash = pq_hash, .key = in.rest()};
    if (!in.finished() || !pq.well_formed() || id == 0) return Unexpected(RecordError::malformed);
    if (!opk) return Unexpected(RecordError::bad_key);
    if (cert_hash != cert.hash()) return Unexpected(RecordError::wrong_owner);
    if (!verify_one_time_record(cert.dsk(), bytes.first(signed_size - Signature::size), signature))
        return Unexpected(RecordError::bad_signature);
    auto pq_key = pq.parse();
    if (!pq_key) return Unexpected(pq_key.error());
    return OpkRec(OpkRecFields{.id = id, .opk = *opk, .pq = *std::move(pq_key)}, cert.hash(),
                  Bytes(bytes.begin(), bytes.end()));
}

OpkRec publish(const OwnDsk& dsk, const Cert& cert, const OwnOneTimePreKey& key) {
    return OpkRec::create(dsk, cert,
                          {.id = key.id,
                           .opk = key.key.public_key(),
                           .pq = key.pq ? std::optional(key.pq->public_key()) : std::nullopt});
}

}  // namespace sotto::crypto
