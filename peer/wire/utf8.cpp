#include "peer/wire/utf8.hpp"

#include <cstdint>

namespace sotto::peer::wire {
namespace {

// Size and smallest allowed value of the sequence a first byte announces; size 0 = not a first
// byte.
struct Sequence {
    std::size_t size = 0;
    std::uint32_t smallest = 0;
    std::uint32_t bits = 0;
};

Sequence sequence_of(std::uint8_t first) noexcept {
    if (first < 0x80) return {.size = 1, .smallest = 1, .bits = first};  // 1: NUL is refused
    if ((first & 0xe0U) == 0xc0) return {.size = 2, .smallest = 0x80, .bits = first & 0x1fU};
    if ((first & 0xf0U) == 0xe0) return {.size = 3, .smallest = 0x800, .bits = first & 0x0fU};
    if ((first & 0xf8U) == 0xf0) return {.size = 4, .smallest = 0x10000, .bits = first & 0x07U};
    return {};
}

}  // namespace

std::optional<std::size_t> utf8_length(std::string_view text) noexcept {
    std::size_t characters = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const Sequence sequence = sequence_of(static_cast<std::uint8_t>(text[at]));
        if (sequence.size == 0 || text.size() - at < sequence.size) return std::nullopt;
        std::uint32_t value = sequence.bits;
        for (std::size_t i = 1; i < sequence.size; ++i) {
            const auto next = static_cast<std::uint8_t>(text[at + i]);
            if ((next & 0xc0U) != 0x80) return std::nullopt;
            value = (value << 6U) | (next & 0x3fU);
        }
        const bool surrogate = value >= 0xd800 && value <= 0xdfff;
        if (value < sequence.smallest || surrogate || value > 0x10ffff) return std::nullopt;
        at += sequence.size;
        ++characters;
    }
    return characters;
}

}  // namespace sotto::peer::wire
