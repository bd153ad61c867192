#include "peer/transport/outbound_link.hpp"

namespace sotto::peer::transport {

namespace {

constexpr ClientPacing link_pacing{
    // A few tries before the dial gives up: with simultaneous open the SYNs must cross.
    .reconnect_ivl_ms = 100,
    .reconnect_ivl_max_ms = 0,
    .connect_timeout_ms = 800,
    // A direct link must fall back to the relay before a person wonders: after 6.5 s of silence.
    .heartbeat_ivl_ms = 3'000,
    .heartbeat_timeout_ms = 6'500,
    .heartbeat_ttl_ms = 10'000,
};

}  // namespace

OutboundLink::OutboundLink(SocketSource& sockets, const Dial& dial,
                           const std::vector<std::string>& endpoints, Instant give_up_at)
    : id_(dial.link), remote_(dial.server_key), give_up_at_(give_up_at) {
    for (const auto& endpoint : endpoints) {
        const ClientTarget target{
            .endpoint = endpoint, .server_key = dial.server_key, .own = dial.own};
        racers_.push_back(std::make_unique<ClientSocket>(sockets.context, target, link_pacing,
                                                         link_io_thread, sockets.next_number()));
    }
}

void OutboundLink::add_poll_items(std::vector<zmq_pollitem_t>& items) {
    for (const auto& racer : racers_) {
        racer->add_poll_items(items);
    }
}

std::optional<Instant> OutboundLink::next_deadline() const noexcept {
    return up_ ? std::nullopt : std::optional(give_up_at_);
}

void OutboundLink::collect(Instant now, std::size_t max_inputs, std::vector<NetworkInput>& inputs) {
    if (!up_) {
        race(inputs);
        if (!up_ && now >= give_up_at_) {
            racers_.clear();
        }
    }
    if (up_) {
        read_winner(max_inputs, inputs);
    }
    if (racers_.empty()) {
        inputs.push_back(PeerLinkDown{.link = id_});
    }
}

void OutboundLink::race(std::vector<NetworkInput>& inputs) {
    for (std::size_t i = 0; i < racers_.size() && !up_;) {
        const auto event = racers_[i]->next_event();
        if (event == ClientEvent::up) {
            auto winner = std::move(racers_[i]);
            racers_.clear();
            winner->send({});  // we are here
            racers_.push_back(std::move(winner));
            up_ = true;
            inputs.push_back(PeerLinkUp{.link = id_, .remote = remote_, .inbound = false});
        } else if (event && event != ClientEvent::unreachable) {
            // Refused, or not the key we were told: this address is out of the race.
            racers_.erase(racers_.begin() + static_cast<std::ptrdiff_t>(i));
        } else if (!event) {
            ++i;
        }
    }
}

void OutboundLink::read_winner(std::size_t max_inputs, std::vector<NetworkInput>& inputs) {
    ClientSocket& winner = *racers_.front();
    while (const auto event = winner.next_event()) {
        if (event != ClientEvent::up) {
            racers_.clear();  // lost: a fresh dial gets fresh addresses
            return;
        }
    }
    while (inputs.size() < max_inputs) {
        auto frame = winner.next_frame();
        if (!frame) {
            break;
        }
        if (!frame->empty()) {
            inputs.push_back(PeerFrame{.link = id_, .frame = std::move(*frame)});
        }
    }
    if (winner.violated()) {
        racers_.clear();
        return;
    }
    winner.flush();
}

void OutboundLink::send(const crypto::Bytes& frame) {
    if (up_ && !racers_.empty()) {
        racers_.front()->send(frame);
    }
}

}  // namespace sotto::peer::transport
