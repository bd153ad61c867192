#include "ui/fonts.hpp"

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include <hb.h>
#include <imgui.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace sotto::ui {

namespace {

struct PatternDeleter {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
using Pattern = std::unique_ptr<FcPattern, PatternDeleter>;

struct CharSetDeleter {
    void operator()(FcCharSet* set) const { FcCharSetDestroy(set); }
};

[[nodiscard]] const FcChar8* fc(const char* text) {
    return reinterpret_cast<const FcChar8*>(text);
}

[[nodiscard]] std::string string_of(const FcPattern* pattern, const char* key) {
    FcChar8* value = nullptr;
    if (FcPatternGetString(pattern, key, 0, &value) != FcResultMatch) {
        return {};
    }
    return reinterpret_cast<const char*>(value);
}

struct ScriptFamily {
    hb_script_t script;
    const char* family;
};

// Fonts that go well with Inter; without them fontconfig chooses by coverage.
constexpr std::array<ScriptFamily, 26> script_families{{
    {HB_SCRIPT_ARABIC, "Noto Sans Arabic"},
    {HB_SCRIPT_HEBREW, "Noto Sans Hebrew"},
    {HB_SCRIPT_DEVANAGARI, "Noto Sans Devanagari"},
    {HB_SCRIPT_THAI, "Noto Sans Thai"},
    {HB_SCRIPT_BENGALI, "Noto Sans Bengali"},
    {HB_SCRIPT_TAMIL, "Noto Sans Tamil"},
    {HB_SCRIPT_TELUGU, "Noto Sans Telugu"},
    {HB_SCRIPT_GUJARATI, "Noto Sans Gujarati"},
    {HB_SCRIPT_GURMUKHI, "Noto Sans Gurmukhi"},
    {HB_SCRIPT_KANNADA, "Noto Sans Kannada"},
    {HB_SCRIPT_MALAYALAM, "Noto Sans Malayalam"},
    {HB_SCRIPT_SINHALA, "Noto Sans Sinhala"},
    {HB_SCRIPT_LAO, "Noto Sans Lao"},
    {HB_SCRIPT_KHMER, "Noto Sans Khmer"},
    {HB_SCRIPT_MYANMAR, "Noto Sans Myanmar"},
    {HB_SCRIPT_GEORGIAN, "Noto Sans Georgian"},
    {HB_SCRIPT_ARMENIAN, "Noto Sans Armenian"},
    {HB_SCRIPT_ETHIOPIC, "Noto Sans Ethiopic"},
    {HB_SCRIPT_TIBETAN, "Noto Serif Tibetan"},
    {HB_SCRIPT_SYRIAC, "Noto Sans Syriac"},
    {HB_SCRIPT_THAANA, "Noto Sans Thaana"},
    {HB_SCRIPT_ORIYA, "Noto Sans Oriya"},
    {HB_SCRIPT_CHEROKEE, "Noto Sans Cherokee"},
    {HB_SCRIPT_NKO, "Noto Sans NKo"},
    {HB_SCRIPT_MONGOLIAN, "Noto Sans Mongolian"},
    {HB_SCRIPT_TIFINAGH, "Noto Sans Tifinagh"},
}};

[[nodiscard]] bool is_cjk(hb_script_t script) {
    return script == HB_SCRIPT_HAN || script == HB_SCRIPT_HIRAGANA ||
           script == HB_SCRIPT_KATAKANA || script == HB_SCRIPT_HANGUL ||
           script == HB_SCRIPT_BOPOMOFO;
}

struct CjkChoice {
    const char* family;
    const char* language;
};

[[nodiscard]] CjkChoice cjk_of_locale() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value == nullptr || *value == '\0') {
            continue;
        }
        const std::string_view locale(value);
        if (locale.starts_with("ja")) {
            return {"Noto Sans CJK JP", "ja"};
        }
        if (locale.starts_with("ko")) {
            return {"Noto Sans CJK KR", "ko"};
        }
        if (locale.starts_with("zh_TW")) {
            return {"Noto Sans CJK TC", "zh-tw"};
        }
        if (locale.starts_with("zh_HK")) {
            return {"Noto Sans CJK HK", "zh-hk"};
        }
        break;
    }
    return {"Noto Sans CJK SC", "zh-cn"};
}

[[nodiscard]] CjkChoice cjk_choice(hb_script_t script, HanStyle han) {
    if (han == HanStyle::japanese || script == HB_SCRIPT_HIRAGANA || script == HB_SCRIPT_KATAKANA) {
        return {"Noto Sans CJK JP", "ja"};
    }
    if (han == HanStyle::korean || script == HB_SCRIPT_HANGUL) {
        return {"Noto Sans CJK KR", "ko"};
    }
    return cjk_of_locale();
}

[[nodiscard]] int fc_weight(Weight weight) {
    return weight == Weight::strong ? FC_WEIGHT_DEMIBOLD : FC_WEIGHT_REGULAR;
}

[[nodiscard]] std::uint64_t variant(Weight weight, HanStyle han) {
    return (static_cast<std::uint64_t>(weight) << 4U) | static_cast<std::uint64_t>(han);
}

[[nodiscard]] Pattern text_pattern(const char* family, Weight weight) {
    Pattern pattern(FcPatternCreate());
    FcPatternAddString(pattern.get(), FC_FAMILY, fc(family));
    FcPatternAddInteger(pattern.get(), FC_WEIGHT, fc_weight(weight));
    FcPatternAddInteger(pattern.get(), FC_SLANT, FC_SLANT_ROMAN);
    FcPatternAddBool(pattern.get(), FC_SCALABLE, FcTrue);
    // A variable font opened plainly shows its default weight only.
    FcPatternAddBool(pattern.get(), FC_VARIABLE, FcFalse);
    FcPatternAddBool(pattern.get(), FC_COLOR, FcFalse);
    return pattern;
}

[[nodiscard]] Pattern best_match(FcConfig* config, Pattern wish) {
    FcConfigSubstitute(config, wish.get(), FcMatchPattern);
    FcDefaultSubstitute(wish.get());
    FcResult result = FcResultNoMatch;
    return Pattern(FcFontMatch(config, wish.get(), &result));
}

[[nodiscard]] bool has_family(const FcPattern* pattern, std::string_view family) {
    FcChar8* value = nullptr;
    for (int i = 0; FcPatternGetString(pattern, FC_FAMILY, i, &value) == FcResultMatch; ++i) {
        if (family == reinterpret_cast<const char*>(value)) {
            return true;
        }
    }
    return false;
}

}  // namespace

struct FontSet::Match {
    std::string file;
    int index = 0;

    [[nodiscard]] static std::optional<Match> of(const FcPattern* pattern) {
        Match match{string_of(pattern, FC_FILE), 0};
        FcPatternGetInteger(pattern, FC_INDEX, 0, &match.index);
        match.index &= 0xFFFF;  // the upper half names an instance of a variable font
        if (match.file.empty()) {
            return std::nullopt;
        }
        return match;
    }
};

void FontSet::ConfigDeleter::operator()(_FcConfig* config) const {
    FcConfigDestroy(config);
}

FontSet::FontSet() : config_(FcInitLoadConfigAndFonts()) {
    FT_Library library = nullptr;
    if (FT_Init_FreeType(&library) == 0) {
        library_.reset(library);
    }
    if (config_ == nullptr) {
        return;
    }
    for (const Weight weight : {Weight::regular, Weight::strong}) {
        text_[static_cast<int>(weight)] = load_first(
            {"Inter", "Noto Sans", "Cantarell", "DejaVu Sans", "Liberation Sans"}, weight);
    }
    Pattern emoji(FcPatternCreate());
    FcPatternAddString(emoji.get(), FC_FAMILY, fc("Noto Color Emoji"));
    FcPatternAddBool(emoji.get(), FC_COLOR, FcTrue);
    const Pattern emoji_match = best_match(config_.get(), std::move(emoji));
    FcBool coloured = FcFalse;
    if (emoji_match != nullptr &&
        FcPatternGetBool(emoji_match.get(), FC_COLOR, 0, &coloured) == FcResultMatch && coloured) {
        emoji_ = load(Match::of(emoji_match.get()).value_or(Match{}));
    }
    const Pattern icons =
        best_match(config_.get(), text_pattern("Material Icons", Weight::regular));
    if (icons != nullptr && has_family(icons.get(), "Material Icons")) {
        icons_ = load(Match::of(icons.get()).value_or(Match{}));
    }
}

FontSet::~FontSet() = default;

FaceId FontSet::load(const Match& match) {
    const std::string key = match.file + '#' + std::to_string(match.index);
    if (const auto known = by_file_.find(key); known != by_file_.end()) {
        return known->second;
    }
    FaceId id = no_face;
    auto file = MappedFile::open(match.file);
    if (file && library_ != nullptr && faces_.size() < no_face) {
        if (auto face = FontFace::open(library_.get(), std::move(*file), match.index)) {
            id = static_cast<FaceId>(faces_.size());
            faces_.push_back(std::move(face));
        }
    }
    by_file_.emplace(key, id);
    return id;
}

FaceId FontSet::load_first(std::initializer_list<const char*> families, Weight weight) {
    for (const char* family : families) {
        const Pattern match = best_match(config_.get(), text_pattern(family, weight));
        if (match != nullptr && has_family(match.get(), family)) {
            const FaceId id = load(Match::of(match.get()).value_or(Match{}));
            if (id != no_face && face(id).has('a')) {
                return id;
            }
        }
    }
    const Pattern any = best_match(config_.get(), text_pattern("sans-serif", weight));
    const FaceId id = any != nullptr ? load(Match::of(any.get()).value_or(Match{})) : no_face;
    return id != no_face && face(id).has('a') ? id : no_face;
}

bool FontSet::any_font_has(char32_t code_point) const {
    for (const FcSetName set : {FcSetSystem, FcSetApplication}) {
        const FcFontSet* fonts = FcConfigGetFonts(config_.get(), set);
        for (int i = 0; fonts != nullptr && i < fonts->nfont; ++i) {
            FcCharSet* covered = nullptr;
            if (FcPatternGetCharSet(fonts->fonts[i], FC_CHARSET, 0, &covered) == FcResultMatch &&
                FcCharSetHasChar(covered, code_point)) {
                return true;
            }
        }
    }
    return false;
}

FaceId FontSet::search(char32_t code_point, Weight weight, HanStyle han) {
    const hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), code_point);
    auto& found = found_[(std::uint64_t{script} << 8U) | variant(weight, han)];
    for (const FaceId id : found) {
        if (face(id).has(code_point)) {
            return id;
        }
    }
    // Looking through the coverage tables costs microseconds, a full match milliseconds: a text of
    // thousands of different characters that no font has must not stop the window.
    if (config_ == nullptr || !any_font_has(code_point)) {
        return text_face(weight);
    }
    const auto* named = std::ranges::find(script_families, script, &ScriptFamily::script);
    const char* family = named != script_families.end() ? named->family : "Noto Sans";
    const char* language = nullptr;
    if (is_cjk(script) || (code_point >= 0x3000 && code_point <= 0x33FF) ||
        (code_point >= 0xFF00 && code_point <= 0xFFEF)) {
        const CjkChoice choice = cjk_choice(script, han);
        family = choice.family;
        language = choice.language;
    }
    Pattern wish = text_pattern(family, weight);
    const std::unique_ptr<FcCharSet, CharSetDeleter> set(FcCharSetCreate());
    FcCharSetAddChar(set.get(), code_point);
    FcPatternAddCharSet(wish.get(), FC_CHARSET, set.get());
    if (language != nullptr) {
        FcPatternAddString(wish.get(), FC_LANG, fc(language));
    }
    const Pattern match = best_match(config_.get(), std::move(wish));
    const FaceId id = match != nullptr ? load(Match::of(match.get()).value_or(Match{})) : no_face;
    if (id == no_face || !face(id).has(code_point)) {
        return text_face(weight);
    }
    found.push_back(id);
    return id;
}

FaceId FontSet::face_for(char32_t code_point, Weight weight, HanStyle han) {
    const FaceId usual = text_face(weight);
    if (code_point < 0x80 || (usual != no_face && face(usual).has(code_point))) {
        return usual;
    }
    const std::uint64_t key = (std::uint64_t{code_point} << 8U) | variant(weight, han);
    if (const auto known = by_code_point_.find(key); known != by_code_point_.end()) {
        return known->second;
    }
    const FaceId id = search(code_point, weight, han);
    by_code_point_.emplace(key, id);
    return id;
}

FaceId FontSet::text_face(Weight weight) const {
    const FaceId id = text_[static_cast<int>(weight)];
    return id != no_face ? id : text_[0];
}

void FontSet::add_text_font(ImFontAtlas& atlas) {
    const FaceId id = text_face(Weight::regular);
    if (id == no_face) {
        // The typeface inside ImGui: ASCII only, but letters.
        atlas.AddFontDefault();
        const ImFontConfig& source = atlas.Sources[atlas.Sources.Size - 1];
        const std::span bytes(static_cast<const std::byte*>(source.FontData),
                              static_cast<std::size_t>(source.FontDataSize));
        if (auto built_in = FontFace::open(library_.get(), bytes, 0)) {
            text_[0] = static_cast<FaceId>(faces_.size());
            text_[1] = text_[0];
            faces_.push_back(std::move(built_in));
        }
        return;
    }
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.FontNo = static_cast<ImU32>(face(id).index());
    const auto bytes = face(id).bytes();
    atlas.AddFontFromMemoryTTF(const_cast<std::byte*>(bytes.data()), static_cast<int>(bytes.size()),
                               15.0F, &config);
}

void FontSet::add_icon_font(ImFontAtlas& atlas) {
    if (icons_ == no_face) {
        return;
    }
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = true;
    config.GlyphOffset.y = 3.0F;
    const auto bytes = face(icons_).bytes();
    atlas.AddFontFromMemoryTTF(const_cast<std::byte*>(bytes.data()), static_cast<int>(bytes.size()),
                               15.0F, &config);
}

void FontSet::add_to(ImFontAtlas& atlas) {
    add_text_font(atlas);
    add_icon_font(atlas);
}

}  // namespace sotto::ui
