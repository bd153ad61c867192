#include "crypto/curve.hpp"

namespace sotto::crypto {

std::optional<CurvePublic> curve_public(ByteView bytes) {
    const auto key = CurvePublic::parse(bytes);
    // Any scalar shows it: X25519 makes each a multiple of 8, the order that such points have.
    if (!key || !x25519(Secret<32>(), key->view())) return std::nullopt;
    return *key;
}

std::string to_z85(const CurvePublic& key) {
    return to_z85(ByteView(key.view()));
}

Result<CurvePublic, KeyError> curve_public_from_z85(std::string_view text) {
    if (text.size() != z85_key_size) return Unexpected(KeyError::bad_size);
    const auto bytes = from_z85(text);
    if (!bytes) return Unexpected(KeyError::bad_size);
    const auto key = curve_public(*bytes);
    if (!key) return Unexpected(KeyError::not_canonical);
    return *key;
}

SecretBytes secret_to_z85(const OwnCurve& key) {
    std::string text = to_z85(ByteView(key.secret().view()));
    SecretBytes out(text.begin(), text.end());
    out.push_back(0);
    wipe(text.data(), text.size());
    return out;
}

Result<OwnCurve, KeyError> own_curve_from_z85(std::string_view text) {
    if (text.size() != z85_key_size) return Unexpected(KeyError::bad_size);
    auto bytes = from_z85(text);
    if (!bytes) return Unexpected(KeyError::bad_size);
    const Secret<32> secret(ByteView(*bytes).first<32>());
    wipe(*bytes);
    return OwnCurve::from_secret(secret);
}

}  // namespace sotto::crypto
