// The operator's ops of the store in memory.
#include "rendezvous/memory_store.hpp"

#include <algorithm>

namespace sotto::rendezvous {

StoreFigures MemoryStore::figures() const {
    StoreFigures figures;
    figures.waiting_batches = submitted_.size();
    for (const auto& [id, account] : accounts_) {
        for (const auto& [device_id, device] : account.devices) {
            figures.mail_items += device.mail.size();
            figures.mail_bytes += device.mail_bytes;
        }
    }
    return figures;
}

MemoryStore::Account* MemoryStore::find(const std::string& username) {
    const auto name = names_.find(username);
    return name == names_.end() ? nullptr : &accounts_.at(name->second);
}

// --- invites -----------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::AddInvite& op) {
    invites_.insert_or_assign(op.hash,
                              Invite{op.uses, op.not_after_ms, op.uses, op.created_ms, op.note});
    return ops::Done{};
}

ops::OpResult MemoryStore::apply(const ops::ListInvites& op) {
    ops::InviteList list;
    for (const auto& [hash, invite] : invites_) {
        if (invite.uses_left == 0 || invite.not_after_ms <= op.now_ms) continue;
        list.invites.push_back({.hash = hash,
                                .uses = invite.uses,
                                .uses_left = invite.uses_left,
                                .created_ms = invite.created_ms,
                                .not_after_ms = invite.not_after_ms,
                                .note = invite.note});
    }
    std::stable_sort(list.invites.begin(), list.invites.end(),
                     [](const auto& a, const auto& b) { return a.created_ms < b.created_ms; });
    list.more = list.invites.size() > ops::max_admin_rows;
    while (list.invites.size() > ops::max_admin_rows)
        list.invites.pop_back();
    return list;
}

ops::OpResult MemoryStore::apply(const ops::RevokeInvite& op) {
    const auto matches = [&op](const auto& invite) {
        const ByteView hash = invite.first.view();
        return op.hash_start.size() <= hash.size() &&
               std::equal(op.hash_start.begin(), op.hash_start.end(), hash.begin());
    };
    const auto first = std::find_if(invites_.begin(), invites_.end(), matches);
    if (first == invites_.end()) return ops::RevokeResult::unknown;
    if (std::find_if(std::next(first), invites_.end(), matches) != invites_.end()) {
        return ops::RevokeResult::ambiguous;
    }
    invites_.erase(first);
    return ops::RevokeResult::revoked;
}

// --- members -----------------------------------------------------------------------------------

ops::AccountInfo MemoryStore::info_of(const AccountId& id, const Account& account) {
    ops::AccountInfo info{.account = id,
                          .username = account.username,
                          .created_ms = account.created_ms,
                          .listed = account.listed,
                          .visibility = account.visibility,
                          .disabled = account.disabled,
                          .devices = account.devices.size(),
                          .mail_items = 0,
                          .mail_bytes = 0};
    for (const auto& [device_id, device] : account.devices) {
        info.mail_items += device.mail.size();
        info.mail_bytes += device.mail_bytes;
    }
    return info;
}

ops::OpResult MemoryStore::apply(const ops::ListAccounts& op) {
    ops::AccountPage page;
    const std::size_t limit = std::min(op.limit, ops::max_admin_rows);
    for (auto name = names_.upper_bound(op.after); name != names_.end(); ++name) {
        if (name->first.find(op.query) == std::string::npos) continue;
        if (page.accounts.size() == limit) {
            page.more = true;
            break;
        }
        page.accounts.push_back(info_of(name->second, accounts_.at(name->second)));
    }
    return page;
}

ops::OpResult MemoryStore::apply(const ops::FindAccount& op) {
    const auto name = names_.find(op.username);
    if (name == names_.end()) return ops::FindAccountResult();
    return ops::FindAccountResult(info_of(name->second, accounts_.at(name->second)));
}

ops::OpResult MemoryStore::apply(const ops::SetDisabled& op) {
    Account* account = find(op.username);
    if (account == nullptr) return ops::AccountChanged{};
    account->disabled = op.disabled;
    return ops::AccountChanged{names_.at(op.username)};
}

ops::OpResult MemoryStore::apply(const ops::RemoveAccount& op) {
    const auto name = names_.find(op.username);
    if (name == names_.end()) return ops::AccountChanged{};
    const AccountId account = name->second;
    std::erase_if(requests_, [&account](const auto& mark) {
        return mark.first.first == account || mark.first.second.account == account;
    });
    requests_sent_.erase(account);
    accounts_.erase(account);
    names_.erase(name);
    return ops::AccountChanged{account};
}

// --- counts ------------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::CountAll& op) {
    ops::StoreCounts counts{
        .accounts = accounts_.size(), .listed = 0, .disabled = 0, .devices = 0, .invites = 0};
    for (const auto& [id, account] : accounts_) {
        counts.listed += account.listed && !account.disabled ? 1U : 0U;
        counts.disabled += account.disabled ? 1U : 0U;
        counts.devices += account.devices.size();
    }
    for (const auto& [hash, invite] : invites_) {
        counts.invites += invite.uses_left > 0 && invite.not_after_ms > op.now_ms ? 1U : 0U;
    }
    return counts;
}

}  // namespace sotto::rendezvous
