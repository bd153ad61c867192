#include "ui/sanitise.hpp"

#include "ui/segment.hpp"
#include "ui/utf8.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace sotto::ui {

namespace {

enum class Treatment { keep, drop, replace, space, line_feed, mark };

[[nodiscard]] bool between(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

[[nodiscard]] bool is_private_use(char32_t c) {
    return between(c, 0xE000, 0xF8FF) || between(c, 0xF0000, 0xFFFFD) ||
           between(c, 0x100000, 0x10FFFD);
}

[[nodiscard]] bool is_noncharacter(char32_t c) {
    return between(c, 0xFDD0, 0xFDEF) || (c & 0xFFFEU) == 0xFFFE;
}

// Characters nobody sees: kept, they would hide differences between two names.
[[nodiscard]] bool is_invisible(char32_t c) {
    return c == 0x00AD || c == 0x034F || c == 0x180E || c == 0xFEFF || between(c, 0x202A, 0x202E) ||
           between(c, 0x2060, 0x206F) || between(c, 0xFFF9, 0xFFFB) || between(c, 0x115F, 0x1160) ||
           c == 0x3164 || c == 0xFFA0 || between(c, 0x1D173, 0x1D17A) ||
           between(c, 0xE0000, 0xE00FF) || between(c, 0xE01F0, 0xE0FFF);
}

// ZWNJ, ZWJ and skin tones: like marks they make what is before them longer, without end.
[[nodiscard]] bool joins_or_modifies(char32_t c) {
    return between(c, 0x200C, 0x200D) || between(c, 0x1F3FB, 0x1F3FF);
}

[[nodiscard]] Treatment treat(char32_t c) {
    if (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029) {
        return Treatment::line_feed;
    }
    if (c == '\t') {
        return Treatment::space;
    }
    if (c < 0x20 || between(c, 0x7F, 0x9F) || is_private_use(c) || is_noncharacter(c)) {
        return Treatment::replace;
    }
    if (c < 0x300 && c != 0x00AD) {
        return Treatment::keep;
    }
    if (is_invisible(c)) {
        return Treatment::drop;
    }
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    const bool combines = category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME ||
                          category == UTF8PROC_CATEGORY_MC || joins_or_modifies(c);
    return combines ? Treatment::mark : Treatment::keep;
}

// The tag characters of a flag such as Scotland's: black flag, letters, cancel tag. Answers the
// end of the whole sequence, or `offset` when there is none after the black flag at `offset`.
[[nodiscard]] std::size_t flag_sequence_end(std::string_view text, std::size_t offset) {
    constexpr std::size_t letters_max = 8;
    std::size_t at = offset + decode_utf8(text, offset).length;
    for (std::size_t n = 0; at < text.size() && n <= letters_max; ++n) {
        const Decoded d = decode_utf8(text, at);
        at += d.length;
        if (d.code_point == 0xE007F) {
            return n > 0 ? at : offset;
        }
        if (!between(d.code_point, 0xE0020, 0xE007E)) {
            break;
        }
    }
    return offset;
}

class Cleaner {
public:
    explicit Cleaner(std::string_view text) : text_(text) { out_.reserve(text.size()); }

    [[nodiscard]] std::string run() {
        std::size_t at = 0;
        while (at < text_.size()) {
            at += step(at);
        }
        return std::move(out_);
    }

private:
    // Handles the code point at `at`; answers how many bytes it took.
    std::size_t step(std::size_t at) {
        constexpr char32_t black_flag = 0x1F3F4;
        const Decoded d = decode_utf8(text_, at);
        if (!d.well_formed) {
            replace_once();
            return d.length;
        }
        if (d.code_point == black_flag) {
            const std::size_t end = flag_sequence_end(text_, at);
            if (end != at) {
                marks_ = 0;
                out_.append(text_.substr(at, end - at));
                return end - at;
            }
        }
        put(d, at);
        const bool pair = d.code_point == '\r' && text_.substr(at + 1).starts_with('\n');
        return d.length + (pair ? 1U : 0U);
    }

    void put(const Decoded& d, std::size_t at) {
        const Treatment treatment = treat(d.code_point);
        if (treatment == Treatment::mark) {
            if (++marks_ <= combining_marks_max) {
                out_.append(text_.substr(at, d.length));
            }
            return;
        }
        if (treatment != Treatment::drop) {
            marks_ = 0;
        }
        switch (treatment) {
            case Treatment::keep:
                out_.append(text_.substr(at, d.length));
                break;
            case Treatment::replace:
                append_utf8(out_, replacement_character);
                break;
            case Treatment::space:
                out_.push_back(' ');
                break;
            case Treatment::line_feed:
                out_.push_back('\n');
                break;
            case Treatment::drop:
            case Treatment::mark:
                break;
        }
    }

    // A run of broken bytes shows as one mark: otherwise the text would grow threefold.
    void replace_once() {
        if (!out_.ends_with("\xEF\xBF\xBD")) {
            append_utf8(out_, replacement_character);
        }
        marks_ = 0;
    }

    std::string_view text_;
    std::string out_;
    std::size_t marks_ = 0;
};

[[nodiscard]] bool is_blank(char32_t c) {
    return c == ' ' || c == '\n' || c == 0xA0 || c == 0x1680 || between(c, 0x2000, 0x200B) ||
           c == 0x202F || c == 0x205F || c == 0x3000 || c == 0x2800;
}

[[nodiscard]] std::string collapse_blanks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool pending = false;
    for (std::size_t at = 0; at < text.size();) {
        const Decoded d = decode_utf8(text, at);
        if (is_blank(d.code_point)) {
            pending = !out.empty();
        } else {
            if (pending) {
                out.push_back(' ');
                pending = false;
            }
            out.append(text.substr(at, d.length));
        }
        at += d.length;
    }
    return out;
}

[[nodiscard]] std::size_t count_code_points(std::string_view text) {
    std::size_t n = 0;
    for (std::size_t at = 0; at < text.size(); at += decode_utf8(text, at).length) {
        ++n;
    }
    return n;
}

}  // namespace

std::string sanitise_message(std::string_view text) {
    return Cleaner(text).run();
}

std::string sanitise_name(std::string_view text, std::size_t code_points_max) {
    std::string name = collapse_blanks(sanitise_message(text));
    if (count_code_points(name) <= code_points_max) {
        return name;
    }
    std::size_t used = 0;
    std::size_t end = 0;
    while (end < name.size()) {
        const std::size_t next = next_grapheme(name, end);
        used += count_code_points(std::string_view(name).substr(end, next - end));
        if (used + 1 > code_points_max) {
            break;
        }
        end = next;
    }
    name.resize(end);
    if (code_points_max > 0) {
        name += "\u2026";
    }
    return name;
}

std::string fold_for_search(std::string_view text) {
    struct Free {
        void operator()(utf8proc_uint8_t* p) const { std::free(p); }
    };
    std::string clean = sanitise_message(text);
    utf8proc_uint8_t* raw = nullptr;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                       UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(clean.data()),
                                     static_cast<utf8proc_ssize_t>(clean.size()), &raw, options);
    const std::unique_ptr<utf8proc_uint8_t, Free> folded(raw);
    if (length < 0) {
        return clean;
    }
    return {reinterpret_cast<const char*>(folded.get()), static_cast<std::size_t>(length)};
}

bool contains_folded(std::string_view haystack, std::string_view needle) {
    return haystack.find(needle) != std::string_view::npos;
}

}  // namespace sotto::ui
