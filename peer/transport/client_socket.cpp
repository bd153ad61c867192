#include "peer/transport/client_socket.hpp"

#include "crypto/result.hpp"

#include <utility>

namespace sotto::peer::transport {

namespace {

constexpr std::uint16_t watched_events =
    ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED |
    ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

}  // namespace

void ParkedFrames::push(const crypto::Bytes& frame) {
    if (frames_.size() >= parked_frames_max || bytes_ + frame.size() > parked_bytes_max) {
        return;
    }
    bytes_ += frame.size();
    frames_.push_back(frame);
}

void ParkedFrames::pop() {
    bytes_ -= frames_.front().size();
    frames_.pop_front();
}

void ParkedFrames::clear() {
    frames_.clear();
    bytes_ = 0;
}

ClientSocket::ClientSocket(zmq::context_t& context, const ClientTarget& target,
                           const ClientPacing& pacing, std::uint64_t io_thread,
                           std::uint64_t number)
    : socket_(make_client(context, target.server_key, target.own, pacing, io_thread)),
      monitor_(context, socket_, watched_events, number) {
    socket_.connect(target.endpoint);  // after the monitor, or the first event is missed
}

void ClientSocket::add_poll_items(std::vector<zmq_pollitem_t>& items) {
    const short out = parked_.empty() ? short{0} : short{ZMQ_POLLOUT};
    items.push_back({monitor_.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({socket_.handle(), 0, static_cast<short>(ZMQ_POLLIN | out), 0});
}

std::optional<ClientEvent> ClientSocket::next_event() {
    while (const auto event = monitor_.next()) {
        if (const auto meaning = interpret(*event)) {
            return meaning;
        }
    }
    return std::nullopt;
}

std::optional<ClientEvent> ClientSocket::interpret(const MonitorEvent& event) {
    switch (event.event) {
        case ZMQ_EVENT_CONNECTED:
            tcp_connected_ = true;
            return std::nullopt;
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
            up_ = true;
            return ClientEvent::up;
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            up_ = false;
            return ClientEvent::refused;
        case ZMQ_EVENT_CONNECT_RETRIED:
            tcp_connected_ = false;
            return ClientEvent::unreachable;
        default:  // disconnected, or the handshake failed without a reason
            break;
    }
    const bool was_up = std::exchange(up_, false);
    const bool was_connected = std::exchange(tcp_connected_, false);
    parked_.clear();
    if (was_up) {
        return ClientEvent::lost;
    }
    return was_connected ? ClientEvent::closed_in_handshake : ClientEvent::unreachable;
}

std::optional<crypto::Bytes> ClientSocket::next_frame() {
    zmq::message_t frame;
    if (!socket_.recv(frame, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    if (frame.more()) {  // exactly one frame: a second one is an attack or another program
        while (frame.more() && socket_.recv(frame, zmq::recv_flags::dontwait)) {
        }
        violated_ = true;
        return std::nullopt;
    }
    const auto* bytes = frame.data<std::uint8_t>();
    return crypto::Bytes(bytes, bytes + frame.size());
}

void ClientSocket::send(const crypto::Bytes& frame) {
    crypto::ensure(frame.size() <= frame_max_bytes, "frame larger than the protocol allows");
    if (!up_) {
        return;  // the owner is about to hear that the connection is down
    }
    if (!parked_.empty() || !try_send(frame)) {
        parked_.push(frame);
    }
}

void ClientSocket::flush() {
    while (!parked_.empty() && try_send(parked_.front())) {
        parked_.pop();
    }
}

bool ClientSocket::try_send(const crypto::Bytes& frame) {
    const zmq::const_buffer bytes(frame.data(), frame.size());
    if (socket_.send(bytes, zmq::send_flags::dontwait)) {
        return true;
    }
    // zmq_send looks for a new connection at most once a millisecond; ZMQ_EVENTS always does.
    if ((socket_.get(zmq::sockopt::events) & ZMQ_POLLOUT) == 0) {
        return false;
    }
    return socket_.send(bytes, zmq::send_flags::dontwait).has_value();
}

void ClientSocket::linger_on_close() {
    socket_.set(zmq::sockopt::linger, linger_on_goodbye_ms);
}

}  // namespace sotto::peer::transport
