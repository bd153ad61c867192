#include "crypto/keys.hpp"
#include "tests/bench/crypto/contender.hpp"

namespace sotto::bench {

using namespace crypto;

namespace {

struct Bare {
    SystemRandom random;
    Bytes content = Bytes(message_size, 7);
    Secret<32> sending = random.secret<32>();
    Secret<32> receiving = sending;
    Secret<32> root = random.secret<32>();
    OwnEk a = OwnEk::generate(random);
    OwnEk b = OwnEk::generate(random);
    std::optional<OwnPq> pq =
        hybrid_available() ? std::optional(OwnPq::generate(random)) : std::nullopt;

    static Secret<32> advance(Secret<32>& chain) {
        Secret<32> key = chain_hmac(chain, 1);
        chain = chain_hmac(chain, 2);
        return key;
    }
    /// Two HMACs and one AEAD on each side.
    void message() {
        const AeadNonce nonce = AeadNonce::fresh(random);
        Bytes sealed;
        aead_seal(sealed, advance(sending), nonce, {}, content);
        Bytes opened(content.size());
        ensure(aead_open(opened, advance(receiving), nonce, {}, sealed), "bare decrypt");
    }
    void derive(const Secret<32>& dh) {
        ByteArray<96> out;
        hkdf(root.view(), dh.view(), {}, out);
        root = Secret<32>(std::span<const std::uint8_t, 96>(out).first<32>());
    }
    /// One new key pair and one DH at the sender, one DH at the receiver.
    void step() {
        const OwnEk fresh = OwnEk::generate(random);
        derive(*x25519(fresh.secret(), b.public_key().view()));
        derive(*x25519(b.secret(), fresh.public_key().view()));
        a = std::move(b);
        b = fresh;
        message();
    }
    /// One-time, ephemeral and ratchet key; four DHs and a ratchet DH on each side.
    void set_up() {
        for (int i = 0; i < 3; ++i)
            (void)OwnEk::generate(random);
        for (int i = 0; i < 10; ++i)
            ensure(x25519(a.secret(), b.public_key().view()).has_value(), "bare DH");
        derive(root);
        derive(root);
        message();
    }
    void set_up_hybrid() {
        set_up();
        const auto sent = kem_encapsulate(pq->public_key().view(), random);
        ensure(kem_decapsulate(pq->secret(), sent->ciphertext) == sent->shared, "bare KEM");
    }
};

}  // namespace

Contender make_bare() {
    const auto b = std::make_shared<Bare>();
    Contender out{.name = "bare primitives",
                  .one_chain = [b] { b->message(); },
                  .ping_pong = [b] { b->step(); },
                  .set_up = [b] { b->set_up(); },
                  .set_up_hybrid = {},
                  .set_up_known = [b] { b->set_up(); }};
    if (b->pq) out.set_up_hybrid = [b] { b->set_up_hybrid(); };
    return out;
}

}  // namespace sotto::bench
