#include "peer/transport/zmq_transport.hpp"

#include "peer/transport/endpoint.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace sotto::peer {

namespace {

using transport::links_max;
using transport::Loopback;

// A longer race only adds sockets: the first reachable address wins within milliseconds.
constexpr std::size_t endpoints_per_dial_max = 8;
// How often a full inbound link is tried again; ROUTER cannot say when one peer has room.
constexpr std::uint64_t parked_retry_ms = 5;

// Strangers who connect meanwhile wait as events in memory, at some 100 bytes each, until then.
constexpr std::uint64_t stand_by_max_ms = 1'000;

Instant read_clock() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return {static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count())};
}

std::vector<std::string> checked_endpoints(const std::vector<std::string>& endpoints,
                                           Loopback loopback) {
    std::vector<std::string> out;
    for (const auto& text : endpoints) {
        auto endpoint = transport::peer_endpoint(text, loopback);
        const bool is_new = endpoint && std::find(out.begin(), out.end(), *endpoint) == out.end();
        if (is_new && out.size() < endpoints_per_dial_max) {
            out.push_back(std::move(*endpoint));
        }
    }
    return out;
}

}  // namespace

ZmqTransport::ZmqTransport(crypto::RandomSource& random, ZmqTransportOptions options)
    : options_(options),
      context_(transport::make_context(random)),
      sockets_{.context = context_, .random = random},
      zap_(context_) {}

ZmqTransport::~ZmqTransport() = default;

void ZmqTransport::perform(const NetworkOutput& output) {
    try {
        std::visit([this](const auto& action) { act(action); }, output);
    } catch (const zmq::error_t&) {
        // Out of sockets or descriptors. The edge turns it into "down": the engine tries later.
        if (const auto* open = std::get_if<OpenServer>(&output)) {
            pending_.emplace_back(
                ServerDown{.channel = open->channel, .reason = ServerDownReason::unreachable});
        } else if (const auto* dial = std::get_if<Dial>(&output)) {
            pending_.emplace_back(PeerLinkDown{.link = dial->link});
        }
    }
}

std::unique_ptr<transport::ServerConnection>& ZmqTransport::connection(ServerChannel channel) {
    return connections_.at(static_cast<std::size_t>(channel));
}

void ZmqTransport::act(const OpenServer& output) {
    auto& slot = connection(output.channel);
    slot.reset();
    auto endpoint = transport::server_endpoint(output.address);
    if (!endpoint) {
        pending_.emplace_back(
            ServerDown{.channel = output.channel, .reason = ServerDownReason::unreachable});
        return;
    }
    const bool local = transport::is_loopback_host(output.address.host);
    // Peers of a rendezvous on this machine may be on it too; anybody else has no business there.
    loopback_ = local ? Loopback::allow : Loopback::refuse;
    slot = std::make_unique<transport::ServerConnection>(
        sockets_, output.channel,
        transport::ClientTarget{
            .endpoint = std::move(*endpoint), .server_key = output.address.key, .own = output.own},
        local ? options_.loopback_retry : options_.remote_retry);
}

void ZmqTransport::act(const CloseServer& output) {
    if (auto& slot = connection(output.channel)) {
        slot->say_goodbye();
        slot.reset();
    }
}

void ZmqTransport::act(const SendToServer& output) {
    if (auto& slot = connection(output.channel)) {
        slot->send(output.frame);
    }
}

void ZmqTransport::act(const Listen& output) {
    act(StopListening{});
    listener_ = std::make_unique<transport::PeerListener>(
        sockets_, output.own, options_.listen_port_low, options_.listen_port_high,
        options_.silence_max_ms);
    if (listener_->port() == 0) {
        listener_.reset();
        return;  // no direct links to us; the relay carries everything
    }
    pending_.emplace_back(
        ListenerReady{.endpoints = transport::local_endpoints(listener_->port(), loopback_)});
}

void ZmqTransport::act(const StopListening&) {
    if (listener_) {
        listener_->report_all_down(pending_);
        listener_.reset();
    }
}

void ZmqTransport::act(const AllowPeers& output) {
    zap_.allow(output.keys);
    if (listener_) {
        listener_->keep_only(output.keys);
    }
}

void ZmqTransport::act(const Dial& output) {
    const auto endpoints = checked_endpoints(output.endpoints, loopback_);
    if (endpoints.empty() || outbound_.size() >= links_max) {
        pending_.emplace_back(PeerLinkDown{.link = output.link});
        return;
    }
    outbound_[output.link] = std::make_unique<transport::OutboundLink>(
        sockets_, output, endpoints, Instant{read_clock().ms + options_.dial_give_up_ms});
}

void ZmqTransport::act(const CloseLink& output) {
    if (outbound_.erase(output.link) == 0 && listener_) {
        listener_->close(output.link);
    }
}

void ZmqTransport::act(const SendToPeer& output) {
    if (const auto link = outbound_.find(output.link); link != outbound_.end()) {
        link->second->send(output.frame);
    } else if (listener_) {
        listener_->send(output.link, output.frame);
    }
}

std::vector<NetworkInput> ZmqTransport::wait(std::uint64_t timeout_ms, int wake_fd,
                                             std::size_t max_inputs) {
    std::vector<NetworkInput> inputs;
    try {
        const Instant before = read_clock();
        poll(pending_.empty() ? bounded_timeout(timeout_ms, before) : 0, wake_fd);
        take_pending(max_inputs, inputs);
        collect(read_clock(), max_inputs, inputs);
    } catch (const zmq::error_t&) {
        // A socket that fails here is replaced or reported down by its own monitor on a later turn.
    }
    return inputs;
}

void ZmqTransport::stand_by(std::uint64_t timeout_ms, int wake_fd) {
    try {
        zmq_pollitem_t wake{nullptr, wake_fd, ZMQ_POLLIN, 0};
        zmq_poll(&wake, 1, static_cast<long>(std::min(timeout_ms, stand_by_max_ms)));
        if (listener_) listener_->count_connections(read_clock(), pending_);
    } catch (const zmq::error_t&) {
        // As in wait().
    }
}

std::uint64_t ZmqTransport::bounded_timeout(std::uint64_t timeout_ms, Instant now) const {
    std::uint64_t out = timeout_ms;
    const auto until = [&](const std::optional<Instant>& deadline) {
        if (deadline) {
            out = std::min(out, *deadline > now ? deadline->ms - now.ms : 0);
        }
    };
    for (const auto& connection : connections_) {
        if (connection) {
            until(connection->next_deadline());
        }
    }
    for (const auto& [id, link] : outbound_) {
        until(link->next_deadline());
    }
    if (listener_) {
        until(listener_->next_deadline());
    }
    if (listener_ && listener_->has_parked_frames()) {
        out = std::min(out, parked_retry_ms);
    }
    return out;
}

void ZmqTransport::poll(std::uint64_t timeout_ms, int wake_fd) {
    poll_items_.clear();
    poll_items_.push_back({nullptr, wake_fd, ZMQ_POLLIN, 0});
    for (const auto& connection : connections_) {
        if (connection) {
            connection->add_poll_items(poll_items_);
        }
    }
    if (listener_) {
        listener_->add_poll_items(poll_items_);
    }
    for (const auto& [id, link] : outbound_) {
        link->add_poll_items(poll_items_);
    }
    // A day is as good as for ever, and fits the type.
    constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;
    const auto bounded = static_cast<long>(std::min(timeout_ms, day_ms));
    // The C call: a signal (EINTR) is an everyday answer, and means "look what there is".
    zmq_poll(poll_items_.data(), static_cast<int>(poll_items_.size()), bounded);
}

void ZmqTransport::take_pending(std::size_t max_inputs, std::vector<NetworkInput>& inputs) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(max_inputs, pending_.size()));
    inputs.assign(std::make_move_iterator(pending_.begin()),
                  std::make_move_iterator(pending_.begin() + count));
    pending_.erase(pending_.begin(), pending_.begin() + count);
}

void ZmqTransport::collect(Instant now, std::size_t max_inputs, std::vector<NetworkInput>& inputs) {
    for (const auto& connection : connections_) {
        if (connection) {
            connection->collect(now, max_inputs, inputs);
        }
    }
    if (listener_) {
        listener_->collect(now, max_inputs, next_inbound_, inputs);
    }
    for (auto link = outbound_.begin(); link != outbound_.end();) {
        link->second->collect(now, max_inputs, inputs);
        link = link->second->is_over() ? outbound_.erase(link) : std::next(link);
    }
}

}  // namespace sotto::peer
