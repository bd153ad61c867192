#include "crypto/primitives.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using test::FixedRandom;

Bytes unhex(std::string_view hex) {
    return from_hex(hex).value();
}
template <std::size_t N>
Secret<N> secret(std::string_view hex) {
    return Secret<N>(ByteView(unhex(hex)).first<N>());
}
Bytes counting(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::uint8_t>(i);
    return out;
}

// Expected values: an independent program (Python's hashlib and hmac).

TEST(Enc, LabelAndFieldsWithTheirLengths) {
    EXPECT_EQ(to_hex(enc(label::conversation, {as_bytes("ab"), {}, le_bytes(std::uint8_t{1})})),
              "08504d312f636f6e76020000006162000000000100000001");
}

TEST(Enc, TellsFieldBoundariesApart) {
    EXPECT_NE(hash(label::conversation, {as_bytes("ab"), as_bytes("c")}),
              hash(label::conversation, {as_bytes("a"), as_bytes("bc")}));
    EXPECT_NE(hash(label::conversation, {as_bytes("ab")}),
              hash(label::conversation, {as_bytes("ab"), {}}));
}

TEST(Hash, IsBlake2bOverEnc) {
    EXPECT_EQ(to_hex(hash(label::conversation, {as_bytes("ab"), {}, le_bytes(std::uint8_t{1})})),
              "5eb4aed1d3412e31bcccfa3cf2e9dc35fc8317b7d57772a4fd8def5f3a234081");
    EXPECT_EQ(to_hex(hash512(label::handshake, {as_bytes("x")})),
              "acfd9273b0e69e9f61cb8b7a6bc3026e5fae46d33486aac45723b988bd7d79e2"
              "10727a4f5cc6f108ff2b9e3827848368fc7d6e359fcbc7c8ba8ca3aa892591f2");
    const Secret<32> key(ByteView(counting(32)).first<32>());
    EXPECT_EQ(to_hex(keyed_hash(key, label::login_challenge, {as_bytes("x")})),
              "c42005ca4fec9685f5bb84a5e8f6e891b262407f36b2a76c0e223d5b5bad31ba");
}

TEST(Hkdf, IsHkdfSha512) {
    Bytes out(100);
    hkdf(as_bytes("salt"), as_bytes("input key"), as_bytes("info"), out);
    EXPECT_EQ(to_hex(out),
              "5b053e9f5aae00dd80bf7cbb5b097f7d2295cee4e7a36dc5e6d990aecf726bb5a5e856289e316215"
              "7b06280d415b83e2a8b31772d4142d93726806ba6fb82e4f6f47e6cb348f1a747425801bcb75bcaa"
              "f913ef02a50d416ff931831ec618b6d97f5f644d");
    // RFC 5869: no salt means a salt of zeros.
    Bytes unsalted(32);
    hkdf({}, Bytes(22, 0x0b), {}, unsalted);
    EXPECT_EQ(to_hex(unsalted), "f5fa02b18298a72a8c23898a8703472c6eb179dc204c03425c970e3b164bf90f");
    Bytes zero_salted(32);
    hkdf(Bytes(64, 0), Bytes(22, 0x0b), {}, zero_salted);
    EXPECT_EQ(zero_salted, unsalted);
}

TEST(ChainHmac, IsHmacSha256OverOneByte) {
    const Secret<32> key(ByteView(counting(32)).first<32>());
    EXPECT_EQ(to_hex(chain_hmac(key, 1).view()),
              "9b4c8120a4823a95f47cde17a244f4507244ee6e3957d1fab9fa29b44d3829b7");
}

TEST(X25519, AsInRfc7748Section61) {
    const auto bob = secret<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const Bytes alice_public =
        unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(to_hex(x25519_base(bob)),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const auto shared = x25519(bob, ByteView(alice_public).first<32>());
    ASSERT_TRUE(shared);
    EXPECT_EQ(to_hex(shared->view()),
              "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST(X25519, RefusesPointsOfLowOrder) {
    const auto scalar =
        secret<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const char* points[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    for (const char* point : points)
        EXPECT_FALSE(x25519(scalar, ByteView(unhex(point)).first<32>())) << point;
}

TEST(X25519, CanonicalMeansBelowThePrime) {
    struct Case {
        const char* point;
        bool canonical;
    };
    const Case table[] = {
        {"0000000000000000000000000000000000000000000000000000000000000000", true},
        {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},   // p - 1
        {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false},  // p
        {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false},
        {"fffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e7f", true},
        {"0900000000000000000000000000000000000000000000000000000000000080", false},
        {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false}};
    for (const Case& c : table) {
        const Bytes point = unhex(c.point);
        EXPECT_EQ(x25519_is_canonical(ByteView(point).first<32>()), c.canonical) << c.point;
        EXPECT_EQ(DikPublic::parse(point).has_value(), c.canonical) << c.point;
    }
    EXPECT_EQ(DikPublic::parse(Bytes(31)).error(), KeyError::bad_size);
    EXPECT_EQ(DikPublic::parse(Bytes(33)).error(), KeyError::bad_size);
}

TEST(Aead, OpensOnlyWhatWasSealed) {
    SeededRandom random(1);
    const Secret<32> key = random.secret<32>();
    const AeadNonce nonce = AeadNonce::fresh(random);
    for (const std::size_t size : {0U, 1U, 100U}) {
        const Bytes plain(size, 7);
        Bytes sealed{9};  // appends
        aead_seal(sealed, key, nonce, as_bytes("ad"), plain);
        ASSERT_EQ(sealed.size(), 1 + size + aead_tag_size);
        const ByteView box = ByteView(sealed).subspan(1);
        Bytes out(size);
        ASSERT_TRUE(aead_open(out, key, nonce, as_bytes("ad"), box));
        EXPECT_EQ(out, plain);
        EXPECT_FALSE(aead_open(out, key, nonce, as_bytes("aD"), box));
        EXPECT_FALSE(aead_open(out, key, AeadNonce::fresh(random), as_bytes("ad"), box));
        EXPECT_FALSE(aead_open(out, random.secret<32>(), nonce, as_bytes("ad"), box));
        Bytes wrong_size(size + 1);
        EXPECT_FALSE(aead_open(wrong_size, key, nonce, as_bytes("ad"), box));
        EXPECT_FALSE(aead_open(out, key, nonce, as_bytes("ad"), box.first(15)));
    }
}

TEST(Kem, RoundTripAndImplicitRejection) {
    if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    SeededRandom random(1);
    const OwnPq own = OwnPq::generate(random);
    EXPECT_EQ(OwnPq::from_secret(own.secret()).public_key(), own.public_key());
    const auto sent = kem_encapsulate(own.public_key().view(), random);
    ASSERT_TRUE(sent);
    EXPECT_EQ(kem_decapsulate(own.secret(), sent->ciphertext), sent->shared);
    const OwnPq other = OwnPq::generate(random);
    EXPECT_NE(kem_decapsulate(other.secret(), sent->ciphertext), sent->shared);
    // FIPS 203: coefficients of the encapsulation key must be below q.
    EXPECT_FALSE(kem_encapsulate(Bytes(kem_public_size, 0xff), random));
    EXPECT_FALSE(PqPublic::parse(Bytes(1215)));
    EXPECT_FALSE(PqPublic::parse(Bytes(1217)));
}

TEST(ConversationId, IsTheSameFromBothSides) {
    const AccountId a(ByteView(counting(32)).first<32>());
    const Bytes bytes = counting(64);
    const AccountId b(ByteView(bytes).subspan<32, 32>());
    EXPECT_EQ(conversation_id(a, b), conversation_id(b, a));
    EXPECT_NE(conversation_id(a, a), conversation_id(a, b));
    EXPECT_EQ(to_hex(conversation_id(b, a).view()),
              "97715f99f3f31b12679f83c95331ca97320a2318cc39dc4c2455a02492388a23");
}

}  // namespace
}  // namespace sotto::crypto
