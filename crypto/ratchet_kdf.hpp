// The key derivations of the Double Ratchet (docs/protocol.md 2.6), by themselves so that the
// test-vector program can show every intermediate value.
#pragma once

#include "crypto/ratchet_state.hpp"

namespace sotto::crypto {

/// What one DH step gives.
struct RootStep {
    Secret<32> root;         ///< RK'
    Secret<32> chain;        ///< CK
    Secret<32> next_header;  ///< NHK
};
/// KDF_RK(RK, x) = HKDF-SHA-512(salt = RK, ikm = x, info = enc("PM1/dr/rk", suite), 96).
[[nodiscard]] RootStep kdf_root(const Secret<32>& root, const Secret<32>& dh_output, Suite suite);

/// KDF_CK(CK): returns MK = HMAC-SHA-256(CK, 0x01) and replaces CK by HMAC-SHA-256(CK, 0x02).
[[nodiscard]] Secret<32> kdf_chain(Secret<32>& chain);

/// The AEAD key of a message: HKDF(salt = "", MK, enc("PM1/dr/mk"), 32).
[[nodiscard]] Secret<32> body_key(const Secret<32>& message_key);

}  // namespace sotto::crypto
