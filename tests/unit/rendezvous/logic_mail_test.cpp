// Mail through the logic: put, relay, keep, push in order, acknowledge.
#include "logic_world.hpp"

namespace sotto::rendezvous::testing {
namespace {

// Anna writes, bob receives; bob's mailbox token is known to anna.
class mail : public ::testing::Test {
protected:
    World world;
    Person anna = world.person("anna");
    Person bob = world.person("bob");
    UserId anna_user = world.join(anna);
    UserId bob_user = world.join(bob);
    MailboxToken token = world.give_token(bob_user, 5);

    std::vector<std::uint8_t> received(const UserId& user) {
        std::vector<std::uint8_t> first_bytes;
        for (const Mail& each : world.pushes<Mail>(user)) {
            rows.push_back(each.row);
            first_bytes.push_back(each.item.front());
        }
        return first_bytes;
    }
    std::vector<std::uint64_t> rows;  // of everything received
};
using Bytes1 = std::vector<std::uint8_t>;

TEST_F(mail, reaches_who_is_online_at_once_and_stays_until_acknowledged) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    EXPECT_EQ(received(bob_user), Bytes1{1});
    ASSERT_NE(rows.at(0), 0U);
    const UserId again = world.log_in(bob);
    EXPECT_EQ(received(again), Bytes1{1}) << "not acknowledged: pushed again";
    (void)world.ask_for<Ok>(again, AckMail{{rows.at(0)}});
    const UserId third = world.log_in(bob);
    EXPECT_TRUE(received(third).empty());
}

TEST_F(mail, waits_for_who_is_offline_in_order) {
    (void)world.ask_for<Ok>(bob_user, Logout{});
    for (std::uint8_t i = 1; i <= 5; ++i) {
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i));
    }
    const UserId user = world.connect();
    EXPECT_EQ(world.logged_in(user, world.device_login_of(user, bob)).mail_waiting, 5);
    EXPECT_EQ(received(user), (Bytes1{1, 2, 3, 4, 5}));
}

TEST_F(mail, is_accepted_only_after_the_commit) {
    world.hold_store = true;
    const RequestId id = world.send(anna_user, mail_to(bob, token, 1));
    EXPECT_TRUE(world.inbox[anna_user].empty());
    EXPECT_TRUE(received(bob_user).empty()) << "nor relayed before it is safe";
    world.hold_store = false;
    world.feed(Tick{});
    ASSERT_EQ(world.inbox[anna_user].size(), 1U);
    EXPECT_EQ(world.inbox[anna_user][0], (ReplyFrame{id, Accepted{}}));
    EXPECT_EQ(received(bob_user), Bytes1{1});
}

TEST_F(mail, survives_a_crash_exactly_if_it_was_accepted) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    world.hold_store = true;
    world.send(anna_user, mail_to(bob, token, 2));
    world.restart();
    world.hold_store = false;
    const UserId user = world.log_in(bob);
    EXPECT_EQ(received(user), Bytes1{1});
    anna_user = world.log_in(anna);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 2));
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    EXPECT_EQ(received(user), Bytes1{2}) << "the first one is there already";
}

TEST_F(mail, goes_over_an_anonymous_connection_with_the_token) {
    const UserId anonymous = world.connect();
    (void)world.ask_for<Accepted>(anonymous, mail_to(bob, token, 1));
    EXPECT_EQ(received(bob_user), Bytes1{1});
    EXPECT_EQ(world.error_of(anonymous, mail_to(bob, id<MailboxToken>(6), 2)),
              ErrorCode::not_allowed);
    const Person nobody = world.person("nobody");
    EXPECT_EQ(world.error_of(anonymous, mail_to(nobody, token, 2)), ErrorCode::not_allowed)
        << "an unknown account looks like a wrong token";
    PutMail wrong_device = mail_to(bob, token, 2);
    wrong_device.device = nobody.device();
    EXPECT_EQ(world.error_of(anonymous, wrong_device), ErrorCode::not_found);
    for (const auto authority : {PutAuthority::request, PutAuthority::own_device}) {
        PutMail needs_login = mail_to(bob, token, 3);
        needs_login.authority = authority;
        needs_login.token.reset();
        EXPECT_EQ(world.error_of(anonymous, needs_login), ErrorCode::unknown_session);
    }
}

// Attack 34.
TEST_F(mail, old_tokens_end_and_blocked_ones_end_at_once) {
    const MailboxToken second = world.give_token(bob_user, 6);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, second, 2));
    const auto third = id<MailboxToken>(7);
    (void)world.ask_for<Ok>(bob_user, SetMailboxToken{hash_of(third), true});
    EXPECT_EQ(world.error_of(anna_user, mail_to(bob, second, 3)), ErrorCode::not_allowed);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, third, 4));
}

TEST_F(mail, relayed_only_is_small) {
    PutMail typing = mail_to(bob, token, 1);
    typing.stored = false;
    typing.item = filled(max_relayed_item_bytes, 1);
    (void)world.ask_for<Accepted>(anna_user, typing);
    typing.item = filled(max_relayed_item_bytes + 1, 1);
    EXPECT_EQ(world.error_of(anna_user, typing), ErrorCode::too_large);
}

TEST_F(mail, relayed_only_reaches_the_online_and_tells_nothing) {
    PutMail typing = mail_to(bob, token, 1);
    typing.stored = false;
    (void)world.ask_for<Accepted>(anna_user, typing);
    const auto pushed = world.pushes<Mail>(bob_user);
    ASSERT_EQ(pushed.size(), 1U);
    EXPECT_EQ(pushed[0].row, 0U) << "nothing to acknowledge";
    typing.token = id<MailboxToken>(9);
    (void)world.ask_for<Accepted>(anna_user, typing);
    EXPECT_TRUE(world.pushes<Mail>(bob_user).empty()) << "a wrong token relays nothing";
    (void)world.ask_for<Ok>(bob_user, Logout{});
    typing.token = token;
    const Reply offline = world.ask(anna_user, typing);
    typing.account = world.person("nobody").account();
    EXPECT_EQ(offline, world.ask(anna_user, typing));
    EXPECT_EQ(offline, Reply(Accepted{}));
    bob_user = world.log_in(bob);
    EXPECT_TRUE(world.pushes<Mail>(bob_user).empty()) << "and is not kept";
}

TEST_F(mail, contact_requests_need_a_session_and_are_few_and_small) {
    const auto request = [this](std::uint8_t envelope) {
        PutMail put = mail_to(bob, token, envelope);
        put.authority = PutAuthority::request;
        put.token.reset();
        return put;
    };
    (void)world.ask_for<Accepted>(anna_user, request(1));
    EXPECT_EQ(received(bob_user), Bytes1{1});
    (void)world.ask_for<Accepted>(anna_user, request(1));
    EXPECT_TRUE(received(bob_user).empty()) << "a retry is no second request";
    (void)world.ask_for<Accepted>(anna_user, request(2));
    EXPECT_TRUE(received(bob_user).empty()) << "a second one is swallowed, and nobody says so";
    world.advance(25ULL * 3600 * 1000);
    bob_user = world.log_in(bob);
    anna_user = world.log_in(anna);
    EXPECT_EQ(received(bob_user), Bytes1{1}) << "it still waits";
    (void)world.ask_for<Accepted>(anna_user, request(7));
    EXPECT_TRUE(received(bob_user).empty());
    PutMail large = request(3);
    large.item = filled(max_request_item_bytes + 1, 3);
    EXPECT_EQ(world.error_of(anna_user, large), ErrorCode::too_large);
    PutMail relayed = request(4);
    relayed.stored = false;
    EXPECT_EQ(world.error_of(anna_user, relayed), ErrorCode::not_allowed)
        << "no typing notices from strangers";
    const Person nobody = world.person("nobody");
    PutMail lost = request(5);
    lost.account = nobody.account();
    (void)world.ask_for<Accepted>(anna_user, lost);
    EXPECT_EQ(world.logic().counters().requests_swallowed, 3U);
}

// Twenty a day; the one refused says for how long, and the same whoever it is for.
TEST_F(mail, contact_requests_of_a_day_run_out_for_everybody_alike) {
    const Person nobody = world.person("nobody");
    const auto request = [](const Person& to, std::uint8_t envelope) {
        PutMail put = mail_to(to, MailboxToken(Bytes32{}), envelope);
        put.authority = PutAuthority::request;
        put.token.reset();
        return put;
    };
    for (std::uint8_t i = 0; i < 20; ++i)
        (void)world.ask_for<Accepted>(anna_user, request(i % 2 == 0 ? bob : nobody, i));
    const auto for_bob = world.ask_for<Error>(anna_user, request(bob, 50));
    EXPECT_EQ(for_bob, world.ask_for<Error>(anna_user, request(nobody, 51)));
    EXPECT_EQ(for_bob.code, ErrorCode::rate_limited);
    EXPECT_EQ(for_bob.retry_after_ms, 86'400'000U);
    (void)world.ask_for<Ok>(anna_user, Logout{});
    anna_user = world.log_in(anna);
    EXPECT_EQ(world.error_of(anna_user, request(nobody, 52)), ErrorCode::rate_limited)
        << "a new login changes nothing";
}

TEST_F(mail, own_devices_write_to_each_other_without_a_token) {
    PutMail sync = mail_to(bob, token, 1);
    sync.authority = PutAuthority::own_device;
    sync.token.reset();
    EXPECT_EQ(world.error_of(anna_user, sync), ErrorCode::not_allowed) << "somebody else's";
    EXPECT_EQ(world.error_of(bob_user, sync), ErrorCode::not_allowed) << "to itself";
    sync.device = anna.device();
    EXPECT_EQ(world.error_of(bob_user, sync), ErrorCode::not_found) << "no such device of bob";
}

// A reader that acknowledges nothing is sent one window, and the rest when it has read.
TEST_F(mail, a_slow_reader_gets_one_window_at_a_time) {
    (void)world.ask_for<Ok>(bob_user, Logout{});
    constexpr std::uint8_t total = 200;
    for (std::uint8_t i = 1; i <= total; ++i) {
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i));
    }
    bob_user = world.log_in(bob);
    Bytes1 all = received(bob_user);
    EXPECT_EQ(all.size(), mail_window_items);
    std::size_t acknowledged = 0;
    while (acknowledged < rows.size()) {
        (void)world.ask_for<Ok>(bob_user, AckMail{{rows[acknowledged]}});
        ++acknowledged;
        for (const std::uint8_t byte : received(bob_user))
            all.push_back(byte);
    }
    ASSERT_EQ(all.size(), total);
    for (std::size_t i = 0; i < total; ++i)
        EXPECT_EQ(all[i], i + 1) << "in order, once";
}

TEST_F(mail, new_mail_does_not_overtake_what_waits) {
    for (std::uint8_t i = 1; i <= 100; ++i) {
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i));
    }
    Bytes1 all = received(bob_user);
    EXPECT_EQ(all.size(), mail_window_items);
    (void)world.ask_for<Ok>(bob_user, AckMail{rows});
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 101));
    for (const std::uint8_t byte : received(bob_user))
        all.push_back(byte);
    ASSERT_EQ(all.size(), 101U);
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i], i + 1);
}

// Its commit is answered while older mail is still being listed.
TEST_F(mail, new_mail_does_not_overtake_a_listing_on_its_way) {
    for (std::uint8_t i = 1; i <= 70; ++i) {
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i));
    }
    Bytes1 all = received(bob_user);
    EXPECT_EQ(all.size(), mail_window_items);
    world.hold_store = true;
    world.send(anna_user, mail_to(bob, token, 71));
    world.send(bob_user, AckMail{rows});
    world.hold_store = false;
    world.feed(Tick{});
    for (const std::uint8_t byte : received(bob_user))
        all.push_back(byte);
    ASSERT_EQ(all.size(), 71U);
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i], i + 1);
}

TEST_F(mail, the_window_counts_bytes_too) {
    for (std::uint8_t i = 1; i <= 40; ++i) {
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i, max_item_bytes));
    }
    const std::size_t fit = mail_window_bytes / max_item_bytes + 1;
    EXPECT_EQ(received(bob_user).size(), fit);
    EXPECT_LE(fit, 17U);
}

TEST_F(mail, an_acknowledgement_names_rows_of_the_own_mailbox_only) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    (void)received(bob_user);
    (void)world.ask_for<Ok>(anna_user, AckMail{{rows.at(0)}});
    const UserId again = world.log_in(bob);
    EXPECT_EQ(received(again), Bytes1{1});
}

TEST_F(mail, a_silent_acknowledgement_is_not_answered) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    (void)received(bob_user);
    world.send_bytes(bob_user, encode(RequestFrame{0, AckMail{rows}}));
    EXPECT_TRUE(world.inbox[bob_user].empty());
    const UserId again = world.log_in(bob);
    EXPECT_TRUE(received(again).empty());
}

TEST_F(mail, a_full_disk_is_said_and_nothing_is_lost) {
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    world.store.set_disk_full(true);
    EXPECT_EQ(world.error_of(anna_user, mail_to(bob, token, 2)), ErrorCode::disk_full);
    EXPECT_EQ(received(bob_user), Bytes1{1});
    EXPECT_EQ(world.error_of(bob_user, AckMail{rows}), ErrorCode::disk_full);
    bob_user = world.log_in(bob);
    EXPECT_EQ(received(bob_user), Bytes1{1}) << "logins and reading go on";
    world.store.set_disk_full(false);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 2));
    EXPECT_EQ(received(bob_user), Bytes1{2});
}

TEST_F(mail, a_full_mailbox_is_said) {
    (void)world.ask_for<Ok>(bob_user, Logout{});
    for (std::size_t i = 0; i < max_mailbox_items; ++i) {
        ops::PutMail fill{.to = bob.address(),
                          .envelope = EnvelopeId::generate(world.random),
                          .token = std::nullopt,
                          .request_sender = std::nullopt,
                          .item = filled(1, 1),
                          .now_ms = start_ms};
        (void)run<ops::PutMailResult>(world.store, std::move(fill));
    }
    EXPECT_EQ(world.error_of(anna_user, mail_to(bob, token, 1)), ErrorCode::quota_full);
}

TEST_F(mail, another_connection_of_the_device_takes_over_in_the_middle_of_a_listing) {
    (void)world.ask_for<Ok>(bob_user, Logout{});
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    const UserId first = world.connect();
    const UserId second = world.connect();
    const LoginDevice first_login = world.device_login_of(first, bob);
    const LoginDevice second_login = world.device_login_of(second, bob);
    world.hold_store = true;
    world.send(first, first_login);
    world.send(second, second_login);
    world.hold_store = false;
    world.feed(Tick{});
    EXPECT_TRUE(received(first).empty());
    EXPECT_EQ(received(second), Bytes1{1}) << "once, to the newest";
}

// Rows nobody was sent cost a look-up each, so they have a rate of their own.
TEST_F(mail, acknowledging_rows_at_random_is_limited) {
    std::uint64_t row = 1'000'000;
    const auto some = [&row] {
        AckMail ack;
        for (int i = 0; i < 250; ++i)
            ack.rows.push_back(++row);
        return ack;
    };
    for (int i = 0; i < 16; ++i)
        (void)world.ask_for<Ok>(bob_user, some());
    const auto refused = world.ask_for<Error>(bob_user, some());
    EXPECT_EQ(refused.code, ErrorCode::rate_limited);
    EXPECT_GT(refused.retry_after_ms, 0U);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 1));
    EXPECT_EQ(received(bob_user), Bytes1{1});
    (void)world.ask_for<Ok>(bob_user, AckMail{rows});  // what was sent here always passes
    bob_user = world.log_in(bob);
    EXPECT_TRUE(received(bob_user).empty());
    EXPECT_EQ(world.error_of(bob_user, some()), ErrorCode::rate_limited) << "it is the account's";
    world.advance(refused.retry_after_ms);
    (void)world.ask_for<Ok>(bob_user, some());
}

// An acknowledgement the store has no room for is heard all the same: the window opens, and what
// was acknowledged is deleted later.
TEST_F(mail, a_busy_store_does_not_close_the_window) {
    for (std::uint8_t i = 0; i < mail_window_items; ++i)
        (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, i));
    EXPECT_EQ(received(bob_user).size(), mail_window_items);
    (void)world.ask_for<Accepted>(anna_user, mail_to(bob, token, 200));
    EXPECT_TRUE(received(bob_user).empty()) << "the window is full";
    world.hold_store = true;
    for (int i = 0; i < 256; ++i)
        world.send(bob_user, LookUp{"anna"});
    world.advance(60'000);  // bob's look-ups have used up his rate, not his share of the store
    world.inbox.clear();
    for (int i = 0; i < 256; ++i)
        world.send(bob_user, PublishPrekeys{filled(10, 1), {}});
    std::vector<std::uint64_t> acknowledged = rows;
    world.send_bytes(bob_user, encode(RequestFrame{0, AckMail{acknowledged}}));
    world.hold_store = false;
    world.advance(1000);
    world.advance(1000);
    EXPECT_EQ(received(bob_user), Bytes1{200});
    bob_user = world.log_in(bob);
    EXPECT_EQ(received(bob_user), Bytes1{200}) << "the others are deleted";
}

TEST_F(mail, too_much_in_flight_is_told_to_wait) {
    world.hold_store = true;
    std::size_t busy = 0;
    for (std::uint32_t i = 0; i < 300; ++i) {
        PutMail put = mail_to(bob, token, 1);
        crypto::ByteArray<16> name{};
        name[0] = static_cast<std::uint8_t>(i);
        name[1] = static_cast<std::uint8_t>(i >> 8);
        put.envelope = EnvelopeId(name);
        world.send(anna_user, put);
    }
    for (const ReplyFrame& frame : world.inbox[anna_user]) {
        const auto& error = std::get<Error>(frame.reply);
        EXPECT_EQ(error.code, ErrorCode::busy);
        EXPECT_GT(error.retry_after_ms, 0U);
        ++busy;
    }
    EXPECT_EQ(busy, 300U - 256U);
    world.hold_store = false;
    world.inbox.clear();
    world.feed(Tick{});
    EXPECT_EQ(world.inbox[anna_user].size(), 256U) << "everything else was accepted";
}

// --- prekeys -----------------------------------------------------------------------------------

TEST_F(mail, one_time_prekeys_go_to_token_holders_one_each) {
    PublishPrekeys publish{filled(287, 1), {}};
    for (std::uint32_t i = 1; i <= 25; ++i)
        publish.one_time.push_back({i, filled(166, 9)});
    (void)world.ask_for<Ok>(bob_user, publish);
    const UserId anonymous = world.connect();
    const FetchBundle with_token{bob.account(), true, token};
    const Bundle bundle = world.ask_for<Bundle>(anonymous, with_token);
    EXPECT_EQ(bundle.device_list, to_bytes(bob.list.encoded()));
    ASSERT_EQ(bundle.devices.size(), 1U);
    EXPECT_EQ(bundle.devices[0].cert, to_bytes(bob.cert.encoded()));
    EXPECT_EQ(bundle.devices[0].prekeys, filled(287, 1));
    EXPECT_EQ(bundle.devices[0].one_time, filled(166, 9));

    const FetchBundle stranger{bob.account(), true, std::nullopt};
    const Bundle without = world.ask_for<Bundle>(anna_user, stranger);
    EXPECT_TRUE(without.devices.at(0).one_time.empty());
    EXPECT_EQ(without.devices.at(0).prekeys, filled(287, 1));
    EXPECT_EQ(world.error_of(anonymous, stranger), ErrorCode::unknown_session);
    EXPECT_EQ(world.error_of(anonymous, FetchBundle{bob.account(), true, id<MailboxToken>(9)}),
              ErrorCode::not_found);
    const auto nobody = id<AccountId>(0x99);
    EXPECT_EQ(world.error_of(anonymous, FetchBundle{nobody, true, token}), ErrorCode::not_found)
        << "no account looks like a wrong token";
    EXPECT_EQ(world.error_of(anna_user, FetchBundle{nobody, true, std::nullopt}),
              ErrorCode::not_found);

    EXPECT_TRUE(world.pushes<PrekeysLow>(bob_user).empty());
    for (int i = 0; i < 5; ++i)
        (void)world.ask_for<Bundle>(anonymous, with_token);
    const auto low = world.pushes<PrekeysLow>(bob_user);
    ASSERT_EQ(low.size(), 1U);
    EXPECT_EQ(low[0].one_time_left, 19);
}

TEST_F(mail, who_guesses_tokens_does_not_use_up_what_contacts_may_take) {
    PublishPrekeys publish{filled(287, 1), {}};
    publish.one_time.push_back({1, filled(166, 9)});
    (void)world.ask_for<Ok>(bob_user, publish);
    const UserId stranger = world.connect();
    for (int i = 0; i < 90; ++i) {
        EXPECT_EQ(world.error_of(stranger, FetchBundle{bob.account(), true, id<MailboxToken>(9)}),
                  ErrorCode::not_found);
    }
    const UserId contact = world.connect();
    const Bundle bundle = world.ask_for<Bundle>(contact, FetchBundle{bob.account(), true, token});
    EXPECT_EQ(bundle.devices.at(0).one_time, filled(166, 9));
}

TEST_F(mail, prekeys_cannot_be_drained_in_a_day) {
    for (std::uint32_t round = 0; round < 2; ++round) {
        PublishPrekeys publish{filled(287, 1), {}};
        for (std::uint32_t i = 1; i <= 50; ++i) {
            publish.one_time.push_back({round * 50 + i, filled(166, 9)});
        }
        (void)world.ask_for<Ok>(bob_user, publish);
    }
    const UserId anonymous = world.connect();
    int taken = 0;
    for (int i = 0; i < 100; ++i) {
        const Bundle bundle =
            world.ask_for<Bundle>(anonymous, FetchBundle{bob.account(), true, token});
        taken += bundle.devices.at(0).one_time.empty() ? 0 : 1;
    }
    EXPECT_EQ(taken, 60);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
