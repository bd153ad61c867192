// SQL as it stands in our source, and the values that are bound to it.
//
// Nothing that came from outside can become SQL: a Sql is a literal, everything else is a Value.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "crypto/bytes.hpp"

namespace sotto::peer::store {

using crypto::Bytes;
using crypto::ByteView;

/// One statement, or several for Database::script().
class Sql {
public:
    consteval Sql(const char* text) : text_(text) {}  // implicit: query("SELECT ...") is the use
    [[nodiscard]] constexpr const char* text() const noexcept { return text_; }

private:
    const char* text_;
};

/// What is bound to a `?`. Texts and blobs must live until the statement has run.
/// Unsigned numbers keep their 64 bits (as two's complement).
class Value {
public:
    Value(std::int64_t number) : value_(number) {}
    Value(std::uint64_t number) : value_(static_cast<std::int64_t>(number)) {}
    Value(std::string_view text) : value_(text) {}
    Value(const std::string& text) : value_(std::string_view(text)) {}
    Value(const Bytes& blob) : value_(ByteView(blob)) {}
    template <std::size_t N>
    Value(std::span<const std::uint8_t, N> blob) : value_(ByteView(blob)) {}
    template <std::size_t N>
    Value(const std::array<std::uint8_t, N>& blob) : value_(ByteView(blob)) {}
    template <class E>
    requires std::is_enum_v<E> Value(E enumerator)
        : value_(static_cast<std::int64_t>(enumerator)) {}
    template <class I>
    requires(std::is_integral_v<I> && sizeof(I) <= 4)  // bool, u8, u32
        Value(I number)
        : value_(static_cast<std::int64_t>(number)) {}

    using Variant = std::variant<std::int64_t, std::string_view, ByteView>;
    [[nodiscard]] const Variant& get() const noexcept { return value_; }

private:
    Variant value_;
};
using Values = std::initializer_list<Value>;

}  // namespace sotto::peer::store
