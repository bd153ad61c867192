#include "crypto/ratchet_kdf.hpp"

namespace sotto::crypto {

RootStep kdf_root(const Secret<32>& root, const Secret<32>& dh_output, Suite suite) {
    Secret<96> out;
    hkdf(root.view(), dh_output.view(),
         enc(label::ratchet_root, {le_bytes(static_cast<std::uint8_t>(suite))}), out.writable());
    return {.root = Secret<32>(out.view().subspan<0, 32>()),
            .chain = Secret<32>(out.view().subspan<32, 32>()),
            .next_header = Secret<32>(out.view().subspan<64, 32>())};
}

Secret<32> kdf_chain(Secret<32>& chain) {
    Secret<32> message_key = chain_hmac(chain, 1);
    chain = chain_hmac(chain, 2);
    return message_key;
}

Secret<32> body_key(const Secret<32>& message_key) {
    Secret<32> out;
    hkdf({}, message_key.view(), enc(label::ratchet_message_key, {}), out.writable());
    return out;
}

}  // namespace sotto::crypto
