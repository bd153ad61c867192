// A contact who is let in and then breaks the rules, with plain ZeroMQ sockets.
#include "tests/unit/transport/support.hpp"

namespace sotto::peer::test {
namespace {

TEST(HostilePeer, more_than_one_frame_cuts_it_off_and_nothing_is_read) {
    const auto mallory = make_key();
    Listening bob({mallory.public_key()});
    PlainDialler dialler(bob.endpoint, bob.own.public_key(), mallory);
    dialler.send({"hello"});
    ASSERT_TRUE(bob.driven.next<PeerLinkUp>());
    ASSERT_TRUE(bob.driven.next<PeerFrame>());
    dialler.send({"one", "two"});
    const auto input = bob.driven.next_any();
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::holds_alternative<PeerLinkDown>(*input));  // and no PeerFrame before it
    PlainDialler behaving(bob.endpoint, bob.own.public_key(), mallory);
    behaving.send({"behaving"});
    auto frame = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "behaving");
}

TEST(HostilePeer, a_routing_id_is_no_identity) {
    const auto alice = make_key();
    const auto mallory = make_key();
    Listening bob({alice.public_key(), mallory.public_key()});
    PlainDialler victim(bob.endpoint, bob.own.public_key(), alice, "alice");
    victim.send({"I am alice"});
    const auto up = bob.driven.next<PeerLinkUp>();
    ASSERT_TRUE(up);
    ASSERT_EQ(up->remote, alice.public_key());
    ASSERT_TRUE(bob.driven.next<PeerFrame>());

    PlainDialler thief(bob.endpoint, bob.own.public_key(), mallory, "alice");
    thief.send({"I am alice too"});
    bob.driven->perform(SendToPeer{.link = up->link, .frame = to_bytes("for alice only")});
    EXPECT_EQ(victim.receive(), "for alice only");
    victim.send({"still me"});
    const auto frame = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "still me");
    EXPECT_EQ(frame->link, up->link);
    thief.socket().set(zmq::sockopt::rcvtimeo, 0);
    zmq::message_t stolen;
    EXPECT_FALSE(thief.socket().recv(stolen));
}

TEST(HostilePeer, a_key_holds_at_most_two_links) {
    const auto mallory = make_key();
    Listening bob({mallory.public_key()});
    std::vector<std::unique_ptr<PlainDialler>> diallers;
    std::vector<LinkId> links;
    for (int i = 0; i < 3; ++i) {
        diallers.push_back(
            std::make_unique<PlainDialler>(bob.endpoint, bob.own.public_key(), mallory));
        diallers.back()->socket().set(zmq::sockopt::reconnect_ivl, -1);
        diallers.back()->send({"hello"});
        const auto up = bob.driven.next<PeerLinkUp>();
        ASSERT_TRUE(up);
        links.push_back(up->link);
    }
    const auto down = bob.driven.next<PeerLinkDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->link, links.front());  // the oldest, which is the one most likely dead
}

// The end of this dialler's connection, once it was up.
bool is_cut(zmq::socket_t& monitor) {
    for (;;) {
        zmq::message_t event;
        zmq::message_t endpoint;
        if (!monitor.recv(event) || !monitor.recv(endpoint)) return false;
        std::uint16_t number = 0;
        std::memcpy(&number, event.data(), sizeof(number));
        if (number == ZMQ_EVENT_DISCONNECTED) return true;
    }
}

// A contact's connection that finishes the handshake and then says nothing.
class SilentDialler {
public:
    SilentDialler(Listening& bob, const crypto::OwnCurve& own)
        : socket_(context_, zmq::socket_type::dealer), monitor_(context_, zmq::socket_type::pair) {
        set_keys(socket_, own);
        const auto key = bob.own.public_key().view();
        socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(key.data(), key.size()));
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::reconnect_ivl, -1);
        zmq_socket_monitor(socket_.handle(), "inproc://silent",
                           ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        monitor_.set(zmq::sockopt::linger, 0);
        monitor_.connect("inproc://silent");
        socket_.connect(bob.endpoint);
        zmq::message_t event;
        zmq::message_t endpoint;
        monitor_.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()) * 1000);
        up_ = monitor_.recv(event).has_value() && monitor_.recv(endpoint).has_value();
    }
    ~SilentDialler() { zmq_socket_monitor(socket_.handle(), nullptr, 0); }

    bool up() const { return up_; }
    // While `bob` has his turns.
    bool is_cut_within_patience(Listening& bob) {
        return is_cut_while([&] { bob.driven.turn(20); });
    }
    template <class Step>
    bool is_cut_while(Step step) {
        monitor_.set(zmq::sockopt::rcvtimeo, 1);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < deadline) {
            if (is_cut(monitor_)) return true;
            step();
        }
        return false;
    }

private:
    zmq::context_t context_;
    zmq::socket_t socket_;
    zmq::socket_t monitor_;
    bool up_ = false;
};

TEST(HostilePeer, who_says_nothing_is_cut_off) {
    const auto mallory = make_key();
    ZmqTransportOptions impatient = Driven::fast_options();
    impatient.silence_max_ms = 50;
    Listening bob({mallory.public_key()}, impatient);
    SilentDialler silent(bob, mallory);
    ASSERT_TRUE(silent.up());
    EXPECT_TRUE(silent.is_cut_within_patience(bob));
}

TEST(HostilePeer, who_says_nothing_is_cut_off_while_we_take_nothing_in) {
    const auto mallory = make_key();
    ZmqTransportOptions impatient = Driven::fast_options();
    impatient.silence_max_ms = 50;
    Listening bob({mallory.public_key()}, impatient);
    SilentDialler silent(bob, mallory);
    ASSERT_TRUE(silent.up());
    EXPECT_TRUE(silent.is_cut_while([&] { bob.driven->stand_by(20, -1); }));
    // What was sent meanwhile has waited.
    PlainDialler honest(bob.endpoint, bob.own.public_key(), mallory);
    honest.send({"hello"});
    bob.driven->stand_by(20, -1);
    EXPECT_TRUE(bob.driven.next<PeerFrame>());
}

TEST(HostilePeer, of_many_silent_connections_the_oldest_is_cut_off) {
    const auto mallory = make_key();
    ZmqTransportOptions patient = Driven::fast_options();
    patient.silence_max_ms = 600'000;
    Listening bob({mallory.public_key()}, patient);
    std::vector<std::unique_ptr<SilentDialler>> silent;
    for (std::size_t i = 0; i <= transport::silent_max; ++i) {
        silent.push_back(std::make_unique<SilentDialler>(bob, mallory));
        ASSERT_TRUE(silent.back()->up());
        bob.driven.turn(0);
    }
    EXPECT_TRUE(silent.front()->is_cut_within_patience(bob));
    PlainDialler honest(bob.endpoint, bob.own.public_key(), mallory);
    honest.send({"hello"});
    EXPECT_TRUE(bob.driven.next<PeerLinkUp>());
}

TEST(HostilePeer, without_curve_nothing_gets_in) {
    Listening bob({});
    zmq::context_t context;
    zmq::socket_t plain(context, zmq::socket_type::dealer);
    plain.set(zmq::sockopt::linger, 0);
    zmq::socket_t monitor(context, zmq::socket_type::pair);
    ASSERT_EQ(
        zmq_socket_monitor(plain.handle(), "inproc://plain",
                           ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_SUCCEEDED),
        0);
    monitor.connect("inproc://plain");
    monitor.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()) * 1000);
    plain.connect(bob.endpoint);
    plain.send(zmq::str_buffer("hello"), zmq::send_flags::none);
    zmq::message_t event;
    ASSERT_TRUE(monitor.recv(event));
    std::uint16_t number = 0;
    std::memcpy(&number, event.data(), sizeof(number));
    EXPECT_NE(number, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    zmq_socket_monitor(plain.handle(), nullptr, 0);
    bob.driven.turn(0);
    EXPECT_FALSE(bob.driven.has_seen<PeerLinkUp>());
}

TEST(HostilePeer, an_oversize_frame_costs_it_the_link_and_us_nothing) {
    const auto mallory = make_key();
    Listening bob({mallory.public_key()});
    PlainDialler dialler(bob.endpoint, bob.own.public_key(), mallory);
    dialler.send({std::string(transport::frame_max_bytes, 'x')});
    ASSERT_TRUE(bob.driven.next<PeerLinkUp>());
    const auto largest = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->frame.size(), transport::frame_max_bytes);
    dialler.send({std::string(transport::frame_max_bytes + 1, 'x')});
    EXPECT_TRUE(bob.driven.next<PeerLinkDown>());
    PlainDialler again(bob.endpoint, bob.own.public_key(), mallory);
    again.send({"small"});
    const auto frame = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "small");
}

}  // namespace
}  // namespace sotto::peer::test
