// Directory and presence: who sees whom, docs/protocol.md 2.3 and 2.11.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

class presence : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    Person bob = world.person("bob");
    UserId anna_user = world.join(anna);
    UserId bob_user = world.join(bob);

    // "+bob -carl": what was pushed to `user` since the last call.
    std::string seen(const UserId& user) {
        std::string text;
        for (const Presence& push : world.pushes<Presence>(user)) {
            for (const MemberEntry& entry : push.entries) {
                text += (entry.online ? "+" : "-") + entry.username + " ";
            }
        }
        return text;
    }
    void watch_directory(const UserId& user) { (void)world.ask_for<Ok>(user, Watch{true, {}}); }
    void watch(const UserId& user, const Person& whom, std::optional<MailboxToken> token = {}) {
        (void)world.ask_for<Ok>(user, Watch{false, {{whom.account(), token}}});
    }
    void set(const UserId& user, bool listed, Visibility visibility) {
        (void)world.ask_for<Ok>(user, SetListing{listed, visibility});
    }
    bool in_directory(const UserId& user, const char* name) {
        const auto page = world.ask_for<Members>(user, DirectoryPage{name, "", 10});
        return !page.members.empty();
    }
    bool online_in_directory(const UserId& user, const char* name) {
        const auto page = world.ask_for<Members>(user, DirectoryPage{name, "", 10});
        return !page.members.empty() && page.members[0].online;
    }
};

TEST_F(presence, the_directory_shows_members_and_their_dots) {
    EXPECT_TRUE(online_in_directory(anna_user, "bob"));
    const auto found = world.ask_for<Found>(anna_user, LookUp{"bob"});
    EXPECT_EQ(found.member, (MemberEntry{bob.account(), "bob", true}));
    (void)world.ask_for<Ok>(bob_user, Logout{});
    EXPECT_FALSE(online_in_directory(anna_user, "bob"));
    EXPECT_EQ(world.ask_for<Found>(anna_user, LookUp{"bob"}).member.online, false);
    EXPECT_EQ(world.error_of(anna_user, LookUp{"nobody"}), ErrorCode::not_found);
    EXPECT_EQ(world.error_of(anna_user, LookUp{"No Name!"}), ErrorCode::not_found);
    const UserId anonymous = world.connect();
    EXPECT_EQ(world.error_of(anonymous, LookUp{"bob"}), ErrorCode::unknown_session);
    EXPECT_EQ(world.error_of(anonymous, DirectoryPage{"", "", 10}), ErrorCode::unknown_session);
}

TEST_F(presence, who_watches_the_directory_sees_members_come_and_go) {
    watch_directory(anna_user);
    EXPECT_EQ(seen(anna_user), "");
    (void)world.ask_for<Ok>(bob_user, Logout{});
    EXPECT_EQ(seen(anna_user), "-bob ");
    bob_user = world.log_in(bob);
    EXPECT_EQ(seen(anna_user), "+bob ");
    EXPECT_EQ(seen(bob_user), "") << "not about oneself";
    world.log_in(bob);
    EXPECT_EQ(seen(anna_user), "") << "another connection of the same device changes nothing";
}

TEST_F(presence, a_silent_peer_goes_offline_when_its_lease_ends) {
    watch_directory(anna_user);
    world.advance(lease_ms / 2);
    (void)world.ask_for<Pong>(anna_user, Ping{});
    world.advance(lease_ms / 2 + 1);
    EXPECT_EQ(seen(anna_user), "-bob ");
}

TEST_F(presence, watching_accounts_starts_with_who_is_there) {
    watch(anna_user, bob);
    EXPECT_EQ(seen(anna_user), "+bob ");
    watch(anna_user, world.person("carl"));
    (void)world.ask_for<Ok>(bob_user, Logout{});
    EXPECT_EQ(seen(anna_user), "") << "a new list replaces the old one";
}

TEST_F(presence, not_listed_and_not_there_are_one_answer) {
    set(bob_user, false, Visibility::members);
    EXPECT_FALSE(in_directory(anna_user, "bob"));
    EXPECT_EQ(world.ask(anna_user, LookUp{"bob"}), world.ask(anna_user, LookUp{"nobody"}));
}

TEST_F(presence, unlisted_members_are_seen_with_their_token_only) {
    set(bob_user, false, Visibility::members);
    const MailboxToken token = world.give_token(bob_user, 5);
    watch(anna_user, bob);
    EXPECT_EQ(seen(anna_user), "");
    watch(anna_user, bob, id<MailboxToken>(6));
    EXPECT_EQ(seen(anna_user), "");
    watch(anna_user, bob, token);
    EXPECT_EQ(seen(anna_user), "+bob ");
    (void)world.ask_for<Ok>(bob_user, SetMailboxToken{hash_of(id<MailboxToken>(7)), true});
    EXPECT_EQ(seen(anna_user), "-bob ") << "the token was revoked";
    (void)world.ask_for<Ok>(bob_user, Logout{});
    EXPECT_EQ(seen(anna_user), "");
}

TEST_F(presence, visibility_contacts_and_nobody) {
    const MailboxToken token = world.give_token(bob_user, 5);
    watch_directory(anna_user);
    const UserId carl = world.join(world.person("carl"));
    watch(carl, bob, token);
    EXPECT_EQ(seen(carl), "+bob ");
    EXPECT_EQ(seen(anna_user), "+carl ");
    set(bob_user, true, Visibility::contacts);
    EXPECT_EQ(seen(anna_user), "-bob ");
    EXPECT_EQ(seen(carl), "") << "a contact sees no difference";
    EXPECT_TRUE(in_directory(anna_user, "bob"));
    EXPECT_FALSE(online_in_directory(anna_user, "bob"));
    set(bob_user, true, Visibility::nobody);
    EXPECT_EQ(seen(carl), "-bob ");
    (void)world.ask_for<Ok>(bob_user, Logout{});
    bob_user = world.log_in(bob);
    EXPECT_EQ(seen(carl), "");
    set(bob_user, true, Visibility::members);
    EXPECT_EQ(seen(carl), "+bob ");
    EXPECT_EQ(seen(anna_user), "+bob ");
}

TEST_F(presence, two_devices_are_one_person) {
    const auto phone_dsk = crypto::OwnDsk::generate(world.random);
    const crypto::Cert phone = Person::make_cert(world.random, bob.amk, phone_dsk);
    ops::ReplaceDevices add{bob.account(), {}, filled(203, 1), 2};
    add.devices.push_back({bob.device(), bob.dsk.public_key(), to_bytes(bob.cert.encoded())});
    add.devices.push_back({phone.device(), phone_dsk.public_key(), to_bytes(phone.encoded())});
    (void)run<ops::ReplaceDevicesResult>(world.store, add);
    watch_directory(anna_user);
    Person on_phone = bob;
    on_phone.dsk = phone_dsk;
    on_phone.cert = phone;
    const UserId phone_user = world.log_in(on_phone);
    EXPECT_EQ(seen(anna_user), "");
    (void)world.ask_for<Ok>(bob_user, Logout{});
    EXPECT_EQ(seen(anna_user), "");
    (void)world.ask_for<Ok>(phone_user, Logout{});
    EXPECT_EQ(seen(anna_user), "-bob ");
}

// With many watchers, changes wait for the next tick and come in one frame; what only contacts may
// see never gets into that frame.
TEST_F(presence, large_directories_are_told_in_batches) {
    const MailboxToken token = world.give_token(bob_user, 5);
    std::vector<UserId> crowd;
    for (int i = 0; i < 70; ++i) {
        crowd.push_back(world.join(world.person("crowd" + std::to_string(i))));
        watch_directory(crowd.back());
    }
    world.feed(Tick{});
    for (const UserId& user : crowd)
        (void)seen(user);
    (void)world.ask_for<Ok>(anna_user, Logout{});
    EXPECT_EQ(seen(crowd[0]), "");
    world.feed(Tick{});
    EXPECT_EQ(seen(crowd[0]), "-anna ");
    EXPECT_EQ(seen(crowd[69]), "-anna ");

    set(bob_user, false, Visibility::contacts);
    (void)world.ask_for<Ok>(crowd[0], Watch{true, {{bob.account(), token}}});
    world.feed(Tick{});
    for (const UserId& user : crowd)
        (void)seen(user);
    (void)world.ask_for<Ok>(bob_user, Logout{});
    bob_user = world.log_in(bob);
    world.feed(Tick{});
    EXPECT_EQ(seen(crowd[0]), "-bob +bob ");
    EXPECT_EQ(seen(crowd[1]), "");
}

// What all members may know, gathered, must not contradict what a contact knows better.
TEST_F(presence, a_large_directory_tells_token_holders_and_oneself_nothing_wrong) {
    const MailboxToken token = world.give_token(bob_user, 5);
    std::vector<UserId> crowd;
    for (int i = 0; i < 70; ++i) {
        crowd.push_back(world.join(world.person("crowd" + std::to_string(i))));
        watch_directory(crowd.back());
    }
    (void)world.ask_for<Ok>(crowd[0], Watch{true, {{bob.account(), token}}});
    watch_directory(bob_user);
    world.feed(Tick{});
    for (const UserId& user : crowd)
        (void)seen(user);
    (void)seen(bob_user);
    set(bob_user, true, Visibility::contacts);
    world.feed(Tick{});
    EXPECT_EQ(seen(crowd[0]), "") << "bob is still there for who holds his token";
    EXPECT_EQ(seen(crowd[1]), "-bob ");
    set(bob_user, true, Visibility::members);
    world.feed(Tick{});
    EXPECT_EQ(seen(crowd[1]), "+bob ");
    EXPECT_EQ(seen(bob_user), "") << "nobody is told about himself";
    // Gone and back within one gathering: one word, and the last one.
    (void)world.ask_for<Ok>(anna_user, Logout{});
    anna_user = world.log_in(anna);
    watch_directory(anna_user);
    (void)seen(anna_user);
    world.feed(Tick{});
    EXPECT_EQ(seen(crowd[1]), "+anna ");
    EXPECT_EQ(seen(anna_user), "");
}

TEST_F(presence, everybody_may_ask_where_he_comes_from) {
    EXPECT_EQ(world.ask_for<Observed>(world.connect(), Observe{}).endpoint, "192.0.2.7:40000");
    EXPECT_EQ(world.ask_for<Observed>(anna_user, Observe{}).endpoint, "192.0.2.7:40000");
}

// --- limits and hostile bytes ------------------------------------------------------------------

TEST_F(presence, look_ups_are_limited_and_the_answer_says_for_how_long) {
    int found = 0;
    Error refused;
    for (int i = 0; i < 200; ++i) {
        const Reply reply = world.ask(anna_user, LookUp{"bob"});
        if (std::holds_alternative<Found>(reply)) {
            ++found;
        } else {
            refused = std::get<Error>(reply);
        }
    }
    EXPECT_EQ(found, 100);
    EXPECT_EQ(refused.code, ErrorCode::rate_limited);
    EXPECT_GT(refused.retry_after_ms, 0U);
    EXPECT_LE(refused.retry_after_ms, 100U);
    world.advance(refused.retry_after_ms);
    (void)world.ask_for<Found>(anna_user, LookUp{"bob"});
}

TEST_F(presence, registrations_are_limited_by_address_prefix_not_by_connection_alone) {
    const AddressPrefix prefix{192, 0, 2};
    int registered = 0;
    for (int i = 0; i < 100; ++i) {
        const UserId user = world.connect(prefix);
        const Reply reply =
            world.ask(user, world.register_of(user, world.person("new" + std::to_string(i))));
        registered += std::holds_alternative<LoggedIn>(reply) ? 1 : 0;
    }
    EXPECT_EQ(registered, 60);
    const UserId elsewhere = world.connect(AddressPrefix{198, 51, 100});
    world.logged_in(elsewhere, world.register_of(elsewhere, world.person("elsewhere")));
}

TEST_F(presence, garbage_is_answered_and_moves_nothing) {
    const auto last = [this] {
        const auto& frame = world.inbox[anna_user].back();
        return std::pair{frame.id, std::get<Error>(frame.reply).code};
    };
    world.send_bytes(anna_user, {});
    EXPECT_EQ(last(), std::pair(RequestId{0}, ErrorCode::bad_request));
    world.send_bytes(anna_user, filled(1000, 0xff));
    EXPECT_EQ(last(), std::pair(RequestId{0}, ErrorCode::bad_request));
    Bytes truncated = encode(RequestFrame{77, LookUp{"bob"}});
    truncated.pop_back();
    world.send_bytes(anna_user, truncated);
    EXPECT_EQ(last(), std::pair(RequestId{77}, ErrorCode::bad_request));
    Bytes newer = encode(RequestFrame{78, Ping{}});
    newer[1] = protocol_version + 1;
    world.send_bytes(anna_user, newer);
    EXPECT_EQ(last().second, ErrorCode::unsupported_version);
    world.send_bytes(anna_user, filled(max_frame_bytes + 1, 0x91));
    EXPECT_EQ(last().second, ErrorCode::too_large);
    (void)world.ask_for<Pong>(anna_user, Ping{});
}

// A flood of frames is refused frame by frame, without work at the store.
TEST_F(presence, floods_are_refused) {
    int pongs = 0;
    for (int i = 0; i < 6000; ++i) {
        pongs += std::holds_alternative<Pong>(world.ask(anna_user, Ping{})) ? 1 : 0;
    }
    EXPECT_LE(pongs, 4000);
    (void)world.ask_for<Pong>(bob_user, Ping{});
}

// --- several nodes -----------------------------------------------------------------------------

// Two nodes on one store, with the bus' hint carried between them: nothing in the logic changes.
TEST(nodes, a_hint_makes_the_other_node_look) {
    World here;
    const Person anna = here.person("anna");
    const Person bob = here.person("bob");
    const UserId anna_user = here.join(anna);
    const UserId bob_user = here.join(bob);
    const MailboxToken token = here.give_token(bob_user, 5);
    (void)here.ask_for<Ok>(bob_user, Logout{});
    (void)here.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    ASSERT_EQ(here.hints.size(), 1U) << "not online here: perhaps on another node";
    EXPECT_EQ(here.hints[0].address, bob.address());

    const UserId again = here.log_in(bob);
    EXPECT_EQ(here.pushes<Mail>(again).size(), 1U);
    // As if another node had stored it.
    ops::PutMail stored = put_mail(1, 9);
    stored.to = bob.address();
    (void)run<ops::PutMailResult>(here.store, stored);
    EXPECT_TRUE(here.pushes<Mail>(again).empty());
    here.feed(MailHint{bob.address()});
    EXPECT_EQ(here.pushes<Mail>(again).size(), 1U) << "only what is not in flight already";
    here.feed(MailHint{bob.address()});
    here.feed(MailHint{anna.address()});
    EXPECT_TRUE(here.pushes<Mail>(again).empty()) << "hints may be doubled or wrong";
}

}  // namespace
}  // namespace sotto::rendezvous::testing
