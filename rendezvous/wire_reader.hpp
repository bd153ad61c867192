// Reads the msgpack subset of the rendezvous protocol: unsigned integers, booleans, text, bytes,
// arrays; each in its shortest form only.
//
// Sticky like crypto::Reader: after the first failure every further read yields zeros or nothing,
// and failed() keeps the first reason, so a decoder reads all its fields in a row and asks once.
// Never allocates more than the bytes that are really there; refuses maps, floats, signed numbers,
// nil and extensions. Pure.
#pragma once

#include "crypto/keys.hpp"
#include "rendezvous/protocol.hpp"

#include <optional>
#include <string>

namespace sotto::rendezvous {

class WireReader {
public:
    explicit WireReader(ByteView frame) noexcept : in_(frame) {}

    // Array header with a count in [least, most]; its elements follow.
    [[nodiscard]] std::size_t array(std::size_t least, std::size_t most);
    [[nodiscard]] std::uint64_t number(std::uint64_t most);
    [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(0xff)); }
    [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(number(0xffff)); }
    [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(0xffffffff)); }
    [[nodiscard]] std::uint64_t u64() { return number(~std::uint64_t{0}); }
    [[nodiscard]] bool boolean();
    [[nodiscard]] bool next_is_text() const noexcept;
    // Any bytes; the caller judges them.
    [[nodiscard]] std::string text(std::size_t most);
    [[nodiscard]] std::string username();  // is_username(), else out_of_limits
    [[nodiscard]] Bytes bytes(std::size_t least, std::size_t most);
    template <std::size_t N>
    [[nodiscard]] crypto::ByteArray<N> fixed() {
        crypto::ByteArray<N> out{};
        const ByteView view = binary(N, N);
        if (view.size() == N) std::copy(view.begin(), view.end(), out.begin());
        return out;
    }
    template <class T>  // a crypto::FixedBytes
    [[nodiscard]] T id() {
        return T(fixed<T::size>());
    }
    template <class T>  // empty = absent
    [[nodiscard]] std::optional<T> optional_id() {
        const ByteView view = binary(0, T::size);
        if (view.empty()) return std::nullopt;
        if (view.size() != T::size) fail(DecodeError::out_of_limits);
        return T::from(view);
    }
    // An enum whose values are all those from `first` to `last`.
    template <class E>
    [[nodiscard]] E choice(E first, E last) {
        const std::uint64_t value = number(static_cast<std::uint64_t>(last));
        if (value < static_cast<std::uint64_t>(first)) fail(DecodeError::out_of_limits);
        return failure_ ? first : static_cast<E>(value);
    }

    // Keeps the first reason.
    void fail(DecodeError error) noexcept {
        if (!failure_) failure_ = error;
    }
    // To be called once, after the last field.
    void finish() noexcept {
        if (!in_.empty()) fail(DecodeError::trailing_bytes);
    }
    [[nodiscard]] std::optional<DecodeError> failed() const noexcept { return failure_; }

private:
    [[nodiscard]] std::uint8_t tag();
    [[nodiscard]] std::uint64_t big_endian(std::size_t size);
    [[nodiscard]] std::uint64_t long_number(std::size_t size);
    [[nodiscard]] ByteView binary(std::size_t least, std::size_t most);
    [[nodiscard]] ByteView take(std::uint64_t size, std::size_t least, std::size_t most);

    ByteView in_;
    std::optional<DecodeError> failure_;
};

}  // namespace sotto::rendezvous
