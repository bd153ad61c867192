// The listener for direct links: who is connected, by CURVE key, and their frames.
//
// An inbound link is known by the key the ZAP handler let in (User-Id), never by its routing id,
// which the other side chooses. A peer that sends anything but one frame per message, or too many
// connections, is cut off; so is everyone whose key is no longer allowed, and every connection that
// says nothing. Frames for a slow peer wait in a bounded queue of its own. Functions may throw
// zmq::error_t.
#pragma once

#include "peer/output.hpp"
#include "peer/transport/client_socket.hpp"
#include "peer/transport/socket_monitor.hpp"
#include "peer/transport/socket_source.hpp"

#include <zmq.hpp>

#include <map>
#include <optional>
#include <vector>

namespace sotto::peer::transport {

// Direct links at a time, each way. A person talks to a few dozen; every link costs 34 KiB.
inline constexpr std::size_t links_max = 128;
// A peer reconnects before we notice that its old connection died: two may overlap, not more.
inline constexpr std::size_t links_per_key_max = 2;
// Connections that have not said anything yet, at a time: an honest one needs milliseconds for the
// handshake and its first frame, so these are many, and each is one descriptor that anybody can
// take.
inline constexpr std::size_t silent_max = 64;

class PeerListener {
public:
    // Binds a random free port in [port_low, port_high]; port() is 0 when none was free.
    // Who has said nothing `silence_max_ms` after connecting is cut off.
    PeerListener(SocketSource& sockets, const crypto::OwnCurve& own, std::uint16_t port_low,
                 std::uint16_t port_high, std::uint64_t silence_max_ms);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    static constexpr std::size_t poll_item_count = 2;
    void add_poll_items(std::vector<zmq_pollitem_t>& items);
    // Appends what happened, at most until `inputs` holds `max_inputs`. New links get ids from
    // `next_link` on.
    void collect(Instant now, std::size_t max_inputs, LinkId& next_link,
                 std::vector<NetworkInput>& inputs);
    // Only who connected and who left (into `inputs`: at most each link once), and cuts the silent
    // ones; frames stay where they are.
    void count_connections(Instant now, std::vector<NetworkInput>& inputs);
    // When collect() should be called again though nothing arrived.
    [[nodiscard]] std::optional<Instant> next_deadline() const;
    // Cuts off every link whose key is not in `keys`. PeerLinkDown follows from collect().
    void keep_only(const std::vector<crypto::CurvePublic>& keys);
    void send(LinkId link, const crypto::Bytes& frame);
    void close(LinkId link);
    // Some peer is too slow to take its frames: collect() should be called again soon.
    [[nodiscard]] bool has_parked_frames() const noexcept;
    // Reports every link down; for the moment before destruction.
    void report_all_down(std::vector<NetworkInput>& inputs) const;

private:
    struct Link {
        LinkId id;
        crypto::Bytes routing_id;
        crypto::CurvePublic remote;
        int descriptor = -1;
        ParkedFrames parked;
    };
    struct Received {
        crypto::Bytes routing_id;
        crypto::Bytes payload;
        std::optional<crypto::CurvePublic> remote;
        int descriptor = -1;
        bool well_formed = false;
    };

    struct Connection {  // accepted and not yet disconnected, as the monitor says
        Instant since;
        bool silent = true;
        bool cut = false;
    };

    void bind(crypto::RandomSource& random, std::uint16_t low, std::uint16_t high);
    void read_monitor(Instant now, std::vector<NetworkInput>& inputs);
    void cut_silent(Instant now);
    [[nodiscard]] std::optional<Received> receive();
    [[nodiscard]] Link* find_or_add(Instant now, const Received& received, LinkId& next_link,
                                    std::vector<NetworkInput>& inputs);
    void cut_older_links_of(const crypto::CurvePublic& remote);
    [[nodiscard]] bool try_send(const Link& link, const crypto::Bytes& frame);
    void cut(int descriptor);

    zmq::socket_t socket_;
    SocketMonitor monitor_;  // after the socket: destroyed first
    std::uint16_t port_ = 0;
    std::map<crypto::Bytes, Link> links_;  // by routing id
    std::map<LinkId, crypto::Bytes> routing_ids_;
    std::map<int, Connection> connections_;  // by descriptor
    std::uint64_t silence_max_ms_;
};

}  // namespace sotto::peer::transport
