// Attack 19: somebody has a copy of a session, as it was at one moment.
#include <algorithm>

#include "crypto/ratchet_kdf.hpp"
#include "tests/attack/session_fixture.hpp"

namespace sotto::crypto::attack {
namespace {

class Attack19StolenStates : public OnASession {};

TEST_F(Attack19StolenStates, OpenNothingEarlier) {
    std::vector<Bytes> past;
    for (int i = 0; i < 5; ++i) {
        past.push_back(from_alice("past"));
        ASSERT_EQ(receive(s_.bob, past.back()), "past");
        round_trip();
        Ratchet thief = Ratchet::deserialise(s_.bob.serialise()).value();
        Ratchet other_end = Ratchet::deserialise(s_.alice.serialise()).value();
        for (const Bytes& message : past) {
            EXPECT_EQ(receive(thief, message).front(), '!');
            EXPECT_EQ(receive(other_end, message).front(), '!');
        }
    }
    // Nothing of a used key is left in the bytes: not the chain keys of before either.
    const Secret<32> chain = *s_.bob.state().receive_chain;
    Secret<32> copy_of_chain = chain;
    const Secret<32> key = kdf_chain(copy_of_chain);
    ASSERT_EQ(receive(s_.bob, from_alice("gone")), "gone");
    const SecretBytes stored = s_.bob.serialise();
    for (const Secret<32>& gone : {chain, key})
        EXPECT_EQ(std::search(stored.begin(), stored.end(), gone.view().begin(), gone.view().end()),
                  stored.end());
}

// Tries everything a stolen state is good for: receives as the victim would, and tries the next
// keys of every chain it ever held on the body alone, as no receiver does.
class Thief {
public:
    explicit Thief(const Ratchet& victim)
        : now_(Ratchet::deserialise(victim.serialise()).value()), held_{now_.state()} {}

    [[nodiscard]] bool reads(const Bytes& message) {
        if (auto got = now_.decrypt(message, now_ms)) {
            now_ = std::move(got->next);
            held_.push_back(now_.state());
            return true;
        }
        return std::any_of(held_.begin(), held_.end(), [&](const RatchetState& state) {
            return a_chain_opens(state.receive_chain, state, message) ||
                   a_chain_opens(state.send_chain, state, message) ||
                   a_chain_opens(state.root, state, message);
        });
    }

private:
    static bool a_chain_opens(std::optional<Secret<32>> chain, const RatchetState& state,
                              ByteView message) {
        const Bytes associated =
            enc(label::ratchet_body, {state.associated_data, message.subspan(19, 81)});
        const AeadNonce nonce = AeadNonce::from_wire(message.subspan(100, 24).first<24>());
        for (int i = 0; chain && i < 20; ++i) {
            Bytes out(message.size() - 140);
            const Secret<32> key = body_key(kdf_chain(*chain));
            if (aead_open(out, key, nonce, associated, message.subspan(124))) return true;
        }
        return false;
    }
    Ratchet now_;
    std::vector<RatchetState> held_;
};

// Exactly one round trip: the victim's next key is one the thief does not have, and the answer to
// it is made with that key.
TEST_F(Attack19StolenStates, OpenNothingAfterOneRoundTrip) {
    round_trip();
    for (const bool steals_from_bob : {true, false}) {
        SCOPED_TRACE(steals_from_bob ? "from Bob" : "from Alice");
        Thief thief(steals_from_bob ? s_.bob : s_.alice);
        round_trip();
        for (int i = 0; i < 3; ++i) {
            const Bytes to_alice = from_bob("healed");
            const Bytes at_once = from_alice("healed");
            EXPECT_FALSE(thief.reads(to_alice));
            EXPECT_FALSE(thief.reads(at_once));
            ASSERT_EQ(receive(s_.alice, to_alice), "healed");
            ASSERT_EQ(receive(s_.bob, at_once), "healed");
            const Bytes to_bob = from_alice("healed");
            EXPECT_FALSE(thief.reads(to_bob));
            ASSERT_EQ(receive(s_.bob, to_bob), "healed");
        }
    }
}

// The same with a thief who reads along meanwhile: what he gets until then, and where it ends. Had
// he got nothing here, the test above would prove nothing.
TEST_F(Attack19StolenStates, OpenWhatIsUnderWayUntilTheVictimHasANewKey) {
    round_trip();  // Alice wrote last: Bob's next key is new, hers is in use
    Thief of_bob(s_.bob);
    Thief of_alice(s_.alice);
    const Bytes under_way = from_alice("under way");
    EXPECT_TRUE(of_bob.reads(under_way));
    EXPECT_TRUE(of_alice.reads(under_way));  // her own chain
    ASSERT_EQ(receive(s_.bob, under_way), "under way");

    const Bytes ping = from_bob("ping");  // made with Bob's new key and Alice's stolen one
    EXPECT_FALSE(of_bob.reads(ping));
    EXPECT_TRUE(of_alice.reads(ping));
    ASSERT_EQ(receive(s_.alice, ping), "ping");
    const Bytes more = from_bob("more of the same chain");
    EXPECT_TRUE(of_alice.reads(more));

    const Bytes pong = from_alice("pong");  // made with Alice's new key
    EXPECT_FALSE(of_bob.reads(pong));
    EXPECT_FALSE(of_alice.reads(pong));
    ASSERT_EQ(receive(s_.bob, pong), "pong");
    for (int i = 0; i < 3; ++i) {
        const Bytes next = from_bob("healed");
        EXPECT_FALSE(of_bob.reads(next));
        EXPECT_FALSE(of_alice.reads(next));
        ASSERT_EQ(receive(s_.alice, next), "healed");
        const Bytes answer = from_alice("healed");
        EXPECT_FALSE(of_bob.reads(answer));
        EXPECT_FALSE(of_alice.reads(answer));
        ASSERT_EQ(receive(s_.bob, answer), "healed");
    }
}

}  // namespace
}  // namespace sotto::crypto::attack
