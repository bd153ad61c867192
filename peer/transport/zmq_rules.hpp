// Every rule a client's ZeroMQ socket keeps, one visible line each with its reason.
//
// libzmq's defaults fail open, queue without bound, and can be crashed from outside; so no socket
// is made anywhere else than through these functions. They throw zmq::error_t, which ZmqTransport
// catches at its edge. Frames are at most `frame_max_bytes`; a larger one is our own bug.
#pragma once

#include "crypto/keys.hpp"
#include "crypto/random.hpp"

#include <zmq.hpp>

#include <cstddef>
#include <cstdint>

namespace sotto::peer::transport {

// One frame on any link (docs/protocol-rendezvous.md): keeps what a hostile peer can park small,
// and one frame's time on a slow link short.
inline constexpr std::size_t frame_max_bytes = 64 * 1024;
// CURVE wraps a message into a command frame with this much around it; ZMQ_MAXMSGSIZE counts it.
inline constexpr std::size_t curve_overhead_bytes = 33;
// Frames of one connection that libzmq may hold per direction: 200 x 64 KiB = 13 MB at worst.
inline constexpr int frames_in_flight_max = 200;
// 128 dials at once of 8 addresses, DEALER and both ends of its monitor each, and our own.
inline constexpr int sockets_max = 4'096;
// Connections the kernel may hold for us before we accept them; it takes at most its somaxconn.
inline constexpr int listen_backlog = 4'096;
// A closing socket may take this long to hand its last frame (the log-out) to the kernel.
inline constexpr int linger_on_goodbye_ms = 500;

// Two I/O threads, because libzmq resolves names inside them: a hanging DNS server must not stop
// the direct links. Bit masks for ZMQ_AFFINITY.
inline constexpr std::uint64_t server_io_thread = 1;
inline constexpr std::uint64_t link_io_thread = 2;

// How a DEALER behaves when its connection fails or falls silent.
struct ClientPacing {
    int reconnect_ivl_ms;      // first delay of libzmq's own TCP retries
    int reconnect_ivl_max_ms;  // doubled up to here
    int connect_timeout_ms;
    int heartbeat_ivl_ms;
    int heartbeat_timeout_ms;
    int heartbeat_ttl_ms;  // the listener drops us after this much silence
};

// Seeds libzmq's rand(), checks version and CURVE, and opens a context. Throws zmq::error_t where
// libzmq is too old (before 4.3.2 a stranger can overflow it, CVE-2019-13132) or lacks CURVE.
[[nodiscard]] zmq::context_t make_context(crypto::RandomSource& random);

// A DEALER that trusts one server key. Not connected yet.
[[nodiscard]] zmq::socket_t make_client(zmq::context_t& context, const crypto::CurvePublic& server,
                                        const crypto::OwnCurve& own, const ClientPacing& pacing,
                                        std::uint64_t io_thread);

// A ROUTER that lets in whom the ZAP handler lets in. The handler must be bound already.
[[nodiscard]] zmq::socket_t make_listener(zmq::context_t& context, const crypto::OwnCurve& own);

// A sink for monitor events that can never block an I/O thread.
[[nodiscard]] zmq::socket_t make_monitor_sink(zmq::context_t& context);

// An even number in [low, high].
[[nodiscard]] std::uint64_t random_between(crypto::RandomSource& random, std::uint64_t low,
                                           std::uint64_t high);

}  // namespace sotto::peer::transport
