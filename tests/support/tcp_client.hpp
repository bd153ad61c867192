// Below ZeroMQ: a plain TCP connection to a server of this machine, and one event of a ZeroMQ
// socket.
#pragma once

#include <zmq.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::rendezvous::testing {

// Throws when it cannot connect.
class TcpClient {
public:
    explicit TcpClient(std::uint16_t port);
    ~TcpClient();
    TcpClient(const TcpClient&) = delete;
    TcpClient& operator=(const TcpClient&) = delete;
    // May fail: a server cuts garbage off as early as it can.
    void send(std::string_view bytes) const;
    // Exactly so many bytes; fewer at the end of the connection or of a test's patience.
    [[nodiscard]] std::string receive(std::size_t count) const;
    // Reads until the server closes; false if it does not within the patience of a test.
    [[nodiscard]] bool closed_by_server() const;

private:
    int fd_;
};

// Waits for one event on a client's socket, e.g. a refused handshake.
class EventWatch {
public:
    EventWatch(zmq::context_t& context, zmq::socket_t& watched, int events);
    // The event's number; 0 when it did not come.
    int wait();
    int wait(int wait_ms);

private:
    zmq::socket_t sink_;
};

// What a client's monitor says when it is not let in.
inline constexpr int refused_events = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                      ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                      ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED;

}  // namespace sotto::rendezvous::testing
