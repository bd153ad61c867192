// Icons of the Material Icons font by name, each with a text symbol for when that font is missing.
#pragma once

#include <string_view>

namespace sotto::ui {

struct Icon {
    char32_t glyph = 0;
    std::string_view fallback;
    [[nodiscard]] explicit operator bool() const { return glyph != 0; }
};

namespace icons {
inline constexpr Icon search{0xE8B6, "\u2315"};
inline constexpr Icon settings{0xE8B8, "\u2699"};
inline constexpr Icon theme{0xE3A9, "\u25D0"};
inline constexpr Icon add_person{0xE7FE, "+"};
inline constexpr Icon group{0xE7EF, "\u2261"};
inline constexpr Icon more{0xE5D4, "\u22EE"};
inline constexpr Icon attach{0xE226, "\u2191"};
inline constexpr Icon emoji{0xE7F2, "\u263A"};
inline constexpr Icon send{0xE163, "\u27A4"};
inline constexpr Icon close{0xE5CD, "\u2715"};
inline constexpr Icon back{0xE5C4, "\u2190"};
inline constexpr Icon check{0xE5CA, "\u2713"};
inline constexpr Icon error{0xE000, "!"};
inline constexpr Icon info{0xE88E, "i"};
inline constexpr Icon warning{0xE002, "\u26A0"};
inline constexpr Icon lock{0xE897, "\u2302"};
inline constexpr Icon key{0xE0DA, "\u26BF"};
inline constexpr Icon verified{0xE8E8, "\u2713"};
inline constexpr Icon file{0xE24D, "\u2263"};
inline constexpr Icon image{0xE3F4, "\u25A3"};
inline constexpr Icon download{0xE2C4, "\u2193"};
inline constexpr Icon copy{0xE14D, "\u29C9"};
inline constexpr Icon reply{0xE15E, "\u21B6"};
inline constexpr Icon remove{0xE872, "\u2717"};
inline constexpr Icon edit{0xE3C9, "\u270E"};
inline constexpr Icon block{0xE14B, "\u2298"};
inline constexpr Icon chat{0xE0B7, "\u25AD"};
inline constexpr Icon person{0xE7FD, "\u25CB"};
inline constexpr Icon visible{0xE8F4, "\u25C9"};
inline constexpr Icon hidden{0xE8F5, "\u25CE"};
inline constexpr Icon cloud_off{0xE2C1, "\u2601"};
inline constexpr Icon sync{0xE627, "\u21BB"};
inline constexpr Icon wifi{0xE63E, "\u25E0"};
inline constexpr Icon direct{0xE8D4, "\u21C4"};
inline constexpr Icon relay{0xE2BD, "\u2601"};
inline constexpr Icon logout{0xE879, "\u2192"};
inline constexpr Icon down{0xE5CF, "\u2304"};
inline constexpr Icon up{0xE5CE, "\u2303"};
inline constexpr Icon dark{0xE51C, "\u263E"};
inline constexpr Icon light{0xE518, "\u2600"};
inline constexpr Icon qr{0xE00A, "\u25A6"};
inline constexpr Icon notifications{0xE7F4, "\u266A"};
inline constexpr Icon globe{0xE80B, "\u2295"};
}  // namespace icons

}  // namespace sotto::ui
