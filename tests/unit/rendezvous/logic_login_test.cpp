// Registration, logins, sessions: docs/protocol.md 2.3 and the attacks of section 3.28-3.32.
#include "logic_world.hpp"
#include "rendezvous/protocol_work.hpp"

namespace sotto::rendezvous::testing {
namespace {

constexpr auto login = crypto::LoginPurpose::login;

TEST(registration, creates_an_account_and_logs_its_device_in) {
    World world;
    const Person anna = world.person("anna");
    const UserId user = world.connect();
    const LoggedIn in = world.logged_in(user, world.register_of(user, anna));
    EXPECT_EQ(in.kind, SessionKind::device);
    EXPECT_EQ(in.account, anna.account());
    EXPECT_EQ(in.username, "anna");
    EXPECT_EQ(in.observed, "192.0.2.7:40000");
    EXPECT_EQ(in.server_time_ms, start_ms);
    EXPECT_FALSE(in.has_mailbox_token);
    EXPECT_EQ(world.ask_for<Pong>(user, Ping{}).server_time_ms, start_ms);
    EXPECT_EQ(world.logic().online_count(), 1U);
}

TEST(registration, may_be_repeated_by_the_same_person_only) {
    World world;
    const Person anna = world.person("anna");
    world.join(anna);
    world.join(anna);  // crashed before it noted the first one
    const Person thief = world.person("anna");
    UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.register_of(user, thief)), ErrorCode::name_taken);
    Person renamed = anna;
    renamed.username = "anna2";
    user = world.connect();
    EXPECT_EQ(world.error_of(user, world.register_of(user, renamed)), ErrorCode::not_allowed);
}

TEST(registration, checks_the_name_and_what_is_signed) {
    World world;
    Person anna = world.person("An na");
    UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.register_of(user, anna)), ErrorCode::name_invalid);
    anna.username = "anna";
    const Person other = world.person("other");

    user = world.connect();
    Register request = world.register_of(user, anna);
    request.cert = to_bytes(other.cert.encoded());
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_request) << "not in the list";
    user = world.connect();
    request = world.register_of(user, anna);
    request.device_list = to_bytes(other.list.encoded());
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_request);
    user = world.connect();
    request = world.register_of(user, anna);
    request.cert.back() ^= 1U;
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_request);
    user = world.connect();
    request = world.register_of(user, anna);
    request.login_key = other.login_key.public_key();
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_credentials);
    user = world.connect();
    request = world.register_of(user, anna);
    request.device_signature = request.login_signature;
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_credentials);
    EXPECT_EQ(world.logic().online_count(), 0U);
    user = world.connect();
    world.logged_in(user, world.register_of(user, anna));
}

TEST(registration, needs_an_invite_where_the_community_says_so) {
    Settings settings = World::open_settings();
    settings.community = Community::invite;
    World world(settings);
    const Person anna = world.person("anna");
    UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.register_of(user, anna)), ErrorCode::invite_needed);
    const auto token = id<InviteToken>(9);
    run<ops::Done>(
        world.store,
        ops::AddInvite{ops::InviteHash(crypto::hash(crypto::label::invite_token, {token.view()})),
                       1, start_ms + hour_ms});
    user = world.connect();
    Register request = world.register_of(user, anna);
    request.invite_token = id<InviteToken>(8);
    EXPECT_EQ(world.error_of(user, request), ErrorCode::invite_needed);
    user = world.connect();
    request = world.register_of(user, anna);
    request.invite_token = token;
    world.logged_in(user, request);
}

TEST(registration, asks_for_work_where_it_is_open) {
    Settings settings = World::open_settings();
    settings.registration_work_bits = 8;
    World world(settings);
    const Person anna = world.person("anna");
    UserId user = world.connect();
    Register request = world.register_of(user, anna);
    // 8 bits: one number in 256 is enough by chance, so look for one that surely is not.
    while (work_is_enough(request.proof.mac, request.work, 8))
        ++request.work;
    EXPECT_EQ(world.error_of(user, request), ErrorCode::unsupported_version);
    user = world.connect();
    request = world.register_of(user, anna);
    request.work = find_work(request.proof.mac, 0, 1'000'000, 8).value();
    world.logged_in(user, request);
    // The same work for another challenge is chance; logins need none.
    world.logged_in(user, world.device_login_of(user, anna));

    settings.community = Community::invite;
    World closed(settings);
    user = closed.connect();
    EXPECT_EQ(closed.error_of(user, closed.register_of(user, anna)), ErrorCode::invite_needed);
}

TEST(registration, work_is_found_and_checked) {
    const Bytes32 mac{7};
    EXPECT_TRUE(work_is_enough(mac, 0, 0));
    const auto found = find_work(mac, 0, 1'000'000, 12);
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(work_is_enough(mac, *found, 12));
    EXPECT_FALSE(find_work(mac, 0, *found, 12).has_value()) << "it is the first";
    EXPECT_EQ(find_work(mac, *found, 1, 12), found);
    const Bytes32 other{8};
    EXPECT_FALSE(work_is_enough(other, *found, 12));
    EXPECT_FALSE(find_work(mac, ~std::uint64_t{0}, 1, 255).has_value()) << "ends at the end";
}

TEST(disabled, members_end_and_cannot_come_back) {
    World world;
    const Person anna = world.person("anna");
    const UserId user = world.join(anna);
    (void)run<ops::AccountChanged>(world.store, ops::SetDisabled{"anna", true});
    world.feed(AccountClosed{anna.account()});
    const auto ended = world.pushes<SessionEnded>(user);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].reason, SessionEnd::revoked);
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::unknown_session);
    EXPECT_EQ(world.error_of(user, world.device_login_of(user, anna)), ErrorCode::not_allowed);
    EXPECT_EQ(world.logic().online_count(), 0U);
    (void)run<ops::AccountChanged>(world.store, ops::SetDisabled{"anna", false});
    world.logged_in(user, world.device_login_of(user, anna));
}

TEST(settings, change_while_it_runs) {
    Settings settings = World::open_settings();
    World world(settings);
    const Person anna = world.person("anna");
    const UserId member = world.join(anna);
    settings.community = Community::invite;
    world.logic().set_settings(settings);
    const Person bob = world.person("bob");
    const UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.register_of(user, bob)), ErrorCode::invite_needed);
    (void)world.ask_for<Pong>(member, Ping{});
}

TEST(stopping, everything_is_answered_busy) {
    World world;
    const UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::unknown_session);
    world.feed(Stopping{});
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::busy);
}

TEST(device_login, works_and_is_told_what_waits) {
    World world;
    const Person anna = world.person("anna");
    const UserId first = world.join(anna);
    world.give_token(first, 5);
    (void)world.ask_for<Ok>(first, PublishPrekeys{filled(287, 1), {{1, filled(166, 1)}}});
    const UserId second = world.connect();
    const LoggedIn in = world.logged_in(second, world.device_login_of(second, anna));
    EXPECT_TRUE(in.has_mailbox_token);
    EXPECT_EQ(in.one_time_left, 1);
    EXPECT_EQ(in.mail_waiting, 0);
    const auto ended = world.pushes<SessionEnded>(first);
    ASSERT_EQ(ended.size(), 1U) << "the newest connection of a device wins";
    EXPECT_EQ(ended[0].reason, SessionEnd::replaced);
    EXPECT_EQ(world.error_of(first, Ping{}), ErrorCode::unknown_session);
    EXPECT_EQ(world.logic().online_count(), 1U);
}

TEST(device_login, unknown_devices_and_wrong_keys_get_the_same_answer) {
    World world;
    const Person anna = world.person("anna");
    const Person stranger = world.person("stranger");
    world.join(anna);
    UserId user = world.connect();
    EXPECT_EQ(world.error_of(user, world.device_login_of(user, stranger)),
              ErrorCode::bad_credentials);
    LoginDevice wrong = world.device_login_of(user, anna);
    const auto c = world.challenge(user, login, anna.subject());
    wrong.proof = c.proof;
    wrong.signature = crypto::sign_device_login(stranger.dsk, c.context, anna.subject());
    EXPECT_EQ(world.error_of(user, wrong), ErrorCode::bad_credentials);
    LoginDevice other_device = world.device_login_of(user, anna);
    other_device.device = stranger.device();
    EXPECT_EQ(world.error_of(user, other_device), ErrorCode::bad_credentials);
}

// Attack 28: the same frame again, on the same or another connection, later, or for another use.
TEST(device_login, a_signature_works_once_here_and_now) {
    World world;
    const Person anna = world.person("anna");
    world.join(anna);
    const UserId user = world.connect();
    const LoginDevice request = world.device_login_of(user, anna);
    const UserId eve = world.connect();
    EXPECT_EQ(world.error_of(eve, request), ErrorCode::bad_credentials) << "another connection";
    world.logged_in(user, request);
    EXPECT_EQ(world.error_of(user, request), ErrorCode::bad_credentials) << "again";

    const LoginDevice late = world.device_login_of(user, anna);
    world.advance(crypto::challenge_lifetime_ms + 1);
    EXPECT_EQ(world.error_of(user, late), ErrorCode::bad_credentials) << "too old";

    LoginDevice forged = world.device_login_of(user, anna);
    forged.proof.mac[0] ^= 1U;
    EXPECT_EQ(world.error_of(user, forged), ErrorCode::bad_credentials);
    forged = world.device_login_of(user, anna);
    forged.proof.ts_ms += 1;
    EXPECT_EQ(world.error_of(user, forged), ErrorCode::bad_credentials);

    // Signed for another server: the transcript names the server's key.
    const auto c = world.challenge(user, login, anna.subject());
    auto elsewhere = c.context;
    elsewhere.server = crypto::OwnCurve::generate(world.random).public_key();
    EXPECT_EQ(world.error_of(user, LoginDevice{anna.account(), anna.device(), c.proof,
                                               crypto::sign_device_login(anna.dsk, elsewhere,
                                                                         anna.subject())}),
              ErrorCode::bad_credentials);
}

TEST(device_login, a_challenge_is_for_its_subject_and_purpose) {
    World world;
    const Person anna = world.person("anna");
    const Person bob = world.person("bob");
    world.join(anna);
    world.join(bob);
    const UserId user = world.connect();
    const auto for_bob = world.challenge(user, login, bob.subject());
    EXPECT_EQ(world.error_of(user, LoginDevice{anna.account(), anna.device(), for_bob.proof,
                                               crypto::sign_device_login(anna.dsk, for_bob.context,
                                                                         anna.subject())}),
              ErrorCode::bad_credentials);
    const auto to_register =
        world.challenge(user, crypto::LoginPurpose::register_account, anna.subject());
    EXPECT_EQ(world.error_of(user, LoginDevice{anna.account(), anna.device(), to_register.proof,
                                               crypto::sign_device_login(
                                                   anna.dsk, to_register.context, anna.subject())}),
              ErrorCode::bad_credentials);
}

TEST(device_login, challenges_survive_the_hourly_change_of_their_key) {
    World world;
    const Person anna = world.person("anna");
    world.join(anna);
    world.advance(hour_ms - 10'000 - world.now.mono_ms % hour_ms);
    const UserId user = world.connect();
    const LoginDevice before = world.device_login_of(user, anna);
    world.advance(15'000);
    const UserId other = world.connect();
    const LoginDevice after = world.device_login_of(other, anna);  // with the new key
    world.logged_in(user, before);
    world.logged_in(other, after);
}

TEST(password_login, opens_a_session_that_can_do_next_to_nothing) {
    World world;
    const Person anna = world.person("anna");
    world.join(anna);
    const UserId user = world.connect();
    const LoggedIn in = world.logged_in(user, world.password_login_of(user, anna));
    EXPECT_EQ(in.kind, SessionKind::password_only);
    EXPECT_EQ(in.account, anna.account());
    // Attack 32.
    const std::vector<Request> forbidden{
        PublishPrekeys{filled(10, 1), {}},
        PublishDeviceList{{to_bytes(anna.cert.encoded())}, to_bytes(anna.list.encoded())},
        AckMail{{1}},
        SetMailboxToken{id<MailboxTokenHash>(1), false},
        SetListing{false, Visibility::nobody},
        Watch{true, {}},
        LookUp{"anna"},
        DirectoryPage{"", "", 10},
        FetchBundle{anna.account(), false, std::nullopt}};
    for (const Request& request : forbidden) {
        EXPECT_EQ(world.error_of(user, request), ErrorCode::not_allowed) << request.index();
    }
}

TEST(password_login, check_only_proves_and_changes_nothing) {
    World world;
    const Person anna = world.person("anna");
    const UserId user = world.join(anna);
    LoginPassword check = world.password_login_of(user, anna);
    check.check_only = true;
    (void)world.ask_for<Ok>(user, check);
    EXPECT_EQ(world.error_of(user, check), ErrorCode::bad_credentials) << "once";
    (void)world.ask_for<Pong>(user, Ping{});
    LoginPassword wrong = world.password_login_of(user, anna);
    wrong.check_only = true;
    wrong.signature = crypto::Signature(crypto::ByteArray<64>{});
    EXPECT_EQ(world.error_of(user, wrong), ErrorCode::bad_credentials);
    (void)world.ask_for<Pong>(user, Ping{});
}

// Attack 29: one answer for wrong password and unknown name, and one for any challenge.
TEST(password_login, tells_nothing_about_who_exists) {
    World world;
    const Person anna = world.person("anna");
    const Person nobody = world.person("nobody");
    world.join(anna);
    const UserId user = world.connect();
    LoginPassword wrong = world.password_login_of(user, anna);
    const auto c = world.challenge(user, login, anna.username);
    wrong.proof = c.proof;
    wrong.signature = crypto::sign_password_login(nobody.login_key, c.context, anna.username);
    const Reply known = world.ask(user, wrong);
    const Reply unknown = world.ask(user, world.password_login_of(user, nobody));
    EXPECT_EQ(known, unknown);
    EXPECT_EQ(std::get<Error>(known), (Error{ErrorCode::bad_credentials, 0}));
    const Reply for_known = world.ask(user, ChallengeRequest{login, "anna", Bytes32{}});
    const Reply for_unknown = world.ask(user, ChallengeRequest{login, "nobody", Bytes32{}});
    EXPECT_EQ(encode(ReplyFrame{1, for_known}).size(), encode(ReplyFrame{1, for_unknown}).size());
}

// Attack 30: guessing is slowed down per name, and the owner's device still gets in.
TEST(password_login, backs_off_per_name_and_never_locks_a_device_out) {
    World world;
    const Person anna = world.person("anna");
    world.join(anna);
    const auto guess = [&world, &anna] {
        const UserId user = world.connect();
        LoginPassword wrong = world.password_login_of(user, anna);
        wrong.signature = crypto::Signature(crypto::ByteArray<64>{});
        return world.ask_for<Error>(user, wrong);
    };
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(guess().code, ErrorCode::bad_credentials);
    Error blocked = guess();
    EXPECT_EQ(blocked.code, ErrorCode::rate_limited);
    EXPECT_EQ(blocked.retry_after_ms, 1000U);
    UserId user = world.connect();
    EXPECT_EQ(world.ask_for<Error>(user, world.password_login_of(user, anna)).code,
              ErrorCode::rate_limited)
        << "the right password has to wait too";
    world.logged_in(user, world.device_login_of(user, anna));

    std::uint64_t wait = 1000;
    for (int i = 0; i < 14; ++i) {
        world.advance(wait);
        EXPECT_EQ(guess().code, ErrorCode::bad_credentials);
        blocked = guess();
        EXPECT_EQ(blocked.code, ErrorCode::rate_limited);
        wait = blocked.retry_after_ms;
    }
    EXPECT_EQ(wait, 15ULL * 60 * 1000) << "and never longer than this";
    world.advance(wait);
    user = world.connect();
    world.logged_in(user, world.password_login_of(user, anna));
    EXPECT_EQ(guess().code, ErrorCode::bad_credentials) << "success starts over";
}

TEST(sessions, end_with_logout_with_the_connection_and_with_silence) {
    World world;
    const Person anna = world.person("anna");
    UserId user = world.join(anna);
    (void)world.ask_for<Ok>(user, Logout{});
    EXPECT_EQ(world.logic().online_count(), 0U);
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::unknown_session);

    user = world.log_in(anna);
    world.feed(ClientGone{user});
    EXPECT_EQ(world.logic().online_count(), 0U);

    user = world.log_in(anna);
    for (int i = 0; i < 5; ++i) {
        world.advance(ping_interval_ms);
        (void)world.ask_for<Pong>(user, Ping{});
    }
    world.advance(lease_ms - 1);
    EXPECT_EQ(world.logic().online_count(), 1U);
    world.advance(1);
    EXPECT_EQ(world.logic().online_count(), 0U);
    EXPECT_TRUE(world.kicked.contains(user));
    EXPECT_EQ(world.logic().client_count(), 0U) << "the idle connections too";
}

TEST(sessions, a_restarted_server_knows_nobody_and_keeps_everything_else) {
    World world;
    const Person anna = world.person("anna");
    const UserId user = world.join(anna);
    world.restart();
    EXPECT_EQ(world.error_of(user, Ping{}), ErrorCode::unknown_session);
    EXPECT_EQ(world.error_of(user, LookUp{"anna"}), ErrorCode::unknown_session);
    world.logged_in(user, world.device_login_of(user, anna));
}

TEST(sessions, one_connection_one_session) {
    World world;
    const Person anna = world.person("anna");
    const Person bob = world.person("bob");
    world.join(bob);
    const UserId user = world.join(anna);
    world.logged_in(user, world.device_login_of(user, bob));
    EXPECT_EQ(world.logic().online_count(), 1U) << "anna is offline, bob moved here";
    world.logged_in(user, world.password_login_of(user, bob));
    EXPECT_EQ(world.logic().online_count(), 0U);
}

TEST(device_list, a_new_list_adds_and_removes_devices) {
    World world;
    const Person anna = world.person("anna");
    const UserId user = world.join(anna);
    const auto phone_dsk = crypto::OwnDsk::generate(world.random);
    const crypto::Cert phone = Person::make_cert(world.random, anna.amk, phone_dsk);
    const auto both = crypto::DevList::successor(
        anna.amk, anna.list,
        {{anna.cert.device(), anna.cert.hash(), true}, {phone.device(), phone.hash(), false}},
        start_ms);
    std::vector<Bytes> certs;
    for (const crypto::DevListEntry& entry : both.entries()) {
        const auto& cert = entry.device == phone.device() ? phone : anna.cert;
        certs.push_back(to_bytes(cert.encoded()));
    }
    const PublishDeviceList publish{certs, to_bytes(both.encoded())};
    PublishDeviceList swapped = publish;
    std::swap(swapped.certs[0], swapped.certs[1]);
    EXPECT_EQ(world.error_of(user, swapped), ErrorCode::bad_request);
    PublishDeviceList short_of_one = publish;
    short_of_one.certs.pop_back();
    EXPECT_EQ(world.error_of(user, short_of_one), ErrorCode::bad_request);
    (void)world.ask_for<Ok>(user, publish);
    EXPECT_EQ(world.error_of(user, publish), ErrorCode::not_allowed) << "the number must grow";

    Person on_phone = anna;
    on_phone.dsk = phone_dsk;
    on_phone.cert = phone;
    const UserId phone_user = world.log_in(on_phone);
    EXPECT_EQ(world.ask_for<Bundle>(phone_user, FetchBundle{anna.account(), false, std::nullopt})
                  .devices.size(),
              2U);
    const auto only_first = crypto::DevList::successor(
        anna.amk, both, {{anna.cert.device(), anna.cert.hash(), true}}, start_ms);
    (void)world.ask_for<Ok>(
        user, PublishDeviceList{{to_bytes(anna.cert.encoded())}, to_bytes(only_first.encoded())});
    const auto ended = world.pushes<SessionEnded>(phone_user);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].reason, SessionEnd::revoked);
    EXPECT_EQ(world.error_of(phone_user, world.device_login_of(phone_user, on_phone)),
              ErrorCode::bad_credentials);
    const Person mallory = world.person("mallory");
    const UserId mallory_user = world.join(mallory);
    EXPECT_EQ(world.error_of(mallory_user, publish), ErrorCode::bad_request)
        << "somebody else's list";
}

TEST(password_backoff, names_nobody_has_do_not_push_a_guessed_one_out) {
    PasswordBackoff backoff;
    for (int i = 0; i < 10'000; ++i)
        (void)backoff.refuse("z" + std::to_string(i), 1);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(backoff.refuse("alice", 1), 0U);
    for (int i = 0; i < 10'000; ++i) {
        (void)backoff.refuse("y" + std::to_string(i), 1);
        ASSERT_GT(backoff.refuse("alice", 1), 0U) << "after " << i << " other names";
    }
    EXPECT_LE(backoff.size(), 10'000U);
    backoff.succeeded("alice");
    EXPECT_EQ(backoff.refuse("alice", 1), 0U);
}

TEST(password_backoff, a_table_of_blocked_names_makes_new_ones_wait) {
    PasswordBackoff backoff;
    for (int i = 0; i < 10'000; ++i) {
        for (int guess = 0; guess < 5; ++guess)
            (void)backoff.refuse("z" + std::to_string(i), 1);
    }
    EXPECT_GT(backoff.refuse("alice", 1), 0U);
    backoff.tidy(24ULL * 3600 * 1000);
    EXPECT_EQ(backoff.refuse("alice", 24ULL * 3600 * 1000), 0U);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
