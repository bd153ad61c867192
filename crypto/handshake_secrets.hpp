// The computation inside the handshake, the same on both sides: transcript, then keys
// (docs/protocol.md 2.5). By itself so that the test-vector program can show every value.
#pragma once

#include "crypto/ratchet.hpp"

namespace sotto::crypto {

/// One side as it enters the transcript.
struct TranscriptSide {
    AccountId account;
    CertHash cert;
    DikPublic dik;
};

/// All that both sides must agree on. What is absent is 0 or empty.
struct Transcript {
    Suite suite;
    TranscriptSide initiator;
    TranscriptSide responder;
    EkPublic ek;
    std::uint32_t spk_id;
    SpkPublic spk;
    std::uint32_t opk_id;
    std::optional<OpkPublic> opk;
    bool pq_one_time;
    std::uint32_t pq_id;
    ByteView pq_public;
    ByteView kem_ciphertext;
};
/// TH = BLAKE2b-512(enc("PM1/hs", ...)).
[[nodiscard]] TranscriptHash transcript_hash(const Transcript& transcript);

/// The shared secrets in their order; kem only in suite 2.
struct HandshakeInput {
    Secret<32> dh1, dh2, dh3;
    std::optional<Secret<32>> dh4;
    std::optional<Secret<32>> kem;
};
/// SK || HK_A || NHK_B || SID, and AD.
[[nodiscard]] SessionSecrets derive_session(Suite suite, const HandshakeInput& input,
                                            const TranscriptHash& transcript);

inline constexpr std::uint8_t init_version = 1;
/// flags u8 of transcript and init message.
inline constexpr std::uint8_t flag_has_one_time = 1;
inline constexpr std::uint8_t flag_pq_one_time = 2;
[[nodiscard]] constexpr std::uint8_t handshake_flags(bool has_one_time, bool pq_one_time) noexcept {
    return static_cast<std::uint8_t>((has_one_time ? flag_has_one_time : 0) |
                                     (pq_one_time ? flag_pq_one_time : 0));
}

}  // namespace sotto::crypto
