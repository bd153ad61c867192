// Those who share places that nobody has a right to, and who of them has to go for a newcomer.
//
// They are kept by where they come from. Who goes is the oldest of the largest group, or of all the
// largest: so whoever opens many connections from one place pushes out his own, and those from
// elsewhere stay. Every call costs a few look-ups. Pure; its size is the caller's to bound.
#pragma once

#include "rendezvous/logic/values.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>

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
        Members& members = groups_[group];
        leave_order(group, members);
        members.emplace(place.number, id);
        enter_order(group, members);
    }
    void remove(const Id& id) {
        const auto found = places_.find(id);
        if (found == places_.end()) return;
        const Place place = found->second;
        places_.erase(found);
        const auto group = groups_.find(place.group);
        leave_order(place.group, group->second);
        group->second.erase(place.number);
        enter_order(place.group, group->second);
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
        if (order_.empty()) return std::nullopt;
        return oldest_of(std::get<Group>(*order_.begin()));
    }

private:
    using Members = std::map<std::uint64_t, Id>;  // by age, the oldest first
    struct Place {
        Group group;
        std::uint64_t number = 0;
    };
    // The largest first; of equal ones that with the oldest member.
    using Rank = std::tuple<std::size_t, std::uint64_t, Group>;
    static Rank rank(const Group& group, const Members& members) {
        return {~members.size(), members.begin()->first, group};
    }
    void leave_order(const Group& group, const Members& members) {
        if (!members.empty()) order_.erase(rank(group, members));
    }
    void enter_order(const Group& group, const Members& members) {
        if (!members.empty()) order_.insert(rank(group, members));
    }

    std::map<Id, Place> places_;
    std::map<Group, Members> groups_;
    std::set<Rank> order_;
    std::uint64_t next_number_ = 1;
};

}  // namespace sotto::rendezvous
