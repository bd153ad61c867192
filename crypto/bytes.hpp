// Bytes, how they are read and written, and their text forms (hex, base64url, Z85).
//
// All integers are little-endian. Writer appends; Reader is sticky: after the first read past the
// end every further read yields zeros and finished() stays false, so that a decoder reads all its
// fields in a row and asks once. A decoder that does not end in finished() is wrong: one meaning,
// one encoding, every byte consumed (docs/protocol.md section 1).
#pragma once

#include <algorithm>
#include <array>
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

class Writer {
public:
    Writer() = default;
    explicit Writer(std::size_t expected_size) { out_.reserve(expected_size); }

    Writer& u8(std::uint8_t value);
    Writer& u16(std::uint16_t value);
    Writer& u32(std::uint32_t value);
    Writer& u64(std::uint64_t value);
    Writer& raw(ByteView bytes);
    /// u16 length, then the bytes. Longer than 65535 is our own bug and aborts.
    Writer& sized16(ByteView bytes);

    [[nodiscard]] ByteView view() const noexcept { return out_; }
    [[nodiscard]] Bytes take() && { return std::move(out_); }

private:
    Bytes out_;
};

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
