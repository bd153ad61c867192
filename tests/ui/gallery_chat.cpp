#include "gallery_chat.hpp"

#include "ui/sanitise.hpp"
#include "ui/semantics.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace sotto::ui::gallery {

namespace {

[[nodiscard]] AvatarLook look_of(const std::string& name) {
    return avatar_look(std::as_bytes(std::span(name)));
}

constexpr float side_width = 330.0F;
constexpr float header_height = 63.0F;
constexpr float bubble_pad_x = 13.0F;
constexpr float bubble_pad_y = 8.0F;

}  // namespace

struct ChatScreen::BubbleLayout {
    const TextLayout* text = nullptr;
    float day = 0.0F;  // height of the separator above
    float gap = 0.0F;
    ImVec2 size = {};
    float meta_width = 0.0F;
    float meta_y = 0.0F;  // middle of time and ticks, from the bubble's top
    [[nodiscard]] float height() const { return day + gap + size.y; }
};

ChatScreen::ChatScreen(std::vector<Message> messages)
    : people_(people()), messages_(std::move(messages)) {}

void ChatScreen::draw(Kit& kit) {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float side = kit.px(side_width);
    list.AddRectFilled({side, 0}, size, kit.c().page);
    draw_side(kit, side, size.y);
    const float right = size.x - side;
    const float top = kit.px(header_height);
    const InputOptions measure{.multiline = true, .pad_right = kit.px(30)};
    const float box = composer_.height(kit, right - kit.px(136), measure) + kit.px(24);
    draw_messages(kit, {side, top}, {right, size.y - top - box});
    draw_header(kit, {side, 0}, right, top);
    draw_composer(kit, {side, size.y - box}, right, box);
    draw_separator(kit, list, {side - kit.px(1), 0}, {side - kit.px(1), size.y});
}

void ChatScreen::draw_side(Kit& kit, float width, float height) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    list.AddRectFilled({0, 0}, {width, height}, c.panel);
    draw_avatar(kit, list, {kit.px(34), kit.px(32)}, kit.px(18), look_of("Alice Durand"));
    kit.text.draw(list, {kit.px(62), kit.px(12)}, "Alice Durand", kit.theme.name(), c.text,
                  kit.px(140));
    kit.text.draw(list, {kit.px(62), kit.px(33)}, "Connected · direct", kit.theme.meta(),
                  c.text_soft, kit.px(140));
    const struct {
        const char* id;
        Icon icon;
        const char* label;
    } buttons[] = {{"theme", icons::theme, "Light or dark"},
                   {"add", icons::add_person, "Add a contact"},
                   {"settings", icons::settings, "Settings"}};
    float x = kit.px(212);
    for (const auto& b : buttons) {
        ImGui::SetCursorScreenPos({x, kit.px(14)});
        icon_button(kit, b.id, b.icon, b.label, {.icon_size = 20.0F});
        x += kit.px(36);
    }
    ImGui::SetCursorScreenPos({kit.px(14), kit.px(64)});
    search_.draw(kit, "search", width - kit.px(28),
                 {.placeholder = "Search or start new chat",
                  .icon = icons::search.glyph,
                  .icon_fallback = icons::search.fallback,
                  .compact = true,
                  .clear_button = true});
    const std::string wanted = fold_for_search(search_.buffer().text());
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < people_.size(); ++i) {
        if (contains_folded(fold_for_search(people_[i].name), wanted)) {
            shown.push_back(i);
        }
    }
    ImGui::SetCursorScreenPos({0, kit.px(112)});
    const RowSource rows{shown.size(),
                         [&](std::size_t, float) { return static_cast<double>(kit.px(66)); },
                         [&](std::size_t row, ImVec2, float row_width, float) {
                             draw_person(kit, shown[row], row_width);
                         }};
    contacts_.draw(kit, "contacts", {width - kit.px(2), height - kit.px(112)}, rows);
}

void ChatScreen::draw_person(Kit& kit, std::size_t index, float width) {
    const Person& person = people_[index];
    const Palette& c = kit.c();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({at.x + kit.px(6), at.y + kit.px(1)});
    const RowState state =
        row(kit, "person", person.name, {width - kit.px(16), kit.px(64)}, index == chosen_);
    if (state.clicked) {
        chosen_ = index;
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 behind = index == chosen_ ? c.selected : state.hovered ? c.hover : c.panel;
    const ImVec2 centre(at.x + kit.px(38), at.y + kit.px(33));
    draw_avatar(kit, list, centre, kit.px(22), look_of(person.name));
    draw_presence(kit, list, centre, kit.px(22), person.presence, behind);
    const float right = state.max.x - kit.px(8);
    const TextStyle meta = kit.theme.meta();
    const ImVec2 time = kit.text.measure(person.time, meta);
    kit.text.draw(list, {std::round(right - time.x), at.y + kit.px(13)}, person.time, meta,
                  person.unread > 0 ? c.accent : c.text_faint);
    const float left = at.x + kit.px(72);
    kit.text.draw(list, {left, at.y + kit.px(11)}, person.name, kit.theme.name(), c.text,
                  right - left - time.x - kit.px(10));
    float preview_right = right;
    if (person.unread > 0) {
        preview_right -=
            draw_badge(kit, list, {right, at.y + kit.px(44)}, person.unread) + kit.px(8);
    }
    kit.text.draw(list, {left, at.y + kit.px(34)}, person.preview, kit.theme.preview(),
                  person.unread > 0 ? c.text : c.text_soft, preview_right - left);
}

void ChatScreen::draw_header(Kit& kit, ImVec2 min, float width, float height) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    const Person& person = people_[chosen_];
    list.AddRectFilled(min, {min.x + width, min.y + height}, c.panel);
    draw_separator(kit, list, {min.x, min.y + height}, {min.x + width, min.y + height});
    const ImVec2 centre(min.x + kit.px(42), min.y + height / 2);
    draw_avatar(kit, list, centre, kit.px(20), look_of(person.name));
    draw_presence(kit, list, centre, kit.px(20), person.presence, c.panel);
    const float left = min.x + kit.px(76);
    const float name = kit.text.draw(list, {left, min.y + kit.px(10)}, person.name,
                                     kit.theme.title(), c.text, width * 0.5F);
    kit.text.draw_icon(list, {left + name + kit.px(15), min.y + kit.px(22)}, icons::verified.glyph,
                       kit.px(17), c.online, icons::verified.fallback);
    const float status =
        kit.text.draw(list, {left, min.y + kit.px(33)}, "online", kit.theme.preview(), c.online);
    draw_tag(kit, list, {left + status + kit.px(10), min.y + kit.px(43)}, "Direct", c.accent);
    ImGui::SetCursorScreenPos({min.x + width - kit.px(92), min.y + kit.px(14)});
    icon_button(kit, "find", icons::search, "Search in this conversation");
    ImGui::SetCursorScreenPos({min.x + width - kit.px(54), min.y + kit.px(14)});
    icon_button(kit, "more", icons::more, "More");
}

ChatScreen::BubbleLayout ChatScreen::lay_out(Kit& kit, std::size_t index, float width) const {
    const Message& message = messages_[index];
    BubbleLayout b;
    const float widest = std::min(width * 0.7F, kit.px(560));
    b.day = message.day.empty() ? 0.0F : kit.px(44);
    const bool joins = index > 0 && !messages_[index - 1].last_of_group &&
                       messages_[index - 1].mine == message.mine;
    b.gap = joins ? kit.px(2) : kit.px(8);
    const ImVec2 time = kit.text.measure(message.time, kit.theme.tiny());
    b.meta_width = time.x + (message.mine ? ticks_width(kit) + kit.px(4) : 0.0F);
    if (!message.file.empty()) {
        b.size = {kit.px(300), kit.px(72)};
        b.meta_y = b.size.y - kit.px(14);
        return b;
    }
    const bool big = only_emoji(message.text, 3);
    b.text = &kit.text.layout(message.text, big ? kit.theme.big_emoji() : kit.theme.body(),
                              {.width = widest - 2 * kit.px(bubble_pad_x), .links = true});
    const LaidLine& last = b.text->lines().back();
    const float room = last.width + kit.px(18) + b.meta_width;
    const float text_width = std::ceil(b.text->width());
    const float inner_max = widest - 2 * kit.px(bubble_pad_x);
    // Time and ticks stand on the last line when they fit, else below it.
    const bool beside = room <= inner_max && !last.right_to_left;
    const float inner = std::max({text_width, beside ? std::ceil(room) : b.meta_width});
    const float below = beside ? 0.0F : kit.px(15);
    b.size = {inner + 2 * kit.px(bubble_pad_x),
              b.text->height() + 2 * kit.px(bubble_pad_y) + below};
    b.meta_y = b.size.y - kit.px(14);
    return b;
}

void ChatScreen::draw_messages(Kit& kit, ImVec2 min, ImVec2 size) {
    ImGui::SetCursorScreenPos(min);
    const RowSource rows{
        messages_.size(),
        [&](std::size_t i, float width) {
            const float last = i + 1 == messages_.size() ? kit.px(14) : 0.0F;
            return static_cast<double>(lay_out(kit, i, width).height() + last);
        },
        [&](std::size_t i, ImVec2 at, float width, float) { draw_message(kit, i, at, width); }};
    list_.draw(kit, "messages", size, rows);
}

void ChatScreen::draw_message(Kit& kit, std::size_t index, ImVec2 at, float width) {
    const Message& m = messages_[index];
    const Palette& c = kit.c();
    const BubbleLayout b = lay_out(kit, index, width);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (!m.day.empty()) {
        draw_pill(kit, list, {at.x + width / 2, at.y + kit.px(26)}, m.day);
    }
    const float margin = kit.px(20);
    const float x = m.mine ? at.x + width - margin - b.size.x : at.x + margin;
    const ImVec2 min(std::round(x), at.y + b.day + b.gap);
    const ImVec2 max(min.x + b.size.x, min.y + b.size.y);
    draw_bubble(kit, list, min, max, m.mine, m.last_of_group);
    if (!m.file.empty()) {
        draw_file(kit, m, min, b);
    } else {
        const bool rtl = b.text->lines().front().right_to_left;
        const float shift = rtl ? b.size.x - 2 * kit.px(bubble_pad_x) - b.text->width() : 0.0F;
        draw_text(kit, index,
                  {min.x + kit.px(bubble_pad_x) + std::floor(shift), min.y + kit.px(bubble_pad_y)},
                  *b.text);
    }
    const ImU32 meta = m.mine ? c.mine_meta : c.theirs_meta;
    const float meta_x = max.x - kit.px(bubble_pad_x) - b.meta_width + kit.px(2);
    const TextStyle tiny = kit.theme.tiny();
    kit.text.draw(list, {std::round(meta_x), min.y + b.meta_y - std::round(tiny.size * 0.7F)},
                  m.time, tiny, meta);
    if (m.mine) {
        draw_ticks(kit, list, max.x - kit.px(bubble_pad_x - 2), min.y + b.meta_y, m.delivery, meta,
                   c.mine_read);
    }
    describe({.role = "message",
              .label = m.text,
              .min = min,
              .max = max,
              .index = static_cast<int>(index)});
}

void ChatScreen::draw_text(Kit& kit, std::size_t index, ImVec2 at, const TextLayout& layout) {
    const Palette& c = kit.c();
    const bool mine = messages_[index].mine;
    const ImGuiIO& io = ImGui::GetIO();
    const ImVec2 point(io.MousePos.x - at.x, io.MousePos.y - at.y);
    ImGui::SetCursorScreenPos(at);
    ImGui::InvisibleButton("text", {std::max(layout.width(), 1.0F), layout.height()});
    const auto self = static_cast<std::ptrdiff_t>(index);
    if (ImGui::IsItemActivated()) {
        selected_message_ = self;
        select_from_ = select_to_ = layout.hit_test(point);
        if (io.MouseClickedCount[0] == 2) {
            const TextSpan word = word_at(layout.text(), select_from_);
            select_from_ = word.begin;
            select_to_ = word.end;
        }
    } else if (ImGui::IsItemActive() && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
        select_to_ = layout.hit_test(point);
    }
    TextPaint paint{.colour = mine ? c.on_mine : c.on_theirs, .link = mine ? c.on_mine : c.link};
    if (selected_message_ == self) {
        paint.selection = mine ? c.mine_selection : c.selection;
        paint.select_begin = std::min(select_from_, select_to_);
        paint.select_end = std::max(select_from_, select_to_);
    }
    if (ImGui::IsItemHovered()) {
        paint.hovered_link = layout.link_at(point);
        ImGui::SetMouseCursor(paint.hovered_link >= 0 ? ImGuiMouseCursor_Hand
                                                      : ImGuiMouseCursor_TextInput);
    }
    kit.text.draw(*ImGui::GetWindowDrawList(), at, layout, paint);
}

void ChatScreen::draw_file(Kit& kit, const Message& m, ImVec2 min, const BubbleLayout& bubble) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const Palette& c = kit.c();
    const ImU32 ink = m.mine ? c.on_mine : c.on_theirs;
    const ImVec2 disc(min.x + kit.px(34), min.y + bubble.size.y / 2);
    list.AddCircleFilled(disc, kit.px(20), m.mine ? with_alpha(c.on_mine, 0.2F) : c.accent_soft);
    kit.text.draw_icon(list, disc, icons::file.glyph, kit.px(20), m.mine ? c.on_mine : c.accent,
                       icons::file.fallback);
    const float left = min.x + kit.px(64);
    const float room = bubble.size.x - kit.px(76);
    kit.text.draw(list, {left, min.y + kit.px(12)}, m.file, kit.theme.text(14, Weight::strong), ink,
                  room);
    kit.text.draw(list, {left, min.y + kit.px(33)}, m.text, kit.theme.meta(),
                  m.mine ? c.mine_meta : c.theirs_meta, room);
    if (m.progress >= 0.0F) {
        const ImVec2 from(left, min.y + kit.px(60));
        const float length = kit.px(156);
        list.AddRectFilled(from, {from.x + length, from.y + kit.px(4)}, with_alpha(c.on_mine, 0.3F),
                           kit.px(2));
        list.AddRectFilled(from, {from.x + std::round(length * m.progress), from.y + kit.px(4)},
                           c.on_mine, kit.px(2));
    }
}

void ChatScreen::draw_composer(Kit& kit, ImVec2 min, float width, float height) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(min, {min.x + width, min.y + height}, kit.c().panel);
    draw_separator(kit, list, min, {min.x + width, min.y});
    const float bottom = min.y + height - kit.px(12);
    ImGui::SetCursorScreenPos({min.x + kit.px(16), bottom - kit.px(38)});
    icon_button(kit, "attach", icons::attach, "Attach a file");
    const float box = width - kit.px(136);
    ImGui::SetCursorScreenPos({min.x + kit.px(60), min.y + kit.px(12)});
    const InputResult result =
        composer_.draw(kit, "composer", box,
                       {.placeholder = "Message", .multiline = true, .pad_right = kit.px(30)});
    ImGui::SetCursorScreenPos({min.x + kit.px(56) + box - kit.px(34), bottom - kit.px(38)});
    icon_button(kit, "emoji", icons::emoji, "Emoji");
    ImGui::SetCursorScreenPos({min.x + width - kit.px(68), bottom - kit.px(40)});
    const bool ready = !composer_.buffer().empty();
    const bool sent = icon_button(kit, "send", icons::send, "Send",
                                  {.diameter = 40.0F, .icon_size = 20.0F, .filled = true});
    if ((sent || result.submitted) && ready) {
        messages_.push_back({.text = sanitise_message(composer_.text()),
                             .time = "08:47",
                             .mine = true,
                             .delivery = Delivery::waiting});
        composer_.buffer().clear();
        list_.scroll_to_end();
    }
}

}  // namespace sotto::ui::gallery
