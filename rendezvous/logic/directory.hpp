// Looking members up by name, and the pages of the member directory.
//
// "Not listed" and "does not exist" are one reply, in both server modes (docs/protocol.md 2.3).
#pragma once

#include "rendezvous/logic/state.hpp"

namespace sotto::rendezvous {

class Directory {
public:
    explicit Directory(State& state) : state_(state) {}

    void look_up(Turn& turn, const UserId& user, RequestId id, const LookUp& request);
    void page(Turn& turn, const UserId& user, RequestId id, DirectoryPage& request);

    void resume(Turn& turn, const Pending& pending, const AwaitMember& next, StoreDone& done);
    void resume(Turn& turn, const Pending& pending, const AwaitMembers& next, StoreDone& done);

private:
    [[nodiscard]] MemberEntry entry_of(ops::MemberRow& row) const;

    State& state_;
};

}  // namespace sotto::rendezvous
