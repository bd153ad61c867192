// Whether bytes are UTF-8, and how many characters they are.
//
// Used at every place where text enters: from a person (limits of the composer), from a contact
// (the envelope decoder). Promises: exactly the well-formed sequences of Unicode (no surrogates,
// nothing overlong, nothing above U+10FFFF) are accepted. A character is a code point here. NUL is
// refused: no text needs it, and it ends strings in too many places.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sotto::peer::wire {

/// The number of code points, or nothing when `text` is not well-formed or contains NUL.
[[nodiscard]] std::optional<std::size_t> utf8_length(std::string_view text) noexcept;

}  // namespace sotto::peer::wire
