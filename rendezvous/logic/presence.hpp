// Who is told when somebody comes or goes.
//
// Presence of a listed member follows the member's own setting; of anyone else it is shown only to
// who holds the mailbox token; `nobody` is never shown (docs/protocol.md 2.3, 2.11). Watch lists
// are soft state of a connection and bounded in total. Changes for large directories are gathered
// and sent four times a second, so that one arrival does not cost a frame per member.
#pragma once

#include "rendezvous/logic/state.hpp"

namespace sotto::rendezvous {

// Who may see that an account is online, at one moment.
struct Audience {
    std::set<UserId> users;
    bool members = false;  // all members, hence everybody who watches the directory
};

class PresenceBoard {
public:
    explicit PresenceBoard(State& state) : state_(state) {}

    void watch(Turn& turn, const UserId& user, RequestId id, const Watch& request);
    void forget(const UserId& user);

    // To be called around a change: first this, then the change, then changed().
    [[nodiscard]] Audience audience(const AccountId& account, const Turn& turn) const;
    // Tells who sees the account now and did not before that it is online, and the reverse.
    void changed(Turn& turn, const AccountId& account, const std::string& username,
                 const Audience& before);
    void flush(Turn& turn);
    [[nodiscard]] std::size_t watched_total() const { return watched_total_; }

    // Whether any member may see that this one is online.
    [[nodiscard]] static bool open_to_members(bool listed, Visibility visibility) {
        return listed && visibility == Visibility::members;
    }

private:
    [[nodiscard]] bool shows(const OnlineAccount& account, const WatchedAccount& watched,
                             const Turn& turn) const;
    [[nodiscard]] bool large_directory() const;
    void push_in_parts(Turn& turn, const UserId& user, const std::vector<MemberEntry>& entries);
    void tell(Turn& turn, const std::set<UserId>& users, bool members, const MemberEntry& entry);

    State& state_;
    std::map<AccountId, std::set<UserId>> watchers_;
    std::set<UserId> directory_watchers_;
    std::size_t watched_total_ = 0;
    std::map<AccountId, std::string> gathered_;  // with their names; told at the next flush()
};

}  // namespace sotto::rendezvous
