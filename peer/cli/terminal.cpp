#include "peer/cli/terminal.hpp"

#include <unistd.h>

#include <cstdint>
#include <optional>

namespace sotto::peer::cli {

EchoSwitch::EchoSwitch(int descriptor) : descriptor_(descriptor) {
    is_terminal_ = ::isatty(descriptor) == 1 && ::tcgetattr(descriptor, &before_) == 0;
}

void EchoSwitch::hide() {
    if (!is_terminal_ || hidden_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
}

void EchoSwitch::show() {
    if (!hidden_) return;
    ::tcsetattr(descriptor_, TCSANOW, &before_);
    hidden_ = false;
}

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct Character {
    std::uint32_t point = 0;
    std::size_t size = 0;
};

// The well-formed UTF-8 character at the start of `text`; nothing when there is none.
std::optional<Character> first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t head = byte(0);
    if (head < 0x80) return Character{head, 1};
    const std::size_t size = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : 2;
    if (head < 0xc2 || head > 0xf4 || text.size() < size) return std::nullopt;
    std::uint32_t point = head & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return std::nullopt;
        point = (point << 6U) | (byte(i) & 0x3fU);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < smallest[size] || point > 0x10ffff || surrogate) return std::nullopt;
    return Character{point, size};
}

bool is_control(std::uint32_t point) {
    const bool c0_or_c1 = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool direction = (point >= 0x202a && point <= 0x202e) ||
                           (point >= 0x2066 && point <= 0x2069) || point == 0x200e ||
                           point == 0x200f || point == 0x061c;
    const bool invisible = point == 0x2028 || point == 0x2029 || point == 0xfeff ||
                           (point >= 0xe0000 && point <= 0xe007f);
    return c0_or_c1 || direction || invisible;
}

}  // namespace

std::string terminal_safe(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto character = first_character(text);
        if (!character) {
            out += replacement;
            text.remove_prefix(1);
            continue;
        }
        const bool is_space = character->point == '\n' || character->point == '\t';
        if (is_space) {
            out += ' ';
        } else if (!is_control(character->point)) {
            out += text.substr(0, character->size);
        }
        text.remove_prefix(character->size);
    }
    return out;
}

}  // namespace sotto::peer::cli
