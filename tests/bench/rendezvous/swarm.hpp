// Thousands of hand-made clients in a few threads, and who they are.
//
// A worker is one thread with its own ZeroMQ context and an epoll over its clients' descriptors:
// zmq_poll() over a thousand sockets would cost more than the server it is to measure. The clients
// believe everything they are told.
#pragma once

#include "tests/support/rendezvous_client.hpp"

#include <functional>
#include <span>

namespace sotto::bench::rendezvous {

using namespace sotto::rendezvous;
using namespace sotto::rendezvous::testing;

// Where a server listens.
struct Place {
    std::string endpoint;
    crypto::CurvePublic key;
};

class Worker {
public:
    // Called for each frame that came for a client, by its number in this worker.
    using OnFrame = std::function<void(std::size_t, ByteView)>;

    Worker(const Place& place, std::size_t clients);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    [[nodiscard]] std::size_t size() const { return clients_.size(); }
    // A new connection with a new key; an older one is closed.
    void connect(std::size_t client);
    void close(std::size_t client);
    // Closes all, and returns when libzmq has given their descriptors back.
    void close_all();
    // Throws when the client's queue is full.
    void send(std::size_t client, ByteView frame);
    // Waits up to `wait_ms` for anything, then hands out everything that is there.
    void poll(int wait_ms, const OnFrame& on_frame);
    [[nodiscard]] const crypto::CurvePublic& server_key() const { return place_.key; }
    [[nodiscard]] crypto::CurvePublic user(std::size_t client) const {
        return clients_[client].user.value();
    }

private:
    struct Client {
        std::optional<zmq::socket_t> socket;
        std::optional<crypto::CurvePublic> user;
        bool unread = false;  // ZeroMQ may have taken the signal of its descriptor away
    };
    void drain(std::size_t client, const OnFrame& on_frame);

    Place place_;
    crypto::SystemRandom random_;
    zmq::context_t context_;
    int epoll_ = -1;
    std::vector<Client> clients_;
    std::vector<std::size_t> unread_;
};

// The people of one worker, and the sessions they have.
class Crowd {
public:
    Crowd(const Place& place, std::vector<Person> people);

    [[nodiscard]] Worker& worker() { return worker_; }
    [[nodiscard]] const Person& person(std::size_t i) const { return people_[i]; }
    [[nodiscard]] std::size_t size() const { return people_.size(); }

    // New connections for `who`, `at_once` of them at a time: registered, or logged in. Returns
    // when all are in; throws when one is refused or the time is up.
    void enter(std::span<const std::size_t> who, std::size_t at_once, bool registering);
    // Handles a frame; true when it belonged to a login.
    bool take_login(std::size_t i, const ReplyFrame& frame);
    void ask(std::size_t i, Request request, RequestId id = 7);
    [[nodiscard]] std::size_t entered() const { return entered_; }
    void begin_entry(std::size_t i, bool registering);

private:
    std::vector<Person> people_;
    Worker worker_;
    std::vector<bool> registering_;
    std::size_t entered_ = 0;
};

[[nodiscard]] std::vector<Person> make_people(std::size_t count, const std::string& prefix);

}  // namespace sotto::bench::rendezvous
