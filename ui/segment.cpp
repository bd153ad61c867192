#include "ui/segment.hpp"

#include "ui/utf8.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace sotto::ui {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Emoji_Presentation below U+10000 (emoji-data.txt): pictures even without a variation selector.
constexpr std::array<Range, 41> bmp_emoji{{
    {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},   {0x23F3, 0x23F3},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},
    {0x26C4, 0x26C5},   {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},
    {0x26F2, 0x26F3},   {0x26F5, 0x26F5},   {0x26FA, 0x26FA},   {0x26FD, 0x26FD},
    {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},
    {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},
    {0x2B55, 0x2B55},   {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F201, 0x1F201}, {0x1F21A, 0x1F21A}, {0x1F22F, 0x1F22F},
    {0x1F232, 0x1F236},
}};

constexpr char32_t text_selector = 0xFE0E;
constexpr char32_t emoji_selector = 0xFE0F;
constexpr char32_t keycap = 0x20E3;

[[nodiscard]] bool is_regional(char32_t c) {
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

[[nodiscard]] bool is_pictographic(char32_t c) {
    // Newer emoji than the Unicode tables of utf8proc are unassigned there: take the whole blocks.
    if (c >= 0x1F300 && c <= 0x1FAFF) {
        return true;
    }
    const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    return property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

[[nodiscard]] bool presents_as_emoji(char32_t c) {
    return c >= 0x1F000 || std::ranges::any_of(bmp_emoji, [c](const Range& r) {
               return c >= r.first && c <= r.last;
           });
}

// Finds cluster borders one code point at a time.
class Breaker {
public:
    // True when a cluster ends before `c`.
    bool breaks_before(char32_t c) {
        if (previous_ < 0x300 && c < 0x300 && c != 0xA9 && c != 0xAE) {
            // Nothing combines below U+0300; the general rule costs ten times as much.
            const bool together = previous_ == '\r' && c == '\n';
            previous_ = c;
            state_ = 0;
            return !together;
        }
        const bool answer = utf8proc_grapheme_break_stateful(
            static_cast<utf8proc_int32_t>(previous_), static_cast<utf8proc_int32_t>(c), &state_);
        previous_ = c;
        return answer;
    }
    void start(char32_t c) {
        previous_ = c;
        state_ = 0;
    }

private:
    char32_t previous_ = 0;
    utf8proc_int32_t state_ = 0;
};

// Collects what decides whether a cluster is a picture.
class EmojiTest {
public:
    void start(char32_t c) {
        base_ = c;
        regionals_ = is_regional(c) ? 1 : 0;
        text_ = false;
        picture_ = false;
        keycap_ = false;
    }
    void add(char32_t c) {
        text_ = text_ || c == text_selector;
        picture_ = picture_ || c == emoji_selector;
        keycap_ = keycap_ || c == keycap;
        regionals_ += is_regional(c) ? 1 : 0;
    }
    [[nodiscard]] bool result() const {
        if (base_ < 0x80) {
            return keycap_ && !text_;
        }
        if (regionals_ >= 2) {
            return true;
        }
        if (text_ || is_regional(base_) || !is_pictographic(base_)) {
            return false;
        }
        return picture_ || presents_as_emoji(base_);
    }

private:
    char32_t base_ = 0;
    int regionals_ = 0;
    bool text_ = false;
    bool picture_ = false;
    bool keycap_ = false;
};

}  // namespace

std::vector<Grapheme> graphemes(std::string_view text) {
    std::vector<Grapheme> out;
    out.reserve(text.size());
    Breaker breaker;
    EmojiTest emoji;
    for (std::size_t at = 0; at < text.size();) {
        const Decoded d = decode_utf8(text, at);
        const auto begin = static_cast<std::uint32_t>(at);
        if (at == 0) {
            breaker.start(d.code_point);
        }
        if (at == 0 || breaker.breaks_before(d.code_point)) {
            if (!out.empty()) {
                out.back().emoji = emoji.result();
            }
            out.push_back({begin, begin, d.code_point, false});
            emoji.start(d.code_point);
        } else {
            emoji.add(d.code_point);
        }
        at += d.length;
        out.back().end = static_cast<std::uint32_t>(at);
    }
    if (!out.empty()) {
        out.back().emoji = emoji.result();
    }
    return out;
}

std::size_t next_grapheme(std::string_view text, std::size_t offset) {
    const std::size_t line = offset == 0 ? 0 : text.rfind('\n', offset - 1);
    const std::size_t begin = line == std::string_view::npos || offset == 0 ? 0 : line + 1;
    for (std::size_t at = begin; at < text.size();) {
        Breaker breaker;
        Decoded d = decode_utf8(text, at);
        breaker.start(d.code_point);
        do {
            at += d.length;
            if (at >= text.size()) {
                break;
            }
            d = decode_utf8(text, at);
        } while (!breaker.breaks_before(d.code_point));
        if (at > offset) {
            return at;
        }
    }
    return text.size();
}

std::size_t previous_grapheme(std::string_view text, std::size_t offset) {
    const std::size_t end = std::min(offset, text.size());
    if (end == 0) {
        return 0;
    }
    // A line feed always ends a cluster, so segmentation may begin after the one before last.
    const std::size_t line = end < 2 ? std::string_view::npos : text.rfind('\n', end - 2);
    const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
    const auto all = graphemes(text.substr(begin));
    std::size_t answer = begin;
    for (const Grapheme& g : all) {
        if (begin + g.begin >= end) {
            break;
        }
        answer = begin + g.begin;
    }
    return answer;
}

bool only_emoji(std::string_view text, std::size_t count_max) {
    constexpr std::size_t bytes_max = 64;  // per emoji: the longest family has 25 bytes
    if (text.empty() || text.size() > count_max * bytes_max) {
        return false;
    }
    std::size_t count = 0;
    for (const Grapheme& g : graphemes(text)) {
        if (g.emoji) {
            ++count;
        } else if (g.base != ' ') {
            return false;
        }
    }
    return count >= 1 && count <= count_max;
}

}  // namespace sotto::ui
