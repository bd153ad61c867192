#include "rendezvous/endpoint.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <random>

namespace sotto::rendezvous {

namespace {

constexpr std::string_view scheme = "tcp://";

std::string in_brackets(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// The first IPv4 address of an interface that is up and not loopback; most home and LAN servers
// are reached by it.
std::optional<std::string> first_address() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        if ((each->ifa_flags & IFF_LOOPBACK) != 0 || (each->ifa_flags & IFF_UP) == 0) continue;
        sockaddr_in address{};
        std::memcpy(&address, each->ifa_addr, sizeof address);
        std::array<char, INET_ADDRSTRLEN> text{};
        if (inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) != nullptr) {
            return text.data();
        }
    }
    return std::nullopt;
}

}  // namespace

bool is_wildcard(std::string_view host) {
    return host == "*" || host == "0.0.0.0" || host == "::";
}

bool is_public_host(std::string_view host) {
    return is_host(host) && !is_wildcard(host);
}

bool is_host(std::string_view host) {
    if (host == "*") return true;
    constexpr std::size_t longest_name = 253;  // DNS
    if (host.empty() || host.size() > longest_name) return false;
    // A colon stands in IPv6 addresses only: "name:port" is no host.
    in6_addr ignored{};
    if (host.find(':') != std::string_view::npos &&
        inet_pton(AF_INET6, std::string(host).c_str(), &ignored) != 1) {
        return false;
    }
    for (const char c : host) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
        if (!fits) return false;
    }
    return true;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
    std::uint16_t port = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    if (digits.empty() || !is_host(host)) return std::nullopt;
    return Endpoint{std::string(host), port};
}

std::string to_text(const Endpoint& endpoint) {
    return std::string(scheme) + in_brackets(endpoint.host) + ":" + std::to_string(endpoint.port);
}

std::string to_link(const Endpoint& endpoint, const std::string& public_host,
                    const crypto::CurvePublic& key) {
    std::string host = public_host.empty() ? endpoint.host : public_host;
    if (is_wildcard(host)) host = first_address().value_or("127.0.0.1");
    return "sotto://" + in_brackets(host) + ":" + std::to_string(endpoint.port) + "/" +
           crypto::to_base64url(key.view());
}

std::optional<std::uint16_t> find_free_port() {
    std::random_device random;  // not a secret: only spreads servers that start together
    for (int attempt = 0; attempt < 100; ++attempt) {
        const auto port = static_cast<std::uint16_t>(10'000 + random() % 22'000);
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) return std::nullopt;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_ANY);
        const int result = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        close(fd);
        if (result == 0) return port;
    }
    return std::nullopt;
}

}  // namespace sotto::rendezvous
