// Proof of work for a registration, where a server asks for it: hashcash over the challenge's mac.
//
// The mac binds connection, name, nonces and time, so work done for one challenge is worth nothing
// for another, and a challenge is good once. About 2^bits hashes to find, one to check. Pure.
// docs/protocol-rendezvous.md, "Logging in".
#pragma once

#include "rendezvous/protocol_requests.hpp"

#include <optional>

namespace sotto::rendezvous {

// H("PM1/work", mac, work as 8 bytes) begins with at least `bits` zero bits.
[[nodiscard]] bool work_is_enough(const Bytes32& challenge_mac, std::uint64_t work,
                                  std::uint8_t bits);

// Tries `count` numbers from `first` on; the first that is enough, or nothing. 1,000 take about a
// millisecond, so a caller can do it in slices.
[[nodiscard]] std::optional<std::uint64_t> find_work(const Bytes32& challenge_mac,
                                                     std::uint64_t first, std::uint64_t count,
                                                     std::uint8_t bits);

}  // namespace sotto::rendezvous
