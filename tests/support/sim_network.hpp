// Wires between the peers of a world and their rendezvous, as bad as its options say.
//
// Connections to the server behave like ZeroMQ over TCP: in order, kept up by the transport, and
// when a frame is lost the connection goes with it, which one side or both notice later. Direct
// links may in addition lose, repeat and reorder single frames, which is worse than TCP ever is.
// Every frame is searched for plaintext, and an envelope that is sent again must have the same
// bytes.
#pragma once

#include "peer/output.hpp"
#include "tests/support/sim_clock.hpp"
#include "tests/support/sim_options.hpp"
#include "tests/support/sim_random.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace sotto::sim {

using PeerIndex = std::size_t;

class PeerPort {
public:
    virtual ~PeerPort() = default;
    virtual void deliver(peer::NetworkInput input) = 0;
};

class ServerPort {
public:
    virtual ~ServerPort() = default;
    virtual void connected(const crypto::CurvePublic& user, PeerIndex from) = 0;
    virtual void received(const crypto::CurvePublic& user, crypto::Bytes frame) = 0;
    virtual void gone(const crypto::CurvePublic& user) = 0;
};

class Network {
public:
    Network(Schedule& schedule, Dice& dice, const Options& options)
        : schedule_(schedule), dice_(dice), options_(options) {}

    void attach(ServerPort& server) { server_ = &server; }
    PeerIndex attach(PeerPort& peer);

    // A peer's transport.
    void perform(PeerIndex from, const peer::NetworkOutput& output);
    /// The process is gone: so is everything it had open.
    void process_died(PeerIndex peer);

    // The server's socket.
    void to_client(const crypto::CurvePublic& user, const crypto::Bytes& frame);
    void kick(const crypto::CurvePublic& user);
    void server_down();
    void server_up();

    /// Who is at the other end of a link, and what it is called there.
    struct End {
        PeerIndex peer = 0;
        peer::LinkId link;
    };
    [[nodiscard]] std::optional<End> other_end(PeerIndex peer, peer::LinkId link) const;

    // Trouble.
    void cut_off(PeerIndex peer, bool from_server, std::optional<PeerIndex> from_peer);
    void reconnect(PeerIndex peer);
    void make_impossible(PeerIndex a, PeerIndex b);
    /// No more loss, cuts, repeats: everything that is down comes up again.
    void heal();

    /// The marker every text of this world contains.
    void forbid(std::string marker) { marker_ = std::move(marker); }
    /// What was seen that must never be; empty while all is well.
    [[nodiscard]] const std::string& violation() const { return violation_; }
    /// A retry may have other bytes than were seen before: the peer does not know them any more.
    void forget_bytes() { envelopes_.clear(); }
    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t links_made() const { return links_made_; }

private:
    struct Pipe {  // one direction
        std::uint64_t last_arrival_ms = 0;
    };
    struct Connection {
        std::uint64_t serial = 0;  // of the present TCP connection
        PeerIndex owner = 0;
        peer::ServerChannel channel{};
        crypto::CurvePublic key;
        bool up = false;
        Pipe up_pipe{};
        Pipe down_pipe{};
    };
    struct Link {
        PeerIndex dialer = 0;
        peer::LinkId dialer_id;
        PeerIndex listener = 0;
        peer::LinkId listener_id;
        crypto::CurvePublic dialer_key;
        Pipe to_listener{};
        Pipe to_dialer{};
    };
    struct Peer {
        PeerPort* port = nullptr;
        std::map<peer::ServerChannel, Connection> connections;
        std::optional<crypto::OwnCurve> listener;
        std::set<crypto::CurvePublic> allowed;
        std::uint64_t life = 0;  // processes so far
        std::uint64_t next_inbound = 1ULL << 63U;
        bool off_server = false;
        std::set<PeerIndex> off_peers;
    };

    void act(PeerIndex from, const peer::OpenServer& output);
    void act(PeerIndex from, const peer::CloseServer& output);
    void act(PeerIndex from, const peer::SendToServer& output);
    void act(PeerIndex from, const peer::Listen& output);
    void act(PeerIndex from, const peer::StopListening& output);
    void act(PeerIndex from, const peer::AllowPeers& output);
    void act(PeerIndex from, const peer::Dial& output);
    void act(PeerIndex from, const peer::CloseLink& output);
    void act(PeerIndex from, const peer::SendToPeer& output);

    /// The server reads what its client sent before it closed, and then its end.
    void close(PeerIndex owner, peer::ServerChannel channel, bool sent_arrives);
    void try_connect(PeerIndex owner, peer::ServerChannel channel, std::uint64_t delay_ms);
    void connect(PeerIndex owner, peer::ServerChannel channel, std::uint64_t serial);
    void break_connection(Connection& connection);
    [[nodiscard]] Connection* find(PeerIndex owner, peer::ServerChannel channel,
                                   std::uint64_t serial);
    [[nodiscard]] Connection* find(const crypto::CurvePublic& user);
    [[nodiscard]] std::optional<std::uint64_t> arrival(Pipe& pipe, bool may_reorder);

    void link(PeerIndex from, const peer::Dial& dial, std::uint64_t life);
    void break_link(std::uint64_t number);
    void break_links_of(PeerIndex peer, bool inbound_only);
    void tell_later(PeerIndex peer, peer::NetworkInput input);
    [[nodiscard]] bool reachable(PeerIndex a, PeerIndex b) const;
    void inspect(const crypto::Bytes& frame);
    void inspect_link(const crypto::Bytes& frame);
    [[nodiscard]] bool chance(std::uint64_t per_mille) {
        return !healed_ && dice_.chance(per_mille);
    }
    [[nodiscard]] std::uint64_t delay() {
        return dice_.between(options_.delay_min_ms, options_.delay_max_ms);
    }

    Schedule& schedule_;
    Dice& dice_;
    const Options& options_;
    ServerPort* server_ = nullptr;
    bool server_is_up_ = true;
    std::set<std::uint64_t> closing_;  // serials of connections their clients have closed
    bool healed_ = false;
    std::vector<Peer> peers_;
    std::uint64_t next_serial_ = 1;
    std::map<std::uint64_t, Link> links_;
    std::set<std::pair<PeerIndex, PeerIndex>> impossible_;
    std::map<peer::EnvelopeId, std::array<std::uint8_t, 32>> envelopes_;
    std::string marker_;
    std::string violation_;
    std::uint64_t frames_ = 0;
    std::uint64_t links_made_ = 0;
};

}  // namespace sotto::sim
