#include "crypto/vault_header.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

constexpr PasswordCost cheap{.ops = 1, .memory = 8 * 1024};
constexpr PasswordCostLimits limits = password_cost_limits_for_tests;

class VaultHeader : public ::testing::Test {
protected:
    SeededRandom random_{1};
    CreatedVault vault_ = create_vault(as_bytes("open sesame"), cheap, limits, random_).value();

    [[nodiscard]] static Result<OpenedVault, VaultError> open(ByteView header,
                                                              std::string_view passphrase) {
        return open_vault(header, as_bytes(passphrase), limits);
    }
};

TEST_F(VaultHeader, OpensWithItsPassphraseOnly) {
    EXPECT_EQ(vault_.header.size(), vault_header_size);
    const auto opened = open(vault_.header, "open sesame");
    ASSERT_TRUE(opened);
    EXPECT_TRUE(equal(opened->key.view(), vault_.key.view()));
    EXPECT_EQ(opened->state_epoch, 0U);
    EXPECT_EQ(opened->cost, cheap);
    EXPECT_EQ(vault_.key.hex().size(), 64U);
    for (const char* wrong : {"open sesam", "open sesame ", "", "Open sesame"})
        EXPECT_EQ(open(vault_.header, wrong).error(), VaultError::wrong_passphrase) << wrong;
}

TEST_F(VaultHeader, AnyChangedByteOrLengthIsRefused) {
    for (std::size_t i = 0; i < vault_.header.size(); ++i) {
        Bytes changed = vault_.header;
        changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        const auto opened = open(changed, "open sesame");
        ASSERT_FALSE(opened) << i;
        if (i < 9) {
            EXPECT_EQ(opened.error(), VaultError::malformed) << i;
        }
        if (i >= vault_header_size - 40) {
            EXPECT_EQ(opened.error(), VaultError::epoch_forged) << i;
        }
    }
    for (std::size_t size = 0; size < vault_.header.size(); ++size)
        EXPECT_EQ(open(ByteView(vault_.header).first(size), "open sesame").error(),
                  VaultError::malformed);
    Bytes longer = vault_.header;
    longer.push_back(0);
    EXPECT_EQ(open(longer, "open sesame").error(), VaultError::malformed);
}

TEST_F(VaultHeader, CostOutsideTheLimitsIsRefusedBeforeAnyWork) {
    const PasswordCost refused[] = {{.ops = 0, .memory = 64 * mebibyte},
                                    {.ops = 1, .memory = 64 * mebibyte},
                                    {.ops = 3, .memory = 4096 * mebibyte},
                                    {.ops = 0xffffffffU, .memory = ~0ULL}};
    for (const PasswordCost& cost : refused) {
        Bytes changed = vault_.header;
        const auto ops = le_bytes(cost.ops);
        const auto memory = le_bytes(cost.memory);
        std::copy(ops.begin(), ops.end(), changed.begin() + 9);
        std::copy(memory.begin(), memory.end(), changed.begin() + 13);
        EXPECT_EQ(open_vault(changed, as_bytes("open sesame"), password_cost_limits).error(),
                  VaultError::cost_refused);
        EXPECT_EQ(create_vault(as_bytes("x"), cost, password_cost_limits, random_).error(),
                  VaultError::cost_refused);
    }
    // The cheap header of this test is no header for the field.
    EXPECT_EQ(open_vault(vault_.header, as_bytes("open sesame"), password_cost_limits).error(),
              VaultError::cost_refused);
}

TEST_F(VaultHeader, ChangingThePassphraseKeepsKeyAndEpoch) {
    const Bytes later = with_state_epoch(vault_.header, vault_.key, 77).value();
    const auto changed =
        change_passphrase(later, as_bytes("open sesame"), as_bytes("new"), cheap, limits, random_);
    ASSERT_TRUE(changed);
    EXPECT_EQ(open(*changed, "open sesame").error(), VaultError::wrong_passphrase);
    const auto opened = open(*changed, "new");
    ASSERT_TRUE(opened);
    EXPECT_TRUE(equal(opened->key.view(), vault_.key.view()));
    EXPECT_EQ(opened->state_epoch, 77U);
    EXPECT_EQ(
        change_passphrase(later, as_bytes("no"), as_bytes("new"), cheap, limits, random_).error(),
        VaultError::wrong_passphrase);
    // New salt and nonce: nothing of the old wrapping is left.
    EXPECT_FALSE(equal(ByteView(*changed).subspan(21, 40), ByteView(later).subspan(21, 40)));
}

TEST_F(VaultHeader, TheStateEpochIsAuthentic) {
    const Bytes one = with_state_epoch(vault_.header, vault_.key, 1).value();
    const Bytes two = with_state_epoch(one, vault_.key, 2).value();
    EXPECT_EQ(open(two, "open sesame")->state_epoch, 2U);
    // An epoch from this header put into another one of the same key.
    Bytes mixed = change_passphrase(one, as_bytes("open sesame"), as_bytes("open sesame"), cheap,
                                    limits, random_)
                      .value();
    std::copy(two.end() - 40, two.end(), mixed.end() - 40);
    EXPECT_EQ(open(mixed, "open sesame").error(), VaultError::epoch_forged);
    const DatabaseKey other = DatabaseKey::generate(random_);
    EXPECT_EQ(with_state_epoch(one, other, 3).error(), VaultError::epoch_forged);
    EXPECT_EQ(with_state_epoch(ByteView(one).first(10), vault_.key, 3).error(),
              VaultError::malformed);
}

}  // namespace
}  // namespace sotto::crypto
