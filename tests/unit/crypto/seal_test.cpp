#include "crypto/seal.hpp"

#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using namespace test;

class SealTest : public ::testing::Test {
protected:
    Party alice_ = make_party(1, Suite::classical);
    Party bob_ = make_party(2, Suite::classical);
    SealTarget target_{
        .device = bob_.device, .mbk_id = bob_.mbk.id, .mbk = bob_.mbk.key.public_key()};
    SealedContent content_{.kind = SealedKind::message,
                           .sender_account = alice_.amk.public_key(),
                           .sender_device = alice_.device,
                           .payload = text("a ratchet message")};
    Bytes item_ = seal(target_, content_, alice_.random).value();

    [[nodiscard]] Result<SealedContent, SealError> open(ByteView item) const {
        return open_sealed(item, bob_.device, {&bob_.mbk, 1});
    }
};

TEST_F(SealTest, RoundTrip) {
    EXPECT_EQ(item_.size(), seal_overhead + content_.payload.size());
    EXPECT_EQ(sealed_item_device(item_), bob_.device);
    const auto opened = open(item_);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->kind, SealedKind::message);
    EXPECT_EQ(opened->sender_account, content_.sender_account);
    EXPECT_EQ(opened->sender_device, content_.sender_device);
    EXPECT_EQ(opened->payload, content_.payload);
}

TEST_F(SealTest, TwoItemsNeverLookAlike) {
    const Bytes again = seal(target_, content_, alice_.random).value();
    EXPECT_NE(again, item_);
}

TEST_F(SealTest, AnyChangedByteOrLengthIsRefused) {
    for (std::size_t i = 0; i < item_.size(); ++i) {
        Bytes changed = item_;
        changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        EXPECT_FALSE(open(changed)) << i;
    }
    for (std::size_t size = 0; size < item_.size(); ++size)
        EXPECT_FALSE(open(ByteView(item_).first(size))) << size;
    Bytes longer = item_;
    longer.push_back(0);
    EXPECT_FALSE(open(longer));
}

TEST_F(SealTest, IsForOneDeviceOnly) {
    const Party carol = make_party(3, Suite::classical);
    EXPECT_EQ(open_sealed(item_, carol.device, {&bob_.mbk, 1}).error(), SealError::malformed);
    // Re-addressed by the server.
    Bytes moved = item_;
    std::copy(carol.device.view().begin(), carol.device.view().end(), moved.begin());
    EXPECT_EQ(open_sealed(moved, carol.device, {&bob_.mbk, 1}).error(), SealError::not_authentic);
}

TEST_F(SealTest, KeysAreFoundById) {
    SeededRandom random(9);
    const OwnMailboxKey other{.id = bob_.mbk.id + 1, .key = OwnMbk::generate(random)};
    const OwnMailboxKey both[] = {other, bob_.mbk};
    EXPECT_TRUE(open_sealed(item_, bob_.device, both));
    EXPECT_EQ(open_sealed(item_, bob_.device, {both, 1}).error(), SealError::unknown_key);
    const OwnMailboxKey wrong{.id = bob_.mbk.id, .key = OwnMbk::generate(random)};
    EXPECT_EQ(open_sealed(item_, bob_.device, {&wrong, 1}).error(), SealError::not_authentic);
}

TEST_F(SealTest, RefusesKeysOfLowOrder) {
    SealTarget zero = target_;
    zero.mbk = MbkPublic::parse(Bytes(32, 0)).value();
    EXPECT_EQ(seal(zero, content_, alice_.random).error(), SealError::bad_key);
    Bytes low = item_;
    std::fill_n(low.begin() + 16 + 1 + 4, 32, std::uint8_t{0});
    EXPECT_EQ(open(low).error(), SealError::bad_key);
    Bytes not_canonical = item_;
    not_canonical[16 + 1 + 4 + 31] |= 0x80;
    EXPECT_EQ(open(not_canonical).error(), SealError::bad_key);
}

TEST_F(SealTest, AMailboxTakesLimitedItems) {
    content_.payload.assign(sealed_item_size_max - seal_overhead, 1);
    const Bytes largest = seal(target_, content_, alice_.random).value();
    EXPECT_EQ(largest.size(), sealed_item_size_max);
    EXPECT_TRUE(open(largest));
    content_.payload.push_back(1);
    EXPECT_FALSE(seal(target_, content_, alice_.random));
    EXPECT_FALSE(open(Bytes(sealed_item_size_max + 1, 1)));
}

TEST(Tokens, AreHashedWithDifferentLabels) {
    Bytes counting(32);
    for (std::size_t i = 0; i < counting.size(); ++i)
        counting[i] = static_cast<std::uint8_t>(i);
    const ByteView view(counting);
    EXPECT_EQ(to_hex(mailbox_token_hash(MailboxToken(view.first<32>()))),
              "8fe8687a1109c9172b2c2900cb71994ca537fe8b7ec79698674f05f860791859");
    EXPECT_EQ(to_hex(invite_token_hash(InviteToken(view.first<16>()))),
              "abbbf1b4d83171a0af3ad2daf7aa4d4348fe4c24d21cc8c03f9bf200bc044ccc");
}

}  // namespace
}  // namespace sotto::crypto
