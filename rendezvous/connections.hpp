// The server's connections: from a CURVE key to the newest routing id, and what waits to be sent.
//
// A routing id is never an identity and never leaves this class. Every queue is bounded; whoever
// does not read gets disconnected, and finds its mail again at the next login. One thread owns it.
#pragma once

#include "rendezvous/logic/crowd.hpp"
#include "rendezvous/peer_address.hpp"

#include <zmq.hpp>

#include <list>
#include <map>
#include <set>
#include <unordered_map>

namespace sotto::rendezvous {

class Connections {
public:
    explicit Connections(zmq::socket_t& router);

    struct Heard {
        bool dismissed = false;      // nobody listens to this connection any more
        bool fresh = false;          // the first frame of a connection; then:
        PeerAddress peer;            // where it comes from
        std::optional<UserId> gone;  // had this descriptor before, so must have left
    };
    // A frame came from `user` over this routing id and descriptor.
    [[nodiscard]] Heard heard(const UserId& user, std::string_view routing_id, int fd);

    enum class Sent : std::uint8_t {
        yes,      // given to libzmq or queued here
        dropped,  // droppable, and the reader is slow
        gone,     // no such connection any more; forgotten
        overflow  // reads too slowly; forgotten and disconnected
    };
    [[nodiscard]] Sent send(const UserId& user, Bytes frame, bool droppable);
    // Sends what waits, as far as it goes; returns who is gone.
    [[nodiscard]] std::vector<UserId> flush();
    [[nodiscard]] bool backlogged() const { return !waiting_.empty(); }

    // Disconnects by shutting the descriptor down: libzmq offers no other way.
    void kick(const UserId& user);
    // Forgets it and hears nothing more of it, but lets the frames sent so far leave until
    // shut_dismissed().
    void dismiss(const UserId& user);
    void shut_dismissed();
    void forget(const UserId& user);
    // libzmq says that a connection on this descriptor ended; returns who is gone. libzmq says so
    // before it closes the descriptor, and long after it may be another's: where that cannot be
    // told yet, recheck() will.
    [[nodiscard]] std::optional<UserId> disconnected(int fd);
    [[nodiscard]] std::vector<UserId> recheck();

    // libzmq accepted a connection, which has said nothing yet. Returns who had this descriptor
    // before and so must have left. Of more than `silent_max` such connections one is shut down:
    // the oldest from where most of them come.
    [[nodiscard]] std::optional<UserId> accepted(int fd, std::uint64_t now_ms,
                                                 std::size_t silent_max);
    [[nodiscard]] std::uint64_t silent_dropped() const { return silent_dropped_; }
    // Shuts down those that still have not, `limit_ms` later; returns how many.
    std::size_t shut_silent(std::uint64_t now_ms, std::uint64_t limit_ms);

    [[nodiscard]] std::size_t size() const { return connections_.size(); }
    [[nodiscard]] std::size_t silent() const { return silent_.size(); }
    [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

private:
    struct Connection {
        std::string routing_id;
        int fd = -1;
        std::string peer;        // tells whether the descriptor is still this connection's
        std::list<Bytes> queue;  // mostly empty: a deque would be 600 bytes then
        std::size_t queued_bytes = 0;
    };
    struct Silent {
        std::uint64_t since_ms = 0;
        std::string peer;
    };
    // Keyed, so that nobody can choose keys that fall together. A tree of 10,000 keys costs a dozen
    // cache misses a frame.
    struct UserHash {
        std::array<std::uint64_t, 4> factors{};
        [[nodiscard]] static UserHash make();
        [[nodiscard]] std::size_t operator()(const UserId& user) const noexcept;
    };
    enum class Try : std::uint8_t { sent, full, unroutable };
    [[nodiscard]] Try try_send(const Connection& connection, const Bytes& frame);
    [[nodiscard]] static bool open(const Connection& connection);
    [[nodiscard]] static bool hung_up(const Connection& connection);
    static void shut_down(const Connection& connection);
    [[nodiscard]] bool was_dismissed(int fd) const;
    void forget_silent(int fd);
    bool shut_down_silent(int fd);

    zmq::socket_t& router_;
    std::unordered_map<UserId, Connection, UserHash> connections_;
    std::unordered_map<int, UserId> by_fd_;
    std::map<int, std::string> dismissed_;  // descriptor -> peer
    std::map<int, Silent> silent_;
    Crowd<int> silent_crowd_;  // the same
    std::uint64_t silent_dropped_ = 0;
    std::set<UserId> waiting_;
    std::map<UserId, int> suspects_;  // perhaps disconnected -> how often to look again
    std::size_t queued_bytes_ = 0;
};

}  // namespace sotto::rendezvous
