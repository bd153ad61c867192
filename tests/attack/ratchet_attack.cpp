// Attacks 16, 20, 21 and 36: on sessions that exist.
#include "crypto/padding.hpp"
#include "crypto/ratchet_kdf.hpp"
#include "tests/attack/session_fixture.hpp"

namespace sotto::crypto::attack {
namespace {

// --- 16 ---------------------------------------------------------------------------------------

class Attack16LossAndDisorder : public OnASession {
protected:
    struct Letter {
        Bytes bytes;
        std::string content;
    };
    void shuffle(std::vector<Letter>& letters) {
        for (std::size_t i = letters.size(); i > 1; --i)
            std::swap(letters[i - 1], letters[draw(static_cast<std::uint32_t>(i))]);
    }
};

TEST_F(Attack16LossAndDisorder, AThousandShuffledAThousandLostBothWays) {
    round_trip();
    for (int way = 0; way < 2; ++way) {
        Ratchet& sender = way == 0 ? s_.alice : s_.bob;
        Ratchet& receiver = way == 0 ? s_.bob : s_.alice;
        std::vector<Letter> letters;
        for (int i = 0; i < 1000; ++i) {
            const std::string content = std::to_string(i);
            letters.push_back({send(sender, content, random_), content});
            (void)send(sender, "lost", random_);
        }
        shuffle(letters);
        for (const Letter& letter : letters)
            ASSERT_EQ(receive(receiver, letter.bytes), letter.content);
        for (const Letter& letter : letters)
            ASSERT_EQ(receive(receiver, letter.bytes), duplicate);
    }
    round_trip();
}

TEST_F(Attack16LossAndDisorder, AlternationWithLossInBothDirections) {
    std::vector<Letter> late[2];
    for (int turn = 0; turn < 400; ++turn) {
        const std::size_t way = static_cast<std::size_t>(turn % 2);
        Ratchet& sender = way == 0 ? s_.bob : s_.alice;
        Ratchet& receiver = way == 0 ? s_.alice : s_.bob;
        const std::string content = "turn " + std::to_string(turn);
        std::vector<Letter> letters;
        for (int i = 0; i < 4; ++i) {
            const std::string each = content + "/" + std::to_string(i);
            letters.push_back({send(sender, each, random_), each});
        }
        late[way].push_back(letters[0]);
        std::swap(letters[1], letters[3]);
        for (std::size_t i = 1; i < 3; ++i)  // the fourth is lost
            ASSERT_EQ(receive(receiver, letters[i].bytes), letters[i].content);
        // What was kept back comes four turns later, still within the chains kept.
        if (late[way].size() == 5) {
            ASSERT_EQ(receive(receiver, late[way].front().bytes), late[way].front().content);
            ASSERT_EQ(receive(receiver, late[way].front().bytes), duplicate);
            late[way].erase(late[way].begin());
        }
    }
}

// --- 20 ---------------------------------------------------------------------------------------

class Attack20Reflection : public OnASession {};

TEST_F(Attack20Reflection, OwnMessagesComeBack) {
    for (int i = 0; i < 4; ++i) {
        const Bytes own = from_alice("mine");
        const SecretBytes before = s_.alice.serialise();
        EXPECT_EQ(receive(s_.alice, own), bad_header);
        EXPECT_EQ(s_.alice.serialise(), before);
        ASSERT_EQ(receive(s_.bob, own), "mine");
        const Bytes bobs = from_bob("mine");
        EXPECT_EQ(receive(s_.bob, bobs), bad_header);
        ASSERT_EQ(receive(s_.alice, bobs), "mine");
    }
}

TEST_F(Attack20Reflection, OwnInitMessageComesBack) {
    const Flight flight = fly(alice_party_, bob_party_, true);
    EXPECT_EQ(refusal(alice_party_, flight.message), HandshakeError::same_device);
}

// --- 21 ---------------------------------------------------------------------------------------

class Attack21Headers : public OnASession {
protected:
    static constexpr std::ptrdiff_t eh = 1 + 16 + 2;
    static constexpr std::ptrdiff_t eh_size = 81;

    static Bytes with_header_of(Bytes message, const Bytes& other) {
        std::copy(other.begin() + eh, other.begin() + eh + eh_size, message.begin() + eh);
        return message;
    }
};

TEST_F(Attack21Headers, SwappedBetweenMessages) {
    const Bytes a = from_alice("a");
    const Bytes b = from_alice("b");
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(receive(s_.bob, with_header_of(a, b)), bad_body);
    EXPECT_EQ(receive(s_.bob, with_header_of(b, a)), bad_body);
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_F(Attack21Headers, FromAnotherSessionOrChain) {
    Session other = make_session(alice_party_, bob_party_);
    const Bytes foreign = send(other.alice, "foreign", random_);
    const Bytes own = from_alice("own");
    EXPECT_EQ(receive(s_.bob, with_header_of(own, foreign)), bad_header);
    const Bytes old_chain = from_alice("old chain");
    ASSERT_EQ(receive(s_.bob, own), "own");
    round_trip();
    const Bytes new_chain = from_alice("new chain");
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(receive(s_.bob, with_header_of(new_chain, old_chain)), bad_body);
    EXPECT_EQ(receive(s_.bob, with_header_of(old_chain, new_chain)), bad_body);
    EXPECT_EQ(s_.bob.serialise(), before);
    EXPECT_EQ(receive(s_.bob, old_chain), "old chain");
    EXPECT_EQ(receive(s_.bob, new_chain), "new chain");
}

// A header key of an ended chain opens skipped messages only, never a new number.
TEST_F(Attack21Headers, AnEndedChainTakesNoNewMessages) {
    const RatchetState earlier = s_.alice.state();
    round_trip();
    round_trip();
    auto stale = Ratchet::deserialise(serialise_state(earlier));
    ASSERT_TRUE(stale);
    const SecretBytes before = s_.bob.serialise();
    EXPECT_EQ(receive(s_.bob, send(*stale, "from the past", random_)), duplicate);
    EXPECT_EQ(s_.bob.serialise(), before);
}

TEST_F(Attack21Headers, AWrongSessionIdIsNotSearchedFor) {
    Bytes message = from_alice("x");
    const Bytes good = message;
    message[1] ^= 1;
    EXPECT_EQ(receive(s_.bob, message), "!message of another session");
    Responder bob(bob_party_);
    ASSERT_EQ(bob.take(fly(alice_party_, bob_party_, true).bytes), "hello");
    EXPECT_EQ(bob.take_ratchet(good), "!unknown session");
    EXPECT_EQ(receive(s_.bob, good), "x");
}

// --- 36 ---------------------------------------------------------------------------------------

class Attack36Lengths : public OnASession {};

TEST_F(Attack36Lengths, TakeBucketValuesOnly) {
    std::set<std::size_t> sizes;
    std::size_t content = 0;
    while (content <= 61'299) {
        const auto message = s_.alice.encrypt(Bytes(content, 0x80), random_);
        ASSERT_TRUE(message) << content;
        ASSERT_TRUE(is_bucket(message->size())) << content;
        sizes.insert(message->size());
        ASSERT_EQ(receive(s_.bob, *message).size(), content);
        // Around every edge each length, else in steps.
        const auto bucket = bucket_for(content, 140).value();
        content += bucket - 140 - content > 3 && content % 512 > 3 ? 97 : 1;
    }
    EXPECT_EQ(sizes.size(), message_buckets.size());
    for (const std::size_t size : {61'300U, 61'440U, 65'024U, 65'536U, 1'000'000U})
        EXPECT_EQ(s_.alice.encrypt(Bytes(size, 0), random_).error(), RatchetError::too_large);
}

// A contact whose program pads otherwise, or hides something in a length: the message is authentic.
TEST_F(Attack36Lengths, AnAuthenticMessageOfAnotherLengthIsRefused) {
    RatchetState state = s_.alice.state();
    const Bytes message = from_alice("x");
    const Secret<32> key = body_key(kdf_chain(*state.send_chain));
    const ByteView header = ByteView(message).subspan(19, 81);
    const AeadNonce nonce = AeadNonce::fresh(random_);
    const Bytes associated = enc(label::ratchet_body, {state.associated_data, header});
    const SecretBytes before = s_.bob.serialise();
    for (const std::size_t size : {200U, 511U, 513U, 1023U, 1536U, 61'439U, 61'441U, 65'536U}) {
        Bytes other = copy(ByteView(message).first(100));
        other.insert(other.end(), nonce.view().begin(), nonce.view().end());
        aead_seal(other, key, nonce, associated, pad(as_bytes("x"), size - 140));
        ASSERT_EQ(other.size(), size);
        EXPECT_EQ(receive(s_.bob, other), malformed) << size;
    }
    EXPECT_EQ(s_.bob.serialise(), before);
    EXPECT_EQ(receive(s_.bob, message), "x");
}

// A sender who seals nonsense instead of padding is told the same as one whose tag is wrong.
TEST_F(Attack36Lengths, BadPaddingLooksLikeABadTag) {
    RatchetState state = s_.alice.state();
    Bytes message = from_alice("x");
    const Secret<32> key = body_key(kdf_chain(*state.send_chain));
    const ByteView header = ByteView(message).subspan(19, 81);
    const AeadNonce nonce = AeadNonce::fresh(random_);
    const Bytes associated = enc(label::ratchet_body, {state.associated_data, header});
    const SecretBytes before = s_.bob.serialise();
    for (const unsigned last : {0x00U, 0x01U, 0x7fU, 0x81U, 0xffU}) {
        Bytes plaintext(512 - 140, 0);  // no 0x80 in front of the zeros
        plaintext.back() = static_cast<std::uint8_t>(last);
        Bytes bad = copy(ByteView(message).first(100));
        bad.insert(bad.end(), nonce.view().begin(), nonce.view().end());
        aead_seal(bad, key, nonce, associated, plaintext);
        ASSERT_EQ(bad.size(), 512U);
        EXPECT_EQ(receive(s_.bob, bad), bad_body);
    }
    Bytes tag = message;
    tag.back() ^= 1;
    EXPECT_EQ(receive(s_.bob, tag), bad_body);
    EXPECT_EQ(s_.bob.serialise(), before);
    EXPECT_EQ(receive(s_.bob, message), "x");
}

}  // namespace
}  // namespace sotto::crypto::attack
