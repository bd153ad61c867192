// The handler changes its socket while clients come and go, and nobody notices.
#include "live_server.hpp"

namespace sotto::rendezvous::testing {
namespace {

std::unique_ptr<RawClient> client_of(const LiveServer& server, zmq::context_t& context,
                                     crypto::RandomSource& random) {
    auto client =
        std::make_unique<RawClient>(context, server.key(), crypto::OwnCurve::generate(random));
    client->connect(server.endpoint());
    return client;
}

TEST(zap_renewal, everybody_gets_in_meanwhile) {
    ServerOptions options = LiveServer::options();
    options.zap = {.renew_ms = 1, .close_ms = 1000};
    LiveServer server(options);
    crypto::SystemRandom random;
    zmq::context_t context{1};
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(client_of(server, context, random));
        EXPECT_EQ(clients.back()->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    }
    // Those whom a socket let in that is closed by now are still there.
    for (const auto& client : clients)
        EXPECT_EQ(client->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    EXPECT_EQ(server.stop().kicked, 0U);
}

// Sockets are closed under handshakes, which never happens with the times a server uses.
TEST(zap_renewal, survives_when_handshakes_end_with_their_socket) {
    ServerOptions options = LiveServer::options();
    options.zap = {.renew_ms = 0, .close_ms = 0};
    options.handshake_ms = 100;
    LiveServer server(options);
    crypto::SystemRandom random;
    for (int round = 0; round < 10; ++round) {
        zmq::context_t context{1};
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 60; ++i)
            clients.push_back(client_of(server, context, random));
        // At least one is through; the others are anywhere on their way when all are closed.
        EXPECT_EQ(clients[0]->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    }
    zmq::context_t context{1};
    const auto last = client_of(server, context, random);
    EXPECT_EQ(last->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
}

template <class Condition>
bool comes_true(const Condition& condition) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > patience) return false;
        std::this_thread::yield();
    }
    return true;
}

// What the watchdog goes by: the thread shows by itself that it lives, and when it has ended.
TEST(zap_life, is_seen_from_outside) {
    zmq::context_t context{1};
    ZapHandler handler(context, {.life_ms = 5});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(comes_true([&] {
        return std::chrono::steady_clock::now() > begin + std::chrono::milliseconds(50) &&
               handler.lives();
    })) << "long after its first sign";
    context.shutdown();
    EXPECT_TRUE(comes_true([&] { return !handler.lives(); }));
}

}  // namespace
}  // namespace sotto::rendezvous::testing
