// Direct links: who may have one, and that a key nobody named inside a session gets none.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

template <class T>
const T* find_in(const Outputs& out) {
    for (const NetworkOutput& send : out.sends) {
        if (const auto* wanted = std::get_if<T>(&send)) return wanted;
    }
    return nullptr;
}

class ReachabilityTest : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    crypto::SeededRandom random{77};
    crypto::OwnCurve alices_listener = crypto::OwnCurve::generate(random);
    crypto::OwnCurve alices_client = crypto::OwnCurve::generate(random);

    void SetUp() override {
        introduce(alice, bob);
        auto t = bob.turn();
        bob.core().on(t, GoOnline{});
        bob.finish(t);
    }
    void allow(bool direct) {
        auto t = bob.turn();
        bob.core().on(t, SetAllowDirect{.account = alice.id(), .allow_direct = direct});
        bob.finish(t);
    }
    wire::Endpoint endpoint(std::uint64_t serial = 1) {
        return {.serial = serial,
                .endpoints = {"tcp://192.0.2.1:21000"},
                .server_key = alices_listener.public_key(),
                .dial_with = alices_client.public_key(),
                .expires = {test_wall_ms * 2}};
    }
    Outputs tick() {
        auto t = bob.turn();
        bob.core().on(t, Tick{});
        return bob.finish(t);
    }
    Outputs up(LinkId link, const crypto::CurvePublic& remote, bool inbound) {
        auto t = bob.turn();
        bob.core().on(t, PeerLinkUp{.link = link, .remote = remote, .inbound = inbound});
        return bob.finish(t);
    }
};

TEST_F(ReachabilityTest, NothingWithoutTheOwnersYes) {
    const auto taken = bob.take(alice.encrypt(bob, endpoint()));
    EXPECT_EQ(find_in<Dial>(taken.out), nullptr);
    EXPECT_EQ(find_in<Listen>(taken.out), nullptr);
    EXPECT_EQ(find_in<AllowPeers>(taken.out), nullptr);
    bob.pass(10'000);
    EXPECT_EQ(find_in<Dial>(tick()), nullptr);
}

TEST_F(ReachabilityTest, DialsWithTheKeysOfTheSessionAndAdmitsOnlyThem) {
    allow(true);
    const auto taken = bob.take(alice.encrypt(bob, endpoint()));
    const auto* allowed = find_in<AllowPeers>(taken.out);
    ASSERT_NE(allowed, nullptr);
    EXPECT_EQ(allowed->keys, std::vector{alices_client.public_key()});
    bob.pass(2'000);
    const auto out = tick();
    const auto* dial = find_in<Dial>(out);
    ASSERT_NE(dial, nullptr);
    EXPECT_EQ(dial->server_key, alices_listener.public_key());
    EXPECT_EQ(dial->endpoints, endpoint().endpoints);
    // Whoever else is at that address is refused; so is a stranger who calls us.
    const auto stranger = crypto::OwnCurve::generate(random).public_key();
    EXPECT_NE(find_in<CloseLink>(up(dial->link, stranger, false)), nullptr);
    EXPECT_NE(find_in<CloseLink>(up({1ULL << 63U}, stranger, true)), nullptr);
    EXPECT_NE(find_in<CloseLink>(up({1ULL << 63U}, alices_listener.public_key(), true)), nullptr);
    EXPECT_EQ(bob.core().counters.links_refused, 3U);
    const auto good = up({(1ULL << 63U) + 1}, alices_client.public_key(), true);
    EXPECT_EQ(find_in<CloseLink>(good), nullptr);
    EXPECT_NE(find_in<SendToPeer>(good), nullptr);         // the hello
    EXPECT_FALSE(bob.core().links.live(alice.address()));  // not before it is answered
}

TEST_F(ReachabilityTest, ALinkIsLiveOnlyAfterItsOwnHelloWasAnswered) {
    allow(true);
    (void)bob.take(alice.encrypt(bob, endpoint()));
    const LinkId link{1ULL << 63U};
    (void)up(link, alices_client.public_key(), true);
    const auto frame = [&](const wire::LinkFrame& f) {
        auto t = bob.turn();
        bob.core().on(t, PeerFrame{.link = link, .frame = encode(f)});
        return bob.finish(t);
    };
    (void)frame(wire::LinkWelcome{.nonce = {1, 2, 3}});
    EXPECT_FALSE(bob.core().links.live(alice.address()));
    const auto nonce = bob.core().links.find(link)->nonce;
    (void)frame(wire::LinkWelcome{.nonce = nonce});
    EXPECT_TRUE(bob.core().links.live(alice.address()));
    // Withdrawing the yes closes it at once.
    auto t = bob.turn();
    bob.core().on(t, SetAllowDirect{.account = alice.id(), .allow_direct = false});
    EXPECT_NE(find_in<CloseLink>(bob.finish(t)), nullptr);
    EXPECT_FALSE(bob.core().links.live(alice.address()));
}

TEST_F(ReachabilityTest, ADeviceSpeaksForItselfOnly) {
    allow(true);
    Party mallory("mallory", 3);
    introduce(mallory, bob);
    (void)bob.take(alice.encrypt(bob, endpoint()));
    const LinkId link{1ULL << 63U};
    (void)up(link, alices_client.public_key(), true);
    // Mallory's message, brought over Alice's link.
    const auto message = mallory.encrypt(bob, wire::Text{"hi"}, 1);
    auto t = bob.turn();
    bob.core().on(
        t, PeerFrame{.link = link,
                     .frame = encode(wire::LinkFrame(wire::LinkMessage{
                         .envelope = {}, .kind = message.kind, .payload = message.payload}))});
    bob.finish(t);
    EXPECT_EQ(bob.rows(), 0U);
    EXPECT_EQ(bob.core().counters.envelopes_refused, 1U);
}

TEST_F(ReachabilityTest, GarbageEndsTheLink) {
    allow(true);
    (void)bob.take(alice.encrypt(bob, endpoint()));
    const LinkId link{1ULL << 63U};
    (void)up(link, alices_client.public_key(), true);
    auto t = bob.turn();
    bob.core().on(t, PeerFrame{.link = link, .frame = {9, 9, 9}});
    EXPECT_NE(find_in<CloseLink>(bob.finish(t)), nullptr);
    EXPECT_EQ(bob.core().links.find(link), nullptr);
}

TEST_F(ReachabilityTest, TheSameOrAnOlderEndpointChangesNothing) {
    allow(true);
    (void)bob.take(alice.encrypt(bob, endpoint(5)));
    auto older = endpoint(4);
    older.dial_with = crypto::OwnCurve::generate(random).public_key();
    EXPECT_EQ(find_in<AllowPeers>(bob.take(alice.encrypt(bob, older)).out), nullptr);
    older.serial = 6;
    EXPECT_NE(find_in<AllowPeers>(bob.take(alice.encrypt(bob, older)).out), nullptr);
}

TEST_F(ReachabilityTest, AnOfferThatStillWaitsIsTakenBackWithTheConsent) {
    allow(true);
    (void)bob.take(alice.encrypt(bob, endpoint()));  // answered by an offer; no way to send it yet
    const auto offers = [&] {
        std::size_t found = 0;
        for (const std::uint64_t order : bob.core().outbox.entries_of(alice.id()))
            found += bob.core().outbox.find(order)->cargo == Cargo::endpoint ? 1U : 0U;
        return found;
    };
    ASSERT_EQ(offers(), 1U);
    allow(false);
    EXPECT_EQ(offers(), 0U);
    // Nor does one that was made in any other way go.
    auto t = bob.turn();
    bob.core().on(t, ServerUp{ServerChannel::anonymous});
    bob.core().delivery.send(
        t, *bob.core().contacts.find(alice.id()),
        {.cargo = Cargo::endpoint, .body = endpoint(), .device = alice.address().device});
    bob.finish(t);
    EXPECT_FALSE(bob.core().outbox.find(bob.core().outbox.entries_of(alice.id()).front())->sealed);
}

}  // namespace
}  // namespace sotto::peer::engine
