// Who is told what was read, and the switch for it (docs/decisions/0175).
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

wire::SeqSet numbers(std::uint64_t first, std::uint64_t last) {
    return wire::SeqSet::from({{.first = first, .last = last}}).value();
}

class ReadReceipts : public testing::Test {
protected:
    ReadReceipts() { introduce(alice, bob); }

    Party alice{"alice", 1};
    Party bob{"bob", 2};

    static void set(Party& party, bool on) {
        auto t = party.turn();
        party.core().on(t, SetReadReceipts{.on = on, .command = 5});
        const Outputs out = party.finish(t);
        ASSERT_EQ(out.changes.size(), 1U);
        EXPECT_EQ(std::get<CommandDone>(out.changes[0]).command, 5U);
    }
    void text(std::uint64_t seq) {
        (void)bob.take(alice.encrypt(bob, wire::Text{.text = "text"}, seq));
    }
    void bob_reads() {
        auto t = bob.turn();
        bob.core().on(t, MarkRead{.peer = alice.id(), .row = UINT64_MAX >> 1U});
        const Outputs out = bob.finish(t);
        EXPECT_TRUE(out.sends.empty());
    }
    // Longer than any receipt is put off.
    void pass() {
        bob.pass(mailbox_receipt_delay_max_ms + 1);
        auto t = bob.turn();
        bob.core().on(t, Tick{});
        bob.finish(t);
    }
    [[nodiscard]] bool bob_owes() {
        return bob.core().timers.running(timer(TimerKind::receipt, alice.address()));
    }
    // What Bob's outbox has for Alice; there is no way out, so it stays there.
    [[nodiscard]] std::optional<wire::Body> waiting() {
        std::optional<wire::Body> found;
        for (const std::uint64_t order : bob.core().outbox.entries_of(alice.id())) {
            const Entry& entry = *bob.core().outbox.find(order);
            if (entry.cargo != Cargo::receipt) continue;
            EXPECT_FALSE(found) << "a newer receipt replaces the older";
            found = wire::decode_envelope(entry.plain).value().body;
        }
        return found;
    }
    [[nodiscard]] wire::Body told() {
        pass();
        return waiting().value_or(wire::Body(wire::Typing{}));
    }
};

TEST_F(ReadReceipts, AreSentUnlessSwitchedOff) {
    EXPECT_TRUE(bob.core().conversation.read_receipts());
    text(1);
    bob_reads();
    EXPECT_EQ(told(), wire::Body(wire::ReadReceipt{numbers(1, 1), numbers(1, 1)}));
}

TEST_F(ReadReceipts, WhatIsReadWhileTheyAreOffIsNeverTold) {
    set(bob, false);
    text(1);
    EXPECT_EQ(told(), wire::Body(wire::DeliveredReceipt{numbers(1, 1)}));
    bob_reads();
    EXPECT_FALSE(bob_owes()) << "reading sends nothing at all";
    set(bob, true);
    EXPECT_FALSE(bob_owes());
    bob_reads();  // the same texts, seen again
    EXPECT_FALSE(bob_owes());
    text(2);
    bob_reads();
    EXPECT_EQ(told(), wire::Body(wire::ReadReceipt{numbers(1, 2), numbers(2, 2)}));
}

TEST_F(ReadReceipts, WhatWasReadBeforeAndNotToldYetIsTakenBack) {
    text(1);
    bob_reads();
    EXPECT_TRUE(bob_owes());  // put off by some seconds
    set(bob, false);
    EXPECT_EQ(told(), wire::Body(wire::DeliveredReceipt{numbers(1, 1)}));
    set(bob, true);
    text(2);
    bob_reads();
    EXPECT_EQ(told(), wire::Body(wire::ReadReceipt{numbers(1, 2), numbers(2, 2)}));
    set(bob, false);  // now it stands in the outbox, ready to go
    EXPECT_FALSE(waiting());
    EXPECT_EQ(told(), wire::Body(wire::DeliveredReceipt{numbers(1, 2)}));
}

TEST_F(ReadReceipts, ASwitchWithNothingToTakeBackSendsNothing) {
    set(bob, false);
    set(bob, false);
    EXPECT_FALSE(bob_owes());
    set(bob, true);
    EXPECT_FALSE(bob_owes());
    pass();
    EXPECT_FALSE(waiting());
}

TEST_F(ReadReceipts, TheSwitchAndWhatWasReadUnderItAreKept) {
    set(bob, false);
    text(1);
    bob_reads();
    bob.restart();
    EXPECT_FALSE(bob.core().conversation.read_receipts());
    set(bob, true);
    bob.restart();
    EXPECT_TRUE(bob.core().conversation.read_receipts());
    bob_reads();
    EXPECT_FALSE(bob_owes());
    text(2);
    bob_reads();
    EXPECT_EQ(told(), wire::Body(wire::ReadReceipt{numbers(1, 2), numbers(2, 2)}));
}

TEST_F(ReadReceipts, AReceiptOwedAtACrashIsOneOfDelivery) {
    text(1);
    bob_reads();
    set(bob, false);
    bob.restart();
    auto t = bob.turn();
    bob.core().conversation.resume(t);
    bob.finish(t);
    EXPECT_EQ(told(), wire::Body(wire::DeliveredReceipt{numbers(1, 1)}));
}

// The database alone remembers that it was read, and not whether that may be told.
TEST_F(ReadReceipts, ARepeatOfWhatWasReadSilentlyTellsNothing) {
    const auto silent = alice.envelope(bob, wire::Text{.text = "silent"}, 1);
    const auto open = alice.envelope(bob, wire::Text{.text = "open"}, 2);
    set(bob, false);
    (void)bob.take(alice.encrypt(bob, silent));
    bob_reads();
    const auto repeat_both = [&](std::uint64_t number) {
        bob.restart();
        for (auto envelope : {silent, open}) {
            (void)bob.take(alice.encrypt(bob, envelope));
            envelope.sender_seq += number;
            (void)bob.take(alice.encrypt(bob, envelope));
        }
        EXPECT_EQ(bob.rows(), 2U);
    };
    set(bob, true);
    (void)bob.take(alice.encrypt(bob, open));
    bob_reads();
    repeat_both(2);
    const wire::SeqSet second = wire::SeqSet::from({{2, 2}, {4, 4}}).value();
    EXPECT_EQ(told(), wire::Body(wire::ReadReceipt{numbers(1, 4), second}));
    set(bob, false);
    repeat_both(4);
    EXPECT_EQ(told(), wire::Body(wire::DeliveredReceipt{numbers(1, 6)}));
}

// Who tells nobody is told by nobody, also afterwards.
TEST_F(ReadReceipts, OthersReadingIsNotShownMeanwhile) {
    const auto write = [&] {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = "text"});
        alice.finish(t);
    };
    const auto state = [&](std::size_t index) {
        auto at = alice.store().disk().messages.begin();
        std::advance(at, index);
        return at->second.message.state;
    };
    write();
    text(3);  // opens the session at Bob's, who can then answer
    set(alice, false);
    for (int round = 0; round < 2; ++round) {
        (void)alice.take(bob.encrypt(alice, wire::ReadReceipt{numbers(1, 1), numbers(1, 1)}));
        EXPECT_EQ(state(0), DeliveryState::delivered);
        EXPECT_EQ(alice.core().outbox.size(), 0U) << "nothing is awaited any more";
        set(alice, round == 0);  // on, then off
    }
    set(alice, true);
    write();
    (void)alice.take(bob.encrypt(alice, wire::ReadReceipt{numbers(1, 2), numbers(1, 2)}));
    EXPECT_EQ(state(0), DeliveryState::delivered);
    EXPECT_EQ(state(1), DeliveryState::read);
}

}  // namespace
}  // namespace sotto::peer::engine
