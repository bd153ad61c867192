#include "support/test_hooks.hpp"

#include <imgui_internal.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace sotto::ui::testing {

namespace {

// What of a rectangle is really on the screen decides whether a person can see it.
[[nodiscard]] bool is_seen(ImGuiContext& context, ImVec2 min, ImVec2 max) {
    const ImVec2 display = context.IO.DisplaySize;
    ImRect area(0, 0, display.x, display.y);
    if (context.CurrentWindow != nullptr) {
        area.ClipWith(context.CurrentWindow->ClipRect);
    }
    const ImRect box(min, max);
    return area.Overlaps(box) && max.x > min.x && max.y > min.y;
}

}  // namespace

ImVec2 Node::centre() const {
    return {(min.x + max.x) / 2, (min.y + max.y) / 2};
}

SemanticTree::SemanticTree(ImGuiContext& context) : context_(context) {
    attach_semantics(context_, this);
}

SemanticTree::~SemanticTree() {
    attach_semantics(context_, nullptr);
}

void SemanticTree::add(const SemanticItem& item) {
    Node node;
    node.role = item.role;
    node.label = item.label;
    node.value = item.value;
    node.id = item.id;
    node.min = item.min;
    node.max = item.max;
    node.index = item.index;
    node.enabled = item.enabled;
    node.checked = item.checked;
    node.focused = item.focused;
    node.visible = is_seen(context_, item.min, item.max);
    if (context_.CurrentWindow != nullptr) {
        node.window = context_.CurrentWindow->Name;
    }
    const auto known = std::find_if(nodes_.rbegin(), nodes_.rend(),
                                    [&](const Node& n) { return item.id != 0 && n.id == item.id; });
    if (known == nodes_.rend()) {
        nodes_.push_back(std::move(node));
    } else if (item.role != "item") {
        *known = std::move(node);  // the widget itself knows better than ImGui's hook
    }
}

void SemanticTree::name(ImGuiID id, std::string_view role, std::string_view label) {
    const auto known =
        std::find_if(nodes_.rbegin(), nodes_.rend(), [id](const Node& n) { return n.id == id; });
    if (known == nodes_.rend() || (role == "item" && known->role != "item")) {
        return;
    }
    known->role = role;
    // Behind "##" stands what only ImGui needs.
    known->label = role == "item" ? label.substr(0, label.find("##")) : label;
}

const Node* SemanticTree::find(std::string_view what) const {
    const auto first = [this](auto matches) -> const Node* {
        const auto it =
            std::ranges::find_if(nodes_, [&](const Node& n) { return n.visible && matches(n); });
        return it != nodes_.end() ? &*it : nullptr;
    };
    if (const Node* node = first([&](const Node& n) { return n.label == what; })) {
        return node;
    }
    const std::size_t colon = what.find(':');
    if (colon != std::string_view::npos) {
        const std::string_view role = what.substr(0, colon);
        const std::string_view label = what.substr(colon + 1);
        if (const Node* node = first([&](const Node& n) {
                return n.role == role && (label.empty() || n.label == label);
            })) {
            return node;
        }
    }
    return first(
        [&](const Node& n) { return !what.empty() && n.label.find(what) != std::string::npos; });
}

const Node* SemanticTree::find_last(std::string_view role) const {
    const auto it = std::find_if(nodes_.rbegin(), nodes_.rend(),
                                 [&](const Node& n) { return n.visible && n.role == role; });
    return it != nodes_.rend() ? &*it : nullptr;
}

std::string SemanticTree::json() const {
    auto out = nlohmann::json::array();
    for (const Node& n : nodes_) {
        const auto whole = [](float v) { return static_cast<int>(std::lround(v)); };
        nlohmann::json node{
            {"role", n.role},
            {"label", n.label},
            {"rect",
             {whole(n.min.x), whole(n.min.y), whole(n.max.x - n.min.x), whole(n.max.y - n.min.y)}},
            {"visible", n.visible}};
        if (!n.value.empty()) {
            node["value"] = n.value;
        }
        if (n.index >= 0) {
            node["index"] = n.index;
        }
        if (!n.enabled) {
            node["enabled"] = false;
        }
        if (n.checked) {
            node["checked"] = true;
        }
        if (n.focused) {
            node["focused"] = true;
        }
        out.push_back(std::move(node));
    }
    return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sotto::ui::testing
