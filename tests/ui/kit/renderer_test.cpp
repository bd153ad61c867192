#include "ui/soft_renderer.hpp"
#include "ui/window.hpp"

#include <gtest/gtest.h>
#include <imgui.h>

#include <random>
#include <vector>

namespace {

using namespace sotto::ui;

// An ImGui context without any window: draws a scene into an array.
class RendererTest : public ::testing::Test {
protected:
    static constexpr int width = 300;
    static constexpr int height = 200;

    RendererTest() : context_(ImGui::CreateContext()) {
        ImGui::SetCurrentContext(context_);
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.DisplaySize = {width, height};
        io.DeltaTime = 1.0F / 60.0F;
        io.BackendFlags |=
            ImGuiBackendFlags_RendererHasTextures | ImGuiBackendFlags_RendererHasVtxOffset;
        io.Fonts->AddFontDefault();
        ImGui::GetStyle().AntiAliasedLinesUseTex = false;
    }
    ~RendererTest() override {
        SoftRenderer::release_textures();
        ImGui::DestroyContext(context_);
    }

    template <class Draw>
    ImDrawData& build(Draw draw) {
        ImGui::NewFrame();
        draw(*ImGui::GetBackgroundDrawList());
        ImGui::Render();
        return *ImGui::GetDrawData();
    }

    struct Picture {
        std::vector<std::uint32_t> pixels = std::vector<std::uint32_t>(width * height, 0xABCDEF);
        [[nodiscard]] Canvas canvas() { return {pixels.data(), width, height, width}; }
        [[nodiscard]] std::uint32_t at(int x, int y) const {
            return pixels[static_cast<std::size_t>(y * width + x)];
        }
    };

    ImGuiContext* context_;
};

struct Shape {
    int kind;
    float x, y, w, h;
    ImU32 colour;
};

[[nodiscard]] Shape random_shape(std::mt19937& random) {
    const auto real = [&](int n) {
        return static_cast<float>(random() % static_cast<unsigned>(n * 8)) / 8.0F;
    };
    return {static_cast<int>(random() % 8),
            real(300) - 20,
            real(200) - 20,
            real(90) + 1,
            real(60) + 1,
            static_cast<ImU32>(random()) | (random() % 3 == 0 ? 0xFF000000U : 0U)};
}

void draw_shape(ImDrawList& list, const Shape& s) {
    const ImVec2 a(s.x, s.y);
    const ImVec2 b(s.x + s.w, s.y + s.h);
    switch (s.kind) {
        case 0:
            list.AddRectFilled(a, b, s.colour);
            break;
        case 1:
            list.AddRectFilled(a, b, s.colour, 9.0F);
            break;
        case 2:
            list.AddCircleFilled(a, s.h / 2, s.colour);
            break;
        case 3:
            list.AddLine(a, b, s.colour, 1.7F);
            break;
        case 4:
            list.AddText({std::floor(a.x), std::floor(a.y)}, s.colour, "Text 123");
            break;
        case 5:
            list.AddTriangleFilled(a, b, {a.x, b.y + 20}, s.colour);
            break;
        case 6:
            list.AddRect(a, b, s.colour, 6.0F, 0, 2.0F);
            break;
        default:
            list.AddRectFilledMultiColor(a, b, s.colour, ~s.colour, s.colour ^ 0xFF00, 0xFFFFFFFF);
    }
}

TEST_F(RendererTest, PartialRedrawEqualsFullRedraw) {
    std::mt19937 random(17);  // NOLINT: the same scenes in every run
    std::vector<Shape> shapes(40);
    for (Shape& s : shapes) {
        s = random_shape(random);
    }
    SoftRenderer partial;
    Picture kept;
    std::uint64_t redrawn = 0;
    for (int round = 0; round < 60; ++round) {
        for (std::size_t n = random() % 3; n > 0; --n) {
            shapes[random() % shapes.size()] = random_shape(random);
        }
        const ImVec2 clip(static_cast<float>(random() % 200), static_cast<float>(random() % 100));
        ImDrawData& data = build([&](ImDrawList& list) {
            for (std::size_t i = 0; i < shapes.size(); ++i) {
                if (i == 10) {
                    list.PushClipRect(clip, {clip.x + 120, clip.y + 90});
                }
                draw_shape(list, shapes[i]);
                if (i == 20) {
                    list.PopClipRect();
                }
            }
        });
        partial.render(data, kept.canvas(), 0x101010);
        redrawn += partial.stats().pixels_redrawn;
        SoftRenderer full;
        Picture fresh;
        full.render(data, fresh.canvas(), 0x101010);
        ASSERT_EQ(kept.pixels, fresh.pixels) << "round " << round;
    }
    EXPECT_LT(redrawn, 60ULL * width * height * 9 / 10);
}

TEST_F(RendererTest, AnEqualFrameChangesNothing) {
    SoftRenderer renderer;
    Picture picture;
    const auto draw = [](ImDrawList& list) {
        list.AddRectFilled({10, 10}, {90, 60}, 0xFF2040FF, 8.0F);
        list.AddText({20, 20}, 0xFFFFFFFF, "hello");
    };
    for (int i = 0; i < 3; ++i) {
        renderer.render(build(draw), picture.canvas(), 0);
    }
    EXPECT_TRUE(renderer.render(build(draw), picture.canvas(), 0).empty());
    EXPECT_EQ(renderer.stats().pixels_redrawn, 0U);
    renderer.forget();
    EXPECT_FALSE(renderer.render(build(draw), picture.canvas(), 0).empty());
}

TEST_F(RendererTest, ASmallChangeIsASmallRedraw) {
    SoftRenderer renderer;
    Picture picture;
    float x = 200;
    const auto draw = [&](ImDrawList& list) {
        list.AddRectFilled({0, 0}, {300, 200}, 0xFF303030);
        list.AddRectFilled({x, 150}, {x + 2, 170}, 0xFFFFFFFF);
    };
    renderer.render(build(draw), picture.canvas(), 0);
    renderer.render(build(draw), picture.canvas(), 0);
    x += 1;
    const auto changed = renderer.render(build(draw), picture.canvas(), 0);
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_LE(changed[0].width() * changed[0].height(), 64 * 64);
}

TEST_F(RendererTest, HiddenShapesDoNotCauseRedraws) {
    SoftRenderer renderer;
    Picture picture;
    float x = 20;
    const auto draw = [&](ImDrawList& list) {
        list.AddCircleFilled({x, 50}, 12, 0xFF00FF00);
        list.AddRectFilled({0, 0}, {300, 200}, 0xFF303030);
    };
    renderer.render(build(draw), picture.canvas(), 0);
    renderer.render(build(draw), picture.canvas(), 0);
    x += 5;
    EXPECT_TRUE(renderer.render(build(draw), picture.canvas(), 0).empty());
}

TEST_F(RendererTest, PlainFillsAndBlendingAreExact) {
    SoftRenderer renderer;
    Picture picture;
    renderer.render(build([](ImDrawList& list) {
                        list.AddRectFilled({0, 0}, {100, 100}, IM_COL32(200, 100, 50, 255));
                        list.AddRectFilled({50, 0}, {100, 100}, IM_COL32(0, 0, 255, 128));
                    }),
                    picture.canvas(), 0x010203);
    EXPECT_EQ(picture.at(0, 0), 0xC86432U);
    EXPECT_EQ(picture.at(49, 99), 0xC86432U);
    EXPECT_EQ(picture.at(60, 60), 0x643299U);  // half way, rounded
    EXPECT_EQ(picture.at(100, 50), 0x010203U);
    EXPECT_EQ(picture.at(299, 199), 0x010203U);
}

TEST_F(RendererTest, NeighbouringTrianglesNeitherOverlapNorLeaveGaps) {
    std::mt19937 random(29);  // NOLINT
    for (int round = 0; round < 50; ++round) {
        std::vector<ImVec2> ring;
        const ImVec2 centre(100 + static_cast<float>(random() % 64) / 8.0F,
                            100 + static_cast<float>(random() % 64) / 8.0F);
        constexpr int corners = 9;
        for (int i = 0; i < corners; ++i) {
            const float angle = 6.2832F * static_cast<float>(i) / corners;
            const float r = 40.0F + static_cast<float>(random() % 320) / 8.0F;
            ring.push_back({centre.x + r * std::cos(angle), centre.y + r * std::sin(angle)});
        }
        SoftRenderer renderer;
        Picture picture;
        renderer.render(build([&](ImDrawList& list) {
                            list.Flags &= ~ImDrawListFlags_AntiAliasedFill;
                            for (int i = 0; i < corners; ++i) {
                                list.AddTriangleFilled(
                                    centre, ring[static_cast<std::size_t>(i)],
                                    ring[static_cast<std::size_t>((i + 1) % corners)],
                                    IM_COL32(255, 255, 255, 128));
                            }
                        }),
                        picture.canvas(), 0);
        // Half-transparent white over black, once: any other value is a gap or an overlap.
        for (const std::uint32_t pixel : picture.pixels) {
            ASSERT_TRUE(pixel == 0U || pixel == 0x808080U) << std::hex << pixel;
        }
        ASSERT_EQ(picture.at(static_cast<int>(centre.x), static_cast<int>(centre.y)), 0x808080U);
    }
}

TEST_F(RendererTest, CoordinatesFarOutsideAreHarmless) {
    SoftRenderer renderer;
    Picture picture;
    renderer.render(build([](ImDrawList& list) {
                        list.PushClipRectFullScreen();
                        list.AddRectFilled({-1e8F, -1e8F}, {1e8F, 1e8F}, 0x80FFFFFF);
                        list.AddTriangleFilled({-1e7F, 5}, {1e7F, 9}, {50, 1e7F}, 0xFFFFFFFF);
                        list.AddLine({-3e5F, -3e5F}, {3e5F, 3e5F}, 0xFF0000FF, 3.0F);
                        list.AddCircleFilled({-5000, 100}, 5100, 0xFF00FF00);
                    }),
                    picture.canvas(), 0);
    EXPECT_EQ(picture.at(50, 100), 0x00FF00U);
}

TEST_F(RendererTest, ReusedTexelsAreDrawnAgain) {
    SoftRenderer renderer;
    Picture picture;
    ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    ImFontAtlasRectId id = ImFontAtlasRectId_Invalid;
    const auto draw = [&](ImDrawList& list) {
        ImFontAtlasRect r;
        if (id == ImFontAtlasRectId_Invalid) {
            id = atlas.AddCustomRect(8, 8, &r);
        }
        atlas.GetCustomRect(id, &r);
        list.AddImage(atlas.TexRef, {20, 20}, {28, 28}, r.uv0, r.uv1);
    };
    const auto paint = [&](ImU32 colour) {
        ImFontAtlasRect r;
        atlas.GetCustomRect(id, &r);
        for (int y = 0; y < 8; ++y) {
            auto* row = static_cast<ImU32*>(atlas.TexData->GetPixelsAt(r.x, r.y + y));
            std::fill_n(row, 8, colour);
        }
        atlas.TexData->UpdateRect = {r.x, r.y, 8, 8};
        atlas.TexData->Updates.push_back({r.x, r.y, 8, 8});
        atlas.TexData->SetStatus(ImTextureStatus_WantUpdates);
    };
    renderer.render(build(draw), picture.canvas(), 0);
    paint(IM_COL32(255, 0, 0, 255));
    renderer.render(build(draw), picture.canvas(), 0);
    EXPECT_EQ(picture.at(24, 24), 0xFF0000U);
    renderer.render(build(draw), picture.canvas(), 0);
    ImDrawData& data = build(draw);
    paint(IM_COL32(0, 0, 255, 255));
    renderer.render(data, picture.canvas(), 0);
    EXPECT_EQ(picture.at(24, 24), 0x0000FFU);
}

TEST_F(RendererTest, ANewCanvasIsDrawnWhole) {
    SoftRenderer renderer;
    Picture first;
    const auto draw = [](ImDrawList& list) { list.AddRectFilled({0, 0}, {9, 9}, 0xFFFFFFFF); };
    renderer.render(build(draw), first.canvas(), 0x112233);
    Picture second;
    renderer.render(build(draw), second.canvas(), 0x112233);
    EXPECT_EQ(second.at(200, 150), 0x112233U);
    EXPECT_TRUE(renderer.render(build(draw), Canvas{}, 0).empty());
}

}  // namespace
