// The sizes a contact's bytes may have, each with its reason (docs/protocol-envelope.md).
#pragma once

#include <cstddef>

namespace sotto::peer::wire {

// A message of a person. With the fixed part and the ratchet's overhead it fits the bucket of
// 61,440 bytes with room for a handshake in front; longer texts are files.
inline constexpr std::size_t max_text_bytes = 32 * 1024;

// A stranger's text: enough to say who one is. 900 bytes hold 300 characters of every script of the
// Basic Multilingual Plane and keep the whole request body below 1 KB.
inline constexpr std::size_t max_request_characters = 300;
inline constexpr std::size_t max_request_text_bytes = 900;
inline constexpr std::size_t max_request_body_bytes = 1024;

// LAN v4 and v6, global v6 of a few interfaces, mapped and observed addresses: 16 is generous, and
// bounds what a contact can make us dial.
inline constexpr std::size_t max_endpoints = 16;
inline constexpr std::size_t max_endpoint_bytes = 64;  // "tcp://[v6 address]:port" is at most 53

// One body TLV; also bounds the envelope, which carries at most a handful.
inline constexpr std::size_t max_value_bytes = 65535;

// A direct frame carries one ratchet message, at most with a handshake in front.
inline constexpr std::size_t max_payload_bytes = 65536 - 512;
// Acknowledgements in one frame: as many as may be in flight (engine/limits.hpp).
inline constexpr std::size_t max_link_acks = 512;

}  // namespace sotto::peer::wire
