#include "rendezvous/logic/presence.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

// 1,000,000 x about 100 B = 100 MB; 20,000 clients with 50 contacts each.
constexpr std::size_t max_watched_total = 1'000'000;
// Until others have gone: minutes, and the list before stays meanwhile.
constexpr std::uint32_t watch_retry_ms = 60'000;
// Up to here a change is pushed at once; beyond it waits for the next tick (250 ms).
constexpr std::size_t immediate_watchers = 64;

}  // namespace

bool PresenceBoard::large_directory() const {
    return directory_watchers_.size() > immediate_watchers;
}

bool PresenceBoard::shows(const OnlineAccount& account, const WatchedAccount& watched,
                          const Turn& turn) const {
    if (open_to_members(account.listed, account.visibility)) return true;
    return account.visibility != Visibility::nobody && watched.token &&
           account.tokens.accept(*watched.token, turn.now.wall_ms);
}

void PresenceBoard::forget(const UserId& user) {
    Client* client = state_.find(user);
    if (client == nullptr) return;
    for (const WatchedAccount& watched : client->watched) {
        const auto entry = watchers_.find(watched.account);
        if (entry == watchers_.end()) continue;
        entry->second.erase(user);
        if (entry->second.empty()) watchers_.erase(entry);
    }
    watched_total_ -= client->watched.size();
    client->watched.clear();
    client->watches_directory = false;
    directory_watchers_.erase(user);
}

void PresenceBoard::watch(Turn& turn, const UserId& user, RequestId id, const Watch& request) {
    if (!state_.require_device(turn, user, id)) return;
    if (!state_.admit(turn, user, id, Action::publish)) return;
    const std::size_t watched_before = state_.clients.at(user).watched.size();
    if (watched_total_ - watched_before + request.accounts.size() > max_watched_total) {
        return state_.refuse(turn, user, id, ErrorCode::server_full, watch_retry_ms);
    }
    forget(user);
    Client& client = *state_.find(user);
    client.watches_directory = request.directory;
    if (request.directory) directory_watchers_.insert(user);
    watched_total_ += request.accounts.size();
    Presence online;
    for (const WatchEntry& entry : request.accounts) {
        WatchedAccount watched{.account = entry.account, .token = std::nullopt};
        if (entry.token) watched.token = hash_of(*entry.token);
        watchers_[entry.account].insert(user);
        const OnlineAccount* account = state_.find(entry.account);
        if (account != nullptr && shows(*account, watched, turn)) {
            online.entries.push_back({entry.account, account->username, true});
        }
        client.watched.push_back(std::move(watched));
    }
    state_.reply(turn, user, id, Ok{});
    push_in_parts(turn, user, online.entries);
}

void PresenceBoard::push_in_parts(Turn& turn, const UserId& user,
                                  const std::vector<MemberEntry>& entries) {
    for (std::size_t at = 0; at < entries.size(); at += max_presence_entries) {
        const std::size_t end = std::min(at + max_presence_entries, entries.size());
        const auto first = entries.begin();
        state_.push(turn, user,
                    Presence{{first + static_cast<std::ptrdiff_t>(at),
                              first + static_cast<std::ptrdiff_t>(end)}});
    }
}

Audience PresenceBoard::audience(const AccountId& account_id, const Turn& turn) const {
    Audience audience;
    std::set<UserId>& users = audience.users;
    const OnlineAccount* const online = state_.find(account_id);
    if (online == nullptr) return audience;
    const OnlineAccount& account = *online;
    if (const auto entry = watchers_.find(account_id); entry != watchers_.end()) {
        for (const UserId& user : entry->second) {
            const std::vector<WatchedAccount>& all = state_.find(user)->watched;
            const auto watched = std::lower_bound(
                all.begin(), all.end(), account_id,
                [](const WatchedAccount& each, const AccountId& id) { return each.account < id; });
            if (watched != all.end() && shows(account, *watched, turn)) users.insert(user);
        }
    }
    audience.members = open_to_members(account.listed, account.visibility);
    if (audience.members) users.insert(directory_watchers_.begin(), directory_watchers_.end());
    for (const auto& [device, own] : account.devices)
        users.erase(own.user);
    return audience;
}

void PresenceBoard::changed(Turn& turn, const AccountId& account_id, const std::string& username,
                            const Audience& before) {
    const Audience after = audience(account_id, turn);
    std::set<UserId> gone;
    std::set<UserId> come;
    std::set_difference(before.users.begin(), before.users.end(), after.users.begin(),
                        after.users.end(), std::inserter(gone, gone.end()));
    std::set_difference(after.users.begin(), after.users.end(), before.users.begin(),
                        before.users.end(), std::inserter(come, come.end()));
    tell(turn, gone, before.members, {account_id, username, false});
    tell(turn, come, after.members, {account_id, username, true});
}

// Only what all members may know is gathered: the rest goes to exactly the users named.
void PresenceBoard::tell(Turn& turn, const std::set<UserId>& users, bool members,
                         const MemberEntry& entry) {
    if (users.empty()) return;
    const Bytes frame = encode(ReplyFrame{.id = 0, .reply = Presence{{entry}}});
    for (const UserId& user : users) {
        if (members && large_directory() && directory_watchers_.contains(user)) {
            gathered_.insert_or_assign(entry.account, entry.username);
        } else {
            turn.outputs.push_back(SendFrame{user, frame});
        }
    }
}

// What has gathered goes to the whole directory, as it is now. But not to the member's own devices,
// and not to those who know better than all members: who still see somebody that went out of sight.
void PresenceBoard::flush(Turn& turn) {
    if (gathered_.empty()) return;
    std::vector<MemberEntry> entries;
    std::map<UserId, std::set<AccountId>> untold;
    for (auto& [account_id, username] : gathered_) {
        const OnlineAccount* account = state_.find(account_id);
        const bool shown =
            account != nullptr && open_to_members(account->listed, account->visibility);
        entries.push_back({account_id, std::move(username), shown});
        if (account == nullptr) continue;
        for (const auto& [device, own] : account->devices)
            untold[own.user].insert(account_id);
        if (shown) continue;
        for (const UserId& user : audience(account_id, turn).users)
            untold[user].insert(account_id);
    }
    gathered_.clear();
    for (const UserId& user : directory_watchers_) {
        const auto but = untold.find(user);
        if (but == untold.end()) {
            push_in_parts(turn, user, entries);
            continue;
        }
        std::vector<MemberEntry> some;
        std::copy_if(
            entries.begin(), entries.end(), std::back_inserter(some),
            [&but](const MemberEntry& entry) { return !but->second.contains(entry.account); });
        push_in_parts(turn, user, some);
    }
}

}  // namespace sotto::rendezvous
