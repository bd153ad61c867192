// Ids and keys as distinct types (docs/protocol.md 2.2): a key cannot be used in the place of
// another, a remote key cannot be used as an own key, and an unchecked one does not exist.
//
// Public X25519 keys come from parse(), which refuses non-canonical encodings; own keys come from a
// RandomSource or from stored secret bytes. Equality and order are on the bytes.
#pragma once

#include <compare>

#include "crypto/primitives.hpp"

namespace sotto::crypto {

/// N public bytes with a meaning.
template <class Tag, std::size_t N>
class FixedBytes {
public:
    static constexpr std::size_t size = N;
    explicit constexpr FixedBytes(const ByteArray<N>& bytes) noexcept : bytes_(bytes) {}
    explicit constexpr FixedBytes(std::span<const std::uint8_t, N> bytes) noexcept {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    /// Nothing when the size is not N.
    [[nodiscard]] static std::optional<FixedBytes> from(ByteView bytes) noexcept {
        if (bytes.size() != N) return std::nullopt;
        return FixedBytes(bytes.template first<N>());
    }
    [[nodiscard]] static FixedBytes generate(RandomSource& random) {
        return FixedBytes(random.array<N>());
    }
    [[nodiscard]] std::span<const std::uint8_t, N> view() const noexcept { return bytes_; }
    [[nodiscard]] const ByteArray<N>& bytes() const noexcept { return bytes_; }
    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

private:
    ByteArray<N> bytes_{};
};

/// The account IS its master key: an Ed25519 public key (AMK).
using AccountId = FixedBytes<struct AccountIdTag, 32>;
using DeviceId = FixedBytes<struct DeviceIdTag, 16>;
using SessionId = FixedBytes<struct SessionIdTag, 16>;
using CertHash = FixedBytes<struct CertHashTag, 32>;
using DevListHash = FixedBytes<struct DevListHashTag, 32>;
using TranscriptHash = FixedBytes<struct TranscriptHashTag, 64>;
using ConversationId = FixedBytes<struct ConversationIdTag, 32>;
using Signature = FixedBytes<struct SignatureTag, 64>;

enum class KeyError : std::uint8_t { bad_size, not_canonical };
[[nodiscard]] constexpr std::string_view to_string(KeyError error) noexcept {
    return error == KeyError::bad_size ? "key has the wrong size" : "key is not canonical";
}

/// Somebody's X25519 public key. Low-order points pass here and are refused when used.
template <class Tag>
class DhPublic {
public:
    [[nodiscard]] static Result<DhPublic, KeyError> parse(ByteView bytes) {
        if (bytes.size() != 32) return Unexpected(KeyError::bad_size);
        if (!x25519_is_canonical(bytes.first<32>())) return Unexpected(KeyError::not_canonical);
        return DhPublic(bytes.first<32>());
    }
    [[nodiscard]] View32 view() const noexcept { return bytes_; }
    friend auto operator<=>(const DhPublic&, const DhPublic&) = default;

private:
    template <class>
    friend class OwnDh;
    explicit DhPublic(View32 bytes) noexcept {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    ByteArray<32> bytes_{};
};

/// An own X25519 key pair.
template <class Tag>
class OwnDh {
public:
    [[nodiscard]] static OwnDh generate(RandomSource& random) { return OwnDh(random.secret<32>()); }
    /// From stored bytes of secret().
    [[nodiscard]] static OwnDh from_secret(const Secret<32>& secret) { return OwnDh(secret); }

    [[nodiscard]] const DhPublic<Tag>& public_key() const noexcept { return public_; }
    [[nodiscard]] const Secret<32>& secret() const noexcept { return secret_; }

private:
    explicit OwnDh(const Secret<32>& secret)
        : secret_(secret), public_(View32(x25519_base(secret))) {}
    Secret<32> secret_;
    DhPublic<Tag> public_;
};

using DikPublic = DhPublic<struct DikTag>;  ///< device identity key
using OwnDik = OwnDh<struct DikTag>;
using SpkPublic = DhPublic<struct SpkTag>;  ///< signed prekey
using OwnSpk = OwnDh<struct SpkTag>;
using OpkPublic = DhPublic<struct OpkTag>;  ///< one-time prekey
using OwnOpk = OwnDh<struct OpkTag>;
using MbkPublic = DhPublic<struct MbkTag>;  ///< mailbox seal key
using OwnMbk = OwnDh<struct MbkTag>;
using EkPublic = DhPublic<struct EkTag>;  ///< ephemeral key of one handshake
using OwnEk = OwnDh<struct EkTag>;
using CurvePublic = DhPublic<struct CurveTag>;  ///< ZeroMQ CURVE, nothing else
using OwnCurve = OwnDh<struct CurveTag>;

/// An Ed25519 public key. Validity of the point is checked by each verification.
using DskPublic = FixedBytes<struct DskTag, 32>;  ///< device signing key
using LkPublic = FixedBytes<struct LkTag, 32>;    ///< login key made from the password

/// An own Ed25519 key; made from a 32-byte seed, which is all that needs storing.
template <class Public>
class OwnSigning {
public:
    [[nodiscard]] static OwnSigning generate(RandomSource& random) {
        return from_seed(random.secret<32>());
    }
    [[nodiscard]] static OwnSigning from_seed(const Secret<32>& seed);
    [[nodiscard]] const Public& public_key() const noexcept { return public_; }
    [[nodiscard]] Secret<32> seed() const noexcept {
        return Secret<32>(expanded_.view().template first<32>());
    }

private:
    friend class Signer;  // signatures.cpp: the only user of the secret
    OwnSigning(const Secret<64>& expanded, const Public& public_key)
        : expanded_(expanded), public_(public_key) {}
    Secret<64> expanded_;
    Public public_;
};
extern template class OwnSigning<AccountId>;
extern template class OwnSigning<DskPublic>;
extern template class OwnSigning<LkPublic>;
using OwnAccountKey = OwnSigning<AccountId>;  ///< AMK
using OwnDsk = OwnSigning<DskPublic>;
using OwnLk = OwnSigning<LkPublic>;

/// An X-Wing public key, 1216 bytes. Builds without X-Wing carry and hash it but cannot use it.
class PqPublic {
public:
    [[nodiscard]] static Result<PqPublic, KeyError> parse(ByteView bytes);
    [[nodiscard]] ByteView view() const noexcept { return bytes_; }
    [[nodiscard]] ByteArray<32> key_hash() const;  ///< H("PM1/pqpk", key)
    friend bool operator==(const PqPublic&, const PqPublic&) = default;

private:
    friend class OwnPq;
    explicit PqPublic(Bytes bytes) : bytes_(std::move(bytes)) {}
    Bytes bytes_;
};

/// An own X-Wing key pair. Needs hybrid_available(): anything else is our own bug.
class OwnPq {
public:
    [[nodiscard]] static OwnPq generate(RandomSource& random);
    [[nodiscard]] static OwnPq from_secret(const Secret<32>& secret);
    [[nodiscard]] const PqPublic& public_key() const noexcept { return public_; }
    [[nodiscard]] const Secret<32>& secret() const noexcept { return secret_; }

private:
    OwnPq(const Secret<32>& secret, PqPublic public_key)
        : secret_(secret), public_(std::move(public_key)) {}
    Secret<32> secret_;
    PqPublic public_;
};

/// H("PM1/conv", smaller, larger): the same on both sides.
[[nodiscard]] ConversationId conversation_id(const AccountId& a, const AccountId& b);

}  // namespace sotto::crypto
