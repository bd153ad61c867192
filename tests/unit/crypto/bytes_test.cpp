#include "crypto/bytes.hpp"

#include <gtest/gtest.h>

namespace sotto::crypto {
namespace {

TEST(Bytes, IntegersAreLittleEndian) {
    Writer out;
    out.u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f);
    EXPECT_EQ(to_hex(out.view()), "010302070605040f0e0d0c0b0a0908");
    Reader in(out.view());
    EXPECT_EQ(in.u8(), 1);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u32(), 0x04050607U);
    EXPECT_EQ(in.u64(), 0x08090a0b0c0d0e0fU);
    EXPECT_TRUE(in.finished());
    EXPECT_EQ(le_bytes(std::uint32_t{0x01020304}), (ByteArray<4>{4, 3, 2, 1}));
}

TEST(Bytes, AReaderThatRanOverStaysFailed) {
    const Bytes three{1, 2, 3};
    Reader in(three);
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.u8(), 0);
    EXPECT_TRUE(in.rest().empty());
    EXPECT_EQ(in.array<2>(), (ByteArray<2>{}));
    EXPECT_FALSE(in.finished());
}

TEST(Bytes, AReaderThatLeavesBytesIsNotFinished) {
    const Bytes three{1, 2, 3};
    Reader in(three);
    EXPECT_EQ(in.u16(), 0x0201);
    EXPECT_TRUE(in.ok());
    EXPECT_FALSE(in.finished());
    EXPECT_EQ(in.remaining(), 1U);
}

TEST(Bytes, ASizedFieldMustBeThere) {
    const Bytes good{2, 0, 7, 8};
    Reader in(good);
    EXPECT_EQ(to_hex(in.sized16()), "0708");
    EXPECT_TRUE(in.finished());
    const Bytes shorter{3, 0, 7, 8};
    Reader cut(shorter);
    EXPECT_TRUE(cut.sized16().empty());
    EXPECT_FALSE(cut.ok());
}

TEST(Bytes, EqualLooksAtTheLengthToo) {
    const Bytes a{1, 2};
    const Bytes b{1, 2, 3};
    EXPECT_FALSE(equal(a, b));
    EXPECT_FALSE(constant_time_equal(a, b));
    EXPECT_TRUE(constant_time_equal(a, Bytes{1, 2}));
    EXPECT_FALSE(constant_time_equal(a, Bytes{1, 3}));
    EXPECT_TRUE(constant_time_equal({}, {}));
}

TEST(Bytes, HexIsStrict) {
    EXPECT_EQ(*from_hex("00fFA0"), (Bytes{0x00, 0xff, 0xa0}));
    EXPECT_EQ(*from_hex(""), Bytes{});
    EXPECT_EQ(to_hex({}), "");
    for (const char* bad : {"0", "0g", "00 ", " 00a", "0x00", "00:00a"})
        EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Bytes, Base64UrlHasOneTextPerValue) {
    // RFC 4648 section 10, with the padding left out.
    const std::pair<const char*, const char*> table[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : table) {
        EXPECT_EQ(to_base64url(as_bytes(plain)), coded);
        ASSERT_TRUE(from_base64url(coded)) << coded;
        EXPECT_TRUE(equal(*from_base64url(coded), as_bytes(plain)));
    }
    EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
    for (const char* bad : {"Zh", "Zg==", "Zg=", "Z", "Zm8\n", "Zm 8", "+_8", "/_8", "Zm9vY"})
        EXPECT_FALSE(from_base64url(bad)) << bad;
}

TEST(Bytes, Z85AsInItsSpecification) {
    // ZeroMQ RFC 32: the test case of the specification.
    const Bytes hello{0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
    EXPECT_EQ(to_z85(hello), "HelloWorld");
    EXPECT_EQ(*from_z85("HelloWorld"), hello);
    EXPECT_EQ(to_z85(Bytes{0xff, 0xff, 0xff, 0xff}), "%nSc0");
    for (const char* bad : {"Hell", "%nSc1", "#####", "Hell ", "Hell\"", "Hell~"})
        EXPECT_FALSE(from_z85(bad)) << bad;
}

}  // namespace
}  // namespace sotto::crypto
