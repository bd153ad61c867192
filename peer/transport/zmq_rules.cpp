#include "peer/transport/zmq_rules.hpp"

#include "crypto/curve_guard.hpp"
#include "crypto/result.hpp"

#include <cstdlib>

namespace sotto::peer::transport {

namespace {

// Options that libzmq 4.3 accepts but declares only in its draft header.
using ZapEnforceDomain = zmq::sockopt::integral_option<93, int, false>;

// Name of our ZAP domain; its text is only ever compared inside this process.
constexpr const char* zap_domain = "sotto";

void set_common(zmq::socket_t& socket, std::uint64_t io_thread) {
    namespace opt = zmq::sockopt;
    // Bounds what a peer without any key can make us buffer before the handshake. An int64.
    socket.set(opt::maxmsgsize, std::int64_t{frame_max_bytes + curve_overhead_bytes});
    // Bounds memory per connection; HWM counts messages, so the byte limit above belongs to it.
    socket.set(opt::sndhwm, frames_in_flight_max);
    socket.set(opt::rcvhwm, frames_in_flight_max);
    // The default (for ever) makes closing the context hang on one unsent frame.
    socket.set(opt::linger, 0);
    // No call of the owner thread may block on a slow peer, whatever flags it uses.
    socket.set(opt::sndtimeo, 0);
    socket.set(opt::rcvtimeo, 0);
    // Silent connections are cut; 10 s leaves room for a handshake over a slow mobile link.
    socket.set(opt::handshake_ivl, 10'000);
    // Off by default: IPv6 endpoints would be accepted and then never connect.
    socket.set(opt::ipv6, true);
    socket.set(opt::affinity, io_thread);
    // Heartbeats do not see a host that vanished without a FIN while nothing is sent; TCP does.
    socket.set(opt::tcp_keepalive, 1);
    socket.set(opt::tcp_keepalive_idle, 60);
    socket.set(opt::tcp_keepalive_intvl, 15);
    socket.set(opt::tcp_keepalive_cnt, 3);
}

void set_curve_keys(zmq::socket_t& socket, const crypto::OwnCurve& own) {
    const auto secret = own.secret().view();
    const auto open = own.public_key().view();
    socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(open.data(), open.size()));
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
}

}  // namespace

zmq::context_t make_context(crypto::RandomSource& random) {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    const bool new_enough = major * 10'000 + minor * 100 + patch >= 40'302;
    // Without the guard whoever we dial can end the process, or pass for the server.
    if (!new_enough || zmq_has("curve") == 0 || !crypto::curve_guard_holds()) {
        errno = ENOTSUP;
        throw zmq::error_t();
    }
    // libzmq draws routing ids and reconnect jitter from rand() and never seeds it: predictable
    // ids let a stranger abort a ROUTER, and equal jitter brings every client back at once.
    const auto seed = random.array<4>();
    std::srand(static_cast<unsigned>(seed[0]) | static_cast<unsigned>(seed[1]) << 8U |
               static_cast<unsigned>(seed[2]) << 16U | static_cast<unsigned>(seed[3]) << 24U);
    zmq::context_t context;
    context.set(zmq::ctxopt::io_threads, 2);  // see server_io_thread
    // A dial races up to 8 addresses with three sockets each: libzmq's 1,023 are 40 dials.
    context.set(zmq::ctxopt::max_sockets, sockets_max);
    return context;
}

zmq::socket_t make_client(zmq::context_t& context, const crypto::CurvePublic& server,
                          const crypto::OwnCurve& own, const ClientPacing& pacing,
                          std::uint64_t io_thread) {
    namespace opt = zmq::sockopt;
    // No ROUTING_ID is ever set: it is not authenticated, and a fixed one makes a reconnecting
    // client deaf while the listener still holds its old connection.
    zmq::socket_t socket(context, zmq::socket_type::dealer);
    set_common(socket, io_thread);
    const auto server_key = server.view();
    socket.set(opt::curve_serverkey, zmq::const_buffer(server_key.data(), server_key.size()));
    set_curve_keys(socket, own);
    // Without it frames are taken for a connection that does not exist, and vanish with it.
    socket.set(opt::immediate, true);
    // Random per socket, or a thousand clients return in the same second after a restart.
    socket.set(opt::reconnect_ivl, pacing.reconnect_ivl_ms);
    socket.set(opt::reconnect_ivl_max, pacing.reconnect_ivl_max_ms);
    // Default: one unanswered SYN holds the endpoint for the system's minutes.
    socket.set(opt::connect_timeout, pacing.connect_timeout_ms);
    // Heartbeats belong to the client: on the server they cost quadratic time.
    socket.set(opt::heartbeat_ivl, pacing.heartbeat_ivl_ms);
    socket.set(opt::heartbeat_timeout, pacing.heartbeat_timeout_ms);
    // Above 65,535 ms the value wraps and healthy connections are cut.
    crypto::ensure(pacing.heartbeat_ttl_ms < 65'535, "heartbeat TTL wraps");
    socket.set(opt::heartbeat_ttl, pacing.heartbeat_ttl_ms);
    return socket;
}

zmq::socket_t make_listener(zmq::context_t& context, const crypto::OwnCurve& own) {
    namespace opt = zmq::sockopt;
    zmq::socket_t socket(context, zmq::socket_type::router);
    set_common(socket, link_io_thread);
    socket.set(opt::curve_server, true);
    set_curve_keys(socket, own);
    // Without a domain AND the enforcement a missing handler lets everybody in.
    socket.set(opt::zap_domain, zap_domain);
    socket.set(ZapEnforceDomain{}, 1);
    // Otherwise frames to a slow or gone peer are dropped with every send reported as fine.
    socket.set(opt::router_mandatory, true);
    // The default of 100 drops whoever comes while everybody reconnects after a network change.
    socket.set(opt::backlog, listen_backlog);
    // Handover would let any allowed key take over another's routing id.
    socket.set(opt::router_handover, false);
    return socket;
}

zmq::socket_t make_monitor_sink(zmq::context_t& context) {
    zmq::socket_t sink(context, zmq::socket_type::pair);
    // A full monitor pipe freezes the I/O thread for every connection.
    sink.set(zmq::sockopt::rcvhwm, 0);
    sink.set(zmq::sockopt::linger, 0);
    sink.set(zmq::sockopt::rcvtimeo, 0);
    return sink;
}

std::uint64_t random_between(crypto::RandomSource& random, std::uint64_t low, std::uint64_t high) {
    const auto bytes = random.array<8>();
    const std::uint64_t value = crypto::Reader(bytes).u64();
    return low + value % (high - low + 1);  // spans are far below 2^64: the bias does not matter
}

}  // namespace sotto::peer::transport
