// A server that speaks CURVE by hand, over plain TCP, and breaks it where libzmq's client is weak.
//
// Lives on a loopback port in a thread of its own and serves one connection after the other until
// it is destroyed. Each connection takes the next of the given 32 bytes, from the beginning again
// after the last.
#pragma once

#include "crypto/keys.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace sotto::attack {

enum class Imposture : std::uint8_t {
    // Knows its own secret key; the 32 bytes are the transient key of its WELCOME. Sends that
    // WELCOME again after each answer, then hangs up.
    transient_key,
    // Knows no secret: sends READY at once, under a key that is these 32 bytes.
    early_ready,
};

class CurveImpostor {
public:
    CurveImpostor(Imposture imposture, std::vector<crypto::Bytes> material);
    ~CurveImpostor();
    CurveImpostor(const CurveImpostor&) = delete;
    CurveImpostor& operator=(const CurveImpostor&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const crypto::CurvePublic& key() const noexcept { return own_.public_key(); }
    // Connections that met the attack and reacted: went on with the handshake, spoke, or left.
    [[nodiscard]] std::size_t attacks() const noexcept { return attacks_; }
    // Connections that answered as after a good handshake so far: INITIATE, or MESSAGE.
    [[nodiscard]] std::size_t believers() const noexcept { return believers_; }

private:
    void serve();
    void talk(int connection, const crypto::Bytes& bytes);
    [[nodiscard]] bool readable(int fd) const;
    // Exactly so many bytes; fewer at the end of the connection.
    [[nodiscard]] crypto::Bytes receive(int connection, std::size_t size) const;
    // The body of the next ZMTP frame; empty at the end.
    [[nodiscard]] crypto::Bytes next_frame(int connection) const;
    [[nodiscard]] crypto::Bytes welcome(crypto::ByteView hello, crypto::ByteView transient) const;

    const Imposture imposture_;
    const std::vector<crypto::Bytes> material_;
    const crypto::OwnCurve own_;
    int listener_ = -1;
    int stop_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> attacks_{0};
    std::atomic<std::size_t> believers_{0};
    std::thread thread_;
};

}  // namespace sotto::attack
