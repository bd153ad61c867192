// The listed members' names in memory, for "names that contain this" at any length of "this".
//
// One sorted block of text: 100,000 names are 1.6 MB, and a search that finds nothing takes a
// millisecond, where a scan of the database's index takes 8; others take a few microseconds. A copy
// of what the store holds; whoever changes the store changes it as well, or drops it to be made
// again. Refuses nothing: what is no piece of a name is not found. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::rendezvous {

class NameList {
public:
    // `name` must come after all others: for the first filling.
    void append(std::string_view name);
    // Nothing happens when it is there already, or not there.
    void insert(std::string_view name);
    void erase(std::string_view name);

    // At most `limit` names that contain `piece` and come after `after`, in byte order. An empty
    // piece is in all of them.
    [[nodiscard]] std::vector<std::string> find(std::string_view piece, std::string_view after,
                                                std::size_t limit) const;

private:
    // Of the first name that is not below `name`.
    [[nodiscard]] std::size_t position_of(std::string_view name) const;
    [[nodiscard]] std::string_view name_at(std::size_t position) const;

    std::string text_;  // each name followed by a newline, which is below all letters of names
};

}  // namespace sotto::rendezvous
