#include "peer/server_link.hpp"

#include "crypto/curve.hpp"
#include "rendezvous/protocol_limits.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sotto::peer {
namespace {

constexpr std::string_view scheme = "sotto://";
constexpr std::string_view invite_query = "?invite=";
constexpr std::size_t host_bytes_max = 253;  // RFC 1035

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_or_ipv4(std::string_view host) {
    if (host.empty() || host.size() > host_bytes_max || !is_letter_or_digit(host.front()) ||
        !is_letter_or_digit(host.back())) {
        return false;
    }
    return host.find("..") == std::string_view::npos &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; });
}

// Only what such an address is made of; the resolver judges the rest.
bool is_ipv6(std::string_view host) {
    constexpr std::size_t text_max = 45;  // with an embedded IPv4 address
    return host.size() >= 2 && host.size() <= text_max &&
           std::count(host.begin(), host.end(), ':') >= 2 &&
           host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

struct Authority {
    std::string host;
    std::uint16_t port = rendezvous::default_port;
};

std::optional<Authority> parse_authority(std::string_view text) {
    Authority authority;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) {
            return std::nullopt;
        }
        authority.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        if (!is_name_or_ipv4(text.substr(0, end))) {
            return std::nullopt;
        }
        authority.host = text.substr(0, end);
        rest = text.substr(end);
    }
    if (rest.empty()) {
        return authority;
    }
    const std::optional<std::uint16_t> port =
        rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) {
        return std::nullopt;
    }
    authority.port = *port;
    return authority;
}

std::optional<crypto::CurvePublic> parse_key(std::string_view text) {
    const auto bytes = crypto::from_base64url(text);
    if (!bytes) {
        return std::nullopt;
    }
    return crypto::curve_public(*bytes);
}

std::optional<ServerInvite> parse_invite(std::string_view query) {
    if (!query.starts_with(invite_query)) {
        return std::nullopt;
    }
    const auto bytes = crypto::from_base64url(query.substr(invite_query.size()));
    return bytes ? ServerInvite::from(*bytes) : std::nullopt;
}

}  // namespace

crypto::Result<ServerAddress, ServerLinkError> parse_server_link(std::string_view link) {
    if (!link.starts_with(scheme)) {
        return crypto::Unexpected(ServerLinkError::bad_start);
    }
    link.remove_prefix(scheme.size());
    if (link.size() > server_link_bytes_max) {
        return crypto::Unexpected(ServerLinkError::bad_address);
    }
    const std::size_t slash = link.find('/');
    std::optional<Authority> authority = parse_authority(link.substr(0, slash));
    if (!authority) {
        return crypto::Unexpected(ServerLinkError::bad_address);
    }
    if (slash == std::string_view::npos) {
        return crypto::Unexpected(ServerLinkError::bad_key);
    }
    link.remove_prefix(slash + 1);
    const std::size_t question = std::min(link.find('?'), link.size());
    const auto key = parse_key(link.substr(0, question));
    if (!key) {
        return crypto::Unexpected(ServerLinkError::bad_key);
    }
    ServerAddress server{.host = std::move(authority->host), .port = authority->port, .key = *key};
    if (question != link.size()) {
        server.invite = parse_invite(link.substr(question));
        if (!server.invite) {
            return crypto::Unexpected(ServerLinkError::bad_key);
        }
    }
    return server;
}

std::string to_link(const ServerAddress& server) {
    const bool ipv6 = server.host.find(':') != std::string::npos;
    std::string link(scheme);
    link += ipv6 ? "[" + server.host + "]" : server.host;
    link += ":" + std::to_string(server.port) + "/";
    return link + crypto::to_base64url(server.key.view());
}

}  // namespace sotto::peer
