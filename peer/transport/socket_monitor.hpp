// What libzmq says about one socket's connections: accepted, handshake done, failed, gone.
//
// Owned and read by the thread that owns the socket, with an unbounded pipe: a monitor that nobody
// reads freezes libzmq's I/O thread, and one that is closed in the wrong order does so for ever.
// Must be destroyed (or stopped) before its socket is closed.
#pragma once

#include <zmq.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace sotto::peer::transport {

struct MonitorEvent {
    std::uint16_t event = 0;  // ZMQ_EVENT_*
    std::uint32_t value = 0;  // descriptor, delay or error number, as the event says
};

class SocketMonitor {
public:
    // `number` makes the inproc name unique within the context. Throws zmq::error_t.
    SocketMonitor(zmq::context_t& context, zmq::socket_t& watched, std::uint16_t events,
                  std::uint64_t number);
    SocketMonitor(const SocketMonitor&) = delete;
    SocketMonitor& operator=(const SocketMonitor&) = delete;
    ~SocketMonitor();

    // The next event, nothing when there is none. Never waits.
    [[nodiscard]] std::optional<MonitorEvent> next();
    [[nodiscard]] void* handle() noexcept { return sink_.handle(); }

private:
    zmq::socket_t& watched_;
    zmq::socket_t sink_;
};

}  // namespace sotto::peer::transport
