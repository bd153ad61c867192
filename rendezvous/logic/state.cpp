#include "rendezvous/logic/state.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

// At the store at once: more only lengthens the queue. 64 MiB of items bound the memory.
constexpr std::size_t max_pending = 16'384;
constexpr std::size_t max_pending_bytes = 64U << 20;
// One client's share: four mail windows.
constexpr std::size_t max_pending_per_client = 256;
// Time for the queue to get shorter: several group commits.
constexpr std::uint32_t busy_retry_ms = 200;
// Disks do not get emptier by themselves: an operator has to act.
constexpr std::uint32_t storage_retry_ms = 30'000;

std::size_t item_bytes(const std::vector<ops::Op>& batch) {
    std::size_t bytes = 0;
    for (const ops::Op& op : batch) {
        if (const auto* put = std::get_if<ops::PutMail>(&op)) bytes += put->item.size();
    }
    return bytes;
}

}  // namespace

MailboxTokenHash hash_of(const MailboxToken& token) {
    return MailboxTokenHash(crypto::hash(crypto::label::mailbox_token, {token.view()}));
}

Client* State::find(const UserId& user) {
    if (last_.client != nullptr && last_.client->first == user) return &last_.client->second;
    const auto client = clients.find(user);
    if (client == clients.end()) return nullptr;
    last_.client = &*client;
    return &client->second;
}

OnlineAccount* State::find(const AccountId& account) {
    if (last_.account != nullptr && last_.account->first == account) return &last_.account->second;
    const auto found = online.find(account);
    if (found == online.end()) return nullptr;
    last_.account = &*found;
    return &found->second;
}

void State::forget(const UserId& user) {
    last_.client = nullptr;
    clients.erase(user);
}

void State::forget(const AccountId& account) {
    last_.account = nullptr;
    online.erase(account);
}

OnlineDevice* State::find(const ops::MailAddress& address) {
    OnlineAccount* account = find(address.account);
    if (account == nullptr) return nullptr;
    const auto device = account->devices.find(address.device);
    return device == account->devices.end() ? nullptr : &device->second;
}

void State::set_session(const UserId& user, Client& client, const std::optional<Session>& session) {
    client.session = session;
    if (session && session->device) {
        anonymous.remove(user);
    } else {
        anonymous.add(user, client.prefix);
    }
}

std::optional<ops::MailAddress> State::device_of(const UserId& user) {
    const Client* client = find(user);
    if (client == nullptr || !client->session || !client->session->device) return std::nullopt;
    return ops::MailAddress{client->session->account, *client->session->device};
}

void State::reply(Turn& turn, const UserId& user, RequestId id, Reply reply) {
    if (find(user) == nullptr) return;
    turn.outputs.push_back(
        SendFrame{user, encode(ReplyFrame{.id = id, .reply = std::move(reply)})});
}

std::optional<ops::MailAddress> State::require_device(Turn& turn, const UserId& user,
                                                      RequestId id) {
    if (const auto address = device_of(user)) return address;
    const Client* client = find(user);
    const bool by_password = client != nullptr && client->session.has_value();
    refuse(turn, user, id, by_password ? ErrorCode::not_allowed : ErrorCode::unknown_session);
    return std::nullopt;
}

void State::refuse(Turn& turn, const UserId& user, RequestId id, StoreError error) {
    const bool full = error == StoreError::disk_full;
    refuse(turn, user, id, full ? ErrorCode::disk_full : ErrorCode::busy, storage_retry_ms);
}

bool State::admit_many(Turn& turn, const UserId& user, RequestId id, Action action,
                       std::uint32_t count) {
    Client& client = *find(user);
    const bool of_account = client.session && limits.by_account(action);
    OnlineAccount* account = of_account ? find(client.session->account) : nullptr;
    const auto wait =
        limits.refuse(action, count, turn.now.mono_ms, client.buckets,
                      account == nullptr ? nullptr : &account->buckets, client.prefix);
    if (wait) refuse(turn, user, id, ErrorCode::rate_limited, *wait);
    return !wait;
}

bool State::ask(Turn& turn, const std::optional<UserId>& user, RequestId id, Continuation next,
                std::vector<ops::Op> batch) {
    const std::size_t bytes = item_bytes(batch);
    if (user) {
        Client& client = *find(*user);
        if (client.pending >= max_pending_per_client || pending_.size() >= max_pending ||
            pending_bytes_ + bytes > max_pending_bytes) {
            refuse(turn, *user, id, ErrorCode::busy, busy_retry_ms);
            return false;
        }
        ++client.pending;
    }
    pending_bytes_ += bytes;
    const std::uint64_t token = next_token_++;
    pending_.emplace(token, Pending{user, id, bytes, std::move(next)});
    turn.outputs.push_back(StoreRequest{token, std::move(batch)});
    return true;
}

bool State::ask(Turn& turn, const std::optional<UserId>& user, RequestId id, Continuation next,
                ops::Op op) {
    std::vector<ops::Op> batch;
    batch.push_back(std::move(op));
    return ask(turn, user, id, std::move(next), std::move(batch));
}

std::optional<Pending> State::finish(std::uint64_t token) {
    const auto found = pending_.find(token);
    if (found == pending_.end()) return std::nullopt;
    Pending pending = std::move(found->second);
    pending_.erase(found);
    pending_bytes_ -= pending.bytes;
    if (pending.user) {
        if (Client* client = find(*pending.user); client != nullptr && client->pending > 0) {
            --client->pending;
        }
    }
    return pending;
}

}  // namespace sotto::rendezvous
