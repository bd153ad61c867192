#include "rendezvous/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace sotto::rendezvous {

namespace {

bool is_v4_mapped(const in6_addr& address) {
    return IN6_IS_ADDR_V4MAPPED(&address) != 0;
}

in_addr unmapped(const in6_addr& address) {
    in_addr v4{};
    std::memcpy(&v4, address.s6_addr + 12, sizeof v4);
    return v4;
}

// /24: one household, one school, one provider's customer.
std::optional<AddressPrefix> prefix_of(const in_addr& address) {
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &address, sizeof address);
    if (bytes[0] == 127) return std::nullopt;
    AddressPrefix prefix{};
    std::copy_n(bytes.begin(), 3, prefix.begin());
    prefix.back() = 4;
    return prefix;
}

// /64: what one subscriber gets.
std::optional<AddressPrefix> prefix_of(const in6_addr& address) {
    if (is_v4_mapped(address)) return prefix_of(unmapped(address));
    if (IN6_IS_ADDR_LOOPBACK(&address)) return std::nullopt;
    AddressPrefix prefix{};
    std::copy_n(address.s6_addr, 8, prefix.begin());
    prefix.back() = 6;
    return prefix;
}

std::string text_of(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(family, address, text.data(), text.size()) == nullptr) return {};
    return text.data();
}

}  // namespace

PeerAddress describe(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return {text_of(AF_INET, &v4.sin_addr) + ":" + std::to_string(ntohs(v4.sin_port)),
                prefix_of(v4.sin_addr)};
    }
    if (address.ss_family != AF_INET6) return {};
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    const std::string port = std::to_string(ntohs(v6.sin6_port));
    if (is_v4_mapped(v6.sin6_addr)) {
        const in_addr v4 = unmapped(v6.sin6_addr);
        return {text_of(AF_INET, &v4) + ":" + port, prefix_of(v4)};
    }
    return {"[" + text_of(AF_INET6, &v6.sin6_addr) + "]:" + port, prefix_of(v6.sin6_addr)};
}

std::optional<PeerAddress> peer_of_socket(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (fd < 0) return std::nullopt;
    // The one cast the sockets interface asks for.
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
    return describe(address);
}

std::optional<AddressPrefix> prefix_of_text(std::string_view address) {
    const std::string text(address);
    in6_addr v6{};
    if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return prefix_of(v6);
    in_addr v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return prefix_of(v4);
    return std::nullopt;
}

}  // namespace sotto::rendezvous
