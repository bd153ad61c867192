// Attack 28, the peer's side: the server announces how passwords become keys, and a client lets
// itself be talked into nothing cheaper, nor into what it does not know.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

// A new profile whose password is about to be used: the server has been asked for a challenge.
class Newcomer {
public:
    explicit Newcomer(bool registers) {
        const auto key = crypto::OwnLk::generate(random_);
        if (registers) {
            (void)step(RegisterAccount{.username = "anna", .login_key = key, .command = 1});
        } else {
            (void)step(ProvePassword{.username = "anna", .login_key = key, .command = 1});
        }
        const Outputs out = step(ServerUp{.channel = ServerChannel::session});
        const auto asked = requests(out);
        crypto::ensure(asked.size() == 1, "one challenge is asked for");
        id_ = asked[0].id;
    }
    // What the client does when the challenge comes with this version.
    Outputs challenged(std::uint16_t login_version) {
        const rendezvous::Challenge challenge{
            .ts_ms = test_wall_ms, .snonce = {}, .mac = {}, .login_version = login_version};
        return step(ServerFrame{
            .channel = ServerChannel::session,
            .frame = rendezvous::encode(rendezvous::ReplyFrame{.id = id_, .reply = challenge})});
    }
    static std::vector<rendezvous::RequestFrame> requests(const Outputs& out) {
        std::vector<rendezvous::RequestFrame> all;
        for (const auto& each : out.sends) {
            if (const auto* send = std::get_if<SendToServer>(&each)) {
                all.push_back(rendezvous::decode_request(send->frame).value());
            }
        }
        return all;
    }
    static std::optional<CommandError> failure(const Outputs& out) {
        for (const auto& each : out.changes) {
            if (const auto* failed = std::get_if<CommandFailed>(&each)) return failed->error;
        }
        return std::nullopt;
    }

private:
    Outputs step(const Input& input) {
        return engine_.step({.mono = {1000}, .wall = {test_wall_ms}}, random_, input);
    }

    crypto::SeededRandom random_{28};
    Engine engine_ = Engine::from(Snapshot{}, test_server()).value();
    rendezvous::RequestId id_ = 0;
};

TEST(Attack28LoginVersion, TheOneWeKnowIsSignedFor) {
    for (const bool registers : {true, false}) {
        Newcomer anna(registers);
        const Outputs out = anna.challenged(crypto::login_version_current);
        EXPECT_EQ(Newcomer::requests(out).size(), 1U);
        EXPECT_FALSE(Newcomer::failure(out));
    }
}

TEST(Attack28LoginVersion, BelowTheFloorAndUnknownNothingIsSigned) {
    for (const bool registers : {true, false}) {
        for (const std::uint16_t version : std::to_array<std::uint16_t>({0, 2, 3, 0x100, 0xffff})) {
            Newcomer anna(registers);
            const Outputs out = anna.challenged(version);
            EXPECT_TRUE(Newcomer::requests(out).empty()) << version;
            EXPECT_EQ(Newcomer::failure(out), CommandError::other_version) << version;
        }
    }
}

}  // namespace
}  // namespace sotto::peer::engine
