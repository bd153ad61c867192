#include "ui/card.hpp"

#include <imgui.h>

#include <algorithm>

namespace sotto::ui {
namespace {

constexpr float edge = 24.0F;  // between the column and the window's sides

}  // namespace

Area whole_window() {
    const ImGuiViewport& view = *ImGui::GetMainViewport();
    return {view.Pos, view.Size};
}

Card::Card(Kit& kit, const char* id, float width, const Area& area, ImU32 background) : kit_(kit) {
    width_ = std::min(kit.px(width), area.size.x - 2.0F * kit.px(edge));
    ImGui::SetCursorScreenPos(area.min);
    ImGui::PushStyleColor(ImGuiCol_ChildBg, background);
    ImGui::BeginChild(id, area.size);
    ImGui::PopStyleColor();
    // One frame late on the first frame only; heights change by a hint line at most.
    height_key_ = ImGui::GetID("height");
    const float height = ImGui::GetStateStorage()->GetFloat(height_key_, area.size.y);
    const float above = std::max(kit.px(edge), (area.size.y - height) * 0.45F);
    ImGui::SetCursorPos({(area.size.x - width_) / 2.0F, above});
    ImGui::BeginGroup();
    top_ = ImGui::GetCursorPosY();
}

Card::~Card() {
    const float height = ImGui::GetCursorPosY() - top_;
    ImGui::GetStateStorage()->SetFloat(height_key_, height);
    ImGui::EndGroup();
    ImGui::Dummy({1.0F, kit_.px(edge)});  // the last line does not stick to the window's edge
    ImGui::EndChild();
}

void draw_mark(ImDrawList& list, ImVec2 centre, float side, MarkColours colours) {
    const auto at = [&](float x, float y) {
        return ImVec2{centre.x + x * side, centre.y + y * side};
    };
    const float stroke = 0.075F;
    const float corner = stroke * side / 2.0F;
    list.AddRectFilled(at(-0.5F, -0.5F), at(0.5F, 0.5F), colours.square, side * 0.26F);
    list.AddRectFilled(at(-0.30F, -0.26F), at(0.30F, 0.17F), colours.bubble, side * 0.13F);
    list.AddTriangleFilled(at(-0.22F, 0.10F), at(-0.02F, 0.14F), at(-0.22F, 0.32F), colours.bubble);
    list.AddRectFilled(at(-0.18F, -0.13F), at(0.18F, -0.13F + stroke), colours.square, corner);
    list.AddRectFilled(at(-0.18F, 0.0F), at(0.04F, stroke), colours.square, corner);
}

void draw_logo(Kit& kit, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = kit.px(64.0F);
    draw_mark(*ImGui::GetWindowDrawList(), {at.x + width / 2.0F, at.y + side / 2.0F}, side,
              {kit.c().accent, kit.c().on_accent});
    ImGui::Dummy({width, side + kit.px(10.0F)});
}

}  // namespace sotto::ui
