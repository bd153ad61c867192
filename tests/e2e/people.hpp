// A rendezvous, Alice and Bob: what nearly every end-to-end test begins with.
#pragma once

#include "tests/e2e/json_client.hpp"
#include "tests/e2e/rendezvous_process.hpp"

#include <gtest/gtest.h>

namespace sotto::e2e {

enum class Direct : std::uint8_t { no, yes };

class People : public ::testing::Test {
protected:
    People() { server.start(); }

    void register_both() {
        alice.register_as(server.link());
        bob.register_as(server.link());
    }
    // Alice asks, Bob accepts.
    void befriend(Direct direct);
    void register_and_befriend(Direct direct) {
        register_both();
        befriend(direct);
    }

    TemporaryFolder folder;
    Rendezvous server{folder.path() / "rendezvous"};
    JsonClient alice{"alice", folder.path() / "alice"};
    JsonClient bob{"bob", folder.path() / "bob"};
};

// Sends a text; the event of the stored message.
Json send(JsonClient& from, const std::string& to, const std::string& text);
// All texts of a conversation, oldest first, as the client's history has them: outgoing or
// incoming.
[[nodiscard]] std::vector<std::string> history_texts(JsonClient& client, const std::string& peer,
                                                     bool outgoing);
// Waits until the message (its event from send()) has this state, or a later one.
void expect_state(JsonClient& client, const Json& message, const std::string& state);

}  // namespace sotto::e2e
