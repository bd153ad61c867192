// The rules of docs/zeromq.md, read back from the server's socket.
#include "rendezvous/router_socket.hpp"

#include "crypto/random.hpp"
#include "rendezvous/zap_handler.hpp"

#include <gtest/gtest.h>

namespace sotto::rendezvous {
namespace {

namespace opt = zmq::sockopt;

// Declared only in libzmq's draft header.
using ZapEnforceDomain = opt::integral_option<93, int, true>;

TEST(ZmqRules, of_the_router) {
    crypto::SeededRandom random(1);
    zmq::context_t context = make_context(random);
    const zmq::socket_t router = make_router(context, crypto::OwnCurve::generate(random), 10'000);
    EXPECT_EQ(router.get(opt::maxmsgsize), std::int64_t{64 * 1024 + 33});
    EXPECT_GE(router.get(opt::sndhwm), 50);
    EXPECT_LE(router.get(opt::sndhwm), 200);
    EXPECT_GE(router.get(opt::rcvhwm), 50);
    EXPECT_LE(router.get(opt::rcvhwm), 200);
    EXPECT_EQ(router.get(opt::mechanism), ZMQ_CURVE);
    EXPECT_EQ(router.get(opt::curve_server), 1);
    EXPECT_EQ(router.get(opt::zap_domain), zap_domain);
    EXPECT_EQ(router.get(ZapEnforceDomain{}), 1);
    EXPECT_EQ(router.get(opt::handshake_ivl), 10'000);
    EXPECT_EQ(router.get(opt::backlog), 4'096);
    EXPECT_EQ(router.get(opt::sndtimeo), 0);
    EXPECT_EQ(router.get(opt::rcvtimeo), 0);
    EXPECT_EQ(router.get(opt::linger), 0);
    EXPECT_EQ(router.get(opt::heartbeat_ivl), 0);  // on a server they cost quadratic time
    EXPECT_EQ(router.get(opt::tcp_keepalive), 1);
    EXPECT_EQ(router.get(opt::tcp_keepalive_idle), 60);
    EXPECT_EQ(router.get(opt::tcp_keepalive_intvl), 15);
    EXPECT_EQ(router.get(opt::tcp_keepalive_cnt), 3);
    EXPECT_EQ(context.get(zmq::ctxopt::io_threads), 2);
}

}  // namespace
}  // namespace sotto::rendezvous
