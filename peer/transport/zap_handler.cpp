#include "peer/transport/zap_handler.hpp"

#include "crypto/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::peer::transport {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";  // fixed by RFC 27
constexpr const char* control_endpoint = "inproc://sotto-zap-control";
constexpr std::string_view stop_word = "stop";
constexpr std::size_t key_bytes = 32;
// version, request id, domain, address, routing id, mechanism, client key: RFC 27 for CURVE.
constexpr std::size_t request_frames = 7;

using Key = std::array<std::uint8_t, key_bytes>;

// All frames of one waiting message; more than `limit` frames: an empty list.
std::vector<zmq::message_t> receive_all(zmq::socket_t& socket, std::size_t limit) {
    std::vector<zmq::message_t> frames;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!socket.recv(frame)) {
            return {};
        }
        more = frame.more();
        if (frames.size() <= limit) {
            frames.push_back(std::move(frame));
        }
    }
    return frames.size() > limit ? std::vector<zmq::message_t>{} : std::move(frames);
}

class Answering {
public:
    Answering(zmq::socket_t zap, zmq::socket_t control)
        : zap_(std::move(zap)), control_(std::move(control)) {}

    void run() {
        bool running = true;
        while (running) {
            std::array<zmq_pollitem_t, 2> items{
                {{control_.handle(), 0, ZMQ_POLLIN, 0}, {zap_.handle(), 0, ZMQ_POLLIN, 0}}};
            // The C call: a signal (EINTR) must not end the handler, which would shut everybody
            // out.
            if (zmq_poll(items.data(), 2, -1) < 0) {
                if (errno != EINTR) throw zmq::error_t();
                continue;
            }
            if ((items[0].revents & ZMQ_POLLIN) != 0) {
                running = take_control();
            }
            if (running && (items[1].revents & ZMQ_POLLIN) != 0) {
                answer();
            }
        }
    }

private:
    bool take_control() {
        zmq::message_t message;
        if (!control_.recv(message)) {
            return true;
        }
        if (message.to_string_view() == stop_word) {
            return false;
        }
        allowed_.clear();
        const auto* bytes = message.data<std::uint8_t>();
        for (std::size_t at = 0; at + key_bytes <= message.size(); at += key_bytes) {
            Key key;
            std::copy_n(bytes + at, key_bytes, key.begin());
            allowed_.push_back(key);
        }
        std::sort(allowed_.begin(), allowed_.end());
        control_.send(zmq::str_buffer("ok"), zmq::send_flags::none);
        return true;
    }

    void answer() {
        auto request = receive_all(zap_, request_frames);
        if (request.size() < 2) {
            request.clear();  // only libzmq itself asks, and not so; still, a REP must answer
            request.resize(2);
        }
        const bool well_formed =
            request.size() == request_frames && request[0].to_string_view() == "1.0" &&
            request[5].to_string_view() == "CURVE" && request[6].size() == key_bytes;
        Key key{};
        if (well_formed) {
            std::copy_n(request[6].data<std::uint8_t>(), key_bytes, key.begin());
        }
        const bool allowed =
            well_formed && std::binary_search(allowed_.begin(), allowed_.end(), key);
        // 400 ends the connection at once. It would make a plain libzmq client give up for ever;
        // ours replaces its socket, so a peer refused a moment too early comes back.
        reply(request[1], allowed ? "200" : "400", allowed ? crypto::to_hex(key) : std::string());
    }

    void reply(zmq::message_t& request_id, std::string_view status, std::string_view user_id) {
        const auto more = zmq::send_flags::sndmore;
        zap_.send(zmq::str_buffer("1.0"), more);
        zap_.send(request_id, more);
        zap_.send(zmq::buffer(status), more);
        zap_.send(zmq::message_t(), more);  // status text: nothing to tell
        zap_.send(zmq::buffer(user_id), more);
        zap_.send(zmq::message_t(), zmq::send_flags::none);  // metadata: none
    }

    zmq::socket_t zap_;
    zmq::socket_t control_;
    std::vector<Key> allowed_;  // sorted
};

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context) : control_(context, zmq::socket_type::pair) {
    zmq::socket_t zap(context, zmq::socket_type::rep);
    zap.set(zmq::sockopt::linger, 0);
    zap.bind(zap_endpoint);  // here, not in the thread: bound before any listener exists
    zmq::socket_t control(context, zmq::socket_type::pair);
    control.set(zmq::sockopt::linger, 0);
    control.bind(control_endpoint);
    control_.set(zmq::sockopt::linger, 0);
    control_.set(zmq::sockopt::rcvtimeo, 2000);  // a dead handler must not hang the owner,
    control_.set(zmq::sockopt::sndtimeo, 2000);  // either way
    control_.connect(control_endpoint);
    thread_ = std::jthread([answering = Answering(std::move(zap), std::move(control))]() mutable {
        try {
            answering.run();
        } catch (const zmq::error_t&) {
            // The context is going down. The handler's end closes the door; it never opens it.
        }
    });
}

ZapHandler::~ZapHandler() {
    try {
        control_.send(zmq::buffer(stop_word), zmq::send_flags::none);
    } catch (const zmq::error_t&) {
        // The thread is gone already.
    }
}

void ZapHandler::allow(std::span<const crypto::CurvePublic> keys) {
    const std::size_t count = std::min(keys.size(), allowed_keys_max);
    crypto::Bytes list;
    list.reserve(count * key_bytes);
    for (const auto& key : keys.first(count)) {
        const auto view = key.view();
        list.insert(list.end(), view.begin(), view.end());
    }
    if (dead_ || !control_.send(zmq::buffer(list.data(), list.size()), zmq::send_flags::none)) {
        dead_ = true;
        return;
    }
    zmq::message_t done;
    dead_ = !control_.recv(done);
}

}  // namespace sotto::peer::transport
