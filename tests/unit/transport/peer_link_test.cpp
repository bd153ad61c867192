#include "tests/unit/transport/support.hpp"

namespace sotto::peer::test {
namespace {

// Allows loopback for what it dials, as the rendezvous on this machine would.
struct Dialling {
    Driven driven;
    PlainServer server;
    crypto::OwnCurve own = make_key();

    explicit Dialling(ZmqTransportOptions options = Driven::fast_options()) : driven(options) {
        driven->perform(OpenServer{
            .address = server.address(), .channel = ServerChannel::session, .own = make_key()});
    }
    void dial(LinkId link, const std::vector<std::string>& endpoints,
              const crypto::CurvePublic& key) {
        driven->perform(Dial{.link = link, .endpoints = endpoints, .server_key = key, .own = own});
    }
};

constexpr LinkId first_link{1};

TEST(PeerLink, both_sides_come_up_and_know_the_others_key) {
    Dialling alice;
    Listening bob({alice.own.public_key()});
    alice.dial(first_link, {bob.endpoint}, bob.own.public_key());
    const auto at_alice = alice.driven.next<PeerLinkUp>();
    const auto at_bob = bob.driven.next<PeerLinkUp>();  // without a word from Alice's engine
    ASSERT_TRUE(at_alice && at_bob);
    EXPECT_EQ(at_alice->link, first_link);
    EXPECT_EQ(at_alice->remote, bob.own.public_key());
    EXPECT_FALSE(at_alice->inbound);
    EXPECT_EQ(at_bob->remote, alice.own.public_key());
    EXPECT_TRUE(at_bob->inbound);
    EXPECT_GE(at_bob->link.value, std::uint64_t{1} << 63U);

    alice.driven->perform(SendToPeer{.link = first_link, .frame = to_bytes("to bob")});
    const auto in = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(in);
    EXPECT_EQ(to_text(in->frame), "to bob");
    EXPECT_EQ(in->link, at_bob->link);
    bob.driven->perform(SendToPeer{.link = at_bob->link, .frame = to_bytes("to alice")});
    const auto back = alice.driven.next<PeerFrame>();
    ASSERT_TRUE(back);
    EXPECT_EQ(to_text(back->frame), "to alice");
}

TEST(PeerLink, listens_below_the_ephemeral_ports) {
    const Listening bob({});
    const auto port = std::stoul(bob.endpoint.substr(bob.endpoint.rfind(':') + 1));
    EXPECT_LT(port, 32'768U);
    EXPECT_GE(port, 20'000U);
}

TEST(PeerLink, closing_by_either_side_ends_it_on_both) {
    for (const bool by_listener : {false, true}) {
        Dialling alice;
        Listening bob({alice.own.public_key()});
        alice.dial(first_link, {bob.endpoint}, bob.own.public_key());
        ASSERT_TRUE(alice.driven.next<PeerLinkUp>());
        const auto at_bob = bob.driven.next<PeerLinkUp>();
        ASSERT_TRUE(at_bob);
        if (by_listener) {
            bob.driven->perform(CloseLink{.link = at_bob->link});
            EXPECT_TRUE(alice.driven.next<PeerLinkDown>());
        } else {
            alice.driven->perform(CloseLink{.link = first_link});
        }
        const auto down = bob.driven.next<PeerLinkDown>();
        ASSERT_TRUE(down);
        EXPECT_EQ(down->link, at_bob->link);
    }
}

TEST(PeerLink, a_listener_that_stops_takes_its_links_down) {
    Dialling alice;
    Listening bob({alice.own.public_key()});
    alice.dial(first_link, {bob.endpoint}, bob.own.public_key());
    ASSERT_TRUE(alice.driven.next<PeerLinkUp>());
    ASSERT_TRUE(bob.driven.next<PeerLinkUp>());
    bob.driven->perform(StopListening{});
    EXPECT_TRUE(bob.driven.next<PeerLinkDown>());
    EXPECT_TRUE(alice.driven.next<PeerLinkDown>());
}

TEST(PeerLink, only_allowed_keys_get_in) {
    Dialling mallory;
    Listening bob({make_key().public_key()});
    mallory.dial(first_link, {bob.endpoint}, bob.own.public_key());
    EXPECT_TRUE(mallory.driven.next<PeerLinkDown>());
    bob.driven.turn(0);
    EXPECT_FALSE(bob.driven.has_seen<PeerLinkUp>());

    bob.driven->perform(AllowPeers{.keys = {mallory.own.public_key()}});
    mallory.dial(LinkId{2}, {bob.endpoint}, bob.own.public_key());
    EXPECT_TRUE(mallory.driven.next<PeerLinkUp>());  // refused once is not refused for ever
}

TEST(PeerLink, nobody_gets_in_before_the_first_list) {
    Dialling alice;
    Driven bob;
    PlainServer server;
    const auto own = make_key();
    bob->perform(OpenServer{
        .address = server.address(), .channel = ServerChannel::session, .own = make_key()});
    bob->perform(Listen{.own = own});
    const auto ready = bob.next<ListenerReady>();
    ASSERT_TRUE(ready);
    alice.dial(first_link, ready->endpoints, own.public_key());
    EXPECT_TRUE(alice.driven.next<PeerLinkDown>());
}

TEST(PeerLink, a_key_that_is_no_longer_allowed_is_cut_off) {
    Dialling alice;
    Dialling carol;
    Listening bob({alice.own.public_key(), carol.own.public_key()});
    alice.dial(first_link, {bob.endpoint}, bob.own.public_key());
    carol.dial(first_link, {bob.endpoint}, bob.own.public_key());
    ASSERT_TRUE(alice.driven.next<PeerLinkUp>());
    ASSERT_TRUE(carol.driven.next<PeerLinkUp>());
    ASSERT_TRUE(bob.driven.next<PeerLinkUp>());
    ASSERT_TRUE(bob.driven.next<PeerLinkUp>());
    bob.driven->perform(AllowPeers{.keys = {carol.own.public_key()}});
    EXPECT_TRUE(alice.driven.next<PeerLinkDown>());
    carol.driven->perform(SendToPeer{.link = first_link, .frame = to_bytes("still here")});
    const auto frame = bob.driven.next<PeerFrame>();
    ASSERT_TRUE(frame);
    EXPECT_EQ(to_text(frame->frame), "still here");
}

TEST(PeerLink, the_address_that_answers_wins_the_race) {
    Dialling alice;
    Listening bob({alice.own.public_key()});
    const PlainServer other;  // speaks CURVE, with another key
    const std::string wrong = "tcp://127.0.0.1:" + std::to_string(other.port());
    alice.dial(first_link, {"tcp://127.0.0.1:10000", "junk", wrong, bob.endpoint, bob.endpoint},
               bob.own.public_key());
    EXPECT_TRUE(alice.driven.next<PeerLinkUp>());
    EXPECT_TRUE(bob.driven.next<PeerLinkUp>());
}

TEST(PeerLink, a_dial_that_reaches_nobody_gives_up) {
    auto options = Driven::fast_options();
    options.dial_give_up_ms = 50;
    Dialling alice(options);
    alice.dial(first_link, {"tcp://127.0.0.1:10000"}, make_key().public_key());
    const auto down = alice.driven.next<PeerLinkDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->link, first_link);
}

TEST(PeerLink, hostile_addresses_are_not_dialled) {
    Dialling alice;
    alice.dial(first_link, {"ipc:///tmp/x:20000", "tcp://host.example:20000", "tcp://[::]:20000"},
               make_key().public_key());
    EXPECT_TRUE(alice.driven.next<PeerLinkDown>());
}

TEST(PeerLink, loopback_is_dialled_only_when_the_rendezvous_is_there) {
    Driven driven;
    driven->perform(Dial{.link = first_link,
                         .endpoints = {"tcp://127.0.0.1:20000"},
                         .server_key = make_key().public_key(),
                         .own = make_key()});
    EXPECT_TRUE(driven.next<PeerLinkDown>());
}

TEST(PeerLink, the_number_of_dialled_links_is_bounded) {
    Dialling alice;
    for (std::uint64_t i = 1; i <= transport::links_max + 1; ++i) {
        alice.dial(LinkId{i}, {"tcp://127.0.0.1:10000"}, make_key().public_key());
    }
    const auto down = alice.driven.next<PeerLinkDown>();
    ASSERT_TRUE(down);
    EXPECT_EQ(down->link.value, transport::links_max + 1);
}

TEST(PeerLink, a_burst_arrives_complete_and_in_order_in_both_directions) {
    Dialling alice;
    Listening bob({alice.own.public_key()});
    alice.dial(first_link, {bob.endpoint}, bob.own.public_key());
    ASSERT_TRUE(alice.driven.next<PeerLinkUp>());
    const auto at_bob = bob.driven.next<PeerLinkUp>();
    ASSERT_TRUE(at_bob);
    alice.driven.accompany(bob.driven);
    bob.driven.accompany(alice.driven);
    constexpr int count = 3000;
    for (int i = 0; i < count; ++i) {
        const auto text = to_bytes(std::to_string(i));
        alice.driven->perform(SendToPeer{.link = first_link, .frame = text});
        bob.driven->perform(SendToPeer{.link = at_bob->link, .frame = text});
    }
    for (int i = 0; i < count; ++i) {
        const auto at_listener = bob.driven.next<PeerFrame>();
        const auto at_dialler = alice.driven.next<PeerFrame>();
        ASSERT_TRUE(at_listener && at_dialler);
        ASSERT_EQ(to_text(at_listener->frame), std::to_string(i));
        ASSERT_EQ(to_text(at_dialler->frame), std::to_string(i));
    }
}

}  // namespace
}  // namespace sotto::peer::test
