// One of the two connections to the rendezvous: kept open, and opened again with patience.
//
// libzmq retries TCP by itself; everything else (lost, refused, closed in the handshake, frame
// rules broken) gets a new socket after a random, growing delay, because the old one may be dead
// without a sign. Says wrong_key only after two closed handshakes in a row: one may be a server
// going down.
#pragma once

#include "peer/output.hpp"
#include "peer/transport/client_socket.hpp"
#include "peer/transport/socket_source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sotto::peer::transport {

// How patiently a connection is tried again.
struct RetryPacing {
    std::uint64_t first_min_ms;
    std::uint64_t first_max_ms;
    std::uint64_t max_ms;
};

class ServerConnection {
public:
    // Starts connecting at once. `endpoint` is a checked ZeroMQ endpoint.
    ServerConnection(SocketSource& sockets, ServerChannel channel, ClientTarget target,
                     const RetryPacing& pacing);

    void add_poll_items(std::vector<zmq_pollitem_t>& items);
    // Appends what happened, at most until `inputs` holds `max_inputs`.
    void collect(Instant now, std::size_t max_inputs, std::vector<NetworkInput>& inputs);
    void send(const crypto::Bytes& frame);
    // When collect() wants to be called although nothing arrived.
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept { return retry_at_; }
    // The connection is about to be destroyed on purpose: let the log-out through.
    void say_goodbye();

private:
    void open();
    void on_event(ClientEvent event, Instant now, std::vector<NetworkInput>& inputs);
    void replace_later(Instant now);
    void report_down(ServerDownReason reason, std::vector<NetworkInput>& inputs);

    SocketSource& sockets_;
    ServerChannel channel_;
    ClientTarget target_;
    RetryPacing pacing_;
    std::unique_ptr<ClientSocket> socket_;  // none while waiting for retry_at_
    std::optional<Instant> retry_at_;
    std::optional<ServerDownReason> reported_down_;
    unsigned failures_ = 0;           // since the last time it was up
    unsigned closed_handshakes_ = 0;  // in a row
};

}  // namespace sotto::peer::transport
