// What goes by date goes for whoever runs the program half an hour at a time, with a network or
// without, and not because a clock is wrong (docs/protocol.md 2.4, 2.6, 2.9).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_town.hpp"
#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t day_ms = 24 * hour_ms;
constexpr std::uint8_t kind_one_time = 4;

class ShortSessions : public testing::Test {
protected:
    ShortSessions() {
        town.befriend(0, 1);
        for (const PeerIndex each : {PeerIndex{0}, PeerIndex{1}})
            town.peer(each).stay_down();
    }
    using PeerIndex = sim::PeerIndex;

    void end(PeerIndex who) {
        town.peer(who).command(GoOffline{});
        town.run_for(1'000);
        town.peer(who).die();
    }
    // Half an hour each day.
    void days(PeerIndex who, int count) {
        for (int day = 0; day < count; ++day) {
            town.peer(who).start();
            town.run_for(hour_ms / 2);
            end(who);
            town.run_for(day_ms - hour_ms / 2);
        }
    }
    // Private keys that are not used up: of the signed record.
    [[nodiscard]] std::set<std::pair<std::uint8_t, std::uint32_t>> signed_keys() {
        std::set<std::pair<std::uint8_t, std::uint32_t>> keys;
        for (const auto& [key, secret] : town.peer(0).disk().prekeys) {
            if (key.first != kind_one_time) keys.insert(key);
        }
        return keys;
    }
    [[nodiscard]] bool any_left(const std::set<std::pair<std::uint8_t, std::uint32_t>>& keys) {
        const auto now = signed_keys();
        return std::any_of(keys.begin(), keys.end(),
                           [&](const auto& key) { return now.contains(key); });
    }

    sim::Town town{2};
};

TEST_F(ShortSessions, FortyDaysOfHalfHours) {
    const auto keys = signed_keys();
    ASSERT_GE(keys.size(), 2U);
    ASSERT_FALSE(town.peer(0).disk().handshakes.empty() && town.peer(1).disk().handshakes.empty());
    // A session of no use any more, and a message for somebody who does not come.
    town.peer(0).command(RestartSession{.account = town.account(1)});
    town.run_for(10'000);
    ASSERT_EQ(town.peer(0).disk().sessions.size(), 2U);
    end(1);
    town.write(0, 1, "never fetched");
    town.run_for(1'000);
    end(0);
    days(0, 13);
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::with_server);
    EXPECT_EQ(town.peer(0).disk().sessions.size(), 2U);
    days(0, 3);
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::failed);
    EXPECT_EQ(town.peer(0).disk().sessions.size(), 1U);
    days(0, 18);
    EXPECT_TRUE(any_left(keys)) << "35 days have not passed";
    days(0, 6);
    EXPECT_FALSE(any_left(keys));
    for (const auto& [hash, seen] : town.peer(0).disk().handshakes)
        EXPECT_TRUE(signed_keys().contains({1, seen.signed_prekey_id}));
}

// The server still gives out the one-time keys of the first day: who gets one is understood.
TEST_F(ShortSessions, KeepTheKeysTheServerGivesOut) {
    const auto one_time = [&] {
        const auto& keys = town.peer(0).disk().prekeys;
        return std::count_if(keys.begin(), keys.end(),
                             [](const auto& key) { return key.first.first == kind_one_time; });
    };
    for (int day = 0; day < 40; ++day) {
        end(0);
        end(1);
        town.run_for(day_ms);
        town.peer(0).start();
        town.peer(1).start();
        town.run_for(hour_ms / 2);
    }
    const auto before = one_time();
    town.peer(1).command(RestartSession{.account = town.account(0)});
    town.write(1, 0, "with a key of the first day");
    town.run_for(10'000);
    EXPECT_EQ(town.texts(0, 1), std::vector<std::string>{"with a key of the first day"});
    EXPECT_EQ(one_time(), before - 1);
    EXPECT_EQ(town.peer(0).counters()->handshakes_refused, 0U);
}

// From the second day on the rendezvous is not there.
TEST_F(ShortSessions, WithoutANetwork) {
    const auto keys = signed_keys();
    // An older generation: the newest of a kind is never destroyed.
    end(0);
    town.run_for(8 * day_ms);
    days(0, 1);
    ASSERT_GT(signed_keys().size(), keys.size());
    town.network().cut_off(0, true, std::nullopt);
    days(0, 25);
    EXPECT_TRUE(any_left(keys));
    days(0, 5);
    EXPECT_FALSE(any_left(keys));
    EXPECT_FALSE(signed_keys().empty());
}

// Without a network a clock that jumps far is not believed; nor, with one, a clock that is wrong.
TEST_F(ShortSessions, AWrongClockDestroysNothing) {
    end(0);
    town.run_for(8 * day_ms);
    days(0, 1);
    const auto keys = signed_keys();
    const auto sessions = town.peer(0).disk().sessions.size();
    for (const bool network : {true, false}) {
        if (!network) town.network().cut_off(0, true, std::nullopt);
        for (const std::int64_t by_days : {40, 3650, -3650}) {
            town.peer(0).set_clock(by_days * static_cast<std::int64_t>(day_ms));
            days(0, 3);
            EXPECT_EQ(signed_keys(), keys) << by_days << (network ? " online" : " alone");
            EXPECT_EQ(town.peer(0).disk().sessions.size(), sessions);
        }
        town.peer(0).set_clock(0);
    }
}

// A text written before anybody knew what time it was does not expire when somebody does.
TEST_F(ShortSessions, WhatWasWrittenUnderAWrongClockIsNotOld) {
    end(1);
    end(0);
    town.network().cut_off(0, true, std::nullopt);
    town.peer(0).set_clock(-3650 * static_cast<std::int64_t>(day_ms));
    town.peer(0).start();
    town.write(0, 1, "of another time");
    town.run_for(1'000);
    end(0);
    town.network().reconnect(0);
    town.peer(0).set_clock(0);
    days(0, 2);
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::with_server);
    days(0, 16);
    EXPECT_EQ(town.states(0, 1).back(), DeliveryState::failed);
}

// --- by hand -----------------------------------------------------------------------------------

class SweepTest : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};

    // A program that is started, and hears what time it is.
    static void start(Party& party) {
        party.restart();
        auto t = party.turn();
        (void)party.core().server.answered(
            t, {ServerChannel::session, ForPing{},
                rendezvous::Reply(rendezvous::Pong{.server_time_ms = t.now.wall.ms})});
        party.core().on(t, GoOnline{});
        party.finish(t);
    }
    static void rotate(Party& party) {
        auto t = party.turn();
        party.core().account.prekeys().rotate(t);
        party.finish(t);
    }
};

using Attack05ReplaysAfterRotation = SweepTest;

TEST_F(Attack05ReplaysAfterRotation, OneSessionAndOneMessage) {
    introduce(alice, bob);
    const auto init = alice.encrypt(bob, wire::Text{"one"}, 1);
    (void)bob.take(init);
    for (int week = 0; week < 7; ++week) {
        bob.pass(7 * day_ms);
        rotate(bob);
        start(bob);
        auto t = bob.turn();
        bob.core().sessions.forget(t, alice.id());
        bob.finish(t);
        EXPECT_EQ(bob.store().disk().handshakes.empty(), week >= 5) << week;
        EXPECT_TRUE(bob.take(init).out.changes.empty()) << week;
        EXPECT_EQ(bob.core().sessions.active(alice.address()), nullptr) << week;
    }
    EXPECT_EQ(bob.rows(), 1U);
}

using Attack09StolenSignedPrekey = SweepTest;

// DH1 is the same from either side's secret: with Bob's signed prekey anybody can make the very
// bytes that Alice makes here. It ends when the key does.
TEST_F(Attack09StolenSignedPrekey, SpeaksForNobodyAfterItsTime) {
    alice.know(bob, ContactState::accepted);
    bob.know(alice, ContactState::accepted);
    std::vector<Encrypted> forged;
    for (std::uint64_t seq = 1; seq <= 2; ++seq) {
        alice.start(bob);
        forged.push_back(alice.encrypt(bob, wire::Text{"I am Alice"}, seq));
    }
    bob.pass(34 * day_ms);
    rotate(bob);
    start(bob);
    EXPECT_EQ(bob.take(forged[0]).received.failure, std::nullopt) << "what is not promised";
    bob.pass(2 * day_ms);
    start(bob);
    const auto taken = bob.take(forged[1]);
    EXPECT_EQ(taken.received.failure, OpenError::refused);
    EXPECT_TRUE(taken.out.saves.empty());
    EXPECT_EQ(bob.rows(), 1U);
}

// Keys of messages that never came go from the disk, also when nothing comes any more.
TEST_F(SweepTest, KeysOfAnIdleSessionGo) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    const auto lost = alice.encrypt(bob, wire::Text{"two"}, 2);
    (void)bob.take(alice.encrypt(bob, wire::Text{"three"}, 3));
    const auto kept = [&] {
        return bob.core().sessions.active(alice.address())->ratchet.skipped_key_count();
    };
    bob.pass(crypto::skipped_key_ttl_ms);
    start(bob);
    EXPECT_EQ(kept(), 1U);
    bob.pass(1);
    start(bob);
    EXPECT_EQ(kept(), 0U);
    bob.restart();  // what the disk has
    EXPECT_EQ(kept(), 0U);
    EXPECT_EQ(bob.take(lost).received.failure, OpenError::repeated);
    EXPECT_EQ(bob.rows(), 2U);
}

// A hole is told of, although no process lives for an hour; after the mail had time to come.
TEST_F(SweepTest, AHoleOfAnEarlierProcessIsToldOf) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    (void)bob.take(alice.encrypt(bob, wire::Text{"three"}, 3));
    const auto tick = [&] {
        auto t = bob.turn();
        bob.core().on(t, Tick{});
        bob.finish(t);
        return bob.rows();
    };
    bob.pass(gap_patience_ms / 2);
    start(bob);
    bob.pass(gap_patience_ms);  // away
    start(bob);
    auto t = bob.turn();
    bob.core().conversation.hurry_gaps(t);  // logged in
    bob.finish(t);
    bob.pass(gap_settle_ms - 1);
    EXPECT_EQ(tick(), 2U);
    bob.pass(1);
    EXPECT_EQ(tick(), 3U);
}

}  // namespace
}  // namespace sotto::peer::engine
