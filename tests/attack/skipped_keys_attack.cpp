// Attack 17: a contact who names numbers far ahead, so that keys are derived and stored.
#include <ctime>

#include "crypto/padding.hpp"
#include "crypto/ratchet_kdf.hpp"
#include "tests/attack/session_fixture.hpp"

namespace sotto::crypto::attack {
namespace {

class Attack17SkippedKeys : public OnASession {
protected:
    /// Alice's next message with other numbers in its authentic header.
    [[nodiscard]] Bytes claiming(std::uint32_t previous_sent, std::uint32_t n) {
        RatchetState state = s_.alice.state();
        state.previous_sent = previous_sent;
        state.sent = n;
        auto hostile = Ratchet::deserialise(serialise_state(state));
        ensure(hostile.has_value(), "state");
        return send(*hostile, "x", random_);
    }
    /// As claiming(), without asking Ratchet: an honest one refuses to write the last number.
    [[nodiscard]] Bytes forged(const Ratchet& sender, std::uint32_t previous_sent,
                               std::uint32_t n) {
        const RatchetState& state = sender.state();
        Writer header;
        header.u8(0).raw(state.own_ratchet_public).u32(previous_sent).u32(n);
        const AeadNonce nonce = AeadNonce::fresh(random_);
        Bytes eh = copy(nonce.view());
        aead_seal(eh, *state.send_header, nonce,
                  enc(label::ratchet_header, {state.associated_data}), header.view());
        Secret<32> chain = *state.send_chain;
        Writer front;
        front.u8(1).raw(state.sid.view()).sized16(eh).raw(nonce.view());
        Bytes out = std::move(front).take();
        aead_seal(out, body_key(kdf_chain(chain)), nonce,
                  enc(label::ratchet_body, {state.associated_data, eh}),
                  pad(as_bytes("x"), 512 - 140));
        return out;
    }
    /// Both ends of Alice's chain stand at `n`, as after as many messages.
    void wind_on_to(std::uint32_t n) {
        RatchetState alice = s_.alice.state();
        RatchetState bob = s_.bob.state();
        alice.sent = n;
        bob.received = n;
        s_.alice = Ratchet::deserialise(serialise_state(alice)).value();
        s_.bob = Ratchet::deserialise(serialise_state(bob)).value();
    }
    static double cpu_ms() {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    }
    void refused_at_once(const Bytes& message) {
        const SecretBytes before = s_.bob.serialise();
        const double start = cpu_ms();
        const std::string got = receive(s_.bob, message);
        EXPECT_LT(cpu_ms() - start, 20.0);  // CPU time of this thread: not of a busy machine
        EXPECT_EQ(got, too_many);
        EXPECT_EQ(s_.bob.serialise(), before);
    }
};

TEST_F(Attack17SkippedKeys, AContactCannotMakeUsDeriveWithoutEnd) {
    round_trip();
    const std::uint32_t next = s_.bob.state().received;
    for (const std::uint32_t n : {next + 2001, next + 4001, 0x80000000U, 0xfffffffeU})
        refused_at_once(claiming(0, n));
    // In front of a DH step: N of the new chain, PN of the ended one.
    ASSERT_EQ(receive(s_.alice, from_bob("turn")), "turn");
    (void)from_alice("makes the chain");
    const std::uint32_t received = s_.bob.state().received;
    for (const std::uint32_t n : {2001U, 4001U, 0xfffffffeU}) {
        refused_at_once(claiming(0, n));
        refused_at_once(claiming(received + n, 0));
    }
    refused_at_once(claiming(0xffffffffU, 0));
    EXPECT_EQ(receive(s_.bob, from_alice("honest again")), "honest again");
}

// 2^32 - 1 as N and as PN, in a chain and in front of a DH step, from one who does not ask Ratchet.
TEST_F(Attack17SkippedKeys, TheLargestNumbersAreRefusedAtOnce) {
    constexpr std::uint32_t last = 0xffffffffU;
    round_trip();
    ASSERT_EQ(receive(s_.bob, forged(s_.alice, 0, s_.alice.state().sent)), "x");  // it is authentic
    refused_at_once(forged(s_.alice, 0, last));
    refused_at_once(forged(s_.alice, last, last));
    ASSERT_EQ(receive(s_.alice, from_bob("turn")), "turn");
    s_.alice.prepare(random_);
    for (const auto& [previous, n] : {std::pair{0U, last}, {last, 0U}, {last, last}, {last, 2000U}})
        refused_at_once(forged(s_.alice, previous, n));
    EXPECT_EQ(receive(s_.bob, from_alice("honest again")), "honest again");
}

TEST_F(Attack17SkippedKeys, CountersAtTheirEndDoNotWrap) {
    round_trip();
    wind_on_to(0xfffffffdU);
    const Bytes late = from_alice("last but one");
    const Bytes last = from_alice("last");
    const SecretBytes worn = s_.alice.serialise();
    EXPECT_EQ(s_.alice.encrypt({}, random_).error(), RatchetError::exhausted);
    s_.alice.prepare(random_);
    EXPECT_EQ(s_.alice.serialise(), worn);
    ASSERT_EQ(receive(s_.bob, last), "last");
    ASSERT_EQ(s_.bob.state().received, 0xffffffffU);
    refused_at_once(forged(s_.alice, 0, 0xffffffffU));  // next in turn, and Nr would be 0
    EXPECT_EQ(receive(s_.bob, late), "last but one");
    EXPECT_EQ(receive(s_.bob, last), duplicate);
    // A step of the other side begins a new chain, and its PN is the largest there is.
    ASSERT_EQ(receive(s_.alice, from_bob("go on")), "go on");
    ASSERT_EQ(receive(s_.bob, from_alice("new chain")), "new chain");
    EXPECT_EQ(s_.alice.state().previous_sent, 0xffffffffU);
    EXPECT_EQ(s_.bob.state().received, 1U);
}

TEST_F(Attack17SkippedKeys, AChainThatEndedAtTheLastNumberIsSkippedToItsEnd) {
    round_trip();
    wind_on_to(0xfffffffdU);
    const Bytes one = from_alice("one");
    const Bytes two = from_alice("two");
    ASSERT_EQ(receive(s_.alice, from_bob("turn")), "turn");
    ASSERT_EQ(receive(s_.bob, from_alice("new chain")),
              "new chain");  // PN = 2^32 - 1, two left out
    EXPECT_EQ(s_.bob.skipped_key_count(), 2U);
    EXPECT_EQ(receive(s_.bob, two), "two");
    EXPECT_EQ(receive(s_.bob, one), "one");
}

TEST_F(Attack17SkippedKeys, MemoryIsBoundedAndOldKeysGo) {
    for (int burst = 0; burst < 4; ++burst) {
        for (int i = 0; i < 1999; ++i)
            (void)from_alice("lost");
        ASSERT_EQ(receive(s_.bob, from_alice("x")), "x");
        EXPECT_LE(s_.bob.skipped_key_count(), skipped_keys_max);
    }
    EXPECT_EQ(s_.bob.skipped_key_count(), skipped_keys_max);
    EXPECT_LT(s_.bob.serialise().size(), 300'000U);
    ASSERT_EQ(receive(s_.bob, from_alice("later"), now_ms + skipped_key_ttl_ms + 1), "later");
    EXPECT_EQ(s_.bob.skipped_key_count(), 0U);
}

TEST_F(Attack17SkippedKeys, AnOutsiderCannotTriggerAnything) {
    const SecretBytes before = s_.bob.serialise();
    for (int i = 0; i < 2000; ++i) {
        Bytes noise = from_alice("x");
        random_.fill(std::span(noise).subspan(19));
        ASSERT_EQ(receive(s_.bob, noise), bad_header);
    }
    EXPECT_EQ(s_.bob.serialise(), before);
}

}  // namespace
}  // namespace sotto::crypto::attack
