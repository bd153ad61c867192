#include "rendezvous/connections.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace sotto::rendezvous {

namespace {

// Beyond libzmq's own queue: a second mail window, for one reader and for all together.
constexpr std::size_t max_queued_frames = 256;
constexpr std::size_t max_queued_bytes = 2U << 20;
constexpr std::size_t max_queued_bytes_total = 128U << 20;
// Times, 250 ms apart: libzmq closes a descriptor within the same turn of its I/O thread.
constexpr int rechecks = 4;

}  // namespace

Connections::Heard Connections::heard(const UserId& user, std::string_view routing_id, int fd) {
    silent_.erase(fd);
    const auto found = connections_.find(user);
    if (found != connections_.end() && found->second.routing_id == routing_id) return {};

    Heard heard{
        .fresh = true, .peer = peer_of_socket(fd).value_or(PeerAddress{}), .gone = std::nullopt};
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

std::optional<UserId> Connections::accepted(int fd, std::uint64_t now_ms) {
    auto peer = peer_of_socket(fd);
    if (!peer) return std::nullopt;  // gone again
    std::optional<UserId> gone;
    if (const auto owner = by_fd_.find(fd); owner != by_fd_.end()) {
        const bool heard = connections_.at(owner->second).peer == peer->text;
        if (heard) return std::nullopt;  // before this event was read
        gone = owner->second;
        forget(*gone);
    }
    silent_.insert_or_assign(fd, Silent{.since_ms = now_ms, .peer = std::move(peer->text)});
    return gone;
}

std::size_t Connections::shut_silent(std::uint64_t now_ms, std::uint64_t limit_ms) {
    std::size_t count = 0;
    for (auto each = silent_.begin(); each != silent_.end();) {
        if (now_ms < each->second.since_ms + limit_ms) {
            ++each;
            continue;
        }
        // The descriptor may be another connection's by now.
        const auto peer = peer_of_socket(each->first);
        if (peer && peer->text == each->second.peer) {
            shutdown(each->first, SHUT_RDWR);
            ++count;
        }
        each = silent_.erase(each);
    }
    return count;
}

std::optional<UserId> Connections::disconnected(int fd) {
    silent_.erase(fd);
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
