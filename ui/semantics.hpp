// What is on the screen, said in words: the base for tests (and later for a screen reader).
//
// Widgets of Dear ImGui report themselves through its test hooks (defined here); parts we draw
// ourselves call describe(). All of it goes to the sink attached to the current ImGui context, and
// costs one branch when there is none, as in the product. Ui thread.
#pragma once

#include <imgui.h>

#include <string_view>

namespace sotto::ui {

struct SemanticItem {
    std::string_view role = {};  // "button", "message", "input", ...; "item" for ImGui's own
    std::string_view label = {};
    ImGuiID id = 0;
    ImVec2 min = {};
    ImVec2 max = {};
    int index = -1;  // position in a list
    bool checked = false;
    bool enabled = true;
    bool focused = false;
    std::string_view value =
        {};  // such as a message's delivery state or an input's text (never a secret)
};

class SemanticSink {
public:
    virtual ~SemanticSink() = default;
    virtual void add(const SemanticItem& item) = 0;
    // A name for an item that reported itself already.
    virtual void name(ImGuiID id, std::string_view role, std::string_view label) = 0;
};

// The context must outlive the sink's use; nullptr detaches.
void attach_semantics(ImGuiContext& context, SemanticSink* sink);
[[nodiscard]] SemanticSink* current_semantics();

void describe(const SemanticItem& item);
// Names the last ImGui item: an icon button has no text of its own.
void describe_last(std::string_view role, std::string_view label);

}  // namespace sotto::ui
