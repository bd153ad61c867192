#include "ui/utf8.hpp"

namespace sotto::ui {

namespace {

constexpr Decoded ill_formed{replacement_character, 1, false};

[[nodiscard]] bool is_scalar(char32_t c) {
    return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

struct Lead {
    std::uint32_t length;
    char32_t bits;
    char32_t smallest;  // below this the form is overlong
};

[[nodiscard]] Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if (byte >= 0xC2 && byte < 0xE0) {
        return {2, byte & 0x1FU, 0x80};
    }
    if (byte >= 0xE0 && byte < 0xF0) {
        return {3, byte & 0x0FU, 0x800};
    }
    if (byte >= 0xF0 && byte < 0xF5) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

}  // namespace

Decoded decode_utf8(std::string_view text, std::size_t offset) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[offset]));
    if (lead.length == 0 || text.size() - offset < lead.length) {
        return ill_formed;
    }
    char32_t code_point = lead.bits;
    for (std::uint32_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[offset + i]);
        if ((byte & 0xC0U) != 0x80U) {
            return ill_formed;
        }
        code_point = (code_point << 6U) | (byte & 0x3FU);
    }
    if (code_point < lead.smallest || !is_scalar(code_point)) {
        return ill_formed;
    }
    return {code_point, lead.length, true};
}

void append_utf8(std::string& out, char32_t code_point) {
    const char32_t c = is_scalar(code_point) ? code_point : replacement_character;
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    const auto tail = [](char32_t bits) { return 0x80U | (bits & 0x3FU); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0U | (c >> 6U));
        put(tail(c));
    } else if (c < 0x10000) {
        put(0xE0U | (c >> 12U));
        put(tail(c >> 6U));
        put(tail(c));
    } else {
        put(0xF0U | (c >> 18U));
        put(tail(c >> 12U));
        put(tail(c >> 6U));
        put(tail(c));
    }
}

}  // namespace sotto::ui
