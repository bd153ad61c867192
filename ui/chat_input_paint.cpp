// The pixels of ChatInput: box, text, selection, composed text, caret, and what the window must
// know.

#include "ui/chat_input_frame.hpp"
#include "ui/icons.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::ui {

namespace {

constexpr double blink_half_s = 0.53;

}  // namespace

void ChatInput::keep_caret_visible(const Frame& frame) {
    const ImVec2 caret = frame.layout->caret(to_shown(buffer_.caret()) + preedit_caret_);
    const float wide = frame.text_area.GetWidth();
    const float high = frame.text_area.GetHeight();
    const float line = frame.layout->line_height();
    if (frame.options.multiline) {
        if (frame.hovered && ImGui::GetIO().MouseWheel != 0.0F) {
            scroll_.y -= std::round(ImGui::GetIO().MouseWheel * 2.0F * line);
        } else if (frame.result.changed || goal_x_ >= 0.0F || !frame.hovered || dragging_) {
            scroll_.y = std::clamp(scroll_.y, caret.y + line - high, std::max(caret.y, 0.0F));
        }
        scroll_.x = 0.0F;
        scroll_.y = std::clamp(scroll_.y, 0.0F, std::max(frame.layout->height() - high, 0.0F));
        return;
    }
    // One line: the caret needs a little room at the right edge.
    const float room = frame.kit.px(3);
    scroll_.x = std::clamp(scroll_.x, caret.x + room - wide, std::max(caret.x, 0.0F));
    scroll_.x = std::round(
        std::clamp(scroll_.x, 0.0F, std::max(frame.layout->width() + room - wide, 0.0F)));
    scroll_.y = 0.0F;
}

void ChatInput::report(Frame& frame) {
    InputMethod& method = frame.kit.input_method;
    const ImVec2 caret = frame.layout->caret(to_shown(buffer_.caret()));
    const ImVec2 origin = frame.origin(scroll_);
    method.wanted = true;
    method.secret = buffer_.secret();
    method.caret_min = {origin.x + caret.x, origin.y + caret.y};
    method.caret_max = {method.caret_min.x + 1.0F,
                        method.caret_min.y + frame.layout->line_height()};
    frame.kit.redraw.caret_blinks = !frame.kit.caret_steady;
}

void ChatInput::paint(Frame& frame) {
    paint_box(frame);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    // A little wider than the text: the caret and italics lean over the edges.
    const float lean = frame.kit.px(3);
    list.PushClipRect({frame.text_area.Min.x - lean, frame.text_area.Min.y - lean},
                      {frame.text_area.Max.x + lean, frame.text_area.Max.y + lean}, true);
    paint_text(frame);
    if (frame.active) {
        paint_caret(frame);
    }
    list.PopClipRect();
}

void ChatInput::paint_box(Frame& frame) {
    Kit& kit = frame.kit;
    const Palette& c = kit.c();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float rounding = std::min(kit.px(frame.options.rounding), frame.box.GetHeight() / 2);
    list.AddRectFilled(frame.box.Min, frame.box.Max, c.field, rounding);
    if (frame.options.invalid) {
        list.AddRect(frame.box.Min, frame.box.Max, c.danger, rounding, 0, kit.px(1.5F));
    } else if (frame.options.outlined && frame.active) {
        list.AddRect(frame.box.Min, frame.box.Max, c.accent, rounding, 0, kit.px(2));
    }
    const float mid = (frame.box.Min.y + frame.box.Max.y) / 2;
    if (frame.options.icon != 0) {
        kit.text.draw_icon(list, {frame.box.Min.x + kit.px(21), mid}, frame.options.icon,
                           kit.px(18), c.text_faint, frame.options.icon_fallback);
    }
    if (frame.clear_area.GetWidth() > 0.0F) {
        const bool over = frame.clear_area.Contains(ImGui::GetIO().MousePos) && frame.hovered;
        kit.text.draw_icon(list, frame.clear_area.GetCenter(), icons::close.glyph, kit.px(16),
                           over ? c.text : c.text_faint, icons::close.fallback);
    }
}

void ChatInput::paint_text(Frame& frame) {
    Kit& kit = frame.kit;
    const Palette& c = kit.c();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 origin = frame.origin(scroll_);
    if (frame.layout->text().empty()) {
        const float caret_room = kit.px(2.5F);  // the caret stands before it, not on it
        kit.text.draw(list, {frame.text_area.Min.x + caret_room, frame.text_area.Min.y},
                      frame.options.placeholder, frame.style, c.placeholder,
                      frame.text_area.GetWidth() - caret_room);
        return;
    }
    const TextSpan span = buffer_.selection();
    TextPaint paint{.colour = frame.options.enabled ? c.text : c.text_faint};
    if (frame.active && buffer_.has_selection()) {
        paint.selection = c.selection;
        paint.select_begin = to_shown(span.begin);
        paint.select_end = to_shown(span.end);
    }
    kit.text.draw(list, origin, *frame.layout, paint);
    if (preedit_.empty()) {
        return;
    }
    const std::size_t begin = to_shown(buffer_.caret());
    for (const auto& box : frame.layout->boxes(begin, begin + preedit_.size())) {
        const float y = origin.y + box.max.y - kit.px(2);
        list.AddRectFilled({std::floor(origin.x + box.min.x), y},
                           {std::ceil(origin.x + box.max.x), y + kit.px(1)}, paint.colour);
    }
}

void ChatInput::paint_caret(Frame& frame) {
    const Kit& kit = frame.kit;
    const double passed = ImGui::GetTime() - blink_start_;
    const bool shown = kit.caret_steady || !kit.window_focused ||
                       std::fmod(passed, 2 * blink_half_s) < blink_half_s;
    if (!shown) {
        return;
    }
    const ImVec2 caret = frame.layout->caret(to_shown(buffer_.caret()) + preedit_caret_);
    const ImVec2 origin = frame.origin(scroll_);
    const float x = std::round(origin.x + caret.x);
    const float inset = std::round(frame.layout->line_height() * 0.1F);
    ImGui::GetWindowDrawList()->AddRectFilled(
        {x, origin.y + caret.y + inset},
        {x + kit.px(1.6F), origin.y + caret.y + frame.layout->line_height() - inset},
        kit.c().accent);
}

}  // namespace sotto::ui
