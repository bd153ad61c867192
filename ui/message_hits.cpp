#include "ui/message_hits.hpp"

#include "ui/conversation.hpp"
#include "ui/sanitise.hpp"

#include <algorithm>

namespace sotto::ui {
namespace {

constexpr std::size_t line_code_points_max = 120;
// Longer texts show their beginning: looking for the place would take time for each letter typed.
constexpr std::size_t searched_bytes_max = 4096;
// A match that ends before this is seen without a cut.
constexpr std::size_t seen_bytes = 32;
// Words before the match are kept as long as they are this close: the line shows about 35 letters.
constexpr std::size_t context_bytes = 16;

std::vector<std::size_t> word_starts(std::string_view text) {
    std::vector<std::size_t> starts{0};
    for (std::size_t i = 1; i < text.size(); ++i) {
        const bool start = (text[i - 1] == ' ' || text[i - 1] == '\n') && text[i] != ' ';
        if (start) {
            starts.push_back(i);
        }
    }
    return starts;
}

}  // namespace

std::string excerpt(std::string_view text, std::string_view query) {
    const std::string needle = fold_for_search(query);
    if (needle.empty() || text.size() > searched_bytes_max ||
        !contains_folded(fold_for_search(text), needle)) {
        return sanitise_name(text, line_code_points_max);
    }
    // The last word from which on the text still has the first match: what ends before a word's
    // start has it or has it not, so the border can be halved.
    const std::vector<std::size_t> starts = word_starts(text);
    const auto first_with =
        std::partition_point(starts.begin(), starts.end(), [&](std::size_t start) {
            return !contains_folded(fold_for_search(text.substr(0, start)), needle);
        });
    std::size_t word = static_cast<std::size_t>(first_with - starts.begin());
    const std::size_t end = first_with == starts.end() ? text.size() : *first_with;
    if (end <= seen_bytes) {
        return sanitise_name(text, line_code_points_max);
    }
    const std::size_t back = query.size() + context_bytes;
    while (word > 0 && (word == starts.size() || starts[word] + back > end)) {
        --word;
    }
    const std::size_t begin = starts[word];
    return (begin == 0 ? "" : "… ") + sanitise_name(text.substr(begin), line_code_points_max);
}

void MessageHits::take(const peer::HistoryHits& hits) {
    for (peer::Message& message : messages) {
        overwrite(message.text);
    }
    messages.clear();
    query = hits.query;
    answered = true;
    const std::size_t count = std::min(hits.messages.size(), shown_max);
    messages.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        messages.push_back(hits.messages[i]);
        std::string line = excerpt(messages.back().text, query);
        overwrite(messages.back().text);
        messages.back().text = std::move(line);
    }
    ++revision;
}

void MessageHits::forget() {
    for (peer::Message& message : messages) {
        overwrite(message.text);
    }
    messages.clear();
    overwrite(query);
    answered = false;
    ++revision;
}

}  // namespace sotto::ui
