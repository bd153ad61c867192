#include "crypto/handshake_secrets.hpp"

namespace sotto::crypto {

TranscriptHash transcript_hash(const Transcript& t) {
    const auto suite = le_bytes(static_cast<std::uint8_t>(t.suite));
    const auto flags = le_bytes(handshake_flags(t.opk.has_value(), t.pq_one_time));
    const auto spk_id = le_bytes(t.spk_id);
    const auto opk_id = le_bytes(t.opk_id);
    const auto pq_id = le_bytes(t.pq_id);
    return TranscriptHash(hash512(
        label::handshake,
        {suite, flags, t.initiator.account.view(), t.initiator.cert.view(), t.initiator.dik.view(),
         t.responder.account.view(), t.responder.cert.view(), t.responder.dik.view(), t.ek.view(),
         spk_id, t.spk.view(), opk_id, t.opk ? ByteView(t.opk->view()) : ByteView(), pq_id,
         t.pq_public, t.kem_ciphertext}));
}

SessionSecrets derive_session(Suite suite, const HandshakeInput& input,
                              const TranscriptHash& transcript) {
    SecretBytes key_material;
    key_material.reserve(5 * 32);
    const auto append = [&](const Secret<32>& secret) {
        key_material.insert(key_material.end(), secret.view().begin(), secret.view().end());
    };
    append(input.dh1);
    append(input.dh2);
    append(input.dh3);
    if (input.dh4) append(*input.dh4);
    if (input.kem) append(*input.kem);

    const ByteArray<64> salt{};
    Secret<112> out;
    hkdf(salt, key_material, enc(label::handshake_keys, {transcript.view()}), out.writable());
    SessionSecrets secrets{.suite = suite,
                           .sid = SessionId(out.view().subspan<96, 16>()),
                           .associated_data = {},
                           .root = Secret<32>(out.view().subspan<0, 32>()),
                           .header_key = Secret<32>(out.view().subspan<32, 32>()),
                           .next_header_key = Secret<32>(out.view().subspan<64, 32>())};
    std::copy_n(transcript.view().begin(), 32, secrets.associated_data.begin());
    return secrets;
}

}  // namespace sotto::crypto
