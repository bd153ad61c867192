#include "rendezvous/connections.hpp"

#include "crypto/random.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cstring>

#include <algorithm>

namespace sotto::rendezvous {

namespace {

// Beyond libzmq's own queue: a second mail window, for one reader and for all together.
constexpr std::size_t max_queued_frames = 256;
constexpr std::size_t max_queued_bytes = 2U << 20;
constexpr std::size_t max_queued_bytes_total = 128U << 20;
// Times, 250 ms apart: libzmq closes a descriptor within the same turn of its I/O thread.
constexpr int rechecks = 4;

}  // namespace

Connections::UserHash Connections::UserHash::make() {
    crypto::SystemRandom random;
    UserHash hash;
    const auto bytes = random.array<sizeof hash.factors>();
    std::memcpy(hash.factors.data(), bytes.data(), bytes.size());
    return hash;
}

Connections::Connections(zmq::socket_t& router)
    : router_(router), connections_(0, UserHash::make()) {}

// The upper half of a sum of products with secret factors (universal hashing).
std::size_t Connections::UserHash::operator()(const UserId& user) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < factors.size(); ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, user.view().data() + i * sizeof word, sizeof word);
        sum += word * (factors[i] | 1U);
    }
    return sum >> 32U;
}

Connections::Heard Connections::heard(const UserId& user, std::string_view routing_id, int fd) {
    forget_silent(fd);
    if (was_dismissed(fd)) return {.dismissed = true, .peer = {}, .gone = std::nullopt};
    const auto found = connections_.find(user);
    if (found != connections_.end() && found->second.routing_id == routing_id) return {};

    Heard heard{.dismissed = false,
                .fresh = true,
                .peer = peer_of_socket(fd).value_or(PeerAddress{}),
                .gone = std::nullopt};
    // A descriptor belongs to one connection: whoever had it before has left.
    if (const auto before = by_fd_.find(fd); before != by_fd_.end() && before->second != user) {
        heard.gone = before->second;
        forget(*heard.gone);
    }
    if (found != connections_.end()) {
        // The same key over a newer connection. The old one is dead or a copy; it must not linger.
        if (found->second.fd != fd) shut_down(found->second);
        forget(user);
    }
    connections_.emplace(
        user,
        Connection{
            .routing_id = std::string(routing_id), .fd = fd, .peer = heard.peer.text, .queue = {}});
    by_fd_.insert_or_assign(fd, user);
    return heard;
}

Connections::Try Connections::try_send(const Connection& connection, const Bytes& frame) {
    const std::string& id = connection.routing_id;
    const int first = zmq_send(router_.handle(), id.data(), id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE);
    if (first < 0) return errno == EAGAIN ? Try::full : Try::unroutable;
    // Once the id was taken the rest of the message is, too.
    const int second = zmq_send(router_.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT);
    return second < 0 ? Try::unroutable : Try::sent;
}

Connections::Sent Connections::send(const UserId& user, Bytes frame, bool droppable) {
    const auto found = connections_.find(user);
    if (found == connections_.end()) return Sent::gone;
    Connection& connection = found->second;
    if (connection.queue.empty()) {
        switch (try_send(connection, frame)) {
            case Try::sent:
                return Sent::yes;
            case Try::unroutable:
                forget(user);
                return Sent::gone;
            case Try::full:
                break;
        }
    }
    if (droppable) return Sent::dropped;
    if (connection.queue.size() >= max_queued_frames ||
        connection.queued_bytes + frame.size() > max_queued_bytes ||
        queued_bytes_ + frame.size() > max_queued_bytes_total) {
        kick(user);
        return Sent::overflow;
    }
    connection.queued_bytes += frame.size();
    queued_bytes_ += frame.size();
    connection.queue.push_back(std::move(frame));
    waiting_.insert(user);
    return Sent::yes;
}

std::vector<UserId> Connections::flush() {
    std::vector<UserId> gone;
    for (auto user = waiting_.begin(); user != waiting_.end();) {
        Connection& connection = connections_.at(*user);
        Try result = Try::sent;
        while (!connection.queue.empty()) {
            result = try_send(connection, connection.queue.front());
            if (result != Try::sent) break;
            connection.queued_bytes -= connection.queue.front().size();
            queued_bytes_ -= connection.queue.front().size();
            connection.queue.pop_front();
        }
        if (result == Try::unroutable) gone.push_back(*user);
        user = connection.queue.empty() ? waiting_.erase(user) : std::next(user);
    }
    for (const UserId& user : gone)
        forget(user);
    return gone;
}

// Descriptor numbers are used again, so the address has to fit as well.
bool Connections::open(const Connection& connection) {
    const auto peer = peer_of_socket(connection.fd);
    return peer && peer->text == connection.peer;
}

void Connections::shut_down(const Connection& connection) {
    // Never close(): the descriptor is libzmq's.
    if (open(connection)) shutdown(connection.fd, SHUT_RDWR);
}

void Connections::kick(const UserId& user) {
    const auto found = connections_.find(user);
    if (found == connections_.end()) return;
    shut_down(found->second);
    forget(user);
}

void Connections::dismiss(const UserId& user) {
    const auto found = connections_.find(user);
    if (found == connections_.end()) return;
    if (found->second.queue.empty()) {
        dismissed_.insert_or_assign(found->second.fd, found->second.peer);
    } else {
        shut_down(found->second);  // does not read: it would never leave
    }
    forget(user);
}

void Connections::shut_dismissed() {
    for (const auto& [fd, peer] : dismissed_) {
        const auto now = peer_of_socket(fd);
        if (now && now->text == peer) shutdown(fd, SHUT_RDWR);
    }
    dismissed_.clear();
}

bool Connections::was_dismissed(int fd) const {
    const auto found = dismissed_.find(fd);
    if (found == dismissed_.end()) return false;
    const auto peer = peer_of_socket(fd);
    return peer && peer->text == found->second;
}

void Connections::forget(const UserId& user) {
    const auto found = connections_.find(user);
    if (found == connections_.end()) return;
    queued_bytes_ -= found->second.queued_bytes;
    waiting_.erase(user);
    suspects_.erase(user);
    const auto owner = by_fd_.find(found->second.fd);
    if (owner != by_fd_.end() && owner->second == user) by_fd_.erase(owner);
    connections_.erase(found);
}

bool Connections::hung_up(const Connection& connection) {
    pollfd state{.fd = connection.fd, .events = POLLRDHUP, .revents = 0};
    return poll(&state, 1, 0) == 1 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Connections::forget_silent(int fd) {
    if (silent_.erase(fd) > 0) silent_crowd_.remove(fd);
}

// The descriptor may be another connection's by now.
bool Connections::shut_down_silent(int fd) {
    const auto peer = peer_of_socket(fd);
    const bool is_it = peer && peer->text == silent_.at(fd).peer;
    if (is_it) shutdown(fd, SHUT_RDWR);
    forget_silent(fd);
    return is_it;
}

std::optional<UserId> Connections::accepted(int fd, std::uint64_t now_ms, std::size_t silent_max) {
    auto peer = peer_of_socket(fd);
    if (!peer) return std::nullopt;  // gone again
    std::optional<UserId> gone;
    if (const auto owner = by_fd_.find(fd); owner != by_fd_.end()) {
        const bool heard = connections_.at(owner->second).peer == peer->text;
        if (heard) return std::nullopt;  // before this event was read
        gone = owner->second;
        forget(*gone);
    }
    forget_silent(fd);
    if (silent_.size() >= silent_max) {
        silent_crowd_.settle_newcomers(now_ms, silent_max / 4);  // of handshakes under way
        if (const auto oldest = silent_crowd_.first_to_go(); oldest && shut_down_silent(*oldest)) {
            ++silent_dropped_;
        }
    }
    silent_.emplace(fd, Silent{.since_ms = now_ms, .peer = std::move(peer->text)});
    silent_crowd_.add_newcomer(fd, peer->prefix, now_ms);
    return gone;
}

std::size_t Connections::shut_silent(std::uint64_t now_ms, std::uint64_t limit_ms) {
    std::vector<int> late;
    for (const auto& [fd, silent] : silent_) {
        if (now_ms >= silent.since_ms + limit_ms) late.push_back(fd);
    }
    return static_cast<std::size_t>(
        std::count_if(late.begin(), late.end(), [this](int fd) { return shut_down_silent(fd); }));
}

std::optional<UserId> Connections::disconnected(int fd) {
    forget_silent(fd);
    const auto owner = by_fd_.find(fd);
    if (owner == by_fd_.end()) return std::nullopt;
    const UserId user = owner->second;
    const Connection& connection = connections_.at(user);
    if (open(connection) && !hung_up(connection)) {
        suspects_.insert_or_assign(user, rechecks);
        return std::nullopt;
    }
    forget(user);
    return user;
}

std::vector<UserId> Connections::recheck() {
    std::vector<UserId> gone;
    for (auto suspect = suspects_.begin(); suspect != suspects_.end();) {
        const bool is_open = open(connections_.at(suspect->first));
        if (!is_open) gone.push_back(suspect->first);
        const bool done = !is_open || --suspect->second == 0;
        suspect = done ? suspects_.erase(suspect) : std::next(suspect);
    }
    for (const UserId& user : gone)
        forget(user);
    return gone;
}

}  // namespace sotto::rendezvous
