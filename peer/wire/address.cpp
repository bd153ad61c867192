// is_endpoint(): the strict parser of the addresses a contact may ask us to dial.
#include "peer/wire/envelope.hpp"

#include <algorithm>

namespace sotto::peer::wire {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A decimal number without leading zeros in 0..largest.
bool is_number(std::string_view text, unsigned largest) noexcept {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
    unsigned value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value <= largest;
}

bool is_ipv4(std::string_view text) noexcept {
    for (int part = 0; part < 3; ++part) {
        const std::size_t dot = text.find('.');
        if (dot == std::string_view::npos || !is_number(text.substr(0, dot), 255)) return false;
        text.remove_prefix(dot + 1);
    }
    return is_number(text, 255);
}

// Groups of one to four hex digits, at most one "::"; no embedded IPv4 form and no zone.
bool is_ipv6(std::string_view text) noexcept {
    int groups = 0;
    bool gap = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        const auto digits = static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), is_hex) - text.begin());
        if (digits == 0 || digits > 4) return false;
        ++groups;
        text.remove_prefix(digits);
        if (text.empty()) break;
        if (text.starts_with("::")) {
            if (gap) return false;
            gap = true;
            text.remove_prefix(2);
        } else if (text.size() > 1 && text[0] == ':') {
            text.remove_prefix(1);
        } else {
            return false;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

}  // namespace

bool is_endpoint(std::string_view text) noexcept {
    constexpr std::string_view scheme = "tcp://";
    if (text.size() > max_endpoint_bytes || !text.starts_with(scheme)) return false;
    text.remove_prefix(scheme.size());
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view port = text.substr(colon + 1);
    if (!is_number(port, 65535) || port == "0") return false;
    const std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return is_ipv6(host.substr(1, host.size() - 2));
    }
    return is_ipv4(host);
}

}  // namespace sotto::peer::wire
