// The semantic tree of the last frame: what is on the screen, as data a test can ask.
//
// Attach it to a window's ImGui context; it collects while frames are drawn. Test builds only.
#pragma once

#include "ui/semantics.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sotto::ui::testing {

struct Node {
    std::string role, label, value, window;
    ImGuiID id = 0;
    ImVec2 min = {}, max = {};
    int index = -1;
    bool visible = true, enabled = true, checked = false, focused = false;
    [[nodiscard]] ImVec2 centre() const;
};

class SemanticTree : public SemanticSink {
public:
    explicit SemanticTree(ImGuiContext& context);
    ~SemanticTree() override;
    SemanticTree(const SemanticTree&) = delete;
    SemanticTree& operator=(const SemanticTree&) = delete;

    void add(const SemanticItem& item) override;
    void name(ImGuiID id, std::string_view role, std::string_view label) override;
    void begin_frame() { nodes_.clear(); }

    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
    // The first visible node whose label is `what`; else "role:label"; else whose label contains
    // it. Null when none.
    [[nodiscard]] const Node* find(std::string_view what) const;
    // The last visible node of a role: the newest message.
    [[nodiscard]] const Node* find_last(std::string_view role) const;
    [[nodiscard]] std::string json() const;

private:
    ImGuiContext& context_;
    std::vector<Node> nodes_;
};

}  // namespace sotto::ui::testing
