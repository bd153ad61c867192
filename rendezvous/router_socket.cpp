#include "rendezvous/router_socket.hpp"

#include "crypto/bytes.hpp"
#include "crypto/curve_guard.hpp"
#include "rendezvous/protocol_limits.hpp"
#include "rendezvous/zap_handler.hpp"

#include <malloc.h>

#include <cstdlib>

namespace sotto::rendezvous {

namespace {

// Accepted by libzmq 4.3 at run time, declared only in its draft header.
using ZapEnforceDomain = zmq::sockopt::integral_option<93, int, false>;

constexpr const char* monitor_endpoint = "inproc://sotto-router-monitor";
// Frames libzmq may hold per client and direction: twice a mail window, and 128 x 64 KiB = 8 MiB
// at worst.
constexpr int frames_per_client = 128;

// libzmq allocates three blocks of 16 to 18 KiB for each connection, and mostly uses the first few
// hundred bytes. As mappings they cost one page each, and go back to the system when they end.
constexpr int mapped_from_bytes = 16'400;
// Below the kernel's limit of 65,530 mappings a process; beyond, the heap grows as usual.
constexpr int most_mappings = 40'000;

}  // namespace

void tune_allocator() {
    mallopt(M_MMAP_THRESHOLD, mapped_from_bytes);
    mallopt(M_MMAP_MAX, most_mappings);
}

zmq::context_t make_context(crypto::RandomSource& random) {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    // Before 4.3.2 a stranger can overflow a buffer before the handshake (CVE-2019-13132).
    const bool new_enough = major * 10'000 + minor * 100 + patch >= 40'302;
    // Without the guard doctor's client could be ended, or fooled, by who answers it.
    if (!new_enough || zmq_has("curve") == 0 || !crypto::curve_guard_holds()) {
        errno = ENOTSUP;
        throw zmq::error_t();
    }
    // libzmq never seeds rand(), from which it draws routing ids: predictable ones let a client
    // abort the server. Before the first socket.
    std::srand(crypto::Reader(random.array<4>()).u32());
    zmq::context_t context;
    context.set(zmq::ctxopt::io_threads, 2);  // more relayed messages a second with many clients
    return context;
}

zmq::socket_t make_router(zmq::context_t& context, const crypto::OwnCurve& own, int handshake_ms) {
    namespace opt = zmq::sockopt;
    zmq::socket_t router(context, zmq::socket_type::router);
    const auto secret = own.secret().view();
    router.set(opt::curve_server, true);  // nobody speaks to us without CURVE
    router.set(opt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
    router.set(opt::zap_domain, zap_domain);  // without a domain the handler is not asked
    router.set(ZapEnforceDomain{}, 1);        // without this a missing handler lets everybody in
    // Bounds what is buffered for a peer before and after its handshake. Must be an int64; counts
    // CURVE's own 33 bytes.
    router.set(opt::maxmsgsize, std::int64_t{max_frame_bytes + curve_overhead_bytes});
    router.set(opt::handshake_ivl, handshake_ms);  // connections that stay silent go
    router.set(opt::backlog, 4096);  // with the default 100, 5,000 clients take 30 s to come back
    router.set(opt::sndhwm, frames_per_client);  // a slow reader's share of our memory
    router.set(opt::rcvhwm, frames_per_client);  // and a fast writer's
    router.set(opt::router_mandatory, true);  // otherwise frames are dropped and reported as sent
    router.set(opt::router_handover, false);  // otherwise any key can take over any routing id
    router.set(opt::sndtimeo, 0);             // no slow peer may stop the server's thread
    router.set(opt::rcvtimeo, 0);
    router.set(opt::linger, 0);   // otherwise one unsent frame keeps the process from ending
    router.set(opt::ipv6, true);  // one socket for both; off by default
    // No ZMQ_HEARTBEAT here: on a server it costs quadratic time. Clients send heartbeats, the
    // logic keeps a lease, and TCP finds hosts that vanished.
    router.set(opt::tcp_keepalive, 1);
    router.set(opt::tcp_keepalive_idle, 60);
    router.set(opt::tcp_keepalive_intvl, 15);
    router.set(opt::tcp_keepalive_cnt, 3);
    return router;
}

zmq::socket_t make_probe(zmq::context_t& context, const crypto::CurvePublic& server,
                         const crypto::OwnCurve& own, int patience_ms) {
    namespace opt = zmq::sockopt;
    zmq::socket_t probe(context, zmq::socket_type::dealer);
    const auto server_key = server.view();
    const auto open = own.public_key().view();
    const auto secret = own.secret().view();
    probe.set(opt::curve_serverkey, zmq::const_buffer(server_key.data(), server_key.size()));
    probe.set(opt::curve_publickey, zmq::const_buffer(open.data(), open.size()));
    probe.set(opt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
    probe.set(opt::maxmsgsize, std::int64_t{max_frame_bytes + curve_overhead_bytes});
    probe.set(opt::sndhwm, frames_per_client);
    probe.set(opt::rcvhwm, frames_per_client);
    probe.set(opt::immediate, true);  // nothing is queued for a connection that never comes up
    probe.set(opt::handshake_ivl, patience_ms);
    probe.set(opt::connect_timeout, patience_ms);
    probe.set(opt::sndtimeo, patience_ms);
    probe.set(opt::rcvtimeo, patience_ms);
    probe.set(opt::linger, 0);
    probe.set(opt::ipv6, true);
    return probe;
}

zmq::socket_t make_connection_monitor(zmq::context_t& context, zmq::socket_t& router) {
    // Only these events: each one has to be read by somebody.
    const int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED;
    if (zmq_socket_monitor(router.handle(), monitor_endpoint, events) != 0) {
        throw zmq::error_t();
    }
    zmq::socket_t monitor(context, zmq::socket_type::pair);
    monitor.set(zmq::sockopt::rcvhwm, 0);  // a full monitor freezes the I/O thread for everybody
    monitor.set(zmq::sockopt::linger, 0);
    monitor.connect(monitor_endpoint);
    return monitor;
}

std::string zmq_version_text() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace sotto::rendezvous
