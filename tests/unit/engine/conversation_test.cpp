// What a contact's and a stranger's bytes may do: the attacks of docs/protocol.md on the engine.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

#include <algorithm>
#include <numeric>

namespace sotto::peer::engine {
namespace {

class ConversationTest : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};
};

using Attack35Strangers = ConversationTest;

TEST_F(Attack35Strangers, OnlyARequestIsHeard) {
    mallory.know(bob, ContactState::accepted);
    crypto::SeededRandom random(5);
    const auto key = crypto::OwnCurve::generate(random).public_key();
    const std::vector<std::pair<wire::Body, std::uint64_t>> bodies{
        {wire::Text{"buy"}, 1},
        {wire::DeliveredReceipt{}, 0},
        {wire::ContactAccept{"mallory", {}}, 0},
        {wire::MailboxToken{}, 0},
        {wire::Profile{1, "mallory"}, 0},
        {wire::SessionReset{crypto::SessionId(std::array<std::uint8_t, 16>{})}, 0},
        {wire::Endpoint{1, {"tcp://192.0.2.1:5000"}, key, key, {1}}, 0}};
    for (const auto& [body, seq] : bodies) {
        mallory.start(bob);
        const auto taken = bob.take(mallory.encrypt(bob, body, seq));
        EXPECT_TRUE(taken.out.saves.empty()) << body.index();
        EXPECT_TRUE(taken.out.sends.empty()) << body.index();
        EXPECT_TRUE(taken.out.changes.empty()) << body.index();
    }
    EXPECT_EQ(bob.core().counters.envelopes_unwelcome, bodies.size());
    mallory.start(bob);
    (void)bob.take(mallory.encrypt(bob, request_of(mallory)));
    ASSERT_NE(bob.core().contacts.find(mallory.id()), nullptr);
    EXPECT_EQ(bob.core().contacts.find(mallory.id())->view.state, ContactState::request_received);
}

TEST_F(Attack35Strangers, NothingGoesBackBeforeAccept) {
    mallory.know(bob, ContactState::accepted);
    mallory.start(bob);
    auto up = bob.turn();
    bob.core().on(up, GoOnline{});
    bob.core().on(up, ServerUp{ServerChannel::session});
    bob.core().on(up, ServerUp{ServerChannel::anonymous});
    bob.finish(up);
    // His gossip claims a newer device list than the one he shows: to fetch it, with the token he
    // chose, would tell that his request was opened.
    auto request = mallory.envelope(bob, request_of(mallory));
    request.own_list.seq = 9;
    const auto taken = bob.take(mallory.encrypt(bob, request));
    EXPECT_EQ(bob.core().contacts.find(mallory.id())->view.state, ContactState::request_received);
    EXPECT_TRUE(taken.out.sends.empty());
    EXPECT_TRUE(bob.core().outbox.empty());
    // Texts behind an unanswered request are not heard, not numbered and not answered either.
    const auto text = bob.take(mallory.encrypt(bob, wire::Text{"hey?"}, 1));
    EXPECT_TRUE(text.out.sends.empty());
    EXPECT_EQ(bob.rows(), 0U);
    const auto again = bob.take(mallory.encrypt(bob, request_of(mallory)));
    EXPECT_TRUE(again.out.sends.empty());
    bob.pass(9'000);  // before the connections are pinged
    auto t = bob.turn();
    bob.core().on(t, Tick{});
    EXPECT_TRUE(bob.finish(t).sends.empty());
}

TEST_F(Attack35Strangers, OneRequestTooManyIsRefused) {
    for (std::size_t i = 0; i < pending_requests_max; ++i) {
        Party stranger("stranger" + std::to_string(i), 1000 + i);
        bob.know(stranger, ContactState::request_received);
    }
    mallory.know(bob, ContactState::accepted);
    mallory.start(bob);
    const auto taken = bob.take(mallory.encrypt(bob, request_of(mallory)));
    EXPECT_TRUE(taken.out.saves.empty());
    EXPECT_EQ(bob.core().counters.requests_refused, 1U);
    EXPECT_EQ(bob.core().contacts.find(mallory.id()), nullptr);
}

TEST_F(ConversationTest, WhoIsBlockedIsNotHeard) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    auto t = bob.turn();
    bob.core().on(t, BlockContact{.account = alice.id()});
    bob.finish(t);
    for (const wire::Body& body : {wire::Body(wire::Text{"two"}), wire::Body(request_of(alice))}) {
        const auto seq = std::holds_alternative<wire::Text>(body) ? 2U : 0U;
        const auto taken = bob.take(alice.encrypt(bob, body, seq));
        EXPECT_TRUE(taken.out.saves.empty());
        EXPECT_TRUE(taken.out.changes.empty());
    }
    EXPECT_EQ(bob.rows(), 1U);
}

using Attack27Injection = ConversationTest;

TEST_F(Attack27Injection, AnotherConversationsIdIsRefused) {
    introduce(alice, bob);
    introduce(mallory, bob);
    auto envelope = mallory.envelope(bob, wire::Text{"from alice, surely"}, 1);
    envelope.conversation = crypto::conversation_id(alice.id(), bob.id());
    const auto taken = bob.take(mallory.encrypt(bob, envelope));
    EXPECT_TRUE(taken.out.saves.empty());
    EXPECT_EQ(bob.core().counters.envelopes_refused, 1U);
}

TEST_F(Attack27Injection, ReceiptsForWhatWasNeverSentAndUnknownTypes) {
    introduce(alice, bob);
    wire::SeqSet everything;
    for (std::uint64_t seq = 1; seq < 2000; ++seq)
        (void)everything.insert(seq);
    (void)bob.take(alice.encrypt(bob, wire::ReadReceipt{everything, everything}));
    EXPECT_EQ(bob.rows(), 0U);
    for (const std::uint8_t type : std::array<std::uint8_t, 4>{0, 2, 32, 255}) {
        Bytes bytes = encode(alice.envelope(bob, wire::Text{"edit"}, std::uint64_t{type} + 1));
        bytes[1] = type;
        auto t = alice.turn();
        const auto message = alice.core().sessions.encrypt(t, bob.address(), bytes);
        alice.finish(t);
        (void)bob.take(*message);
    }
    EXPECT_EQ(bob.rows(), 4U);  // shown as not supported
    EXPECT_FALSE(bob.core().timers.running(timer(TimerKind::receipt, alice.address())));
}

// EDIT, DELETE and SYNC_SENT of a later version are rows that say so, whosever text they name;
// there is nothing of ours they could change. And types that never were change nothing but such a
// row.
TEST_F(Attack27Injection, TypesOfLaterVersionsTouchNoMessageThatIsThere) {
    introduce(alice, bob);
    const auto first = alice.envelope(bob, wire::Text{"the original"}, 1);
    (void)bob.take(alice.encrypt(bob, first));
    auto t = bob.turn();
    bob.core().on(t, SendText{.to = alice.id(), .text = "bob's own"});
    bob.finish(t);
    const auto before = bob.store().disk().messages;
    const auto outbox = bob.core().outbox.size();
    std::uint64_t seq = 2;
    for (const std::uint8_t type : std::array<std::uint8_t, 6>{0, 2, 3, 32, 33, 255}) {
        auto envelope = alice.envelope(bob, wire::Text{"another text"}, seq++);
        envelope.id = first.id;  // of the row it would like to change
        Bytes bytes = encode(envelope);
        bytes[1] = type;
        auto u = alice.turn();
        const auto message = alice.core().sessions.encrypt(u, bob.address(), bytes);
        alice.finish(u);
        (void)bob.take(*message);
    }
    for (const auto& [row, stored] : before)
        EXPECT_EQ(bob.store().disk().messages.at(row).message, stored.message);
    EXPECT_EQ(bob.store().disk().messages.size(), before.size());  // a known id: no row of its own
    EXPECT_EQ(bob.core().outbox.size(), outbox);
}

// Every receipt names what was never sent, or what another contact was sent: nothing of it changes.
TEST_F(Attack27Injection, AReceiptSpeaksForItsOwnDeviceOnly) {
    introduce(alice, bob);
    introduce(mallory, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"hello"}, 1));
    (void)bob.take(mallory.encrypt(bob, wire::Text{"hello"}, 1));
    auto t = bob.turn();
    bob.core().on(t, SendText{.to = alice.id(), .text = "for alice"});
    bob.finish(t);
    wire::SeqSet one;
    (void)one.insert(1);
    const auto taken = bob.take(mallory.encrypt(bob, wire::ReadReceipt{one, one}));
    for (const SaveOp& op : taken.out.saves)
        EXPECT_FALSE(std::holds_alternative<SaveMessageState>(op));
    EXPECT_EQ(bob.core().outbox.lane(alice.address()).undelivered.size(), 1U);
}

// A hole is told of after an hour, once, with how many are missing; a number that jumped is none.
TEST_F(ConversationTest, MessagesThatDoNotComeAreTold) {
    introduce(alice, bob);
    const auto notices = [&] {
        std::vector<std::string> texts;
        for (const auto& [row, stored] : bob.store().disk().messages) {
            if (stored.message.kind == MessageKind::notice) texts.push_back(stored.message.text);
        }
        return texts;
    };
    const auto tick = [&] {
        auto t = bob.turn();
        bob.core().on(t, Tick{});
        bob.finish(t);
    };
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    (void)bob.take(alice.encrypt(bob, wire::Text{"five"}, 5));
    bob.pass(gap_patience_ms - 1);
    tick();
    EXPECT_TRUE(notices().empty());
    (void)bob.take(alice.encrypt(bob, wire::Text{"three"}, 3));  // late, but there
    bob.pass(1);
    tick();
    EXPECT_EQ(notices(), std::vector<std::string>{"notice:missing:2"});
    (void)bob.take(alice.encrypt(bob, wire::Text{"a new start"}, 5 + row_step));
    bob.restart();
    auto t = bob.turn();
    bob.core().conversation.resume(t);
    bob.finish(t);
    bob.pass(2 * gap_patience_ms);
    tick();
    bob.pass(2 * gap_patience_ms);
    tick();
    EXPECT_EQ(notices().size(), 1U);
}

using Attack20Reflection = ConversationTest;

TEST_F(Attack20Reflection, OwnMessagesReturned) {
    introduce(alice, bob);
    const auto to_bob = alice.encrypt(bob, wire::Text{"one"}, 1);
    (void)bob.take(to_bob);
    const auto to_alice = bob.encrypt(alice, wire::Text{"two"}, 1);
    EXPECT_TRUE(alice.take(to_bob).out.saves.empty());
    EXPECT_TRUE(bob.take(to_alice).out.saves.empty());
    (void)alice.take(to_alice);
    EXPECT_TRUE(bob.take(to_alice).out.saves.empty());
}

using Attack05Replays = ConversationTest;

TEST_F(Attack05Replays, AHandshakeMakesOneSession) {
    for (const bool one_time : {false, true}) {
        Party carol("carol", 20 + (one_time ? 1 : 0));
        carol.know(bob, ContactState::accepted);
        bob.know(carol, ContactState::accepted);
        carol.start(bob, one_time);
        const auto init = carol.encrypt(bob, wire::Text{"one"}, 1);
        ASSERT_EQ(init.kind, crypto::SealedKind::init);
        const std::size_t before = bob.rows();
        (void)bob.take(init);
        EXPECT_EQ(bob.rows(), before + 1);
        const auto sid = bob.core().sessions.active(carol.address())->ratchet.sid();
        (void)bob.take(init);
        bob.restart();
        (void)bob.take(init);
        EXPECT_EQ(bob.rows(), before + 1);
        EXPECT_EQ(bob.core().sessions.active(carol.address())->ratchet.sid(), sid);
        // Even when the session is gone, the replay is remembered.
        auto t = bob.turn();
        bob.core().sessions.forget(t, carol.id());
        bob.finish(t);
        bob.restart();
        EXPECT_EQ(bob.take(init).received.failure, OpenError::refused);
        EXPECT_EQ(bob.core().sessions.active(carol.address()), nullptr);
    }
}

using Attack06OneTimeKeys = ConversationTest;

TEST_F(Attack06OneTimeKeys, ServedTwiceWorksOnce) {
    alice.know(bob, ContactState::accepted);
    mallory.know(bob, ContactState::accepted);
    bob.know(alice, ContactState::accepted);
    bob.know(mallory, ContactState::accepted);
    const auto bundle = bob.bundle(true);
    for (Party* party : {&alice, &mallory}) {
        auto t = party->turn();
        const auto list = crypto::DevList::decode(bundle.device_list).value();
        const auto cert = crypto::Cert::decode(bundle.devices[0].cert).value();
        ASSERT_TRUE(party->core().sessions.start(
            t, {.dev_list = list,
                .cert = cert,
                .prerec = crypto::PreRec::decode(bundle.devices[0].prekeys, cert).value(),
                .one_time = crypto::OpkRec::decode(bundle.devices[0].one_time, cert).value()}));
        party->finish(t);
    }
    (void)bob.take(alice.encrypt(bob, wire::Text{"first"}, 1));
    EXPECT_EQ(bob.rows(), 1U);
    const auto second = bob.take(mallory.encrypt(bob, wire::Text{"second"}, 1));
    EXPECT_EQ(second.received.failure, OpenError::refused);
    EXPECT_TRUE(second.out.saves.empty());
    mallory.start(bob);
    (void)bob.take(mallory.encrypt(bob, wire::Text{"second"}, 1));
    EXPECT_EQ(bob.rows(), 2U);
}

// Every order in which 2 + 2 messages of a simultaneous start can arrive: both end with the same
// session, and nothing is lost.
using Attack24SimultaneousStart = ConversationTest;

TEST_F(Attack24SimultaneousStart, BothAgreeInEveryOrder) {
    std::vector<int> order{0, 1, 2, 3};
    std::uint64_t seed = 100;
    do {
        Party a("anna", seed++);
        Party b("bert", seed++);
        a.know(b, ContactState::accepted);
        b.know(a, ContactState::accepted);
        a.start(b);
        b.start(a);
        const std::array messages{
            a.encrypt(b, wire::Text{"a1"}, 1), a.encrypt(b, wire::Text{"a2"}, 2),
            b.encrypt(a, wire::Text{"b1"}, 1), b.encrypt(a, wire::Text{"b2"}, 2)};
        for (const int i : order)
            (void)(i < 2 ? b : a).take(messages[static_cast<std::size_t>(i)]);
        EXPECT_EQ(a.rows(), 2U);
        EXPECT_EQ(b.rows(), 2U);
        (void)b.take(a.encrypt(b, wire::Text{"a3"}, 3));
        (void)a.take(b.encrypt(a, wire::Text{"b3"}, 3));
        EXPECT_EQ(a.rows(), 3U);
        EXPECT_EQ(b.rows(), 3U);
        EXPECT_EQ(a.core().sessions.active(b.address())->ratchet.sid(),
                  b.core().sessions.active(a.address())->ratchet.sid());
    } while (std::next_permutation(order.begin(), order.end()));
}

using Attack25Resets = ConversationTest;

// A message with one byte changed, or cut off.
Encrypted damaged(const Encrypted& message, crypto::SeededRandom& random) {
    Encrypted garbage = message;
    const auto dice = random.array<4>();
    std::uint8_t& byte = garbage.payload[(dice[0] + 256U * dice[1]) % garbage.payload.size()];
    byte ^= dice[2] == 0 ? std::uint8_t{1} : dice[2];
    if (dice[3] % 4 == 0) garbage.payload.resize(dice[1]);
    return garbage;
}

TEST_F(Attack25Resets, TenThousandDamagedMessagesCauseNone) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    (void)alice.take(bob.encrypt(alice, wire::Text{"so we both have a session"}, 1));
    const auto sample = alice.encrypt(bob, wire::Text{"two"}, 2);
    ASSERT_EQ(sample.kind, crypto::SealedKind::message);
    crypto::SeededRandom random(8);
    for (int i = 0; i < 10'000; ++i) {
        const auto taken = bob.take(damaged(sample, random));
        ASSERT_TRUE(taken.out.saves.empty());
        ASSERT_TRUE(taken.out.sends.empty());
        ASSERT_TRUE(taken.out.changes.empty());
    }
    EXPECT_EQ(bob.core().counters.sessions_reset, 0U);
    (void)bob.take(sample);
    EXPECT_EQ(bob.rows(), 2U);
}

// Around a message of a session that exists, what makes a handshake is not looked at again: the
// message speaks for itself. So damage outside it changes nothing, and inside it is refused.
TEST_F(Attack25Resets, DamagedHandshakesMakeNoSession) {
    introduce(alice, bob);
    const auto first = alice.encrypt(bob, wire::Text{"one"}, 1);
    crypto::SeededRandom random(8);
    for (int i = 0; i < 2'000; ++i) {
        const auto taken = bob.take(damaged(first, random));
        ASSERT_TRUE(taken.out.saves.empty());
        ASSERT_TRUE(taken.out.sends.empty());
    }
    EXPECT_EQ(bob.core().sessions.active(alice.address()), nullptr);
    (void)bob.take(first);
    const auto sid = bob.core().sessions.active(alice.address())->ratchet.sid();
    const auto second = alice.encrypt(bob, wire::Text{"two"}, 2);
    ASSERT_EQ(second.kind, crypto::SealedKind::init);
    for (int i = 0; i < 2'000; ++i) {
        (void)bob.take(damaged(second, random));
        ASSERT_LE(bob.rows(), 2U);
    }
    EXPECT_EQ(bob.core().sessions.active(alice.address())->ratchet.sid(), sid);
    EXPECT_EQ(bob.store().disk().sessions.size(), 1U);
    EXPECT_EQ(bob.core().counters.sessions_reset, 0U);
    (void)bob.take(second);
    EXPECT_EQ(bob.rows(), 2U);
    EXPECT_EQ(bob.store().disk().messages.rbegin()->second.message.text, "two");
}

TEST_F(Attack25Resets, AReplayedResetIsIgnored) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    const auto old = bob.core().sessions.active(alice.address())->ratchet.sid();
    // Inside a session that both have a reset says nothing.
    (void)alice.take(bob.encrypt(alice, wire::Text{"so have I"}, 1));
    (void)bob.take(alice.encrypt(bob, wire::SessionReset{old}));
    EXPECT_EQ(bob.core().counters.sessions_reset, 0U);
    // Alice lost her state: a new handshake brings it, once.
    auto t = alice.turn();
    alice.core().sessions.forget(t, bob.id());
    alice.finish(t);
    alice.start(bob);
    const auto reset = alice.encrypt(bob, wire::SessionReset{old});
    (void)bob.take(reset);
    EXPECT_EQ(bob.core().counters.sessions_reset, 1U);
    EXPECT_NE(bob.core().sessions.active(alice.address())->ratchet.sid(), old);
    for (int i = 0; i < 3; ++i)
        (void)bob.take(reset);
    EXPECT_EQ(bob.core().counters.sessions_reset, 1U);
}

// A text of the new session that was faster than the reset does not make it void; nor does a second
// one count.
TEST_F(Attack25Resets, CountOnceWhateverCameFirst) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    auto t = alice.turn();
    alice.core().sessions.forget(t, bob.id());
    alice.finish(t);
    alice.start(bob);
    const auto sid = alice.core().sessions.active(bob.address())->ratchet.sid();
    const auto reset = alice.encrypt(bob, wire::SessionReset{sid});
    const auto again = alice.encrypt(bob, wire::SessionReset{sid});
    (void)bob.take(alice.encrypt(bob, wire::Text{"two"}, 2));
    (void)bob.take(reset);
    EXPECT_EQ(bob.core().counters.sessions_reset, 1U);
    bob.restart();
    (void)bob.take(again);
    EXPECT_EQ(bob.core().counters.sessions_reset, 0U);  // of the new process
}

// What was not received is encrypted again for the new session, under the same ids and numbers.
TEST_F(Attack25Resets, WhatWasNotReceivedComesAgain) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"hi"}, 1));
    auto t = bob.turn();
    bob.core().on(t, SendText{.to = alice.id(), .text = "lost?"});
    bob.finish(t);
    auto u = bob.turn();
    const auto lost = bob.core().outbox.lane(alice.address()).to_send;
    ASSERT_EQ(lost.size(), 1U);
    const EnvelopeId before = bob.core().outbox.find(*lost.begin())->envelope;
    bob.finish(u);
    auto v = alice.turn();
    alice.core().sessions.forget(v, bob.id());
    alice.finish(v);
    alice.start(bob);
    const crypto::SessionId unknown(std::array<std::uint8_t, 16>{});
    (void)bob.take(alice.encrypt(bob, wire::SessionReset{unknown}));
    const Entry& entry = *bob.core().outbox.find(*lost.begin());
    EXPECT_EQ(entry.seq, 1U);
    if (entry.sealed) {
        EXPECT_NE(entry.envelope, before);
        EXPECT_EQ(entry.sealed->session,
                  bob.core().sessions.active(alice.address())->ratchet.sid());
    }
}

using Attack13DeviceLists = ConversationTest;

TEST_F(Attack13DeviceLists, RollbackForkAndWithheldListsAreNoticed) {
    ContactRecord& record = bob.know(alice, ContactState::accepted);
    const Identity& identity = alice.core().account.identity();
    const auto first = identity.list;
    const auto second = crypto::DevList::successor(identity.account_key, first, first.entries(),
                                                   test_wall_ms + 1000);
    const auto other_second = crypto::DevList::successor(identity.account_key, first,
                                                         first.entries(), test_wall_ms + 2000);
    EXPECT_TRUE(adopt_list(record, second));
    EXPECT_FALSE(adopt_list(record, first));
    EXPECT_FALSE(adopt_list(record, other_second));
    EXPECT_EQ(record.list->hash(), second.hash());
    // Alice says she holds a newer list of hers than we have seen: it is fetched.
    alice.know(bob, ContactState::accepted);
    alice.start(bob);
    auto envelope = alice.envelope(bob, wire::Text{"hi"}, 1);
    envelope.own_list = {.seq = 9, .hash8 = {}};
    (void)bob.take(alice.encrypt(bob, envelope));
    auto forked = alice.envelope(bob, wire::Text{"hi"}, 2);
    forked.own_list = {.seq = 2, .hash8 = {1, 2, 3}};
    const auto before = bob.core().counters.lists_suspicious;
    (void)bob.take(alice.encrypt(bob, forked));
    EXPECT_EQ(bob.core().counters.lists_suspicious, before + 1);
}

TEST_F(ConversationTest, LateMessagesStandInTheirPlace) {
    introduce(alice, bob);
    std::vector<Encrypted> messages;
    for (std::uint64_t seq = 1; seq <= 8; ++seq) {
        messages.push_back(alice.encrypt(bob, wire::Text{std::to_string(seq)}, seq));
    }
    for (const std::size_t i : {0U, 4U, 2U, 7U, 1U, 3U, 5U, 6U})
        (void)bob.take(messages[i]);
    std::string shown;
    for (const auto& [row, stored] : bob.store().disk().messages)
        shown += stored.message.text;
    EXPECT_EQ(shown, "12345678");
}

TEST_F(ConversationTest, AuthorsClockIsClamped) {
    introduce(alice, bob);
    auto future = alice.envelope(bob, wire::Text{"future"}, 1);
    future.at = {test_wall_ms * 2};
    (void)bob.take(alice.encrypt(bob, future));
    auto past = alice.envelope(bob, wire::Text{"past"}, 2);
    past.at = {0};
    (void)bob.take(alice.encrypt(bob, past));
    const auto now = bob.turn().now.wall.ms;
    for (const auto& [row, stored] : bob.store().disk().messages) {
        EXPECT_LE(stored.message.at.ms, now + 5 * 60 * 1000);
        EXPECT_GE(stored.message.at.ms + 14ULL * 24 * 3600 * 1000, now);
    }
}

// Each stage of a hostile message leaves every byte of the state as it was.
TEST_F(ConversationTest, RefusedMessagesLeaveTheDiskAsItWas) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    const auto before = bob.store().disk().sessions.begin()->second.state;
    auto t = alice.turn();
    const auto not_an_envelope = alice.core().sessions.encrypt(t, bob.address(), Bytes{1, 2, 3, 4});
    alice.finish(t);
    EXPECT_TRUE(bob.take(*not_an_envelope).out.saves.empty());
    EXPECT_EQ(bob.store().disk().sessions.begin()->second.state, before);
    EXPECT_EQ(bob.core().counters.envelopes_refused, 1U);
    (void)bob.take(alice.encrypt(bob, wire::Text{"two"}, 2));
    EXPECT_EQ(bob.rows(), 2U);
}

}  // namespace
}  // namespace sotto::peer::engine
