// A real server in a thread, and clients that are plain CURVE DEALERs or plain TCP sockets.
//
// Nothing sleeps: a test waits on a reply, a descriptor or a monitor event. The long time-outs only
// end a test that would otherwise hang.
#pragma once

#include "logic_world.hpp"
#include "rendezvous/endpoint.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/router_socket.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/sqlite_store.hpp"

#include <thread>

namespace sotto::rendezvous::testing {

inline constexpr int patience_ms = 20'000;

class LiveServer {
public:
    explicit LiveServer(ServerOptions chosen = options()) : options_(std::move(chosen)) { start(); }
    ~LiveServer() { stop(); }
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;

    static ServerOptions options() {
        return {.listen = "tcp://127.0.0.1:" + std::to_string(find_free_port().value_or(0)),
                .settings = World::open_settings(),
                .handshake_ms = 10'000};
    }
    void start() {
        auto opened = SqliteStore::open(directory_.file("db"), 0);
        ASSERT_TRUE(opened.has_value());
        store_ = std::move(*opened);
        auto started = Server::start(options_, key_, *store_, bus_, random_);
        ASSERT_TRUE(started.has_value()) << to_string(started.error());
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(stop_.fd()); });
    }
    // Returns what it counted.
    ServerCounters stop() {
        if (!thread_.joinable()) return {};
        stop_.signal();
        thread_.join();
        stop_.drain();
        const ServerCounters counters = server_->counters();
        server_.reset();
        store_.reset();
        return counters;
    }
    [[nodiscard]] const std::string& endpoint() const { return options_.listen; }
    [[nodiscard]] const crypto::CurvePublic& key() const { return key_.public_key(); }
    [[nodiscard]] std::uint16_t port() const { return parse_endpoint(options_.listen)->port; }

private:
    TempDir directory_;
    crypto::SystemRandom random_;
    crypto::OwnCurve key_ = crypto::OwnCurve::generate(random_);
    ServerOptions options_;
    LocalBus bus_;
    EventFd stop_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

// One connection. Options that a hostile client would set are set before connect().
class RawClient {
public:
    RawClient(zmq::context_t& context, const crypto::CurvePublic& server_key,
              const crypto::OwnCurve& own)
        : own_(own), server_key_(server_key), socket_(context, zmq::socket_type::dealer) {
        namespace opt = zmq::sockopt;
        socket_.set(opt::curve_serverkey, buffer(server_key.view()));
        socket_.set(opt::curve_publickey, buffer(own.public_key().view()));
        socket_.set(opt::curve_secretkey, buffer(own.secret().view()));
        socket_.set(opt::linger, 0);
        socket_.set(opt::sndtimeo, patience_ms);
    }
    zmq::socket_t& socket() { return socket_; }
    [[nodiscard]] UserId user() const { return own_.public_key(); }
    void connect(const std::string& endpoint) { socket_.connect(endpoint); }

    RequestId send(Request request) {
        const RequestId request_id = next_id_++;
        const Bytes bytes = encode(RequestFrame{request_id, std::move(request)});
        socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
        return request_id;
    }
    // The next frame, whatever it is.
    ReplyFrame receive() {
        if (!pushed_.empty()) {
            ReplyFrame frame = std::move(pushed_.front());
            pushed_.pop_front();
            return frame;
        }
        return receive_new();
    }
    // Skips pushes, which stay for receive().
    Reply ask(Request request) {
        const RequestId request_id = send(std::move(request));
        while (true) {
            ReplyFrame frame = receive_new();
            if (frame.id == request_id) return std::move(frame.reply);
            pushed_.push_back(std::move(frame));
        }
    }
    template <class R>
    R ask_for(Request request) {
        return std::get<R>(ask(std::move(request)));
    }
    template <class P>
    P next_push() {
        while (true) {
            ReplyFrame frame = receive();
            if (auto* push = std::get_if<P>(&frame.reply)) return std::move(*push);
        }
    }

    void join(const Person& person) {
        const auto c = challenge(crypto::LoginPurpose::register_account, person.username);
        (void)ask_for<LoggedIn>(register_request(person, c.first, c.second));
    }
    LoggedIn log_in(const Person& person) {
        const auto c = challenge(crypto::LoginPurpose::login, person.subject());
        return ask_for<LoggedIn>(
            LoginDevice{person.account(), person.device(), c.second,
                        crypto::sign_device_login(person.dsk, c.first, person.subject())});
    }

private:
    static zmq::const_buffer buffer(std::span<const std::uint8_t, 32> key) {
        return {key.data(), key.size()};
    }
    std::pair<crypto::LoginContext, ChallengeProof> challenge(crypto::LoginPurpose purpose,
                                                              crypto::LoginSubject subject) {
        const Bytes32 cnonce{1, 2, 3};
        const auto reply =
            ask_for<Challenge>(ChallengeRequest{purpose, std::move(subject), cnonce});
        return {context_of(server_key_, user(), purpose, cnonce, reply), proof_of(cnonce, reply)};
    }
    ReplyFrame receive_new() {
        zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
        if (zmq::poll(&item, 1, std::chrono::milliseconds(patience_ms)) == 0) {
            throw std::runtime_error("waited in vain for a frame");
        }
        zmq::message_t frame;
        (void)socket_.recv(frame, zmq::recv_flags::dontwait);
        auto decoded = decode_reply({frame.data<std::uint8_t>(), frame.size()});
        if (!decoded) throw std::runtime_error("the server sent what no client reads");
        return std::move(*decoded);
    }

    crypto::OwnCurve own_;
    crypto::CurvePublic server_key_;
    zmq::socket_t socket_;
    std::deque<ReplyFrame> pushed_;
    RequestId next_id_ = 1;
};

// Waits for one event on a client's socket, e.g. a refused handshake.
class EventWatch {
public:
    EventWatch(zmq::context_t& context, zmq::socket_t& watched, int events)
        : sink_(context, zmq::socket_type::pair) {
        static std::atomic<int> number{0};
        const std::string endpoint = "inproc://watch-" + std::to_string(number++);
        if (zmq_socket_monitor(watched.handle(), endpoint.c_str(), events) != 0) {
            throw zmq::error_t();
        }
        sink_.set(zmq::sockopt::rcvtimeo, patience_ms);
        sink_.set(zmq::sockopt::linger, 0);
        sink_.connect(endpoint);
    }
    // The event's number; 0 when it did not come.
    int wait() {
        zmq::message_t event;
        zmq::message_t address;
        if (!sink_.recv(event)) return 0;
        (void)sink_.recv(address);
        std::uint16_t number = 0;
        std::memcpy(&number, event.data(), sizeof number);
        return number;
    }

private:
    zmq::socket_t sink_;
};

}  // namespace sotto::rendezvous::testing
