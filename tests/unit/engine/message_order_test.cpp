// Attack 47: the clock of the machine jumps back and forth; what stands in a conversation, and in
// which order, stays.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_town.hpp"
#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t year_ms = 365 * 24 * hour_ms;

using Texts = std::vector<std::string>;

/// Both directions, in the order of the rows: the order in which pages show them.
Texts conversation(const sim::Disk& disk) {
    Texts out;
    for (const auto& [row, stored] : disk.messages)
        out.push_back(stored.message.text);
    return out;
}
bool begins_with(const Texts& all, const Texts& start) {
    return all.size() >= start.size() && std::equal(start.begin(), start.end(), all.begin());
}

class Attack47MessageOrder : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Paths, Attack47MessageOrder, testing::Bool(), [](const auto& direct) {
    return std::string(direct.param ? "DirectLink" : "Relay");
});

TEST_P(Attack47MessageOrder, StaysWhileBothClocksJump) {
    sim::Town town(2);
    town.befriend(0, 1, GetParam());
    ASSERT_EQ(town.linked(0, 1), GetParam());
    Texts before[2] = {conversation(town.peer(0).disk()), conversation(town.peer(1).disk())};
    Texts written = before[0];
    const std::int64_t jumps[] = {10 * year_ms, -20 * year_ms, 10 * year_ms, -hour_ms,
                                  2 * hour_ms,  -hour_ms,      -1,           1};
    for (int round = 0; round < 24; ++round) {
        const std::int64_t jump = jumps[static_cast<std::size_t>(round) % std::size(jumps)];
        const auto who = static_cast<sim::PeerIndex>(round % 3 == 0);
        town.peer(who).jump_clock(jump);
        town.peer(1 - who).jump_clock(-jump / 2);
        if (round % 8 == 7) {
            town.peer(who).die();
            town.peer(who).start();
        }
        for (const int part : {0, 1}) {
            const std::string text = std::to_string(round) + "/" + std::to_string(part);
            const auto writer = part == 0 ? who : 1 - who;
            town.write(writer, 1 - writer, text);
            written.push_back(text);
            ASSERT_TRUE(town.run_until(60'000, [&] {
                return conversation(town.peer(1 - writer).disk()).size() == written.size();
            })) << text;
        }
        for (const sim::PeerIndex each : {0U, 1U}) {
            const Texts now = conversation(town.peer(each).disk());
            ASSERT_TRUE(begins_with(now, before[each])) << "peer " << each << " round " << round;
            before[each] = now;
        }
    }
    EXPECT_EQ(before[0], written);
    EXPECT_EQ(before[1], written);
}

// What overtook others on the way is put into its place by its number, not by anybody's clock.
TEST(Attack47LateMessages, ComeIntoTheirPlaceWhateverTheClockSays) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    introduce(alice, bob);
    std::vector<Encrypted> letters;
    const std::int64_t clocks[] = {0, 10 * year_ms, -10 * year_ms, hour_ms, -hour_ms};
    for (std::uint64_t seq = 1; seq <= 10; ++seq) {
        auto envelope = alice.envelope(bob, wire::Text{std::to_string(seq)}, seq);
        envelope.at.ms = static_cast<std::uint64_t>(static_cast<std::int64_t>(envelope.at.ms) +
                                                    clocks[seq % std::size(clocks)]);
        letters.push_back(alice.encrypt(bob, envelope));
    }
    std::map<std::string, std::uint64_t> rows;  // where each stood when it came
    std::size_t taken = 0;
    for (const std::size_t at : {0U, 5U, 2U, 9U, 3U, 1U, 8U, 4U, 7U, 6U}) {
        auto t = bob.turn();
        t.now.wall.ms = static_cast<std::uint64_t>(static_cast<std::int64_t>(t.now.wall.ms) +
                                                   clocks[taken++ % std::size(clocks)]);
        const auto received = bob.core().conversation.receive(
            t, {.kind = letters[at].kind, .payload = letters[at].payload});
        ASSERT_FALSE(received.failure);
        bob.core().took(t, received);
        bob.finish(t);
        if (taken == 5) bob.restart();
        for (const auto& [row, stored] : bob.store().disk().messages)
            EXPECT_EQ(rows.emplace(stored.message.text, row).first->second, row);
    }
    EXPECT_EQ(conversation(bob.store().disk()),
              (Texts{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}));
}

}  // namespace
}  // namespace sotto::peer::engine
