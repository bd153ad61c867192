// The main job: texts arrive, are told to have arrived, by every way there is.
#include "tests/e2e/people.hpp"

namespace sotto::e2e {
namespace {

class Conversation : public People {
protected:
    void say(JsonClient& from, JsonClient& to, const std::string& text) {
        const Json sent = send(from, to.name(), text);
        to.expect({{"event", "message"}, {"from", from.name()}, {"text", text}});
        expect_state(from, sent, "delivered");
    }
};

TEST_F(Conversation, directly_with_delivery_and_read_states) {
    register_and_befriend(Direct::yes);
    alice.expect({{"event", "path"}, {"peer", "bob"}, {"path", "direct"}});
    bob.expect({{"event", "path"}, {"peer", "alice"}, {"path", "direct"}});
    const Json sent = send(alice, "bob", "Hi Bob, can you read this?");
    const Json got = bob.expect({{"event", "message"}, {"from", "alice"}});
    EXPECT_EQ(got.at("text"), "Hi Bob, can you read this?");
    expect_state(alice, sent, "delivered");
    bob.ask({{"command", "read"}, {"peer", "alice"}, {"row", got.at("row")}});
    expect_state(alice, sent, "read");
    say(bob, alice, "Loud and clear. \xf0\x9f\x98\x80 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
}

TEST_F(Conversation, read_receipts_switched_off_and_on_again) {
    register_and_befriend(Direct::no);
    const auto arrives = [&](const std::string& text) {
        const Json sent = send(alice, "bob", text);
        const Json got = bob.expect({{"event", "message"}, {"from", "alice"}, {"text", text}});
        EXPECT_TRUE(got.is_object());
        expect_state(alice, sent, "delivered");
        return sent;
    };
    const auto bob_reads = [&] { bob.ask({{"command", "read"}, {"peer", "alice"}}); };
    const auto receipts = [&](bool on) { bob.ask({{"command", "read_receipts"}, {"on", on}}); };
    receipts(false);
    const Json quiet = arrives("Seen, and nobody is told.");
    bob_reads();
    bob.quit();  // kept in the profile, like what was read
    bob.start();
    bob.unlock();
    EXPECT_EQ(bob.expect({{"event", "opened"}}).at("read_receipts"), false);
    bob.expect({{"event", "server"}, {"state", "online"}});
    const Json quiet_too = arrives("This, too.");
    bob_reads();
    receipts(true);
    const Json told = arrives("Now they are on.");
    bob_reads();
    expect_state(alice, told, "read");  // whatever was to be told of the others came with it
    const auto read = alice.seen({{"event", "message_state"}, {"state", "read"}});
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].at("id"), told.at("id"));
    EXPECT_NE(quiet.at("id"), quiet_too.at("id"));
}

TEST_F(Conversation, the_direct_link_carries_on_without_the_server) {
    register_and_befriend(Direct::yes);
    alice.expect({{"event", "path"}, {"peer", "bob"}, {"path", "direct"}});
    bob.expect({{"event", "path"}, {"peer", "alice"}, {"path", "direct"}});
    server.kill();
    alice.expect({{"event", "server"}, {"state", "connecting"}});
    say(alice, bob, "Nobody in between.");
    say(bob, alice, "Not needed.");
}

TEST_F(Conversation, through_the_relay_when_direct_links_are_off) {
    register_and_befriend(Direct::no);
    say(alice, bob, "Through the relay.");
    say(bob, alice, "And back.");
    EXPECT_TRUE(alice.seen({{"event", "path"}, {"path", "direct"}}).empty());
    EXPECT_TRUE(bob.seen({{"event", "path"}, {"path", "direct"}}).empty());
}

TEST_F(Conversation, the_mailbox_keeps_it_for_someone_who_is_away) {
    register_and_befriend(Direct::yes);
    bob.quit();
    alice.expect({{"event", "presence"}, {"username", "bob"}, {"presence", "offline"}});
    std::vector<Json> sent;
    for (int i = 0; i < 5; ++i)
        sent.push_back(send(alice, "bob", "while away " + std::to_string(i)));
    expect_state(alice, sent.back(), "with_server");
    alice.quit();  // the sender need not stay
    bob.start();
    bob.go_online();
    for (int i = 0; i < 5; ++i) {
        const Json got = bob.expect({{"event", "message"}, {"from", "alice"}});
        EXPECT_EQ(got.at("text"), "while away " + std::to_string(i));
    }
    alice.start();
    alice.go_online();
    for (const auto& message : sent)
        expect_state(alice, message, "delivered");
}

TEST_F(Conversation, without_a_server_it_waits_and_goes_by_itself) {
    register_and_befriend(Direct::no);
    ASSERT_EQ(server.stop(), 0);
    alice.expect({{"event", "server"}, {"state", "connecting"}});
    const Json sent = send(alice, "bob", "Later, then.");
    EXPECT_EQ(sent.at("state"), "saved");
    server.start();
    alice.expect({{"event", "server"}, {"state", "online"}});
    bob.expect({{"event", "message"}, {"from", "alice"}, {"text", "Later, then."}});
    expect_state(alice, sent, "delivered");
}

TEST_F(Conversation, history_and_search_are_there_after_a_restart_without_a_server) {
    register_and_befriend(Direct::yes);
    say(alice, bob, "The password of the boathouse is not written here.");
    say(bob, alice, "Good. Caf\xc3\xa9 at five?");
    alice.quit();
    bob.quit();
    ASSERT_EQ(server.stop(), 0);
    alice.start();
    alice.unlock();
    const Json opened = alice.expect({{"event", "opened"}});
    ASSERT_TRUE(opened.is_object());
    EXPECT_EQ(opened.at("conversations")[0].at("last").at("text"), "Good. Caf\xc3\xa9 at five?");
    EXPECT_EQ(history_texts(alice, "bob", true),
              std::vector<std::string>{"The password of the boathouse is not written here."});
    EXPECT_EQ(history_texts(alice, "bob", false),
              std::vector<std::string>{"Good. Caf\xc3\xa9 at five?"});
    for (const std::string query : {"CAFE", "oathous"}) {
        alice.tell({{"command", "search"}, {"query", query}});
        const Json hits = alice.expect({{"event", "hits"}, {"query", query}});
        EXPECT_EQ(hits.at("messages").size(), 1U) << query;
    }
}

TEST_F(Conversation, an_ignored_and_a_blocked_asker_hear_nothing) {
    register_both();
    alice.ask({{"command", "contact_request"}, {"to", "bob"}, {"text", "hello"}});
    bob.expect({{"event", "contact_request"}, {"from", "alice"}});
    bob.ask({{"command", "block"}, {"peer", "alice"}});
    // Written, but it waits for an acceptance that never comes.
    const Json sent = send(alice, "bob", "hello?");
    // A question to the server from each side: what was under way has arrived by then.
    alice.ask({{"command", "directory"}});
    bob.ask({{"command", "directory"}});
    EXPECT_TRUE(bob.seen({{"event", "message"}}).empty());
    EXPECT_TRUE(alice.seen({{"event", "message_state"}, {"id", sent.at("id")}}).empty());
}

TEST_F(Conversation, texts_at_the_limit_pass_and_beyond_it_are_refused_unsent) {
    register_and_befriend(Direct::no);
    const std::string longest(32 * 1024, 'x');
    say(alice, bob, longest);
    const Json refused = alice.ask({{"command", "send"}, {"to", "bob"}, {"text", longest + "x"}});
    EXPECT_EQ(refused.value("code", ""), "text_too_long");
    EXPECT_EQ(alice.ask({{"command", "send"}, {"to", "bob"}, {"text", ""}}).value("code", ""),
              "text_empty");
}

}  // namespace
}  // namespace sotto::e2e
