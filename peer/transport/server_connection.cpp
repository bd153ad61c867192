#include "peer/transport/server_connection.hpp"

#include <algorithm>

namespace sotto::peer::transport {

namespace {

// Doubling stops here: 2^6 of the first delay is above every max_ms in use.
constexpr unsigned doublings_max = 6;
constexpr unsigned closed_handshakes_that_mean_wrong_key = 2;

ClientPacing client_pacing(crypto::RandomSource& random, const RetryPacing& retry) {
    return {
        .reconnect_ivl_ms =
            static_cast<int>(random_between(random, retry.first_min_ms, retry.first_max_ms)),
        .reconnect_ivl_max_ms = static_cast<int>(retry.max_ms),
        .connect_timeout_ms = 5'000,
        // 15 s +- 50 %, so that ten thousand clients do not ping in step.
        .heartbeat_ivl_ms = static_cast<int>(random_between(random, 7'500, 22'500)),
        .heartbeat_timeout_ms = 15'000,
        .heartbeat_ttl_ms = 60'000,
    };
}

}  // namespace

ServerConnection::ServerConnection(SocketSource& sockets, ServerChannel channel,
                                   ClientTarget target, const RetryPacing& pacing)
    : sockets_(sockets), channel_(channel), target_(std::move(target)), pacing_(pacing) {
    open();
}

void ServerConnection::open() {
    socket_ = std::make_unique<ClientSocket>(sockets_.context, target_,
                                             client_pacing(sockets_.random, pacing_),
                                             server_io_thread, sockets_.next_number());
    retry_at_.reset();
}

void ServerConnection::add_poll_items(std::vector<zmq_pollitem_t>& items) {
    if (socket_) {
        socket_->add_poll_items(items);
    }
}

void ServerConnection::collect(Instant now, std::size_t max_inputs,
                               std::vector<NetworkInput>& inputs) {
    if (retry_at_ && now >= *retry_at_) {
        try {
            open();
        } catch (const zmq::error_t&) {
            replace_later(now);  // out of descriptors: later
        }
    }
    // Events first: `up` precedes every frame of its connection.
    while (socket_ && inputs.size() < max_inputs) {
        const auto event = socket_->next_event();
        if (!event) {
            break;
        }
        on_event(*event, now, inputs);
    }
    while (socket_ && socket_->is_up() && inputs.size() < max_inputs) {
        auto frame = socket_->next_frame();
        if (!frame) {
            break;
        }
        inputs.push_back(ServerFrame{.channel = channel_, .frame = std::move(*frame)});
    }
    if (socket_ && socket_->violated()) {
        on_event(ClientEvent::violation, now, inputs);
    }
    if (socket_) {
        socket_->flush();
    }
}

void ServerConnection::on_event(ClientEvent event, Instant now, std::vector<NetworkInput>& inputs) {
    closed_handshakes_ = event == ClientEvent::closed_in_handshake ? closed_handshakes_ + 1 : 0;
    switch (event) {
        case ClientEvent::up:
            failures_ = 0;
            reported_down_.reset();
            inputs.push_back(ServerUp{.channel = channel_});
            return;
        case ClientEvent::unreachable:
            report_down(ServerDownReason::unreachable, inputs);
            return;  // libzmq goes on trying with the same socket
        case ClientEvent::refused:
            report_down(ServerDownReason::refused, inputs);
            break;
        case ClientEvent::closed_in_handshake:
            if (closed_handshakes_ >= closed_handshakes_that_mean_wrong_key) {
                report_down(ServerDownReason::wrong_key, inputs);
            }
            break;
        case ClientEvent::lost:
        case ClientEvent::violation:
            report_down(ServerDownReason::unreachable, inputs);
            break;
    }
    replace_later(now);
}

void ServerConnection::replace_later(Instant now) {
    socket_.reset();
    const std::uint64_t factor = std::uint64_t{1} << std::min(failures_, doublings_max);
    const std::uint64_t low = std::min(pacing_.first_min_ms * factor, pacing_.max_ms / 2);
    const std::uint64_t high = std::min(pacing_.first_max_ms * factor, pacing_.max_ms);
    retry_at_ = Instant{now.ms + random_between(sockets_.random, low, high)};
    ++failures_;
}

void ServerConnection::report_down(ServerDownReason reason, std::vector<NetworkInput>& inputs) {
    if (reported_down_ != reason) {
        reported_down_ = reason;
        inputs.push_back(ServerDown{.channel = channel_, .reason = reason});
    }
}

void ServerConnection::send(const crypto::Bytes& frame) {
    if (socket_) {
        socket_->send(frame);
    }
}

void ServerConnection::say_goodbye() {
    if (socket_) {
        socket_->linger_on_close();
    }
}

}  // namespace sotto::peer::transport
