// Far ends for the transport's tests: plain ZeroMQ sockets with or without CURVE, and a driver that
// waits for one kind of input. Nothing here sleeps; a deadline is only reached by a failure.
#pragma once

#include "crypto/random.hpp"
#include "peer/transport/zmq_transport.hpp"

#include <gtest/gtest.h>
#include <zmq.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::peer::test {

inline constexpr std::chrono::seconds patience{20};

inline crypto::Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}
inline std::string to_text(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

inline crypto::OwnCurve make_key() {
    crypto::SystemRandom random;
    return crypto::OwnCurve::generate(random);
}

inline void set_keys(zmq::socket_t& socket, const crypto::OwnCurve& own) {
    const auto open = own.public_key().view();
    const auto secret = own.secret().view();
    socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(open.data(), open.size()));
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(secret.data(), secret.size()));
}

// A transport and the inputs it gave that nobody asked for yet.
class Driven {
public:
    explicit Driven(ZmqTransportOptions options = fast_options()) : transport_(random_, options) {}

    static ZmqTransportOptions fast_options() {
        ZmqTransportOptions options;
        options.loopback_retry = {.first_min_ms = 1, .first_max_ms = 5, .max_ms = 20};
        return options;
    }

    ZmqTransport& operator*() { return transport_; }
    ZmqTransport* operator->() { return &transport_; }

    // The next input of this kind; inputs of other kinds before it are dropped.
    template <class Wanted>
    std::optional<Wanted> next() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < deadline) {
            while (!seen_.empty()) {
                NetworkInput input = std::move(seen_.front());
                seen_.pop_front();
                if (auto* wanted = std::get_if<Wanted>(&input)) return std::move(*wanted);
            }
            if (companion_ != nullptr) companion_->turn(0);
            turn(companion_ != nullptr ? 1 : 100);
        }
        ADD_FAILURE() << "nothing came within the deadline";
        return std::nullopt;
    }

    // The very next input, of whatever kind.
    std::optional<NetworkInput> next_any() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (seen_.empty() && std::chrono::steady_clock::now() < deadline)
            turn(100);
        if (seen_.empty()) return std::nullopt;
        NetworkInput input = std::move(seen_.front());
        seen_.pop_front();
        return input;
    }

    // Another transport that must have its turns while this one waits.
    void accompany(Driven& other) { companion_ = &other; }

    void turn(std::uint64_t timeout_ms) {
        for (auto& input : transport_.wait(timeout_ms, -1, 1000))
            seen_.push_back(std::move(input));
    }
    template <class Wanted>
    bool has_seen() const {
        for (const auto& input : seen_) {
            if (std::holds_alternative<Wanted>(input)) return true;
        }
        return false;
    }

private:
    crypto::SystemRandom random_;
    ZmqTransport transport_;
    std::deque<NetworkInput> seen_;
    Driven* companion_ = nullptr;
};

// A rendezvous reduced to its socket.
class PlainServer {
public:
    // Port 0: any free one.
    explicit PlainServer(crypto::OwnCurve own = make_key(), std::uint16_t port = 0)
        : own_(std::move(own)), router_(context_, zmq::socket_type::router) {
        set_keys(router_, own_);
        router_.set(zmq::sockopt::curve_server, true);
        router_.set(zmq::sockopt::router_mandatory, true);
        router_.set(zmq::sockopt::linger, 0);
        router_.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()) * 1000);
        bind(port);
    }

    std::uint16_t port() const { return port_; }
    const crypto::OwnCurve& own() const { return own_; }
    zmq::context_t& context() { return context_; }

    ServerAddress address() const {
        return {.host = "127.0.0.1", .port = port_, .key = own_.public_key()};
    }

    std::string receive() {
        zmq::message_t id;
        zmq::message_t frame;
        if (!router_.recv(id) || !router_.recv(frame)) {
            ADD_FAILURE() << "the server received nothing";
            return {};
        }
        last_client_ = id.to_string();
        EXPECT_FALSE(frame.more());
        return frame.to_string();
    }
    // To whoever was received from last.
    void send(const std::vector<std::string>& frames) {
        router_.send(zmq::buffer(last_client_), zmq::send_flags::sndmore);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            router_.send(zmq::buffer(frames[i]),
                         i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    }

private:
    void bind(std::uint16_t port) {
        crypto::SystemRandom random;
        for (int i = 0; i < 200; ++i) {
            port_ =
                port != 0
                    ? port
                    : static_cast<std::uint16_t>(transport::random_between(random, 10'000, 19'999));
            const std::string endpoint = "tcp://127.0.0.1:" + std::to_string(port_);
            if (zmq_bind(router_.handle(), endpoint.c_str()) == 0) return;
        }
        FAIL() << "no free port";
    }

    crypto::OwnCurve own_;
    zmq::context_t context_;
    zmq::socket_t router_;
    std::uint16_t port_ = 0;
    std::string last_client_;
};

// Somebody who dials a listener with a plain DEALER.
class PlainDialler {
public:
    PlainDialler(const std::string& endpoint, const crypto::CurvePublic& server,
                 const crypto::OwnCurve& own, const std::string& routing_id = {})
        : dealer_(context_, zmq::socket_type::dealer) {
        const auto key = server.view();
        dealer_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(key.data(), key.size()));
        set_keys(dealer_, own);
        dealer_.set(zmq::sockopt::linger, 0);
        dealer_.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()) * 1000);
        if (!routing_id.empty()) dealer_.set(zmq::sockopt::routing_id, routing_id);
        dealer_.connect(endpoint);
    }

    void send(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            dealer_.send(zmq::buffer(frames[i]),
                         i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    }
    std::string receive() {
        zmq::message_t frame;
        if (!dealer_.recv(frame)) {
            ADD_FAILURE() << "the dialler received nothing";
            return {};
        }
        return frame.to_string();
    }
    zmq::socket_t& socket() { return dealer_; }

private:
    zmq::context_t context_;
    zmq::socket_t dealer_;
};

// A transport that listens, with the endpoint on loopback.
struct Listening {
    Driven driven;
    crypto::OwnCurve own = make_key();
    PlainServer server;  // makes loopback allowed
    std::string endpoint;

    explicit Listening(const std::vector<crypto::CurvePublic>& allowed,
                       ZmqTransportOptions options = Driven::fast_options())
        : driven(options) {
        driven->perform(OpenServer{
            .address = server.address(), .channel = ServerChannel::session, .own = make_key()});
        // Otherwise it comes at a moment of its own, between what the test is about.
        EXPECT_TRUE(driven.next<ServerUp>());
        driven->perform(AllowPeers{.keys = allowed});
        driven->perform(Listen{.own = own});
        const auto ready = driven.next<ListenerReady>();
        if (ready && !ready->endpoints.empty()) endpoint = ready->endpoints.front();
    }
};

}  // namespace sotto::peer::test
