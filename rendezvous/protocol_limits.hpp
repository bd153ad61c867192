// The numbers both sides of the rendezvous protocol agree on, each with its reason.
//
// A frame within these limits is decoded without allocating more than a few times its own size.
// docs/decisions/0020-frame-and-item-sizes.md says how the sizes fit into each other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::rendezvous {

inline constexpr std::uint8_t protocol_version = 1;

// Below 32768, so that no client can connect to itself while the server is down (docs/protocol.md).
inline constexpr std::uint16_t default_port = 7313;

// One frame. ZMQ_MAXMSGSIZE counts the CURVE frame around it: value = frame + 33. 64 KiB keeps a
// hostile client's parked memory (RCVHWM x frame) small and one frame's time on a slow link short.
inline constexpr std::size_t max_frame_bytes = 65536;
inline constexpr std::size_t curve_overhead_bytes = 33;

// A sealed mailbox item. 512 bytes of the frame are left to PutMail or Mail around it (117 bytes
// today). The largest message bucket, 61,440, + the init message's certificate, list and KEM
// ciphertext (<= 2,048) + the seal (126) fits; a bucket of 65,536 would not.
inline constexpr std::size_t max_item_bytes = max_frame_bytes - 512;
inline constexpr std::size_t max_message_bucket_bytes = 61440;

// A stranger's contact request: <= 1 KB of content, bucket 2,048, + init message + seal, doubled.
inline constexpr std::size_t max_request_item_bytes = 8192;

// What is only relayed and never stored: addresses and other news that matter at once, 2 KB at most
// with seal. Without a limit of its own it could fill the queue of a reader who never reads.
inline constexpr std::size_t max_relayed_item_bytes = 8192;

// Proof of work of a registration: 2^22 hashes are some seconds of one core, and the challenge they
// answer lives for a minute. A client refuses more.
inline constexpr std::uint8_t max_registration_work_bits = 22;

inline constexpr std::size_t username_min_bytes = 3;
inline constexpr std::size_t username_max_bytes = 32;

// Records are opaque here and verified with crypto; each limit is the record's largest size,
// rounded up.
inline constexpr std::size_t max_cert_bytes = 512;
inline constexpr std::size_t max_device_list_bytes = 1024;      // 8 devices
inline constexpr std::size_t max_prekey_record_bytes = 1536;    // 279 + X-Wing public key 1216
inline constexpr std::size_t max_one_time_record_bytes = 1408;  // 166 + 1216
inline constexpr std::size_t max_devices = 8;                   // docs/protocol.md 2.2

// docs/protocol.md 2.4: publish 50, refill below 20. With KEM keys (1.4 KB each) 45 fill a frame.
inline constexpr std::size_t max_one_time_per_publish = 50;
inline constexpr std::size_t max_one_time_per_device = 100;
inline constexpr std::size_t one_time_refill_below = 20;

// A name as somebody typed it: longer than allowed ones, so that the answer to a bad name can be
// name_invalid instead of bad_request.
inline constexpr std::size_t max_typed_name_bytes = 48;
inline constexpr std::size_t max_query_bytes = username_max_bytes;
inline constexpr std::uint8_t max_directory_page = 100;   // 100 rows of <= 72 B: one short frame
inline constexpr std::size_t max_watched_accounts = 512;  // x 70 B = 36 KB, fits one frame
inline constexpr std::size_t max_presence_entries = 256;
inline constexpr std::size_t max_ack_rows = 256;       // four windows
inline constexpr std::size_t max_observed_bytes = 64;  // "[v6 address]:port" is at most 47

// Mail a client may have been sent without acknowledging it: bounds the server's memory per reader.
inline constexpr std::size_t mail_window_items = 64;
inline constexpr std::size_t mail_window_bytes = 1024 * 1024;

// docs/protocol.md 2.10.
inline constexpr std::size_t max_mailbox_items = 2000;
inline constexpr std::size_t max_mailbox_bytes = 64 * 1024 * 1024;
inline constexpr std::uint64_t mail_ttl_ms = 14ULL * 24 * 3600 * 1000;
inline constexpr std::uint64_t previous_token_ttl_ms = mail_ttl_ms;

// A client that said nothing for this long is offline. Clients ping every 30 s (+- jitter) and take
// two missed pongs for a dead session, so this allows two lost pings.
inline constexpr std::uint64_t lease_ms = 75'000;
inline constexpr std::uint64_t ping_interval_ms = 30'000;

}  // namespace sotto::rendezvous
