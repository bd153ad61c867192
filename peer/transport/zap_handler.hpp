// Decides who may finish a CURVE handshake with our listener (ZMQ RFC 27).
//
// A thread of its own, which answers from memory only, so that no disk or turn of the engine delays
// a handshake. Lets in the keys of the last allow() and nobody else; returns the client's key as
// User-Id (64 hex digits), the only identity an inbound link has. Must exist before the listener
// and in the same context, one per context. When it dies, libzmq refuses everybody.
#pragma once

#include "crypto/keys.hpp"

#include <zmq.hpp>

#include <span>
#include <thread>

namespace sotto::peer::transport {

// Far above the contacts of a person (each has one or two keys); bounds the handler's memory.
inline constexpr std::size_t allowed_keys_max = 20'000;

class ZapHandler {
public:
    // Bound when the constructor returns. Throws zmq::error_t.
    explicit ZapHandler(zmq::context_t& context);
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;
    ~ZapHandler();

    // Replaces the list; in force when this returns. More than the limit: the first ones. Nothing
    // happens once the thread is dead, as nobody is let in any more.
    void allow(std::span<const crypto::CurvePublic> keys);

private:
    zmq::socket_t control_;
    bool dead_ = false;  // did not answer in time
    std::jthread thread_;
};

}  // namespace sotto::peer::transport
