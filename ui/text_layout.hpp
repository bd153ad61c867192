// A text, shaped and broken into lines: where every cluster is, and the way back from a point to an
// offset.
//
// Holds no pixels and no ImGui state: positions are in pixels relative to the top left of the text,
// y down. Offsets are bytes of `text`, always on grapheme cluster borders. Right-to-left paragraphs
// are aligned to the right edge of the text's own width (or of `Wrap::width` when `fill` is set).
// Values, immutable once made.
#pragma once

#include "ui/fonts.hpp"
#include "ui/segment.hpp"

#include <imgui.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::ui {

struct TextStyle {
    float size =
        15.0F;  // pixels of the screen, the scale already applied (Theme::body() and so on)
    Weight weight = Weight::regular;
    friend bool operator==(const TextStyle&, const TextStyle&) = default;
};

struct Wrap {
    float width = 0.0F;     // 0: one endless line per paragraph
    bool ellipsis = false;  // cut to one line with "..." instead of wrapping
    bool links = false;     // find http(s) links: underlined when drawn
    bool fill = false;      // align right-to-left paragraphs to `width`, as an input box does
    friend bool operator==(const Wrap&, const Wrap&) = default;
};

struct LaidGlyph {
    FaceId face = no_face;
    bool emoji = false;
    std::uint32_t glyph = 0;
    float x = 0.0F;  // pen position within the cluster
    float y = 0.0F;
};

struct LaidCluster {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    char32_t base = 0;  // first code point
    std::uint32_t first_glyph = 0;
    std::uint16_t glyph_count = 0;
    std::uint8_t level = 0;  // bidi level: odd means right to left
    bool emoji = false;
    bool space = false;
    bool break_after = false;  // a line may end after this cluster
    bool newline = false;
    float x = 0.0F;  // left edge on its line, the line's own left included
    float advance = 0.0F;

    [[nodiscard]] bool right_to_left() const { return (level & 1U) != 0; }
    [[nodiscard]] float leading() const { return right_to_left() ? x + advance : x; }
    [[nodiscard]] float trailing() const { return right_to_left() ? x : x + advance; }
};

struct LaidLine {
    std::uint32_t first = 0;  // clusters [first, last), logical order
    std::uint32_t last = 0;
    float top = 0.0F;
    float baseline = 0.0F;
    float left = 0.0F;
    float width = 0.0F;  // without trailing spaces
    bool right_to_left = false;
    bool wrapped = false;  // the next line continues the paragraph
};

class TextLayout {
public:
    [[nodiscard]] float width() const { return width_; }
    [[nodiscard]] float height() const;
    [[nodiscard]] float line_height() const { return line_height_; }
    [[nodiscard]] std::size_t line_count() const { return lines_.size(); }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const TextStyle& style() const { return style_; }
    [[nodiscard]] const std::vector<LaidLine>& lines() const { return lines_; }
    [[nodiscard]] const std::vector<LaidCluster>& clusters() const { return clusters_; }
    [[nodiscard]] const std::vector<LaidGlyph>& glyphs() const { return glyphs_; }
    [[nodiscard]] const std::vector<TextSpan>& links() const { return links_; }
    [[nodiscard]] bool cut() const { return cut_; }  // an ellipsis replaced the rest

    // The offset nearest to a point: between clusters, above and below the text included.
    [[nodiscard]] std::size_t hit_test(ImVec2 point) const;
    // The cluster border whose caret stands at (x, line): for arrow up and down.
    [[nodiscard]] std::size_t offset_at(std::size_t line, float x) const;
    // True only over the text itself; for links and the I-beam cursor.
    [[nodiscard]] bool covers(ImVec2 point) const;
    // The link under a point: its index in links(), or -1.
    [[nodiscard]] int link_at(ImVec2 point) const;

    // The caret before `offset`: top left; it is line_height() tall.
    [[nodiscard]] ImVec2 caret(std::size_t offset) const;
    [[nodiscard]] std::size_t line_of(std::size_t offset) const;
    [[nodiscard]] std::size_t line_start(std::size_t line) const;
    [[nodiscard]] std::size_t line_end(std::size_t line) const;
    // True when the run at the caret goes right to left: the arrow keys follow it.
    [[nodiscard]] bool right_to_left_at(std::size_t offset) const;

    struct Box {
        ImVec2 min;
        ImVec2 max;
    };
    // Boxes of whole lines' height covering [begin, end); neighbours are joined.
    [[nodiscard]] std::vector<Box> boxes(std::size_t begin, std::size_t end) const;

    // Overwrites the text: for a revealed password.
    void wipe();

    // The costly part; use TextEngine::layout(), which remembers.
    [[nodiscard]] static TextLayout make(FontSet& fonts, std::string_view text, TextStyle style,
                                         Wrap wrap);

private:
    friend class LayoutBuilder;
    TextStyle style_;
    std::string text_;
    std::vector<LaidCluster> clusters_;
    std::vector<LaidGlyph> glyphs_;
    std::vector<LaidLine> lines_;
    std::vector<TextSpan> links_;
    float width_ = 0.0F;
    float line_height_ = 0.0F;
    bool cut_ = false;
};

}  // namespace sotto::ui
