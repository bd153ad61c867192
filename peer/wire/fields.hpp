// The numbers inside the envelope's bytes. For the two halves of its codec only.
#pragma once

#include "peer/wire/envelope.hpp"

namespace sotto::peer::wire {

inline constexpr std::uint8_t envelope_version = 1;

// version, type, flags, id, conversation, sequence, time, two gossip marks
inline constexpr std::size_t fixed_part_bytes = 3 + 16 + 32 + 8 + 8 + 2 * 16;

// A body field is u8 tag || u16 length || value. Tags from 128 on may be skipped by who does not
// know them; an unknown one below makes the whole envelope Unsupported. 120 is reserved for
// transparency checkpoints (docs/protocol.md 2.17).
enum class Field : std::uint8_t {
    text = 1,
    delivered = 2,
    read = 3,
    typing = 4,
    username = 5,
    token = 6,
    serial = 7,
    endpoints = 8,
    server_key = 9,
    dial_with = 10,
    expires = 11,
    old_session = 12,
};
inline constexpr std::uint8_t last_known_field = 12;
inline constexpr std::uint8_t first_ignorable_field = 128;
// Far above what a conversation reaches; keeps arithmetic on ranges from wrapping.
inline constexpr std::uint64_t max_sequence = 1ULL << 48U;

[[nodiscard]] Type type_of(const Body& body);

}  // namespace sotto::peer::wire
