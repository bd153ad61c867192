#include "tests/support/rendezvous_person.hpp"

namespace sotto::rendezvous::testing {

Person Person::make(crypto::RandomSource& random, std::string username) {
    auto amk = crypto::OwnAccountKey::generate(random);
    auto dsk = crypto::OwnDsk::generate(random);
    auto cert = make_cert(random, amk, dsk);
    auto list = crypto::DevList::first(amk, {{cert.device(), cert.hash(), true}}, start_ms);
    return {std::move(username), std::move(amk), std::move(dsk), crypto::OwnLk::generate(random),
            std::move(cert),     std::move(list)};
}

crypto::Cert Person::make_cert(crypto::RandomSource& random, const crypto::OwnAccountKey& amk,
                               const crypto::OwnDsk& dsk) {
    return crypto::Cert::create(amk, dsk,
                                {.device = DeviceId::generate(random),
                                 .dik = crypto::OwnDik::generate(random).public_key(),
                                 .suites = crypto::SuiteSet(1),
                                 .min_suite = 1,
                                 .created_ms = start_ms});
}

crypto::LoginContext context_of(const crypto::CurvePublic& server,
                                const crypto::CurvePublic& client, crypto::LoginPurpose purpose,
                                const Bytes32& cnonce, const Challenge& challenge) {
    return {.server = server,
            .client = client,
            .purpose = purpose,
            .client_nonce = cnonce,
            .challenge_ts_ms = challenge.ts_ms,
            .server_nonce = challenge.snonce};
}

ChallengeProof proof_of(const Bytes32& cnonce, const Challenge& challenge) {
    return {cnonce, challenge.ts_ms, challenge.snonce, challenge.mac};
}

Register register_request(const Person& person, const crypto::LoginContext& context,
                          const ChallengeProof& proof) {
    return {
        .username = person.username,
        .cert = to_bytes(person.cert.encoded()),
        .device_list = to_bytes(person.list.encoded()),
        .login_key = person.login_key.public_key(),
        .listed = true,
        .visibility = Visibility::members,
        .invite_token = std::nullopt,
        .proof = proof,
        .login_signature = crypto::sign_password_login(person.login_key, context, person.username),
        .device_signature = crypto::sign_device_login(person.dsk, context, person.subject())};
}

LoginDevice device_login(const Person& person, const crypto::LoginContext& context,
                         const ChallengeProof& proof) {
    return {person.account(), person.device(), proof,
            crypto::sign_device_login(person.dsk, context, person.subject())};
}

LoginPassword password_login(const Person& person, const crypto::LoginContext& context,
                             const ChallengeProof& proof) {
    return {false, person.username, proof,
            crypto::sign_password_login(person.login_key, context, person.username)};
}

ChangePassword change_password(const Person& person, const crypto::OwnLk& fresh,
                               const crypto::LoginContext& context, const ChallengeProof& proof) {
    return {.username = person.username,
            .login_key = fresh.public_key(),
            .proof = proof,
            .signature = crypto::sign_password_change(person.login_key, context, person.username,
                                                      fresh.public_key()),
            .possession = crypto::sign_password_change_possession(fresh, context, person.username)};
}

PutMail mail_with_token(const ops::MailAddress& to, const MailboxToken& token,
                        const EnvelopeId& envelope, Bytes item) {
    return {.account = to.account,
            .device = to.device,
            .envelope = envelope,
            .authority = PutAuthority::mailbox_token,
            .token = token,
            .stored = true,
            .item = std::move(item)};
}

MailboxTokenHash token_hash(const MailboxToken& token) {
    return MailboxTokenHash(crypto::hash(crypto::label::mailbox_token, {token.view()}));
}

}  // namespace sotto::rendezvous::testing
