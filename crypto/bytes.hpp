// Bytes, how they are read and written, and their text forms (hex, base64url, Z85).
//
// All integers are little-endian. Writer appends; Reader is sticky: after the first read past the
// end every further read yields zeros and finished() stays false, so that a decoder reads all its
// fields in a row and asks once. A decoder that does not end in finished() is wrong: one meaning,
// one encoding, every byte consumed (docs/protocol.md section 1).
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.hpp"

namespace sotto::crypto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of a text, without a terminator. The view lives as long as the text.
[[nodiscard]] ByteView as_bytes(std::string_view text) noexcept;

/// Equal content; NOT constant time, for public values only (secrets: constant_time_equal).
[[nodiscard]] bool equal(ByteView a, ByteView b) noexcept;

/// Equal content in time that depends on the lengths only. For macs, tokens and fingerprints.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b) noexcept;

template <class Buffer>
class BasicWriter {
public:
    BasicWriter() = default;
    explicit BasicWriter(std::size_t expected_size) { out_.reserve(expected_size); }

    BasicWriter& u8(std::uint8_t value) { return little_endian(value, 1); }
    BasicWriter& u16(std::uint16_t value) { return little_endian(value, 2); }
    BasicWriter& u32(std::uint32_t value) { return little_endian(value, 4); }
    BasicWriter& u64(std::uint64_t value) { return little_endian(value, 8); }
    BasicWriter& raw(ByteView bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    /// u16 length, then the bytes. Longer than 65535 is our own bug and aborts.
    BasicWriter& sized16(ByteView bytes) {
        ensure(bytes.size() <= 0xffff, "field fits its u16 length");
        return u16(static_cast<std::uint16_t>(bytes.size())).raw(bytes);
    }

    [[nodiscard]] ByteView view() const noexcept { return out_; }
    [[nodiscard]] Buffer take() && { return std::move(out_); }

private:
    BasicWriter& little_endian(std::uint64_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i)
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }
    Buffer out_;
};
using Writer = BasicWriter<Bytes>;

/// The little-endian bytes of an integer, as a field of enc().
template <std::unsigned_integral T>
[[nodiscard]] constexpr ByteArray<sizeof(T)> le_bytes(T value) noexcept {
    ByteArray<sizeof(T)> out{};
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
    return out;
}

class Reader {
public:
    explicit Reader(ByteView input) noexcept : rest_(input) {}

    [[nodiscard]] std::uint8_t u8() noexcept;
    [[nodiscard]] std::uint16_t u16() noexcept;
    [[nodiscard]] std::uint32_t u32() noexcept;
    [[nodiscard]] std::uint64_t u64() noexcept;
    /// A view of the next `size` bytes; empty after a failure.
    [[nodiscard]] ByteView raw(std::size_t size) noexcept;
    /// A view of u16 length and that many bytes.
    [[nodiscard]] ByteView sized16() noexcept;
    /// Everything that is left.
    [[nodiscard]] ByteView rest() noexcept;
    template <std::size_t N>
    [[nodiscard]] ByteArray<N> array() noexcept {
        ByteArray<N> out{};
        const ByteView bytes = raw(N);
        if (bytes.size() == N) std::copy(bytes.begin(), bytes.end(), out.begin());
        return out;
    }

    [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
    /// No read went past the end so far.
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    /// No read went past the end, and nothing is left.
    [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }

private:
    [[nodiscard]] std::uint64_t little_endian(std::size_t size) noexcept;
    ByteView rest_;
    bool ok_ = true;
};

enum class TextError : std::uint8_t { bad_character, bad_length };
[[nodiscard]] constexpr std::string_view to_string(TextError error) noexcept {
    return error == TextError::bad_character ? "bad character" : "bad length";
}

/// Lower-case hex. For public values: constant time, but the result is an ordinary string.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Two hex digits of either case per byte, nothing else.
[[nodiscard]] Result<Bytes, TextError> from_hex(std::string_view text);

/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string to_base64url(ByteView bytes);
/// Strict inverse: no padding, no white space, unused bits zero; so one text per byte string.
[[nodiscard]] Result<Bytes, TextError> from_base64url(std::string_view text);

/// Z85 (ZeroMQ RFC 32). The size must be a multiple of 4: anything else is our own bug.
[[nodiscard]] std::string to_z85(ByteView bytes);
/// Strict inverse: length a multiple of 5, each group < 2^32.
[[nodiscard]] Result<Bytes, TextError> from_z85(std::string_view text);

}  // namespace sotto::crypto
