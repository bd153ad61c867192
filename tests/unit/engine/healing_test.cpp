// What mends itself, in simulated time, after long loss.
#include <gtest/gtest.h>

#include "tests/support/sim_town.hpp"

namespace sotto::sim {
namespace {

using namespace peer;  // NOLINT: a test

constexpr std::uint64_t hour_ms = 3600 * 1000;

std::vector<std::string> numbered(const std::string& who, int first, int end) {
    std::vector<std::string> texts;
    for (int i = first; i < end; ++i)
        texts.push_back(who + " " + std::to_string(i));
    return texts;
}

// Three of ten frames are lost: on the link alone, to and from the rendezvous with the connection.
TEST(Healing, AfterLongLossEverythingIsThereOnceAndInOrder) {
    Options options = Town::calm();
    options.link_loss = 300;
    options.server_cut = 300;
    Town town(2, options);
    const auto registered = [&] { return town.peer(0).account() && town.peer(1).account(); };
    const auto friends = [&] {
        const Contact* known = registered() ? town.contact(0, 1) : nullptr;
        return known != nullptr && known->state == ContactState::accepted;
    };
    for (int tries = 0; tries < 20 && !friends(); ++tries) {
        for (PeerIndex i = 0; i < 2; ++i) {
            crypto::SeededRandom password(i);
            town.peer(i).command(RegisterAccount{.username = "peer" + std::to_string(i),
                                                 .login_key = crypto::OwnLk::generate(password)});
        }
        town.run_for(hour_ms / 4);
        if (!registered()) continue;
        town.ask(0, 1, true);
        town.run_for(hour_ms / 4);
        town.accept(1, 0, true);
        town.run_for(hour_ms / 4);
    }
    ASSERT_TRUE(friends());
    const auto from_0 = numbered("from 0", 0, 150);
    const auto from_1 = numbered("from 1", 0, 150);
    for (std::size_t i = 0; i < from_0.size(); ++i) {
        town.write(0, 1, from_0[i]);
        town.write(1, 0, from_1[i]);
        town.run_for(20'000);
    }
    town.network().heal();
    EXPECT_TRUE(town.run_until(
        3 * hour_ms, [&] { return town.peer(0).outbox_empty() && town.peer(1).outbox_empty(); }));
    EXPECT_EQ(town.texts(1, 0), from_0);
    EXPECT_EQ(town.texts(0, 1), from_1);
}

}  // namespace
}  // namespace sotto::sim
