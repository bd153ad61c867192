// Memory for secrets: it is wiped when it goes, and it never prints.
//
// Secret<N>     fixed-size, wiped on destruction; copyable, because the ratchet works on copies.
// SecureBuffer  guarded pages, locked where the limit allows; for the few long-lived keys;
// move-only. SecretBytes   a byte vector whose every block is wiped before it is given back (also
// on growth). Comparison is constant time. A secret written to a stream is "[secret]"
// (docs/protocol.md 2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <vector>

#include "crypto/bytes.hpp"

namespace sotto::crypto {

/// Overwrites memory with zeros in a way the compiler may not remove.
void wipe(void* memory, std::size_t size) noexcept;
inline void wipe(std::span<std::uint8_t> bytes) noexcept {
    wipe(bytes.data(), bytes.size());
}

template <std::size_t N>
class Secret {
public:
    static constexpr std::size_t size = N;

    /// All zeros: a place to write a secret into, through writable().
    Secret() noexcept = default;
    explicit Secret(std::span<const std::uint8_t, N> bytes) noexcept {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    Secret(const Secret&) noexcept = default;
    Secret& operator=(const Secret&) noexcept = default;
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.clear(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            other.clear();
        }
        return *this;
    }
    ~Secret() { clear(); }

    [[nodiscard]] std::span<const std::uint8_t, N> view() const noexcept { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t, N> writable() noexcept { return bytes_; }
    void clear() noexcept { wipe(bytes_.data(), N); }

    friend bool operator==(const Secret& a, const Secret& b) noexcept {
        return constant_time_equal(a.view(), b.view());
    }
    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "[secret]"; }

private:
    ByteArray<N> bytes_{};
};

class SecureBuffer {
public:
    /// `size` zero bytes between guard pages. No memory left aborts: there is no way to go on.
    explicit SecureBuffer(std::size_t size);
    [[nodiscard]] static SecureBuffer copy_of(ByteView bytes);

    SecureBuffer(SecureBuffer&&) noexcept = default;
    SecureBuffer& operator=(SecureBuffer&&) noexcept = default;
    SecureBuffer(const SecureBuffer&) = delete;
    SecureBuffer& operator=(const SecureBuffer&) = delete;
    ~SecureBuffer() = default;

    /// After a move the buffer is empty.
    [[nodiscard]] std::size_t size() const noexcept { return memory_ ? size_ : 0; }
    [[nodiscard]] ByteView view() const noexcept { return {memory_.get(), size()}; }
    [[nodiscard]] std::span<std::uint8_t> writable() noexcept { return {memory_.get(), size()}; }

    friend std::ostream& operator<<(std::ostream& out, const SecureBuffer&) {
        return out << "[secret]";
    }

private:
    struct Free {
        void operator()(std::uint8_t* memory) const noexcept;  // wipes, then frees
    };
    std::unique_ptr<std::uint8_t, Free> memory_;
    std::size_t size_ = 0;
};

/// Wipes each block before giving it back.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() noexcept = default;
    template <class U>
    WipingAllocator(const WipingAllocator<U>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
    void deallocate(T* memory, std::size_t count) noexcept {
        wipe(memory, count * sizeof(T));
        std::allocator<T>{}.deallocate(memory, count);
    }
    friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

using SecretBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;
using SecretWriter = BasicWriter<SecretBytes>;

[[nodiscard]] inline SecretBytes secret_copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Lower-case hex digits of a secret (e.g. for SQLCipher's raw key), not terminated by zero.
[[nodiscard]] SecretBytes to_secret_hex(ByteView bytes);

}  // namespace sotto::crypto
