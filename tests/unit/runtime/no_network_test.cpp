#include "peer/runtime/no_network.hpp"

#include "crypto/random.hpp"

#include <gtest/gtest.h>

namespace sotto::peer::runtime {
namespace {

TEST(NoNetwork, SaysOfEachAttemptThatItFailed) {
    crypto::SystemRandom random;
    const auto own = crypto::OwnCurve::generate(random);
    NoNetwork network;
    network.perform(
        OpenServer{.address = {.host = "chat.example.org", .port = 7313, .key = own.public_key()},
                   .channel = ServerChannel::anonymous,
                   .own = own});
    network.perform(
        Dial{.link = LinkId{7}, .endpoints = {}, .server_key = own.public_key(), .own = own});
    network.perform(StopListening{});  // nothing to say about it
    const auto first = network.wait(60'000, -1, 1);
    ASSERT_EQ(first.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<ServerDown>(first[0]));
    EXPECT_EQ(std::get<ServerDown>(first[0]).channel, ServerChannel::anonymous);
    const auto second = network.wait(60'000, -1, 10);
    ASSERT_EQ(second.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<PeerLinkDown>(second[0]));
    EXPECT_EQ(std::get<PeerLinkDown>(second[0]).link, LinkId{7});
    EXPECT_TRUE(network.wait(0, -1, 10).empty());
}

}  // namespace
}  // namespace sotto::peer::runtime
