// The rules of docs/zeromq.md, read back from the sockets that this program really makes.
#include "peer/transport/zmq_rules.hpp"

#include "tests/unit/transport/support.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::test {
namespace {

namespace opt = zmq::sockopt;

// Declared only in libzmq's draft header.
using ZapEnforceDomain = opt::integral_option<93, int, true>;

constexpr transport::ClientPacing pacing{.reconnect_ivl_ms = 1'234,
                                         .reconnect_ivl_max_ms = 60'000,
                                         .connect_timeout_ms = 5'000,
                                         .heartbeat_ivl_ms = 15'000,
                                         .heartbeat_timeout_ms = 10'000,
                                         .heartbeat_ttl_ms = 60'000};

class ZmqRules : public ::testing::Test {
protected:
    // What holds for whoever speaks over a network.
    static void expect_bounds(const zmq::socket_t& socket) {
        EXPECT_EQ(socket.get(opt::maxmsgsize), std::int64_t{64 * 1024 + 33});
        EXPECT_GE(socket.get(opt::sndhwm), 50);
        EXPECT_LE(socket.get(opt::sndhwm), 200);
        EXPECT_GE(socket.get(opt::rcvhwm), 50);
        EXPECT_LE(socket.get(opt::rcvhwm), 200);
        EXPECT_EQ(socket.get(opt::linger), 0);
        EXPECT_EQ(socket.get(opt::sndtimeo), 0);
        EXPECT_EQ(socket.get(opt::rcvtimeo), 0);
        EXPECT_EQ(socket.get(opt::handshake_ivl), 10'000);
        EXPECT_EQ(socket.get(opt::tcp_keepalive), 1);
        EXPECT_EQ(socket.get(opt::tcp_keepalive_idle), 60);
        EXPECT_EQ(socket.get(opt::tcp_keepalive_intvl), 15);
        EXPECT_EQ(socket.get(opt::tcp_keepalive_cnt), 3);
        EXPECT_EQ(zmq_mechanism(socket), ZMQ_CURVE);
        EXPECT_EQ(socket.get(opt::routing_id), "");  // claimed by nobody
    }
    static int zmq_mechanism(const zmq::socket_t& socket) { return socket.get(opt::mechanism); }

    crypto::SeededRandom random{1};
    zmq::context_t context{transport::make_context(random)};
    crypto::OwnCurve own = make_key();
};

TEST_F(ZmqRules, of_a_client) {
    const crypto::OwnCurve server = make_key();
    const auto socket = transport::make_client(context, server.public_key(), own, pacing,
                                               transport::link_io_thread);
    expect_bounds(socket);
    EXPECT_EQ(socket.get(opt::immediate), 1);
    EXPECT_EQ(socket.get(opt::reconnect_ivl), 1'234);
    EXPECT_EQ(socket.get(opt::reconnect_ivl_max), 60'000);
    EXPECT_EQ(socket.get(opt::connect_timeout), 5'000);
    EXPECT_EQ(socket.get(opt::heartbeat_ivl), 15'000);
    EXPECT_EQ(socket.get(opt::heartbeat_timeout), 10'000);
    EXPECT_EQ(socket.get(opt::heartbeat_ttl), 60'000);
}

TEST_F(ZmqRules, of_a_listener) {
    const auto socket = transport::make_listener(context, own);
    expect_bounds(socket);
    EXPECT_EQ(socket.get(opt::curve_server), 1);
    EXPECT_EQ(socket.get(opt::zap_domain), "sotto");
    EXPECT_EQ(socket.get(ZapEnforceDomain{}), 1);
    EXPECT_EQ(socket.get(opt::backlog), 4'096);
    EXPECT_EQ(socket.get(opt::heartbeat_ivl), 0);  // on the side of many they cost quadratic time
}

TEST_F(ZmqRules, of_a_monitors_reader) {
    const auto socket = transport::make_monitor_sink(context);
    EXPECT_EQ(socket.get(opt::rcvhwm), 0);
    EXPECT_EQ(socket.get(opt::linger), 0);
}

TEST_F(ZmqRules, two_io_threads_and_room_for_every_dial) {
    EXPECT_EQ(context.get(zmq::ctxopt::io_threads), 2);
    EXPECT_GE(context.get(zmq::ctxopt::max_sockets), 128 * 8 * 3);
}

// libzmq never seeds rand(); its first routing id would be the same in every process, and a
// stranger who knows it can stop a listener.
TEST(ZmqSeed, routing_ids_are_not_predictable) {
    std::vector<std::string> ids;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        crypto::SeededRandom random(seed);
        zmq::context_t context = transport::make_context(random);
        zmq::socket_t router(context, zmq::socket_type::router);
        router.bind("inproc://routing-ids");
        zmq::socket_t dealer(context, zmq::socket_type::dealer);
        dealer.connect("inproc://routing-ids");
        dealer.send(zmq::str_buffer("x"), zmq::send_flags::none);
        zmq::message_t id;
        ASSERT_TRUE(router.recv(id));
        ids.push_back(id.to_string());
    }
    EXPECT_NE(ids[0], ids[1]);
    EXPECT_NE(ids[0], std::string("\0\x6b\x8b\x45\x67", 5));
}

}  // namespace
}  // namespace sotto::peer::test
