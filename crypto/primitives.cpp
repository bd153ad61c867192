#include "crypto/primitives.hpp"

#include <sodium.h>

namespace sotto::crypto {

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == aead_nonce_size);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == aead_tag_size);
static_assert(crypto_scalarmult_BYTES == 32 && crypto_scalarmult_SCALARBYTES == 32);
static_assert(crypto_auth_hmacsha256_KEYBYTES == 32 && crypto_auth_hmacsha256_BYTES == 32);
static_assert(crypto_auth_hmacsha512_BYTES == 64);

namespace {

// libsodium declares pointers nonnull also where the length may be 0.
constexpr std::uint8_t no_bytes[1] = {0};
const std::uint8_t* pointer(ByteView view) noexcept {
    return view.empty() ? no_bytes : view.data();
}

std::size_t enc_size(Label label, Fields fields) noexcept {
    std::size_t size = 1 + label.text().size();
    for (const ByteView field : fields)
        size += 4 + field.size();
    return size;
}

void hash_enc(std::span<std::uint8_t> out, ByteView key, Label label, Fields fields) {
    const Bytes input = enc(label, fields);
    const int failed = crypto_generichash(out.data(), out.size(), input.data(), input.size(),
                                          key.empty() ? nullptr : key.data(), key.size());
    ensure(failed == 0, "BLAKE2b takes these sizes");
}

/// HMAC-SHA-512 over up to three parts.
void hmac512(Secret<64>& out, ByteView key, ByteView a, ByteView b, ByteView c) {
    crypto_auth_hmacsha512_state state;
    crypto_auth_hmacsha512_init(&state, pointer(key), key.size());
    crypto_auth_hmacsha512_update(&state, pointer(a), a.size());
    if (!b.empty()) crypto_auth_hmacsha512_update(&state, b.data(), b.size());
    if (!c.empty()) crypto_auth_hmacsha512_update(&state, c.data(), c.size());
    crypto_auth_hmacsha512_final(&state, out.writable().data());
    wipe(&state, sizeof state);
}

}  // namespace

Bytes enc(Label label, Fields fields) {
    Writer out(enc_size(label, fields));
    out.u8(static_cast<std::uint8_t>(label.text().size())).raw(as_bytes(label.text()));
    for (const ByteView field : fields) {
        ensure(field.size() <= 0xffffffffU, "field fits its u32 length");
        out.u32(static_cast<std::uint32_t>(field.size())).raw(field);
    }
    return std::move(out).take();
}

ByteArray<32> hash(Label label, Fields fields) {
    ByteArray<32> out;
    hash_enc(out, {}, label, fields);
    return out;
}

ByteArray<64> hash512(Label label, Fields fields) {
    ByteArray<64> out;
    hash_enc(out, {}, label, fields);
    return out;
}

ByteArray<32> keyed_hash(const Secret<32>& key, Label label, Fields fields) {
    ByteArray<32> out;
    hash_enc(out, key.view(), label, fields);
    return out;
}

Secret<64> hkdf_extract(ByteView salt, ByteView input_key) {
    Secret<64> out;
    hmac512(out, salt, input_key, {}, {});
    return out;
}

void hkdf_expand(const Secret<64>& pseudo_random_key, ByteView info, std::span<std::uint8_t> out) {
    ensure(out.size() <= 255 * 64, "HKDF-SHA-512 gives at most 255 blocks");
    Secret<64> block;
    ByteView previous;
    for (std::uint8_t counter = 1; !out.empty(); ++counter) {
        Secret<64> next;
        hmac512(next, pseudo_random_key.view(), previous, info, {&counter, 1});
        block = next;
        previous = block.view();
        const std::size_t size = std::min(out.size(), previous.size());
        std::copy_n(previous.begin(), size, out.begin());
        out = out.subspan(size);
    }
}

void hkdf(ByteView salt, ByteView input_key, ByteView info, std::span<std::uint8_t> out) {
    hkdf_expand(hkdf_extract(salt, input_key), info, out);
}

Secret<32> chain_hmac(const Secret<32>& chain_key, std::uint8_t input) {
    Secret<32> out;
    crypto_auth_hmacsha256(out.writable().data(), &input, 1, chain_key.view().data());
    return out;
}

bool x25519_is_canonical(View32 point) noexcept {
    // Points are public: no need for constant time. p = 2^255 - 19 = ed ff .. ff 7f.
    if (point[31] > 0x7f) return false;
    if (point[31] < 0x7f || point[0] < 0xed) return true;
    return std::any_of(point.begin() + 1, point.begin() + 31,
                       [](std::uint8_t byte) { return byte != 0xff; });
}

std::optional<Secret<32>> x25519(const Secret<32>& scalar, View32 point) {
    Secret<32> out;
    if (crypto_scalarmult(out.writable().data(), scalar.view().data(), point.data()) != 0)
        return std::nullopt;
    return out;
}

ByteArray<32> x25519_base(const Secret<32>& scalar) {
    ByteArray<32> out;
    const int failed = crypto_scalarmult_base(out.data(), scalar.view().data());
    ensure(failed == 0, "every scalar has a public key");
    return out;
}

void aead_seal(Bytes& out, const Secret<32>& key, const AeadNonce& nonce, ByteView associated,
               ByteView plaintext) {
    const std::size_t start = out.size();
    out.resize(start + plaintext.size() + aead_tag_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out.data() + start, nullptr, pointer(plaintext), plaintext.size(), pointer(associated),
        associated.size(), nullptr, nonce.view().data(), key.view().data());
}

bool aead_open(std::span<std::uint8_t> out, const Secret<32>& key, const AeadNonce& nonce,
               ByteView associated, ByteView sealed) {
    if (sealed.size() < aead_tag_size || out.size() != sealed.size() - aead_tag_size) return false;
    std::uint8_t nothing = 0;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out.empty() ? &nothing : out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
               pointer(associated), associated.size(), nonce.view().data(), key.view().data()) == 0;
}

#ifdef SOTTO_HAVE_XWING

static_assert(crypto_kem_xwing_PUBLICKEYBYTES == kem_public_size);
static_assert(crypto_kem_xwing_CIPHERTEXTBYTES == kem_ciphertext_size);
static_assert(crypto_kem_xwing_SECRETKEYBYTES == 32 && crypto_kem_xwing_SHAREDSECRETBYTES == 32);

bool hybrid_available() noexcept {
    return true;
}

Bytes kem_public_key(const Secret<32>& secret_key) {
    Bytes public_key(kem_public_size);
    Secret<32> expanded;  // X-Wing's secret key is its seed
    const int failed = crypto_kem_xwing_seed_keypair(public_key.data(), expanded.writable().data(),
                                                     secret_key.view().data());
    ensure(failed == 0, "every seed has an X-Wing key");
    return public_key;
}

std::optional<KemEncapsulated> kem_encapsulate(ByteView public_key, RandomSource& random) {
    ensure(public_key.size() == kem_public_size, "X-Wing public key size");
    KemEncapsulated out{.ciphertext = Bytes(kem_ciphertext_size), .shared = {}};
    const Secret<64> seed = random.secret<64>();
    if (crypto_kem_xwing_enc_deterministic(out.ciphertext.data(), out.shared.writable().data(),
                                           public_key.data(), seed.view().data()) != 0)
        return std::nullopt;
    return out;
}

std::optional<Secret<32>> kem_decapsulate(const Secret<32>& secret_key, ByteView ciphertext) {
    ensure(ciphertext.size() == kem_ciphertext_size, "X-Wing ciphertext size");
    Secret<32> out;
    if (crypto_kem_xwing_dec(out.writable().data(), ciphertext.data(), secret_key.view().data()) !=
        0)
        return std::nullopt;
    return out;
}

#else

namespace {
[[noreturn]] void no_kem() {
    broken_invariant("X-Wing is in this build (ask hybrid_available())", __FILE__, __LINE__);
}
}  // namespace

bool hybrid_available() noexcept {
    return false;
}
Bytes kem_public_key(const Secret<32>&) {
    no_kem();
}
std::optional<KemEncapsulated> kem_encapsulate(ByteView, RandomSource&) {
    no_kem();
}
std::optional<Secret<32>> kem_decapsulate(const Secret<32>&, ByteView) {
    no_kem();
}

#endif

}  // namespace sotto::crypto
