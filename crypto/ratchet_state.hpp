// The state of a Double Ratchet session, in the names of the specification (docs/protocol.md
// 2.6), and its stored form. A plain value; all moves of it are in ratchet.cpp.
#pragma once

#include "crypto/cert.hpp"

namespace sotto::crypto {

inline constexpr std::uint32_t skip_max_per_chain = 2000;  // 4000 on a DH step: two chains
inline constexpr std::size_t skipped_keys_max = 5000;      // per session; the oldest goes first
inline constexpr std::size_t old_chains_max = 5;           // receiving chains kept for late mail
inline constexpr std::uint64_t skipped_key_ttl_ms = 30ULL * 24 * 60 * 60 * 1000;

/// The key of a message that has not come yet.
struct SkippedKey {
    std::uint32_t chain;  ///< number of the receiving chain
    std::uint32_t n;      ///< message number in it
    std::uint64_t stored_at_ms;
    Secret<32> key;
};
/// Ascending by (chain, n), which is also the order of insertion: the oldest is in front.
using SkippedKeys = std::vector<SkippedKey, WipingAllocator<SkippedKey>>;

/// A receiving chain that has ended; its header key finds late messages.
struct OldChain {
    std::uint32_t chain = 0;
    Secret<32> header_key;
};

struct RatchetState {
    Suite suite = Suite::classical;
    bool initiator = false;
    SessionId sid{ByteArray<16>{}};
    ByteArray<32> associated_data{};  ///< AD
    Secret<32> root;                  ///< RK
    /// DHs. Empty between the receipt of a new DHr and the next message sent.
    std::optional<Secret<32>> own_ratchet_secret;
    ByteArray<32> own_ratchet_public{};
    std::optional<ByteArray<32>> their_ratchet;  ///< DHr
    std::optional<Secret<32>> send_chain;        ///< CKs; empty likewise
    std::optional<Secret<32>> receive_chain;     ///< CKr
    std::optional<Secret<32>> send_header;       ///< HKs; empty likewise
    std::optional<Secret<32>> receive_header;    ///< HKr
    Secret<32> next_send_header;                 ///< NHKs
    Secret<32> next_receive_header;              ///< NHKr
    std::uint32_t sent = 0;                      ///< Ns
    std::uint32_t received = 0;                  ///< Nr
    std::uint32_t previous_sent = 0;             ///< PN
    std::uint32_t receive_chain_number = 0;      ///< of CKr; the first is 1
    std::vector<OldChain, WipingAllocator<OldChain>>
        old_chains;       ///< ascending, at most old_chains_max
    SkippedKeys skipped;  ///< at most skipped_keys_max
};

[[nodiscard]] SecretBytes serialise_state(const RatchetState& state);
/// Nothing for any byte string that serialise_state() does not make.
[[nodiscard]] std::optional<RatchetState> deserialise_state(ByteView bytes);

}  // namespace sotto::crypto
