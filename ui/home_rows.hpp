// What stands in the list of the left panel, from top to bottom.
//
// Pure: requests first, then contacts by activity, then members of the server who are neither
// contacts nor oneself. A search text filters all three, accents and case ignored; ignored and
// blocked contacts appear only when searched for, so that they can be found and forgiven.
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
    heading,   // `title`
    request,   // `account`
    contact,   // `account`
    member,    // `member` in Directory::members
    nobody,    // no contact, no member: how to change that
    no_match,  // nothing fits the search
    waiting,   // the directory was asked and has not answered, or cannot be
};

struct HomeRow {
    HomeRowKind kind = HomeRowKind::heading;
    Text title = Text::section_members;
    std::optional<peer::AccountId> account = {};
    std::size_t member = 0;
    [[nodiscard]] bool can_be_chosen() const {
        return kind == HomeRowKind::request || kind == HomeRowKind::contact ||
               kind == HomeRowKind::member;
    }
};

// `query` as typed.
[[nodiscard]] std::vector<HomeRow> build_home_rows(const ViewModel& model, std::string_view query);

}  // namespace sotto::ui
