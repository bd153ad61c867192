#include "tests/bench/rendezvous/swarm.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <chrono>

namespace sotto::bench::rendezvous {

namespace {

// Only ends what would otherwise hang.
constexpr std::chrono::seconds patience{120};
constexpr Bytes32 cnonce{1, 2, 3};

zmq::const_buffer buffer(std::span<const std::uint8_t, 32> key) {
    return {key.data(), key.size()};
}

zmq::context_t make_context(std::size_t clients) {
    zmq::context_t context{1};
    // A closed socket keeps its place until libzmq's reaper has been round.
    context.set(zmq::ctxopt::max_sockets, 2 * static_cast<int>(clients) + 64);
    return context;
}

}  // namespace

Worker::Worker(const Place& place, std::size_t clients)
    : place_(place),
      context_(make_context(clients)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      clients_(clients) {}

Worker::~Worker() {
    clients_.clear();
    ::close(epoll_);
}

void Worker::connect(std::size_t client) {
    close(client);
    namespace opt = zmq::sockopt;
    const auto own = crypto::OwnCurve::generate(random_);
    Client& each = clients_[client];
    each.user = own.public_key();
    zmq::socket_t& socket = each.socket.emplace(context_, zmq::socket_type::dealer);
    socket.set(opt::curve_serverkey, buffer(place_.key.view()));
    socket.set(opt::curve_publickey, buffer(own.public_key().view()));
    socket.set(opt::curve_secretkey, buffer(own.secret().view()));
    socket.set(opt::linger, 0);
    socket.set(opt::sndtimeo, 0);
    socket.connect(place_.endpoint);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = client;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.get(opt::fd), &event) != 0) {
        throw std::runtime_error("epoll refuses a socket");
    }
}

void Worker::close(std::size_t client) {
    Client& each = clients_[client];
    if (!each.socket) return;
    (void)epoll_ctl(epoll_, EPOLL_CTL_DEL, each.socket->get(zmq::sockopt::fd), nullptr);
    each.socket.reset();
}

void Worker::close_all() {
    for (std::size_t i = 0; i < clients_.size(); ++i)
        close(i);
    context_.close();
    context_ = make_context(clients_.size());
}

void Worker::send(std::size_t client, ByteView frame) {
    Client& each = clients_[client];
    if (!each.socket->send(zmq::const_buffer(frame.data(), frame.size()),
                           zmq::send_flags::dontwait)) {
        throw std::runtime_error("the queue of a client is full");
    }
    if (std::exchange(each.unread, true)) return;
    unread_.push_back(client);
}

void Worker::drain(std::size_t client, const OnFrame& on_frame) {
    zmq::message_t frame;
    // A callback may close the socket.
    while (clients_[client].socket &&
           clients_[client].socket->recv(frame, zmq::recv_flags::dontwait)) {
        on_frame(client, {frame.data<std::uint8_t>(), frame.size()});
    }
}

void Worker::poll(int wait_ms, const OnFrame& on_frame) {
    for (const std::size_t client : std::exchange(unread_, {})) {
        clients_[client].unread = false;
        drain(client, on_frame);
    }
    std::array<epoll_event, 256> events{};
    const int count =
        epoll_wait(epoll_, events.data(), events.size(), unread_.empty() ? wait_ms : 0);
    for (int i = 0; i < count; ++i)
        drain(events[static_cast<std::size_t>(i)].data.u64, on_frame);
}

// --- people ------------------------------------------------------------------------------------

std::vector<Person> make_people(std::size_t count, const std::string& prefix) {
    crypto::SystemRandom random;
    std::vector<Person> people;
    people.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        people.push_back(Person::make(random, prefix + std::to_string(i)));
    return people;
}

Crowd::Crowd(const Place& place, std::vector<Person> people)
    : people_(std::move(people)), worker_(place, people_.size()), registering_(people_.size()) {}

void Crowd::ask(std::size_t i, Request request, RequestId id) {
    worker_.send(i, encode(RequestFrame{id, std::move(request)}));
}

void Crowd::begin_entry(std::size_t i, bool registering) {
    worker_.connect(i);
    registering_[i] = registering;
    if (registering) {
        ask(i,
            ChallengeRequest{crypto::LoginPurpose::register_account, people_[i].username, cnonce});
    } else {
        ask(i, ChallengeRequest{crypto::LoginPurpose::login, people_[i].subject(), cnonce});
    }
}

bool Crowd::take_login(std::size_t i, const ReplyFrame& frame) {
    if (std::holds_alternative<LoggedIn>(frame.reply)) {
        ++entered_;
        return true;
    }
    const auto* challenge = std::get_if<Challenge>(&frame.reply);
    if (challenge == nullptr) return false;
    const auto purpose =
        registering_[i] ? crypto::LoginPurpose::register_account : crypto::LoginPurpose::login;
    const auto context =
        context_of(worker_.server_key(), worker_.user(i), purpose, cnonce, *challenge);
    const ChallengeProof proof = proof_of(cnonce, *challenge);
    if (registering_[i]) {
        ask(i, register_request(people_[i], context, proof));
    } else {
        ask(i, device_login(people_[i], context, proof));
    }
    return true;
}

void Crowd::enter(std::span<const std::size_t> who, std::size_t at_once, bool registering) {
    entered_ = 0;
    std::size_t begun = 0;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (entered_ < who.size()) {
        while (begun < who.size() && begun - entered_ < at_once)
            begin_entry(who[begun++], registering);
        worker_.poll(100, [this](std::size_t i, ByteView bytes) {
            const auto frame = decode_reply(bytes);
            if (!frame || std::holds_alternative<Error>(frame->reply)) {
                throw std::runtime_error("a login was refused");
            }
            (void)take_login(i, *frame);
        });
        if (std::chrono::steady_clock::now() > until) throw std::runtime_error("logins hang");
    }
}

}  // namespace sotto::bench::rendezvous
