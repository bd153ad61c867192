// Texts that come again, and other texts that come in their place (docs/protocol-envelope.md,
// "Order and duplicates").
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class RepeatsTest : public testing::Test {
protected:
    RepeatsTest() { introduce(alice, bob); }

    [[nodiscard]] PeerDevice& device_at_bob() { return *bob.core().contacts.find(alice.address()); }
    void bob_reads() {
        auto t = bob.turn();
        bob.core().on(t, MarkRead{.peer = alice.id(), .row = UINT64_MAX >> 1U});
        bob.finish(t);
    }
    [[nodiscard]] bool bob_owes_a_receipt() {
        return bob.core().timers.running(timer(TimerKind::receipt, alice.address()));
    }

    Party alice{"alice", 1};
    Party bob{"bob", 2};
};

TEST_F(RepeatsTest, ARepeatIsAcknowledgedAndNotShown) {
    const auto message = alice.encrypt(bob, wire::Text{"one"}, 1);
    (void)bob.take(message);
    EXPECT_EQ(bob.rows(), 1U);
    bob.core().timers.cancel(timer(TimerKind::receipt, alice.address()));
    for (int i = 0; i < 3; ++i) {
        const auto again = bob.take(message);
        EXPECT_EQ(again.received.failure, OpenError::repeated);
        EXPECT_TRUE(again.out.saves.empty());
        EXPECT_TRUE(bob_owes_a_receipt());
    }
    bob.restart();
    EXPECT_EQ(bob.take(message).received.failure, OpenError::repeated);
    EXPECT_EQ(bob.rows(), 1U);
}

TEST_F(RepeatsTest, TheSameNumberOrIdUnderAnotherKeyIsNotShownTwice) {
    const auto envelope = alice.envelope(bob, wire::Text{"one"}, 1);
    (void)bob.take(alice.encrypt(bob, envelope));
    (void)bob.take(alice.encrypt(bob, envelope));  // encrypted again, as after a reset
    EXPECT_EQ(bob.rows(), 1U);
    auto other_text = envelope;
    other_text.body = wire::Text{"changed"};
    (void)bob.take(alice.encrypt(bob, other_text));
    auto other_number = envelope;
    other_number.sender_seq = 2;
    (void)bob.take(alice.encrypt(bob, other_number));
    EXPECT_EQ(bob.rows(), 1U);
    EXPECT_EQ(bob.store().disk().messages.begin()->second.message.text, "one");
}

TEST_F(RepeatsTest, ARepeatFromBeforeARestartStaysRead) {
    const auto first = alice.envelope(bob, wire::Text{.text = "first"}, 1);
    (void)bob.take(alice.encrypt(bob, first));
    bob_reads();
    bob.restart();
    (void)bob.take(alice.encrypt(bob, first));  // the receipt was lost
    EXPECT_EQ(bob.rows(), 1U);
    EXPECT_TRUE(device_at_bob().read.contains(1));
    EXPECT_TRUE(device_at_bob().unread.empty());
    EXPECT_TRUE(bob_owes_a_receipt());
}

// Renumbered by a sender who never heard that we have it.
TEST_F(RepeatsTest, AKnownTextUnderANewNumberIsReadWhenItWasRead) {
    auto text = alice.envelope(bob, wire::Text{.text = "first"}, 1);
    (void)bob.take(alice.encrypt(bob, text));
    text.sender_seq = 500;
    (void)bob.take(alice.encrypt(bob, text));
    EXPECT_TRUE(device_at_bob().received.contains(500));
    EXPECT_FALSE(device_at_bob().read.contains(500));
    bob_reads();
    EXPECT_TRUE(device_at_bob().read.contains(500));
    for (const bool restarted : {false, true}) {
        if (restarted) bob.restart();
        text.sender_seq += 500;
        (void)bob.take(alice.encrypt(bob, text));
        EXPECT_TRUE(device_at_bob().read.contains(text.sender_seq)) << "nobody looks at it again";
    }
    EXPECT_EQ(bob.rows(), 1U);
}

// A contact's repeats must not make us give a row twice: the database would refuse the batch, and
// with it everybody's mail, each time it came again.
TEST_F(RepeatsTest, NoRowIsGivenTwiceWhateverIsRepeated) {
    auto repeated = alice.envelope(bob, wire::Text{.text = "first"}, 1);
    (void)bob.take(alice.encrypt(bob, repeated));
    std::uint64_t number = 0;
    for (int i = 0; i < 5; ++i) {
        number += 10;
        repeated.sender_seq = number;
        (void)bob.take(alice.encrypt(bob, repeated));
        (void)bob.take(alice.encrypt(bob, wire::Text{.text = "in front of it"}, number - 5));
        bob.restart();
        (void)bob.take(alice.encrypt(bob, wire::Text{.text = "later"}, number + 10));
        (void)bob.take(alice.encrypt(bob, wire::Text{.text = "before that"}, number + 5));
        number += 10;
    }
    EXPECT_EQ(bob.rows(), 16U);
    bob_reads();
    EXPECT_TRUE(device_at_bob().unread.empty());
}

// Of a profile that was put back.
TEST_F(RepeatsTest, AnotherTextUnderAKnownNumberIsUnread) {
    (void)bob.take(alice.encrypt(bob, wire::Text{.text = "first"}, 1));
    bob_reads();
    for (const bool restarted : {false, true}) {
        if (restarted) bob.restart();
        const std::size_t before = bob.rows();
        (void)bob.take(alice.encrypt(bob, wire::Text{.text = "another"}, 1));
        EXPECT_EQ(bob.rows(), before + 1);
        EXPECT_FALSE(device_at_bob().read.contains(1));
        bob_reads();
        EXPECT_TRUE(device_at_bob().read.contains(1));
    }
}

// Sent, to be encrypted anew, and the program was started again: the receipt for what was sent is
// for this text, and no sign of an older copy.
TEST_F(RepeatsTest, ANumberThatWasSentStaysSent) {
    (void)bob.take(alice.encrypt(bob, wire::MailboxToken{.token = request_of(alice).token}));
    auto t = alice.turn();
    alice.core().on(t, SendText{.to = bob.id(), .text = "on its way"});
    Entry& entry =
        *alice.core().outbox.find(*alice.core().outbox.lane(bob.address()).to_send.begin());
    ASSERT_TRUE(entry.sealed);
    const Encrypted sent = *entry.sealed;
    alice.core().outbox.renew(t, entry);
    alice.finish(t);
    ASSERT_TRUE(bob.take(sent).received.from);
    alice.restart();
    const std::uint64_t next = alice.core().contacts.find(bob.id())->next_seq;
    wire::SeqSet first;
    (void)first.insert(next - 1);
    const auto taken = alice.take(bob.encrypt(alice, wire::DeliveredReceipt{first}));
    EXPECT_FALSE(taken.received.overtaken);
    EXPECT_EQ(alice.core().contacts.find(bob.id())->next_seq, next);
    EXPECT_EQ(alice.store().disk().messages.rbegin()->second.message.state,
              DeliveryState::delivered);
}

}  // namespace
}  // namespace sotto::peer::engine
