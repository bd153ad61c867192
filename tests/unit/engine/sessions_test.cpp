// Handshakes and sessions: who starts when, what is lost, replayed or put back, and that both sides
// end with the same session.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class SessionsTest : public testing::Test {
protected:
    static std::optional<crypto::SessionId> sid(Party& party, Party& with) {
        const Session* session = party.core().sessions.active(with.address());
        return session == nullptr ? std::nullopt : std::optional(session->ratchet.sid());
    }
};

// Both start at once and write two messages each; any of them may be lost, and they arrive in any
// order. After one more round trip both use the same session, and nothing that arrived is lost.
class Attack24LostStarts : public SessionsTest {
protected:
    struct Event {
        std::size_t side;  // of the receiver
        std::size_t message;
    };
    static std::vector<std::vector<Event>> orders() {
        std::vector<Event> events{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
        std::vector<std::size_t> places{0, 1, 2, 3};
        std::vector<std::vector<Event>> out;
        do {
            std::vector<Event> order;
            for (const std::size_t place : places)
                order.push_back(events[place]);
            out.push_back(order);
        } while (std::next_permutation(places.begin(), places.end()));
        return out;
    }
    static void play(const std::vector<Event>& order, unsigned lost, std::uint64_t seed) {
        Party alice("alice", seed);
        Party bob("bob", seed + 1);
        introduce(alice, bob);
        bob.start(alice);
        std::array<Party*, 2> sides{&alice, &bob};
        std::array<std::vector<Encrypted>, 2> sent;
        for (std::uint64_t seq = 1; seq <= 2; ++seq) {
            sent[0].push_back(bob.encrypt(alice, wire::Text{"from bob"}, seq));
            sent[1].push_back(alice.encrypt(bob, wire::Text{"from alice"}, seq));
        }
        std::array<std::size_t, 2> expected{};
        for (const auto& [side, message] : order) {
            if ((lost >> (side * 2 + message) & 1U) != 0) continue;
            (void)sides[side]->take(sent[side][message]);
            ++expected[side];
        }
        // One round trip.
        (void)bob.take(alice.encrypt(bob, wire::Text{"there"}, 3));
        (void)alice.take(bob.encrypt(alice, wire::Text{"and back"}, 3));
        EXPECT_EQ(alice.rows(), expected[0] + 1);
        EXPECT_EQ(bob.rows(), expected[1] + 1);
        ASSERT_TRUE(sid(alice, bob));
        EXPECT_EQ(sid(alice, bob), sid(bob, alice)) << "lost " << lost;
        // And it stays.
        (void)bob.take(alice.encrypt(bob, wire::Text{"once more"}, 4));
        (void)alice.take(bob.encrypt(alice, wire::Text{"yes"}, 4));
        EXPECT_EQ(sid(alice, bob), sid(bob, alice));
        EXPECT_EQ(alice.rows(), expected[0] + 2);
    }
};

TEST_F(Attack24LostStarts, EveryOrderAndEveryLoss) {
    const auto all = orders();
    ASSERT_EQ(all.size(), 24U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (unsigned lost = 0; lost < 16; ++lost)
            play(all[i], lost, 1000 + i % 4 * 2);  // either side has the smaller session id
    }
}

using Attack07UnknownIds = SessionsTest;

TEST_F(Attack07UnknownIds, ChangeNothing) {
    for (const bool one_time : {false, true}) {
        Party alice("alice", 1);
        Party bob("bob", 2);
        alice.know(bob, ContactState::accepted);
        bob.know(alice, ContactState::accepted);
        alice.start(bob, one_time);
        const auto init = alice.encrypt(bob, wire::Text{"one"}, 1);
        const auto decoded = crypto::decode_init_message(init.payload);
        ASSERT_TRUE(decoded.has_value());
        // The ids stand behind certificate, list and ephemeral key; the flags are the third byte.
        const std::size_t ids = init.payload.size() - decoded->ratchet_message.size() -
                                decoded->kem_ciphertext.size() - 12;
        std::vector<std::size_t> places{2};
        for (std::size_t i = 0; i < 12; ++i)
            places.push_back(ids + i);
        const auto disk = bob.store().disk().prekeys;
        for (const std::size_t place : places) {
            Encrypted changed = init;
            changed.payload[place] ^= 1U;
            const auto taken = bob.take(changed);
            EXPECT_TRUE(taken.out.saves.empty()) << place;
            EXPECT_TRUE(taken.out.changes.empty()) << place;
        }
        EXPECT_EQ(bob.store().disk().prekeys, disk);
        (void)bob.take(init);
        EXPECT_EQ(bob.rows(), 1U);
    }
}

using Attack09StolenKeys = SessionsTest;

// With Bob's identity keys, but not his signed prekey, nobody speaks to him as Alice.
TEST_F(Attack09StolenKeys, OfBobsIdentityDoNotSpeakForAlice) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    Party mallory("mallory", 3);
    introduce(alice, bob);
    // Mallory writes as himself and swaps Alice's certificate and list in.
    mallory.know(bob, ContactState::accepted);
    mallory.start(bob);
    const auto hers = alice.encrypt(bob, wire::Text{"x"}, 1);
    auto his = mallory.encrypt(bob, wire::Text{"I am Alice"}, 1);
    const auto& cert = alice.core().account.identity().cert;
    const auto& list = alice.core().account.identity().list;
    // version, suite, flags; certificate; the list with its length
    const std::size_t names = 3 + cert.encoded().size() + 2 + list.encoded().size();
    ASSERT_LT(names, his.payload.size());
    std::copy_n(hers.payload.begin(), names, his.payload.begin());
    const auto taken = bob.take(his);
    EXPECT_TRUE(taken.out.saves.empty());
    EXPECT_EQ(bob.rows(), 0U);
    EXPECT_EQ(bob.core().contacts.find(mallory.id()), nullptr);
}

using Attack11Floor = SessionsTest;

TEST_F(Attack11Floor, SticksOnDisk) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    introduce(alice, bob);
    const auto suite = static_cast<std::uint8_t>(crypto::hybrid_available() ? 2 : 1);
    EXPECT_EQ(alice.core().contacts.find(bob.address())->floor.suite_floor, suite);
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    EXPECT_EQ(bob.core().contacts.find(alice.address())->floor.suite_floor, suite);
    alice.restart();
    bob.restart();
    EXPECT_EQ(alice.core().contacts.find(bob.address())->floor.suite_floor, suite);
    EXPECT_EQ(bob.core().contacts.find(alice.address())->floor.suite_floor, suite);
}

// Yesterday's database without anybody noticing: the same ratchet keys encrypt other texts. The
// nonces on the wire are fresh, so no (key, nonce) pair comes twice and the bytes share nothing.
using Attack22Rollback = SessionsTest;

TEST_F(Attack22Rollback, UnnoticedRepeatsNoNonce) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Text{"hello"}, 1));
    (void)alice.take(bob.encrypt(alice, wire::Text{"hello"}, 1));
    const sim::Disk copy = alice.store().disk();
    const auto pairs = [&](const Encrypted& message) {
        // version, session, length and header; then the body's nonce.
        const std::size_t header = message.payload[17] + 256U * message.payload[18];
        const auto at = [&](std::size_t from) {
            return Bytes(message.payload.begin() + static_cast<std::ptrdiff_t>(from),
                         message.payload.begin() + static_cast<std::ptrdiff_t>(from) + 24);
        };
        return std::pair{at(19), at(19 + header)};
    };
    std::set<Bytes> nonces;
    std::size_t count = 0;
    for (int life = 0; life < 10; ++life) {
        for (std::uint64_t seq = 2; seq < 12; ++seq) {
            const auto message =
                alice.encrypt(bob, wire::Text{"life " + std::to_string(life)}, seq);
            ASSERT_EQ(message.kind, crypto::SealedKind::message);
            const auto [header, body] = pairs(message);
            nonces.insert(header);
            nonces.insert(body);
            count += 2;
        }
        alice.store().put_back(copy);
        alice.restart();
    }
    EXPECT_EQ(nonces.size(), count);
}

using Attack47WrongClock = SessionsTest;

// Years off, in either direction, and back: nothing is destroyed, and nothing expired is taken.
TEST_F(Attack47WrongClock, DestroysAndExpiresNothing) {
    for (const std::int64_t years : {-10, 10}) {
        Party alice("alice", 1);
        Party bob("bob", 2);
        introduce(alice, bob);
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = "queued"});
        alice.core().on(t, GoOnline{});
        alice.finish(t);
        const auto before = alice.store().disk().prekeys;
        auto jumped = alice.turn();
        (void)alice.core().server.believe(jumped.now);
        jumped.now.wall.ms = static_cast<std::uint64_t>(
            static_cast<std::int64_t>(jumped.now.wall.ms) + years * 365 * 86'400'000);
        jumped.now.mono.ms += maintenance_ms;
        alice.core().on(jumped, Tick{});
        alice.finish(jumped);
        EXPECT_EQ(alice.store().disk().prekeys, before);
        EXPECT_EQ(alice.store().disk().messages.begin()->second.message.state,
                  DeliveryState::saved);
    }
}

}  // namespace
}  // namespace sotto::peer::engine
