// Attacks 34, 39 and 43 as far as they meet crypto/: sealed items, the vault's header, codes.
#include "crypto/vault_header.hpp"
#include "crypto/verify.hpp"
#include "tests/attack/support.hpp"

namespace sotto::crypto::attack {
namespace {

// --- 34 ---------------------------------------------------------------------------------------

class Attack34SealedItems : public ::testing::Test {
protected:
    Party alice_ = make_party(3401, Suite::classical);
    Party bob_ = make_party(3402, Suite::classical);
    Party carol_ = make_party(3403, Suite::classical);
    SealTarget target_{
        .device = bob_.device, .mbk_id = bob_.mbk.id, .mbk = bob_.mbk.key.public_key()};
    SealedContent content_{.kind = SealedKind::message,
                           .sender_account = alice_.amk.public_key(),
                           .sender_device = alice_.device,
                           .payload = text("sealed")};
    Bytes item_ = seal(target_, content_, alice_.random).value();
};

TEST_F(Attack34SealedItems, ForAnotherDevice) {
    EXPECT_EQ(open_sealed(item_, carol_.device, {&carol_.mbk, 1}).error(), SealError::malformed);
    Bytes moved = item_;
    std::copy(carol_.device.view().begin(), carol_.device.view().end(), moved.begin());
    EXPECT_FALSE(open_sealed(moved, carol_.device, {&carol_.mbk, 1}));
    // Even with the same mailbox key at both devices.
    EXPECT_EQ(open_sealed(moved, carol_.device, {&bob_.mbk, 1}).error(), SealError::not_authentic);
}

// The server knows MBK and may seal what it likes: it names a sender, but proves nothing.
TEST_F(Attack34SealedItems, SealedAgainByTheServer) {
    SealedContent forged = content_;
    forged.payload = text("a ratchet message that is none");
    const Bytes item = seal(target_, forged, carol_.random).value();
    const auto opened = open_sealed(item, bob_.device, {&bob_.mbk, 1});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->sender_account, alice_.amk.public_key());  // a hint
    Session s = make_session(alice_, bob_);
    EXPECT_FALSE(s.bob.decrypt(opened->payload, now_ms));
    EXPECT_FALSE(decode_init_message(opened->payload));
}

// The same inner message in a second envelope of the server's: the ratchet has used its key.
TEST_F(Attack34SealedItems, Replayed) {
    Session s = make_session(alice_, bob_);
    content_.payload = send(s.alice, "once", alice_.random);
    for (const char* expected : {"once", "!message key already used"}) {
        const Bytes item = seal(target_, content_, carol_.random).value();
        const auto opened = open_sealed(item, bob_.device, {&bob_.mbk, 1});
        ASSERT_TRUE(opened);
        EXPECT_EQ(receive(s.bob, opened->payload), expected);
    }
}

TEST_F(Attack34SealedItems, OversizeAndUnknownKinds) {
    EXPECT_FALSE(open_sealed(Bytes(sealed_item_size_max + 1, 1), bob_.device, {&bob_.mbk, 1}));
    EXPECT_FALSE(sealed_item_device(Bytes(sealed_item_size_max + 1, 1)));
    for (const unsigned kind : {0U, 3U, 255U}) {
        content_.kind = static_cast<SealedKind>(kind);
        const Bytes item = seal(target_, content_, alice_.random).value();
        EXPECT_EQ(open_sealed(item, bob_.device, {&bob_.mbk, 1}).error(), SealError::malformed);
    }
    // A retired mailbox key.
    EXPECT_EQ(open_sealed(item_, bob_.device, {}).error(), SealError::unknown_key);
}

TEST_F(Attack34SealedItems, TheItemShowsNobodyTheSender) {
    const Bytes account = copy(alice_.amk.public_key().view());
    const Bytes device = copy(alice_.device.view());
    for (const Bytes& name : {account, device})
        EXPECT_EQ(std::search(item_.begin(), item_.end(), name.begin(), name.end()), item_.end());
}

// --- 39 ---------------------------------------------------------------------------------------

class Attack39Vault : public ::testing::Test {
protected:
    static constexpr PasswordCost cheap{.ops = 1, .memory = 8 * 1024};
    static constexpr PasswordCostLimits limits = password_cost_limits_for_tests;
    SeededRandom random_{3901};
    CreatedVault vault_ = create_vault(as_bytes("old"), cheap, limits, random_).value();

    [[nodiscard]] static VaultError error(ByteView header, std::string_view passphrase,
                                          const PasswordCostLimits& within) {
        const auto opened = open_vault(header, as_bytes(passphrase), within);
        ensure(!opened, "must be refused");
        return opened.error();
    }
};

TEST_F(Attack39Vault, WrongPassword) {
    for (const char* wrong : {"", "ol", "old ", "Old", "older"})
        EXPECT_EQ(error(vault_.header, wrong, limits), VaultError::wrong_passphrase);
}

TEST_F(Attack39Vault, ParametersOutsideTheLimitsCostNothing) {
    constexpr std::uint64_t gibibyte = 1024 * mebibyte;
    const PasswordCost refused[] = {{.ops = 3, .memory = 4 * gibibyte},
                                    {.ops = 0, .memory = 256 * mebibyte},
                                    {.ops = 1, .memory = 256 * mebibyte},
                                    {.ops = 11, .memory = 256 * mebibyte},
                                    {.ops = 0xffffffffU, .memory = 256 * mebibyte},
                                    {.ops = 3, .memory = 64 * mebibyte - 1},
                                    {.ops = 3, .memory = gibibyte + 1},
                                    {.ops = 3, .memory = 0},
                                    {.ops = 3, .memory = ~0ULL}};
    for (const PasswordCost& cost : refused) {
        Writer changed;
        changed.raw(ByteView(vault_.header).first(9)).u32(cost.ops).u64(cost.memory);
        changed.raw(ByteView(vault_.header).subspan(21));
        EXPECT_EQ(error(changed.view(), "old", password_cost_limits), VaultError::cost_refused);
        EXPECT_FALSE(password_cost_limits.allow(cost));
    }
    // A header of this test is too cheap for the field.
    EXPECT_EQ(error(vault_.header, "old", password_cost_limits), VaultError::cost_refused);
}

TEST_F(Attack39Vault, TruncatedHeader) {
    for (std::size_t size = 0; size < vault_header_size; ++size)
        EXPECT_EQ(error(ByteView(vault_.header).first(size), "old", limits), VaultError::malformed);
}

// The header is replaced as a whole: either of the two opens with its own passphrase only, and a
// mixture of them with neither but is told from a good one.
TEST_F(Attack39Vault, PassphraseChange) {
    const Bytes changed =
        change_passphrase(vault_.header, as_bytes("old"), as_bytes("new"), cheap, limits, random_)
            .value();
    EXPECT_TRUE(open_vault(vault_.header, as_bytes("old"), limits));
    EXPECT_TRUE(open_vault(changed, as_bytes("new"), limits));
    EXPECT_EQ(error(changed, "old", limits), VaultError::wrong_passphrase);
    EXPECT_EQ(error(vault_.header, "new", limits), VaultError::wrong_passphrase);
    for (const std::size_t cut : {37U, 61U, 85U, 109U, 117U}) {
        Bytes torn = changed;
        std::copy(vault_.header.begin() + static_cast<std::ptrdiff_t>(cut), vault_.header.end(),
                  torn.begin() + static_cast<std::ptrdiff_t>(cut));
        EXPECT_FALSE(open_vault(torn, as_bytes("old"), limits)) << cut;
        EXPECT_FALSE(open_vault(torn, as_bytes("new"), limits)) << cut;
    }
}

TEST_F(Attack39Vault, AStateEpochCannotBeForged) {
    const Bytes later = with_state_epoch(vault_.header, vault_.key, 9).value();
    Bytes lowered = later;
    lowered[109] = 3;
    EXPECT_EQ(error(lowered, "old", limits), VaultError::epoch_forged);
    EXPECT_EQ(open_vault(later, as_bytes("old"), limits)->state_epoch, 9U);
}

// --- 43 ---------------------------------------------------------------------------------------

AccountId counting(std::uint8_t from) {
    ByteArray<32> bytes;
    for (std::size_t i = 0; i < 32; ++i)
        bytes[i] = static_cast<std::uint8_t>(from + i);
    return AccountId(bytes);
}

TEST(Attack43SafetyNumber, IsGoldenAndSymmetric) {
    const AccountId a = counting(0);
    const AccountId b = counting(32);
    EXPECT_EQ(grouped(safety_number(a, b)),
              "16774 49847 50198 01773 44932 14947 31582 09899 15019 68964 43050 54072");
    EXPECT_EQ(safety_number(a, b), safety_number(b, a));
}

TEST(Attack43SafetyNumber, ChangesWithTheAccountNotWithADevice) {
    Party alice = make_party(4301, Suite::classical);
    const Party bob = make_party(4302, Suite::classical);
    const std::string number = safety_number(alice.amk.public_key(), bob.amk.public_key());
    ByteArray<32> near = bob.amk.public_key().bytes();
    for (std::size_t bit = 0; bit < 256; bit += 37) {
        near[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_NE(safety_number(alice.amk.public_key(), AccountId(near)), number);
    }
    // It takes accounts only: a second device has no way to enter.
    const DevList more =
        DevList::successor(alice.amk, alice.dev_list,
                           {{.device = alice.device, .cert = alice.cert.hash(), .primary = true},
                            {.device = DeviceId::generate(alice.random),
                             .cert = CertHash(alice.random.array<32>()),
                             .primary = false}},
                           now_ms);
    EXPECT_EQ(safety_number(more.account(), bob.amk.public_key()), number);
}

TEST(Attack43SafetyNumber, TheCodeRefusesSwappedRoles) {
    const AccountId a = counting(0);
    const AccountId b = counting(32);
    const AccountId mallory = counting(64);
    const VerificationCode shown{.own = a, .peer = b, .dev_list = {1, {}}, .server = {}};
    const auto scanned = parse_verification_code(to_text(shown));
    ASSERT_TRUE(scanned);
    EXPECT_EQ(compare_code(*scanned, b, a), CodeVerdict::match);
    EXPECT_EQ(compare_code(*scanned, a, b), CodeVerdict::other_person);
    EXPECT_EQ(compare_code(*scanned, b, mallory), CodeVerdict::other_person);
    EXPECT_EQ(compare_code(*scanned, mallory, a), CodeVerdict::other_self);
    EXPECT_EQ(compare_code({a, a, {1, {}}, {}}, b, a), CodeVerdict::other_self);
    // Codes for other purposes.
    EXPECT_EQ(parse_invite(to_text(shown)).error(), CodeError::other_purpose);
    EXPECT_EQ(parse_verification_code("PM1L:AAAA").error(), CodeError::other_purpose);
}

}  // namespace
}  // namespace sotto::crypto::attack
