#include "tests/support/sim_network.hpp"

#include "peer/wire/link_frame.hpp"

#include <algorithm>

namespace sotto::sim {
namespace {

using namespace peer;

// What a transport waits before it tries again.
constexpr std::uint64_t retry_min_ms = 100;
constexpr std::uint64_t retry_max_ms = 2'000;
constexpr std::uint64_t dial_gives_up_ms = 5'000;

}  // namespace

PeerIndex Network::attach(PeerPort& peer) {
    peers_.emplace_back();
    peers_.back().port = &peer;
    return peers_.size() - 1;
}

void Network::perform(PeerIndex from, const NetworkOutput& output) {
    std::visit([&](const auto& each) { act(from, each); }, output);
}

void Network::tell_later(PeerIndex peer, NetworkInput input) {
    const std::uint64_t life = peers_[peer].life;
    schedule_.after(delay(), [this, peer, life, input = std::move(input)] {
        if (peers_[peer].life == life) peers_[peer].port->deliver(input);
    });
}

// When a frame sent now arrives; in order, unless it may be overtaken.
std::optional<std::uint64_t> Network::arrival(Pipe& pipe, bool may_reorder) {
    const std::uint64_t at = schedule_.now_ms() + delay();
    if (may_reorder) return at + dice_.below(options_.delay_max_ms * 4 + 10);
    pipe.last_arrival_ms = std::max(pipe.last_arrival_ms, at);
    return pipe.last_arrival_ms;
}

void Network::inspect(const crypto::Bytes& frame) {
    ++frames_;
    if (options_.canary == Canary::network_shows_text && frames_ == 200) {
        violation_ = "plaintext in a frame (the canary's)";
    }
    if (marker_.empty()) return;
    if (std::search(frame.begin(), frame.end(), marker_.begin(), marker_.end()) != frame.end()) {
        violation_ = "plaintext in a frame";
    }
}

void Network::inspect_link(const crypto::Bytes& frame) {
    const auto decoded = wire::decode_link_frame(frame);
    if (!decoded) {
        violation_ = "a peer sent a link frame that does not decode";
        return;
    }
    const auto* message = std::get_if<wire::LinkMessage>(&*decoded);
    if (message == nullptr) return;
    const auto digest = crypto::hash(crypto::label::conversation, {message->payload});
    const auto [known, first] = envelopes_.emplace(message->envelope, digest);
    if (!first && known->second != digest) violation_ = "a retry with other bytes";
}

// --- the rendezvous ----------------------------------------------------------------------------

Network::Connection* Network::find(PeerIndex owner, ServerChannel channel, std::uint64_t serial) {
    const auto at = peers_[owner].connections.find(channel);
    if (at == peers_[owner].connections.end() || at->second.serial != serial) return nullptr;
    return &at->second;
}

Network::Connection* Network::find(const crypto::CurvePublic& user) {
    for (Peer& peer : peers_) {
        for (auto& [channel, connection] : peer.connections) {
            if (connection.up && connection.key == user) return &connection;
        }
    }
    return nullptr;
}

void Network::act(PeerIndex from, const OpenServer& output) {
    act(from, CloseServer{.channel = output.channel});
    peers_[from].connections.insert_or_assign(
        output.channel,
        Connection{.owner = from, .channel = output.channel, .key = output.own.public_key()});
    try_connect(from, output.channel, delay());
}

void Network::act(PeerIndex from, const CloseServer& output) {
    close(from, output.channel, true);
}

void Network::close(PeerIndex owner, ServerChannel channel, bool sent_arrives) {
    const auto at = peers_[owner].connections.find(channel);
    if (at == peers_[owner].connections.end()) return;
    const Connection closed = at->second;
    peers_[owner].connections.erase(at);
    if (!closed.up || server_ == nullptr) return;
    if (sent_arrives) closing_.insert(closed.serial);
    const bool silent = chance(options_.silent_cut);
    const std::uint64_t sent_ms =
        sent_arrives ? std::max(closed.up_pipe.last_arrival_ms, schedule_.now_ms()) : 0;
    const std::uint64_t end_ms = std::max(schedule_.now_ms() + delay(), sent_ms + 1);
    schedule_.after(end_ms - schedule_.now_ms(), [this, closed, silent] {
        closing_.erase(closed.serial);
        if (!silent && server_is_up_ && find(closed.key) == nullptr) server_->gone(closed.key);
    });
}

void Network::try_connect(PeerIndex owner, ServerChannel channel, std::uint64_t delay_ms) {
    const auto at = peers_[owner].connections.find(channel);
    if (at == peers_[owner].connections.end()) return;
    const std::uint64_t serial = next_serial_++;
    at->second.serial = serial;
    schedule_.after(delay_ms, [this, owner, channel, serial] { connect(owner, channel, serial); });
}

void Network::connect(PeerIndex owner, ServerChannel channel, std::uint64_t serial) {
    Connection* connection = find(owner, channel, serial);
    if (connection == nullptr) return;
    if (!server_is_up_ || peers_[owner].off_server) {
        return try_connect(owner, channel, dice_.between(retry_min_ms, retry_max_ms));
    }
    connection->up = true;
    connection->up_pipe = connection->down_pipe = {};
    server_->connected(connection->key, owner);
    peers_[owner].port->deliver(ServerUp{.channel = channel});
}

// Both ends lose it; each notices, or not, in its own time. The transport connects again by itself.
void Network::break_connection(Connection& connection) {
    if (!connection.up) return;
    connection.up = false;
    connection.serial = next_serial_++;
    const PeerIndex owner = connection.owner;
    const ServerChannel channel = connection.channel;
    const std::uint64_t serial = connection.serial;
    const crypto::CurvePublic key = connection.key;
    if (server_is_up_ && !chance(options_.silent_cut)) {
        schedule_.after(delay(), [this, key] {
            if (server_is_up_ && find(key) == nullptr) server_->gone(key);
        });
    }
    schedule_.after(dice_.below(3'000), [this, owner, channel, serial] {
        if (find(owner, channel, serial) == nullptr) return;
        peers_[owner].port->deliver(ServerDown{.channel = channel});
        try_connect(owner, channel, dice_.between(retry_min_ms, retry_max_ms));
    });
}

void Network::act(PeerIndex from, const SendToServer& output) {
    inspect(output.frame);
    const auto at = peers_[from].connections.find(output.channel);
    if (at == peers_[from].connections.end() || !at->second.up) return;
    Connection& connection = at->second;
    if (chance(options_.server_cut)) return break_connection(connection);
    const std::uint64_t serial = connection.serial;
    const auto channel = output.channel;
    const int copies = chance(options_.server_repeat) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const auto when = arrival(connection.up_pipe, chance(options_.server_reorder));
        schedule_.after(*when - schedule_.now_ms(), [this, from, channel, serial,
                                                     key = connection.key, frame = output.frame] {
            const bool there = find(from, channel, serial) != nullptr || closing_.contains(serial);
            if (there && server_is_up_) server_->received(key, frame);
        });
    }
}

void Network::to_client(const crypto::CurvePublic& user, const crypto::Bytes& frame) {
    inspect(frame);
    Connection* connection = find(user);
    if (connection == nullptr) return;
    if (chance(options_.server_cut)) return break_connection(*connection);
    const std::uint64_t serial = connection->serial;
    const PeerIndex owner = connection->owner;
    const auto channel = connection->channel;
    const int copies = chance(options_.server_repeat) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const auto when = arrival(connection->down_pipe, chance(options_.server_reorder));
        schedule_.after(*when - schedule_.now_ms(), [this, owner, channel, serial, frame] {
            if (find(owner, channel, serial) == nullptr) return;
            peers_[owner].port->deliver(ServerFrame{.channel = channel, .frame = frame});
        });
    }
}

void Network::kick(const crypto::CurvePublic& user) {
    if (Connection* connection = find(user)) break_connection(*connection);
}

void Network::server_down() {
    for (Peer& peer : peers_) {
        for (auto& [channel, connection] : peer.connections)
            break_connection(connection);
    }
    closing_.clear();
    server_is_up_ = false;
}

void Network::server_up() {
    server_is_up_ = true;
}

// --- direct links ------------------------------------------------------------------------------

bool Network::reachable(PeerIndex a, PeerIndex b) const {
    const auto pair = std::minmax(a, b);
    return !impossible_.contains({pair.first, pair.second}) && !peers_[a].off_peers.contains(b) &&
           !peers_[b].off_peers.contains(a);
}

void Network::act(PeerIndex from, const Listen& output) {
    peers_[from].listener = output.own;
    peers_[from].allowed.clear();
    tell_later(from,
               ListenerReady{.endpoints = {"tcp://10.0.0." + std::to_string(from + 1) + ":20001"}});
}

void Network::act(PeerIndex from, const StopListening&) {
    peers_[from].listener.reset();
    break_links_of(from, true);
}

void Network::act(PeerIndex from, const AllowPeers& output) {
    peers_[from].allowed = {output.keys.begin(), output.keys.end()};
    std::vector<std::uint64_t> unwanted;
    for (const auto& [number, link] : links_) {
        if (link.listener == from && !peers_[from].allowed.contains(link.dialer_key)) {
            unwanted.push_back(number);
        }
    }
    for (const std::uint64_t number : unwanted)
        break_link(number);
}

void Network::act(PeerIndex from, const Dial& output) {
    const std::uint64_t life = peers_[from].life;
    schedule_.after(delay() * 3, [this, from, life, output] { link(from, output, life); });
}

void Network::link(PeerIndex from, const Dial& dial, std::uint64_t life) {
    if (peers_[from].life != life) return;
    std::optional<PeerIndex> to;
    for (PeerIndex i = 0; i < peers_.size(); ++i) {
        const std::string host = "tcp://10.0.0." + std::to_string(i + 1) + ":";
        for (const std::string& endpoint : dial.endpoints) {
            if (endpoint.starts_with(host)) to = i;
        }
    }
    const bool good = to && reachable(from, *to) && peers_[*to].listener &&
                      peers_[*to].listener->public_key() == dial.server_key &&
                      peers_[*to].allowed.contains(dial.own.public_key());
    if (!good) {
        schedule_.after(dice_.below(dial_gives_up_ms), [this, from, life, id = dial.link] {
            if (peers_[from].life == life) {
                peers_[from].port->deliver(PeerLinkDown{.link = id});
            }
        });
        return;
    }
    ++links_made_;
    const LinkId inbound{peers_[*to].next_inbound++};
    links_.emplace(next_serial_++, Link{.dialer = from,
                                        .dialer_id = dial.link,
                                        .listener = *to,
                                        .listener_id = inbound,
                                        .dialer_key = dial.own.public_key()});
    peers_[from].port->deliver(
        PeerLinkUp{.link = dial.link, .remote = dial.server_key, .inbound = false});
    peers_[*to].port->deliver(
        PeerLinkUp{.link = inbound, .remote = dial.own.public_key(), .inbound = true});
}

void Network::break_link(std::uint64_t number) {
    const auto at = links_.find(number);
    if (at == links_.end()) return;
    const Link link = at->second;
    links_.erase(at);
    if (!chance(options_.silent_cut)) {
        tell_later(link.dialer, PeerLinkDown{.link = link.dialer_id});
    }
    if (!chance(options_.silent_cut)) {
        tell_later(link.listener, PeerLinkDown{.link = link.listener_id});
    }
}

void Network::break_links_of(PeerIndex peer, bool inbound_only) {
    std::vector<std::uint64_t> theirs;
    for (const auto& [number, link] : links_) {
        if (link.listener == peer || (!inbound_only && link.dialer == peer)) {
            theirs.push_back(number);
        }
    }
    for (const std::uint64_t number : theirs)
        break_link(number);
}

void Network::act(PeerIndex from, const CloseLink& output) {
    for (const auto& [number, link] : links_) {
        const bool ours = (link.dialer == from && link.dialer_id == output.link) ||
                          (link.listener == from && link.listener_id == output.link);
        if (ours) return break_link(number);
    }
}

void Network::act(PeerIndex from, const SendToPeer& output) {
    inspect(output.frame);
    inspect_link(output.frame);
    for (auto& [number, link] : links_) {
        const bool dialer = link.dialer == from && link.dialer_id == output.link;
        const bool listener = link.listener == from && link.listener_id == output.link;
        if (!dialer && !listener) continue;
        if (chance(options_.link_loss)) return;
        if (chance(options_.link_cut)) return break_link(number);
        Pipe& pipe = dialer ? link.to_listener : link.to_dialer;
        const int copies = chance(options_.link_repeat) ? 2 : 1;
        for (int i = 0; i < copies; ++i) {
            const auto when = arrival(pipe, chance(options_.link_reorder));
            const std::uint64_t key = number;
            schedule_.after(*when - schedule_.now_ms(), [this, key, dialer, frame = output.frame] {
                const auto now = links_.find(key);
                if (now == links_.end()) return;
                const Link& l = now->second;
                peers_[dialer ? l.listener : l.dialer].port->deliver(
                    PeerFrame{.link = dialer ? l.listener_id : l.dialer_id, .frame = frame});
            });
        }
        return;
    }
}

std::optional<Network::End> Network::other_end(PeerIndex peer, LinkId link) const {
    for (const auto& [number, each] : links_) {
        if (each.dialer == peer && each.dialer_id == link) {
            return End{each.listener, each.listener_id};
        }
        if (each.listener == peer && each.listener_id == link) {
            return End{each.dialer, each.dialer_id};
        }
    }
    return std::nullopt;
}

// --- trouble -----------------------------------------------------------------------------------

void Network::process_died(PeerIndex peer) {
    ++peers_[peer].life;
    for (const auto channel : {ServerChannel::session, ServerChannel::anonymous}) {
        close(peer, channel, false);
    }
    peers_[peer].listener.reset();
    peers_[peer].allowed.clear();
    break_links_of(peer, false);
}

void Network::cut_off(PeerIndex peer, bool from_server, std::optional<PeerIndex> from_peer) {
    if (from_server) {
        peers_[peer].off_server = true;
        for (auto& [channel, connection] : peers_[peer].connections)
            break_connection(connection);
    }
    if (!from_peer) return;
    peers_[peer].off_peers.insert(*from_peer);
    std::vector<std::uint64_t> between;
    for (const auto& [number, link] : links_) {
        const bool it = (link.dialer == peer && link.listener == *from_peer) ||
                        (link.dialer == *from_peer && link.listener == peer);
        if (it) between.push_back(number);
    }
    for (const std::uint64_t number : between)
        break_link(number);
}

void Network::reconnect(PeerIndex peer) {
    peers_[peer].off_server = false;
    peers_[peer].off_peers.clear();
}

void Network::make_impossible(PeerIndex a, PeerIndex b) {
    const auto pair = std::minmax(a, b);
    impossible_.insert({pair.first, pair.second});
}

void Network::heal() {
    healed_ = true;
    server_is_up_ = true;
    for (PeerIndex i = 0; i < peers_.size(); ++i)
        reconnect(i);
}

}  // namespace sotto::sim
