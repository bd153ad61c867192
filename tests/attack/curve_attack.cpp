// Attack 03, and a server's identity (31): what whoever we dial can do inside the CURVE handshake,
// against the real libzmq. A crash here is the finding; it ends this program.
#include "crypto/curve_guard.hpp"
#include "rendezvous/probe.hpp"
#include "tests/attack/curve_impostor.hpp"
#include "tests/attack/weak_points.hpp"
#include "tests/e2e/json_client.hpp"
#include "tests/e2e/rendezvous_process.hpp"
#include "tests/unit/transport/support.hpp"

namespace sotto::attack {
namespace {

using namespace peer;
using peer::test::Driven;
using peer::test::Listening;
using peer::test::make_key;
using peer::test::patience;
using peer::test::PlainServer;

std::vector<crypto::Bytes> weak_points() {
    std::vector<crypto::Bytes> all = crypto::attack::low_order_points();
    for (crypto::Bytes& point : crypto::attack::non_canonical_points())
        all.push_back(std::move(point));
    return all;
}

// What an allocator leaves: nothing, or a sanitizer's marks.
std::vector<crypto::Bytes> guesses() {
    return {crypto::Bytes(32, 0), crypto::Bytes(32, 0xbe), crypto::Bytes(32, 0),
            crypto::Bytes(32, 0xff)};
}

ServerAddress address_of(const CurveImpostor& server) {
    return {.host = "127.0.0.1", .port = server.port(), .key = server.key()};
}
std::string endpoint_of(const CurveImpostor& server) {
    return "tcp://127.0.0.1:" + std::to_string(server.port());
}
std::string link_of(const CurveImpostor& server) {
    return "sotto://127.0.0.1:" + std::to_string(server.port()) + "/" +
           crypto::to_base64url(server.key().view());
}

void open(Driven& driven, const ServerAddress& address) {
    driven->perform(
        OpenServer{.address = address, .channel = ServerChannel::session, .own = make_key()});
}

// `step` until so many connections met the attack.
template <class Step>
bool until_attacked(const CurveImpostor& server, std::size_t times, Step step) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (server.attacks() < times && std::chrono::steady_clock::now() < deadline)
        step();
    return server.attacks() >= times;
}

// A client of ours tries again and again, is never up, says why, and is as good as new afterwards.
void survives_as_rendezvous(CurveImpostor& server, std::size_t times) {
    Driven driven;
    open(driven, address_of(server));
    ASSERT_TRUE(until_attacked(server, times, [&] { driven.turn(10); })) << server.attacks();
    EXPECT_FALSE(driven.has_seen<ServerUp>());
    const auto down = driven.next<ServerDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->reason, ServerDownReason::wrong_key);
    PlainServer good;
    open(driven, good.address());
    ASSERT_TRUE(driven.next<ServerUp>());
    driven->perform(SendToServer{.channel = ServerChannel::session, .frame = {'h', 'i'}});
    EXPECT_EQ(good.receive(), "hi");
}

// One dial meets it, is over, and the next one, to a good listener, comes up.
void survives_as_link(CurveImpostor& server, std::size_t times) {
    ZmqTransportOptions options = Driven::fast_options();
    options.dial_give_up_ms = 300;
    Driven driven(options);
    PlainServer rendezvous;  // makes loopback allowed
    open(driven, rendezvous.address());
    ASSERT_TRUE(driven.next<ServerUp>());
    const auto own = make_key();
    for (std::uint64_t n = 1; n <= times; ++n) {
        driven->perform(Dial{.link = LinkId{n},
                             .endpoints = {endpoint_of(server)},
                             .server_key = server.key(),
                             .own = own});
        const auto input = driven.next_any();
        ASSERT_TRUE(input);
        ASSERT_TRUE(std::holds_alternative<PeerLinkDown>(*input));  // and never up
    }
    EXPECT_TRUE(until_attacked(server, times, [&] { driven.turn(1); }));
    Listening good({own.public_key()});
    driven->perform(Dial{.link = LinkId{times + 1},
                         .endpoints = {good.endpoint},
                         .server_key = good.own.public_key(),
                         .own = own});
    EXPECT_TRUE(driven.next<PeerLinkUp>());
}

// The program itself: refuses the server, and registers at a good one afterwards.
void survives_as_program(const CurveImpostor& server, std::size_t times) {
    const e2e::TemporaryFolder folder;
    e2e::Rendezvous good(folder.path() / "rendezvous");
    good.start();
    e2e::JsonClient alice("alice", folder.path() / "alice");
    alice.start();
    const auto answer = alice.ask({{"command", "register"},
                                   {"server", link_of(server)},
                                   {"username", "alice"},
                                   {"password", alice.password}});
    EXPECT_TRUE(e2e::JsonClient::has(answer, {{"event", "error"}, {"code", "server_wrong_key"}}))
        << answer.dump();
    EXPECT_TRUE(until_attacked(server, times, [] { std::this_thread::yield(); }));
    const auto again = alice.ask({{"command", "register"},
                                  {"server", good.link()},
                                  {"username", "alice"},
                                  {"password", alice.password}});
    EXPECT_TRUE(e2e::JsonClient::has(again, {{"event", "done"}})) << again.dump();
    alice.quit();
}

// --- 03 ---------------------------------------------------------------------------------------

TEST(Attack03LowOrderPoints, AServersTransientKeyDoesNotEndUs) {
    const auto points = weak_points();
    CurveImpostor server(Imposture::transient_key, points);
    survives_as_rendezvous(server, points.size());
    EXPECT_GE(server.believers(), points.size());  // each was agreed with, and led nowhere
}

TEST(Attack03LowOrderPoints, AContactsTransientKeyDoesNotEndUs) {
    const auto points = crypto::attack::low_order_points();
    CurveImpostor server(Imposture::transient_key, points);
    survives_as_link(server, points.size());
}

TEST(Attack03LowOrderPoints, AServersTransientKeyDoesNotEndTheProgram) {
    CurveImpostor server(Imposture::transient_key, crypto::attack::low_order_points());
    survives_as_program(server, 2);
}

TEST(Attack03LowOrderPoints, WhoAnswersDoctorDoesNotEndIt) {
    for (const auto& point : crypto::attack::low_order_points()) {
        CurveImpostor server(Imposture::transient_key, {point});
        EXPECT_FALSE(rendezvous::lets_strangers_in(
            rendezvous::parse_endpoint(endpoint_of(server)).value(), server.key(), 300));
        EXPECT_TRUE(until_attacked(server, 1, [] { std::this_thread::yield(); }));
    }
}

// --- 31 ---------------------------------------------------------------------------------------

TEST(Attack31EarlyReady, ItsSenderIsNotTakenForTheServer) {
    CurveImpostor server(Imposture::early_ready, guesses());
    survives_as_rendezvous(server, 3 * guesses().size());
    EXPECT_EQ(server.believers(), 0U);
}

TEST(Attack31EarlyReady, ItsSenderIsNotTakenForAContact) {
    CurveImpostor server(Imposture::early_ready, guesses());
    survives_as_link(server, guesses().size());
    EXPECT_EQ(server.believers(), 0U);
}

TEST(Attack31EarlyReady, TheProgramTellsItNothing) {
    CurveImpostor server(Imposture::early_ready, {crypto::Bytes(32, 0)});
    survives_as_program(server, 2);
    EXPECT_EQ(server.believers(), 0U);
}

TEST(Attack31EarlyReady, DoctorDoesNotBelieveIt) {
    CurveImpostor server(Imposture::early_ready, {crypto::Bytes(32, 0)});
    EXPECT_FALSE(rendezvous::lets_strangers_in(
        rendezvous::parse_endpoint(endpoint_of(server)).value(), server.key(), 300));
    EXPECT_TRUE(until_attacked(server, 1, [] { std::this_thread::yield(); }));
    EXPECT_EQ(server.believers(), 0U);
}

TEST(CurveGuard, holds_here) {
    EXPECT_TRUE(crypto::curve_guard_holds());
}

}  // namespace
}  // namespace sotto::attack
