// Copies of a profile from before an answer: whoever is put back to a time when somebody was only
// asked, or had only asked, talks again by itself, and no text is lost or shown as read.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_town.hpp"

namespace sotto::sim {
namespace {

using namespace peer;  // NOLINT: a test

constexpr std::uint64_t hour_ms = 3600 * 1000;
constexpr std::uint64_t day_ms = 24 * hour_ms;

// Which of the two is put back: the account ids differ in who dials and whose request wins.
class OlderCopy : public testing::TestWithParam<PeerIndex> {
protected:
    OlderCopy() : own(GetParam()), other(1 - own), town(2) {}

    void write(const std::string& what, int count, std::uint64_t apart_ms) {
        for (int i = 0; i < count; ++i) {
            written.push_back(what + " " + std::to_string(i));
            town.write(own, other, written.back());
            town.run_for(apart_ms);
        }
    }
    // Away for days, and back with new keys, of which the other hears with the next text.
    void pass_days(std::uint64_t days) {
        for (PeerIndex i = 0; i < 2; ++i)
            town.peer(i).command(GoOffline{});
        town.run_for(days * day_ms);
        for (PeerIndex i = 0; i < 2; ++i)
            town.peer(i).command(GoOnline{});
        town.run_for(30'000);
    }
    void leave(PeerIndex who, std::uint64_t for_ms) {
        town.peer(who).command(GoOffline{});
        town.run_for(for_ms);
        town.peer(who).command(GoOnline{});
    }
    // The profile is an older one with the next start of the program.
    void put_back(const Disk& copy) {
        town.peer(own).command(GoOffline{});
        town.run_for(1'000);
        town.peer(own).put_back(copy);
        ASSERT_TRUE(town.run_until(10'000, [&] { return town.peer(own).running(); }));
    }
    // Nothing counts as there that is not there.
    void expect_honest() {
        const auto there = town.texts(other, own);
        for (const auto& [row, stored] : town.peer(own).disk().messages) {
            const Message& message = stored.message;
            if (!message.outgoing || message.state < DeliveryState::delivered) continue;
            if (message.state == DeliveryState::failed) continue;
            EXPECT_NE(std::find(there.begin(), there.end(), message.text), there.end())
                << message.text << " counts as delivered";
        }
    }
    [[nodiscard]] bool contacts() const {
        const Contact* known = town.contact(own, other);
        return known != nullptr && known->state == ContactState::accepted;
    }

    PeerIndex own;
    PeerIndex other;
    Town town;
    std::vector<std::string> written;
};

// The copy is of the time when the other had asked and was not answered: accepted since, written to
// and read. Accepting once more must not give the same numbers again.
TEST_P(OlderCopy, NumbersFromBeforeTheAnswerAreNotGivenAgain) {
    town.ask(other, own);
    town.run_for(2'000);
    const Disk copy = town.peer(own).disk();
    town.accept(own, other);
    town.run_for(10'000);
    write("before", 5, 10'000);
    town.read_all(other, own);
    pass_days(8);
    write("of the lost days", 2, 20'000);
    put_back(copy);
    town.run_for(300);
    town.accept(own, other);
    town.run_for(10);
    town.peer(own).command(GoOffline{});
    write("after", 8, 10);
    town.run_for(1'000);
    town.peer(own).die();  // what it knew of the rendezvous' answer is gone
    ASSERT_TRUE(town.run_until(10'000, [&] { return town.peer(own).running(); }));
    for (int i = 0; i < 100; ++i) {
        town.run_for(100);
        expect_honest();
    }
    town.run_for(2 * hour_ms);
    expect_honest();
    EXPECT_EQ(town.texts(other, own), written);
}

// The copy does not know the other at all.
TEST_P(OlderCopy, NumbersFromBeforeTheContactAreNotGivenAgain) {
    const Disk copy = town.peer(own).disk();
    town.befriend(own, other);
    write("before", 5, 10'000);
    town.read_all(other, own);
    pass_days(8);
    write("of the lost days", 2, 20'000);
    put_back(copy);
    town.run_for(300);
    town.ask(own, other);
    town.run_for(10);
    town.peer(own).command(GoOffline{});
    write("after", 8, 10);
    town.peer(own).command(GoOnline{});
    for (int i = 0; i < 100; ++i) {
        town.run_for(100);
        expect_honest();
    }
    town.run_for(2 * hour_ms);
    expect_honest();
    EXPECT_EQ(town.texts(other, own), written);
}

// The same copy twice: numbers given after the first time are not given after the second.
TEST_P(OlderCopy, TheSameCopyTwice) {
    town.befriend(own, other);
    const Disk copy = town.peer(own).disk();
    write("before", 5, 10'000);
    for (int times = 0; times < 2; ++times) {
        town.read_all(other, own);
        pass_days(8);
        put_back(copy);
        write("after " + std::to_string(times), 5, 10'000);
        expect_honest();
    }
    town.run_for(2 * hour_ms);
    expect_honest();
    EXPECT_EQ(town.texts(other, own), written);
}

// The copy is of the time when the other had only been asked. They accepted since, and the mailbox
// key they know is lost with the copy.
TEST_P(OlderCopy, WhoHadOnlyBeenAskedTalksAgainByItself) {
    town.ask(own, other);
    town.run_for(2'000);
    const Disk copy = town.peer(own).disk();
    town.accept(other, own);
    town.run_for(10'000);
    write("before", 5, 10'000);
    pass_days(10);
    write("of the lost days", 2, 20'000);
    put_back(copy);
    town.run_for(300);
    write("after", 8, 10);
    EXPECT_TRUE(town.run_until(2 * 60'000, [&] { return contacts(); }));
    town.run_for(60'000);
    EXPECT_EQ(town.texts(other, own), written);
    town.write(other, own, "and back");
    town.run_for(10'000);
    EXPECT_EQ(town.texts(own, other), std::vector<std::string>{"and back"});
}

// Within a day the rendezvous swallows the second request: asked again until there is an answer,
// also by somebody whose program runs some hours at a time.
TEST_P(OlderCopy, ARequestThatWasSwallowedIsMadeAgain) {
    town.ask(own, other);
    town.run_for(2'000);
    const Disk copy = town.peer(own).disk();
    town.accept(other, own);
    town.run_for(2 * hour_ms);
    put_back(copy);
    write("after", 3, 10);
    for (int i = 0; i < 8 && !contacts(); ++i) {
        leave(own, 2 * hour_ms);
        town.peer(own).die();
        town.run_for(4 * hour_ms);
    }
    EXPECT_TRUE(contacts());
    town.run_for(hour_ms);
    EXPECT_EQ(town.texts(other, own), written);
}

// The rendezvous has no time for the new keys at first: nothing is encrypted before it has them,
// not even when the program ends in between.
TEST_P(OlderCopy, NothingGoesBeforeTheRendezvousHasTheNewKeys) {
    town.befriend(own, other);
    const Disk copy = town.peer(own).disk();
    write("before", 2, 10'000);
    pass_days(8);
    write("of the lost days", 2, 20'000);
    town.peer(own).command(GoOffline{});
    town.run_for(1'000);
    town.server().refuse_prekeys(3);
    put_back(copy);
    write("after", 2, 10);
    town.run_for(30'000);
    EXPECT_EQ(town.texts(other, own).size(), 4U);
    town.peer(own).die();
    town.run_for(30'000);
    EXPECT_EQ(town.texts(other, own).size(), 4U);
    town.run_for(10 * 60'000);
    EXPECT_EQ(town.texts(other, own), written);
    EXPECT_EQ(town.peer(other).counters()->items_unopenable, 0U);
    town.write(other, own, "and back");
    town.run_for(10'000);
    EXPECT_EQ(town.texts(own, other), std::vector<std::string>{"and back"});
}

// What a program that goes offline publishes last reaches the rendezvous: a copy of the minute
// before is noticed, and its person told.
TEST_P(OlderCopy, ACopyOfTheMinuteBeforeACleanEndIsNoticed) {
    town.befriend(own, other);
    const Disk copy = town.peer(own).disk();
    write("before", 2, 10'000);
    put_back(copy);
    town.run_for(10'000);
    const auto& rows = town.peer(own).disk().messages;
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.message.kind == MessageKind::notice;
    }));
}

INSTANTIATE_TEST_SUITE_P(Both, OlderCopy, testing::Values(PeerIndex{0}, PeerIndex{1}));

}  // namespace
}  // namespace sotto::sim
