// Cert, PreRec and OpkRec: what they refuse. (Every bit and every length: tests/property.)
#include "crypto/signatures.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

Party party(std::uint64_t seed) {
    return make_party(seed, Suite::hybrid);
}

Bytes copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Cert bytes with `change` done to the body and both signatures made anew: only the rule under
/// test can refuse it.
template <class Change>
Bytes resigned_cert(const Party& p, Change change) {
    Bytes body = copy(p.cert.encoded().first(Cert::encoded_size - 128));
    change(body);
    const Signature by_account = sign_cert(p.amk, body);
    const Signature by_device = sign_cert_possession(p.dsk, body);
    body.insert(body.end(), by_account.view().begin(), by_account.view().end());
    body.insert(body.end(), by_device.view().begin(), by_device.view().end());
    return body;
}

constexpr std::size_t cert_dik = 1 + 32 + 16 + 32;
constexpr std::size_t cert_suites = cert_dik + 32;
constexpr std::size_t cert_min_suite = cert_suites + 2;

TEST(Cert, RoundTrip) {
    const Party p = party(1);
    EXPECT_EQ(p.cert.encoded().size(), Cert::encoded_size);
    const auto decoded = Cert::decode(p.cert.encoded());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, p.cert);
    EXPECT_EQ(decoded->hash(), p.cert.hash());
    EXPECT_EQ(decoded->account(), p.amk.public_key());
    EXPECT_EQ(decoded->dsk(), p.dsk.public_key());
    EXPECT_EQ(decoded->dik(), p.dik.public_key());
    EXPECT_EQ(decoded->suites(), SuiteSet(0b11));
    EXPECT_EQ(decoded->min_suite(), 1);
    EXPECT_EQ(decoded->created_ms(), now_ms - 1000);
}

TEST(Cert, RefusesWhatIsOutOfRangeEvenWhenSigned) {
    const Party p = party(1);
    EXPECT_TRUE(Cert::decode(resigned_cert(p, [](Bytes&) {})));
    struct Case {
        std::size_t at;
        std::uint8_t value;
        RecordError error;
    };
    const Case table[] = {{0, 0, RecordError::malformed},  // version
                          {0, 2, RecordError::malformed},
                          {cert_suites, 0, RecordError::malformed},  // no suite
                          {cert_suites, 0b1001, RecordError::malformed},
                          {cert_suites + 1, 1, RecordError::malformed},
                          {cert_suites, 0b10, RecordError::malformed},  // min_suite 1 is not in it
                          {cert_min_suite, 0, RecordError::malformed},
                          {cert_min_suite, 3, RecordError::malformed},
                          {cert_min_suite, 4, RecordError::malformed},
                          {cert_min_suite, 255, RecordError::malformed}};
    for (const Case& c : table) {
        const auto decoded = Cert::decode(resigned_cert(p, [&](Bytes& b) { b[c.at] = c.value; }));
        ASSERT_FALSE(decoded) << c.at << " = " << int{c.value};
        EXPECT_EQ(decoded.error(), c.error) << c.at << " = " << int{c.value};
    }
    const auto top_bit = Cert::decode(resigned_cert(p, [](Bytes& b) { b[cert_dik + 31] |= 0x80; }));
    ASSERT_FALSE(top_bit);
    EXPECT_EQ(top_bit.error(), RecordError::bad_key);
}

TEST(Cert, NeedsBothSignatures) {
    const Party p = party(1);
    const Party q = party(2);
    const Bytes body = copy(p.cert.encoded().first(Cert::encoded_size - 128));
    const auto assemble = [&](const Signature& first, const Signature& second) {
        Writer out;
        out.raw(body).raw(first.view()).raw(second.view());
        return Cert::decode(out.view());
    };
    EXPECT_TRUE(assemble(sign_cert(p.amk, body), sign_cert_possession(p.dsk, body)));
    EXPECT_FALSE(assemble(sign_cert(q.amk, body), sign_cert_possession(p.dsk, body)));
    EXPECT_FALSE(assemble(sign_cert(p.amk, body), sign_cert_possession(q.dsk, body)));
    EXPECT_FALSE(assemble(sign_dev_list(p.amk, body), sign_cert_possession(p.dsk, body)));
    EXPECT_FALSE(assemble(sign_cert(p.amk, body), sign_prekey_record(p.dsk, body)));
}

TEST(PreRec, RoundTripWithAndWithoutPqKey) {
    for (const Suite suite : suites_of_this_build()) {
        const Party p = make_party(1, suite);
        const auto decoded = PreRec::decode(p.prerec.encoded(), p.cert);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, p.prerec);
        EXPECT_TRUE(decoded->belongs_to(p.cert));
        const PreRecFields& f = decoded->fields();
        EXPECT_EQ(f.seq, 1U);
        EXPECT_EQ(f.suite_floor, 1);
        EXPECT_EQ(f.spk_id, p.spk.id);
        EXPECT_EQ(f.spk, p.spk.key.public_key());
        EXPECT_EQ(f.mbk_id, p.mbk.id);
        EXPECT_EQ(f.mbk, p.mbk.key.public_key());
        EXPECT_EQ(f.pq.has_value(), suite == Suite::hybrid);
        EXPECT_EQ(f.not_after_ms, now_ms - 1000 + prekey_validity_ms);
        EXPECT_EQ(decoded->encoded().size(), PreRec::signed_size + (f.pq ? kem_public_size : 0));
    }
}

TEST(PreRec, BelongsToOneCertificateOnly) {
    const Party p = make_party(1, Suite::classical);
    const Party q = make_party(2, Suite::classical);
    EXPECT_EQ(PreRec::decode(p.prerec.encoded(), q.cert).error(), RecordError::wrong_owner);
    EXPECT_EQ(OpkRec::decode(p.opk_rec.encoded(), q.cert).error(), RecordError::wrong_owner);
    EXPECT_FALSE(p.prerec.belongs_to(q.cert));
    // The same device, certified once more: another CH.
    const Cert renewed = Cert::create(p.amk, p.dsk,
                                      {.device = p.device,
                                       .dik = p.dik.public_key(),
                                       .suites = SuiteSet(1),
                                       .min_suite = 1,
                                       .created_ms = now_ms});
    EXPECT_EQ(PreRec::decode(p.prerec.encoded(), renewed).error(), RecordError::wrong_owner);
}

/// PreRec without PQ key, changed and signed again.
template <class Change>
RecordError resigned_prerec(const Party& p, Change change) {
    Bytes body = copy(p.prerec.encoded().first(PreRec::signed_size - 64));
    change(body);
    const Signature signature = sign_prekey_record(p.dsk, body);
    body.insert(body.end(), signature.view().begin(), signature.view().end());
    const auto decoded = PreRec::decode(body, p.cert);
    EXPECT_FALSE(decoded);
    return decoded ? RecordError{} : decoded.error();
}

TEST(PreRec, RefusesWhatIsOutOfRangeEvenWhenSigned) {
    const Party p = make_party(1, Suite::classical);
    constexpr std::size_t floor = 1 + 32 + 16 + 32 + 8;
    constexpr std::size_t spk = floor + 1 + 4;
    constexpr std::size_t mbk = spk + 32 + 4;
    constexpr std::size_t pq_present = mbk + 32;
    constexpr std::size_t not_after = PreRec::signed_size - 64 - 8;
    const std::pair<std::size_t, std::uint8_t> malformed[] = {
        {0, 2},
        {floor, 0},
        {floor, 4},
        {pq_present, 1},  // promises a key that does not follow
        {pq_present, 2},
        {pq_present + 1, 1},  // id without key
        {pq_present + 5, 1},  // hash without key
        {not_after + 7, 1},   // valid for ages
        {not_after + 5, 0}};  // ends before it begins
    for (const auto& [at, value] : malformed)
        EXPECT_EQ(resigned_prerec(p, [&, i = at, v = value](Bytes& b) { b[i] = v; }),
                  RecordError::malformed)
            << at;
    EXPECT_EQ(resigned_prerec(p, [](Bytes& b) { b[spk + 31] |= 0x80; }), RecordError::bad_key);
    EXPECT_EQ(resigned_prerec(p, [](Bytes& b) { b[mbk + 31] |= 0x80; }), RecordError::bad_key);
    EXPECT_EQ(resigned_prerec(p, [](Bytes& b) { b[1] ^= 1; }), RecordError::wrong_owner);
    EXPECT_EQ(resigned_prerec(p, [](Bytes& b) { b[33] ^= 1; }), RecordError::wrong_owner);
    EXPECT_EQ(resigned_prerec(p, [](Bytes& b) { b[49] ^= 1; }), RecordError::wrong_owner);
}

TEST(PreRec, ThePqKeyMustFitItsSignedHash) {
    if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    const Party p = party(1);
    const Party q = party(2);
    Bytes swapped = copy(p.prerec.encoded().first(PreRec::signed_size));
    const ByteView other = q.pq->key.public_key().view();
    swapped.insert(swapped.end(), other.begin(), other.end());
    EXPECT_EQ(PreRec::decode(swapped, p.cert).error(), RecordError::wrong_pq_key);
    const ByteView stripped = p.prerec.encoded().first(PreRec::signed_size);
    EXPECT_EQ(PreRec::decode(stripped, p.cert).error(), RecordError::malformed);
}

TEST(PreRec, ExpiresWithTolerance) {
    const Party p = make_party(1, Suite::classical);
    const std::uint64_t end = p.prerec.fields().not_after_ms;
    EXPECT_FALSE(p.prerec.expired(end));
    EXPECT_FALSE(p.prerec.expired(end + clock_tolerance_ms));
    EXPECT_TRUE(p.prerec.expired(end + clock_tolerance_ms + 1));
    EXPECT_TRUE(p.prerec.expired(~0ULL));
    EXPECT_FALSE(p.prerec.expired(0));
}

TEST(OpkRec, RoundTrip) {
    for (const Suite suite : suites_of_this_build()) {
        const Party p = make_party(1, suite);
        const auto decoded = OpkRec::decode(p.opk_rec.encoded(), p.cert);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, p.opk_rec);
        EXPECT_EQ(decoded->fields().id, p.one_time.id);
        EXPECT_EQ(decoded->fields().opk, p.one_time.key.public_key());
        EXPECT_EQ(decoded->fields().pq.has_value(), suite == Suite::hybrid);
    }
}

TEST(OpkRec, RefusesWhatIsOutOfRangeEvenWhenSigned) {
    const Party p = make_party(1, Suite::classical);
    const auto resigned = [&](std::size_t at, std::uint8_t value) {
        Bytes body = copy(p.opk_rec.encoded().first(OpkRec::signed_size - 64));
        body[at] = value;
        const Signature signature = sign_one_time_record(p.dsk, body);
        body.insert(body.end(), signature.view().begin(), signature.view().end());
        return OpkRec::decode(body, p.cert);
    };
    constexpr std::size_t id = 1 + 32;
    constexpr std::size_t opk = id + 4;
    constexpr std::size_t pq_present = opk + 32;
    EXPECT_TRUE(resigned(0, 1));
    EXPECT_EQ(resigned(0, 2).error(), RecordError::malformed);
    EXPECT_EQ(resigned(id, 0).error(), RecordError::malformed);  // id 14 becomes 0
    EXPECT_EQ(resigned(opk + 31, 0xff).error(), RecordError::bad_key);
    EXPECT_EQ(resigned(pq_present, 1).error(), RecordError::malformed);
    EXPECT_EQ(resigned(pq_present + 1, 1).error(), RecordError::malformed);
}

// Every typed signature offered as every other one over the same bytes.
TEST(Signatures, NoneStandsForAnother) {
    const Party p = make_party(1, Suite::classical);
    const Bytes body = text("some bytes");
    const Signature by_amk[] = {sign_cert(p.amk, body), sign_dev_list(p.amk, body)};
    const Signature by_dsk[] = {sign_cert_possession(p.dsk, body), sign_prekey_record(p.dsk, body),
                                sign_one_time_record(p.dsk, body)};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(verify_cert(p.amk.public_key(), body, by_amk[i]), i == 0);
        EXPECT_EQ(verify_dev_list(p.amk.public_key(), body, by_amk[i]), i == 1);
    }
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(verify_cert_possession(p.dsk.public_key(), body, by_dsk[i]), i == 0);
        EXPECT_EQ(verify_prekey_record(p.dsk.public_key(), body, by_dsk[i]), i == 1);
        EXPECT_EQ(verify_one_time_record(p.dsk.public_key(), body, by_dsk[i]), i == 2);
    }
}

}  // namespace
}  // namespace sotto::crypto
