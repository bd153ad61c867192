#include "rendezvous/logic/directory.hpp"

#include "rendezvous/logic/presence.hpp"

namespace sotto::rendezvous {

void Directory::look_up(Turn& turn, const UserId& user, RequestId id, const LookUp& request) {
    if (!state_.require_device(turn, user, id)) return;
    if (!state_.admit(turn, user, id, Action::look_up)) return;
    // A name that cannot exist takes the same way as one that does not.
    state_.ask(turn, user, id, AwaitMember{}, ops::FindMember{request.username});
}

void Directory::page(Turn& turn, const UserId& user, RequestId id, DirectoryPage& request) {
    if (!state_.require_device(turn, user, id)) return;
    if (!state_.admit(turn, user, id, Action::look_up)) return;
    state_.ask(turn, user, id, AwaitMembers{},
               ops::ListMembers{.query = std::move(request.query),
                                .after = std::move(request.after),
                                .limit = request.limit});
}

MemberEntry Directory::entry_of(ops::MemberRow& row) const {
    const bool shown = PresenceBoard::open_to_members(row.listed, row.visibility);
    return {.account = row.account,
            .username = std::move(row.username),
            .online = shown && state_.online.contains(row.account)};
}

void Directory::resume(Turn& turn, const Pending& pending, const AwaitMember&, StoreDone& done) {
    const UserId& user = *pending.user;
    if (!done.results) return state_.refuse(turn, user, pending.request_id, done.results.error());
    auto& row = std::get<ops::FindMemberResult>(done.results->front());
    if (!row || !row->listed) {
        return state_.refuse(turn, user, pending.request_id, ErrorCode::not_found);
    }
    state_.reply(turn, user, pending.request_id, Found{entry_of(*row)});
}

void Directory::resume(Turn& turn, const Pending& pending, const AwaitMembers&, StoreDone& done) {
    const UserId& user = *pending.user;
    if (!done.results) return state_.refuse(turn, user, pending.request_id, done.results.error());
    auto& page = std::get<ops::MemberPage>(done.results->front());
    Members reply{.members = {}, .more = page.more};
    for (ops::MemberRow& row : page.members)
        reply.members.push_back(entry_of(row));
    state_.reply(turn, user, pending.request_id, std::move(reply));
}

}  // namespace sotto::rendezvous
