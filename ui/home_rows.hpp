// What stands in the list of the left panel, from top to bottom.
//
// Pure: requests first, then contacts by activity, then members of the server who are neither
// contacts nor oneself, then messages that contain what is searched for. A search text filters all,
// accents and case ignored; ignored and blocked contacts appear only when searched for, so that
// they can be found and forgiven.
#pragma once

#include "ui/i18n/text.hpp"
#include "ui/view_model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sotto::ui {

enum class HomeRowKind : std::uint8_t {
    heading,     // `title`
    request,     // `account`
    contact,     // `account`
    member,      // `member` in Directory::members
    hit,         // `hit` in MessageHits::messages
    nobody,      // no contact, no member: how to change that
    no_match,    // nothing fits the search
    no_message,  // no message of the conversation has these words
    type_words,  // searching in a conversation, and nothing is typed yet
    waiting,     // the directory was asked and has not answered, or cannot be
};

struct HomeRow {
    HomeRowKind kind = HomeRowKind::heading;
    Text title = Text::section_members;
    std::optional<peer::AccountId> account = {};
    std::size_t member = 0;
    std::size_t hit = 0;
    [[nodiscard]] bool can_be_chosen() const {
        return kind == HomeRowKind::request || kind == HomeRowKind::contact ||
               kind == HomeRowKind::member || kind == HomeRowKind::hit;
    }
};

// `query` as typed. `within`: only the messages of this conversation.
[[nodiscard]] std::vector<HomeRow> build_home_rows(const ViewModel& model, std::string_view query,
                                                   const std::optional<peer::AccountId>& within);

}  // namespace sotto::ui
