// What every Bus keeps to, whatever carries its hints. An adapter joins by naming itself below.
//
// Hints may be lost, doubled or late, so the suite asks for nothing to arrive where an adapter does
// not promise it; it asks that nothing else arrives.
#include "rendezvous/local_bus.hpp"
#include "store_fixtures.hpp"

#include <deque>
#include <functional>

namespace sotto::rendezvous::testing {
namespace {

// Nodes of one rendezvous in one process: what an adapter for several nodes has to be like.
class SharedBus final : public Bus {
public:
    struct Node {
        std::deque<MailHint> waiting;
    };
    using Nodes = std::array<Node, 2>;
    // A node that does not collect keeps so many of the newest: losing hints is allowed.
    static constexpr std::size_t max_waiting = 10'000;

    SharedBus(std::shared_ptr<Nodes> nodes, std::size_t own)
        : nodes_(std::move(nodes)), own_(own) {}
    void publish(const MailHint& hint) override {
        std::deque<MailHint>& waiting = (*nodes_)[1 - own_].waiting;
        if (waiting.size() == max_waiting) waiting.pop_front();
        waiting.push_back(hint);
    }
    [[nodiscard]] std::vector<MailHint> collect() override {
        auto mine = std::exchange((*nodes_)[own_].waiting, {});
        return {mine.begin(), mine.end()};
    }

private:
    std::shared_ptr<Nodes> nodes_;
    std::size_t own_;
};

using Pair = std::array<std::unique_ptr<Bus>, 2>;

struct BusAdapter {
    const char* name;
    std::function<Pair()> make;
    bool delivers;  // from one node to the other, when both run and nothing is too much
};

class bus_conformance : public ::testing::TestWithParam<BusAdapter> {
protected:
    Pair nodes = GetParam().make();
    static MailHint hint(std::uint8_t number) { return {address(number, number)}; }
};

INSTANTIATE_TEST_SUITE_P(
    adapters, bus_conformance,
    ::testing::Values(
        BusAdapter{"local",
                   [] {
                       return Pair{std::make_unique<LocalBus>(), std::make_unique<LocalBus>()};
                   },
                   false},
        BusAdapter{"shared",
                   [] {
                       auto both = std::make_shared<SharedBus::Nodes>();
                       return Pair{std::make_unique<SharedBus>(both, 0),
                                   std::make_unique<SharedBus>(both, 1)};
                   },
                   true}),
    [](const auto& param) { return param.param.name; });

TEST_P(bus_conformance, a_new_bus_has_nothing_to_say) {
    EXPECT_TRUE(nodes[0]->collect().empty());
    EXPECT_TRUE(nodes[1]->collect().empty());
}

TEST_P(bus_conformance, a_node_does_not_hear_itself) {
    nodes[0]->publish(hint(1));
    EXPECT_TRUE(nodes[0]->collect().empty());
}

TEST_P(bus_conformance, the_other_node_hears_once_and_nothing_that_was_not_said) {
    nodes[0]->publish(hint(1));
    nodes[0]->publish(hint(2));
    const auto heard = nodes[1]->collect();
    EXPECT_EQ(heard.size(), GetParam().delivers ? 2U : 0U);
    for (const MailHint& each : heard) {
        EXPECT_TRUE(each.address == address(1, 1) || each.address == address(2, 2));
    }
    EXPECT_TRUE(nodes[1]->collect().empty()) << "since the last call";
}

TEST_P(bus_conformance, publishing_never_waits_for_a_node_that_does_not_collect) {
    for (int i = 0; i < 100'000; ++i)
        nodes[0]->publish(hint(static_cast<std::uint8_t>(i)));
    EXPECT_LE(nodes[1]->collect().size(), SharedBus::max_waiting) << "memory is bounded";
    nodes[0]->publish(hint(7));
    EXPECT_EQ(nodes[1]->collect().size(), GetParam().delivers ? 1U : 0U) << "and it goes on";
}

TEST_P(bus_conformance, a_node_may_outlive_the_other) {
    nodes[1].reset();
    nodes[0]->publish(hint(1));
    EXPECT_TRUE(nodes[0]->collect().empty());
}

}  // namespace
}  // namespace sotto::rendezvous::testing
