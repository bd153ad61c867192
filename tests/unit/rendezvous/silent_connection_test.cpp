// Connections that finish the handshake and then say nothing do not stay.
#include "live_server.hpp"

namespace sotto::rendezvous::testing {
namespace {

TEST(silent_connections, end_and_others_do_not) {
    ServerOptions options = LiveServer::options();
    options.first_frame_ms = 500;
    LiveServer server(options);
    crypto::SystemRandom random;
    zmq::context_t context{1};
    RawClient silent(context, server.key(), crypto::OwnCurve::generate(random));
    EventWatch watch(context, silent.socket(), ZMQ_EVENT_DISCONNECTED);
    silent.connect(server.endpoint());
    RawClient talking(context, server.key(), crypto::OwnCurve::generate(random));
    talking.connect(server.endpoint());
    EXPECT_EQ(talking.ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
    // This one has long been silent for as long, but it has said something.
    EXPECT_EQ(talking.ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    const ServerCounters counters = server.stop();
    EXPECT_GE(counters.silent, 1U);
    EXPECT_EQ(counters.kicked, 0U);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
