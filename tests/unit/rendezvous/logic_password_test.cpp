// Another password for an account: docs/protocol.md 2.3. The attacks on it are in tests/attack.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

class password_change : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    crypto::OwnLk fresh = crypto::OwnLk::generate(world.random);
    UserId device = world.join(anna);

    // Whether a password login with this key is let in, over a new connection.
    bool opens(const crypto::OwnLk& key) {
        Person person = anna;
        person.login_key = key;
        const UserId user = world.connect();
        const Reply reply = world.ask(user, world.password_login_of(user, person));
        if (std::holds_alternative<LoggedIn>(reply)) return true;
        EXPECT_EQ(std::get<Error>(reply).code, ErrorCode::bad_credentials);
        return false;
    }
};

TEST_F(password_change, the_new_one_opens_and_the_old_one_does_not) {
    (void)world.ask_for<Ok>(device, world.change_of(device, anna, fresh));
    EXPECT_FALSE(opens(anna.login_key));
    EXPECT_TRUE(opens(fresh));
    EXPECT_EQ(world.logic().counters().password_changes, 1U);
    (void)world.ask_for<Pong>(device, Ping{});  // the device that asked is still logged in
    const UserId again = world.connect();
    world.logged_in(again, world.device_login_of(again, anna));
    world.restart();
    EXPECT_FALSE(opens(anna.login_key));
    EXPECT_TRUE(opens(fresh));
}

TEST_F(password_change, needs_no_session_and_begins_none) {
    const UserId user = world.connect();
    (void)world.ask_for<Ok>(user, world.change_of(user, anna, fresh));
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::unknown_session);
    EXPECT_TRUE(world.pushes<SessionEnded>(device).empty());
}

TEST_F(password_change, ends_what_the_old_one_opened_elsewhere) {
    const UserId thief = world.connect();
    world.logged_in(thief, world.password_login_of(thief, anna));
    const UserId owner = world.connect();
    world.logged_in(owner, world.password_login_of(owner, anna));
    const Person bob = world.person("bob");
    (void)world.join(bob);
    const UserId other = world.connect();
    world.logged_in(other, world.password_login_of(other, bob));
    (void)world.ask_for<Ok>(owner, world.change_of(owner, anna, fresh));
    const auto ended = world.pushes<SessionEnded>(thief);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].reason, SessionEnd::revoked);
    EXPECT_EQ(world.error_of(thief, Ping{}), ErrorCode::unknown_session);
    for (const UserId& user : {owner, device, other})
        (void)world.ask_for<Pong>(user, Ping{});
}

TEST_F(password_change, asked_with_the_new_key_for_both_it_tells_that_it_was_done) {
    Person changed = anna;
    changed.login_key = fresh;
    EXPECT_EQ(world.error_of(device, world.change_of(device, changed, fresh)),
              ErrorCode::bad_credentials)
        << "not yet";
    (void)world.ask_for<Ok>(device, world.change_of(device, anna, fresh));
    (void)world.ask_for<Ok>(device, world.change_of(device, changed, fresh));
    EXPECT_EQ(world.logic().counters().password_changes, 1U);
    EXPECT_TRUE(opens(fresh));
}

TEST_F(password_change, of_two_at_once_one_is_done) {
    const crypto::OwnLk second = crypto::OwnLk::generate(world.random);
    const UserId other = world.connect();
    const ChangePassword one = world.change_of(device, anna, fresh);
    const ChangePassword two = world.change_of(other, anna, second);
    world.hold_store = true;
    (void)world.send(device, one);
    (void)world.send(other, two);
    world.hold_store = false;
    world.feed(Tick{});
    ASSERT_FALSE(world.inbox[device].empty());
    EXPECT_TRUE(std::holds_alternative<Ok>(world.inbox[device].back().reply));
    ASSERT_FALSE(world.inbox[other].empty());
    EXPECT_EQ(std::get<Error>(world.inbox[other].back().reply).code, ErrorCode::bad_credentials);
    EXPECT_TRUE(opens(fresh));
    EXPECT_FALSE(opens(second));
}

TEST_F(password_change, that_the_disk_refuses_leaves_the_old_one) {
    world.store.set_disk_full(true);
    EXPECT_EQ(world.error_of(device, world.change_of(device, anna, fresh)), ErrorCode::disk_full);
    world.store.set_disk_full(false);
    EXPECT_TRUE(opens(anna.login_key));
    EXPECT_FALSE(opens(fresh));
}

// The process dies between the request and the commit: submitted, not collected.
TEST_F(password_change, that_a_crash_swallows_leaves_the_old_one) {
    const ChangePassword request = world.change_of(device, anna, fresh);
    world.hold_store = true;
    (void)world.send(device, request);
    world.restart();
    world.hold_store = false;
    EXPECT_TRUE(opens(anna.login_key));
    EXPECT_FALSE(opens(fresh));
}

TEST_F(password_change, a_key_made_as_another_version_says_is_refused) {
    for (const std::uint16_t version : std::to_array<std::uint16_t>({0, 2, 0xffff})) {
        ChangePassword request = world.change_of(device, anna, fresh);
        request.login_version = version;
        EXPECT_EQ(world.error_of(device, request), ErrorCode::unsupported_version) << version;
    }
    EXPECT_TRUE(opens(anna.login_key));
}

TEST_F(password_change, is_not_for_disabled_members) {
    (void)run<ops::AccountChanged>(world.store, ops::SetDisabled{"anna", true});
    const UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.change_of(user, anna, fresh)), ErrorCode::not_allowed);
    (void)run<ops::AccountChanged>(world.store, ops::SetDisabled{"anna", false});
    EXPECT_TRUE(opens(anna.login_key));
}

}  // namespace
}  // namespace sotto::rendezvous::testing
