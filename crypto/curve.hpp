// Keys for ZeroMQ's CURVE, in the two forms the library takes: 32 bytes and 40 characters of Z85.
//
// CURVE protects links, never messages. OwnCurve (keys.hpp) makes a pair; libzmq takes the 32 raw
// bytes as well, so the text form is for configuration files and people.
#pragma once

#include <string>

#include "crypto/keys.hpp"

namespace sotto::crypto {

inline constexpr std::size_t z85_key_size = 40;

/// A key somebody gave us to make links with: CurvePublic::parse(), and nothing for a point of low
/// order either, with which anybody could pass for its owner.
[[nodiscard]] std::optional<CurvePublic> curve_public(ByteView bytes);
/// 40 characters.
[[nodiscard]] std::string to_z85(const CurvePublic& key);
/// Errors: bad_size for any text that is not 40 characters of Z85; not_canonical
/// for what curve_public() refuses.
[[nodiscard]] Result<CurvePublic, KeyError> curve_public_from_z85(std::string_view text);
/// 40 characters and a terminating zero, as libzmq wants it; wiped on destruction.
[[nodiscard]] SecretBytes secret_to_z85(const OwnCurve& key);
/// Error: bad_size.
[[nodiscard]] Result<OwnCurve, KeyError> own_curve_from_z85(std::string_view text);

}  // namespace sotto::crypto
