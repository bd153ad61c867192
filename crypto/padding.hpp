// Padding to few sizes, so that a length says little (docs/protocol.md 2.7). Padding is
// inside authenticated encryption and never compressed.
#pragma once

#include <optional>

#include "crypto/secret.hpp"

namespace sotto::crypto {

/// Total sizes of a ratchet message on the wire. The last is what fits one frame, sealed and as the
/// first of a session (docs/decisions/0020-frame-and-item-sizes.md).
inline constexpr std::array<std::size_t, 8> message_buckets{512,  1024,  2048,  4096,
                                                            8192, 16384, 32768, 61440};

/// The smallest bucket for `content_size` bytes, at least one byte of padding and `overhead` bytes
/// of encryption; nothing when it does not fit the largest.
[[nodiscard]] std::optional<std::size_t> bucket_for(std::size_t content_size,
                                                    std::size_t overhead) noexcept;
[[nodiscard]] bool is_bucket(std::size_t message_size) noexcept;

/// content || 0x80 || zeros, `padded_size` bytes in all (ISO/IEC 7816-4). `padded_size` must be
/// larger than the content: anything else is our own bug.
[[nodiscard]] SecretBytes pad(ByteView content, std::size_t padded_size);
/// The size of the content; nothing when there is no padding. Time depends on the length only.
[[nodiscard]] std::optional<std::size_t> unpadded_size(ByteView padded) noexcept;

}  // namespace sotto::crypto
