// What contacts, strangers and a hostile server may cost us: paces and limits at their edges, and a
// profile that was put back from a backup.
#include <gtest/gtest.h>

#include "tests/support/sim_town.hpp"
#include "tests/unit/engine/party.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

template <class T>
std::size_t count(const std::vector<NetworkOutput>& sends) {
    return static_cast<std::size_t>(
        std::count_if(sends.begin(), sends.end(),
                      [](const NetworkOutput& send) { return std::holds_alternative<T>(send); }));
}

class AbuseTest : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};

    // Both connections are there; nobody answers on them.
    static void online(Party& party) {
        auto t = party.turn();
        party.core().on(t, GoOnline{});
        party.core().on(t, ServerUp{ServerChannel::anonymous});
        party.finish(t);
    }
    static std::vector<NetworkOutput> tick(Party& party) {
        auto t = party.turn();
        party.core().on(t, Tick{});
        return party.finish(t).sends;
    }
    static Party::Taken start_over(Party& from, Party& to) {
        from.start(to);
        const crypto::SessionId unknown(std::array<std::uint8_t, 16>{});
        return to.take(from.encrypt(to, wire::SessionReset{unknown}));
    }
};

using Attack05ManyHandshakes = AbuseTest;

TEST_F(Attack05ManyHandshakes, OneAccountCannotFillWhatAllOthersNeed) {
    mallory.know(alice, ContactState::accepted);
    alice.know(mallory, ContactState::accepted);
    const auto knock = [&] {
        mallory.start(alice);
        return alice
            .take(mallory.encrypt(
                alice, wire::SessionReset{crypto::SessionId(std::array<std::uint8_t, 16>{})}))
            .received.failure;
    };
    for (std::uint64_t i = 0; i < handshakes_burst; ++i)
        EXPECT_EQ(knock(), std::nullopt) << i;
    EXPECT_EQ(knock(), OpenError::refused);
    EXPECT_EQ(alice.store().disk().handshakes.size(), handshakes_burst);
    introduce(bob, alice);
    EXPECT_TRUE(alice.take(bob.encrypt(alice, wire::Text{"me too"}, 1)).received.from);
    alice.pass(handshake_pace_ms);
    EXPECT_EQ(knock(), std::nullopt);
    EXPECT_EQ(knock(), OpenError::refused);
}

TEST_F(Attack05ManyHandshakes, WhatWeHaveNoRoomForStaysInTheMailbox) {
    introduce(bob, alice);
    for (std::uint32_t i = 0; i < handshakes_seen_max; ++i) {
        Bytes transcript(crypto::TranscriptHash::size, 0);
        transcript[0] = static_cast<std::uint8_t>(i);
        transcript[1] = static_cast<std::uint8_t>(i >> 8U);
        ASSERT_TRUE(alice.core().sessions.load(SaveHandshakeSeen{
            .transcript_hash = transcript, .session_id = {}, .signed_prekey_id = 1}));
    }
    const auto message = bob.encrypt(alice, wire::Text{"later"}, 1);
    const auto& mailbox = alice.core().account.prekeys().mailbox_keys().front();
    auto t = alice.turn();
    const auto item = crypto::seal(
        {.device = alice.address().device, .mbk_id = mailbox.id, .mbk = mailbox.key.public_key()},
        {.kind = message.kind,
         .sender_account = bob.id(),
         .sender_device = bob.address().device,
         .payload = message.payload},
        t.random);
    ASSERT_TRUE(item);
    alice.core().mail(t, {.row = 5, .item = *item});
    alice.finish(t);
    EXPECT_TRUE(alice.core().rows_to_acknowledge.empty());
    EXPECT_EQ(alice.rows(), 0U);
    // There is room again: the same item, sent again by the server, opens.
    alice.core().sessions.forget_handshakes({1});
    auto u = alice.turn();
    alice.core().mail(u, {.row = 5, .item = *item});
    alice.finish(u);
    EXPECT_EQ(alice.rows(), 1U);
    EXPECT_TRUE(alice.core().rows_to_acknowledge.contains(5));
}

TEST_F(AbuseTest, AWishThatFindsNoRoomIsAskedForLater) {
    introduce(alice, bob);
    online(alice);
    auto t = alice.turn();
    for (std::size_t i = 0; i < requests_in_flight_max; ++i)
        alice.core().requests.ask(t, ServerChannel::anonymous, rendezvous::Ping{}, ForNothing{});
    ASSERT_TRUE(alice.core().requests.full());
    const TimerId later = timer(TimerKind::bundle, bob.id());
    alice.core().bundles.want(t, bob.id(), Bundles::Need::session);
    EXPECT_TRUE(alice.core().timers.running(later));
    alice.finish(t);
    auto u = alice.turn();
    (void)alice.core().requests.give_up(ServerChannel::anonymous);
    alice.core().bundles.due(u, bob.id());
    EXPECT_EQ(count<SendToServer>(alice.finish(u).sends), 1U);
}

using Attack26WithheldDevices = AbuseTest;

TEST_F(Attack26WithheldDevices, OneDeviceTwiceDoesNotStandForTwo) {
    ContactRecord& record = alice.know(bob, ContactState::accepted);
    online(alice);
    crypto::SeededRandom random(50);
    const Identity& identity = bob.core().account.identity();
    const auto cert = crypto::Cert::create(identity.account_key, crypto::OwnDsk::generate(random),
                                           {.device = DeviceId::generate(random),
                                            .dik = crypto::OwnDik::generate(random).public_key(),
                                            .suites = crypto::SuiteSet::of_this_build(),
                                            .min_suite = 1,
                                            .created_ms = test_wall_ms});
    auto entries = identity.list.entries();
    entries.push_back({.device = cert.device(), .cert = cert.hash(), .primary = false});
    const auto list =
        crypto::DevList::successor(identity.account_key, identity.list, entries, test_wall_ms);
    auto bundle = bob.bundle(false);
    bundle.device_list.assign(list.encoded().begin(), list.encoded().end());
    bundle.devices.push_back(bundle.devices.front());
    auto t = alice.turn();
    alice.core().bundles.want(t, bob.id(), Bundles::Need::keys);
    EXPECT_TRUE(alice.core().bundles.answered(
        t, bob.id(),
        {ServerChannel::anonymous, ForBundle{.account = bob.id()}, rendezvous::Reply(bundle)}));
    alice.finish(t);
    EXPECT_EQ(record.devices.size(), 2U);
    EXPECT_TRUE(alice.core().timers.running(timer(TimerKind::bundle, bob.id())));
}

TEST_F(AbuseTest, WhoeverHasNobodyToLetInDoesNotListen) {
    introduce(alice, bob);
    introduce(alice, mallory);
    online(alice);
    const auto allow = [&](Party& whom, bool yes) {
        auto t = alice.turn();
        alice.core().on(t, SetAllowDirect{.account = whom.id(), .allow_direct = yes});
        return alice.finish(t).sends;
    };
    EXPECT_EQ(count<Listen>(allow(bob, true)), 1U);
    (void)allow(mallory, true);
    EXPECT_EQ(count<StopListening>(allow(bob, false)), 0U);
    EXPECT_EQ(count<StopListening>(allow(mallory, false)), 1U);
}

using Attack25ManyResets = AbuseTest;

TEST_F(Attack25ManyResets, AtMostOneStartOverAMinute) {
    introduce(mallory, alice);
    (void)alice.take(mallory.encrypt(alice, wire::Text{"hi"}, 1));
    auto t = alice.turn();
    alice.core().on(t, SendText{.to = mallory.id(), .text = "encrypted again and again?"});
    alice.finish(t);
    const auto name = [&] { return alice.store().disk().outbox.begin()->first; };
    const auto first = name();
    (void)start_over(mallory, alice);
    const auto second = name();
    EXPECT_NE(second, first);
    for (int i = 0; i < 5; ++i)
        (void)start_over(mallory, alice);
    EXPECT_EQ(name(), second);
    alice.pass(start_over_pace_ms);
    (void)tick(alice);
    EXPECT_NE(name(), second);
}

// --- put back ----------------------------------------------------------------------------------

using PutBack = AbuseTest;

// Bob does not tell Alice that he has what she wrote after her profile was put back: he has not.
TEST_F(PutBack, AUsedKeyOfAnotherTextOwesNoReceipt) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    (void)alice.take(bob.encrypt(alice, wire::Text{"x"}, 1));
    const auto backup = alice.store().load();
    const auto two = alice.encrypt(bob, wire::Text{"two"}, 2);
    (void)bob.take(two);
    const TimerId receipt = timer(TimerKind::receipt, alice.address());
    bob.core().timers.cancel(receipt);
    Engine::Core again(test_server(), backup.next_row);
    ASSERT_TRUE(again.load(backup));
    auto t = alice.turn();
    const auto other = again.sessions.encrypt(
        t, bob.address(), encode(alice.envelope(bob, wire::Text{"after the restore"}, 2)));
    EXPECT_EQ(bob.take(*other).received.failure, OpenError::repeated);
    EXPECT_FALSE(bob.core().timers.running(receipt));
    EXPECT_EQ(bob.take(two).received.failure, OpenError::repeated);
    EXPECT_TRUE(bob.core().timers.running(receipt));
}

TEST_F(PutBack, AnotherTextUnderAKnownNumberIsKept) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    (void)bob.take(alice.encrypt(bob, wire::Text{"another one"}, 1));
    EXPECT_EQ(bob.rows(), 2U);
}

TEST_F(PutBack, AReceiptAheadOfUsGivesNewNumbers) {
    introduce(bob, alice);
    (void)alice.take(bob.encrypt(alice, wire::Text{"hi"}, 1));
    auto t = alice.turn();
    alice.core().on(t, SendText{.to = bob.id(), .text = "which number?"});
    alice.finish(t);
    wire::SeqSet three;
    for (const std::uint64_t seq : {1U, 2U, 3U})
        (void)three.insert(seq);
    (void)alice.take(bob.encrypt(alice, wire::DeliveredReceipt{three}));
    const auto state = alice.store().disk().messages.rbegin()->second.message.state;
    EXPECT_EQ(state, DeliveryState::saved);
    const Lane& lane = alice.core().outbox.lane(bob.address());
    ASSERT_EQ(lane.undelivered.size(), 1U);
    EXPECT_GT(lane.undelivered.begin()->first, 3U);
    EXPECT_EQ(alice.core().sessions.active(bob.address()), nullptr);  // a new one is fetched
    // His word is believed once an hour, and not for ever.
    const auto next = alice.core().contacts.find(bob.id())->next_seq;
    wire::SeqSet absurd;
    (void)absurd.insert(believed_number_max + 1);
    (void)alice.take(bob.encrypt(alice, wire::DeliveredReceipt{absurd}));
    EXPECT_EQ(alice.core().contacts.find(bob.id())->next_seq, next);
}

// The folder of yesterday is put back as a whole: nothing on the disk can tell. The rendezvous has
// a record that only we can have signed, and that this profile does not know.
TEST_F(PutBack, AWholeFolderHealsItself) {
    sim::Town town(2);
    town.befriend(0, 1);
    town.write(0, 1, "before");
    town.run_for(8'000);
    const sim::Disk backup = town.peer(0).disk();
    town.run_for(3 * maintenance_ms);
    for (int i = 0; i < 5; ++i) {
        town.write(0, 1, "lost " + std::to_string(i));
        town.write(1, 0, "also lost " + std::to_string(i));
        town.run_for(8'000);
    }
    town.peer(0).store().put_back(backup);
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
    const auto& rows = town.peer(0).disk().messages;
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.message.kind == MessageKind::notice;
    }));
}

// --- a hostile server --------------------------------------------------------------------------

TEST_F(AbuseTest, AServerThatAlwaysNeedsKeysGetsThemOnceAMinute) {
    sim::Town town(1);
    town.run_for(120'000);
    const auto keys = [&] { return town.peer(0).disk().prekeys.size(); };
    const auto low = encode(
        rendezvous::ReplyFrame{.id = 0, .reply = rendezvous::PrekeysLow{.one_time_left = 0}});
    const std::size_t before = keys();
    for (int i = 0; i < 20; ++i) {
        town.peer(0).command(ServerFrame{.channel = ServerChannel::session, .frame = low});
        town.run_for(1'000);
    }
    EXPECT_EQ(keys(), before + crypto::one_time_prekeys_published);
    town.run_for(one_time_pace_ms);
    EXPECT_LE(keys(), before + 2 * crypto::one_time_prekeys_published);
}

}  // namespace
}  // namespace sotto::peer::engine
