// The only place that signs or verifies: one typed pair of functions per record, each with its own
// label, so that no signature can be used for another purpose (docs/protocol.md 2.1).
//
// `body` is the encoded record up to the signature. Login signatures stand in password.hpp.
#pragma once

#include "crypto/keys.hpp"

namespace sotto::crypto {

[[nodiscard]] Signature sign_cert(const OwnAccountKey& key, ByteView body);
[[nodiscard]] bool verify_cert(const AccountId& key, ByteView body, const Signature& signature);

/// Proof that the device has the signing key its certificate names.
[[nodiscard]] Signature sign_cert_possession(const OwnDsk& key, ByteView body);
[[nodiscard]] bool verify_cert_possession(const DskPublic& key, ByteView body,
                                          const Signature& signature);

[[nodiscard]] Signature sign_dev_list(const OwnAccountKey& key, ByteView body);
[[nodiscard]] bool verify_dev_list(const AccountId& key, ByteView body, const Signature& signature);

[[nodiscard]] Signature sign_prekey_record(const OwnDsk& key, ByteView body);
[[nodiscard]] bool verify_prekey_record(const DskPublic& key, ByteView body,
                                        const Signature& signature);

[[nodiscard]] Signature sign_one_time_record(const OwnDsk& key, ByteView body);
[[nodiscard]] bool verify_one_time_record(const DskPublic& key, ByteView body,
                                          const Signature& signature);

}  // namespace sotto::crypto
