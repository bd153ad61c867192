#include "ui/emoji_picker.hpp"

#include <imgui.h>

#include <array>
#include <string_view>

#include "ui/semantics.hpp"
#include "ui/widgets.hpp"

namespace sotto::ui {
namespace {

constexpr int columns = 9;
constexpr float cell = 38.0F;
constexpr float rows_visible = 6.5F;  // the half row says that there is more

// Faces, gestures, hearts, people, nature, food, things, signs: the most used of each, in the order
// of the Unicode chart.
constexpr std::array emoji = std::to_array<std::string_view>({
    "😀",    "😃",      "😄",      "😁",    "😆",       "😅",       "😂",      "🤣", "😊",      "😇",
    "🙂", "🙃",   "😉",      "😌",    "😍",       "🥰",    "😘",      "😋",    "😛",      "😜",
    "🤪", "🤨",   "🧐",   "🤓", "😎",       "🥳",    "😏",      "😒",    "😞",      "😔",
    "😟",    "😕",      "🙁",   "😣",    "😖",       "😫",       "🥺",   "😢",    "😭",      "😤",
    "😠",    "🤯",   "😳",      "😱",    "😨",       "😰",       "😥",      "🤗", "🤔",   "🤭",
    "🤫", "😶",      "😐",      "😬",    "🙄",    "😯",       "😴",      "🤤", "😷",      "🤒",
    "🤧", "🥴",   "👍",      "👎",    "👌",       "✌️",  "🤞",   "🤟", "🤙",   "👋",
    "👏",    "🙌",      "🙏",      "💪",    "🤝",    "👀",       "💬",      "💯",    "❤️", "🧡",
    "💛",    "💚",      "💙",      "💜",    "🖤",    "💔",       "💕",      "✨",    "🔥",      "⭐",
    "🎉",    "🎂",      "🎁",      "🎈",    "🏆",       "👶",       "👩",      "👨",    "👵",      "👴",
    "👪",    "🐶",      "🐱",      "🐭",    "🐰",       "🦊",    "🐻",      "🐼",    "🐸",      "🐵",
    "🐔",    "🐧",      "🐢",      "🐝",    "🦋",    "🌸",       "🌹",      "🌻",    "🌲",      "🍀",
    "🌍",    "🌙",      "☀️", "⛅",    "🌧️", "❄️",  "🌈",      "🌊",    "🍎",      "🍊",
    "🍌",    "🍓",      "🍒",      "🍅",    "🥑",    "🥕",    "🍞",      "🧀", "🍕",      "🍔",
    "🍟",    "🍣",      "🍰",      "🍫",    "🍪",       "☕",       "🍵",      "🍺",    "🍷",      "⚽",
    "🏀",    "🎾",      "🚴",      "🎮",    "🎵",       "🎸",       "🎨",      "📷",    "📚",      "✏️",
    "📎",    "📌",      "📅",      "⏰",    "💡",       "💻",       "📱",      "🔒",    "🔑",      "🚗",
    "🚌",    "🚆",      "✈️", "🚀",    "🏠",       "🏖️", "⛰️", "✅",    "❌",      "❓",
    "❗",    "➡️",
});

std::string draw_grid(Kit& kit) {
    std::string chosen;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float side = kit.px(cell);
    const float corner = kit.px(8.0F);
    for (std::size_t i = 0; i < emoji.size(); ++i) {
        const auto column = static_cast<float>(i % columns);
        const auto line = static_cast<float>(i / columns);
        const ImVec2 min{origin.x + column * side, origin.y + line * side};
        const ImVec2 max{min.x + side, min.y + side};
        ImGui::SetCursorScreenPos(min);
        ImGui::PushID(static_cast<int>(i));
        const bool pressed =
            ImGui::InvisibleButton("emoji", {side, side}, ImGuiButtonFlags_EnableNav);
        if (ImGui::IsItemVisible()) {  // shaping and rasterising all of them would cost 60 ms
            if (ImGui::IsItemHovered()) {
                list.AddRectFilled(min, max, kit.c().hover, corner);
            }
            kit.text.draw_centred(list, {min.x + side / 2.0F, min.y + side / 2.0F}, emoji[i],
                                  kit.theme.text(22.0F), kit.c().text);
            draw_focus_ring(kit, list, min, max, corner);
            describe_last("emoji", emoji[i]);
        }
        ImGui::PopID();
        if (pressed) {
            chosen = emoji[i];
        }
    }
    return chosen;
}

}  // namespace

std::string draw_emoji_picker(Kit& kit, ImVec2 bottom_right) {
    const float pad = kit.px(10.0F);
    const ImVec2 size{kit.px(cell) * columns + 2.0F * pad + ImGui::GetStyle().ScrollbarSize,
                      kit.px(cell) * rows_visible + 2.0F * pad};
    std::string chosen;
    ImGui::SetNextWindowPos({bottom_right.x, bottom_right.y - kit.px(8.0F)}, ImGuiCond_Always,
                            {1.0F, 1.0F});
    ImGui::SetNextWindowSize(size);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{pad, pad});
    if (ImGui::BeginPopup("emoji-picker")) {
        chosen = draw_grid(kit);
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
    return chosen;
}

}  // namespace sotto::ui
