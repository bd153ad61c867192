// The members as others and the operator see them: the part of SqliteAccounts about names.
#include "rendezvous/sqlite_accounts.hpp"

namespace sotto::rendezvous {

// --- for the operator --------------------------------------------------------------------------

ops::OpResult SqliteAccounts::apply(const ops::SetDisabled& op) {
    set_disabled_.bind(op.disabled ? 1 : 0).bind(std::string_view(op.username)).run();
    renew_name(op.username);
    ops::AccountChanged changed;
    find_name_.bind(std::string_view(op.username));
    if (find_name_.step()) changed.account = find_name_.id<AccountId>(0);
    find_name_.rewind();
    return changed;
}

ops::OpResult SqliteAccounts::apply(const ops::RemoveAccount& op) {
    ops::AccountChanged changed;
    std::int64_t account_id = 0;
    find_name_.bind(std::string_view(op.username));
    if (find_name_.step()) {
        changed.account = find_name_.id<AccountId>(0);
        account_id = find_name_.integer(3);
    }
    find_name_.rewind();
    if (!changed.account) return changed;
    remove_unlisted(account_id, {});
    delete_sent_requests_.bind(changed.account->view()).run();
    delete_request_counts_.bind(changed.account->view()).run();
    delete_account_.bind(account_id).run();
    renew_name(op.username);
    return changed;
}

// --- directory ---------------------------------------------------------------------------------

ops::OpResult SqliteAccounts::apply(const ops::FindMember& op) {
    ops::FindMemberResult result;
    find_member_.bind(std::string_view(op.username));
    if (find_member_.step()) {
        result = {.account = find_member_.id<AccountId>(0),
                  .username = op.username,
                  .listed = find_member_.integer(1) != 0,
                  .visibility = visibility_of(find_member_.integer(2))};
    }
    find_member_.rewind();
    return result;
}

NameList& SqliteAccounts::names() {
    if (!names_) {
        names_.emplace();
        while (list_names_.step())
            names_->append(list_names_.text(0));
    }
    return *names_;
}

void SqliteAccounts::renew_name(const std::string& username) {
    if (!names_) return;
    find_member_.bind(std::string_view(username));
    const bool shown = find_member_.step() && find_member_.integer(1) != 0;
    find_member_.rewind();
    shown ? names_->insert(username) : names_->erase(username);
}

ops::OpResult SqliteAccounts::apply(const ops::ListMembers& op) {
    ops::MemberPage page;
    std::vector<std::string> found = names().find(op.query, op.after, op.limit + 1);
    page.more = found.size() > op.limit;
    if (page.more) found.pop_back();
    for (const std::string& username : found) {
        auto member = std::get<ops::FindMemberResult>(apply(ops::FindMember{username}));
        if (member) page.members.push_back(std::move(*member));
    }
    return page;
}

}  // namespace sotto::rendezvous
