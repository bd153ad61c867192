#include "tests/support/tcp_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>

namespace sotto::rendezvous::testing {

namespace {

constexpr int patience_ms = 20'000;  // only ends what would otherwise hang

bool readable(int fd) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&wait, 1, patience_ms) == 1;
}

}  // namespace

TcpClient::TcpClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(fd_);
        throw std::runtime_error("cannot connect");
    }
}

TcpClient::~TcpClient() {
    close(fd_);
}

void TcpClient::send(std::string_view bytes) const {
    (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string TcpClient::receive(std::size_t count) const {
    std::string got;
    std::array<char, 4096> part{};
    while (got.size() < count && readable(fd_)) {
        const auto n = recv(fd_, part.data(), std::min(part.size(), count - got.size()), 0);
        if (n <= 0) break;
        got.append(part.data(), static_cast<std::size_t>(n));
    }
    return got;
}

bool TcpClient::closed_by_server() const {
    std::array<char, 4096> sink{};
    while (readable(fd_)) {
        if (recv(fd_, sink.data(), sink.size(), 0) <= 0) return true;
    }
    return false;
}

EventWatch::EventWatch(zmq::context_t& context, zmq::socket_t& watched, int events)
    : sink_(context, zmq::socket_type::pair) {
    static std::atomic<int> number{0};
    const std::string endpoint = "inproc://watch-" + std::to_string(number++);
    if (zmq_socket_monitor(watched.handle(), endpoint.c_str(), events) != 0) throw zmq::error_t();
    sink_.set(zmq::sockopt::linger, 0);
    sink_.connect(endpoint);
}

int EventWatch::wait() {
    return wait(patience_ms);
}

int EventWatch::wait(int wait_ms) {
    zmq::message_t event;
    zmq::message_t address;
    sink_.set(zmq::sockopt::rcvtimeo, wait_ms);
    if (!sink_.recv(event)) return 0;
    (void)sink_.recv(address);
    std::uint16_t number = 0;
    std::memcpy(&number, event.data(), sizeof number);
    return number;
}

}  // namespace sotto::rendezvous::testing
