#include "crypto/padding.hpp"

#include <gtest/gtest.h>

namespace sotto::crypto {
namespace {

TEST(Padding, TakesTheSmallestBucket) {
    EXPECT_EQ(bucket_for(0, 140), 512U);
    EXPECT_EQ(bucket_for(512 - 140 - 1, 140), 512U);  // one byte of padding is always there
    EXPECT_EQ(bucket_for(512 - 140, 140), 1024U);
    EXPECT_EQ(bucket_for(61440 - 140 - 1, 140), 61440U);
    EXPECT_EQ(bucket_for(61440 - 140, 140), std::nullopt);
    EXPECT_EQ(bucket_for(~std::size_t{0}, 140), std::nullopt);
    EXPECT_EQ(bucket_for(0, 600), 1024U);
}

TEST(Padding, KnowsTheBuckets) {
    for (const std::size_t size : message_buckets) {
        EXPECT_TRUE(is_bucket(size));
        EXPECT_FALSE(is_bucket(size + 1));
        EXPECT_FALSE(is_bucket(size - 1));
    }
    EXPECT_FALSE(is_bucket(0));
    EXPECT_FALSE(is_bucket(131072));
}

TEST(Padding, GoesOnAndComesOff) {
    for (const std::size_t padded : {1U, 2U, 64U, 372U, 884U})
        for (std::size_t size = 0; size < padded; ++size) {
            const Bytes content(size, 0x80);  // looks like padding, and is not
            const SecretBytes out = pad(content, padded);
            ASSERT_EQ(out.size(), padded);
            ASSERT_EQ(unpadded_size(out), size);
        }
}

TEST(Padding, RefusesWhatIsNotPadding) {
    EXPECT_FALSE(unpadded_size({}));
    EXPECT_FALSE(unpadded_size(Bytes(8, 0)));
    EXPECT_FALSE(unpadded_size(Bytes{1, 2, 3, 4}));
    EXPECT_FALSE(unpadded_size(Bytes{0x80, 1}));
    EXPECT_EQ(unpadded_size(Bytes{0x80, 0}), 0U);
}

}  // namespace
}  // namespace sotto::crypto
