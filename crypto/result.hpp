// What can fail in normal life returns Result<T, E>; what only our own bug can break goes to
// ensure().
//
// Result has std::expected's names (C++23), so that it can be replaced by it one day.
// Promises: never empty, never throws by itself; asking for a value that is not there is a bug of
// the caller and aborts. Refuses: default construction, implicit conversion between error types.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace sotto::crypto {

/// Prints where and what, then aborts.
[[noreturn]] void broken_invariant(const char* what, const char* file, int line) noexcept;

/// Aborts with file and line when `condition` is false. For bugs of ours only, never for bytes from
/// outside. On in every build: a program that lost an invariant must not go on handling keys.
/// (Builtins, because clang 14 has no std::source_location with this standard library.)
constexpr void ensure(bool condition, const char* what, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE()) noexcept {
    if (!condition) [[unlikely]]
        broken_invariant(what, file, line);
}

/// Wraps an error on its way into a Result: `return Unexpected(RecordError::malformed);`
template <class E>
class Unexpected {
public:
    constexpr explicit Unexpected(E error) : error_(std::move(error)) {}
    [[nodiscard]] constexpr const E& error() const& noexcept { return error_; }
    [[nodiscard]] constexpr E&& error() && noexcept { return std::move(error_); }

private:
    E error_;
};

template <class T, class E>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = E;

    template <class U = T>
    requires(std::is_constructible_v<T, U&&>&& std::is_convertible_v<U&&, T>) constexpr Result(
        U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}
    constexpr Result(Unexpected<E> failure)
        : state_(std::in_place_index<1>, std::move(failure).error()) {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return state_.index() == 0; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] constexpr T& value() & { return checked(); }
    [[nodiscard]] constexpr const T& value() const& { return checked(); }
    [[nodiscard]] constexpr T&& value() && { return std::move(checked()); }
    [[nodiscard]] constexpr T& operator*() & { return checked(); }
    [[nodiscard]] constexpr const T& operator*() const& { return checked(); }
    [[nodiscard]] constexpr T&& operator*() && { return std::move(checked()); }
    [[nodiscard]] constexpr T* operator->() { return &checked(); }
    [[nodiscard]] constexpr const T* operator->() const { return &checked(); }

    [[nodiscard]] constexpr const E& error() const {
        const E* error = std::get_if<1>(&state_);
        ensure(error != nullptr, "error() of a Result that holds a value");
        return *error;
    }

private:
    constexpr T& checked() {
        T* value = std::get_if<0>(&state_);
        ensure(value != nullptr, "value() of a Result that holds an error");
        return *value;
    }
    constexpr const T& checked() const {
        const T* value = std::get_if<0>(&state_);
        ensure(value != nullptr, "value() of a Result that holds an error");
        return *value;
    }

    std::variant<T, E> state_;
};

/// A step that yields nothing but may fail. `return {};` is success.
template <class E>
class [[nodiscard]] Result<void, E> {
public:
    using value_type = void;
    using error_type = E;

    constexpr Result() noexcept = default;
    constexpr Result(Unexpected<E> failure)
        : state_(std::in_place_index<1>, std::move(failure).error()) {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return state_.index() == 0; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] constexpr const E& error() const {
        const E* error = std::get_if<1>(&state_);
        ensure(error != nullptr, "error() of a Result that succeeded");
        return *error;
    }

private:
    std::variant<std::monostate, E> state_;
};

}  // namespace sotto::crypto
