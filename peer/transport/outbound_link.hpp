// A link that we dial: a race between the other side's addresses, then the one connection that won.
//
// The first address whose CURVE handshake succeeds wins; the others are closed. Nothing within 10
// s, or the winner lost: the link is down for good and the engine dials again when it wants. The
// first frame of a link is empty and tells the listener that we are there (docs/protocol.md).
#pragma once

#include "peer/output.hpp"
#include "peer/transport/client_socket.hpp"
#include "peer/transport/socket_source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sotto::peer::transport {

class OutboundLink {
public:
    // `endpoints` are checked; at least one.
    OutboundLink(SocketSource& sockets, const Dial& dial, const std::vector<std::string>& endpoints,
                 Instant give_up_at);

    void add_poll_items(std::vector<zmq_pollitem_t>& items);
    // Appends what happened, at most until `inputs` holds `max_inputs`.
    void collect(Instant now, std::size_t max_inputs, std::vector<NetworkInput>& inputs);
    void send(const crypto::Bytes& frame);
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;
    // PeerLinkDown was reported: to be destroyed.
    [[nodiscard]] bool is_over() const noexcept { return racers_.empty(); }

private:
    void race(std::vector<NetworkInput>& inputs);
    void read_winner(std::size_t max_inputs, std::vector<NetworkInput>& inputs);

    LinkId id_;
    crypto::CurvePublic remote_;
    Instant give_up_at_;
    bool up_ = false;
    std::vector<std::unique_ptr<ClientSocket>> racers_;  // once up: the winner alone
};

}  // namespace sotto::peer::transport
