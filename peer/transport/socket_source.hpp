// What every part of the transport needs to make a socket: the context, randomness, a fresh number.
// One per ZmqTransport; lives as long as the sockets made from it.
#pragma once

#include "crypto/random.hpp"

#include <zmq.hpp>

#include <cstdint>

namespace sotto::peer::transport {

struct SocketSource {
    zmq::context_t& context;
    crypto::RandomSource& random;
    std::uint64_t numbers_used = 0;  // names of monitors are unique within a context

    [[nodiscard]] std::uint64_t next_number() noexcept { return ++numbers_used; }
};

}  // namespace sotto::peer::transport
