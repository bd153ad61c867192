// Attacks on the bytes of records: flipped bits, crossed signatures, bad points, odd signatures.
#include "crypto/password.hpp"
#include "crypto/signatures.hpp"
#include "crypto/vault_header.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

// --- 01 ---------------------------------------------------------------------------------------

class Attack01FlippedBits : public ::testing::TestWithParam<Suite> {
protected:
    Party alice_ = make_party(101, GetParam());
    Party bob_ = make_party(102, GetParam());
};
INSTANTIATE_TEST_SUITE_P(Suites, Attack01FlippedBits, ::testing::ValuesIn(suites_of_this_build()),
                         [](const auto& suite) {
                             return suite.param == Suite::hybrid ? "hybrid" : "classical";
                         });

TEST_P(Attack01FlippedBits, CertAndDevList) {
    refuses_all_damage(copy(alice_.cert.encoded()), nowhere,
                       [](const Bytes& b) { return Cert::decode(b).has_value(); });
    refuses_all_damage(copy(alice_.dev_list.encoded()), nowhere,
                       [](const Bytes& b) { return DevList::decode(b).has_value(); });
}

// Records verified before are known by their hash: that vouches for these bytes and no others.
TEST_P(Attack01FlippedBits, ARememberedRecordVouchesForItselfOnly) {
    VerifiedRecords known;
    refuses_all_damage(copy(alice_.cert.encoded()), nowhere,
                       [&](const Bytes& b) { return Cert::decode(b, known).has_value(); });
    refuses_all_damage(copy(alice_.dev_list.encoded()), nowhere,
                       [&](const Bytes& b) { return DevList::decode(b, known).has_value(); });
    EXPECT_EQ(known.size(), 2U) << "nothing that was refused is remembered";
    const Flight flight = fly(alice_, bob_, true);
    for (int repeated = 0; repeated < 3; ++repeated)
        EXPECT_TRUE(decode_init_message(flight.bytes, known));
    EXPECT_EQ(known.size(), 2U) << "and what is known already is not added again";
}

TEST(Attack01RememberedRecords, AreBoundedAndTheOldestGo) {
    VerifiedRecords known;
    const auto name = [](std::uint64_t n) { return hash(label::cert_hash, {le_bytes(n)}); };
    for (std::uint64_t n = 0; n < verified_records_max + 10; ++n)
        known.add(name(n));
    EXPECT_EQ(known.size(), verified_records_max);
    EXPECT_FALSE(known.has(name(9)));
    EXPECT_TRUE(known.has(name(10)));
    EXPECT_TRUE(known.has(name(verified_records_max + 9)));
    EXPECT_FALSE(known.has(name(verified_records_max + 10)));
}

TEST_P(Attack01FlippedBits, PrekeyRecords) {
    refuses_all_damage(
        copy(alice_.prerec.encoded()), [](std::size_t at) { return at >= PreRec::signed_size; },
        [&](const Bytes& b) { return PreRec::decode(b, alice_.cert).has_value(); });
    refuses_all_damage(
        copy(alice_.opk_rec.encoded()), [](std::size_t at) { return at >= OpkRec::signed_size; },
        [&](const Bytes& b) { return OpkRec::decode(b, alice_.cert).has_value(); });
}

TEST_P(Attack01FlippedBits, InitMessageChangesNothingAtTheResponder) {
    const Flight flight = fly(alice_, bob_, true);
    Responder good(bob_);
    ASSERT_EQ(good.take(flight.bytes), "hello");
    Responder bob(bob_);
    const SecretBytes before = bob.image();
    // Every bit in front; one bit a byte in the KEM ciphertext and the ratchet message.
    const std::size_t fixed_part =
        3 + Cert::encoded_size + 2 + alice_.dev_list.encoded().size() + 32 + 12;
    bool first = true;  // the undamaged one, which must not be committed here
    refuses_all_damage(
        flight.bytes, [&](std::size_t at) { return at >= fixed_part; },
        [&](const Bytes& b) {
            if (first) {
                first = false;
                return true;
            }
            return bob.take(b).front() != '!';
        });
    EXPECT_EQ(bob.image(), before);
    EXPECT_EQ(bob.take(flight.bytes), "hello");
}

TEST_P(Attack01FlippedBits, HeaderAndBodyOfARatchetMessage) {
    Session s = make_session(alice_, bob_);
    const Bytes message = send(s.alice, "hi", alice_.random);
    const SecretBytes before = s.bob.serialise();
    refuses_all_damage(message, nowhere,
                       [&](const Bytes& b) { return s.bob.decrypt(b, now_ms).has_value(); });
    EXPECT_EQ(s.bob.serialise(), before);
}

TEST_P(Attack01FlippedBits, SealedItem) {
    const Bytes item =
        seal({.device = bob_.device, .mbk_id = bob_.mbk.id, .mbk = bob_.mbk.key.public_key()},
             {.kind = SealedKind::message,
              .sender_account = alice_.amk.public_key(),
              .sender_device = alice_.device,
              .payload = text("payload")},
             alice_.random)
            .value();
    refuses_all_damage(item, nowhere, [&](const Bytes& b) {
        return open_sealed(b, bob_.device, {&bob_.mbk, 1}).has_value();
    });
}

TEST(Attack01FlippedBitsOfTheVault, Header) {
    SeededRandom random(103);
    const PasswordCost cheap{.ops = 1, .memory = 8 * 1024};
    // A flipped bit may ask for gigabytes; the limits stand in front of the work.
    const PasswordCostLimits limits{.floor = cheap, .ceiling = {.ops = 3, .memory = 64 * 1024}};
    const CreatedVault vault = create_vault(as_bytes("pass"), cheap, limits, random).value();
    refuses_all_damage(vault.header, nowhere, [&](const Bytes& b) {
        return open_vault(b, as_bytes("pass"), limits).has_value();
    });
}

// --- 02 ---------------------------------------------------------------------------------------

// One seed behind all three kinds of signing key, so that nothing but the label differs.
class Attack02CrossedSignatures : public ::testing::Test {
protected:
    Secret<32> seed_{ByteArray<32>{42}};
    OwnAccountKey amk_ = OwnAccountKey::from_seed(seed_);
    OwnDsk dsk_ = OwnDsk::from_seed(seed_);
    OwnLk lk_ = OwnLk::from_seed(seed_);
    SeededRandom random_{1};
    LoginContext context_{.server = OwnCurve::generate(random_).public_key(),
                          .client = OwnCurve::generate(random_).public_key(),
                          .purpose = LoginPurpose::login,
                          .client_nonce = random_.array<32>(),
                          .challenge_ts_ms = now_ms,
                          .server_nonce = random_.array<32>()};
    DeviceLogin subject_{.account = amk_.public_key(), .device = DeviceId::generate(random_)};
    LkPublic next_ = OwnLk::generate(random_).public_key();

    [[nodiscard]] std::vector<Signature> signatures(ByteView body) const {
        return {sign_cert(amk_, body),
                sign_cert_possession(dsk_, body),
                sign_dev_list(amk_, body),
                sign_prekey_record(dsk_, body),
                sign_one_time_record(dsk_, body),
                sign_device_login(dsk_, context_, subject_),
                sign_password_login(lk_, context_, "alice"),
                sign_password_change(lk_, context_, "alice", next_),
                sign_password_change_possession(lk_, context_, "alice")};
    }
    [[nodiscard]] std::vector<bool> verdicts(ByteView body, const Signature& s) const {
        return {verify_cert(amk_.public_key(), body, s),
                verify_cert_possession(dsk_.public_key(), body, s),
                verify_dev_list(amk_.public_key(), body, s),
                verify_prekey_record(dsk_.public_key(), body, s),
                verify_one_time_record(dsk_.public_key(), body, s),
                verify_device_login(dsk_.public_key(), context_, subject_, s),
                verify_password_login(lk_.public_key(), context_, "alice", s),
                verify_password_change(lk_.public_key(), context_, "alice", next_, s),
                verify_password_change_possession(lk_.public_key(), context_, "alice", s)};
    }
};

TEST_F(Attack02CrossedSignatures, EverySignatureOfferedAsEveryOther) {
    // Bodies that are what another kind signs, label and all.
    const Bytes inner = text("body");
    for (const Bytes& body :
         {inner, enc(label::cert, {inner}), enc(label::device_login, {inner})}) {
        const std::vector<Signature> all = signatures(body);
        for (std::size_t made = 0; made < all.size(); ++made) {
            const std::vector<bool> taken = verdicts(body, all[made]);
            for (std::size_t as = 0; as < taken.size(); ++as)
                EXPECT_EQ(taken[as], made == as) << made << " as " << as;
        }
    }
}

TEST_F(Attack02CrossedSignatures, RecordsOfAnotherAccountDeviceOrServer) {
    const Party p = make_party(1, Suite::classical);
    const Party q = make_party(2, Suite::classical);
    EXPECT_EQ(PreRec::decode(p.prerec.encoded(), q.cert).error(), RecordError::wrong_owner);
    EXPECT_EQ(OpkRec::decode(p.opk_rec.encoded(), q.cert).error(), RecordError::wrong_owner);
    LoginContext elsewhere = context_;
    elsewhere.server = OwnCurve::generate(random_).public_key();
    const Signature login = sign_device_login(dsk_, context_, subject_);
    EXPECT_FALSE(verify_device_login(dsk_.public_key(), elsewhere, subject_, login));
    const Signature by_password = sign_password_login(lk_, context_, "alice");
    EXPECT_FALSE(verify_password_login(lk_.public_key(), elsewhere, "alice", by_password));
    // The same name at another server: another salt, so another key altogether.
    const auto here = derive_login_key(as_bytes("pw"), context_.server, "a", {1, 8 * 1024});
    const auto there = derive_login_key(as_bytes("pw"), elsewhere.server, "a", {1, 8 * 1024});
    EXPECT_NE(here->public_key(), there->public_key());
}

// --- 04 ---------------------------------------------------------------------------------------

/// p.cert with another account id and AMK signature.
Bytes with_account(const Party& p, ByteView account, ByteView signature) {
    Bytes body = copy(p.cert.encoded().first(Cert::encoded_size - 128));
    std::copy(account.begin(), account.end(), body.begin() + 1);
    const Signature possession = sign_cert_possession(p.dsk, body);
    body.insert(body.end(), signature.begin(), signature.end());
    body.insert(body.end(), possession.view().begin(), possession.view().end());
    return body;
}

// Keys of small order for which R = A, S = 0 satisfies the bare equation for any message.
TEST(Attack04OddSignatures, NobodyOwnsAKeyOfSmallOrder) {
    const Party p = make_party(1, Suite::classical);
    const std::string_view keys[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        // non-canonical forms of the same
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    for (const std::string_view hex : keys) {
        const Bytes key = from_hex(hex).value();
        Bytes signature = key;
        signature.resize(64, 0);
        EXPECT_EQ(Cert::decode(with_account(p, key, signature)).error(), RecordError::bad_signature)
            << hex;
    }
}

TEST(Attack04OddSignatures, ASignatureHasOneForm) {
    const Party p = make_party(1, Suite::classical);
    constexpr std::size_t s_at = Cert::encoded_size - 128 + 32;
    // S + L is the same scalar and would be a second signature of the same record.
    const Bytes order =
        from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
    Bytes malleable = copy(p.cert.encoded());
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += static_cast<unsigned>(malleable[s_at + i]) + order[i];
        malleable[s_at + i] = static_cast<std::uint8_t>(carry & 0xffU);
        carry >>= 8U;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_EQ(Cert::decode(malleable).error(), RecordError::bad_signature);
}

// The sign bit of the key turned: another account, whose signature this is not.
TEST(Attack04OddSignatures, AccountsAreComparedByTheirBytes) {
    const Party p = make_party(1, Suite::classical);
    ByteArray<32> mirrored = p.amk.public_key().bytes();
    mirrored[31] ^= 0x80;
    EXPECT_NE(AccountId(mirrored), p.amk.public_key());
    const ByteView signature = p.cert.encoded().subspan(Cert::encoded_size - 128, 64);
    EXPECT_EQ(Cert::decode(with_account(p, mirrored, signature)).error(),
              RecordError::bad_signature);
}

}  // namespace
}  // namespace sotto::crypto::attack
