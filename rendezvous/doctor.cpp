#include "rendezvous/doctor.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <sstream>

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t gib = 1024 * mib;
// 35 KiB at first; 105 measured after some hours, when libzmq's queues have been used from end to
// end (decision 0121).
constexpr std::uint64_t bytes_per_client = 105 * 1024;
// The oldest moment this program can run at: 2025-01-01.
constexpr std::uint64_t earliest_s = 1'735'689'600;

AddressKind kind_of_v4(const std::array<std::uint8_t, 4>& a) {
    if (a[0] == 127) return AddressKind::loopback;
    if (a[0] == 169 && a[1] == 254) return AddressKind::link_local;
    if (a[0] == 10 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) || (a[0] == 192 && a[1] == 168)) {
        return AddressKind::home;
    }
    if (a[0] == 100 && a[1] >= 64 && a[1] < 128) return AddressKind::carrier_nat;
    return a[0] == 0 ? AddressKind::link_local : AddressKind::global;
}

bool has(const std::vector<std::string>& addresses, AddressKind kind) {
    return std::any_of(addresses.begin(), addresses.end(),
                       [kind](const std::string& each) { return kind_of(each) == kind; });
}

}  // namespace

AddressKind kind_of(const std::string& address) {
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, address.c_str(), v4.data()) == 1) return kind_of_v4(v4);
    std::array<std::uint8_t, 16> v6{};
    if (inet_pton(AF_INET6, address.c_str(), v6.data()) != 1) return AddressKind::link_local;
    if (v6[0] == 0xfe && (v6[1] & 0xc0U) == 0x80) return AddressKind::link_local;
    if ((v6[0] & 0xfeU) == 0xfc) return AddressKind::home;
    const bool zeros = std::all_of(v6.begin(), v6.end() - 1, [](auto byte) { return byte == 0; });
    if (zeros) return v6[15] == 1 ? AddressKind::loopback : AddressKind::link_local;
    return (v6[0] & 0xe0U) == 0x20 ? AddressKind::global : AddressKind::link_local;
}

Finding judge_addresses(const std::vector<std::string>& addresses, const Config& config) {
    const std::string port = std::to_string(config.listen.port);
    if (kind_of(config.listen.host) == AddressKind::loopback || config.listen.host == "localhost") {
        return {"addresses", Grade::note, "the server listens on loopback only",
                "for others to reach it, set listen = \"tcp://*:" + port + "\""};
    }
    if (has(addresses, AddressKind::global)) {
        return {"addresses", Grade::ok, "this machine has an address of the internet", ""};
    }
    if (has(addresses, AddressKind::carrier_nat)) {
        return {"addresses", Grade::warning,
                "this machine is behind the provider's NAT (100.64.0.0/10): nobody outside can "
                "reach it over IPv4, and no router setting changes that",
                "ask the provider for an address of your own or for IPv6, or rent a small server"};
    }
    if (has(addresses, AddressKind::home)) {
        return {"addresses", Grade::note,
                "this machine has addresses of a home or office network only: others there can "
                "reach it",
                "for others, forward TCP port " + port +
                    " in the router to this machine and put your outside name or address into "
                    "public_host; if the router's own outside address begins with 100.64 to "
                    "100.127 or with 10, the provider has a NAT, too"};
    }
    return {"addresses", Grade::warning, "this machine has no address but loopback",
            "connect it to a network"};
}

Finding judge_descriptors(std::uint64_t limit, LimitOf whose, std::uint64_t max_clients) {
    const std::string_view of = whose == LimitOf::server ? " of the running server"
                                : whose == LimitOf::unit ? " in the systemd unit"
                                                         : " in this shell";
    const std::string text = std::to_string(limit) + " file descriptors" + std::string(of) +
                             " for " + std::to_string(max_clients) + " clients";
    if (limit >= 2 * max_clients) return {"descriptors", Grade::ok, text, ""};
    const std::string wanted = std::to_string(2 * max_clients);
    const std::string advice =
        (whose == LimitOf::shell ? "ulimit -Hn " + wanted + " before \"run\", or LimitNOFILE="
                                 : "LimitNOFILE=") +
        wanted + " in the systemd unit (systemctl edit), or a smaller limits.max_clients";
    return {"descriptors", Grade::warning, text, advice};
}

std::optional<std::uint64_t> limit_in_unit(const std::vector<std::string>& texts) {
    constexpr std::string_view name = "LimitNOFILE=";
    std::optional<std::uint64_t> limit;
    for (const std::string& text : texts) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with(name)) continue;
            std::string value = line.substr(name.size());
            // "soft:hard", or one number for both.
            if (const auto colon = value.find(':'); colon != std::string::npos) {
                value = value.substr(colon + 1);
            }
            std::uint64_t number = 0;
            const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
            if (value.starts_with("infinity")) {
                limit = std::numeric_limits<std::uint64_t>::max();
            } else if (parsed.ec == std::errc()) {
                limit = number;
            }
        }
    }
    return limit;
}

Finding judge_disk(std::uint64_t free_bytes, std::uint64_t total_bytes) {
    const std::string text = std::to_string(free_bytes / mib) + " MiB free";
    if (free_bytes < 64 * mib) {
        return {"disk", Grade::error, text, "make room: on a full disk no mail is accepted"};
    }
    if (free_bytes < gib || free_bytes < total_bytes / 50) {
        return {"disk", Grade::warning, text,
                "make room, or set storage.max_mib so that the rest of the machine keeps some"};
    }
    return {"disk", Grade::ok, text, ""};
}

Finding judge_clock(std::uint64_t now_s, std::uint64_t newest_file_s, bool synchronised) {
    constexpr std::uint64_t tolerance_s = 120;
    if (now_s < earliest_s || now_s + tolerance_s < newest_file_s) {
        return {"clock", Grade::error, "the clock is wrong: it is behind files of this folder",
                "set it, and switch on time synchronisation (timedatectl set-ntp true)"};
    }
    if (!synchronised) {
        return {"clock", Grade::warning, "the clock is not synchronised",
                "timedatectl set-ntp true; members whose clocks differ by days cannot register"};
    }
    return {"clock", Grade::ok, "the clock is synchronised", ""};
}

Finding judge_libzmq(int major, int minor, int patch, bool has_curve) {
    const std::string text = "libzmq " + std::to_string(major) + "." + std::to_string(minor) + "." +
                             std::to_string(patch) + (has_curve ? "" : " without CURVE");
    if (!has_curve || major * 10'000 + minor * 100 + patch < 40'302) {
        return {"libzmq", Grade::error, text,
                "4.3.2 or newer with CURVE is needed: older ones can be attacked before the "
                "handshake (CVE-2019-13132); upgrade the distribution's libzmq5"};
    }
    return {"libzmq", Grade::ok, text, ""};
}

Finding judge_memory(std::uint64_t available_bytes, std::uint64_t max_clients) {
    const std::uint64_t needed = max_clients * bytes_per_client + 64 * mib;
    const std::string text = std::to_string(available_bytes / mib) + " MiB of memory available, " +
                             std::to_string(needed / mib) + " MiB when all " +
                             std::to_string(max_clients) + " clients are connected";
    if (available_bytes < needed) {
        return {"memory", Grade::warning, text, "set a smaller limits.max_clients"};
    }
    return {"memory", Grade::ok, text, ""};
}

}  // namespace sotto::rendezvous
