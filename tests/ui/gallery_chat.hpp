// The main screen as the design pictures show it, made of the foundation's parts and invented data.
#pragma once

#include "gallery_data.hpp"
#include "ui/chat_input.hpp"
#include "ui/virtual_list.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sotto::ui::gallery {

class ChatScreen {
public:
    explicit ChatScreen(std::vector<Message> messages);
    void draw(Kit& kit);

    VirtualList& list() { return list_; }
    ChatInput& composer() { return composer_; }

private:
    struct BubbleLayout;
    void draw_side(Kit& kit, float width, float height);
    void draw_person(Kit& kit, std::size_t index, float width);
    void draw_header(Kit& kit, ImVec2 min, float width, float height);
    void draw_messages(Kit& kit, ImVec2 min, ImVec2 size);
    void draw_composer(Kit& kit, ImVec2 min, float width, float height);
    [[nodiscard]] BubbleLayout lay_out(Kit& kit, std::size_t index, float width) const;
    void draw_message(Kit& kit, std::size_t index, ImVec2 at, float width);
    void draw_file(Kit& kit, const Message& message, ImVec2 min, const BubbleLayout& bubble);
    void draw_text(Kit& kit, std::size_t index, ImVec2 at, const TextLayout& layout);

    std::vector<Person> people_;
    std::vector<Message> messages_;
    std::size_t chosen_ = 0;
    VirtualList list_{VirtualList::Stick::bottom, 60.0};
    VirtualList contacts_{VirtualList::Stick::top, 66.0};
    ChatInput composer_;
    ChatInput search_{256};
    // The selection inside one message.
    std::ptrdiff_t selected_message_ = -1;
    std::size_t select_from_ = 0;
    std::size_t select_to_ = 0;
};

}  // namespace sotto::ui::gallery
