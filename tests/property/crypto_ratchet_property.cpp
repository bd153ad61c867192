// Two people, a network that loses, doubles, delays and shuffles within the limits of the ratchet:
// whatever arrives is read exactly once, whatever is damaged or foreign changes nothing.
#include <deque>
#include <set>

#include "tests/property/seed.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

/// One end and what it has seen.
struct End {
    Ratchet ratchet;
    ByteArray<32> last_key;     ///< DHs of the last message sent
    std::uint32_t chains_sent;  ///< as the other side numbers them
    std::set<std::string> read;
    std::set<std::string> expected;  ///< delivered at least once
};

struct Packet {
    Bytes bytes;
    std::string content;
    std::uint32_t chain;
};

class Network {
public:
    Network(std::uint64_t seed, Suite suite)
        : alice_party_(make_party(seed, suite)),
          bob_party_(make_party(seed + 1, suite)),
          random_(seed) {
        Session s = make_session(alice_party_, bob_party_);
        // Bob has read Alice's first message; Alice goes on in that chain.
        const ByteArray<32> first = s.alice.state().own_ratchet_public;
        ends_.push_back({std::move(s.alice), first, 1, {}, {}});
        ends_.push_back({std::move(s.bob), {}, 0, {}, {}});
    }

    void step() {
        const std::uint32_t choice = draw(100);
        const std::size_t who = draw(2);
        if (choice < 45)
            send_from(who);
        else if (choice < 85)
            deliver_to(who, false);
        else if (choice < 90)
            deliver_to(who, true);
        else if (choice < 94)
            lose(who);
        else if (choice < 97)
            damage(who);
        else if (choice < 98)
            reflect(who);
        else
            restart(who);
    }

    void drain() {
        for (std::size_t who = 0; who < 2; ++who)
            while (!inbox_[who].empty())
                deliver_to(who, false);
    }

    void check() const {
        for (const End& end : ends_)
            EXPECT_EQ(end.read, end.expected);
    }
    [[nodiscard]] std::size_t messages_read() const {
        return ends_[0].read.size() + ends_[1].read.size();
    }

private:
    std::uint32_t draw(std::uint32_t below) {
        const auto bytes = random_.array<4>();
        Reader in(bytes);
        return in.u32() % below;
    }

    void send_from(std::size_t who) {
        std::string content = std::to_string(who) + ":" + std::to_string(count_++);
        content.append(draw(600), '.');
        End& end = ends_[who];
        const Bytes bytes = send(end.ratchet, content, random_);
        if (end.ratchet.state().own_ratchet_public != end.last_key) ++end.chains_sent;
        end.last_key = end.ratchet.state().own_ratchet_public;
        inbox_[1 - who].push_back({bytes, content, end.chains_sent});
    }

    void deliver_to(std::size_t who, bool keep_a_copy) {
        auto& inbox = inbox_[who];
        if (inbox.empty()) return;
        // Mostly near the front; now and then from anywhere.
        const std::size_t window =
            draw(10) == 0 ? inbox.size() : std::min<std::size_t>(inbox.size(), 8);
        const std::size_t at = draw(static_cast<std::uint32_t>(window));
        const Packet packet = inbox[at];
        if (!keep_a_copy) inbox.erase(inbox.begin() + static_cast<std::ptrdiff_t>(at));
        End& end = ends_[who];
        const std::uint32_t current = end.ratchet.state().receive_chain_number;
        const std::string got = receive(end.ratchet, packet.bytes);
        if (packet.chain + old_chains_max < current) {  // later than the ratchet remembers
            EXPECT_EQ(got, "!no header key opens the message");
            return;
        }
        if (end.read.contains(packet.content)) {
            EXPECT_EQ(got, "!message key already used");
            return;
        }
        EXPECT_EQ(got, packet.content);
        end.expected.insert(packet.content);
        end.read.insert(got);
    }

    void lose(std::size_t who) {
        if (!inbox_[who].empty()) inbox_[who].pop_front();
    }

    void damage(std::size_t who) {
        if (inbox_[who].empty()) return;
        Bytes bytes = inbox_[who].front().bytes;
        bytes[draw(static_cast<std::uint32_t>(bytes.size()))] ^=
            static_cast<std::uint8_t>(1U << draw(8));
        refuse(who, bytes);
    }

    void reflect(std::size_t who) {
        if (!inbox_[1 - who].empty()) refuse(who, inbox_[1 - who].front().bytes);
    }

    void refuse(std::size_t who, const Bytes& bytes) {
        const SecretBytes before = ends_[who].ratchet.serialise();
        EXPECT_FALSE(ends_[who].ratchet.decrypt(bytes, now_ms));
        EXPECT_EQ(ends_[who].ratchet.serialise(), before);
    }

    void restart(std::size_t who) {
        auto loaded = Ratchet::deserialise(ends_[who].ratchet.serialise());
        ASSERT_TRUE(loaded);
        ends_[who].ratchet = *std::move(loaded);
    }

    Party alice_party_;
    Party bob_party_;
    SeededRandom random_;
    std::vector<End> ends_;
    std::deque<Packet> inbox_[2];
    int count_ = 0;
};

class RatchetProperty : public ::testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Suites, RatchetProperty, ::testing::ValuesIn(suites_of_this_build()),
                         [](const auto& suite) {
                             return suite.param == Suite::hybrid ? "hybrid" : "classical";
                         });

TEST_P(RatchetProperty, WhateverArrivesIsReadExactlyOnce) {
    for (std::uint64_t run = 0; run < 20; ++run) {
        SCOPED_TRACE("repeat with SOTTO_SEED=" + std::to_string(sotto::test::seed()) + ", run " +
                     std::to_string(run));
        Network network(sotto::test::seed() + 1000 * run, GetParam());
        for (int i = 0; i < 500 && !::testing::Test::HasFailure(); ++i)
            network.step();
        network.drain();
        network.check();
        EXPECT_GT(network.messages_read(), 100U);
    }
}

TEST_P(RatchetProperty, AThousandShuffledAndAThousandLost) {
    SOTTO_TRACE_SEED();
    Party alice = make_party(sotto::test::seed(), GetParam());
    const Party bob = make_party(sotto::test::seed() + 1, GetParam());
    Session s = make_session(alice, bob);
    SeededRandom random(sotto::test::seed());
    std::vector<Packet> packets;
    for (int i = 0; i < 1000; ++i) {
        const std::string content = std::to_string(i);
        packets.push_back({send(s.alice, content, random), content, 1});
        (void)send(s.alice, "lost", random);
    }
    for (std::size_t i = packets.size(); i > 1; --i) {
        const auto bytes = random.array<4>();
        Reader in(bytes);
        std::swap(packets[i - 1], packets[in.u32() % i]);
    }
    for (const Packet& packet : packets)
        ASSERT_EQ(receive(s.bob, packet.bytes), packet.content);
    for (const Packet& packet : packets)
        ASSERT_EQ(receive(s.bob, packet.bytes), "!message key already used");
    // 1998 or 1999 lost ones are still waited for, and the session goes on.
    EXPECT_GE(s.bob.skipped_key_count(), 998U);
    EXPECT_EQ(receive(s.alice, send(s.bob, "on", random)), "on");
    EXPECT_EQ(receive(s.bob, send(s.alice, "and on", random)), "and on");
}

}  // namespace
}  // namespace sotto::crypto
