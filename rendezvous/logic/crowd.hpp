// Those who share places that nobody has a right to, and who of them has to go for a newcomer.
//
// They are kept by where they come from: the address prefix, and the site it belongs to. Who goes
// is the oldest of the largest site, among equal ones of the one with the oldest member: so whoever
// opens many connections from one place pushes out his own, and those from elsewhere stay. While it
// has its grace a newcomer does not count, so that two of one person, one of them logging in, are
// no large site. Every call costs a few look-ups. Pure; its size is the caller's to bound.
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
        if (const auto place = enter(id, group)) settle(id, *place);
    }
    // With a grace, which settle_newcomers() ends.
    void add_newcomer(const Id& id, const Group& group, std::uint64_t now_ms) {
        const auto place = enter(id, group);
        if (place) newcomers_.emplace(place->number, Newcomer{id, now_ms});
    }
    // Ends the grace of those who had theirs, and of the oldest while there are more than `most`.
    void settle_newcomers(std::uint64_t now_ms, std::size_t most) {
        while (!newcomers_.empty()) {
            const Newcomer& oldest = newcomers_.begin()->second;
            if (newcomers_.size() <= most && now_ms < oldest.since_ms + grace_ms) return;
            const Id id = oldest.id;
            newcomers_.erase(newcomers_.begin());
            settle(id, places_.at(id));
        }
    }
    void remove(const Id& id) {
        const auto found = places_.find(id);
        if (found == places_.end()) return;
        const Place place = found->second;
        places_.erase(found);
        const auto group = groups_.find(place.group);
        group->second.erase(place.number);
        if (group->second.empty()) groups_.erase(group);
        if (newcomers_.erase(place.number) > 0) return;
        change(site_of(place.group), [&](Members& members) { members.erase(place.number); });
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
    // Who goes for a newcomer: one with a grace only where there are no others.
    [[nodiscard]] std::optional<Id> first_to_go() const {
        if (ranking_.empty()) {
            if (newcomers_.empty()) return std::nullopt;
            return newcomers_.begin()->second.id;
        }
        return sites_.at(ranking_.begin()->site).begin()->second;
    }

private:
    // A login is three answers of the server, 10 s on a bad line.
    static constexpr std::uint64_t grace_ms = 10'000;
    using Members = std::map<std::uint64_t, Id>;  // by age, the oldest first
    struct Newcomer {
        Id id;
        std::uint64_t since_ms = 0;
    };
    struct Place {
        Group group;
        std::uint64_t number = 0;
    };
    struct Rank {
        std::size_t size = 0;
        std::uint64_t oldest = 0;
        Group site;

        bool operator<(const Rank& other) const {
            return size != other.size ? size > other.size : oldest < other.oldest;
        }
    };

    // A /48 of IPv6 is what one customer gets, with 65,536 prefixes to come from. IPv4's is itself.
    [[nodiscard]] static Group site_of(const Group& group) {
        if (!group || group->back() != 6) return group;
        Group site = group;
        (*site)[6] = 0;
        (*site)[7] = 0;
        return site;
    }
    // Nothing when it is here already.
    std::optional<Place> enter(const Id& id, const Group& group) {
        const Place place{.group = group, .number = next_number_};
        if (!places_.emplace(id, place).second) return std::nullopt;
        ++next_number_;
        groups_[group].emplace(place.number, id);
        return place;
    }
    void settle(const Id& id, const Place& place) {
        change(site_of(place.group), [&](Members& members) { members.emplace(place.number, id); });
    }
    template <class Change>
    void change(const Group& site, const Change& by) {
        Members& members = sites_[site];
        if (!members.empty()) ranking_.erase(rank_of(site, members));
        by(members);
        if (members.empty()) {
            sites_.erase(site);
        } else {
            ranking_.insert(rank_of(site, members));
        }
    }
    [[nodiscard]] static Rank rank_of(const Group& site, const Members& members) {
        return {.size = members.size(), .oldest = members.begin()->first, .site = site};
    }

    std::map<Id, Place> places_;
    std::map<Group, Members> groups_;
    std::map<std::uint64_t, Newcomer> newcomers_;  // by age; in no site yet
    std::map<Group, Members> sites_;
    std::set<Rank> ranking_;  // who goes first; no two have the same oldest member
    std::uint64_t next_number_ = 1;
};

}  // namespace sotto::rendezvous
