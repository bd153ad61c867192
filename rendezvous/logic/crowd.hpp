// Those who share places that nobody has a right to, and who of them has to go for a newcomer.
//
// They are kept by where they come from. Who goes is the oldest of the largest group: so whoever
// opens many connections from one place pushes out his own, and those from elsewhere stay. Every
// call costs a few look-ups. Pure; its size is the caller's to bound.
#pragma once

#include "rendezvous/logic/values.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace sotto::rendezvous {

template <class Id>
class Crowd {
public:
    // Nothing: this machine's own connections, one group like any other.
    using Group = std::optional<AddressPrefix>;

    // As the newest of its group. One that is here already keeps its place.
    void add(const Id& id, const Group& group) {
        if (places_.contains(id)) return;
        const Place place{.group = group, .number = next_number_++};
        places_.emplace(id, place);
        auto& members = groups_[group];
        move(group, members.size(), members.size() + 1);
        members.emplace(place.number, id);
    }
    void remove(const Id& id) {
        const auto found = places_.find(id);
        if (found == places_.end()) return;
        const Place place = found->second;
        places_.erase(found);
        const auto group = groups_.find(place.group);
        move(place.group, group->second.size(), group->second.size() - 1);
        group->second.erase(place.number);
        if (group->second.empty()) groups_.erase(group);
    }

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    [[nodiscard]] std::size_t size_of(const Group& group) const {
        const auto found = groups_.find(group);
        return found == groups_.end() ? 0 : found->second.size();
    }
    [[nodiscard]] std::optional<Id> oldest_of(const Group& group) const {
        const auto found = groups_.find(group);
        if (found == groups_.end()) return std::nullopt;
        return found->second.begin()->second;
    }
    // Who goes for a newcomer.
    [[nodiscard]] std::optional<Id> first_to_go() const {
        if (by_size_.empty()) return std::nullopt;
        return oldest_of(by_size_.rbegin()->second);
    }

private:
    struct Place {
        Group group;
        std::uint64_t number = 0;
    };
    void move(const Group& group, std::size_t before, std::size_t after) {
        by_size_.erase({before, group});
        if (after > 0) by_size_.emplace(after, group);
    }

    std::map<Id, Place> places_;
    std::map<Group, std::map<std::uint64_t, Id>> groups_;  // by age, the oldest first
    std::set<std::pair<std::size_t, Group>> by_size_;
    std::uint64_t next_number_ = 1;
};

}  // namespace sotto::rendezvous
