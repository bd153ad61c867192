#include "peer/transport/peer_listener.hpp"

#include "crypto/result.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string>

namespace sotto::peer::transport {

namespace {

constexpr int bind_tries = 64;  // random ports; a range of thousands is never that full

crypto::Bytes to_bytes(const zmq::message_t& message) {
    const auto* bytes = message.data<std::uint8_t>();
    return crypto::Bytes(bytes, bytes + message.size());
}

std::optional<crypto::CurvePublic> user_id(zmq::message_t& message) {
    const char* text = zmq_msg_gets(message.handle(), "User-Id");
    if (text == nullptr) {
        return std::nullopt;
    }
    const auto bytes = crypto::from_hex(text);
    if (!bytes) {
        return std::nullopt;
    }
    const auto key = crypto::CurvePublic::parse(*bytes);
    return key ? std::optional(*key) : std::nullopt;
}

}  // namespace

PeerListener::PeerListener(SocketSource& sockets, const crypto::OwnCurve& own,
                           std::uint16_t port_low, std::uint16_t port_high,
                           std::uint64_t silence_max_ms)
    : socket_(make_listener(sockets.context, own)),
      monitor_(sockets.context, socket_, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED,
               sockets.next_number()),
      silence_max_ms_(silence_max_ms) {
    bind(sockets.random, port_low, port_high);
}

void PeerListener::bind(crypto::RandomSource& random, std::uint16_t low, std::uint16_t high) {
    for (int i = 0; i < bind_tries; ++i) {
        const auto port = static_cast<std::uint16_t>(random_between(random, low, high));
        const std::string endpoint = "tcp://*:" + std::to_string(port);
        if (zmq_bind(socket_.handle(), endpoint.c_str()) == 0) {
            port_ = port;
            return;
        }
    }
}

void PeerListener::add_poll_items(std::vector<zmq_pollitem_t>& items) {
    items.push_back({monitor_.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({socket_.handle(), 0, ZMQ_POLLIN, 0});
}

void PeerListener::collect(Instant now, std::size_t max_inputs, LinkId& next_link,
                           std::vector<NetworkInput>& inputs) {
    read_monitor(now, inputs);
    while (inputs.size() < max_inputs) {
        auto received = receive();
        if (!received) {
            break;
        }
        if (!received->well_formed || !received->remote) {
            cut(received->descriptor);
            continue;
        }
        const Link* link = find_or_add(now, *received, next_link, inputs);
        // An empty frame only says "I am here".
        if (link != nullptr && !received->payload.empty()) {
            inputs.push_back(PeerFrame{.link = link->id, .frame = std::move(received->payload)});
        }
    }
    for (auto& [routing_id, link] : links_) {
        while (!link.parked.empty() && try_send(link, link.parked.front())) {
            link.parked.pop();
        }
    }
    cut_silent(now);
}

void PeerListener::count_connections(Instant now, std::vector<NetworkInput>& inputs) {
    read_monitor(now, inputs);
    cut_silent(now);
}

std::optional<Instant> PeerListener::next_deadline() const {
    std::optional<Instant> first;
    for (const auto& [descriptor, connection] : connections_) {
        if (!connection.silent || connection.cut) continue;
        const Instant end{connection.since.ms + silence_max_ms_};
        if (!first || end < *first) first = end;
    }
    return first;
}

// Whoever has a key may connect as often as they like and say nothing, or say it under a routing id
// that is taken, which libzmq then keeps from us: without this each would hold a descriptor for
// ever.
void PeerListener::cut_silent(Instant now) {
    std::vector<std::pair<Instant, int>> silent;
    for (const auto& [descriptor, connection] : connections_) {
        if (connection.silent && !connection.cut) silent.emplace_back(connection.since, descriptor);
    }
    std::sort(silent.begin(), silent.end());
    for (std::size_t i = 0; i < silent.size(); ++i) {
        const bool too_many = silent.size() - i > silent_max;  // the oldest go first
        if (too_many || now.ms - silent[i].first.ms >= silence_max_ms_) cut(silent[i].second);
    }
}

void PeerListener::read_monitor(Instant now, std::vector<NetworkInput>& inputs) {
    while (const auto event = monitor_.next()) {
        const int descriptor = static_cast<int>(event->value);
        if (event->event == ZMQ_EVENT_ACCEPTED) {
            connections_.insert_or_assign(descriptor, Connection{.since = now});
            continue;
        }
        connections_.erase(descriptor);
        const auto gone = std::find_if(links_.begin(), links_.end(), [&](const auto& entry) {
            return entry.second.descriptor == descriptor;
        });
        if (gone != links_.end()) {
            inputs.push_back(PeerLinkDown{.link = gone->second.id});
            routing_ids_.erase(gone->second.id);
            links_.erase(gone);
        }
    }
}

std::optional<PeerListener::Received> PeerListener::receive() {
    zmq::message_t routing_id;
    if (!socket_.recv(routing_id, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    Received out;
    out.routing_id = to_bytes(routing_id);
    zmq::message_t frame;
    bool more = routing_id.more();
    std::size_t frames = 0;
    while (more && socket_.recv(frame, zmq::recv_flags::dontwait)) {
        more = frame.more();
        if (++frames == 1) {
            // The id frame of libzmq 4.3.4 carries no metadata after a poll: read it from here.
            out.payload = to_bytes(frame);
            out.remote = user_id(frame);
            out.descriptor = zmq_msg_get(frame.handle(), ZMQ_SRCFD);
        }
    }
    out.well_formed = frames == 1;  // a third frame: everything is dropped and the peer cut off
    return out;
}

PeerListener::Link* PeerListener::find_or_add(Instant now, const Received& received,
                                              LinkId& next_link,
                                              std::vector<NetworkInput>& inputs) {
    if (const auto known = links_.find(received.routing_id); known != links_.end()) {
        // Routing ids can be taken over by name only after a disconnect; the key decides.
        return known->second.remote == *received.remote ? &known->second : nullptr;
    }
    // Everything that happened to this descriptor before the frame is in the monitor by now, so an
    // end that is reported later belongs to this connection and not to an earlier one.
    read_monitor(now, inputs);
    const auto connection = connections_.find(received.descriptor);
    if (connection == connections_.end()) {
        return nullptr;  // gone again already
    }
    if (links_.size() >= links_max) {
        cut(received.descriptor);
        return nullptr;
    }
    cut_older_links_of(*received.remote);
    connection->second.silent = false;
    const LinkId id = next_link;
    ++next_link.value;
    routing_ids_.emplace(id, received.routing_id);
    inputs.push_back(PeerLinkUp{.link = id, .remote = *received.remote, .inbound = true});
    const auto added = links_.emplace(received.routing_id, Link{.id = id,
                                                                .routing_id = received.routing_id,
                                                                .remote = *received.remote,
                                                                .descriptor = received.descriptor,
                                                                .parked = {}});
    return &added.first->second;
}

void PeerListener::cut_older_links_of(const crypto::CurvePublic& remote) {
    std::vector<const Link*> same;
    for (const auto& [routing_id, link] : links_) {
        if (link.remote == remote) {
            same.push_back(&link);
        }
    }
    if (same.size() >= links_per_key_max) {
        cut((*std::min_element(same.begin(), same.end(), [](const Link* a, const Link* b) {
                return a->id < b->id;
            }))->descriptor);
    }
}

bool PeerListener::try_send(const Link& link, const crypto::Bytes& frame) {
    // C calls: a full or vanished peer is an everyday answer here, not an exception.
    const auto address = [&] {
        return zmq_send(socket_.handle(), link.routing_id.data(), link.routing_id.size(),
                        ZMQ_DONTWAIT | ZMQ_SNDMORE);
    };
    if (address() < 0) {
        if (errno != EAGAIN) {
            return true;  // EHOSTUNREACH: it is gone, and DISCONNECTED says so
        }
        // zmq_send notices new room at most once a millisecond; ZMQ_EVENTS always does.
        static_cast<void>(socket_.get(zmq::sockopt::events));
        if (address() < 0) {
            return errno != EAGAIN;
        }
    }
    zmq_send(socket_.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT);
    return true;
}

void PeerListener::send(LinkId id, const crypto::Bytes& frame) {
    crypto::ensure(frame.size() <= frame_max_bytes, "frame larger than the protocol allows");
    const auto routing_id = routing_ids_.find(id);
    if (routing_id == routing_ids_.end()) {
        return;  // its PeerLinkDown is on the way
    }
    Link& link = links_.at(routing_id->second);
    if (!link.parked.empty() || !try_send(link, frame)) {
        link.parked.push(frame);
    }
}

void PeerListener::close(LinkId id) {
    if (const auto routing_id = routing_ids_.find(id); routing_id != routing_ids_.end()) {
        cut(links_.at(routing_id->second).descriptor);
    }
}

void PeerListener::keep_only(const std::vector<crypto::CurvePublic>& keys) {
    for (const auto& [routing_id, link] : links_) {
        if (std::find(keys.begin(), keys.end(), link.remote) == keys.end()) {
            cut(link.descriptor);
        }
    }
}

void PeerListener::cut(int descriptor) {
    // libzmq has no call to drop one peer. Shutting its descriptor down (never closing it: it is
    // libzmq's) does it in 2 ms. Only one that the monitor knows as open: numbers are reused.
    if (const auto connection = connections_.find(descriptor); connection != connections_.end()) {
        connection->second.cut = true;
        ::shutdown(descriptor, SHUT_RDWR);
    }
}

bool PeerListener::has_parked_frames() const noexcept {
    return std::any_of(links_.begin(), links_.end(),
                       [](const auto& entry) { return !entry.second.parked.empty(); });
}

void PeerListener::report_all_down(std::vector<NetworkInput>& inputs) const {
    for (const auto& [routing_id, link] : links_) {
        inputs.push_back(PeerLinkDown{.link = link.id});
    }
}

}  // namespace sotto::peer::transport
