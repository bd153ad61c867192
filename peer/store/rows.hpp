// The rows of one running query, read column by column with the type that must be there.
//
// Errors are sticky: after the first one next() returns false and ok() tells. The statement is
// reset when the last row was read or the object goes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.hpp"
#include "crypto/result.hpp"
#include "peer/store/store_error.hpp"

struct sqlite3_stmt;

namespace sotto::peer::store {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Result;
using crypto::Unexpected;

/// The rows of one running query. A value of another type or size than asked for is `corrupt`: the
/// getter returns an empty value and the next next() returns false.
class Rows {
public:
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) = delete;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows();

    /// True: a row is there. False: no more, or a failure (ok() tells).
    [[nodiscard]] bool next();
    [[nodiscard]] bool ok() const noexcept { return !error_; }
    /// Only when !ok().
    [[nodiscard]] StoreError error() const;
    /// Reads on until the end; for statements whose rows do not matter.
    [[nodiscard]] Result<void, StoreError> finish();

    [[nodiscard]] std::int64_t integer(int column);
    [[nodiscard]] std::uint64_t unsigned_integer(int column);
    [[nodiscard]] bool boolean(int column);
    [[nodiscard]] std::string text(int column);
    /// Lives until the next call of next().
    [[nodiscard]] std::string_view text_view(int column);
    [[nodiscard]] ByteView blob_view(int column);
    [[nodiscard]] Bytes blob(int column);
    template <std::size_t N>
    [[nodiscard]] std::array<std::uint8_t, N> fixed(int column) {
        const ByteView bytes = blob_view(column);
        std::array<std::uint8_t, N> out{};
        if (bytes.size() == N) {
            std::copy(bytes.begin(), bytes.end(), out.begin());
        } else {
            fail(StoreError::corrupt);
        }
        return out;
    }
    /// An enumerator, of which `last` is the largest known.
    template <class E>
    [[nodiscard]] E enumerator(int column, E last) {
        const std::int64_t number = integer(column);
        if (number < 0 || number > static_cast<std::int64_t>(last)) {
            fail(StoreError::corrupt);
            return E{};
        }
        return static_cast<E>(number);
    }
    /// For shapes only the caller knows.
    void fail(StoreError error) noexcept;

private:
    friend class Database;
    Rows(sqlite3_stmt* statement, std::optional<StoreError> error);

    sqlite3_stmt* statement_;
    std::optional<StoreError> error_;
};

}  // namespace sotto::peer::store
