// Strangers who know the server's link and ZeroMQ's weak spots, against the real program.
//
// Each test leaves the server serving, and its base class checks that it then ends in order.
#include "tests/e2e/recording_proxy.hpp"
#include "tests/e2e/rendezvous_clients.hpp"

#include <cstdlib>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using namespace rendezvous::testing;

class HostileClients : public RealRendezvous {
protected:
    HostileClients() : RealRendezvous({.limits_factor = 1000}) {}
    Member anna = member("anna");
};

// --- routing ids -------------------------------------------------------------------------------

// The ids that a server gives out when nobody seeded libzmq's generator, claimed in advance.
TEST_F(HostileClients, ClaimedRoutingIdsDoNotStopTheServer) {
    constexpr int sockets_before = 4;  // the ROUTER is among the first that draw a number
    constexpr std::uint32_t each = 30;
    std::srand(1);  // what a generator starts with
    std::vector<std::unique_ptr<RawClient>> claimants;
    for (int socket = 0; socket < sockets_before; ++socket) {
        const auto low = static_cast<std::uint32_t>(std::rand());
        const std::uint32_t first = low | static_cast<std::uint32_t>(std::rand()) << 31;
        for (std::uint32_t number = first; number < first + each; ++number) {
            const std::array<std::uint8_t, 5> claimed{
                0, static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
                static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
            claimants.push_back(unconnected_client());
            claimants.back()->socket().set(zmq::sockopt::routing_id,
                                           zmq::const_buffer(claimed.data(), claimed.size()));
            EventWatch watch(context, claimants.back()->socket(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
            claimants.back()->connect(server.endpoint());
            ASSERT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
            (void)claimants.back()->send(Ping{});
        }
    }
    for (int i = 0; i < 5; ++i)
        expect_serves();
    expect_mail_arrives(anna, 1);
}

// A second client under the victim's id gets nothing, whoever came first, and the victim all.
TEST_F(HostileClients, AClaimedRoutingIdTakesOverNothing) {
    Member victim{person("victim"), unconnected_client(), id_of<MailboxToken>(9)};
    victim.client->socket().set(zmq::sockopt::routing_id, "victim");
    victim.client->connect(server.endpoint());
    victim.client->join(victim.person);
    victim.client->give_token(victim.token);

    const auto thief = unconnected_client();
    thief->socket().set(zmq::sockopt::routing_id, "victim");
    EventWatch watch(context, thief->socket(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    thief->connect(server.endpoint());
    ASSERT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    (void)thief->send(Ping{});
    for (std::uint64_t i = 1; i <= 20; ++i)
        expect_mail_arrives(victim, i);
    EXPECT_FALSE(thief->receive_within(0).has_value());
}

// The same, while the victim is away: what waits is for who proves the device, not for an id.
TEST_F(HostileClients, AnIdLeftBehindIsWorthNothing) {
    const Person victim = person("victim");
    const auto token = id_of<MailboxToken>(9);
    {
        const auto first = unconnected_client();
        first->socket().set(zmq::sockopt::routing_id, "victim");
        first->connect(server.endpoint());
        first->join(victim);
        first->give_token(token);
        (void)first->ask_for<Ok>(Logout{});
    }
    (void)client()->ask_for<Accepted>(
        mail_with_token(victim.address(), token, envelope_of(1), Bytes(600, 1)));
    // The id is free again as soon as the server saw the first connection end; until then a
    // newcomer with the same id stays unheard, so it asks until it is.
    std::unique_ptr<RawClient> thief;
    std::optional<ReplyFrame> answer;
    for (int i = 0; i < 200 && !answer; ++i) {
        thief = unconnected_client();
        thief->socket().set(zmq::sockopt::routing_id, "victim");
        thief->connect(server.endpoint());
        (void)thief->send(Ping{});
        answer = thief->receive_within(100);
    }
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(std::get<Error>(answer->reply).code, ErrorCode::unknown_session);
    EXPECT_EQ(thief->ask_for<Error>(AckMail{{1}}).code, ErrorCode::unknown_session);
    const auto back = client();
    EXPECT_EQ(back->log_in(victim).mail_waiting, 1);
    EXPECT_EQ(back->next_push<Mail>().item, Bytes(600, 1));
}

// --- replays -----------------------------------------------------------------------------------

class Replays : public HostileClients {
protected:
    static constexpr std::size_t greeting_bytes = 64;  // ZMTP 3
    static constexpr std::size_t hello_bytes = 202;    // CURVE's HELLO with its frame header
    Member bob = member("bob");
    // What a client sends from its first byte to the end of its login.
    std::string recorded_login() {
        const RecordingProxy proxy(server.port());
        const auto honest = unconnected_client();
        honest->connect("tcp://127.0.0.1:" + std::to_string(proxy.port()));
        (void)honest->log_in(bob.person);
        return proxy.sent_by_clients();
    }
};

// Needs no secret. Each costs the server a handshake's first half and yields an unusable cookie.
TEST_F(Replays, ARecordedHelloOpensNothing) {
    const std::string login = recorded_login();
    ASSERT_GT(login.size(), greeting_bytes + hello_bytes);
    const std::string hello = login.substr(0, greeting_bytes + hello_bytes);
    const std::size_t before = resident_bytes(server.process().pid());
    for (int i = 0; i < 1000; ++i) {
        const TcpClient replay(server.port());
        replay.send(hello);
        // The greeting and WELCOME, 170 bytes: fresh, so that nothing recorded fits it.
        EXPECT_EQ(replay.receive(greeting_bytes + 170).size(), greeting_bytes + 170);
    }
    EXPECT_LT(resident_bytes(server.process().pid()), before + (32U << 20) + sanitizer_bytes);
    expect_mail_arrives(anna, 1);
}

TEST_F(Replays, ARecordedConnectionIsRefusedWhole) {
    const std::string login = recorded_login();
    const auto again = client();
    (void)again->log_in(bob.person);
    for (int i = 0; i < 20; ++i) {
        const TcpClient replay(server.port());
        replay.send(login);
        EXPECT_TRUE(replay.closed_by_server());
    }
    // No replay took the session over.
    EXPECT_GT(again->ask_for<Pong>(Ping{}).server_time_ms, 0U);
    EXPECT_FALSE(again->receive_within(0).has_value()) << "nobody ended it";
}

// --- frames ------------------------------------------------------------------------------------

TEST_F(HostileClients, MultipartFloodsAreCutOffAndLeaveNoMemoryBehind) {
    const Bytes part(max_frame_bytes, 7);
    std::size_t after_first = 0;
    for (int flood = 0; flood < 6; ++flood) {
        const auto hostile = unconnected_client();
        EventWatch watch(context, hostile->socket(),
                         ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        hostile->connect(server.endpoint());
        for (int i = 0; i < 300; ++i) {  // 20 MB as one message
            hostile->socket().send(zmq::const_buffer(part.data(), part.size()),
                                   zmq::send_flags::sndmore);
        }
        hostile->socket().send(zmq::str_buffer("end"), zmq::send_flags::none);
        EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
        EXPECT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) << "its key stays out";
        if (flood == 0) after_first = resident_bytes(server.process().pid());
        expect_mail_arrives(anna, static_cast<std::uint64_t>(flood));
    }
    EXPECT_LT(resident_bytes(server.process().pid()), after_first + (40U << 20) + sanitizer_bytes);
}

TEST_F(HostileClients, ManySmallPartsAndEmptyOnes) {
    for (const std::size_t size : {0U, 1U}) {
        const auto hostile = unconnected_client();
        EventWatch watch(context, hostile->socket(), ZMQ_EVENT_DISCONNECTED);
        hostile->connect(server.endpoint());
        const Bytes part(size, 7);
        for (int i = 0; i < 20'000; ++i) {
            hostile->socket().send(zmq::const_buffer(part.data(), part.size()),
                                   zmq::send_flags::sndmore);
        }
        hostile->socket().send(zmq::str_buffer("end"), zmq::send_flags::none);
        EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
        expect_mail_arrives(anna, size);
    }
}

TEST_F(HostileClients, TheLargestFramesAreAnsweredAndOneByteMoreEndsTheConnection) {
    const auto odd = unconnected_client();
    EventWatch watch(context, odd->socket(), ZMQ_EVENT_DISCONNECTED);
    odd->connect(server.endpoint());
    Bytes frame(max_frame_bytes, 0x91);
    for (int i = 0; i < 100; ++i)
        odd->send_bytes(frame);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(std::get<Error>(odd->receive().reply).code, ErrorCode::bad_request);
    }
    frame.push_back(0x91);
    odd->send_bytes(frame);
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
    expect_mail_arrives(anna, 1);
}

TEST_F(HostileClients, GarbageInFramesIsAnsweredAndMovesNothing) {
    const auto odd = client();
    int answered = 0;
    for (std::size_t i = 0; i < 500; ++i) {
        Bytes bytes = encode(RequestFrame{7, LookUp{"anna"}});
        const auto noise = random.array<32>();
        for (std::size_t k = 0; k <= i % 8; ++k)
            bytes[noise[k] % bytes.size()] = noise[8 + k];
        if (i % 3 == 0) bytes.resize(noise[31] % (bytes.size() + 1));
        odd->send_bytes(bytes);
        const ReplyFrame reply = odd->receive();
        answered += std::holds_alternative<Error>(reply.reply) ? 1 : 0;
    }
    EXPECT_EQ(answered, 500) << "without a session even what decodes is refused";
    expect_mail_arrives(anna, 1);
}

TEST_F(HostileClients, GarbageBeforeTheHandshakeIsCutOff) {
    const std::string noise = [this] {
        const auto bytes = random.array<32>();
        return std::string(bytes.begin(), bytes.end());
    }();
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string("\x01\x00zzzz", 6),
          std::string("\x16\x03\x01\x02\x00\x01\x00", 7), noise,
          // ZMTP 3 that asks for no encryption.
          std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL", 16) + std::string(48, '\0'),
          std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0PLAIN", 17) + std::string(47, '\0'),
          // ZMTP 2 and 1, which know none.
          std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0", 14)}) {
        const TcpClient garbage(server.port());
        garbage.send(bytes);
        garbage.send(std::string(200, '\xee'));
        EXPECT_TRUE(garbage.closed_by_server());
    }
    expect_mail_arrives(anna, 1);
}

}  // namespace
}  // namespace sotto::e2e
