#include "rendezvous/server.hpp"

#include "rendezvous/router_socket.hpp"

#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace sotto::rendezvous {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::uint64_t tick_ms = 250;
// While somebody's frames wait, look again this soon: libzmq cannot tell when one peer has room.
constexpr int flush_interval_ms = 5;
// Frames per round, so that the store's answers and the clock get their turn.
constexpr int frames_per_round = 256;
// After SIGTERM: how long to wait for commits, whose senders would otherwise have to ask again.
constexpr std::uint64_t finish_max_ms = 3000;
// And for the last replies to leave: libzmq's own queues.
constexpr int last_replies_ms = 200;
// The logic counts its own from 1, so these never meet.
constexpr std::uint64_t first_attendant_token = 1ULL << 63U;

std::uint64_t mono_ms() {
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

std::uint64_t descriptor_limit() {
    rlimit limit{};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

Now read_clocks() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {.mono_ms = mono_ms(),
            .wall_ms = static_cast<std::uint64_t>(duration_cast<milliseconds>(wall).count())};
}

// The key ZAP verified. From the second frame: libzmq 4.3.4 loses it on the first one after a poll.
std::optional<UserId> user_of(zmq::message_t& frame) {
    const char* hex = zmq_msg_gets(frame.handle(), "User-Id");
    if (hex == nullptr) return std::nullopt;
    const auto bytes = crypto::from_hex(hex);
    if (!bytes) return std::nullopt;
    const auto user = UserId::parse(*bytes);
    if (!user) return std::nullopt;
    return *user;
}

// On an IPv6 socket libzmq calls 127.0.0.1 [::ffff:127.0.0.1], which not every client can dial.
std::string plain(std::string endpoint) {
    constexpr std::string_view mapped = "[::ffff:";
    const std::size_t at = endpoint.find(mapped);
    if (at == std::string::npos) return endpoint;
    endpoint.erase(endpoint.find(']', at), 1);
    endpoint.erase(at, mapped.size());
    return endpoint;
}

}  // namespace

struct Server::Incoming {
    zmq::message_t routing_id;
    zmq::message_t body;
    bool two_frames = false;
};

crypto::Result<std::unique_ptr<Server>, ServerError> Server::start(const ServerOptions& options,
                                                                   const crypto::OwnCurve& own,
                                                                   Store& store, Bus& bus,
                                                                   crypto::RandomSource& random) {
    try {
        return std::unique_ptr<Server>(new Server(options, own, store, bus, random));
    } catch (const zmq::error_t& error) {
        switch (error.num()) {
            case ENOTSUP:
                return crypto::Unexpected(ServerError::libzmq_too_old);
            case EADDRINUSE:
            case EADDRNOTAVAIL:
            case EACCES:
            case EINVAL:
            case ENODEV:
                return crypto::Unexpected(ServerError::cannot_bind);
            default:
                return crypto::Unexpected(ServerError::cannot_start);
        }
    }
}

Server::Server(const ServerOptions& options, const crypto::OwnCurve& own, Store& store, Bus& bus,
               crypto::RandomSource& random)
    : store_(store),
      bus_(bus),
      random_(random),
      context_(make_context(random)),
      zap_(context_, options.zap),
      router_(make_router(context_, own, options.handshake_ms)),
      monitor_(make_connection_monitor(context_, router_)),
      connections_(router_),
      logic_(options.settings, own.public_key(), random),
      max_clients_(options.settings.max_clients),
      first_frame_ms_(static_cast<std::uint64_t>(options.first_frame_ms)),
      started_ms_(mono_ms()),
      next_token_(first_attendant_token) {
    router_.bind(options.listen);
    endpoint_ = plain(router_.get(zmq::sockopt::last_endpoint));
}

Server::~Server() {
    // Before the reader of its events closes: the other order blocks an I/O thread for ever.
    zmq_socket_monitor(router_.handle(), nullptr, 0);
}

// --- the loop ----------------------------------------------------------------------------------

int Server::poll_timeout_ms() const {
    if (connections_.backlogged()) return flush_interval_ms;
    if (at_store_ > 0 && store_.ready_fd() < 0) return 0;
    const std::uint64_t now = mono_ms();
    return now >= next_tick_ms_ ? 0 : static_cast<int>(next_tick_ms_ - now);
}

// The router, its monitor, the end, the store, and then the attendants'; -1 is never readable.
std::vector<pollfd> Server::poll_items(int stop_fd) {
    std::vector<pollfd> items{{router_.get(zmq::sockopt::fd), POLLIN, 0},
                              {monitor_.get(zmq::sockopt::fd), POLLIN, 0},
                              {stop_fd, POLLIN, 0},
                              {store_.ready_fd(), POLLIN, 0}};
    for (const Attendant* attendant : attendants_)
        items.push_back({attendant->fd(), POLLIN, 0});
    return items;
}

// Not zmq_poll(), which asks each socket three times over. The descriptor of a socket that was read
// empty becomes readable with the next message; sending may take that signal away, so a router that
// was used is asked itself. False: interrupted by a signal.
bool Server::wait(std::vector<pollfd>& items) {
    const bool more = router_used_ && (router_.get(zmq::sockopt::events) & ZMQ_POLLIN) != 0;
    const int count = poll(items.data(), items.size(), more ? 0 : poll_timeout_ms());
    if (count < 0 && errno != EINTR) throw zmq::error_t();
    // At every tick it is looked at in any case.
    if (more || count == 0) items[0].revents = POLLIN;
    return count >= 0;
}

void Server::run(int stop_fd) {
    std::vector<pollfd> items = poll_items(stop_fd);
    take_events();  // from here on their descriptor tells
    while (true) {
        if (!wait(items)) continue;
        if (items[2].revents != 0) break;
        if (items[3].revents != 0 || store_.ready_fd() < 0) take_results();
        if (items[1].revents != 0) take_events();
        if (items[0].revents != 0) take_frames();
        for (std::size_t i = 0; i < attendants_.size(); ++i) {
            if (items[4 + i].revents != 0) attendants_[i]->attend(*this);
        }
        round();
    }
    finish();
}

void Server::round() {
    if (connections_.backlogged()) {
        router_used_ = true;
        for (const UserId& user : connections_.flush())
            feed(ClientGone{user});
    }
    for (const MailHint& hint : bus_.collect())
        feed(hint);
    if (mono_ms() >= next_tick_ms_) tick();
    submit();
}

void Server::tick() {
    const std::uint64_t now = mono_ms();
    next_tick_ms_ = now + tick_ms;
    zap_.set_full(logic_.full());
    for (const UserId& user : connections_.recheck())
        feed(ClientGone{user});
    connections_.shut_dismissed();
    counters_.silent += connections_.shut_silent(now, first_frame_ms_);
    feed(Tick{});
    for (Attendant* attendant : attendants_)
        attendant->tick(*this);
}

// Commits go on and are answered; nobody new gets in, and new requests are answered "busy".
void Server::finish() {
    for (Attendant* attendant : attendants_)
        attendant->stopping(*this);
    try {
        router_.unbind(router_.get(zmq::sockopt::last_endpoint));
    } catch (const zmq::error_t&) {
        // Then the handshake refuses them.
        zap_.set_full(true);
    }
    feed(Stopping{});
    submit();
    const std::uint64_t until = mono_ms() + finish_max_ms;
    while (at_store_ > 0 && mono_ms() < until) {
        std::array<zmq::pollitem_t, 2> items{
            {{router_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, store_.ready_fd(), ZMQ_POLLIN, 0}}};
        const std::size_t count = store_.ready_fd() >= 0 ? 2 : 1;
        zmq::poll(items.data(), count, milliseconds(tick_ms));
        take_results();
        take_frames();
        to_store_.clear();
    }
    (void)connections_.flush();
    router_.set(zmq::sockopt::linger, last_replies_ms);
}

// --- for attendants ----------------------------------------------------------------------------

std::uint64_t Server::ask(Attendant& attendant, std::vector<ops::Op> batch) {
    const std::uint64_t token = next_token_++;
    asked_.emplace(token, &attendant);
    to_store_.push_back(StoreRequest{token, std::move(batch)});
    return token;
}

void Server::set_settings(const Settings& settings) {
    max_clients_ = settings.max_clients;
    logic_.set_settings(settings);
}

ServerFigures Server::figures() const {
    ServerCounters counters = counters_;
    counters.silent_dropped = connections_.silent_dropped();
    return {.server = counters,
            .handshakes = zap_.counters(),
            .logic = logic_.counters(),
            .gauges = logic_.gauges(),
            .store = store_.figures(),
            .connections = connections_.size() + connections_.silent(),
            .queued_bytes = connections_.queued_bytes(),
            .at_store = at_store_,
            .descriptor_limit = descriptor_limit(),
            .uptime_s = (mono_ms() - started_ms_) / 1000};
}

// --- in ----------------------------------------------------------------------------------------

bool Server::receive(Incoming& incoming) {
    if (!router_.recv(incoming.routing_id, zmq::recv_flags::dontwait)) return false;
    incoming.two_frames = false;
    incoming.body.rebuild();  // so that nobody is taken for the sender of the message before
    if (!incoming.routing_id.more()) return true;
    (void)router_.recv(incoming.body, zmq::recv_flags::dontwait);
    incoming.two_frames = !incoming.body.more();
    // No option bounds the number of frames: read the rest without keeping it.
    for (bool more = incoming.body.more(); more;) {
        zmq::message_t rest;
        (void)router_.recv(rest, zmq::recv_flags::dontwait);
        more = rest.more();
    }
    return true;
}

void Server::take_frames() {
    Incoming incoming;
    int count = 0;
    router_used_ = false;
    while (count++ < frames_per_round && receive(incoming))
        take(incoming);
    if (count > frames_per_round) router_used_ = true;  // there may be more
}

void Server::take(Incoming& incoming) {
    ++counters_.frames_in;
    const auto user = user_of(incoming.body);
    if (!user) return;  // cannot be: ZAP names everybody
    const int fd = zmq_msg_get(incoming.body.handle(), ZMQ_SRCFD);
    auto heard = connections_.heard(*user, incoming.routing_id.to_string_view(), fd);
    if (heard.gone) feed(ClientGone{*heard.gone});
    if (heard.dismissed) return;
    if (!incoming.two_frames) {
        ++counters_.violations;
        zap_.ban(*user);
        connections_.kick(*user);
        feed(ClientGone{*user});
        return;
    }
    if (heard.fresh) {
        feed(ClientConnected{*user, heard.peer.prefix, std::move(heard.peer.text)});
    }
    const auto* data = incoming.body.data<std::uint8_t>();
    feed(ClientFrame{*user, Bytes(data, data + incoming.body.size())});
}

void Server::take_events() {
    zmq::message_t event;
    zmq::message_t address;
    // u16 event, u32 descriptor, in the machine's byte order; then the endpoint.
    while (monitor_.recv(event, zmq::recv_flags::dontwait)) {
        if (event.more()) (void)monitor_.recv(address, zmq::recv_flags::dontwait);
        if (event.size() != 6) continue;
        std::uint16_t number = 0;
        std::int32_t fd = -1;
        std::memcpy(&number, event.data(), sizeof number);
        std::memcpy(&fd, event.data<std::uint8_t>() + 2, sizeof fd);
        if (number == ZMQ_EVENT_ACCEPTED) {
            const auto gone = connections_.accepted(fd, mono_ms(), silent_max());
            if (gone) feed(ClientGone{*gone});
            continue;
        }
        const auto user = connections_.disconnected(fd);
        if (user) feed(ClientGone{*user});
    }
}

// Half of the descriptors there are, even where an operator allows more clients than that.
std::size_t Server::silent_max() const {
    return std::min<std::size_t>(max_clients_, descriptor_limit() / 2);
}

void Server::take_results() {
    for (StoreDone& done : store_.collect()) {
        --at_store_;
        const auto asked = asked_.find(done.token);
        if (asked == asked_.end()) {
            feed(std::move(done));
            continue;
        }
        Attendant* const attendant = asked->second;
        asked_.erase(asked);
        attendant->answer(*this, done);
    }
}

// --- out ---------------------------------------------------------------------------------------

// One step, and those that follow from sending what it wanted sent.
void Server::feed(Input input) {
    const Now now = read_clocks();
    carry_out(logic_.step(now, random_, std::move(input)));
    while (!gone_.empty()) {
        const UserId user = gone_.back();
        gone_.pop_back();
        carry_out(logic_.step(now, random_, ClientGone{user}));
    }
}

void Server::carry_out(Outputs outputs) {
    for (Output& output : outputs) {
        if (auto* frame = std::get_if<SendFrame>(&output)) {
            send(*frame);
        } else if (auto* request = std::get_if<StoreRequest>(&output)) {
            to_store_.push_back(std::move(*request));
        } else if (const auto* kick = std::get_if<Kick>(&output)) {
            ++counters_.kicked;
            kick->told ? connections_.dismiss(kick->user) : connections_.kick(kick->user);
        } else {
            bus_.publish(std::get<MailHint>(output));
        }
    }
}

void Server::send(SendFrame& frame) {
    router_used_ = true;
    switch (connections_.send(frame.user, std::move(frame.bytes), frame.droppable)) {
        case Connections::Sent::yes:
            ++counters_.frames_out;
            break;
        case Connections::Sent::dropped:
            break;
        case Connections::Sent::overflow:
            ++counters_.kicked;
            spdlog::debug("disconnected a client that does not read");
            [[fallthrough]];
        case Connections::Sent::gone:
            gone_.push_back(frame.user);
            break;
    }
}

// Everything of one round goes to the store together, and so into one commit.
void Server::submit() {
    if (to_store_.empty()) return;
    at_store_ += to_store_.size();
    store_.submit(std::exchange(to_store_, {}));
}

}  // namespace sotto::rendezvous
