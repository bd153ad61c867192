// Who takes part in the crypto benchmark: each offers the same four pieces of work, one at a time.
//
// A piece that is not offered is empty. All of it is checked while it runs: a decryption that does
// not give the 200 bytes back ends the program.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace sotto::bench {

inline constexpr std::size_t message_size = 200;

struct Contender {
    std::string name;
    std::function<void()> one_chain;  ///< encrypt and decrypt one message of a running chain
    std::function<void()> ping_pong;  ///< the same, with a DH step
    /// One-time key, session on both sides, first message; the records' signatures where there are.
    /// Nothing is known beforehand.
    std::function<void()> set_up;
    std::function<void()> set_up_hybrid;
    /// Suite 1 where certificates and device lists were verified at an earlier time.
    std::function<void()> set_up_known;
};

[[nodiscard]] Contender make_sotto();
/// The same primitives without protocol: what no protocol with them can beat.
[[nodiscard]] Contender make_bare();
/// Only where libolm is installed.
[[nodiscard]] Contender make_olm();

}  // namespace sotto::bench
