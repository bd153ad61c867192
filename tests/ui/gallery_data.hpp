// Invented people and messages for the gallery: every script and every state a chat has to show.
#pragma once

#include "ui/avatar.hpp"
#include "ui/widgets.hpp"

#include <string>
#include <vector>

namespace sotto::ui::gallery {

struct Person {
    std::string name = {}, preview = {}, time = {};
    Presence presence = Presence::offline;
    unsigned unread = 0;
};

struct Message {
    std::string text = {}, time = {};
    bool mine = false;
    Delivery delivery = Delivery::read;
    bool last_of_group = true;
    std::string day = {};   // a separator above, when not empty
    std::string file = {};  // a file's name: then `text` is its description
    float progress = -1.0F;
};

[[nodiscard]] std::vector<Person> people();
[[nodiscard]] std::vector<Message> conversation();
// A long one, for measurements.
[[nodiscard]] std::vector<Message> long_conversation(std::size_t count);

}  // namespace sotto::ui::gallery
