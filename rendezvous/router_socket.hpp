// The server's ROUTER with every rule it has to keep, one visible line each with its reason.
//
// libzmq's defaults fail open, drop silently, queue without bound and can be crashed from outside,
// so the server makes its context and sockets here only. All functions throw zmq::error_t, which
// Server catches at its edge.
#pragma once

#include "crypto/curve.hpp"
#include "crypto/random.hpp"

#include <zmq.hpp>

#include <string>

namespace sotto::rendezvous {

// Makes malloc fit libzmq's habits (decision 0121). For the whole process: before its first thread.
void tune_allocator();

// Seeds libzmq's rand(), checks version and CURVE, opens a context with two I/O threads.
[[nodiscard]] zmq::context_t make_context(crypto::RandomSource& random);

// Not bound yet. The ZAP handler of the same context must be.
[[nodiscard]] zmq::socket_t make_router(zmq::context_t& context, const crypto::OwnCurve& own,
                                        int handshake_ms);

// A client that asks one question and goes, as doctor does. Its calls wait `patience_ms` at most.
[[nodiscard]] zmq::socket_t make_probe(zmq::context_t& context, const crypto::CurvePublic& server,
                                       const crypto::OwnCurve& own, int patience_ms);

// Reports the descriptors of connections that begin and end. Never blocks the I/O threads.
[[nodiscard]] zmq::socket_t make_connection_monitor(zmq::context_t& context, zmq::socket_t& router);

// "4.3.4", of the library that runs.
[[nodiscard]] std::string zmq_version_text();

}  // namespace sotto::rendezvous
