#include "crypto/signatures.hpp"

#include <sodium.h>

#include "crypto/password.hpp"

namespace sotto::crypto {

static_assert(crypto_sign_BYTES == Signature::size);

/// Raw signing and verifying; visible in this file only.
class Signer {
public:
    template <class Public>
    static Signature sign(const OwnSigning<Public>& key, Label label, Fields fields) {
        const Bytes message = enc(label, fields);
        ByteArray<Signature::size> out;
        crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                             key.expanded_.view().data());
        return Signature(out);
    }
    /// libsodium refuses small-order keys and R, and non-canonical keys and S.
    template <class Public>
    static bool verify(const Public& key, Label label, Fields fields, const Signature& signature) {
        const Bytes message = enc(label, fields);
        return crypto_sign_verify_detached(signature.view().data(), message.data(), message.size(),
                                           key.view().data()) == 0;
    }
};

Signature sign_cert(const OwnAccountKey& key, ByteView body) {
    return Signer::sign(key, label::cert, {body});
}
bool verify_cert(const AccountId& key, ByteView body, const Signature& signature) {
    return Signer::verify(key, label::cert, {body}, signature);
}

Signature sign_cert_possession(const OwnDsk& key, ByteView body) {
    return Signer::sign(key, label::cert_possession, {body});
}
bool verify_cert_possession(const DskPublic& key, ByteView body, const Signature& signature) {
    return Signer::verify(key, label::cert_possession, {body}, signature);
}

Signature sign_dev_list(const OwnAccountKey& key, ByteView body) {
    return Signer::sign(key, label::dev_list, {body});
}
bool verify_dev_list(const AccountId& key, ByteView body, const Signature& signature) {
    return Signer::verify(key, label::dev_list, {body}, signature);
}

Signature sign_prekey_record(const OwnDsk& key, ByteView body) {
    return Signer::sign(key, label::prekey_record, {body});
}
bool verify_prekey_record(const DskPublic& key, ByteView body, const Signature& signature) {
    return Signer::verify(key, label::prekey_record, {body}, signature);
}

Signature sign_one_time_record(const OwnDsk& key, ByteView body) {
    return Signer::sign(key, label::one_time_record, {body});
}
bool verify_one_time_record(const DskPublic& key, ByteView body, const Signature& signature) {
    return Signer::verify(key, label::one_time_record, {body}, signature);
}

// Login signatures (password.hpp). The fields are those of docs/protocol.md 2.3, in its
// order.

namespace {

/// Calls `use` with the fields of a login by `subject`.
template <class Use>
auto with_fields(const LoginContext& context, std::initializer_list<ByteView> subject, Use use) {
    ensure(subject.size() == 1 || subject.size() == 2, "a name, or account and device");
    const auto purpose = le_bytes(static_cast<std::uint8_t>(context.purpose));
    const auto ts = le_bytes(context.challenge_ts_ms);
    const ByteView first = *subject.begin();
    if (subject.size() == 1)
        return use(Fields{context.server.view(), context.client.view(), first, purpose,
                          context.client_nonce, ts, context.server_nonce});
    const ByteView second = *(subject.begin() + 1);
    return use(Fields{context.server.view(), context.client.view(), first, second, purpose,
                      context.client_nonce, ts, context.server_nonce});
}

}  // namespace

Signature sign_password_login(const OwnLk& key, const LoginContext& context,
                              std::string_view username) {
    return with_fields(context, {as_bytes(username)}, [&](Fields fields) {
        return Signer::sign(key, label::password_login, fields);
    });
}

bool verify_password_login(const LkPublic& key, const LoginContext& context,
                           std::string_view username, const Signature& signature) {
    return with_fields(context, {as_bytes(username)}, [&](Fields fields) {
        return Signer::verify(key, label::password_login, fields, signature);
    });
}

Signature sign_device_login(const OwnDsk& key, const LoginContext& context,
                            const DeviceLogin& subject) {
    return with_fields(
        context, {subject.account.view(), subject.device.view()},
        [&](Fields fields) { return Signer::sign(key, label::device_login, fields); });
}

bool verify_device_login(const DskPublic& key, const LoginContext& context,
                         const DeviceLogin& subject, const Signature& signature) {
    return with_fields(
        context, {subject.account.view(), subject.device.view()},
        [&](Fields fields) { return Signer::verify(key, label::device_login, fields, signature); });
}

Signature sign_password_change(const OwnLk& old_key, const LoginContext& context,
                               std::string_view username, const LkPublic& replacement) {
    return with_fields(context, {as_bytes(username), replacement.view()}, [&](Fields fields) {
        return Signer::sign(old_key, label::password_change, fields);
    });
}

bool verify_password_change(const LkPublic& old_key, const LoginContext& context,
                            std::string_view username, const LkPublic& replacement,
                            const Signature& signature) {
    return with_fields(context, {as_bytes(username), replacement.view()}, [&](Fields fields) {
        return Signer::verify(old_key, label::password_change, fields, signature);
    });
}

Signature sign_password_change_possession(const OwnLk& replacement, const LoginContext& context,
                                          std::string_view username) {
    const LkPublic key = replacement.public_key();
    return with_fields(context, {as_bytes(username), key.view()}, [&](Fields fields) {
        return Signer::sign(replacement, label::password_change_possession, fields);
    });
}

bool verify_password_change_possession(const LkPublic& replacement, const LoginContext& context,
                                       std::string_view username, const Signature& signature) {
    return with_fields(context, {as_bytes(username), replacement.view()}, [&](Fields fields) {
        return Signer::verify(replacement, label::password_change_possession, fields, signature);
    });
}

}  // namespace sotto::crypto
