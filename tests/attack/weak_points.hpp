// X25519 points that must make no session, as 32 bytes on a wire.
#pragma once

#include <vector>

#include "crypto/bytes.hpp"

namespace sotto::crypto::attack {

/// All X25519 points of small order in their canonical form.
[[nodiscard]] std::vector<Bytes> low_order_points();
/// Encodings that RFC 7748 would take although another encoding means the same point.
[[nodiscard]] std::vector<Bytes> non_canonical_points();

}  // namespace sotto::crypto::attack
