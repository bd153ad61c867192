// Which font file draws which character, found by fontconfig, mapped into memory, loaded when
// needed.
//
// Inter is preferred for text, then Noto Sans, then whatever the system calls sans-serif; other
// scripts come from the first font that has the character. Colour emoji and icons have faces of
// their own. Nothing here is required to exist: with no font file at all the typeface inside Dear
// ImGui is used, and a character no font has is drawn as that font's "missing" box. Owned by the ui
// thread. Fonts are mapped, not read: NotoSansCJK is 19 MB of which a chat touches little.
#pragma once

#include "ui/font_face.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct _FcConfig;  // NOLINT: fontconfig's own tag
struct ImFont;
struct ImFontAtlas;

namespace sotto::ui {

enum class Weight : std::uint8_t { regular, strong };

// A language wish for the unified CJK characters, from the words around them.
enum class HanStyle : std::uint8_t { locale, japanese, korean };

class FontSet {
public:
    FontSet();
    ~FontSet();
    FontSet(const FontSet&) = delete;
    FontSet& operator=(const FontSet&) = delete;

    // Adds the text and the icon font to ImGui's atlas for its own plain widgets; call once per
    // atlas. Also takes ImGui's built-in typeface as the last resort when there is no text font.
    void add_to(ImFontAtlas& atlas);

    // The face that draws the code point; never fails once add_to() ran (see above about missing
    // ones).
    [[nodiscard]] FaceId face_for(char32_t code_point, Weight weight,
                                  HanStyle han = HanStyle::locale);
    [[nodiscard]] FaceId text_face(Weight weight) const;
    [[nodiscard]] FaceId emoji_face() const { return emoji_; }  // no_face when there is none
    [[nodiscard]] FaceId icon_face() const { return icons_; }

    [[nodiscard]] FontFace& face(FaceId id) { return *faces_[id]; }
    [[nodiscard]] std::size_t face_count() const { return faces_.size(); }

private:
    struct Match;
    [[nodiscard]] FaceId load(const Match& match);
    [[nodiscard]] FaceId load_first(std::initializer_list<const char*> families, Weight weight);
    [[nodiscard]] FaceId search(char32_t code_point, Weight weight, HanStyle han);
    [[nodiscard]] bool any_font_has(char32_t code_point) const;
    void add_text_font(ImFontAtlas& atlas);
    void add_icon_font(ImFontAtlas& atlas);

    struct ConfigDeleter {
        void operator()(_FcConfig* config) const;
    };
    std::unique_ptr<_FcConfig, ConfigDeleter> config_;
    FreeTypeLibrary library_;
    std::vector<std::unique_ptr<FontFace>> faces_;
    std::unordered_map<std::string, FaceId> by_file_;
    std::unordered_map<std::uint64_t, FaceId> by_code_point_;
    // Faces found so far, by script, weight and CJK style; asked before fontconfig is.
    std::unordered_map<std::uint64_t, std::vector<FaceId>> found_;
    FaceId text_[2] = {no_face, no_face};
    FaceId emoji_ = no_face;
    FaceId icons_ = no_face;
};

}  // namespace sotto::ui
