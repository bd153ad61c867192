// Passwords as bytes: one typed password is one byte string, on whatever keyboard it was typed.
//
// "é" typed as one character or as "e" and an accent is the same password (Unicode NFC; white space
// and case count). Works in wiped memory only. Refuses what is not UTF-8, contains a control
// character, is empty or longer than password_bytes_max.
#pragma once

#include "crypto/secret.hpp"

#include <cstddef>
#include <optional>

namespace sotto::peer::runtime {

// A long sentence; Argon2id's time does not depend on it, but a queue should not carry megabytes.
inline constexpr std::size_t password_bytes_max = 1024;

[[nodiscard]] std::optional<crypto::SecretBytes> normalise_password(crypto::ByteView utf8);

}  // namespace sotto::peer::runtime
