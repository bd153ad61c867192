// kill -9 in the middle of a stream, a full disk: nothing lost, nothing twice, nothing mislabelled.
#include "tests/e2e/people.hpp"

#include <sys/resource.h>

namespace sotto::e2e {
namespace {

class Crash : public People {
protected:
    static constexpr int count = 120;

    static std::string text(int number) { return "message " + std::to_string(number); }

    void start_stream() {
        for (int i = 0; i < count; ++i) {
            alice.tell({{"command", "send"}, {"to", "bob"}, {"text", text(i)}});
        }
    }
    // What Alice's disk holds must reach Bob's, once each, in order.
    void expect_all_of_it(std::size_t at_least) {
        const auto sent = history_texts(alice, "bob", true);
        ASSERT_GE(sent.size(), at_least);
        for (std::size_t i = 0; i < sent.size(); ++i) {
            EXPECT_EQ(sent[i], text(static_cast<int>(i)));
        }
        // A marker behind everything: when it is there, all of it is.
        const Json marker = send(alice, "bob", "the end");
        bob.expect({{"event", "message"}, {"from", "alice"}, {"text", "the end"}});
        auto expected = sent;
        expected.emplace_back("the end");
        EXPECT_EQ(history_texts(bob, "alice", false), expected);
        expect_state(alice, marker, "delivered");
        for (const auto& message : messages_of_alice()) {
            EXPECT_TRUE(message.at("state") == "delivered" || message.at("state") == "read")
                << message.dump();
        }
    }

private:
    std::vector<Json> messages_of_alice() {
        alice.tell({{"command", "history"}, {"peer", "bob"}, {"limit", 500}});
        std::vector<Json> out;
        const Json history = alice.expect({{"event", "history"}});
        for (const auto& message : history.at("messages")) {
            if (message.at("outgoing") == true) out.push_back(message);
        }
        return out;
    }
};

TEST_F(Crash, of_the_sender) {
    for (const Direct direct : {Direct::yes}) {
        register_and_befriend(direct);
        alice.expect({{"event", "path"}, {"peer", "bob"}, {"path", "direct"}});
        start_stream();
        alice.expect({{"event", "message"}, {"text", text(count / 2)}});  // on her disk
        alice.process().kill();
        alice.start();
        alice.go_online();
        expect_all_of_it(count / 2 + 1);
    }
}

TEST_F(Crash, of_the_sender_on_the_relay) {
    register_and_befriend(Direct::no);
    start_stream();
    bob.expect({{"event", "message"}, {"text", text(count / 3)}});  // some of it is on the way
    alice.process().kill();
    alice.start();
    alice.go_online();
    expect_all_of_it(count / 3 + 1);
}

TEST_F(Crash, of_the_receiver) {
    register_and_befriend(Direct::yes);
    alice.expect({{"event", "path"}, {"peer", "bob"}, {"path", "direct"}});
    start_stream();
    bob.expect({{"event", "message"}, {"text", text(count / 2)}});
    bob.process().kill();
    bob.start();
    bob.go_online();
    expect_all_of_it(count);
}

TEST_F(Crash, of_the_receiver_on_the_relay) {
    register_and_befriend(Direct::no);
    start_stream();
    bob.expect({{"event", "message"}, {"text", text(count / 2)}});
    bob.process().kill();
    bob.start();
    bob.go_online();
    expect_all_of_it(count);
}

TEST_F(Crash, of_the_server) {
    register_and_befriend(Direct::no);
    start_stream();
    bob.expect({{"event", "message"}, {"text", text(count / 3)}});
    server.kill();
    alice.expect({{"event", "server"}, {"state", "connecting"}});
    server.start();
    alice.expect({{"event", "server"}, {"state", "online"}});
    expect_all_of_it(count);
}

TEST_F(Crash, of_everybody_at_once) {
    register_and_befriend(Direct::yes);
    start_stream();
    bob.expect({{"event", "message"}, {"text", text(count / 4)}});
    server.kill();
    alice.process().kill();
    bob.process().kill();
    server.start();
    bob.start();
    bob.go_online();
    alice.start();
    alice.go_online();
    expect_all_of_it(count / 4 + 1);
}

TEST_F(Crash, a_full_disk_refuses_says_so_and_recovers) {
    register_and_befriend(Direct::no);
    const Json before = send(alice, "bob", text(0));
    expect_state(alice, before, "delivered");

    // No file of hers may grow beyond what it has; writes inside it fail as on a full disk.
    rlimit old{};
    const rlimit none{.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    ASSERT_EQ(::prlimit(alice.process().pid(), RLIMIT_FSIZE, &none, &old), 0);
    const Json answer =
        alice.ask({{"command", "send"}, {"to", "bob"}, {"text", "must not be shown"}});
    EXPECT_EQ(answer.value("event", ""), "error") << answer.dump();
    EXPECT_TRUE(answer.value("code", "") == "disk_full" || answer.value("code", "") == "disk_error")
        << answer.dump();
    EXPECT_TRUE(alice.seen({{"event", "message"}, {"text", "must not be shown"}}).empty());

    ASSERT_EQ(::prlimit(alice.process().pid(), RLIMIT_FSIZE, &old, nullptr), 0);
    alice.expect({{"event", "server"}, {"state", "online"}});
    const Json after = send(alice, "bob", text(1));
    bob.expect({{"event", "message"}, {"text", text(1)}});
    expect_state(alice, after, "delivered");
    EXPECT_EQ(history_texts(bob, "alice", false), (std::vector<std::string>{text(0), text(1)}));
}

}  // namespace
}  // namespace sotto::e2e
