#include "peer/transport/socket_monitor.hpp"

#include "peer/transport/zmq_rules.hpp"

#include <cstring>

namespace sotto::peer::transport {

SocketMonitor::SocketMonitor(zmq::context_t& context, zmq::socket_t& watched, std::uint16_t events,
                             std::uint64_t number)
    : watched_(watched), sink_(make_monitor_sink(context)) {
    const std::string name = "inproc://sotto-monitor-" + std::to_string(number);
    if (zmq_socket_monitor(watched.handle(), name.c_str(), events) != 0) {
        throw zmq::error_t();
    }
    sink_.connect(name);
}

SocketMonitor::~SocketMonitor() {
    // First tell libzmq to stop sending, then close the reader: the other order blocks its thread.
    zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

std::optional<MonitorEvent> SocketMonitor::next() {
    zmq::message_t head;
    if (!sink_.recv(head, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    MonitorEvent out;
    if (head.size() == sizeof(out.event) + sizeof(out.value)) {
        const auto* bytes = static_cast<const std::uint8_t*>(head.data());
        std::memcpy(&out.event, bytes, sizeof(out.event));
        std::memcpy(&out.value, bytes + sizeof(out.event), sizeof(out.value));
    }
    zmq::message_t endpoint;  // the second frame, already there: libzmq delivers whole messages
    if (head.more() && !sink_.recv(endpoint, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    return out;
}

}  // namespace sotto::peer::transport
