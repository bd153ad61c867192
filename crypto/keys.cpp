#include "crypto/keys.hpp"

#include <sodium.h>

namespace sotto::crypto {

static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64);

template <class Public>
OwnSigning<Public> OwnSigning<Public>::from_seed(const Secret<32>& seed) {
    ByteArray<32> public_key;
    Secret<64> expanded;
    const int failed =
        crypto_sign_seed_keypair(public_key.data(), expanded.writable().data(), seed.view().data());
    ensure(failed == 0, "every seed has an Ed25519 key");
    return OwnSigning(expanded, Public(public_key));
}
template class OwnSigning<AccountId>;
template class OwnSigning<DskPublic>;
template class OwnSigning<LkPublic>;

Result<PqPublic, KeyError> PqPublic::parse(ByteView bytes) {
    if (bytes.size() != kem_public_size) return Unexpected(KeyError::bad_size);
    return PqPublic(Bytes(bytes.begin(), bytes.end()));
}

ByteArray<32> PqPublic::key_hash() const {
    return hash(label::pq_public_key, {bytes_});
}

OwnPq OwnPq::generate(RandomSource& random) {
    return from_secret(random.secret<32>());
}

OwnPq OwnPq::from_secret(const Secret<32>& secret) {
    return OwnPq(secret, PqPublic(kem_public_key(secret)));
}

ConversationId conversation_id(const AccountId& a, const AccountId& b) {
    const auto& [smaller, larger] = std::minmax(a, b);
    return ConversationId(hash(label::conversation, {smaller.view(), larger.view()}));
}

}  // namespace sotto::crypto
