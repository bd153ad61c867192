#include "crypto/padding.hpp"

#include <sodium.h>

namespace sotto::crypto {

std::optional<std::size_t> bucket_for(std::size_t content_size, std::size_t overhead) noexcept {
    for (const std::size_t bucket : message_buckets)
        if (bucket > overhead && content_size < bucket - overhead) return bucket;
    return std::nullopt;
}

bool is_bucket(std::size_t message_size) noexcept {
    return std::find(message_buckets.begin(), message_buckets.end(), message_size) !=
           message_buckets.end();
}

SecretBytes pad(ByteView content, std::size_t padded_size) {
    ensure(content.size() < padded_size, "room for a byte of padding");
    SecretBytes out;
    out.reserve(padded_size);
    out.assign(content.begin(), content.end());
    out.resize(padded_size);
    std::size_t size = 0;
    // One block of padded_size bytes, so that sodium_pad fills exactly that.
    const int failed = sodium_pad(&size, out.data(), content.size(), padded_size, padded_size);
    ensure(failed == 0 && size == padded_size, "sodium_pad fills the block");
    return out;
}

std::optional<std::size_t> unpadded_size(ByteView padded) noexcept {
    std::size_t size = 0;
    if (padded.empty() || sodium_unpad(&size, padded.data(), padded.size(), padded.size()) != 0)
        return std::nullopt;
    return size;
}

}  // namespace sotto::crypto
