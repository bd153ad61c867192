#include "tests/unit/crypto/party.hpp"

#include "crypto/init.hpp"

namespace sotto::crypto::test {

namespace {

class InitialiseCrypto final : public ::testing::Environment {
    void SetUp() override { initialise(); }
};
// Registered before main() of GoogleTest runs; GoogleTest owns it.
[[maybe_unused]] const auto* const environment =
    ::testing::AddGlobalTestEnvironment(new InitialiseCrypto);

DevList list_of(const OwnAccountKey& amk, const Cert& cert, std::uint64_t now) {
    return DevList::first(amk, {{.device = cert.device(), .cert = cert.hash(), .primary = true}},
                          now);
}

std::optional<OwnPq> pq_if(bool wanted, RandomSource& random) {
    if (!wanted || !hybrid_available()) return std::nullopt;
    return OwnPq::generate(random);
}

}  // namespace

void FixedRandom::fill(std::span<std::uint8_t> out) {
    ASSERT_LE(used_ + out.size(), bytes_.size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    used_ += out.size();
}

Party::Party(const PartyOptions& options)
    : random(options.seed),
      amk(OwnAccountKey::generate(random)),
      dsk(OwnDsk::generate(random)),
      dik(OwnDik::generate(random)),
      device(DeviceId::generate(random)),
      cert(Cert::create(amk, dsk,
                        {.device = device,
                         .dik = dik.public_key(),
                         .suites = options.suites,
                         .min_suite = options.min_suite,
                         .created_ms = options.created_ms})),
      dev_list(list_of(amk, cert, options.created_ms)),
      spk{.id = 11, .key = OwnSpk::generate(random)},
      mbk{.id = 12, .key = OwnMbk::generate(random)},
      pq(options.suites.has(Suite::hybrid) && hybrid_available()
             ? std::optional(OwnPqPreKey{.id = 13, .key = OwnPq::generate(random)})
             : std::nullopt),
      one_time{.id = 14,
               .key = OwnOpk::generate(random),
               .pq = pq_if(options.pq_one_time && pq.has_value(), random)},
      prerec(make_prerec(1, options.suite_floor, pq.has_value(), options.created_ms)),
      opk_rec(publish(dsk, cert, one_time)) {}

PreRec Party::make_prerec(std::uint64_t seq, std::uint8_t floor, bool with_pq,
                          std::uint64_t created) const {
    return PreRec::create(dsk, cert,
                          {.seq = seq,
                           .suite_floor = floor,
                           .spk_id = spk.id,
                           .spk = spk.key.public_key(),
                           .mbk_id = mbk.id,
                           .mbk = mbk.key.public_key(),
                           .pq_id = with_pq ? pq->id : 0,
                           .pq = with_pq ? std::optional(pq->key.public_key()) : std::nullopt,
                           .created_ms = created,
                           .not_after_ms = created + prekey_validity_ms});
}

PreKeyBundle Party::bundle(bool with_one_time) const {
    return {.dev_list = dev_list,
            .cert = cert,
            .prerec = prerec,
            .one_time = with_one_time ? std::optional(opk_rec) : std::nullopt};
}

ResponderKeys Party::keys() const {
    return {.spk = &spk, .one_time = &one_time, .pq_last_resort = pq ? &*pq : nullptr};
}

std::vector<Suite> suites_of_this_build() {
    if (hybrid_available()) return {Suite::classical, Suite::hybrid};
    return {Suite::classical};
}

Party make_party(std::uint64_t seed, Suite best) {
    return Party(
        PartyOptions{.seed = seed, .suites = SuiteSet(best == Suite::hybrid ? 0b11 : 0b01)});
}

Session make_session(Party& alice, const Party& bob) {
    auto started = initiate(alice.identity(), bob.bundle(true), bob.known(), now_ms, alice.random);
    ensure(started.has_value(), "initiate");
    const Bytes first = send(started->ratchet, "first", alice.random);
    const auto message = decode_init_message(make_init_message(started->init_prefix, first));
    ensure(message.has_value(), "init message");
    auto accepted = accept(bob.identity(), bob.keys(), *message,
                           {.dev_list = nullptr, .suite_floor = 0}, now_ms);
    ensure(accepted.has_value(), "accept");
    return {.alice = std::move(started->ratchet), .bob = std::move(accepted->ratchet)};
}

Bytes text(std::string_view content) {
    const ByteView bytes = as_bytes(content);
    return {bytes.begin(), bytes.end()};
}

std::string receive(Ratchet& ratchet, ByteView message, std::uint64_t now) {
    auto opened = ratchet.decrypt(message, now);
    if (!opened) return "!" + std::string(to_string(opened.error()));
    ratchet = std::move(opened->next);
    return {opened->content.begin(), opened->content.end()};
}

Bytes send(Ratchet& ratchet, std::string_view content, RandomSource& random) {
    auto message = ratchet.encrypt(as_bytes(content), random);
    EXPECT_TRUE(message.has_value());
    return message ? *std::move(message) : Bytes();
}

}  // namespace sotto::crypto::test
