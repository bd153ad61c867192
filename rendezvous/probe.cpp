#include "rendezvous/probe.hpp"

#include "crypto/random.hpp"
#include "rendezvous/protocol.hpp"
#include "rendezvous/router_socket.hpp"

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
    crypto::SystemRandom random;
    const crypto::OwnCurve own = crypto::OwnCurve::generate(random);
    try {
        zmq::context_t context = make_context(random);
        zmq::socket_t socket = make_probe(context, server_key, own, patience_ms);
        socket.connect(to_text(reachable_from_here(endpoint)));
        return answers(socket);
    } catch (const zmq::error_t&) {
        return false;
    }
}

}  // namespace sotto::rendezvous
