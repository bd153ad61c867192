#include "crypto/ratchet.hpp"

#include "crypto/padding.hpp"
#include "crypto/ratchet_kdf.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

constexpr auto duplicate = "!message key already used";
constexpr auto too_many = "!too many messages left out";
constexpr auto bad_header = "!no header key opens the message";

class RatchetTest : public ::testing::TestWithParam<Suite> {
protected:
    Party alice_party_ = make_party(1, GetParam());
    Party bob_party_ = make_party(2, GetParam());
    Session s_ = make_session(alice_party_, bob_party_);
    SeededRandom random_{3};

    Bytes from_alice(std::string_view content) { return send(s_.alice, content, random_); }
    Bytes from_bob(std::string_view content) { return send(s_.bob, content, random_); }
    std::string at_alice(ByteView m, std::uint64_t now = now_ms) {
        return receive(s_.alice, m, now);
    }
    std::string at_bob(ByteView m, std::uint64_t now = now_ms) { return receive(s_.bob, m, now); }

    /// One message in each direction: a DH step on both sides.
    void round_trip() {
        ASSERT_EQ(at_alice(from_bob("ping")), "ping");
        ASSERT_EQ(at_bob(from_alice("pong")), "pong");
    }
    /// Alice's next `count` messages, thrown away.
    void lose(int count) {
        for (int i = 0; i < count; ++i)
            (void)from_alice("lost");
    }
};
INSTANTIATE_TEST_SUITE_P(Suites, RatchetTest, ::testing::ValuesIn(suites_of_this_build()),
                         [](const auto& suite) {
                             return suite.param == Suite::hybrid ? "hybrid" : "classical";
                         });

TEST_P(RatchetTest, PingPong) {
    for (int i = 0; i < 20; ++i) {
        const std::string content = "message " + std::to_string(i);
        EXPECT_EQ(at_alice(from_bob(content)), content);
        EXPECT_EQ(at_bob(from_alice(content)), content);
    }
}

TEST_P(RatchetTest, OutOfOrderWithinAChain) {
    const Bytes a = from_alice("a");
    const Bytes b = from_alice("b");
    const Bytes c = from_alice("c");
    EXPECT_EQ(at_bob(c), "c");
    EXPECT_EQ(s_.bob.skipped_key_count(), 2U);
    EXPECT_EQ(at_bob(a), "a");
    EXPECT_EQ(at_bob(b), "b");
    EXPECT_EQ(s_.bob.skipped_key_count(), 0U);
    for (const Bytes& again : {a, b, c})
        EXPECT_EQ(at_bob(again), duplicate);
}

TEST_P(RatchetTest, LateMessagesOfFiveEndedChains) {
    std::vector<Bytes> late;
    for (int chain = 0; chain < 7; ++chain) {
        late.push_back(from_alice("late " + std::to_string(chain)));
        ASSERT_EQ(at_bob(from_alice("in time")), "in time");
        ASSERT_EQ(at_alice(from_bob("reply")), "reply");
    }
    // Receiving chains 1..7; chain 1 also carried the handshake's message. 7 is current, 2..6 are
    // kept.
    EXPECT_EQ(at_bob(late[0]), bad_header);
    for (std::size_t chain = 1; chain < late.size(); ++chain) {
        EXPECT_EQ(at_bob(late[chain]), "late " + std::to_string(chain));
        EXPECT_EQ(at_bob(late[chain]), duplicate);
    }
    EXPECT_EQ(s_.bob.skipped_key_count(), 0U);
}

TEST_P(RatchetTest, KeysOfAChainOlderThanFiveAreDropped) {
    (void)from_alice("never comes");
    for (int chain = 0; chain < 6; ++chain) {
        ASSERT_EQ(at_bob(from_alice("x")), "x");
        EXPECT_EQ(s_.bob.skipped_key_count(), 1U) << chain;
        ASSERT_EQ(at_alice(from_bob("y")), "y");
    }
    ASSERT_EQ(at_bob(from_alice("x")), "x");
    EXPECT_EQ(s_.bob.skipped_key_count(), 0U);
}

TEST_P(RatchetTest, SkipsAtMost2000InAChain) {
    const Ratchet before = s_.bob;
    lose(2000);
    const Bytes just = from_alice("just");
    const Bytes beyond = from_alice("beyond");
    EXPECT_EQ(at_bob(beyond), too_many);
    EXPECT_EQ(s_.bob.serialise(), before.serialise());
    EXPECT_EQ(at_bob(just), "just");
    EXPECT_EQ(s_.bob.skipped_key_count(), 2000U);
    EXPECT_EQ(at_bob(beyond), "beyond");
}

TEST_P(RatchetTest, SkipsAtMost2000InEachOfTwoChainsOnADhStep) {
    round_trip();
    lose(2000);  // the end of this chain: PN
    ASSERT_EQ(at_alice(from_bob("go on")), "go on");
    lose(2000);  // the start of the next: N
    const Bytes just = from_alice("4000 lost");
    EXPECT_EQ(at_bob(just), "4000 lost");
    EXPECT_EQ(s_.bob.skipped_key_count(), 4000U);
}

TEST_P(RatchetTest, RefusesTooManyAtTheEndOfAChain) {
    round_trip();
    lose(2001);
    ASSERT_EQ(at_alice(from_bob("go on")), "go on");
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(at_bob(from_alice("x")), too_many);
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_P(RatchetTest, RefusesTooManyAtTheStartOfAChain) {
    round_trip();
    ASSERT_EQ(at_alice(from_bob("go on")), "go on");
    lose(2001);
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(at_bob(from_alice("x")), too_many);
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_P(RatchetTest, KeepsAtMost5000KeysAndForgetsTheOldest) {
    const Bytes oldest = from_alice("oldest");
    lose(1999);
    ASSERT_EQ(at_bob(from_alice("x")), "x");
    lose(2000);
    ASSERT_EQ(at_bob(from_alice("x")), "x");
    lose(999);
    const Bytes last_kept = from_alice("kept");
    ASSERT_EQ(at_bob(from_alice("x")), "x");
    EXPECT_EQ(s_.bob.skipped_key_count(), skipped_keys_max);
    const Bytes one_more = from_alice("one more");
    ASSERT_EQ(at_bob(from_alice("x")), "x");
    EXPECT_EQ(s_.bob.skipped_key_count(), skipped_keys_max);
    EXPECT_EQ(at_bob(oldest), duplicate);  // its place was given up
    EXPECT_EQ(at_bob(last_kept), "kept");
    EXPECT_EQ(at_bob(one_more), "one more");
}

TEST_P(RatchetTest, SkippedKeysLive30Days) {
    const Bytes in_time = from_alice("in time");
    const Bytes too_late = from_alice("too late");
    ASSERT_EQ(at_bob(from_alice("x"), now_ms), "x");
    EXPECT_EQ(at_bob(in_time, now_ms + skipped_key_ttl_ms), "in time");
    EXPECT_EQ(at_bob(too_late, now_ms + skipped_key_ttl_ms + 1), duplicate);
}

// A session in which nothing comes any more: its keys go when the caller says what time it is.
TEST_P(RatchetTest, SkippedKeysOfAnIdleSessionExpire) {
    EXPECT_EQ(at_bob(from_alice("first")), "first");
    const Bytes lost = from_alice("lost");
    EXPECT_EQ(at_bob(from_alice("here")), "here");
    ASSERT_EQ(s_.bob.skipped_key_count(), 1U);
    const auto before = s_.bob.serialise();
    EXPECT_FALSE(s_.bob.expire(now_ms + skipped_key_ttl_ms));
    EXPECT_FALSE(s_.bob.expire(0));
    EXPECT_EQ(s_.bob.serialise(), before);
    EXPECT_TRUE(s_.bob.expire(now_ms + skipped_key_ttl_ms + 1));
    EXPECT_EQ(s_.bob.skipped_key_count(), 0U);
    EXPECT_FALSE(s_.bob.expire(now_ms + skipped_key_ttl_ms + 1));
    const auto reloaded = Ratchet::deserialise(s_.bob.serialise());
    ASSERT_TRUE(reloaded);
    EXPECT_EQ(at_bob(lost), duplicate);
    EXPECT_EQ(at_bob(from_alice("later")), "later");
}

TEST_P(RatchetTest, AClockThatJumpsBackDropsNothing) {
    const Bytes late = from_alice("late");
    ASSERT_EQ(at_bob(from_alice("x"), now_ms), "x");
    EXPECT_EQ(at_bob(late, 0), "late");
}

TEST_P(RatchetTest, OwnMessagesReflectedAreRefused) {
    round_trip();
    const Bytes own = from_alice("x");
    EXPECT_EQ(at_alice(own), bad_header);
    EXPECT_EQ(at_bob(own), "x");
}

TEST_P(RatchetTest, OtherSessionsAreTold) {
    Session other = make_session(alice_party_, bob_party_);
    EXPECT_NE(other.alice.sid(), s_.alice.sid());
    Bytes foreign = send(other.alice, "x", random_);
    EXPECT_EQ(at_bob(foreign), "!message of another session");
    std::copy(s_.bob.sid().view().begin(), s_.bob.sid().view().end(), foreign.begin() + 1);
    EXPECT_EQ(at_bob(foreign), bad_header);
    EXPECT_EQ(peek_session_id(foreign), s_.bob.sid());
}

TEST_P(RatchetTest, HeadersCannotBeSwapped) {
    Bytes a = from_alice("a");
    Bytes b = from_alice("b");
    constexpr std::ptrdiff_t eh = 19;
    std::swap_ranges(a.begin() + eh, a.begin() + eh + 81, b.begin() + eh);
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(at_bob(a), "!message body is not authentic");
    EXPECT_EQ(at_bob(b), "!message body is not authentic");
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_P(RatchetTest, LengthsTakeOnlyBucketValues) {
    for (const std::size_t size : {0U, 1U, 371U, 372U, 883U, 884U, 4000U, 30000U, 61299U}) {
        const Bytes message = s_.alice.encrypt(Bytes(size, 7), random_).value();
        EXPECT_TRUE(is_bucket(message.size())) << size;
        EXPECT_EQ(at_bob(message).size(), size);
    }
    const SecretBytes before = s_.alice.serialise();
    EXPECT_EQ(s_.alice.encrypt(Bytes(61300, 7), random_).error(), RatchetError::too_large);
    EXPECT_EQ(s_.alice.serialise(), before);
}

TEST_P(RatchetTest, MalformedMessages) {
    const Bytes good = from_alice("x");
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        Bytes out = good;
        out[at] = value;
        return at_bob(out);
    };
    EXPECT_EQ(changed(0, 2), "!malformed message");
    EXPECT_EQ(changed(17, 80), "!malformed message");
    EXPECT_EQ(changed(18, 1), "!malformed message");
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(at_bob(ByteView(good).first(size)), "!malformed message");
        EXPECT_FALSE(peek_session_id(ByteView(good).first(size)));
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(at_bob(longer), "!malformed message");
    longer.resize(1024);
    EXPECT_EQ(at_bob(longer), "!message body is not authentic");
    EXPECT_EQ(at_bob(good), "x");
}

TEST_P(RatchetTest, AResponderCannotSendFirst) {
    Ratchet fresh = Ratchet::responder({.suite = GetParam(),
                                        .sid = s_.bob.sid(),
                                        .associated_data = {},
                                        .root = {},
                                        .header_key = {},
                                        .next_header_key = {}},
                                       bob_party_.spk.key);
    EXPECT_FALSE(fresh.confirmed());
    EXPECT_EQ(fresh.encrypt({}, random_).error(), RatchetError::not_ready);
    EXPECT_TRUE(Ratchet::deserialise(fresh.serialise()));
}

TEST_P(RatchetTest, AnExhaustedChainRefuses) {
    RatchetState state = s_.alice.state();
    state.sent = 0xffffffffU;
    auto worn = Ratchet::deserialise(serialise_state(state));
    ASSERT_TRUE(worn);
    EXPECT_EQ(worn->encrypt({}, random_).error(), RatchetError::exhausted);
    // A header that claims the last number is refused without work.
    state.sent = 0xfffffffeU;
    worn = Ratchet::deserialise(serialise_state(state));
    ASSERT_TRUE(worn);
    EXPECT_EQ(at_bob(send(*worn, "x", random_)), too_many);
}

// A contact who follows the protocol up to the ratchet key.
TEST_P(RatchetTest, UnusableRatchetKeysAreRefused) {
    round_trip();
    ASSERT_EQ(at_alice(from_bob("turn")), "turn");
    const SecretBytes before = s_.bob.serialise();
    (void)from_alice("makes the sending chain");
    ByteArray<32> top_bit = s_.alice.state().own_ratchet_public;  // the same point, written twice
    top_bit[31] |= 0x80;
    for (const ByteArray<32>& key : {ByteArray<32>{}, ByteArray<32>{1}, top_bit}) {
        RatchetState state = s_.alice.state();
        state.own_ratchet_public = key;
        auto hostile = Ratchet::deserialise(serialise_state(state));
        ASSERT_TRUE(hostile);
        EXPECT_EQ(at_bob(send(*hostile, "x", random_)), "!unusable ratchet key");
    }
    EXPECT_EQ(s_.bob.serialise(), before);
}

// A contact who makes a second DH step of its own, which needs a key of ours that never left.
TEST_P(RatchetTest, SteppingTwiceAloneIsRefused) {
    round_trip();
    ASSERT_EQ(at_alice(from_bob("turn")), "turn");
    ASSERT_EQ(at_bob(from_alice("step")), "step");  // Bob now owes a key
    RatchetState state = s_.alice.state();
    state.send_header = state.next_send_header;
    auto hostile = Ratchet::deserialise(serialise_state(state));
    ASSERT_TRUE(hostile);
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(at_bob(send(*hostile, "x", random_)), "!unusable ratchet key");
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_P(RatchetTest, OldKeysAreGone) {
    const Bytes past = from_alice("past");
    ASSERT_EQ(at_bob(past), "past");
    const SecretBytes stolen = s_.bob.serialise();
    auto thief = Ratchet::deserialise(stolen);
    ASSERT_TRUE(thief);
    EXPECT_EQ(receive(*thief, past), duplicate);
    // One round trip later the thief, who only listens, is out again.
    const Bytes reply = from_bob("healing");
    ASSERT_EQ(at_alice(reply), "healing");
    const Bytes healed = from_alice("healed");
    ASSERT_EQ(at_bob(healed), "healed");
    EXPECT_NE(receive(*thief, healed), "healed");
}

TEST_P(RatchetTest, StateRoundTrip) {
    const Bytes late = from_alice("late");
    for (int i = 0; i < 3; ++i) {
        (void)from_alice("lost");
        round_trip();
    }
    for (Ratchet* ratchet : {&s_.alice, &s_.bob}) {
        const SecretBytes stored = ratchet->serialise();
        auto loaded = Ratchet::deserialise(stored);
        ASSERT_TRUE(loaded);
        EXPECT_EQ(loaded->serialise(), stored);
        *ratchet = *std::move(loaded);
    }
    EXPECT_EQ(at_bob(late), "late");
    round_trip();
}

TEST_P(RatchetTest, StoredStatesAreCheckedToo) {
    (void)from_alice("lost");
    round_trip();
    const SecretBytes stored = s_.bob.serialise();
    for (std::size_t size = 0; size < stored.size(); ++size)
        EXPECT_FALSE(Ratchet::deserialise(ByteView(stored).first(size))) << size;
    SecretBytes longer = stored;
    longer.push_back(0);
    EXPECT_FALSE(Ratchet::deserialise(longer));
    const std::pair<std::size_t, std::uint8_t> table[] = {
        {0, 2}, {1, 0}, {1, 3}, {2, 0x3f}, {3, 1}};
    for (const auto& [at, value] : table) {
        SecretBytes changed = stored;
        changed[at] = value;
        EXPECT_FALSE(Ratchet::deserialise(changed)) << at;
    }
}

// Expected values: an independent program (Python's hmac).
TEST(RatchetKdf, IsFrozen) {
    ByteArray<32> counting;
    for (std::size_t i = 0; i < 32; ++i)
        counting[i] = static_cast<std::uint8_t>(i);
    const Secret<32> root(counting);
    const Secret<32> input(ByteArray<32>{7});
    const RootStep step = kdf_root(root, input, Suite::hybrid);
    EXPECT_EQ(to_hex(step.root.view()),
              "848e4ae3133c4f301f313aa04d320aa4caecb08ad09a1fd70f6d5ca44dc81520");
    EXPECT_EQ(to_hex(step.chain.view()),
              "93fe27f6dfa46f1d5cbc32d5b6d702c4a51e04ad6f3e18553e1f2dcc33a39586");
    EXPECT_EQ(to_hex(step.next_header.view()),
              "b4226f869b8e326ddefbcbb44b9252d85f1865e6564876bd0d037a020c103d65");
    Secret<32> chain(counting);
    const Secret<32> message_key = kdf_chain(chain);
    EXPECT_EQ(to_hex(message_key.view()),
              "9b4c8120a4823a95f47cde17a244f4507244ee6e3957d1fab9fa29b44d3829b7");
    EXPECT_EQ(to_hex(chain.view()),
              "4304c22c84a53755ab08ead8d97a8d429be5efa480682d7ad1da27f73e1fbe1d");
    EXPECT_EQ(to_hex(body_key(message_key).view()),
              "4d8976072501937c83b5ccd0ba465d83cb53dc632e86f9b9f9665037f827c399");
}

}  // namespace
}  // namespace sotto::crypto
