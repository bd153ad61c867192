#include "crypto/bytes.hpp"

#include <sodium.h>

namespace sotto::crypto {

ByteView as_bytes(std::string_view text) noexcept {
    // The only place where text is looked at as bytes; unsigned char may alias anything.
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool equal(ByteView a, ByteView b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool constant_time_equal(ByteView a, ByteView b) noexcept {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

ByteView Reader::raw(std::size_t size) noexcept {
    if (size > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
}

std::uint64_t Reader::little_endian(std::size_t size) noexcept {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : raw(size)) {
        value |= static_cast<std::uint64_t>(byte) << shift;
        shift += 8;
    }
    return value;
}

std::uint8_t Reader::u8() noexcept {
    return static_cast<std::uint8_t>(little_endian(1));
}
std::uint16_t Reader::u16() noexcept {
    return static_cast<std::uint16_t>(little_endian(2));
}
std::uint32_t Reader::u32() noexcept {
    return static_cast<std::uint32_t>(little_endian(4));
}
std::uint64_t Reader::u64() noexcept {
    return little_endian(8);
}
ByteView Reader::sized16() noexcept {
    return raw(u16());
}
ByteView Reader::rest() noexcept {
    return raw(rest_.size());
}

std::string to_hex(ByteView bytes) {
    std::string out(bytes.size() * 2 + 1, '\0');
    if (!bytes.empty()) sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
    out.pop_back();
    return out;
}

Result<Bytes, TextError> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return Unexpected(TextError::bad_length);
    Bytes out(text.size() / 2);
    if (text.empty()) return out;
    std::size_t written = 0;
    const char* end = nullptr;
    if (sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &written, &end) !=
            0 ||
        end != text.data() + text.size() || written != out.size())
        return Unexpected(TextError::bad_character);
    return out;
}

namespace {
constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
}

std::string to_base64url(ByteView bytes) {
    if (bytes.empty()) return {};
    std::string out(sodium_base64_encoded_len(bytes.size(), base64_variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), base64_variant);
    out.pop_back();  // the terminator
    return out;
}

Result<Bytes, TextError> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return Unexpected(TextError::bad_length);
    Bytes out(text.size() * 3 / 4);
    if (text.empty()) return out;
    std::size_t written = 0;
    const char* end = nullptr;
    // libsodium refuses unused bits that are not zero, so a byte string has one text.
    if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &written, &end,
                          base64_variant) != 0 ||
        end != text.data() + text.size() || written != out.size())
        return Unexpected(TextError::bad_character);
    return out;
}

namespace {

constexpr std::string_view z85_alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

}  // namespace

std::string to_z85(ByteView bytes) {
    ensure(bytes.size() % 4 == 0, "Z85 takes whole groups of four bytes");
    std::string out;
    out.reserve(bytes.size() / 4 * 5);
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        std::uint32_t value = 0;
        for (const std::uint8_t byte : bytes.subspan(i, 4))
            value = value << 8 | byte;
        std::uint32_t divisor = 85U * 85U * 85U * 85U;
        for (int digit = 0; digit < 5; ++digit, divisor /= 85)
            out.push_back(z85_alphabet[value / divisor % 85]);
    }
    return out;
}

Result<Bytes, TextError> from_z85(std::string_view text) {
    if (text.size() % 5 != 0) return Unexpected(TextError::bad_length);
    Bytes out;
    out.reserve(text.size() / 5 * 4);
    for (std::size_t i = 0; i < text.size(); i += 5) {
        std::uint64_t value = 0;
        for (const char c : text.substr(i, 5)) {
            const std::size_t digit = z85_alphabet.find(c);
            if (digit == std::string_view::npos) return Unexpected(TextError::bad_character);
            value = value * 85 + digit;
        }
        if (value > 0xffffffffU) return Unexpected(TextError::bad_character);
        for (int shift = 24; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    return out;
}

}  // namespace sotto::crypto
