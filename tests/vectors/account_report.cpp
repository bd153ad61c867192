#include "tests/vectors/account_report.hpp"

#include <stdexcept>

#include "crypto/password.hpp"
#include "crypto/vault_header.hpp"

namespace sotto::vectors {

using namespace crypto;

namespace {

/// Argon2id's cost in the input: a small one, so that a slow language can follow.
PasswordCost cost_of(const Json& fixed) {
    const PasswordCost cost{.ops = fixed.at("ops").get<std::uint32_t>(),
                            .memory = fixed.at("memory").get<std::uint64_t>()};
    if (!password_cost_limits_for_tests.allow(cost)) throw std::runtime_error("ops or memory");
    return cost;
}

template <class Key>
Key from_scalar(const Json& fixed, const char* name) {
    return Key::from_secret(secret_of(fixed, name));
}

LoginContext context_of(const Json& fixed, LoginPurpose purpose) {
    const Bytes cnonce = bytes_of(fixed, "cnonce", 32);
    const Bytes snonce = bytes_of(fixed, "snonce", 32);
    LoginContext context{.server = from_scalar<OwnCurve>(fixed, "server_curve").public_key(),
                         .client = from_scalar<OwnCurve>(fixed, "client_curve").public_key(),
                         .purpose = purpose,
                         .client_nonce = {},
                         .challenge_ts_ms = fixed.at("ts_ms").get<std::uint64_t>(),
                         .server_nonce = {}};
    std::copy(cnonce.begin(), cnonce.end(), context.client_nonce.begin());
    std::copy(snonce.begin(), snonce.end(), context.server_nonce.begin());
    return context;
}

}  // namespace

Json report_vault(const Json& fixed) {
    const PasswordCost cost = cost_of(fixed);
    const Bytes passphrase = bytes_of(fixed, "passphrase");
    const Bytes salt = bytes_of(fixed, "salt", 16);
    const std::uint64_t epoch = fixed.at("state_epoch").get<std::uint64_t>();
    Writer drawn;
    drawn.raw(bytes_of(fixed, "dbk", 32)).raw(salt).raw(bytes_of(fixed, "nonce", 24));
    FixedRandom random(std::move(drawn).take());
    const auto made = create_vault(passphrase, cost, password_cost_limits_for_tests, random);
    if (!made) throw std::runtime_error(std::string(to_string(made.error())));
    const Bytes header = with_state_epoch(made->header, made->key, epoch).value();
    const auto opened = open_vault(header, passphrase, password_cost_limits_for_tests);
    agree(opened && opened->state_epoch == epoch &&
              equal(opened->key.view(), bytes_of(fixed, "dbk", 32)),
          "vault header");
    const auto stretched = stretch_password(passphrase, ByteView(salt).first<16>(), cost);
    Secret<32> kek;
    hkdf({}, stretched.value().view(), enc(label::vault_kek, {}), kek.writable());
    Secret<32> mac_key;
    hkdf({}, made->key.view(), enc(label::vault_epoch_key, {}), mac_key.writable());
    return {{"argon2id", hex(stretched->view())},
            {"kek", hex(kek.view())},
            {"mac_key", hex(mac_key.view())},
            {"header", hex(header)}};
}

Json report_login(const Side& side, const Json& fixed) {
    const auto purpose = static_cast<LoginPurpose>(fixed.at("purpose").get<std::uint8_t>());
    const LoginContext context = context_of(fixed, purpose);
    const LoginContext change = context_of(fixed, LoginPurpose::change_password);
    const auto username = fixed.at("username").get<std::string>();
    if (!username_is_valid(username)) throw std::runtime_error("username");
    const OwnLk lk =
        derive_login_key(bytes_of(fixed, "password"), context.server, username, cost_of(fixed))
            .value();
    const auto salt = hash(label::password_salt, {context.server.view(), as_bytes(username)});
    const OwnLk replacement = OwnLk::from_seed(secret_of(fixed, "new_lk_seed"));
    const DeviceLogin device{.account = side.cert.account(), .device = side.cert.device()};
    const Secret<32> server_secret = secret_of(fixed, "k_srv");

    const auto by_name = challenge_mac(server_secret, context, username);
    const auto by_device = challenge_mac(server_secret, context, device);
    agree(
        challenge_is_valid(server_secret, context, username, by_name, context.challenge_ts_ms) &&
            challenge_is_valid(server_secret, context, device, by_device, context.challenge_ts_ms),
        "challenge");
    const Signature password_login = sign_password_login(lk, context, username);
    const Signature device_login = sign_device_login(side.dsk, context, device);
    const Signature password_change =
        sign_password_change(lk, change, username, replacement.public_key());
    const Signature possession = sign_password_change_possession(replacement, change, username);
    agree(verify_password_login(lk.public_key(), context, username, password_login) &&
              verify_device_login(side.dsk.public_key(), context, device, device_login) &&
              verify_password_change(lk.public_key(), change, username, replacement.public_key(),
                                     password_change) &&
              verify_password_change_possession(replacement.public_key(), change, username,
                                                possession),
          "login signatures");
    return {{"server_curve", hex(context.server.view())},
            {"client_curve", hex(context.client.view())},
            {"salt", hex(ByteView(salt).first(16))},
            {"lk", hex(lk.public_key().view())},
            {"new_lk", hex(replacement.public_key().view())},
            {"challenge_mac", hex(by_name)},
            {"challenge_mac_device", hex(by_device)},
            {"pwlogin", hex(password_login.view())},
            {"devlogin", hex(device_login.view())},
            {"pwchange", hex(password_change.view())},
            {"pwchangepop", hex(possession.view())}};
}

}  // namespace sotto::vectors
