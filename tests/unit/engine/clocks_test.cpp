// A server that lies about the time, and a clock of our own that is wrong, destroy nothing, and
// what they date is corrected (decision 0195).
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;
constexpr std::uint64_t year_ms = 365 * day_ms;

// Bob has a session that only receives, and waits for a message of Alice's that later ones
// overtook. Then his program is started anew: nothing of it knows yet what both clocks agreed on.
class Clocks : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    std::optional<Encrypted> late{};

    Clocks() {
        introduce(alice, bob);
        (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
        late = alice.encrypt(bob, wire::Text{"two"}, 2);
        (void)bob.take(alice.encrypt(bob, wire::Text{"three"}, 3));
        auto t = bob.turn();
        bob.core().sessions.retire(t, alice.id());
        bob.finish(t);
        bob.restart();
    }
    void maintain(Party& party) {
        auto t = party.turn();
        party.core().maintain(t);
        party.finish(t);
    }
    void expect_nothing_destroyed() {
        maintain(bob);
        EXPECT_EQ(bob.store().disk().sessions.size(), 1U);
        EXPECT_FALSE(bob.take(alice.encrypt(bob, wire::Text{"four"}, 4)).received.failure);
        EXPECT_FALSE(bob.take(*late).received.failure) << "its key was kept";
    }
    void write() {
        auto t = bob.turn();
        bob.core().on(t, SendText{.to = alice.id(), .text = "not yet there"});
        bob.finish(t);
    }
    [[nodiscard]] DeliveryState state() {
        return bob.store().disk().messages.rbegin()->second.message.state;
    }
    // Everybody is right from now on: what was written lives for its two weeks, and no longer.
    void expect_two_weeks() {
        bob.set_clock(std::nullopt);
        bob.hear_time(bob.true_ms());
        maintain(bob);
        EXPECT_EQ(state(), DeliveryState::saved);
        for (int day = 0; day < 13; ++day) {
            bob.pass(day_ms);
            bob.hear_time(bob.true_ms());
            maintain(bob);
        }
        EXPECT_EQ(state(), DeliveryState::saved);
        bob.pass(2 * day_ms);
        bob.hear_time(bob.true_ms());
        maintain(bob);
        EXPECT_EQ(state(), DeliveryState::failed);
    }
};

TEST_F(Clocks, AServerAYearAheadDestroysNothing) {
    bob.hear_time(bob.true_ms() + year_ms);
    expect_nothing_destroyed();
}

TEST_F(Clocks, OurOwnClockAYearAheadDestroysNothing) {
    bob.hear_time(bob.true_ms());
    bob.set_clock(bob.true_ms() + year_ms);
    bob.restart();
    bob.hear_time(bob.true_ms());
    expect_nothing_destroyed();
}

TEST_F(Clocks, ATextWrittenUnderAServerAYearAhead) {
    bob.hear_time(bob.true_ms() + year_ms);
    write();
    expect_two_weeks();
}

TEST_F(Clocks, ATextWrittenUnderAServerAYearBehind) {
    bob.hear_time(bob.true_ms() - year_ms);
    write();
    expect_two_weeks();
}

TEST_F(Clocks, ATextWrittenUnderOurClockAYearAhead) {
    bob.set_clock(bob.true_ms() + year_ms);
    bob.hear_time(bob.true_ms());
    write();
    expect_two_weeks();
}

TEST_F(Clocks, ATextWrittenUnderOurClockAYearBehind) {
    bob.set_clock(bob.true_ms() - year_ms);
    bob.hear_time(bob.true_ms());
    write();
    expect_two_weeks();
}

// The last of all times: nothing that is added to it wraps.
TEST_F(Clocks, AServerAtTheEndOfTime) {
    bob.hear_time(UINT64_MAX);
    bob.pass(day_ms);
    EXPECT_GT(bob.turn().believed_ms, bob.true_ms());
    expect_nothing_destroyed();
}

// A session that only receives, dated under a server a year ahead, ends two weeks after the truth.
TEST_F(Clocks, ASessionThatWasDatedAYearAhead) {
    bob.hear_time(bob.true_ms() + year_ms);
    auto t = bob.turn();
    alice.start(bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"in a new one"}, 4));
    bob.core().sessions.retire(t, alice.id());
    bob.finish(t);
    bob.hear_time(bob.true_ms());
    maintain(bob);
    bob.pass(15 * day_ms);
    bob.hear_time(bob.true_ms());
    maintain(bob);
    EXPECT_TRUE(bob.store().disk().sessions.empty());
}

}  // namespace
}  // namespace sotto::peer::engine
