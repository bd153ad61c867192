// Signing and verifying of logins stand in signatures.cpp, with all other signatures.
#include "crypto/password.hpp"

#include <sodium.h>

namespace sotto::crypto {

static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);

Result<PasswordCost, PasswordError> login_cost(std::uint16_t login_version) noexcept {
    // A hostile server would like a cheap version: it could then guess from one signature.
    if (login_version != 1) return Unexpected(PasswordError::version_refused);
    return password_cost_default;
}

Result<Secret<32>, PasswordError> stretch_password(ByteView nfc_password,
                                                   std::span<const std::uint8_t, 16> salt,
                                                   const PasswordCost& cost) {
    ensure(cost.ops >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
               cost.memory >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
               cost.memory <= password_cost_limits.ceiling.memory,
           "Argon2id cost was checked");
    Secret<32> out;
    const char* password =
        nfc_password.empty() ? "" : reinterpret_cast<const char*>(nfc_password.data());
    if (crypto_pwhash_argon2id(out.writable().data(), Secret<32>::size, password,
                               nfc_password.size(), salt.data(), cost.ops,
                               static_cast<std::size_t>(cost.memory),
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return Unexpected(PasswordError::out_of_memory);
    return out;
}

Result<OwnLk, PasswordError> derive_login_key(ByteView nfc_password, const CurvePublic& server,
                                              std::string_view username, const PasswordCost& cost) {
    const auto salt = hash(label::password_salt, {server.view(), as_bytes(username)});
    const auto seed = stretch_password(nfc_password, std::span(salt).first<16>(), cost);
    if (!seed) return Unexpected(seed.error());
    return OwnLk::from_seed(*seed);
}

bool username_is_valid(std::string_view username) noexcept {
    return username.size() >= 3 && username.size() <= 32 &&
           std::all_of(username.begin(), username.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                      c == '-';
           });
}

ByteArray<32> challenge_mac(const Secret<32>& server_secret, const LoginContext& context,
                            const LoginSubject& subject) {
    // The number of fields and the method differ, so a name can never look like a device.
    const auto ts = le_bytes(context.challenge_ts_ms);
    if (const auto* username = std::get_if<std::string>(&subject))
        return keyed_hash(server_secret, label::login_challenge,
                          {context.client.view(), le_bytes(std::uint8_t{1}), as_bytes(*username),
                           context.client_nonce, ts, context.server_nonce});
    const auto& device = std::get<DeviceLogin>(subject);
    return keyed_hash(server_secret, label::login_challenge,
                      {context.client.view(), le_bytes(std::uint8_t{2}), device.account.view(),
                       device.device.view(), context.client_nonce, ts, context.server_nonce});
}

bool challenge_is_valid(const Secret<32>& server_secret, const LoginContext& context,
                        const LoginSubject& subject, ByteView mac, std::uint64_t now_ms) {
    const bool authentic = constant_time_equal(challenge_mac(server_secret, context, subject), mac);
    const bool fresh = context.challenge_ts_ms <= now_ms &&
                       now_ms - context.challenge_ts_ms <= challenge_lifetime_ms;
    return authentic && fresh;
}

}  // namespace sotto::crypto
