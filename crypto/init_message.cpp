// The init message's decoder and the names of the handshake's errors (handshake.hpp).
#include "crypto/handshake.hpp"
#include "crypto/handshake_secrets.hpp"

namespace sotto::crypto {

std::string_view to_string(HandshakeError error) noexcept {
    switch (error) {
        case HandshakeError::malformed:
            return "malformed init message";
        case HandshakeError::wrong_account:
            return "records of another account";
        case HandshakeError::same_device:
            return "handshake with oneself";
        case HandshakeError::not_listed:
            return "device is not in its account's list";
        case HandshakeError::list_expired:
            return "device list expired";
        case HandshakeError::list_rollback:
            return "device list older than the one held";
        case HandshakeError::list_fork:
            return "device list does not follow the one held";
        case HandshakeError::prekey_expired:
            return "prekeys expired";
        case HandshakeError::prekey_rollback:
            return "prekeys older than some seen before";
        case HandshakeError::suite_stripped:
            return "cipher suite lowered";
        case HandshakeError::suite_unsupported:
            return "no common cipher suite";
        case HandshakeError::unknown_prekey:
            return "unknown prekey";
        case HandshakeError::bad_key:
            return "unusable key";
        case HandshakeError::bad_first_message:
            return "first message does not decrypt";
    }
    return "unknown";
}

Result<InitMessage, HandshakeError> decode_init_message(ByteView bytes) {
    VerifiedRecords none;
    return decode_init_message(bytes, none);
}

Result<InitMessage, HandshakeError> decode_init_message(ByteView bytes, VerifiedRecords& known) {
    const auto malformed = Unexpected(HandshakeError::malformed);
    Reader in(bytes);
    if (in.u8() != init_version) return malformed;
    const std::uint8_t suite = in.u8();
    const std::uint8_t flags = in.u8();
    if (suite < 1 || suite > 2 || (flags & ~(flag_has_one_time | flag_pq_one_time)) != 0)
        return malformed;
    const bool hybrid = suite == 2;
    const bool has_one_time = (flags & flag_has_one_time) != 0;
    const bool pq_one_time = (flags & flag_pq_one_time) != 0;
    const ByteView cert_bytes = in.raw(Cert::encoded_size);
    const ByteView list_bytes = in.sized16();
    const auto ek = EkPublic::parse(in.raw(32));
    const std::uint32_t spk_id = in.u32();
    const std::uint32_t opk_id = in.u32();
    const std::uint32_t pq_id = in.u32();
    const ByteView ciphertext = in.raw(hybrid ? kem_ciphertext_size : 0);
    const ByteView ratchet_message = in.rest();
    // One meaning, one encoding: what a flag says is absent must be zero.
    if (!in.finished() || !ek || has_one_time != (opk_id != 0) || hybrid != (pq_id != 0) ||
        (pq_one_time && (!hybrid || pq_id != opk_id)))
        return malformed;
    const auto session = peek_session_id(ratchet_message);
    if (!session) return malformed;
    // Signatures last: they cost most.
    const auto cert = Cert::decode(cert_bytes, known);
    if (!cert) return malformed;
    auto dev_list = DevList::decode(list_bytes, known);
    if (!dev_list) return malformed;
    return InitMessage{.suite = static_cast<Suite>(suite),
                       .has_one_time = has_one_time,
                       .pq_one_time = pq_one_time,
                       .cert = *cert,
                       .dev_list = *std::move(dev_list),
                       .ek = *ek,
                       .spk_id = spk_id,
                       .opk_id = opk_id,
                       .pq_id = pq_id,
                       .kem_ciphertext = Bytes(ciphertext.begin(), ciphertext.end()),
                       .ratchet_message = Bytes(ratchet_message.begin(), ratchet_message.end()),
                       .session = *session};
}

}  // namespace sotto::crypto
