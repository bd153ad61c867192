#include "peer/transport/endpoint.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace sotto::peer::transport {

namespace {

// More addresses than this only make a dial race longer.
constexpr std::size_t endpoints_max = 8;
constexpr std::size_t host_max_bytes = 253;  // a DNS name
constexpr std::uint16_t first_unprivileged_port = 1024;

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool canonical = !text.empty() && text.front() != '0';
    if (error != std::errc{} || end != text.data() + text.size() || !canonical) {
        return std::nullopt;
    }
    return port;
}

template <class Address>
std::optional<Address> parse_literal(int family, std::string_view text) {
    Address out{};
    const std::string terminated(text);
    // inet_pton would stop at a zero byte and ignore the rest.
    if (terminated.size() > INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos ||
        inet_pton(family, terminated.c_str(), out.data()) != 1) {
        return std::nullopt;
    }
    return out;
}

bool is_loopback(const V4& address) {
    return address[0] == 127;
}

bool is_loopback(const V6& address) {
    V6 one{};
    one[15] = 1;
    return address == one;
}

bool is_unicast(const V4& address) {
    const bool link_local = address[0] == 169 && address[1] == 254;
    return address[0] != 0 && address[0] < 224 && !link_local;
}

bool is_unicast(const V6& address) {
    const bool global = (address[0] & 0xe0U) == 0x20U;        // 2000::/3
    const bool unique_local = (address[0] & 0xfeU) == 0xfcU;  // fc00::/7
    return global || unique_local;  // not ::, ::ffff:v4, fe80:: (needs a zone), ff00::
}

std::string to_text(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string()
                                                                           : text.data();
}

std::string endpoint_of(const V4& address, std::uint16_t port) {
    return "tcp://" + to_text(AF_INET, address.data()) + ":" + std::to_string(port);
}

std::string endpoint_of(const V6& address, std::uint16_t port) {
    return "tcp://[" + to_text(AF_INET6, address.data()) + "]:" + std::to_string(port);
}

template <class Address>
std::optional<std::string> checked(const std::optional<Address>& address, std::uint16_t port,
                                   Loopback loopback) {
    if (!address) {
        return std::nullopt;
    }
    const bool local = is_loopback(*address);
    if (local ? loopback == Loopback::refuse : !is_unicast(*address)) {
        return std::nullopt;
    }
    return endpoint_of(*address, port);
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= host_max_bytes && host.front() != '-' &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-';
           });
}

struct FreeAddresses {
    void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
};

std::optional<std::string> endpoint_of_interface(const ifaddrs& entry, std::uint16_t port) {
    const bool usable = entry.ifa_addr != nullptr && (entry.ifa_flags & IFF_UP) != 0 &&
                        (entry.ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) {
        return std::nullopt;
    }
    if (entry.ifa_addr->sa_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, entry.ifa_addr, sizeof(address));
        V4 bytes{};
        std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
        return checked<V4>(bytes, port, Loopback::refuse);
    }
    if (entry.ifa_addr->sa_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, entry.ifa_addr, sizeof(address));
        V6 bytes{};
        std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
        return checked<V6>(bytes, port, Loopback::refuse);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> peer_endpoint(std::string_view text, Loopback loopback) {
    constexpr std::string_view scheme = "tcp://";
    const std::size_t colon = text.rfind(':');
    if (!text.starts_with(scheme) || colon == std::string_view::npos || colon < scheme.size()) {
        return std::nullopt;
    }
    const auto port = parse_port(text.substr(colon + 1));
    if (!port || *port < first_unprivileged_port) {
        return std::nullopt;
    }
    const std::string_view host = text.substr(scheme.size(), colon - scheme.size());
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return checked(parse_literal<V6>(AF_INET6, host.substr(1, host.size() - 2)), *port,
                       loopback);
    }
    return checked(parse_literal<V4>(AF_INET, host), *port, loopback);
}

std::optional<std::string> server_endpoint(const ServerAddress& address) {
    if (address.port == 0) {
        return std::nullopt;
    }
    if (const auto v6 = parse_literal<V6>(AF_INET6, address.host)) {
        return endpoint_of(*v6, address.port);
    }
    if (!is_host_name(address.host)) {
        return std::nullopt;
    }
    return "tcp://" + address.host + ":" + std::to_string(address.port);
}

bool is_loopback_host(std::string_view host) {
    if (host == "localhost") {
        return true;
    }
    if (const auto v4 = parse_literal<V4>(AF_INET, host)) {
        return is_loopback(*v4);
    }
    const auto v6 = parse_literal<V6>(AF_INET6, host);
    return v6 && is_loopback(*v6);
}

std::vector<std::string> local_endpoints(std::uint16_t port, Loopback loopback) {
    std::vector<std::string> out;
    if (loopback == Loopback::allow) {
        out.push_back(endpoint_of(V4{127, 0, 0, 1}, port));
    }
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) {
        return out;
    }
    const std::unique_ptr<ifaddrs, FreeAddresses> list(raw);
    for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        auto endpoint = endpoint_of_interface(*entry, port);
        const bool is_new = endpoint && std::find(out.begin(), out.end(), *endpoint) == out.end();
        if (is_new && out.size() < endpoints_max) {
            out.push_back(std::move(*endpoint));
        }
    }
    return out;
}

}  // namespace sotto::peer::transport
