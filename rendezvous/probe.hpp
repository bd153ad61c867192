// One real client's look at a running server: does it let strangers in, and does it answer?
//
// A TCP connection proves only that the kernel listens. Makes a key of its own, asks for nothing
// that changes anything, and waits a bounded time. For the doctor.
#pragma once

#include "crypto/keys.hpp"
#include "rendezvous/endpoint.hpp"

namespace sotto::rendezvous {

// Whether a CURVE handshake with the server that has `server_key` succeeds at `endpoint` (a
// wildcard: at loopback), and it answers within `patience_ms`.
[[nodiscard]] bool lets_strangers_in(const Endpoint& endpoint,
                                     const crypto::CurvePublic& server_key, int patience_ms);

}  // namespace sotto::rendezvous
