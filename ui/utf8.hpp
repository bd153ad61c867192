// UTF-8 in and out, one code point at a time.
//
// Never fails: a byte that starts no well-formed sequence decodes to U+FFFD with length 1, so a
// loop over any bytes ends and offsets stay offsets into the original text. Overlong forms,
// surrogates and values above U+10FFFF count as ill-formed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::ui {

inline constexpr char32_t replacement_character = 0xFFFD;

struct Decoded {
    char32_t code_point;
    std::uint32_t length;  // bytes, at least 1
    bool well_formed;
};

// `offset` must be less than text.size().
[[nodiscard]] Decoded decode_utf8(std::string_view text, std::size_t offset);

// A value that is no Unicode scalar value is written as U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace sotto::ui
