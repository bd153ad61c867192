#include "tests/e2e/people.hpp"

#include <algorithm>
#include <array>

namespace sotto::e2e {

void People::befriend(Direct direct) {
    const bool allow = direct == Direct::yes;
    const Json asked = alice.ask({{"command", "contact_request"},
                                  {"to", "bob"},
                                  {"text", "Hello Bob, it is Alice."},
                                  {"direct", allow}});
    ASSERT_TRUE(JsonClient::has(asked, {{"event", "done"}})) << asked.dump();
    bob.expect({{"event", "contact_request"}, {"from", "alice"}});
    const Json accepted = bob.ask({{"command", "accept"}, {"from", "alice"}, {"direct", allow}});
    ASSERT_TRUE(JsonClient::has(accepted, {{"event", "done"}})) << accepted.dump();
    alice.expect({{"event", "contact"}, {"username", "bob"}, {"state", "accepted"}});
}

Json send(JsonClient& from, const std::string& to, const std::string& text) {
    from.tell({{"command", "send"}, {"to", to}, {"text", text}});
    return from.expect({{"event", "message"}, {"outgoing", true}, {"text", text}});
}

std::vector<std::string> history_texts(JsonClient& client, const std::string& peer, bool outgoing) {
    std::vector<std::string> out;
    std::uint64_t before = 0;
    while (true) {
        client.tell({{"command", "history"}, {"peer", peer}, {"before", before}, {"limit", 200}});
        const Json page = client.expect({{"event", "history"}, {"peer", peer}, {"before", before}});
        if (!page.is_object()) return out;
        std::vector<std::string> texts;
        for (const auto& message : page.at("messages")) {
            if (message.at("outgoing") == outgoing && !message.contains("kind")) {
                texts.push_back(message.at("text"));
            }
        }
        out.insert(out.begin(), texts.begin(), texts.end());
        if (!page.at("more").get<bool>()) return out;
        before = page.at("messages").front().at("row");
    }
}

void expect_state(JsonClient& client, const Json& message, const std::string& state) {
    static const std::array<std::string, 4> order{"saved", "with_server", "delivered", "read"};
    const auto rank = [&](const std::string& name) {
        return std::find(order.begin(), order.end(), name) - order.begin();
    };
    for (const auto& event : client.seen({{"event", "message_state"}, {"id", message.at("id")}})) {
        if (rank(event.at("state")) >= rank(state)) return;
    }
    std::vector<Json> good;
    for (const auto& name : order) {
        if (rank(name) < rank(state)) continue;
        good.push_back({{"event", "message_state"}, {"id", message.at("id")}, {"state", name}});
    }
    client.expect_any(good);
}

}  // namespace sotto::e2e
