#include "ui/menu.hpp"

#include <imgui.h>

#include <algorithm>

#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr float row_height = 38.0F;
constexpr float text_left = 42.0F;  // behind the icon
constexpr float side = 14.0F;
constexpr float keys_gap = 28.0F;

}  // namespace

Menu::Menu(const Kit& kit, const char* id) {
    const float pad = kit.px(8.0F);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{pad, pad});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0.0F, kit.px(2.0F)});
    open_ = ImGui::BeginPopup(id);
}

Menu::~Menu() {
    if (open_) {
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar(2);
}

float menu_width(Kit& kit, std::span<const MenuItem> items) {
    float width = 0.0F;
    for (const MenuItem& item : items) {
        float needed = kit.px(text_left + side) + kit.text.measure(item.label, kit.theme.body()).x;
        if (!item.keys.empty()) {
            needed += kit.px(keys_gap) + kit.text.measure(item.keys, kit.theme.meta()).x;
        }
        width = std::max(width, needed);
    }
    return width;
}

int menu_items(Kit& kit, std::span<const MenuItem> items, float width) {
    int chosen = -1;
    int index = 0;
    const Palette& c = kit.c();
    for (const MenuItem& item : items) {
        const RowState state = row(kit, item.id, item.label, {width, kit.px(row_height)}, false);
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const float middle = (state.min.y + state.max.y) / 2.0F;
        const ImU32 ink = item.danger ? c.danger : c.text;
        kit.text.draw_icon(list, {state.min.x + kit.px(22.0F), middle}, item.icon.glyph,
                           kit.px(20.0F), item.danger ? c.danger : c.text_soft, item.icon.fallback);
        kit.text.draw(list, {state.min.x + kit.px(text_left), middle - kit.px(10.0F)}, item.label,
                      kit.theme.body(), ink);
        if (!item.keys.empty()) {
            const float keys = kit.text.measure(item.keys, kit.theme.meta()).x;
            kit.text.draw(list, {state.max.x - kit.px(side) - keys, middle - kit.px(8.0F)},
                          item.keys, kit.theme.meta(), c.text_faint);
        }
        if (state.clicked) {
            chosen = index;
            ImGui::CloseCurrentPopup();
        }
        ++index;
    }
    return chosen;
}

}  // namespace sotto::ui
