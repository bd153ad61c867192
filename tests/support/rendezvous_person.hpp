// A person with an account at a rendezvous: keys, certificate, device list; and the client's half
// of what is signed. For tests and benchmarks.
#pragma once

#include "crypto/curve.hpp"
#include "crypto/dev_list.hpp"
#include "rendezvous/protocol.hpp"
#include "rendezvous/store_ops.hpp"

namespace sotto::rendezvous::testing {

inline constexpr std::uint64_t start_ms = 1'800'000'000'000;

struct Person {
    std::string username;
    crypto::OwnAccountKey amk;
    crypto::OwnDsk dsk;
    crypto::OwnLk login_key;
    crypto::Cert cert;
    crypto::DevList list;

    static Person make(crypto::RandomSource& random, std::string username);
    static crypto::Cert make_cert(crypto::RandomSource& random, const crypto::OwnAccountKey& amk,
                                  const crypto::OwnDsk& dsk);
    [[nodiscard]] AccountId account() const { return amk.public_key(); }
    [[nodiscard]] DeviceId device() const { return cert.device(); }
    [[nodiscard]] ops::MailAddress address() const { return {account(), device()}; }
    [[nodiscard]] crypto::DeviceLogin subject() const { return {account(), device()}; }
};

inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}

// `server` and `client` are CURVE keys.
[[nodiscard]] crypto::LoginContext context_of(const crypto::CurvePublic& server,
                                              const crypto::CurvePublic& client,
                                              crypto::LoginPurpose purpose, const Bytes32& cnonce,
                                              const Challenge& challenge);
[[nodiscard]] ChallengeProof proof_of(const Bytes32& cnonce, const Challenge& challenge);
[[nodiscard]] Register register_request(const Person& person, const crypto::LoginContext& context,
                                        const ChallengeProof& proof);
[[nodiscard]] LoginDevice device_login(const Person& person, const crypto::LoginContext& context,
                                       const ChallengeProof& proof);
[[nodiscard]] LoginPassword password_login(const Person& person,
                                           const crypto::LoginContext& context,
                                           const ChallengeProof& proof);

// From the person's login key to `fresh`.
[[nodiscard]] ChangePassword change_password(const Person& person, const crypto::OwnLk& fresh,
                                             const crypto::LoginContext& context,
                                             const ChallengeProof& proof);

// Stored mail with the person's token.
[[nodiscard]] PutMail mail_with_token(const ops::MailAddress& to, const MailboxToken& token,
                                      const EnvelopeId& envelope, Bytes item);
// What the server keeps of a token.
[[nodiscard]] MailboxTokenHash token_hash(const MailboxToken& token);

}  // namespace sotto::rendezvous::testing
