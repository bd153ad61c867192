// The Transport port on ZeroMQ with CURVE on every link (docs/protocol-rendezvous.md,
// docs/protocol.md).
//
// One thread makes, uses and destroys it; libzmq's I/O threads and the ZAP handler's thread are its
// own. Links we dial carry the engine's numbers; inbound links are numbered from 2^63 up, so the
// two never meet. Never throws after construction: what libzmq refuses comes back as ServerDown or
// PeerLinkDown. Refuses more than links_max links each way, and every address endpoint.hpp refuses.
#pragma once

#include "peer/transport/endpoint.hpp"
#include "peer/transport/outbound_link.hpp"
#include "peer/transport/peer_listener.hpp"
#include "peer/transport/server_connection.hpp"
#include "peer/transport/transport.hpp"
#include "peer/transport/zap_handler.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sotto::peer {

struct ZmqTransportOptions {
    // Listener ports: below 32768, where a client that retries a dead port could connect to itself.
    std::uint16_t listen_port_low = 20'000;
    std::uint16_t listen_port_high = 32'000;
    // A dial that reached nobody by then is down. Longer than a few TCP retries and a slow CURVE
    // handshake; the relay carries the messages meanwhile.
    std::uint64_t dial_give_up_ms = 10'000;
    // A connection to us that has said nothing by then is cut: the handshake may take 10 s.
    std::uint64_t silence_max_ms = 15'000;
    // A thousand clients must not return in the same second after a server's restart.
    transport::RetryPacing remote_retry{
        .first_min_ms = 1'000, .first_max_ms = 8'000, .max_ms = 60'000};
    // A rendezvous on this machine has this machine's few clients: no herd to spread.
    transport::RetryPacing loopback_retry{.first_min_ms = 50, .first_max_ms = 250, .max_ms = 1'000};
};

class ZmqTransport final : public Transport {
public:
    // `random` must outlive it. Throws zmq::error_t when libzmq is too old or out of resources.
    ZmqTransport(crypto::RandomSource& random, ZmqTransportOptions options);
    ~ZmqTransport() override;

    void perform(const NetworkOutput& output) override;
    [[nodiscard]] std::vector<NetworkInput> wait(std::uint64_t timeout_ms, int wake_fd,
                                                 std::size_t max_inputs) override;
    void stand_by(std::uint64_t timeout_ms, int wake_fd) override;

private:
    void act(const OpenServer& output);
    void act(const CloseServer& output);
    void act(const SendToServer& output);
    void act(const Listen& output);
    void act(const StopListening& output);
    void act(const AllowPeers& output);
    void act(const Dial& output);
    void act(const CloseLink& output);
    void act(const SendToPeer& output);

    using Connections = std::array<std::unique_ptr<transport::ServerConnection>, 2>;
    using OutboundLinks = std::map<LinkId, std::unique_ptr<transport::OutboundLink>>;

    [[nodiscard]] std::unique_ptr<transport::ServerConnection>& connection(ServerChannel channel);
    [[nodiscard]] std::uint64_t bounded_timeout(std::uint64_t timeout_ms, Instant now) const;
    void poll(std::uint64_t timeout_ms, int wake_fd);
    void collect(Instant now, std::size_t max_inputs, std::vector<NetworkInput>& inputs);
    void take_pending(std::size_t max_inputs, std::vector<NetworkInput>& inputs);

    ZmqTransportOptions options_;
    zmq::context_t context_;
    transport::SocketSource sockets_;
    transport::ZapHandler zap_;  // before every listener, gone after them
    Connections connections_;    // by ServerChannel
    std::unique_ptr<transport::PeerListener> listener_;
    OutboundLinks outbound_;
    std::vector<NetworkInput> pending_;  // answers of perform(), for the next wait()
    std::vector<zmq_pollitem_t> poll_items_;
    LinkId next_inbound_{.value = std::uint64_t{1} << 63U};
    transport::Loopback loopback_ = transport::Loopback::refuse;
};

}  // namespace sotto::peer
