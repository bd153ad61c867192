// What would go wrong with a server, found before it does, each with what to do.
//
// Looks at this machine only: it asks nobody on the network, so "reachable from outside" is a
// judgement from addresses, and says so. Changes nothing. The judgements are pure functions of what
// was measured, so that tests need no broken machine.
#pragma once

#include "rendezvous/config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sotto::rendezvous {

enum class Grade : std::uint8_t { ok, note, warning, error };
[[nodiscard]] constexpr std::string_view to_string(Grade grade) {
    switch (grade) {
        case Grade::ok:
            return "ok";
        case Grade::note:
            return "note";
        case Grade::warning:
            return "warning";
        case Grade::error:
            return "error";
    }
    return "error";
}

struct Finding {
    std::string check;  // a short name, the same in every version
    Grade grade = Grade::ok;
    std::string text;
    std::string advice;  // what to do; empty when there is nothing to do
};

enum class AddressKind : std::uint8_t {
    loopback,
    link_local,
    home,         // RFC 1918, fc00::/7: behind a router
    carrier_nat,  // 100.64.0.0/10: behind the provider's NAT
    global,
};
// Of an IPv4 or IPv6 address as text; link_local for nonsense.
[[nodiscard]] AddressKind kind_of(const std::string& address);

// `addresses`: of this machine's interfaces that are up.
[[nodiscard]] Finding judge_addresses(const std::vector<std::string>& addresses,
                                      const Config& config);
// Whose limit it is: the running server's, the unit's that starts it, or only this shell's.
enum class LimitOf : std::uint8_t { server, unit, shell };
[[nodiscard]] Finding judge_descriptors(std::uint64_t limit, LimitOf whose,
                                        std::uint64_t max_clients);
// LimitNOFILE (hard) of systemd unit files, the last one that says so; nothing when none does.
[[nodiscard]] std::optional<std::uint64_t> limit_in_unit(const std::vector<std::string>& texts);
[[nodiscard]] Finding judge_disk(std::uint64_t free_bytes, std::uint64_t total_bytes);
// Wall clock now, when this program was built, and when the newest file of the folder was written;
// `synchronised`: what the kernel says.
[[nodiscard]] Finding judge_clock(std::uint64_t now_s, std::uint64_t newest_file_s,
                                  bool synchronised);
[[nodiscard]] Finding judge_libzmq(int major, int minor, int patch, bool has_curve);
[[nodiscard]] Finding judge_memory(std::uint64_t available_bytes, std::uint64_t max_clients);

// All of them for the server in `folder`, and those that need its files.
[[nodiscard]] std::vector<Finding> examine(const std::string& folder);

}  // namespace sotto::rendezvous
