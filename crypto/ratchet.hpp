// The Double Ratchet with header encryption (Double Ratchet specification, section 4;
// docs/protocol.md 2.6).
//
// A value: copyable, movable, no clock, no generator. decrypt() is const and works on a copy that
// it returns: hostile bytes cannot move the state. encrypt() advances this state; the caller stores
// it in the same transaction as the ciphertext, before sending (a key that encrypted twice is
// broken). New ratchet keys are made when the next message is SENT (Double Ratchet, "Deferring new
// ratchet key generation"), so receiving needs no randomness.
#pragma once

#include "crypto/ratchet_state.hpp"

namespace sotto::crypto {

enum class RatchetError : std::uint8_t {
    malformed,         ///< length or version; not one of the bucket sizes (2.7)
    wrong_session,     ///< session id of another session
    bad_header,        ///< no header key opens it: foreign, reflected or damaged
    bad_key,           ///< authentic header with an unusable ratchet key
    duplicate,         ///< its key was used already (or its place was given up)
    too_many_skipped,  ///< more than skip_max_per_chain messages left out
    bad_body,          ///< the header is authentic, the body is not
    too_large,         ///< encrypt: content above content_size_max
    not_ready,         ///< encrypt: a responder that has not received anything yet
    exhausted,         ///< encrypt: 2^32 - 1 messages in one chain
};
[[nodiscard]] std::string_view to_string(RatchetError error) noexcept;

/// What a handshake yields.
struct SessionSecrets {
    Suite suite;
    SessionId sid;
    ByteArray<32> associated_data;  ///< AD: the first half of the transcript hash
    Secret<32> root;                ///< SK
    Secret<32> header_key;          ///< HK_A
    Secret<32> next_header_key;     ///< NHK_B
};

class Ratchet {
public:
    struct Decrypted;

    /// Nothing when the SPK is of low order.
    [[nodiscard]] static std::optional<Ratchet> initiator(const SessionSecrets& secrets,
                                                          const SpkPublic& their_spk,
                                                          RandomSource& random);
    [[nodiscard]] static Ratchet responder(const SessionSecrets& secrets, const OwnSpk& own_spk);

    /// A message of one of the bucket sizes. Errors: too_large, not_ready, exhausted; then the
    /// state is unchanged.
    [[nodiscard]] Result<Bytes, RatchetError> encrypt(ByteView content, RandomSource& random);

    /// Makes the next sending chain now, if one is due, so that encrypt() need not: two X25519
    /// nobody waits for. Sends nothing; the caller stores the state as after encrypt() (decision
    /// 0012).
    void prepare(RandomSource& random);

    /// The content and the state to store with it. `now_ms` dates skipped keys and retires old
    /// ones.
    [[nodiscard]] Result<Decrypted, RatchetError> decrypt(ByteView message,
                                                          std::uint64_t now_ms) const;

    /// Forgets the keys of messages that have not come within skipped_key_ttl_ms, also of a session
    /// in which nothing comes any more. True: some went, and the caller stores the state.
    [[nodiscard]] bool expire(std::uint64_t now_ms);

    [[nodiscard]] const SessionId& sid() const noexcept;
    [[nodiscard]] Suite suite() const noexcept;
    [[nodiscard]] bool is_initiator() const noexcept;
    /// Something from the other side was decrypted: it holds the session too.
    [[nodiscard]] bool confirmed() const noexcept;
    [[nodiscard]] std::size_t skipped_key_count() const noexcept;
    /// For tests and the test-vector program; holds every secret of the session.
    [[nodiscard]] const RatchetState& state() const noexcept { return state_; }

    /// Secret; for the encrypted database only. First byte: format version 1.
    [[nodiscard]] SecretBytes serialise() const;
    /// Nothing for any byte string that serialise() does not make.
    [[nodiscard]] static std::optional<Ratchet> deserialise(ByteView bytes);

private:
    explicit Ratchet(RatchetState state) noexcept : state_(std::move(state)) {}
    RatchetState state_;
};

struct Ratchet::Decrypted {
    SecretBytes content;
    Ratchet next;
};

/// The session id a message claims, before any decryption; nothing when malformed.
[[nodiscard]] std::optional<SessionId> peek_session_id(ByteView ratchet_message) noexcept;

}  // namespace sotto::crypto
