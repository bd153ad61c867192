#include "crypto/secret.hpp"

#include <sodium.h>

namespace sotto::crypto {

void wipe(void* memory, std::size_t size) noexcept {
    sodium_memzero(memory, size);
}

SecureBuffer::SecureBuffer(std::size_t size)
    : memory_(static_cast<std::uint8_t*>(sodium_malloc(size))), size_(size) {
    ensure(memory_ != nullptr, "guarded memory is available");
    wipe(memory_.get(), size_);  // sodium_malloc fills with a pattern
}

SecureBuffer SecureBuffer::copy_of(ByteView bytes) {
    SecureBuffer out(bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.writable().begin());
    return out;
}

void SecureBuffer::Free::operator()(std::uint8_t* memory) const noexcept {
    sodium_free(memory);
}

SecretBytes to_secret_hex(ByteView bytes) {
    SecretBytes out(bytes.size() * 2 + 1);
    if (!bytes.empty())
        sodium_bin2hex(reinterpret_cast<char*>(out.data()), out.size(), bytes.data(), bytes.size());
    out.pop_back();  // the terminator
    return out;
}

}  // namespace sotto::crypto
