#include "rendezvous/name_list.hpp"

#include <algorithm>
#include <cstring>

namespace sotto::rendezvous {

namespace {

constexpr char separator = '\n';

bool may_be_in_a_name(std::string_view piece) {
    return std::all_of(piece.begin(), piece.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

}  // namespace

std::string_view NameList::name_at(std::size_t position) const {
    const std::size_t end = text_.find(separator, position);
    return std::string_view(text_).substr(position, end - position);
}

std::size_t NameList::position_of(std::string_view name) const {
    // Binary search by bytes; each probe moves back to the start of its name.
    std::size_t low = 0;
    std::size_t high = text_.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const std::size_t before =
            middle == 0 ? std::string::npos : text_.rfind(separator, middle - 1);
        const std::size_t start = before == std::string::npos ? 0 : before + 1;
        const std::string_view probe = name_at(start);
        if (probe < name) {
            low = start + probe.size() + 1;
        } else {
            high = start;
        }
    }
    return low;
}

void NameList::append(std::string_view name) {
    text_.append(name).push_back(separator);
}

void NameList::insert(std::string_view name) {
    const std::size_t at = position_of(name);
    if (at < text_.size() && name_at(at) == name) return;
    std::string line(name);
    line.push_back(separator);
    text_.insert(at, line);
}

void NameList::erase(std::string_view name) {
    const std::size_t at = position_of(name);
    if (at < text_.size() && name_at(at) == name) text_.erase(at, name.size() + 1);
}

std::vector<std::string> NameList::find(std::string_view piece, std::string_view after,
                                        std::size_t limit) const {
    std::vector<std::string> found;
    if (!may_be_in_a_name(piece)) return found;
    std::size_t at = position_of(after);
    if (at < text_.size() && name_at(at) == after) at += after.size() + 1;
    while (at < text_.size() && found.size() < limit) {
        // Not std::string::find, which stops at each first letter: three times slower.
        const void* match =
            memmem(text_.data() + at, text_.size() - at, piece.data(), piece.size());
        if (match == nullptr) break;
        const auto hit = static_cast<std::size_t>(static_cast<const char*>(match) - text_.data());
        const std::size_t before = hit == 0 ? std::string::npos : text_.rfind(separator, hit - 1);
        const std::size_t start = before == std::string::npos ? 0 : before + 1;
        found.emplace_back(name_at(start));
        at = start + found.back().size() + 1;
    }
    return found;
}

}  // namespace sotto::rendezvous
