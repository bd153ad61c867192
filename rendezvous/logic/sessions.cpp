#include "rendezvous/logic/sessions.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

std::uint16_t to_u16(std::size_t count) {
    return static_cast<std::uint16_t>(std::min<std::size_t>(count, 0xffff));
}

}  // namespace

void Sessions::begin_device(Turn& turn, const UserId& user, RequestId id,
                            const ops::MailAddress& address, const ops::DeviceRow& row) {
    Client* client = state_.find(user);
    if (client == nullptr) return;  // gone while the store was asked
    // The same device again: its entry is taken over below, so that nobody sees it go and come.
    if (const OnlineDevice* old = state_.find(address)) detach(turn, old->user, user);
    end(turn, user);

    const Audience before = presence_.audience(address.account, turn);
    state_.set_session(user, *client, Session{address.account, address.device});
    OnlineAccount& account = state_.online[address.account];
    account.username = row.username;
    account.listed = row.listed;
    account.visibility = row.visibility;
    account.tokens = row.tokens;
    account.devices.insert_or_assign(address.device, OnlineDevice{.user = user, .delivery = {}});
    ++state_.counters.device_logins;
    state_.reply(turn, user, id,
                 LoggedIn{.kind = SessionKind::device,
                          .account = address.account,
                          .username = row.username,
                          .server_time_ms = turn.now.wall_ms,
                          .observed = client->observed,
                          .one_time_left = to_u16(row.one_time_left),
                          .mail_waiting = to_u16(row.mail_waiting),
                          .has_mailbox_token = row.tokens.current.has_value()});
    presence_.changed(turn, address.account, row.username, before);
    mailbox_.start(turn, address);
}

void Sessions::detach(Turn& turn, const UserId& old, const UserId& by) {
    if (old != by) state_.push(turn, old, SessionEnded{SessionEnd::replaced});
    presence_.forget(old);
    state_.set_session(old, *state_.find(old), std::nullopt);
}

void Sessions::begin_password(Turn& turn, const UserId& user, RequestId id,
                              const AccountId& account, const std::string& username) {
    Client* client = state_.find(user);
    if (client == nullptr) return;
    end(turn, user);
    state_.set_session(user, *client, Session{account, std::nullopt});
    ++state_.counters.password_logins;
    state_.reply(turn, user, id,
                 LoggedIn{.kind = SessionKind::password_only,
                          .account = account,
                          .username = username,
                          .server_time_ms = turn.now.wall_ms,
                          .observed = client->observed,
                          .one_time_left = 0,
                          .mail_waiting = 0,
                          .has_mailbox_token = false});
}

void Sessions::end(Turn& turn, const UserId& user) {
    Client* client = state_.find(user);
    if (client == nullptr || !client->session) return;
    presence_.forget(user);
    const Session session = *client->session;
    state_.set_session(user, *client, std::nullopt);
    if (!session.device) return;
    OnlineAccount* const account = state_.find(session.account);
    if (account == nullptr) return;
    const Audience before = presence_.audience(session.account, turn);
    const std::string username = account->username;
    account->devices.erase(*session.device);
    if (!account->devices.empty()) return;
    state_.forget(session.account);
    presence_.changed(turn, session.account, username, before);
}

void Sessions::revoke(Turn& turn, const ops::MailAddress& address) {
    const OnlineDevice* device = state_.find(address);
    if (device == nullptr) return;
    const UserId user = device->user;
    state_.push(turn, user, SessionEnded{SessionEnd::revoked});
    end(turn, user);
}

void Sessions::revoke(Turn& turn, const AccountId& account) {
    // All connections are looked at: an operator does this by hand, and 20,000 take a millisecond.
    std::vector<UserId> users;
    for (const auto& [user, client] : state_.clients) {
        if (client.session && client.session->account == account) users.push_back(user);
    }
    revoke_all(turn, users);
}

void Sessions::revoke_passwords(Turn& turn, const AccountId& account, const UserId& by) {
    // A millisecond as above, and only for who knew the password; logins' rates limit it.
    std::vector<UserId> users;
    for (const auto& [user, client] : state_.clients) {
        const auto& session = client.session;
        const bool by_password = session && session->account == account && !session->device;
        if (by_password && user != by) users.push_back(user);
    }
    revoke_all(turn, users);
}

void Sessions::revoke_all(Turn& turn, const std::vector<UserId>& users) {
    for (const UserId& user : users) {
        state_.push(turn, user, SessionEnded{SessionEnd::revoked});
        end(turn, user);
    }
}

}  // namespace sotto::rendezvous
