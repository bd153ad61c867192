// The primitives of docs/protocol.md 2.1, each once, over libsodium. Nothing is home-made.
//
// Other folders use enc() and hash() only; everything else here serves the files of this folder.
// Shapes are types: a wrong key or nonce size does not compile. Signatures are not here but in
// signatures.hpp, one typed pair per record, so that nobody signs or verifies raw bytes.
#pragma once

#include <initializer_list>
#include <optional>

#include "crypto/bytes.hpp"
#include "crypto/labels.hpp"
#include "crypto/random.hpp"
#include "crypto/secret.hpp"

namespace sotto::crypto {

using Fields = std::initializer_list<ByteView>;
using View32 = std::span<const std::uint8_t, 32>;

/// enc(label, f..) = u8 len(label) || label || (u32 len(f) || f)*: injective, so no two inputs of a
/// hash or signature coincide.
[[nodiscard]] Bytes enc(Label label, Fields fields);

/// H(label, f..) = BLAKE2b-256(enc(label, f..)).
[[nodiscard]] ByteArray<32> hash(Label label, Fields fields);
/// BLAKE2b-512(enc(label, f..)).
[[nodiscard]] ByteArray<64> hash512(Label label, Fields fields);
/// BLAKE2b-256 keyed with `key`, over enc(label, f..).
[[nodiscard]] ByteArray<32> keyed_hash(const Secret<32>& key, Label label, Fields fields);

/// HKDF-SHA-512 (RFC 5869). An empty salt means 64 zero bytes, as the RFC says.
[[nodiscard]] Secret<64> hkdf_extract(ByteView salt, ByteView input_key);
/// At most 255 * 64 bytes: more is our own bug.
void hkdf_expand(const Secret<64>& pseudo_random_key, ByteView info, std::span<std::uint8_t> out);
/// Extract, then expand.
void hkdf(ByteView salt, ByteView input_key, ByteView info, std::span<std::uint8_t> out);

/// HMAC-SHA-256 (RFC 2104) with a 32-byte key over one byte: the chain KDF of the ratchet.
[[nodiscard]] Secret<32> chain_hmac(const Secret<32>& chain_key, std::uint8_t input);

/// One key, one encoding: false when the top bit is set or the value is >= 2^255 - 19.
[[nodiscard]] bool x25519_is_canonical(View32 point) noexcept;
/// RFC 7748. Nothing when the shared secret would be all zero (low-order point).
[[nodiscard]] std::optional<Secret<32>> x25519(const Secret<32>& scalar, View32 point);
/// The public key of a scalar.
[[nodiscard]] ByteArray<32> x25519_base(const Secret<32>& scalar);

inline constexpr std::size_t aead_nonce_size = 24;
inline constexpr std::size_t aead_tag_size = 16;

/// The nonce of one encryption: fresh random bytes, or what stood on the wire. Never a counter, so
/// that a database restored from a copy cannot repeat one.
class AeadNonce {
public:
    [[nodiscard]] static AeadNonce fresh(RandomSource& random) {
        return AeadNonce(random.array<aead_nonce_size>());
    }
    [[nodiscard]] static AeadNonce from_wire(std::span<const std::uint8_t, aead_nonce_size> bytes) {
        ByteArray<aead_nonce_size> copy;
        std::copy(bytes.begin(), bytes.end(), copy.begin());
        return AeadNonce(copy);
    }
    [[nodiscard]] std::span<const std::uint8_t, aead_nonce_size> view() const noexcept {
        return bytes_;
    }

private:
    explicit AeadNonce(const ByteArray<aead_nonce_size>& bytes) noexcept : bytes_(bytes) {}
    ByteArray<aead_nonce_size> bytes_;
};

/// XChaCha20-Poly1305-IETF: appends ciphertext || tag to `out` (the nonce is written by the
/// caller). `plaintext` and `associated` must not lie in `out`.
void aead_seal(Bytes& out, const Secret<32>& key, const AeadNonce& nonce, ByteView associated,
               ByteView plaintext);
/// False when not authentic; then `out` is all zero. `sealed` is ciphertext || tag and 16 bytes
/// longer than `out`: anything else is refused.
[[nodiscard]] bool aead_open(std::span<std::uint8_t> out, const Secret<32>& key,
                             const AeadNonce& nonce, ByteView associated, ByteView sealed);

/// Whether this build has X-Wing, hence suite 2 (libsodium 1.0.22 and later).
[[nodiscard]] bool hybrid_available() noexcept;

inline constexpr std::size_t kem_public_size = 1216;
inline constexpr std::size_t kem_ciphertext_size = 1120;
struct KemEncapsulated {
    Bytes ciphertext;
    Secret<32> shared;
};
/// X-Wing (draft-connolly-cfrg-xwing-kem). All three need hybrid_available(): else our own bug.
[[nodiscard]] Bytes kem_public_key(const Secret<32>& secret_key);
/// `public_key` has kem_public_size bytes. Nothing when the ML-KEM part is not a valid key.
[[nodiscard]] std::optional<KemEncapsulated> kem_encapsulate(ByteView public_key,
                                                             RandomSource& random);
/// `ciphertext` has kem_ciphertext_size bytes. A foreign one gives an unrelated secret (implicit
/// rejection), nothing only for a degenerate X25519 share.
[[nodiscard]] std::optional<Secret<32>> kem_decapsulate(const Secret<32>& secret_key,
                                                        ByteView ciphertext);

}  // namespace sotto::crypto
