#include "ui/semantics.hpp"

#include <imgui_internal.h>

namespace sotto::ui {

namespace {

[[nodiscard]] SemanticSink* sink_of(ImGuiContext* context) {
    return context != nullptr && context->TestEngineHookItems
               ? static_cast<SemanticSink*>(context->TestEngine)
               : nullptr;
}

}  // namespace

void attach_semantics(ImGuiContext& context, SemanticSink* sink) {
    context.TestEngine = sink;
    context.TestEngineHookItems = sink != nullptr;
}

SemanticSink* current_semantics() {
    return sink_of(ImGui::GetCurrentContext());
}

void describe(const SemanticItem& item) {
    if (SemanticSink* sink = current_semantics()) {
        sink->add(item);
    }
}

void describe_last(std::string_view role, std::string_view label) {
    if (SemanticSink* sink = current_semantics()) {
        sink->name(ImGui::GetItemID(), role, label);
    }
}

}  // namespace sotto::ui

// Dear ImGui declares these for a test engine to define. They are called only while a sink is
// attached (TestEngineHookItems), so the product pays one branch per item.

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* ctx, ImGuiID id, const ImRect& bb,
                                 const ImGuiLastItemData* item_data) {
    sotto::ui::SemanticSink* sink = sotto::ui::sink_of(ctx);
    if (sink == nullptr || id == 0) {
        return;
    }
    const bool disabled =
        item_data != nullptr && (item_data->ItemFlags & ImGuiItemFlags_Disabled) != 0;
    sink->add({.role = "item",
               .id = id,
               .min = bb.Min,
               .max = bb.Max,
               .enabled = !disabled,
               .focused = ctx->ActiveId == id || ctx->NavId == id});
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext* ctx, ImGuiID id, const char* label,
                                  ImGuiItemStatusFlags /*flags*/) {
    if (sotto::ui::SemanticSink* sink = sotto::ui::sink_of(ctx); sink != nullptr && id != 0) {
        sink->name(id, "item", label != nullptr ? label : "");
    }
}

// Its signature is ImGui's. NOLINTNEXTLINE(cert-dcl50-cpp)
void ImGuiTestEngineHook_Log(ImGuiContext* /*ctx*/, const char* /*fmt*/, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext* /*ctx*/, ImGuiID /*id*/) {
    return nullptr;
}
