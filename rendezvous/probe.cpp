#include "rendezvous/probe.hpp"

#include "crypto/random.hpp"
#include "rendezvous/protocol.hpp"

#include <zmq.hpp>

namespace sotto::rendezvous {

namespace {

zmq::const_buffer buffer(ByteView bytes) {
    return {bytes.data(), bytes.size()};
}

Endpoint reachable_from_here(const Endpoint& endpoint) {
    if (endpoint.host == "*" || endpoint.host == "0.0.0.0") return {"127.0.0.1", endpoint.port};
    if (endpoint.host == "::") return {"::1", endpoint.port};
    return endpoint;
}

bool answers(zmq::socket_t& socket) {
    constexpr RequestId id = 1;
    const Bytes request = encode(RequestFrame{id, Observe{}});
    if (!socket.send(buffer(request), zmq::send_flags::none)) return false;
    zmq::message_t message;
    if (!socket.recv(message, zmq::recv_flags::none)) return false;
    const auto reply = decode_reply({message.data<std::uint8_t>(), message.size()});
    return reply && reply->id == id && std::holds_alternative<Observed>(reply->reply);
}

}  // namespace

bool lets_strangers_in(const Endpoint& endpoint, const crypto::CurvePublic& server_key,
                       int patience_ms) {
    namespace opt = zmq::sockopt;
    crypto::SystemRandom random;
    const crypto::OwnCurve own = crypto::OwnCurve::generate(random);
    try {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::dealer);
        socket.set(opt::curve_serverkey, buffer(server_key.view()));
        socket.set(opt::curve_publickey, buffer(own.public_key().view()));
        socket.set(opt::curve_secretkey, buffer(own.secret().view()));
        socket.set(opt::ipv6, true);
        socket.set(opt::linger, 0);
        socket.set(opt::maxmsgsize, static_cast<std::int64_t>(max_frame_bytes));
        socket.set(opt::sndtimeo, patience_ms);
        socket.set(opt::rcvtimeo, patience_ms);
        socket.connect(to_text(reachable_from_here(endpoint)));
        return answers(socket);
    } catch (const zmq::error_t&) {
        return false;
    }
}

}  // namespace sotto::rendezvous
