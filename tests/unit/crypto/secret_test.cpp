#include "crypto/secret.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "crypto/vault_header.hpp"

namespace sotto::crypto {
namespace {

constexpr ByteArray<4> four{1, 2, 3, 4};

template <class T>
std::string printed(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

TEST(Secret, NeverPrintsItself) {
    EXPECT_EQ(printed(Secret<4>(four)), "[secret]");
    EXPECT_EQ(printed(SecureBuffer::copy_of(four)), "[secret]");
    EXPECT_EQ(printed(DatabaseKey::from(Secret<32>())), "[secret]");
}

TEST(Secret, IsWipedWhenItGoes) {
    alignas(Secret<4>) std::uint8_t place[sizeof(Secret<4>)];
    auto* secret = new (place) Secret<4>(four);
    EXPECT_EQ(place[3], 4);
    secret->~Secret();
    EXPECT_EQ(to_hex(place), "00000000");
}

TEST(Secret, IsWipedWhenMovedFrom) {
    Secret<4> from(four);
    const Secret<4> to(std::move(from));
    EXPECT_TRUE(equal(to.view(), four));
    EXPECT_EQ(to_hex(from.view()),
              "00000000");  // NOLINT(bugprone-use-after-move): that is the test
    Secret<4> assigned;
    Secret<4> again(four);
    assigned = std::move(again);
    EXPECT_TRUE(equal(assigned.view(), four));
    EXPECT_EQ(to_hex(again.view()), "00000000");  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, ComparesByContent) {
    EXPECT_EQ(Secret<4>(four), Secret<4>(four));
    EXPECT_NE(Secret<4>(four), Secret<4>());
}

TEST(SecureBuffer, MovesAndStartsAsZeros) {
    SecureBuffer buffer(4);
    EXPECT_EQ(to_hex(buffer.view()), "00000000");
    std::copy(four.begin(), four.end(), buffer.writable().begin());
    const SecureBuffer moved = std::move(buffer);
    EXPECT_TRUE(equal(moved.view(), four));
    EXPECT_EQ(buffer.size(), 0U);  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(buffer.view().empty());
}

/// Looks at a block just before it is given back.
TEST(SecretBytes, GivesBackWipedBlocks) {
    WipingAllocator<std::uint8_t> allocator;
    std::uint8_t* block = allocator.allocate(4);
    std::copy(four.begin(), four.end(), block);
    wipe(block, 4);
    EXPECT_EQ(to_hex({block, 4}), "00000000");
    allocator.deallocate(block, 4);
}

TEST(SecretBytes, HexOfASecret) {
    const SecretBytes hex = to_secret_hex(Bytes{0x00, 0xab, 0x10});
    EXPECT_EQ(std::string(hex.begin(), hex.end()), "00ab10");
    EXPECT_TRUE(to_secret_hex({}).empty());
}

}  // namespace
}  // namespace sotto::crypto
