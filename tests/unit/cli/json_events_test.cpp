#include "peer/cli/json_events.hpp"

#include "crypto/verify.hpp"
#include "tests/unit/cli/support.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::cli {
namespace {

using nlohmann::json;

std::vector<json> lines(JsonEvents& events, const ViewChange& change) {
    std::vector<json> out;
    for (const auto& line : events.lines_of(change)) {
        EXPECT_EQ(line.find('\n'), std::string::npos);
        out.push_back(json::parse(line));
    }
    return out;
}

std::vector<std::string> names(JsonEvents& events, const ViewChange& change) {
    std::vector<std::string> out;
    for (const auto& line : lines(events, change))
        out.push_back(line.at("event"));
    return out;
}

JsonEvents opened(bool registered = true) {
    JsonEvents events;
    static_cast<void>(events.lines_of(VaultChanged{.state = VaultState::open}));
    static_cast<void>(events.lines_of(Opened{.self = test::self("alice", registered),
                                             .contacts = {test::contact(1, "bob")},
                                             .conversations = {}}));
    return events;
}

TEST(JsonEvents, a_notice_says_which_one_it_is) {
    JsonEvents events = opened();
    Message notice = test::incoming(1, "notice:missing:3", 4);
    notice.kind = MessageKind::notice;
    auto event = lines(events, MessageAdded{.message = notice}).at(0);
    EXPECT_EQ(event.at("kind"), "notice");
    EXPECT_EQ(event.at("notice"), "missing");
    EXPECT_EQ(event.at("count"), 3);
    EXPECT_NE(event.at("text").get<std::string>().find("bob"), std::string::npos);
    notice.text = "notice:list_withheld";
    event = lines(events, MessageAdded{.message = notice}).at(0);
    EXPECT_EQ(event.at("notice"), "list_withheld");
    EXPECT_FALSE(event.contains("count"));
    notice.text = "notice:device_held:2";
    event = lines(events, MessageAdded{.message = notice}).at(0);
    EXPECT_EQ(event.at("notice"), "device_held");
    EXPECT_EQ(event.at("count"), 2);
    // Of an older version; and a person who writes like one.
    notice.text = "An older copy of this profile was put back.";
    event = lines(events, MessageAdded{.message = notice}).at(0);
    EXPECT_EQ(event.at("text"), notice.text);
    EXPECT_FALSE(event.contains("notice"));
    const auto text = test::incoming(1, "notice:missing:3", 4);
    event = lines(events, MessageAdded{.message = text}).at(0);
    EXPECT_EQ(event.at("text"), "notice:missing:3");
    EXPECT_FALSE(event.contains("notice"));
}

TEST(JsonEvents, say_what_is_watched_of_device_lists) {
    JsonEvents events = opened();
    const auto event =
        lines(events, DeviceWatchChanged{.watch = {.own_list_disputed = true}}).at(0);
    EXPECT_EQ(event.at("event"), "device_watch");
    EXPECT_EQ(event.at("own_list_disputed"), true);
    EXPECT_EQ(event.at("hold_new_devices"), false);
    Contact bob = test::contact(1, "bob");
    bob.held_devices = 2;
    EXPECT_EQ(lines(events, ContactChanged{bob}).at(0).at("held_devices"), 2);
    bob.held_devices = 0;
    EXPECT_FALSE(lines(events, ContactChanged{bob}).at(0).contains("held_devices"));
}

TEST(JsonEvents, a_message_names_who_wrote_it) {
    JsonEvents events = opened();
    const auto in =
        lines(events, MessageAdded{.message = test::incoming(1, "h\xc3\xa9\n\"x\"", 4)});
    ASSERT_EQ(in.size(), 1U);
    EXPECT_EQ(in[0].at("event"), "message");
    EXPECT_EQ(in[0].at("from"), "bob");
    EXPECT_EQ(in[0].at("peer"), "bob");
    EXPECT_EQ(in[0].at("outgoing"), false);
    EXPECT_EQ(in[0].at("text"), "h\xc3\xa9\n\"x\"");
    EXPECT_EQ(in[0].at("row"), 4);
    const auto out = lines(events, MessageAdded{.message = test::outgoing(1, "yo", 5)});
    EXPECT_EQ(out[0].at("from"), "alice");
    EXPECT_EQ(out[0].at("state"), "saved");
    const auto state = lines(events, MessageStateChanged{.peer = test::account(1),
                                                         .id = test::outgoing(1, "yo", 5).id,
                                                         .state = DeliveryState::delivered,
                                                         .failure = MessageFailure::none});
    EXPECT_EQ(state[0].at("event"), "message_state");
    EXPECT_EQ(state[0].at("state"), "delivered");
    EXPECT_EQ(state[0].at("id"), out[0].at("id"));
}

TEST(JsonEvents, a_contact_says_what_changed) {
    JsonEvents events = opened();
    Contact carol = test::contact(2, "carol", ContactState::request_received);
    carol.request_text = "hello";
    EXPECT_EQ(names(events, ContactChanged{.contact = carol}),
              (std::vector<std::string>{"contact_request", "contact", "presence", "path"}));
    carol.state = ContactState::accepted;
    EXPECT_EQ(names(events, ContactChanged{.contact = carol}), std::vector<std::string>{"contact"});
    carol.presence = Presence::online;
    EXPECT_EQ(names(events, ContactChanged{.contact = carol}),
              std::vector<std::string>{"presence"});
    carol.path = Path::direct;
    EXPECT_EQ(names(events, ContactChanged{.contact = carol}), std::vector<std::string>{"path"});
    EXPECT_TRUE(names(events, ContactChanged{.contact = carol}).empty());
}

TEST(JsonEvents, a_changed_key_and_the_safety_number) {
    JsonEvents events = opened();
    Contact bob = test::contact(1, "bob");
    bob.new_key = test::account(7);
    const auto changed = lines(events, ContactChanged{.contact = bob});
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].at("new_key"), crypto::to_hex(test::account(7).view()));
    const ParsedCommand asked{
        .name = "safety_number", .id = 4, .request = ShowSafetyNumber{.peer = bob.account}};
    const json number = json::parse(events.safety_number(asked, bob.account));
    EXPECT_EQ(number.at("event"), "safety_number");
    EXPECT_EQ(number.at("peer"), "bob");
    EXPECT_EQ(number.at("id"), 4);
    EXPECT_EQ(number.at("number").get<std::string>().size(), 60U + 11U);
    EXPECT_EQ(number.at("number"),
              crypto::grouped(crypto::safety_number(bob.account, test::account(99))));
    EXPECT_EQ(json::parse(JsonEvents().safety_number(asked, bob.account)).at("code"),
              "not_unlocked");
}

TEST(JsonEvents, registered_is_told_once) {
    JsonEvents events = opened(false);
    EXPECT_EQ(names(events, SelfChanged{.self = test::self("alice", true)}),
              std::vector<std::string>{"registered"});
    EXPECT_EQ(names(events, SelfChanged{.self = test::self("alice", true)}),
              std::vector<std::string>{"self"});
}

TEST(JsonEvents, answers_carry_the_command_and_the_programs_id_once) {
    JsonEvents events = opened();
    const CommandId with_id = events.expect("send", "m-1");
    const CommandId without = events.expect("lock", nullptr);
    EXPECT_TRUE(events.awaits_answers());
    const auto done = lines(events, CommandDone{.command = with_id});
    EXPECT_EQ(done[0], (json{{"event", "done"}, {"command", "send"}, {"id", "m-1"}}));
    const auto failed = lines(events, CommandFailed{.command = without,
                                                    .error = CommandError::too_many_tries,
                                                    .retry_after_ms = 1500});
    EXPECT_EQ(failed[0].at("event"), "error");
    EXPECT_EQ(failed[0].at("command"), "lock");
    EXPECT_EQ(failed[0].at("code"), "too_many_tries");
    EXPECT_EQ(failed[0].at("retry_after_ms"), 1500);
    EXPECT_FALSE(failed[0].contains("id"));
    EXPECT_FALSE(events.awaits_answers());
}

TEST(JsonEvents, opened_shows_contacts_and_heads_of_conversations) {
    JsonEvents events;
    const auto out =
        lines(events, Opened{.self = test::self("alice", true),
                             .contacts = {test::contact(1, "bob")},
                             .conversations = {{.peer = test::account(1),
                                                .last = test::incoming(1, "last words", 9),
                                                .unread = 2}}});
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].at("username"), "alice");
    EXPECT_EQ(out[0].at("contacts")[0].at("username"), "bob");
    EXPECT_EQ(out[0].at("conversations")[0].at("peer"), "bob");
    EXPECT_EQ(out[0].at("conversations")[0].at("unread"), 2);
    EXPECT_EQ(out[0].at("conversations")[0].at("last").at("text"), "last words");
}

TEST(JsonEvents, locking_forgets_everybody) {
    JsonEvents events = opened();
    EXPECT_TRUE(events.book().find("bob"));
    EXPECT_EQ(names(events, VaultChanged{.state = VaultState::locked}),
              std::vector<std::string>{"vault"});
    EXPECT_FALSE(events.book().find("bob"));
    EXPECT_FALSE(events.book().self());
}

TEST(JsonEvents, bytes_that_are_no_utf8_do_not_break_the_line) {
    JsonEvents events = opened();
    const auto out = lines(events, MessageAdded{.message = test::incoming(1,
                                                                          "a\xff"
                                                                          "b",
                                                                          4)});
    EXPECT_EQ(out[0].at("text"),
              "a\xef\xbf\xbd"
              "b");
}

// A name may be anybody's: the account says who it is.
TEST(JsonEvents, what_concerns_a_contact_names_the_account) {
    JsonEvents events = opened();
    const std::string bob = crypto::to_hex(test::account(1).view());
    const std::vector<ViewChange> changes{
        MessageAdded{.message = test::incoming(1, "x", 4)},
        MessageStateChanged{.peer = test::account(1),
                            .id = {},
                            .state = DeliveryState::read,
                            .failure = MessageFailure::none},
        ReadUpToChanged{.peer = test::account(1), .row = 4},
        TypingChanged{.peer = test::account(1), .typing = true},
        HistoryPage{.peer = test::account(1), .before_row = 0, .messages = {}, .more = false}};
    for (const ViewChange& change : changes) {
        const auto out = lines(events, change);
        ASSERT_EQ(out.size(), 1U);
        EXPECT_EQ(out[0].at("account"), bob) << out[0];
    }
}

TEST(AddressBook, a_contact_comes_before_a_stranger_of_the_same_name) {
    AddressBook book;
    book.apply(ContactChanged{.contact = test::contact(1, "bob")});
    book.apply(ContactChanged{.contact = test::contact(2, "bob", ContactState::request_received)});
    EXPECT_EQ(book.find("bob"), test::account(1));
    EXPECT_EQ(book.find(crypto::to_hex(test::account(2).view())), test::account(2));
    book.apply(ContactChanged{.contact = test::contact(1, "bob", ContactState::blocked)});
    EXPECT_EQ(book.find("bob"), std::nullopt);  // which of the two is meant?
}

TEST(JsonEvents, an_opened_profile_says_whether_reading_is_told) {
    for (const bool on : {true, false}) {
        JsonEvents events;
        Opened change{.self = test::self("alice", true), .contacts = {}, .conversations = {}};
        change.read_receipts = on;
        EXPECT_EQ(lines(events, change).at(0).at("read_receipts"), on);
    }
}

}  // namespace
}  // namespace sotto::peer::cli
