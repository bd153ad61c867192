#include "ui/utf8.hpp"
#include "ui/window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

using namespace sotto::ui;

[[nodiscard]] std::size_t texture_bytes() {
    std::size_t bytes = 0;
    for (const ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        bytes +=
            texture->Pixels != nullptr ? static_cast<std::size_t>(texture->GetSizeInBytes()) : 0;
    }
    return bytes;
}

// Whoever scrolls through very many different characters must not fill the memory with them, and
// what is on the screen must stay right while the atlas grows, moves and is emptied.
TEST(GlyphAtlas, StaysWithinItsBudget) {
    const auto window = Window::open({.width = 800, .height = 400, .fixed_time = true}).window;
    ASSERT_NE(window, nullptr);
    FontSet& fonts = window->kit().fonts;
    char32_t next = 0x4E00;
    if (fonts.face_for(next, Weight::regular) == fonts.text_face(Weight::regular)) {
        GTEST_SKIP() << "needs a font with many characters: fonts-noto-cjk";
    }
    const TextStyle huge{96.0F, Weight::regular};
    const auto draw = [&](Kit& kit) {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        kit.text.draw(list, {10, 10}, "always here", {20.0F, Weight::regular}, 0xFF000000);
        std::string text;
        for (int i = 0; i < 60; ++i) {
            append_utf8(text, next++);
        }
        kit.text.draw(list, {10, 100}, text, huge, 0xFF000000);
    };
    std::size_t most_glyphs = 0;
    std::size_t most_bytes = 0;
    bool emptied = false;
    for (int i = 0; i < 40; ++i) {
        window->frame(draw);
        const std::size_t glyphs = window->kit().glyphs.size();
        emptied = emptied || glyphs < most_glyphs;
        most_glyphs = std::max(most_glyphs, glyphs);
        most_bytes = std::max(most_bytes, texture_bytes());
    }
    EXPECT_TRUE(emptied);
    // While growing there are two textures for a moment.
    EXPECT_LE(most_bytes, 5 * GlyphAtlas::bytes_max);
    for (int i = 0; i < 5; ++i) {
        window->frame([](Kit&) {});
    }
    EXPECT_LE(texture_bytes(), 2 * GlyphAtlas::bytes_max);

    const auto still = [](Kit& kit) {
        kit.text.draw(*ImGui::GetWindowDrawList(), {10, 10}, "always here 😀",
                      {20.0F, Weight::regular}, 0xFF000000);
    };
    window->frame(still);
    const auto grown = window->picture();
    const auto fresh = Window::open({.width = 800, .height = 400, .fixed_time = true}).window;
    fresh->frame(still);
    EXPECT_EQ(fresh->picture().pixels, grown.pixels);
}

}  // namespace
