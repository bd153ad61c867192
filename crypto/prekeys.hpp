// Prekeys: what a device publishes so that others can start a session while it is away.
//
// PreRec  the signed prekeys (SPK, mailbox key, PQ key of last resort); OpkRec  a one-time prekey.
// Both are signed by the device (DSK), name its certificate by hash, and are always valid as
// objects: decode() takes the Cert they must belong to. The PQ key rides behind the signature,
// which covers its hash. docs/protocol.md 2.4.
#pragma once

#include "crypto/dev_list.hpp"

namespace sotto::crypto {

inline constexpr std::uint64_t prekey_rotation_ms = 7 * day_ms;
inline constexpr std::uint64_t prekey_validity_ms = 21 * day_ms;
/// Own private prekeys die then: validity plus the 14 days a mailbox keeps mail.
inline constexpr std::uint64_t prekey_private_lifetime_ms = 35 * day_ms;
inline constexpr std::size_t one_time_prekeys_published = 50;
inline constexpr std::size_t one_time_prekeys_refill_below = 20;

struct OwnSignedPreKey {
    std::uint32_t id;
    OwnSpk key;
};
struct OwnMailboxKey {
    std::uint32_t id;
    OwnMbk key;
};
struct OwnPqPreKey {
    std::uint32_t id;
    OwnPq key;
};
/// A PQ one-time key has the id of its X25519 companion.
struct OwnOneTimePreKey {
    std::uint32_t id;
    OwnOpk key;
    std::optional<OwnPq> pq;
};

struct PreRecFields {
    std::uint64_t seq;  ///< must rise with every record of a device, also after a restore
    std::uint8_t suite_floor;
    std::uint32_t spk_id;
    SpkPublic spk;
    std::uint32_t mbk_id;
    MbkPublic mbk;
    std::uint32_t pq_id;         ///< 0 without PQ key
    std::optional<PqPublic> pq;  ///< PQSPK, the KEM key of last resort
    std::uint64_t created_ms;
    std::uint64_t not_after_ms;
};

class PreRec {
public:
    static constexpr std::size_t signed_size = 279;  ///< body and signature
    static constexpr std::size_t encoded_size_max = signed_size + kem_public_size;

    [[nodiscard]] static PreRec create(const OwnDsk& dsk, const Cert& cert, PreRecFields fields);
    /// Errors: malformed, bad_key, wrong_owner (another account, device or cert), bad_signature,
    /// wrong_pq_key.
    [[nodiscard]] static Result<PreRec, RecordError> decode(ByteView bytes, const Cert& cert);

    [[nodiscard]] ByteView encoded() const noexcept { return encoded_; }
    [[nodiscard]] const PreRecFields& fields() const noexcept { return fields_; }
    /// It was checked against this very certificate.
    [[nodiscard]] bool belongs_to(const Cert& cert) const noexcept { return cert_ == cert.hash(); }
    /// Past not_after plus the clock tolerance.
    [[nodiscard]] bool expired(std::uint64_t now_ms) const noexcept;
    friend bool operator==(const PreRec& a, const PreRec& b) { return a.encoded_ == b.encoded_; }

private:
    PreRec(PreRecFields fields, const CertHash& cert, Bytes encoded)
        : fields_(std::move(fields)), cert_(cert), encoded_(std::move(encoded)) {}
    PreRecFields fields_;
    CertHash cert_;
    Bytes encoded_;
};

struct OpkRecFields {
    std::uint32_t id;  ///< never 0
    OpkPublic opk;
    std::optional<PqPublic> pq;  ///< PQOPK
};

class OpkRec {
public:
    static constexpr std::size_t signed_size = 166;
    static constexpr std::size_t encoded_size_max = signed_size + kem_public_size;

    [[nodiscard]] static OpkRec create(const OwnDsk& dsk, const Cert& cert, OpkRecFields fields);
    /// Errors as PreRec::decode.
    [[nodiscard]] static Result<OpkRec, RecordError> decode(ByteView bytes, const Cert& cert);

    [[nodiscard]] ByteView encoded() const noexcept { return encoded_; }
    [[nodiscard]] const OpkRecFields& fields() const noexcept { return fields_; }
    /// It was checked against this very certificate.
    [[nodiscard]] bool belongs_to(const Cert& cert) const noexcept { return cert_ == cert.hash(); }
    friend bool operator==(const OpkRec& a, const OpkRec& b) { return a.encoded_ == b.encoded_; }

private:
    OpkRec(OpkRecFields fields, const CertHash& cert, Bytes encoded)
        : fields_(std::move(fields)), cert_(cert), encoded_(std::move(encoded)) {}
    OpkRecFields fields_;
    CertHash cert_;
    Bytes encoded_;
};

/// The record that publishes these own keys. `pq` may be nullptr (then suite 1 only).
[[nodiscard]] OpkRec publish(const OwnDsk& dsk, const Cert& cert, const OwnOneTimePreKey& key);

}  // namespace sotto::crypto
