// What begins a new session, and what does not (docs/protocol.md 2.9): driven through the mailbox
// and through links, as the network does it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

constexpr LinkId link_to_alice{1};
constexpr LinkId link_to_mallory{2};

class Attack25WhoStartsResets : public testing::Test {
protected:
    // Both have the session; Bob is online and has a live link to each.
    Attack25WhoStartsResets() {
        introduce(alice, bob);
        (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
        (void)alice.take(bob.encrypt(alice, wire::Text{"so we both have a session"}, 1));
        go_online();
        (void)answer(alice);  // her keys were asked for when she began the session
        add_link(link_to_alice, alice);
    }
    void go_online() {
        auto t = bob.turn();
        bob.core().on(t, GoOnline{});
        bob.core().on(t, ServerUp{ServerChannel::anonymous});
        // Bundles are judged by a clock the server agrees to.
        (void)bob.core().server.answered(
            t, {ServerChannel::session, ForPing{},
                rendezvous::Reply(rendezvous::Pong{.server_time_ms = t.now.wall.ms})});
        bob.finish(t);
    }
    void add_link(LinkId id, Party& to) {
        auto t = bob.turn();
        bob.core().links.add(t, {.id = id, .peer = to.address()});
        bob.core().links.find(id)->live = true;
        bob.finish(t);
    }
    Outputs from_mailbox(ByteView item) {
        auto t = bob.turn();
        bob.core().mail(t, {.row = ++row, .item = Bytes(item.begin(), item.end())});
        return bob.finish(t);
    }
    Outputs over(LinkId link, const Encrypted& message) {
        auto t = bob.turn();
        bob.core().on(t, PeerFrame{.link = link,
                                   .frame = wire::encode(wire::LinkMessage{
                                       .envelope = {crypto::SeededRandom(++row).array<16>()},
                                       .kind = message.kind,
                                       .payload = message.payload})});
        return bob.finish(t);
    }
    [[nodiscard]] Bytes sealed(Party& from, const Encrypted& message) {
        const auto& key = bob.core().account.prekeys().mailbox_keys().front();
        crypto::SeededRandom random(++row);
        return crypto::seal(
                   {.device = bob.address().device, .mbk_id = key.id, .mbk = key.key.public_key()},
                   {.kind = message.kind,
                    .sender_account = from.id(),
                    .sender_device = from.address().device,
                    .payload = message.payload},
                   random)
            .value();
    }
    // Of a session that Alice has and Bob does not.
    [[nodiscard]] Encrypted of_unknown_session(Party& from) {
        from.start(bob);
        auto lost = from.encrypt(bob, wire::Text{"?"}, 7);
        lost.payload = crypto::decode_init_message(lost.payload).value().ratchet_message;
        lost.kind = crypto::SealedKind::message;
        return lost;
    }
    // Of the session both have, but nothing opens it.
    [[nodiscard]] Encrypted unreadable(std::uint64_t seq) {
        auto message = alice.encrypt(bob, wire::Text{"?"}, seq);
        message.payload[40] ^= 1U;  // in the encrypted header
        return message;
    }
    [[nodiscard]] bool wanted(Party& of) { return bob.core().resets.contains(of.address()); }
    // The delay is over: the keys are fetched, and the answer brings them.
    std::vector<rendezvous::FetchBundle> after_the_delay() {
        bob.pass(reset_delay_max_ms);
        auto t = bob.turn();
        bob.core().on(t, Tick{});
        std::vector<rendezvous::FetchBundle> fetched;
        for (const NetworkOutput& output : bob.finish(t).sends) {
            const auto* send = std::get_if<SendToServer>(&output);
            if (send == nullptr) continue;
            const auto request = rendezvous::decode_request(send->frame);
            if (const auto* fetch = std::get_if<rendezvous::FetchBundle>(&request->request))
                fetched.push_back(*fetch);
        }
        return fetched;
    }
    Outputs answer(Party& of) {
        auto t = bob.turn();
        bob.core().hand_out(t, {ServerChannel::anonymous, ForBundle{.account = of.id()},
                                rendezvous::Reply(of.bundle(false))});
        return bob.finish(t);
    }
    [[nodiscard]] crypto::SessionId active() {
        return bob.core().sessions.active(alice.address())->ratchet.sid();
    }

    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};
    std::uint64_t row = 0;
};

TEST_F(Attack25WhoStartsResets, NotTenThousandDamagedItems) {
    const auto good = sealed(alice, alice.encrypt(bob, wire::Text{"two"}, 2));
    const auto unknown = of_unknown_session(alice);
    const auto before = active();
    crypto::SeededRandom random(8);
    const auto quiet = [&](const Outputs& out) {
        ASSERT_TRUE(out.saves.empty());
        ASSERT_TRUE(out.sends.empty());
        ASSERT_TRUE(out.changes.empty());
        ASSERT_TRUE(bob.core().resets.empty());
    };
    for (int i = 0; i < 10'000 && !HasFatalFailure(); ++i) {
        if (i % 100 == 0) {  // sealed well, but of a session nobody knows, or with damage inside
            quiet(from_mailbox(sealed(alice, unknown)));
            quiet(from_mailbox(sealed(alice, unreadable(100))));
        }
        auto item = good;
        const auto dice = random.array<3>();
        item[(dice[0] + 256U * dice[1]) % item.size()] ^= dice[2] == 0 ? std::uint8_t{1} : dice[2];
        quiet(from_mailbox(item));
    }
    bob.pass(reset_delay_max_ms);
    EXPECT_TRUE(after_the_delay().empty());
    EXPECT_EQ(active(), before);
    EXPECT_EQ(bob.store().disk().sessions.size(), 1U);
    (void)from_mailbox(good);
    EXPECT_EQ(bob.rows(), 2U);
}

TEST_F(Attack25WhoStartsResets, OneOfAnUnknownSessionOverALink) {
    const auto before = active();
    (void)over(link_to_alice, of_unknown_session(alice));
    EXPECT_TRUE(wanted(alice));
    const auto fetched = after_the_delay();
    ASSERT_EQ(fetched.size(), 1U);
    EXPECT_EQ(fetched[0].account, alice.id());
    (void)answer(alice);
    EXPECT_NE(active(), before);
    EXPECT_FALSE(wanted(alice));
    EXPECT_EQ(bob.store().disk().outbox.size(), 1U);  // SESSION_RESET
}

TEST_F(Attack25WhoStartsResets, ThreeUnreadableInARowAndNotTwo) {
    for (const int round : {0, 1}) {
        (void)over(link_to_alice, unreadable(10));
        (void)over(link_to_alice, unreadable(11));
        EXPECT_FALSE(wanted(alice)) << round;
        (void)over(link_to_alice, alice.encrypt(bob, wire::Typing{.typing = true}));
    }
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(wanted(alice)) << i;
        (void)over(link_to_alice, unreadable(12));
    }
    EXPECT_TRUE(wanted(alice));
}

// Once an hour for each device, also when the program was started again within it.
TEST_F(Attack25WhoStartsResets, AtMostOneAnHour) {
    (void)over(link_to_alice, of_unknown_session(alice));
    (void)after_the_delay();
    const auto begun_ms = bob.turn().now.mono.ms;
    (void)answer(alice);
    const auto lost = of_unknown_session(alice);
    for (int life = 0; life < 2; ++life) {
        for (int i = 0; i < 5; ++i)
            (void)over(link_to_alice, lost);
        EXPECT_FALSE(wanted(alice)) << life;
        EXPECT_TRUE(after_the_delay().empty()) << life;
        bob.restart();
        go_online();
        add_link(link_to_alice, alice);
    }
    bob.pass(begun_ms + session_reset_pace_ms - bob.turn().now.mono.ms);
    (void)over(link_to_alice, lost);
    EXPECT_TRUE(wanted(alice));
}

// Begun after a random delay, and not at all when the other side was faster.
TEST_F(Attack25WhoStartsResets, AfterADelay) {
    (void)over(link_to_alice, of_unknown_session(alice));
    EXPECT_TRUE(bob.core().timers.running(timer(TimerKind::reset, alice.address())));
    alice.start(bob);
    (void)bob.take(alice.encrypt(bob, wire::SessionReset{active()}));
    EXPECT_TRUE(wanted(alice));
    const auto before = active();
    (void)after_the_delay();
    EXPECT_FALSE(wanted(alice));
    EXPECT_EQ(active(), before);
}

// Whose link it is must be an accepted contact, and a message in another's name counts for nobody.
TEST_F(Attack25WhoStartsResets, NotWhatAStrangersLinkSends) {
    mallory.know(bob, ContactState::accepted);
    const auto lost = of_unknown_session(mallory);
    for (const ContactState state : {ContactState::request_received, ContactState::request_sent,
                                     ContactState::ignored, ContactState::blocked}) {
        bob.know(mallory, state);
        add_link(link_to_mallory, mallory);
        for (int i = 0; i < 5; ++i) {
            (void)over(link_to_mallory, lost);
            (void)over(link_to_mallory, unreadable(10));  // Alice's, kept back
        }
        EXPECT_TRUE(bob.core().resets.empty());
        EXPECT_TRUE(after_the_delay().empty());
    }
    (void)over({99}, of_unknown_session(alice));  // a link nobody knows
    EXPECT_TRUE(bob.core().resets.empty());
}

using RestartSessionTest = Attack25WhoStartsResets;

TEST_F(RestartSessionTest, IsBegunByThePersonOnceAnHour) {
    const auto ask = [&](Party& whom) {
        auto t = bob.turn();
        bob.core().on(t, RestartSession{.account = whom.id(), .command = 5});
        const auto changes = bob.finish(t).changes;
        const auto* failed = std::get_if<CommandFailed>(&changes.at(0));
        return failed == nullptr ? std::nullopt : std::optional(failed->error);
    };
    EXPECT_EQ(ask(mallory), CommandError::not_a_contact);
    const auto before = active();
    EXPECT_EQ(ask(alice), std::nullopt);
    EXPECT_EQ(ask(alice), CommandError::not_possible_now);  // on its way
    EXPECT_EQ(after_the_delay().size(), 1U);
    (void)answer(alice);
    EXPECT_NE(active(), before);
    EXPECT_EQ(ask(alice), CommandError::not_possible_now);
    bob.restart();
    EXPECT_EQ(ask(alice), CommandError::not_possible_now);
    bob.pass(session_reset_pace_ms);
    EXPECT_EQ(ask(alice), std::nullopt);
}

}  // namespace
}  // namespace sotto::peer::engine
