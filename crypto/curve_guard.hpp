// What stands between libzmq's CURVE client and a hostile far end (docs/zeromq.md, decision 0160).
//
// libzmq 4.3.4 ends the process where libsodium refuses a server's transient key, and takes a
// READY that comes before the WELCOME, opening it with a key that it never made: its bytes are what
// the allocator left there, mostly zeros, so whoever guesses them is taken for the server. Programs
// that link sotto::crypto and call this function therefore define, and export to libzmq:
// crypto_box_beforenm and crypto_box, which agree on a random key instead of failing, and the
// nothrow operator new, by which libzmq makes its objects, which fills them with random bytes. No
// key that the far end could know is left, so its handshake fails by authentication.
#pragma once

namespace sotto::crypto {

/// Whether the functions above are those that shared libraries of this process find. Who opens a
/// ZeroMQ context asks first, and opens none when not.
[[nodiscard]] bool curve_guard_holds() noexcept;

}  // namespace sotto::crypto
