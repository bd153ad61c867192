#include "ui/root_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <utility>

#include "ui/conversation_view.hpp"
#include "ui/dialogs_view.hpp"
#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/semantics.hpp"
#include "ui/unlock_view.hpp"
#include "ui/welcome_view.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

// Long enough to read two lines; bad news stays longer.
constexpr double toast_time_s = 3.5;
constexpr double bad_toast_time_s = 7.0;

bool registering(const ViewModel& model, const UiState& ui) {
    return model.vault == peer::VaultState::absent || ui.register_form.running ||
           !ui.register_form.error.empty() ||
           (model.vault == peer::VaultState::open && model.self && !model.self->registered);
}

void draw_toast(Kit& kit, UiState& ui) {
    const double now_s = ImGui::GetTime();
    while (!ui.toasts.empty() && ui.toasts.front().until_s != 0.0 &&
           ui.toasts.front().until_s <= now_s) {
        ui.toasts.pop_front();
    }
    if (ui.toasts.empty()) {
        return;
    }
    Toast& toast = ui.toasts.front();
    if (toast.until_s == 0.0) {
        toast.until_s = now_s + (toast.bad ? bad_toast_time_s : toast_time_s);
    }
    kit.redraw.wake_in(static_cast<float>(toast.until_s - now_s) + 0.01F);
    const ImGuiViewport& view = *ImGui::GetMainViewport();
    const float pad = kit.px(14.0F);
    const float room = std::min(kit.px(460.0F), view.Size.x - kit.px(48.0F)) - 2.0F * pad;
    const TextStyle style = kit.theme.preview();
    const TextLayout& layout = kit.text.layout(toast.text, style, {.width = room});
    const ImVec2 size{layout.width() + 2.0F * pad, layout.height() + 1.5F * pad};
    const ImVec2 min{view.Pos.x + (view.Size.x - size.x) / 2.0F,
                     view.Pos.y + kit.px(76.0F)};  // below the header
    const ImVec2 max{min.x + size.x, min.y + size.y};
    ImDrawList& list = *ImGui::GetForegroundDrawList();
    const Palette& c = kit.c();
    draw_soft_shadow(kit, list, min, max, kit.px(12.0F));
    list.AddRectFilled(min, max, c.tooltip, kit.px(12.0F));
    if (toast.bad) {
        list.AddRectFilled({min.x, min.y + pad * 0.75F},
                           {min.x + kit.px(4.0F), max.y - pad * 0.75F}, c.danger, kit.px(2.0F));
    }
    kit.text.draw(list, {min.x + pad, min.y + 0.75F * pad}, layout, {.colour = c.on_tooltip});
    describe({.role = toast.bad ? "alert" : "toast", .label = toast.text, .min = min, .max = max});
}

void escape(const ViewModel&, UiState& ui) {
    if (ui.selected && ui.thread(*ui.selected).selection.row != 0) {
        ui.thread(*ui.selected).selection = {};
    } else if (ui.selected) {
        leave_conversation(ui);
    }
}

}  // namespace

void RootView::take_shortcuts(const ViewModel& model, UiState& ui) {
    if (ImGui::GetIO().KeyCtrl && ImGui::IsKeyPressed(ImGuiKey_L, false)) {
        lock(ui);  // whatever else is open
    }
    const bool popup = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup);
    if (std::exchange(popup_was_open_, popup) || popup || ui.dialog != Dialog::none) {
        return;
    }
    const ImGuiIO& io = ImGui::GetIO();
    if (ImGui::IsKeyPressed(ImGuiKey_F1, false)) {
        ui.dialog = Dialog::keys;
        return;
    }
    if (!io.KeyCtrl || io.KeyAlt) {
        const bool searching = ui.search_focused;
        if (!searching && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
            escape(model, ui);
        }
        return;
    }
    if (ImGui::IsKeyPressed(ImGuiKey_K, false)) {
        ui.focus_search = true;
        ui.search.within.reset();
        ui.selected = one_pane_ ? std::nullopt : ui.selected;
    }
    if (ImGui::IsKeyPressed(ImGuiKey_F, false)) {
        if (ui.selected) {
            search_in_conversation(ui);
        } else {
            ui.focus_search = true;
        }
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Comma, false)) {
        ui.dialog = Dialog::settings;
    }
    for (int number = 1; number <= 9; ++number) {
        const auto key = static_cast<ImGuiKey>(ImGuiKey_0 + number);
        if (ImGui::IsKeyPressed(key, false)) {
            home_.choose_nth(model, ui, number);
        }
    }
}

void RootView::draw_home(Kit& kit, const ViewModel& model, UiState& ui) {
    const ImGuiViewport& view = *ImGui::GetMainViewport();
    one_pane_ = view.Size.x < kit.px(one_pane_below);
    if (one_pane_ && ui.focus_search && ui.selected) {
        leave_conversation(ui);  // the box is on the other page
    }
    take_shortcuts(model, ui);
    if (one_pane_) {
        if (ui.selected) {
            draw_conversation(kit, model, ui, view.Pos, view.Size, true);
        } else {
            home_.draw(kit, model, ui, view.Pos, view.Size);
        }
        return;
    }
    const float left = kit.px(list_width);
    const float line = kit.px(1.0F);
    home_.draw(kit, model, ui, view.Pos, {left - line, view.Size.y});
    ImGui::GetWindowDrawList()->AddRectFilled({view.Pos.x + left - line, view.Pos.y},
                                              {view.Pos.x + left, view.Pos.y + view.Size.y},
                                              kit.c().separator);
    draw_conversation(kit, model, ui, {view.Pos.x + left, view.Pos.y},
                      {view.Size.x - left, view.Size.y}, false);
}

Commands RootView::draw(Kit& kit, const ViewModel& model, UiState& ui) {
    if (model.ready() && !ui.locking()) {
        draw_home(kit, model, ui);
        draw_dialogs(kit, model, ui);
    } else if (!model.vault_known) {
        // A frame or two after the start; nothing is known, so nothing is claimed.
    } else if (registering(model, ui)) {
        draw_welcome(kit, model, ui);
    } else {
        draw_unlock(kit, model, ui);
        draw_dialogs(kit, model, ui);  // about quitting
    }
    draw_toast(kit, ui);
    if (!ui.clipboard_wanted.empty()) {
        ImGui::SetClipboardText(ui.clipboard_wanted.c_str());
        overwrite(ui.clipboard_wanted);
    }
    return std::exchange(ui.outbox, {});
}

}  // namespace sotto::ui
