// The server on the wire: what clients can do, and what hostile ones cannot.
#include "live_server.hpp"
#include "rendezvous/probe.hpp"

#include <cstdlib>

namespace sotto::rendezvous::testing {
namespace {

class server : public ::testing::Test {
protected:
    crypto::SystemRandom random;
    LiveServer live;
    zmq::context_t context{1};

    std::unique_ptr<RawClient> client() {
        auto made =
            std::make_unique<RawClient>(context, live.key(), crypto::OwnCurve::generate(random));
        made->connect(live.endpoint());
        return made;
    }
    Person person(std::string name) { return Person::make(random, std::move(name)); }
    // The server still serves others.
    void expect_alive() {
        const auto probe = client();
        EXPECT_EQ(probe->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    }
};

TEST_F(server, two_people_exchange_mail) {
    const Person anna = person("anna");
    const Person bob = person("bob");
    const auto anna_client = client();
    const auto bob_client = client();
    anna_client->join(anna);
    bob_client->join(bob);
    const auto token = id<MailboxToken>(5);
    (void)bob_client->ask_for<Ok>(SetMailboxToken{hash_of(token), false});
    const auto anonymous = client();
    (void)anonymous->ask_for<Accepted>(mail_to(bob, token, 1, max_item_bytes));
    const Mail mail = bob_client->next_push<Mail>();
    EXPECT_EQ(mail.item, filled(max_item_bytes, 1)) << "the largest item passes";
    (void)bob_client->ask_for<Ok>(AckMail{{mail.row}});
    EXPECT_EQ(client()->log_in(bob).mail_waiting, 0);
    EXPECT_EQ(anna_client->ask_for<Found>(LookUp{"bob"}).member.account, bob.account());
}

TEST_F(server, tells_a_client_its_own_address) {
    const auto anna = client();
    anna->join(person("anna"));
    const Person bob = person("bob");
    const auto bob_client = client();
    bob_client->join(bob);
    const LoggedIn in = client()->log_in(bob);
    EXPECT_TRUE(in.observed.starts_with("127.0.0.1:")) << in.observed;
}

// From the port that others are to dial: asked over a connection of its own, without a login.
TEST_F(server, tells_the_source_of_a_connection_to_who_asks_over_it) {
    const auto punch_port = find_free_port();
    ASSERT_TRUE(punch_port.has_value());
    const std::string source = "127.0.0.1:" + std::to_string(*punch_port);
    RawClient asker(context, live.key(), crypto::OwnCurve::generate(random));
    asker.connect("tcp://" + source + ";" + live.endpoint().substr(std::string("tcp://").size()));
    EXPECT_EQ(asker.ask_for<Observed>(Observe{}).endpoint, source);
    EXPECT_NE(client()->ask_for<Observed>(Observe{}).endpoint, source) << "another connection's";
}

TEST_F(server, forgets_sessions_and_keeps_mail_over_a_restart) {
    const Person anna = person("anna");
    const auto one = client();
    one->join(anna);
    const auto token = id<MailboxToken>(5);
    (void)one->ask_for<Ok>(SetMailboxToken{hash_of(token), false});
    (void)one->ask_for<Ok>(Logout{});
    (void)one->ask_for<Accepted>(mail_to(anna, token, 1));
    live.stop();
    live.start();
    const auto two = client();
    EXPECT_EQ(two->ask_for<Error>(LookUp{"anna"}).code, ErrorCode::unknown_session);
    EXPECT_EQ(two->log_in(anna).mail_waiting, 1);
    EXPECT_EQ(two->next_push<Mail>().item, filled(600, 1));
}

TEST_F(server, a_vanished_client_is_offline_at_once) {
    const auto anna = client();
    anna->join(person("anna"));
    (void)anna->ask_for<Ok>(Watch{true, {}});
    auto bob = client();
    bob->join(person("bob"));
    EXPECT_TRUE(anna->next_push<Presence>().entries.at(0).online);
    bob.reset();  // the connection breaks, without a word
    const Presence gone = anna->next_push<Presence>();
    EXPECT_EQ(gone.entries.at(0).username, "bob");
    EXPECT_FALSE(gone.entries.at(0).online);
}

// --- who gets in -------------------------------------------------------------------------------

TEST_F(server, refuses_who_does_not_know_its_key) {
    const auto wrong = crypto::OwnCurve::generate(random).public_key();
    RawClient stranger(context, wrong, crypto::OwnCurve::generate(random));
    EventWatch watch(context, stranger.socket(), refused_events);
    stranger.connect(live.endpoint());
    EXPECT_NE(watch.wait(), 0);
    expect_alive();
}

TEST_F(server, refuses_connections_without_curve) {
    zmq::socket_t plain(context, zmq::socket_type::dealer);
    plain.set(zmq::sockopt::linger, 0);
    EventWatch watch(context, plain, refused_events);
    plain.connect(live.endpoint());
    EXPECT_NE(watch.wait(), 0);
    expect_alive();
}

// Fails closed: a ROUTER made by the server's own function, with nobody to ask about clients.
TEST(router, without_a_zap_handler_nobody_gets_in) {
    crypto::SystemRandom random;
    const auto own = crypto::OwnCurve::generate(random);
    zmq::context_t server_context = make_context(random);
    zmq::socket_t router = make_router(server_context, own, 10'000);
    router.bind("tcp://127.0.0.1:*");
    zmq::context_t context{1};
    RawClient client(context, own.public_key(), crypto::OwnCurve::generate(random));
    EventWatch watch(context, client.socket(), refused_events | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    client.connect(router.get(zmq::sockopt::last_endpoint));
    EXPECT_NE(watch.wait(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
}

TEST(router, routing_ids_are_not_predictable) {
    const auto first_after = [](std::uint64_t seed) {
        crypto::SeededRandom random(seed);
        (void)make_context(random);
        return std::rand();
    };
    EXPECT_EQ(first_after(1), first_after(1)) << "libzmq's generator is seeded";
    EXPECT_NE(first_after(1), first_after(2)) << "by our randomness";
}

TEST(router, two_servers_cannot_share_an_address) {
    LiveServer live;
    const TempDir directory;
    crypto::SystemRandom random;
    auto store = SqliteStore::open(directory.file("db"), 0);
    LocalBus bus;
    ServerOptions options = LiveServer::options();
    options.listen = live.endpoint();
    const auto second =
        Server::start(options, crypto::OwnCurve::generate(random), **store, bus, random);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error(), ServerError::cannot_bind);
}

// --- hostile clients ---------------------------------------------------------------------------

// The routing id a client chooses means nothing: the victim keeps getting its mail, and whoever
// took the same id gets none of it.
TEST_F(server, a_claimed_routing_id_takes_over_nothing) {
    const Person bob = person("bob");
    auto victim =
        std::make_unique<RawClient>(context, live.key(), crypto::OwnCurve::generate(random));
    victim->socket().set(zmq::sockopt::routing_id, "bob");
    victim->connect(live.endpoint());
    victim->join(bob);
    const auto token = id<MailboxToken>(5);
    (void)victim->ask_for<Ok>(SetMailboxToken{hash_of(token), false});

    RawClient thief(context, live.key(), crypto::OwnCurve::generate(random));
    thief.socket().set(zmq::sockopt::routing_id, "bob");
    EventWatch watch(context, thief.socket(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    thief.connect(live.endpoint());
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    (void)thief.send(Ping{});

    const auto sender = client();
    (void)sender->ask_for<Accepted>(mail_to(bob, token, 1));
    EXPECT_EQ(victim->next_push<Mail>().item, filled(600, 1));
    zmq::message_t nothing;
    EXPECT_FALSE(thief.socket().recv(nothing, zmq::recv_flags::dontwait).has_value());
}

TEST_F(server, a_third_frame_ends_the_connection_and_bans_the_key) {
    const auto own = crypto::OwnCurve::generate(random);
    RawClient hostile(context, live.key(), own);
    EventWatch watch(context, hostile.socket(),
                     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    hostile.connect(live.endpoint());
    for (int i = 0; i < 100; ++i) {
        hostile.socket().send(zmq::str_buffer("part"), zmq::send_flags::sndmore);
    }
    hostile.socket().send(zmq::str_buffer("last"), zmq::send_flags::none);
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) << "it comes back and is refused";
    expect_alive();
    EXPECT_GE(live.stop().violations, 1U);
}

TEST_F(server, an_oversized_frame_ends_the_connection_and_nothing_else) {
    const auto hostile = client();
    EventWatch watch(context, hostile->socket(), ZMQ_EVENT_DISCONNECTED);
    (void)hostile->ask(Ping{});
    const Bytes large(max_frame_bytes + 1, 0x91);
    hostile->socket().send(zmq::buffer(large), zmq::send_flags::none);
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_DISCONNECTED);
    expect_alive();
}

TEST_F(server, the_largest_frame_is_read) {
    const auto odd = client();
    const Bytes frame(max_frame_bytes, 0x91);
    odd->socket().send(zmq::buffer(frame), zmq::send_flags::none);
    EXPECT_EQ(std::get<Error>(odd->receive().reply).code, ErrorCode::bad_request);
}

TEST_F(server, garbage_before_the_handshake_is_cut_off) {
    for (const std::string_view bytes :
         {std::string_view("GET / HTTP/1.1\r\n\r\n"), std::string_view("\x01\x00zzzz", 6),
          std::string_view("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x00", 12)}) {
        const TcpClient garbage(live.port());
        garbage.send(bytes);
        garbage.send(std::string(100, '\xee'));
        EXPECT_TRUE(garbage.closed_by_server());
    }
    expect_alive();
}

TEST(server_handshake, silent_connections_are_cut_off) {
    ServerOptions options = LiveServer::options();
    options.handshake_ms = 50;
    const LiveServer live(options);
    std::vector<std::unique_ptr<TcpClient>> silent;
    for (int i = 0; i < 50; ++i)
        silent.push_back(std::make_unique<TcpClient>(live.port()));
    for (const auto& each : silent)
        EXPECT_TRUE(each->closed_by_server());
}

// A client that asks for much and reads nothing is thrown out; the memory it can hold is bounded,
// and others notice nothing.
TEST(server_overload, a_client_that_does_not_read_is_disconnected) {
    ServerOptions options = LiveServer::options();
    options.settings.rates = default_rates(10'000);
    LiveServer live(options);
    crypto::SystemRandom random;
    zmq::context_t context{1};
    const auto connect = [&](int high_water) {
        auto made =
            std::make_unique<RawClient>(context, live.key(), crypto::OwnCurve::generate(random));
        made->socket().set(zmq::sockopt::rcvhwm, high_water);
        made->socket().set(zmq::sockopt::rcvbuf, 4096);
        made->connect(live.endpoint());
        return made;
    };
    const auto helper = connect(1000);
    helper->join(Person::make(random, "helper"));
    // One short request for a page of all these names is answered with 4 KB.
    for (int i = 0; i < 60; ++i) {
        const auto member = connect(1000);
        member->join(Person::make(random, "a-member-with-a-long-name-" + std::to_string(i)));
    }
    const auto greedy = connect(1);
    greedy->join(Person::make(random, "greedy"));
    (void)helper->ask_for<Ok>(Watch{true, {}});
    greedy->socket().set(zmq::sockopt::sndtimeo, 100);
    std::jthread flood([&greedy](const std::stop_token& stop) {
        const Bytes page = encode(RequestFrame{1, DirectoryPage{"", "", 100}});
        while (!stop.stop_requested()) {
            (void)greedy->socket().send(zmq::buffer(page), zmq::send_flags::none);
        }
    });
    // Its own side reads nothing, not even the end of the connection; the others are told.
    const Presence gone = helper->next_push<Presence>();
    EXPECT_EQ(gone.entries.at(0).username, "greedy");
    EXPECT_FALSE(gone.entries.at(0).online);
    flood.request_stop();
    flood.join();
    EXPECT_GE(live.stop().kicked, 1U);
}

// What the doctor goes by: that the kernel takes connections proves nothing.
TEST(probe, knows_a_server_that_lets_strangers_in) {
    LiveServer server;
    const auto at = *parse_endpoint(server.endpoint());
    EXPECT_TRUE(lets_strangers_in(at, server.key(), patience_ms));
    EXPECT_TRUE(lets_strangers_in({"*", at.port}, server.key(), patience_ms));
    crypto::SystemRandom random;
    const auto other = crypto::OwnCurve::generate(random);
    EXPECT_FALSE(lets_strangers_in(at, other.public_key(), 300)) << "another server's key";
    server.stop();
    EXPECT_FALSE(lets_strangers_in(at, server.key(), 300));
}

TEST(probe, a_listener_that_lets_nobody_in_is_none) {
    zmq::context_t context{1};
    zmq::socket_t listener(context, zmq::socket_type::router);
    listener.bind("tcp://127.0.0.1:*");
    const auto at = *parse_endpoint(listener.get(zmq::sockopt::last_endpoint));
    crypto::SystemRandom random;
    const auto key = crypto::OwnCurve::generate(random);
    EXPECT_FALSE(lets_strangers_in(at, key.public_key(), 300));
}

}  // namespace
}  // namespace sotto::rendezvous::testing
