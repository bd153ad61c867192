#include "ui/shaper.hpp"

#include "ui/bidi.hpp"
#include "ui/utf8.hpp"

#include <hb.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

namespace sotto::ui {

namespace {

struct BufferDeleter {
    void operator()(hb_buffer_t* buffer) const { hb_buffer_destroy(buffer); }
};
using Buffer = std::unique_ptr<hb_buffer_t, BufferDeleter>;

// One grapheme with what decides which run it joins.
struct Item {
    Grapheme grapheme;
    hb_script_t script = HB_SCRIPT_COMMON;
    FaceId face = no_face;
    std::uint8_t level = 0;

    [[nodiscard]] bool same_run(const Item& other) const {
        return face == other.face && level == other.level && script == other.script &&
               grapheme.emoji == other.grapheme.emoji;
    }
};

[[nodiscard]] hb_script_t script_of(char32_t c) {
    return hb_unicode_script(hb_unicode_funcs_get_default(), c);
}

[[nodiscard]] bool is_real(hb_script_t script) {
    return script != HB_SCRIPT_COMMON && script != HB_SCRIPT_INHERITED &&
           script != HB_SCRIPT_UNKNOWN;
}

[[nodiscard]] bool is_wide(hb_script_t script) {
    return script == HB_SCRIPT_HAN || script == HB_SCRIPT_HIRAGANA ||
           script == HB_SCRIPT_KATAKANA || script == HB_SCRIPT_HANGUL ||
           script == HB_SCRIPT_BOPOMOFO;
}

// Joiners and selectors steer shaping; a font need not have a glyph for them.
[[nodiscard]] bool needs_glyph(char32_t c) {
    return c != 0x200C && c != 0x200D && !(c >= 0xFE00 && c <= 0xFE0F) &&
           !(c >= 0xE0100 && c <= 0xE01EF) && c != 0x200E && c != 0x200F;
}

class ParagraphShaper {
public:
    ParagraphShaper(FontSet& fonts, std::string_view text, TextSpan span, TextStyle style,
                    std::vector<LaidGlyph>& glyphs)
        : fonts_(fonts),
          text_(text),
          span_(span),
          style_(style),
          glyphs_(glyphs),
          buffer_(hb_buffer_create()) {}

    [[nodiscard]] ShapedParagraph run() {
        collect_items();
        resolve_scripts();
        resolve_faces();
        out_.clusters.reserve(items_.size());
        for (std::size_t begin = 0; begin < items_.size();) {
            std::size_t end = begin + 1;
            while (end < items_.size() && items_[end].same_run(items_[begin])) {
                ++end;
            }
            shape_run(begin, end);
            begin = end;
        }
        return std::move(out_);
    }

private:
    void collect_items() {
        const std::string_view paragraph = text_.substr(span_.begin, span_.end - span_.begin);
        const BidiParagraph bidi = bidi_levels(paragraph);
        out_.right_to_left = bidi.right_to_left;
        std::size_t code_point = 0;
        for (Grapheme g : graphemes(paragraph)) {
            Item item;
            item.level = bidi.levels[code_point];
            for (std::size_t at = g.begin; at < g.end; ++code_point) {
                at += decode_utf8(paragraph, at).length;
            }
            g.begin += span_.begin;
            g.end += span_.begin;
            item.grapheme = g;
            items_.push_back(item);
        }
    }

    // Spaces, digits and punctuation belong to the script before them, else to the one after.
    void resolve_scripts() {
        hb_script_t current = HB_SCRIPT_COMMON;
        for (Item& item : items_) {
            const hb_script_t script =
                item.grapheme.emoji ? HB_SCRIPT_COMMON : script_of(item.grapheme.base);
            japanese_ = japanese_ || script == HB_SCRIPT_HIRAGANA || script == HB_SCRIPT_KATAKANA;
            korean_ = korean_ || script == HB_SCRIPT_HANGUL;
            current = is_real(script) ? script : current;
            item.script = current;
        }
        const auto first =
            std::ranges::find_if(items_, [](const Item& item) { return is_real(item.script); });
        for (auto it = items_.begin(); first != items_.end() && it != first; ++it) {
            it->script = first->script;
        }
    }

    void resolve_faces() {
        const HanStyle han = japanese_ ? HanStyle::japanese
                             : korean_ ? HanStyle::korean
                                       : HanStyle::locale;
        FaceId previous = no_face;
        for (Item& item : items_) {
            item.face = choose_face(item, previous, han);
            previous = item.grapheme.emoji ? no_face : item.face;
        }
    }

    [[nodiscard]] FaceId choose_face(const Item& item, FaceId previous, HanStyle han) const {
        const Grapheme& g = item.grapheme;
        if (g.emoji && fonts_.emoji_face() != no_face) {
            return fonts_.emoji_face();
        }
        // A space or a comma keeps the font of the words around it; letters and ASCII digits go
        // to their own font.
        const bool neutral = !is_real(script_of(g.base)) && !(g.base >= '0' && g.base <= '9');
        // Chinese and Japanese fonts have wide spaces and brackets: not between Latin words.
        const bool plain = g.base < 0x100 && is_wide(item.script);
        if (neutral && !plain && previous != no_face && covers(previous, g)) {
            return previous;
        }
        const FaceId face = fonts_.face_for(g.base, style_.weight, han);
        if (covers(face, g)) {
            return face;
        }
        // Each step looks at the whole grapheme, and conjuncts have no longest one.
        constexpr int steps_max = 16;
        std::size_t at = g.begin;
        for (int step = 0; step < steps_max && at < g.end; ++step) {
            const Decoded d = decode_utf8(text_, at);
            const FaceId other = fonts_.face_for(d.code_point, style_.weight, han);
            if (other != face && covers(other, g)) {
                return other;
            }
            at += d.length;
        }
        return face;
    }

    [[nodiscard]] bool covers(FaceId face, const Grapheme& g) const {
        for (std::size_t at = g.begin; at < g.end;) {
            const Decoded d = decode_utf8(text_, at);
            if (needs_glyph(d.code_point) && !fonts_.face(face).has(d.code_point) &&
                !is_composed(face, g)) {
                return false;
            }
            at += d.length;
        }
        return true;
    }

    // "e" + combining acute is one glyph in most fonts although the mark alone has none.
    [[nodiscard]] bool is_composed(FaceId face, const Grapheme& g) const {
        char32_t composed = g.base;
        std::size_t at = g.begin + decode_utf8(text_, g.begin).length;
        while (at < g.end) {
            const Decoded d = decode_utf8(text_, at);
            hb_codepoint_t joined = 0;
            if (!hb_unicode_compose(hb_unicode_funcs_get_default(), composed, d.code_point,
                                    &joined)) {
                return false;
            }
            composed = joined;
            at += d.length;
        }
        return fonts_.face(face).has(composed);
    }

    void shape_run(std::size_t first, std::size_t last) {
        const Item& item = items_[first];
        const bool backwards = (item.level & 1U) != 0;
        const std::uint32_t begin = item.grapheme.begin;
        const std::uint32_t end = items_[last - 1].grapheme.end;
        hb_buffer_t* buffer = buffer_.get();
        hb_buffer_clear_contents(buffer);
        hb_buffer_set_cluster_level(buffer, HB_BUFFER_CLUSTER_LEVEL_MONOTONE_GRAPHEMES);
        hb_buffer_add_utf8(buffer, text_.data(), static_cast<int>(text_.size()), begin,
                           static_cast<int>(end - begin));
        hb_buffer_set_direction(buffer, backwards ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
        hb_buffer_set_script(buffer, is_real(item.script) ? item.script : HB_SCRIPT_LATIN);
        hb_buffer_set_language(buffer, hb_language_get_default());
        hb_shape(fonts_.face(item.face).shaper(style_.size), buffer, nullptr, 0);
        place_glyphs(first, last);
    }

    // Hands HarfBuzz's clusters out to graphemes: a ligature covers several of them, which share
    // its width evenly so that the caret can stand inside.
    void place_glyphs(std::size_t first, std::size_t last) {
        unsigned count = 0;
        const hb_glyph_info_t* infos = hb_buffer_get_glyph_infos(buffer_.get(), &count);
        const hb_glyph_position_t* positions = hb_buffer_get_glyph_positions(buffer_.get(), &count);
        const bool backwards = (items_[first].level & 1U) != 0;
        const std::size_t base = out_.clusters.size();
        for (std::size_t i = first; i < last; ++i) {
            out_.clusters.push_back(empty_cluster(items_[i]));
        }
        for (unsigned begin = 0; begin < count;) {
            unsigned end = begin + 1;
            while (end < count && infos[end].cluster == infos[begin].cluster) {
                ++end;
            }
            const std::uint32_t from = infos[begin].cluster;
            const std::uint32_t until = next_cluster_start(infos, count, begin, end, backwards,
                                                           items_[last - 1].grapheme.end);
            give(base, {from, until}, {infos + begin, end - begin},
                 {positions + begin, end - begin}, items_[first]);
            begin = end;
        }
    }

    [[nodiscard]] static std::uint32_t next_cluster_start(const hb_glyph_info_t* infos,
                                                          unsigned count, unsigned begin,
                                                          unsigned end, bool backwards,
                                                          std::uint32_t run_end) {
        if (backwards) {
            return begin > 0 ? infos[begin - 1].cluster : run_end;
        }
        return end < count ? infos[end].cluster : run_end;
    }

    void give(std::size_t base, TextSpan bytes, std::span<const hb_glyph_info_t> infos,
              std::span<const hb_glyph_position_t> positions, const Item& run) {
        const auto begin = std::lower_bound(
            out_.clusters.begin() + static_cast<std::ptrdiff_t>(base), out_.clusters.end(),
            bytes.begin, [](const LaidCluster& c, std::uint32_t at) { return c.begin < at; });
        auto end = begin;
        while (end != out_.clusters.end() && end->begin < bytes.end) {
            ++end;
        }
        if (begin == end) {
            return;
        }
        const bool backwards = (run.level & 1U) != 0;
        LaidCluster& leftmost = backwards ? *(end - 1) : *begin;
        leftmost.first_glyph = static_cast<std::uint32_t>(glyphs_.size());
        float pen = 0.0F;
        for (std::size_t i = 0; i < infos.size(); ++i) {
            const auto px = [](hb_position_t v) { return static_cast<float>(v) / 64.0F; };
            glyphs_.push_back({run.face, run.grapheme.emoji, infos[i].codepoint,
                               pen + px(positions[i].x_offset), -px(positions[i].y_offset)});
            pen += px(positions[i].x_advance);
        }
        leftmost.glyph_count = static_cast<std::uint16_t>(
            std::min<std::size_t>(infos.size(), std::numeric_limits<std::uint16_t>::max()));
        const float share = pen / static_cast<float>(end - begin);
        std::for_each(begin, end, [share](LaidCluster& c) { c.advance = share; });
    }

    [[nodiscard]] static LaidCluster empty_cluster(const Item& item) {
        LaidCluster cluster;
        cluster.begin = item.grapheme.begin;
        cluster.end = item.grapheme.end;
        cluster.level = item.level;
        const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(item.grapheme.base));
        const bool no_break = item.grapheme.base == 0xA0 || item.grapheme.base == 0x202F;
        cluster.space = category == UTF8PROC_CATEGORY_ZS && !no_break;
        cluster.base = item.grapheme.base;
        cluster.emoji = item.grapheme.emoji;
        return cluster;
    }

    FontSet& fonts_;
    std::string_view text_;
    TextSpan span_;
    TextStyle style_;
    std::vector<LaidGlyph>& glyphs_;
    Buffer buffer_;
    std::vector<Item> items_;
    ShapedParagraph out_;
    bool japanese_ = false;
    bool korean_ = false;
};

}  // namespace

ShapedParagraph shape_paragraph(FontSet& fonts, std::string_view text, TextSpan paragraph,
                                TextStyle style, std::vector<LaidGlyph>& glyphs) {
    return ParagraphShaper(fonts, text, paragraph, style, glyphs).run();
}

}  // namespace sotto::ui
