#include "tests/e2e/recording_proxy.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sotto::e2e {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

template <class Address>
const sockaddr* generic(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void write_all(int to, const char* bytes, std::size_t size) {
    while (size > 0) {
        const auto written = ::send(to, bytes, size, MSG_NOSIGNAL);
        if (written <= 0) return;
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
}

struct Connection {
    int client = -1;
    int server = -1;
};

}  // namespace

RecordingProxy::RecordingProxy(std::uint16_t target_port)
    : target_port_(target_port),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (::bind(listener_, generic(address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("the proxy cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

RecordingProxy::~RecordingProxy() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof(one));
    thread_.join();
    ::close(listener_);
    ::close(stop_);
}

std::string RecordingProxy::recorded() const {
    const std::lock_guard lock(mutex_);
    return recorded_;
}

std::string RecordingProxy::sent_by_clients() const {
    const std::lock_guard lock(mutex_);
    return sent_by_clients_;
}

void RecordingProxy::run() {
    std::vector<Connection> connections;
    std::array<char, 65536> chunk{};
    // False: this direction ended.
    const auto pass = [&](int from, int to, std::string* also) {
        const auto got = ::read(from, chunk.data(), chunk.size());
        if (got <= 0) return false;
        {
            const std::lock_guard lock(mutex_);
            recorded_.append(chunk.data(), static_cast<std::size_t>(got));
            if (also != nullptr) also->append(chunk.data(), static_cast<std::size_t>(got));
        }
        write_all(to, chunk.data(), static_cast<std::size_t>(got));
        return true;
    };
    while (true) {
        std::vector<pollfd> items{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const auto& connection : connections) {
            items.push_back({connection.client, POLLIN, 0});
            items.push_back({connection.server, POLLIN, 0});
        }
        ::poll(items.data(), items.size(), -1);
        if (items[0].revents != 0) break;
        for (std::size_t i = 0; i < connections.size(); ++i) {
            Connection& connection = connections[i];
            const bool client_ok = items[2 + 2 * i].revents == 0 ||
                                   pass(connection.client, connection.server, &sent_by_clients_);
            const bool server_ok = items[3 + 2 * i].revents == 0 ||
                                   pass(connection.server, connection.client, nullptr);
            if (client_ok && server_ok) continue;
            ::close(std::exchange(connection.client, -1));
            ::close(std::exchange(connection.server, -1));
        }
        std::erase_if(connections, [](const Connection& c) { return c.client < 0; });
        if (items[1].revents != 0) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const sockaddr_in target = loopback(target_port_);
            if (::connect(server, generic(target), sizeof(target)) == 0) {
                connections.push_back({client, server});
            } else {
                ::close(client);
                ::close(server);
            }
        }
    }
    for (const auto& connection : connections) {
        ::close(connection.client);
        ::close(connection.server);
    }
}

std::unique_ptr<LoopbackCapture> LoopbackCapture::start() {
    const int packets =
        ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(static_cast<std::uint16_t>(ETH_P_ALL)));
    if (packets < 0) return nullptr;
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(static_cast<std::uint16_t>(ETH_P_ALL));
    address.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
    const int room = 64 * 1024 * 1024;  // nothing may be lost between two reads
    ::setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    if (address.sll_ifindex == 0 || ::bind(packets, generic(address), sizeof(address)) != 0) {
        ::close(packets);
        return nullptr;
    }
    return std::unique_ptr<LoopbackCapture>(new LoopbackCapture(packets));
}

LoopbackCapture::LoopbackCapture(int packets)
    : packets_(packets), stop_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { run(); }) {}

LoopbackCapture::~LoopbackCapture() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof(one));
    thread_.join();
    ::close(packets_);
    ::close(stop_);
}

std::string LoopbackCapture::recorded() const {
    const std::lock_guard lock(mutex_);
    return recorded_;
}

void LoopbackCapture::run() {
    std::vector<char> packet(1 << 17);
    while (true) {
        std::array<pollfd, 2> items{{{stop_, POLLIN, 0}, {packets_, POLLIN, 0}}};
        ::poll(items.data(), items.size(), -1);
        if (items[0].revents != 0) return;
        const auto got = ::recv(packets_, packet.data(), packet.size(), MSG_DONTWAIT);
        if (got <= 0) continue;
        const std::lock_guard lock(mutex_);
        recorded_.append(packet.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace sotto::e2e
