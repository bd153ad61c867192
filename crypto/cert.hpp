// A device's certificate: the account's master key says "this device is mine, with these keys".
//
// A Cert object is always valid: create() signs, decode() checks both signatures, nothing else
// makes one. So code that holds a Cert need not ask. docs/protocol.md 2.2.
#pragma once

#include "crypto/keys.hpp"
#include "crypto/verified_records.hpp"

namespace sotto::crypto {

/// Why the bytes of a record (Cert, DevList, PreRec, OpkRec) were refused.
enum class RecordError : std::uint8_t {
    malformed,      ///< wrong length, version, flag or range
    bad_key,        ///< an X25519 key in a non-canonical encoding
    bad_signature,  ///< not signed by whom it names
    wrong_owner,    ///< of another account, device or certificate than asked for
    wrong_pq_key,   ///< the PQ key does not fit the signed hash
};
[[nodiscard]] constexpr std::string_view to_string(RecordError error) noexcept {
    switch (error) {
        case RecordError::malformed:
            return "malformed record";
        case RecordError::bad_key:
            return "non-canonical key in record";
        case RecordError::bad_signature:
            return "bad signature on record";
        case RecordError::wrong_owner:
            return "record of another owner";
        case RecordError::wrong_pq_key:
            return "PQ key does not fit the record";
    }
    return "unknown";
}

/// The fixed cipher suites. 3 (hybrid with PQ healing) is reserved.
enum class Suite : std::uint8_t { classical = 1, hybrid = 2 };

/// A set of suites: bit (suite - 1).
class SuiteSet {
public:
    explicit constexpr SuiteSet(std::uint16_t bits) noexcept : bits_(bits) {}
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
    [[nodiscard]] constexpr bool has(Suite suite) const noexcept {
        return (bits_ >> (static_cast<unsigned>(suite) - 1U) & 1U) != 0;
    }
    /// What this build can do: {1}, or {1, 2} where X-Wing is there.
    [[nodiscard]] static SuiteSet of_this_build() noexcept;
    friend bool operator==(const SuiteSet&, const SuiteSet&) = default;

private:
    std::uint16_t bits_;
};

struct CertFields {
    DeviceId device;
    DikPublic dik;
    SuiteSet suites;
    std::uint8_t min_suite;  ///< lowest suite this device accepts, in `suites`
    std::uint64_t created_ms;
};

class Cert {
public:
    static constexpr std::size_t encoded_size = 252;

    /// Signed by the account (AMK) and by the device itself (proof of possession of the DSK).
    [[nodiscard]] static Cert create(const OwnAccountKey& account, const OwnDsk& dsk,
                                     const CertFields& fields);
    /// Errors: malformed, bad_key, bad_signature. Refuses unknown versions and suite bits.
    [[nodiscard]] static Result<Cert, RecordError> decode(ByteView bytes);
    /// The same, but that signatures of the very same bytes are checked once only.
    [[nodiscard]] static Result<Cert, RecordError> decode(ByteView bytes, VerifiedRecords& known);

    [[nodiscard]] ByteView encoded() const noexcept { return encoded_; }
    /// CH = H("PM1/certhash", encoded incl. signatures).
    [[nodiscard]] const CertHash& hash() const noexcept { return hash_; }
    [[nodiscard]] const AccountId& account() const noexcept { return account_; }
    [[nodiscard]] const DeviceId& device() const noexcept { return fields_.device; }
    [[nodiscard]] const DskPublic& dsk() const noexcept { return dsk_; }
    [[nodiscard]] const DikPublic& dik() const noexcept { return fields_.dik; }
    [[nodiscard]] SuiteSet suites() const noexcept { return fields_.suites; }
    [[nodiscard]] std::uint8_t min_suite() const noexcept { return fields_.min_suite; }
    [[nodiscard]] std::uint64_t created_ms() const noexcept { return fields_.created_ms; }
    friend bool operator==(const Cert& a, const Cert& b) { return a.encoded_ == b.encoded_; }

private:
    Cert(const AccountId& account, const DskPublic& dsk, const CertFields& fields,
         const ByteArray<encoded_size>& encoded, const CertHash& hash);
    AccountId account_;
    DskPublic dsk_;
    CertFields fields_;
    ByteArray<encoded_size> encoded_;
    CertHash hash_;
};

}  // namespace sotto::crypto
