#include "crypto/cert.hpp"

#include "crypto/signatures.hpp"

namespace sotto::crypto {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint16_t known_suites = 0b111;  // 3 is reserved, not unknown
constexpr std::size_t body_size = Cert::encoded_size - 2 * Signature::size;

bool suites_are_valid(SuiteSet suites, std::uint8_t min_suite) noexcept {
    return (suites.bits() & ~known_suites) == 0 && min_suite >= 1 && min_suite <= 3 &&
           (suites.bits() >> (min_suite - 1) & 1) != 0;
}

CertHash hash_of(ByteView encoded) {
    return CertHash(hash(label::cert_hash, {encoded}));
}

}  // namespace

SuiteSet SuiteSet::of_this_build() noexcept {
    return SuiteSet(hybrid_available() ? 0b11 : 0b01);
}

Cert::Cert(const AccountId& account, const DskPublic& dsk, const CertFields& fields,
           const ByteArray<encoded_size>& encoded, const CertHash& hash)
    : account_(account), dsk_(dsk), fields_(fields), encoded_(encoded), hash_(hash) {}

Cert Cert::create(const OwnAccountKey& account, const OwnDsk& dsk, const CertFields& fields) {
    ensure(suites_are_valid(fields.suites, fields.min_suite), "min_suite is one of the suites");
    Writer out(encoded_size);
    out.u8(version)
        .raw(account.public_key().view())
        .raw(fields.device.view())
        .raw(dsk.public_key().view())
        .raw(fields.dik.view())
        .u16(fields.suites.bits())
        .u8(fields.min_suite)
        .u64(fields.created_ms);
    const Signature by_account = sign_cert(account, out.view());
    const Signature by_device = sign_cert_possession(dsk, out.view());
    out.raw(by_account.view()).raw(by_device.view());
    ByteArray<encoded_size> encoded;
    ensure(out.view().size() == encoded.size(), "Cert has its size");
    std::copy(out.view().begin(), out.view().end(), encoded.begin());
    return Cert(account.public_key(), dsk.public_key(), fields, encoded, hash_of(encoded));
}

Result<Cert, RecordError> Cert::decode(ByteView bytes) {
    VerifiedRecords none;
    return decode(bytes, none);
}

Result<Cert, RecordError> Cert::decode(ByteView bytes, VerifiedRecords& known) {
    if (bytes.size() != encoded_size) return Unexpected(RecordError::malformed);
    Reader in(bytes);
    if (in.u8() != version) return Unexpected(RecordError::malformed);
    const AccountId account(in.array<32>());
    const DeviceId device(in.array<16>());
    const DskPublic dsk(in.array<32>());
    const auto dik = DikPublic::parse(in.raw(32));
    const SuiteSet suites(in.u16());
    const std::uint8_t min_suite = in.u8();
    const std::uint64_t created_ms = in.u64();
    const Signature by_account(in.array<64>());
    const Signature by_device(in.array<64>());
    if (!in.finished() || !suites_are_valid(suites, min_suite))
        return Unexpected(RecordError::malformed);
    if (!dik) return Unexpected(RecordError::bad_key);
    const CertHash hash = hash_of(bytes);
    if (!known.has(hash.view())) {
        const ByteView body = bytes.first(body_size);
        if (!verify_cert(account, body, by_account) ||
            !verify_cert_possession(dsk, body, by_device))
            return Unexpected(RecordError::bad_signature);
        known.add(hash.view());
    }
    ByteArray<encoded_size> encoded;
    std::copy(bytes.begin(), bytes.end(), encoded.begin());
    return Cert(account, dsk,
                CertFields{.device = device,
                           .dik = *dik,
                           .suites = suites,
                           .min_suite = min_suite,
                           .created_ms = created_ms},
                encoded, hash);
}

}  // namespace sotto::crypto
