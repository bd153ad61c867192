#include "crypto/handshake.hpp"
#include "tests/bench/crypto/contender.hpp"

namespace sotto::bench {

using namespace crypto;

namespace {

constexpr std::uint64_t now_ms = 1'800'000'000'000;

/// An account with one device and its prekeys.
struct Person {
    explicit Person(bool hybrid)
        : amk(OwnAccountKey::generate(random)),
          dsk(OwnDsk::generate(random)),
          dik(OwnDik::generate(random)),
          cert(Cert::create(amk, dsk,
                            {.device = DeviceId::generate(random),
                             .dik = dik.public_key(),
                             .suites = SuiteSet(static_cast<std::uint16_t>(hybrid ? 0b11 : 0b01)),
                             .min_suite = 1,
                             .created_ms = now_ms})),
          list(DevList::first(
              amk, {{.device = cert.device(), .cert = cert.hash(), .primary = true}}, now_ms)),
          spk{.id = 1, .key = OwnSpk::generate(random)},
          mbk(OwnMbk::generate(random)),
          prerec_bytes() {
        if (hybrid) pq = OwnPqPreKey{.id = 2, .key = OwnPq::generate(random)};
        const PreRec prerec =
            PreRec::create(dsk, cert,
                           {.seq = 1,
                            .suite_floor = 1,
                            .spk_id = spk.id,
                            .spk = spk.key.public_key(),
                            .mbk_id = 3,
                            .mbk = mbk.public_key(),
                            .pq_id = pq ? pq->id : 0,
                            .pq = pq ? std::optional(pq->key.public_key()) : std::nullopt,
                            .created_ms = now_ms,
                            .not_after_ms = now_ms + prekey_validity_ms});
        prerec_bytes.assign(prerec.encoded().begin(), prerec.encoded().end());
    }
    [[nodiscard]] OwnIdentity identity() const { return {cert, list, dik}; }

    SystemRandom random;
    OwnAccountKey amk;
    OwnDsk dsk;
    OwnDik dik;
    Cert cert;
    DevList list;
    OwnSignedPreKey spk;
    OwnMbk mbk;
    std::optional<OwnPqPreKey> pq;
    Bytes prerec_bytes;
};

struct Pair {
    Ratchet alice;
    Ratchet bob;
};

/// What either side has verified before.
struct Memory {
    VerifiedRecords alice;
    VerifiedRecords bob;
};

/// What Alice fetched of Bob's device, decoded: five signatures, or two where she remembers.
PreKeyBundle verify(const Person& bob, const OpkRec& published, VerifiedRecords& known) {
    auto cert = Cert::decode(bob.cert.encoded(), known);
    auto list = DevList::decode(bob.list.encoded(), known);
    ensure(cert && list, "records");
    auto prerec = PreRec::decode(bob.prerec_bytes, *cert);
    auto opk = OpkRec::decode(published.encoded(), *cert);
    ensure(prerec && opk, "prekeys");
    return {*std::move(list), *std::move(cert), *std::move(prerec), *std::move(opk)};
}

/// Bob makes and signs a one-time key; Alice verifies what she fetched, initiates, writes; Bob
/// verifies what came, answers.
Pair set_up(Person& alice, Person& bob, Memory& memory, const Bytes& content) {
    const OwnOneTimePreKey one_time{.id = 9, .key = OwnOpk::generate(bob.random), .pq = {}};
    const OpkRec published = publish(bob.dsk, bob.cert, one_time);

    auto started = initiate(alice.identity(), verify(bob, published, memory.alice),
                            {.account = bob.cert.account(), .dev_list = {}, .floor = {0, 0}},
                            now_ms, alice.random);
    ensure(started.has_value(), "initiate");
    const auto first = started->ratchet.encrypt(content, alice.random);
    const auto message =
        decode_init_message(make_init_message(started->init_prefix, *first), memory.bob);
    ensure(message.has_value(), "init message");
    auto accepted = accept(
        bob.identity(),
        {.spk = &bob.spk, .one_time = &one_time, .pq_last_resort = bob.pq ? &*bob.pq : nullptr},
        *message, {.dev_list = nullptr, .suite_floor = 0}, now_ms);
    ensure(accepted && equal(accepted->first_plaintext, content), "accept");
    return {std::move(started->ratchet), std::move(accepted->ratchet)};
}

/// Nobody has seen anything of the other yet.
Pair set_up_cold(Person& alice, Person& bob, const Bytes& content) {
    Memory nothing;
    return set_up(alice, bob, nothing, content);
}

struct Sotto {
    Person alice{false}, bob{false};
    std::optional<Person> alice_hybrid, bob_hybrid;
    Bytes content = Bytes(message_size, 7);
    Memory memory;
    Pair chain = set_up(alice, bob, memory, content);
    Pair turns = set_up(alice, bob, memory, content);
    bool bobs_turn = true;

    void send(Ratchet& from, Ratchet& to) {
        const auto message = from.encrypt(content, alice.random);
        auto opened = to.decrypt(*message, now_ms);
        ensure(opened && equal(opened->content, content), "decrypt");
        to = std::move(opened->next);
    }
};

}  // namespace

Contender make_sotto() {
    const auto s = std::make_shared<Sotto>();
    Contender out{.name = "sotto",
                  .one_chain = [s] { s->send(s->chain.alice, s->chain.bob); },
                  .ping_pong =
                      [s] {
                          if (s->bobs_turn)
                              s->send(s->turns.bob, s->turns.alice);
                          else
                              s->send(s->turns.alice, s->turns.bob);
                          s->bobs_turn = !s->bobs_turn;
                      },
                  .set_up = [s] { (void)set_up_cold(s->alice, s->bob, s->content); },
                  .set_up_hybrid = {},
                  .set_up_known = [s] { (void)set_up(s->alice, s->bob, s->memory, s->content); }};
    if (hybrid_available()) {
        s->alice_hybrid.emplace(true);
        s->bob_hybrid.emplace(true);
        out.set_up_hybrid = [s] {
            (void)set_up_cold(*s->alice_hybrid, *s->bob_hybrid, s->content);
        };
    }
    return out;
}

}  // namespace sotto::bench
