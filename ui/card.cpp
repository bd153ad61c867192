#include "ui/card.hpp"

#include <imgui.h>

#include <algorithm>

#include "ui/logo.hpp"

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

void draw_logo_row(Kit& kit, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = kit.px(64.0F);
    draw_logo(*ImGui::GetWindowDrawList(), {at.x + width / 2.0F, at.y + side / 2.0F}, side);
    ImGui::Dummy({width, side + kit.px(10.0F)});
}

}  // namespace sotto::ui
