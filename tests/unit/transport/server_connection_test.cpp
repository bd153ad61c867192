#include "tests/unit/transport/support.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

namespace sotto::peer::test {
namespace {

OpenServer open_to(const ServerAddress& address) {
    return {.address = address, .channel = ServerChannel::session, .own = make_key()};
}

void send(Driven& driven, std::string_view text) {
    driven->perform(SendToServer{.channel = ServerChannel::session, .frame = to_bytes(text)});
}

TEST(ServerConnection, carries_frames_both_ways) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    const auto up = driven.next<ServerUp>();
    ASSERT_TRUE(up);
    EXPECT_EQ(up->channel, ServerChannel::session);
    send(driven, "hello");
    EXPECT_EQ(server.receive(), "hello");
    server.send({"welcome"});
    const auto frame = driven.next<ServerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "welcome");
}

TEST(ServerConnection, the_two_channels_are_two_clients) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    driven->perform(OpenServer{
        .address = server.address(), .channel = ServerChannel::anonymous, .own = make_key()});
    const auto up = driven.next<ServerUp>();
    ASSERT_TRUE(up);
    EXPECT_EQ(up->channel, ServerChannel::anonymous);
    driven->perform(SendToServer{.channel = ServerChannel::anonymous, .frame = to_bytes("item")});
    EXPECT_EQ(server.receive(), "item");
    server.send({"taken"});
    const auto frame = driven.next<ServerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->channel, ServerChannel::anonymous);
}

TEST(ServerConnection, says_wrong_key_and_never_up) {
    PlainServer server;
    ServerAddress address = server.address();
    address.key = make_key().public_key();
    Driven driven;
    driven->perform(open_to(address));
    const auto down = driven.next<ServerDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->reason, ServerDownReason::wrong_key);
    EXPECT_FALSE(driven.has_seen<ServerUp>());
}

TEST(ServerConnection, says_unreachable_then_connects_when_the_server_comes) {
    const auto own = make_key();
    std::uint16_t port = 0;
    {
        const PlainServer gone(own);
        port = gone.port();
    }
    Driven driven;
    driven->perform(open_to({.host = "127.0.0.1", .port = port, .key = own.public_key()}));
    const auto down = driven.next<ServerDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->reason, ServerDownReason::unreachable);
    PlainServer server(own, port);
    EXPECT_TRUE(driven.next<ServerUp>());
}

TEST(ServerConnection, comes_back_after_the_server_was_restarted) {
    const auto own = make_key();
    auto server = std::make_unique<PlainServer>(own);
    const auto port = server->port();
    Driven driven;
    driven->perform(open_to(server->address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    server.reset();
    ASSERT_TRUE(driven.next<ServerDown>());
    server = std::make_unique<PlainServer>(own, port);
    ASSERT_TRUE(driven.next<ServerUp>());
    send(driven, "again");
    EXPECT_EQ(server->receive(), "again");
}

// A handler that refuses its first request and lets in all others.
void refuse_once(zmq::socket_t zap) {
    for (int i = 0; i < 2; ++i) {
        std::vector<zmq::message_t> request(1);
        if (!zap.recv(request.back())) return;
        while (request.back().more()) {
            request.emplace_back();
            if (!zap.recv(request.back())) return;
        }
        const auto more = zmq::send_flags::sndmore;
        zap.send(zmq::str_buffer("1.0"), more);
        zap.send(request.at(1), more);
        zap.send(zmq::buffer(std::string_view(i == 0 ? "400" : "200")), more);
        zap.send(zmq::str_buffer(""), more);
        zap.send(zmq::str_buffer("user"), more);
        zap.send(zmq::str_buffer(""), zmq::send_flags::none);
    }
}

TEST(ServerConnection, a_refused_socket_is_replaced_and_not_dead_for_ever) {
    PlainServer server;
    zmq::socket_t zap(server.context(), zmq::socket_type::rep);
    zap.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()) * 1000);
    zap.bind("inproc://zeromq.zap.01");
    const std::jthread handler(refuse_once, std::move(zap));
    Driven driven;
    driven->perform(open_to(server.address()));
    const auto down = driven.next<ServerDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->reason, ServerDownReason::refused);
    EXPECT_TRUE(driven.next<ServerUp>());
}

TEST(ServerConnection, a_multipart_message_ends_the_connection) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    send(driven, "hello");
    ASSERT_EQ(server.receive(), "hello");
    server.send({"one", "two", "three"});
    const auto down = driven.next<ServerDown>();  // a ServerFrame before it would be dropped here,
    ASSERT_TRUE(down);
    ASSERT_TRUE(driven.next<ServerUp>());
    send(driven, "once more");
    ASSERT_EQ(server.receive(), "once more");
    server.send({"fine"});
    const auto frame = driven.next<ServerFrame>();  // so the first one must be this
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "fine");
}

TEST(ServerConnection, an_oversize_message_does_not_leave_a_dead_socket) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    const std::string largest(transport::frame_max_bytes, 'x');
    send(driven, largest);
    ASSERT_EQ(server.receive().size(), largest.size());
    server.send({largest});
    const auto frame = driven.next<ServerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->frame.size(), largest.size());
    server.send({largest + "x"});
    ASSERT_TRUE(driven.next<ServerDown>());
    EXPECT_TRUE(driven.next<ServerUp>());
}

TEST(ServerConnection, the_last_frame_leaves_before_the_connection_closes) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    send(driven, "log out");
    driven->perform(CloseServer{.channel = ServerChannel::session});
    EXPECT_EQ(server.receive(), "log out");
}

TEST(ServerConnection, frames_for_a_slow_server_wait_in_order) {
    PlainServer server;
    Driven driven;
    driven->perform(open_to(server.address()));
    ASSERT_TRUE(driven.next<ServerUp>());
    constexpr int count = 4000;  // above both queues of libzmq, below our own
    const std::string filler(1000, '.');
    for (int i = 0; i < count; ++i)
        send(driven, std::to_string(i) + filler);
    for (int i = 0; i < count; ++i) {
        driven.turn(0);
        ASSERT_EQ(server.receive(), std::to_string(i) + filler);
    }
}

TEST(ServerConnection, what_is_kept_for_a_slow_server_is_bounded) {
    transport::ParkedFrames parked;
    const crypto::Bytes frame(10);
    for (std::size_t i = 0; i < transport::parked_frames_max + 1; ++i)
        parked.push(frame);
    std::size_t kept = 0;
    for (; !parked.empty(); parked.pop())
        ++kept;
    EXPECT_EQ(kept, transport::parked_frames_max);
    const crypto::Bytes large(transport::frame_max_bytes);
    for (std::size_t i = 0; i < transport::parked_frames_max; ++i)
        parked.push(large);
    for (kept = 0; !parked.empty(); parked.pop())
        ++kept;
    EXPECT_EQ(kept, transport::parked_bytes_max / transport::frame_max_bytes);
}

TEST(ServerConnection, an_impossible_host_is_down_at_once) {
    Driven driven;
    driven->perform(open_to({.host = "no host;", .port = 1, .key = make_key().public_key()}));
    const auto down = driven.next<ServerDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->reason, ServerDownReason::unreachable);
}

TEST(ServerConnection, sending_without_a_connection_is_harmless) {
    Driven driven;
    send(driven, "nobody");
    driven->perform(CloseServer{.channel = ServerChannel::session});
    driven->perform(SendToPeer{.link = LinkId{7}, .frame = to_bytes("nobody")});
    driven->perform(CloseLink{.link = LinkId{7}});
    driven->perform(StopListening{});
    driven.turn(0);
    EXPECT_FALSE(driven.has_seen<ServerDown>());
}

TEST(ServerConnection, the_wake_descriptor_ends_the_wait) {
    Driven driven;
    const int wake = eventfd(1, EFD_CLOEXEC);  // readable from the start
    ASSERT_GE(wake, 0);
    EXPECT_TRUE(driven->wait(60'000, wake, 100).empty());  // would run into the test's time limit
    close(wake);
}

}  // namespace
}  // namespace sotto::peer::test
