// What a search in the messages found: one line of each, cut so that the words looked for are in
// it.
//
// Texts are sanitised on the way in, and overwritten when they go. Pure values; no ImGui.
#pragma once

#include "peer/output.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::ui {

struct MessageHits {
    static constexpr std::size_t shown_max = 200;  // beyond that a person types another word
    std::string query;                             // as typed
    std::vector<peer::Message> messages;           // newest first; `text` is the line
    bool answered = false;
    std::uint64_t revision = 0;

    void take(const peer::HistoryHits& hits);
    void forget();
};

// One line of `text` in which `query` can be seen: from some words before it, at most 120 code
// points. The beginning, when it is not found as the search box compares.
[[nodiscard]] std::string excerpt(std::string_view text, std::string_view query);

}  // namespace sotto::ui
