// Login without giving the server anything to replay (docs/protocol.md 2.3).
//
// The password becomes an Ed25519 key on the client (Argon2id, salted with server and username); a
// login is a signature over the server's challenge, the server's key and this connection's own key.
// Passwords come in normalised to Unicode NFC: that is the caller's task (the normaliser is outside
// this folder), and NFC and NFD typing of one password must give the same bytes here.
#pragma once

#include <variant>

#include "crypto/keys.hpp"

namespace sotto::crypto {

/// What Argon2id costs. Memory in bytes.
struct PasswordCost {
    std::uint32_t ops;
    std::uint64_t memory;
    friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};
/// What is taken from disk or from a peer: below is too cheap to guess, above is a denial of
/// service.
struct PasswordCostLimits {
    PasswordCost floor;
    PasswordCost ceiling;
    [[nodiscard]] constexpr bool allow(const PasswordCost& cost) const noexcept {
        return cost.ops >= floor.ops && cost.ops <= ceiling.ops && cost.memory >= floor.memory &&
               cost.memory <= ceiling.memory;
    }
};
inline constexpr std::uint64_t mebibyte = 1024 * 1024;
inline constexpr PasswordCost password_cost_default{.ops = 3, .memory = 256 * mebibyte};
inline constexpr PasswordCostLimits password_cost_limits{
    .floor = {.ops = 2, .memory = 64 * mebibyte},
    .ceiling = {.ops = 10, .memory = 1024 * mebibyte}};
/// Milliseconds instead of seconds. For tests and the simulator only.
inline constexpr PasswordCost password_cost_for_tests{.ops = 1, .memory = 64 * 1024};
inline constexpr PasswordCostLimits password_cost_limits_for_tests{
    .floor = {.ops = 1, .memory = 8 * 1024}, .ceiling = {.ops = 10, .memory = 1024 * mebibyte}};

enum class PasswordError : std::uint8_t {
    version_refused,  ///< login_v unknown, or cheaper than the floor
    out_of_memory,
};
[[nodiscard]] constexpr std::string_view to_string(PasswordError error) noexcept {
    return error == PasswordError::version_refused ? "login version refused" : "out of memory";
}

/// The cost of a login version, which the server announces to all alike. 1 = password_cost_default.
[[nodiscard]] Result<PasswordCost, PasswordError> login_cost(std::uint16_t login_version) noexcept;
inline constexpr std::uint16_t login_version_current = 1;

/// LK: takes the time and memory of `cost`. `nfc_password`: UTF-8 in NFC.
[[nodiscard]] Result<OwnLk, PasswordError> derive_login_key(ByteView nfc_password,
                                                            const CurvePublic& server,
                                                            std::string_view username,
                                                            const PasswordCost& cost);
/// 32 bytes of Argon2id, version 1.3. Error: out_of_memory. Cost outside libsodium's own range is
/// our own bug.
[[nodiscard]] Result<Secret<32>, PasswordError> stretch_password(
    ByteView nfc_password, std::span<const std::uint8_t, 16> salt, const PasswordCost& cost);

/// [a-z0-9._-]{3,32}: no letters that look alike.
[[nodiscard]] bool username_is_valid(std::string_view username) noexcept;

/// Why somebody logs in; signed, so that one login cannot be used as another.
enum class LoginPurpose : std::uint8_t {
    login = 1,
    register_account = 2,
    change_password = 3,
    pair_device = 4,
    recover = 5,
};

/// What both sides of a login agree on.
struct LoginContext {
    CurvePublic server;  ///< the server's long-term CURVE key, pinned
    CurvePublic client;  ///< this connection's CURVE key: the server's User-Id
    LoginPurpose purpose;
    ByteArray<32> client_nonce;
    std::uint64_t challenge_ts_ms;
    ByteArray<32> server_nonce;
};
struct DeviceLogin {
    AccountId account;
    DeviceId device;
    friend bool operator==(const DeviceLogin&, const DeviceLogin&) = default;
};
/// Who logs in: a username (password) or a device.
using LoginSubject = std::variant<std::string, DeviceLogin>;

inline constexpr std::uint64_t challenge_lifetime_ms = 60'000;

/// The server's stateless challenge: a mac under an hourly key over User-Id, subject and nonces.
[[nodiscard]] ByteArray<32> challenge_mac(const Secret<32>& server_secret,
                                          const LoginContext& context, const LoginSubject& subject);
/// Constant time; also false when older than challenge_lifetime_ms or from the future.
[[nodiscard]] bool challenge_is_valid(const Secret<32>& server_secret, const LoginContext& context,
                                      const LoginSubject& subject, ByteView mac,
                                      std::uint64_t now_ms);

[[nodiscard]] Signature sign_password_login(const OwnLk& key, const LoginContext& context,
                                            std::string_view username);
[[nodiscard]] bool verify_password_login(const LkPublic& key, const LoginContext& context,
                                         std::string_view username, const Signature& signature);
[[nodiscard]] Signature sign_device_login(const OwnDsk& key, const LoginContext& context,
                                          const DeviceLogin& subject);
[[nodiscard]] bool verify_device_login(const DskPublic& key, const LoginContext& context,
                                       const DeviceLogin& subject, const Signature& signature);
/// The old key agrees to be replaced by `replacement`.
[[nodiscard]] Signature sign_password_change(const OwnLk& old_key, const LoginContext& context,
                                             std::string_view username,
                                             const LkPublic& replacement);
[[nodiscard]] bool verify_password_change(const LkPublic& old_key, const LoginContext& context,
                                          std::string_view username, const LkPublic& replacement,
                                          const Signature& signature);
/// The replacement shows that somebody holds it, over the same fields under a label of its own.
[[nodiscard]] Signature sign_password_change_possession(const OwnLk& replacement,
                                                        const LoginContext& context,
                                                        std::string_view username);
[[nodiscard]] bool verify_password_change_possession(const LkPublic& replacement,
                                                     const LoginContext& context,
                                                     std::string_view username,
                                                     const Signature& signature);

}  // namespace sotto::crypto
