// What people do, with the real engine and the real rendezvous logic in simulated time.
#include <gtest/gtest.h>

#include "crypto/init.hpp"
#include "tests/support/sim_town.hpp"

#include <algorithm>

namespace sotto::sim {
namespace {

using namespace peer;  // NOLINT: a test
using States = std::vector<DeliveryState>;

TEST(Scenario, RequestAcceptTextsReceipts) {
    Town town(2);
    town.ask(0, 1);
    town.run_for(1'000);
    EXPECT_EQ(town.contact(1, 0)->state, ContactState::request_received);
    EXPECT_EQ(town.contact(1, 0)->request_text, "may I?");
    EXPECT_EQ(town.contact(1, 0)->username, "peer0");
    town.write(0, 1, "before the answer");
    town.run_for(1'000);
    EXPECT_TRUE(town.texts(1, 0).empty());
    EXPECT_EQ(town.states(0, 1), States{DeliveryState::saved});
    town.accept(1, 0);
    town.run_for(8'000);
    EXPECT_EQ(town.contact(0, 1)->state, ContactState::accepted);
    EXPECT_EQ(town.texts(1, 0), std::vector<std::string>{"before the answer"});
    EXPECT_EQ(town.states(0, 1), States{DeliveryState::delivered});
    town.read_all(1, 0);
    town.run_for(8'000);
    EXPECT_EQ(town.states(0, 1), States{DeliveryState::read});
    EXPECT_TRUE(town.peer(0).outbox_empty());
    EXPECT_TRUE(town.peer(1).outbox_empty());
}

TEST(Scenario, TheLedgerGoesThroughTheServerToSomebodyAway) {
    Town town(2);
    town.befriend(0, 1);
    town.peer(1).command(GoOffline{});
    town.run_for(1'000);
    town.write(0, 1, "when you are back");
    town.run_for(2'000);
    EXPECT_EQ(town.states(0, 1), States{DeliveryState::with_server});
    EXPECT_EQ(town.peer(0).live_contacts().at(town.account(1)).path, Path::mailbox);
    town.peer(1).command(GoOnline{});
    town.run_for(8'000);
    EXPECT_EQ(town.states(0, 1), States{DeliveryState::delivered});
    EXPECT_EQ(town.peer(0).live_contacts().at(town.account(1)).path, Path::relay);
}

TEST(Scenario, DirectLinkAndBackToTheRelay) {
    Town town(2);
    town.befriend(0, 1, true);
    EXPECT_TRUE(town.linked(0, 1));
    EXPECT_TRUE(town.linked(1, 0));
    town.write(0, 1, "direct");
    EXPECT_TRUE(
        town.run_until(100, [&] { return town.states(0, 1) == States{DeliveryState::delivered}; }));
    // The server is gone: the link goes on.
    town.server().crash();
    town.run_for(5'000);
    town.write(1, 0, "without a server");
    EXPECT_TRUE(
        town.run_until(100, [&] { return town.states(1, 0) == States{DeliveryState::delivered}; }));
    town.server().start();
    town.run_for(30'000);
    // One of them withdraws the yes: the link closes at once, messages take the relay.
    town.peer(0).command(SetAllowDirect{.account = town.account(1), .allow_direct = false});
    town.run_for(1'000);
    EXPECT_FALSE(town.linked(0, 1));
    town.write(1, 0, "over the relay");
    EXPECT_TRUE(town.run_until(10'000, [&] {
        return town.states(1, 0) == States{DeliveryState::delivered, DeliveryState::delivered};
    }));
}

TEST(Scenario, ADirectLinkIsThereWithinASecondOfBothBeingOnline) {
    Town town(2);
    town.befriend(0, 1, true);
    town.peer(1).command(GoOffline{});
    town.run_for(20'000);
    EXPECT_FALSE(town.linked(0, 1));
    town.peer(1).command(GoOnline{});
    EXPECT_TRUE(town.run_until(1'000, [&] { return town.linked(0, 1) && town.linked(1, 0); }));
}

TEST(Scenario, OnlyOneSideAllowsDirectLinks) {
    Town town(2);
    town.ask(0, 1, true);
    town.run_for(1'000);
    town.accept(1, 0, false);
    town.run_for(30'000);
    EXPECT_EQ(town.network().links_made(), 0U);
}

TEST(Scenario, NamesAndErrors) {
    Town town(2);
    const auto error = [&](Input input) {
        town.peer(0).command(std::move(input));
        town.run_for(1'000);
        return town.last_error(0);
    };
    EXPECT_EQ(error(SendContactRequest{.username = "nobody", .account = {}, .text = {}}),
              CommandError::no_such_name);
    EXPECT_EQ(error(SendContactRequest{.username = "peer0", .account = {}, .text = {}}),
              CommandError::own_account);
    EXPECT_EQ(error(SendContactRequest{.username = "Not A Name", .account = {}, .text = {}}),
              CommandError::name_invalid);
    EXPECT_EQ(error(SendContactRequest{
                  .username = "peer1", .account = {}, .text = std::string(301, 'x')}),
              CommandError::text_too_long);
    EXPECT_EQ(error(AcceptContact{.account = town.account(1)}), CommandError::not_possible_now);
    EXPECT_EQ(error(SendText{.to = town.account(1), .text = "x"}), CommandError::not_a_contact);
    town.befriend(0, 1);
    EXPECT_EQ(error(SendContactRequest{.username = "peer1", .account = {}, .text = {}}),
              CommandError::already_a_contact);
    town.peer(0).command(GoOffline{});
    town.run_for(100);
    EXPECT_EQ(error(SendContactRequest{.username = "peer1", .account = {}, .text = {}}),
              CommandError::server_unreachable);
}

TEST(Scenario, ATakenNameAndASecondTry) {
    Town town(1);
    Options options = Town::calm();
    Dice dice(5);
    const ServerAddress address{
        .host = "rendezvous.example", .port = 7313, .key = town.server().key()};
    SimPeer late(town.schedule(), dice, options, town.network(), address, 9);
    late.start();
    crypto::SeededRandom password(9);
    const auto key = crypto::OwnLk::generate(password);
    late.command(RegisterAccount{.username = "peer0", .login_key = key});
    town.run_for(1'000);
    EXPECT_EQ(late.last_error(), CommandError::name_taken);
    EXPECT_FALSE(late.account());
    late.command(RegisterAccount{.username = "peer9", .login_key = key});
    town.run_for(1'000);
    EXPECT_TRUE(late.account());
}

TEST(Scenario, AWrongClockCannotRegister) {
    Town town(1);
    Options options = Town::calm();
    Dice dice(5);
    const ServerAddress address{
        .host = "rendezvous.example", .port = 7313, .key = town.server().key()};
    SimPeer late(town.schedule(), dice, options, town.network(), address, 9);
    late.set_clock(-5LL * 365 * 86'400'000);
    late.start();
    crypto::SeededRandom password(9);
    const auto key = crypto::OwnLk::generate(password);
    late.command(RegisterAccount{.username = "peer9", .login_key = key});
    town.run_for(1'000);
    EXPECT_EQ(late.last_error(), CommandError::clock_wrong);
    late.set_clock(0);
    late.command(RegisterAccount{.username = "peer9", .login_key = key});
    town.run_for(1'000);
    EXPECT_TRUE(late.account());
}

TEST(Scenario, EveryCommandIsAnsweredOnce) {
    Town town(2);
    town.befriend(0, 1, true);
    SimPeer& peer = town.peer(0);
    const AccountId other = town.account(1);
    const std::vector<Input> commands{
        SendText{.to = other, .text = "x"},
        MarkRead{.peer = other, .row = 1},
        SetReadReceipts{.on = false},
        SetTyping{.peer = other, .typing = true},
        SearchDirectory{.query = "peer", .after = {}},
        SetListed{.listed = false},
        SetAllowDirect{.account = other, .allow_direct = true},
        RetryMessage{.id = {}},
        SetHoldNewDevices{.hold = true},
        AllowDevices{.account = other},
        SettleOwnList{},
        IgnoreContact{.account = other},
        SendContactRequest{.username = "peer1", .account = {}, .text = {}},
        AcceptContact{.account = other},
        BlockContact{.account = other}};
    const std::size_t before = peer.changes().size();
    for (const Input& command : commands)
        peer.command(command);
    town.run_for(5'000);
    std::map<CommandId, int> answers;
    for (std::size_t i = before; i < peer.changes().size(); ++i) {
        const ViewChange& change = peer.changes()[i];
        if (const auto* done = std::get_if<CommandDone>(&change)) ++answers[done->command];
        if (const auto* failed = std::get_if<CommandFailed>(&change)) ++answers[failed->command];
    }
    EXPECT_EQ(answers.size(), commands.size());
    for (const auto& [command, count] : answers)
        EXPECT_EQ(count, 1) << command;
}

TEST(Scenario, DirectoryLeavesOutOneselfAndShowsWhoIsThere) {
    Town town(3);
    town.peer(2).command(GoOffline{});
    town.run_for(500);
    town.peer(0).command(SearchDirectory{.query = "peer", .after = {}});
    town.run_for(500);
    const DirectoryPage* page = nullptr;
    for (const ViewChange& change : town.peer(0).changes()) {
        if (const auto* found = std::get_if<DirectoryPage>(&change)) page = found;
    }
    ASSERT_NE(page, nullptr);
    ASSERT_EQ(page->members.size(), 2U);
    EXPECT_EQ(page->members[0].username, "peer1");
    EXPECT_EQ(page->members[0].presence, Presence::online);
    EXPECT_EQ(page->members[1].presence, Presence::offline);
}

// The database of last week was put back. Messages of the meantime are gone here, but the two go on
// talking, and nothing the other side has is mistaken for something new.
TEST(Scenario, AnOldDatabasePutBackHealsItself) {
    Town town(2);
    town.befriend(0, 1);
    town.write(0, 1, "before");
    town.run_for(8'000);
    town.peer(0).store().remember();
    for (int i = 0; i < 5; ++i) {
        town.write(0, 1, "lost " + std::to_string(i));
        town.write(1, 0, "also lost " + std::to_string(i));
        town.run_for(8'000);
    }
    town.peer(0).store().roll_back();
    town.peer(0).die();
    town.run_for(60'000);
    town.write(0, 1, "after");
    town.write(1, 0, "after too");
    town.run_for(60'000);
    EXPECT_EQ(town.texts(1, 0).back(), "after");
    EXPECT_EQ(town.texts(1, 0).size(), 7U);
    EXPECT_EQ(town.texts(0, 1).back(), "after too");
    EXPECT_EQ(town.states(1, 0).back(), DeliveryState::delivered);
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::delivered);
}

// One side lost a session without knowing it: the first message over a link tells, and it heals.
TEST(Scenario, ASessionLostUnnoticedIsResetOverALink) {
    Town town(2);
    town.befriend(0, 1, true);
    town.write(0, 1, "one");
    town.run_for(8'000);
    town.peer(1).store().lose_sessions();
    town.peer(1).die();
    ASSERT_TRUE(town.run_until(60'000, [&] { return town.linked(0, 1) || town.linked(1, 0); }));
    town.write(0, 1, "two");
    town.run_for(120'000);
    EXPECT_EQ(town.texts(1, 0), (std::vector<std::string>{"one", "two"}));
    town.write(1, 0, "three");
    town.run_for(60'000);
    EXPECT_EQ(town.texts(0, 1), std::vector<std::string>{"three"});
}

// A mailbox full of rubbish does not stand in the way.
TEST(Scenario, WhatCannotBeOpenedIsAcknowledgedAndForgotten) {
    Town town(2);
    town.befriend(0, 1);
    town.peer(1).command(GoOffline{});
    town.run_for(1'000);
    for (int i = 0; i < 80; ++i) {  // more than the server sends ahead
        town.write(0, 1, "text " + std::to_string(i));
    }
    town.run_for(5'000);
    town.peer(1).store().lose_sessions();
    town.peer(1).die();
    town.run_for(60'000);
    EXPECT_GE(town.peer(1).counters()->messages_undecryptable, 80U);
    EXPECT_EQ(town.server().waiting(town.account(1), town.peer(1).disk().self->self.device), 0U);
}

TEST(Scenario, BothAskEachOther) {
    Town town(2);
    town.ask(0, 1);
    town.ask(1, 0);
    town.run_for(20'000);
    EXPECT_EQ(town.contact(0, 1)->state, ContactState::accepted);
    EXPECT_EQ(town.contact(1, 0)->state, ContactState::accepted);
    town.write(0, 1, "a");
    town.write(1, 0, "b");
    town.run_for(10'000);
    EXPECT_EQ(town.texts(1, 0), std::vector<std::string>{"a"});
    EXPECT_EQ(town.texts(0, 1), std::vector<std::string>{"b"});
}

TEST(Scenario, IgnoredLooksLikeNoAnswer) {
    Town town(2);
    town.ask(0, 1);
    town.run_for(1'000);
    const auto frames = town.network().frames();
    town.peer(1).command(IgnoreContact{.account = town.account(0)});
    town.run_for(100);
    EXPECT_EQ(town.network().frames(), frames);
    town.run_for(60'000);
    EXPECT_EQ(town.contact(0, 1)->state, ContactState::request_sent);
    // A change of mind is possible.
    town.accept(1, 0);
    town.run_for(10'000);
    EXPECT_EQ(town.contact(0, 1)->state, ContactState::accepted);
}

TEST(Scenario, TypingIsSeenOverALinkOnly) {
    Town town(2);
    town.befriend(0, 1, true);
    const auto typing = [&] {
        std::size_t count = 0;
        for (const ViewChange& change : town.peer(1).changes()) {
            count += std::holds_alternative<TypingChanged>(change);
        }
        return count;
    };
    town.peer(0).command(SetTyping{.peer = town.account(1), .typing = true});
    town.run_for(100);
    EXPECT_EQ(typing(), 1U);
    town.peer(0).command(SetTyping{.peer = town.account(1), .typing = true});  // too soon
    town.run_for(100);
    EXPECT_EQ(typing(), 1U);
    town.peer(0).command(SetAllowDirect{.account = town.account(1), .allow_direct = false});
    town.run_for(5'000);
    town.peer(0).command(SetTyping{.peer = town.account(1), .typing = true});
    town.run_for(5'000);
    EXPECT_EQ(typing(), 1U);
}

TEST(Scenario, ATokenThatExpiredIsAskedForAgain) {
    Town town(2);
    town.befriend(0, 1);
    town.run_for(86'400'000);  // the server takes one request a day from each to each
    town.peer(0).store().spoil_token(town.account(1));
    town.peer(0).die();
    town.run_for(10'000);
    town.write(0, 1, "with an old token");
    town.run_for(600'000);
    EXPECT_EQ(town.texts(1, 0), std::vector<std::string>{"with an old token"});
}

TEST(Scenario, DamagedRowsAreSaidToBeDamaged) {
    Town town(2);
    town.befriend(0, 1);
    const Snapshot good = town.peer(0).store().load();
    ASSERT_TRUE(engine::Engine::from(good, std::nullopt).has_value());
    const auto damaged = [&](auto change) {
        Snapshot snapshot = good;
        change(snapshot);
        const auto engine = engine::Engine::from(snapshot, std::nullopt);
        return !engine && engine.error() == engine::LoadError::damaged;
    };
    EXPECT_TRUE(damaged([](Snapshot& s) { s.self->keys[40] ^= 1; }));
    EXPECT_TRUE(damaged([](Snapshot& s) { s.sessions[0].state[0] ^= 9; }));
    EXPECT_TRUE(damaged([](Snapshot& s) { s.prekeys[0].secret.push_back(0); }));
    EXPECT_TRUE(damaged([](Snapshot& s) { s.handshakes.push_back({{1}, {}, 1}); }));
    Snapshot empty;
    EXPECT_EQ(engine::Engine::from(empty, std::nullopt).error(), engine::LoadError::no_server);
}

// One contact's row is damaged: the profile opens, the person is told, and the two go on.
TEST(Scenario, ADamagedContactIsStartedAnew) {
    Town town(2);
    town.befriend(0, 1);
    town.write(0, 1, "before");
    town.write(1, 0, "before too");
    town.run_for(86'400'000);  // the server takes one request a day from each to each
    town.peer(0).store().damage_contact(town.account(1));
    town.peer(0).die();
    town.run_for(60'000);
    EXPECT_EQ(town.peer(0).counters()->contacts_damaged, 1U);
    EXPECT_EQ(town.contact(0, 1)->state, ContactState::accepted);
    town.write(0, 1, "after");
    town.write(1, 0, "after too");
    town.run_for(600'000);
    EXPECT_EQ(town.texts(1, 0), (std::vector<std::string>{"before", "after"}));
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::delivered);
    EXPECT_EQ(town.states(1, 0).back(), DeliveryState::delivered);
    const auto& rows = town.peer(0).store().disk().messages;
    const auto told = std::count_if(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.message.kind == MessageKind::notice;
    });
    EXPECT_EQ(told, 1);
    EXPECT_EQ(town.texts(0, 1).back(), "after too");
}

}  // namespace
}  // namespace sotto::sim
