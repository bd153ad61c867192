#include "peer/engine/directory.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

CommandError refusal(const Answer& answer) {
    const auto* error = answer.error();
    return error != nullptr ? command_error(*error) : CommandError::server_unreachable;
}

std::uint64_t retry_after(const Answer& answer) {
    const auto* error = answer.error();
    return error != nullptr ? error->retry_after_ms : 0;
}

}  // namespace

void Directory::search(Turn& turn, const SearchDirectory& input) {
    if (!server_.logged_in() || requests_.full()) {
        return turn.failed(input.command, CommandError::server_unreachable);
    }
    if (input.query.size() > rendezvous::max_query_bytes ||
        input.after.size() > rendezvous::username_max_bytes) {
        return turn.failed(input.command, CommandError::text_too_long);
    }
    requests_.ask(turn, ServerChannel::session,
                  rendezvous::DirectoryPage{.query = input.query, .after = input.after},
                  ForPage{.search = input});
}

void Directory::request(Turn& turn, const SendContactRequest& input) {
    if (!account_.registered()) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    if (input.username.empty()) {
        if (!input.account) return turn.failed(input.command, CommandError::name_invalid);
        return gate_.request(turn, input, *input.account, {});
    }
    if (!crypto::username_is_valid(input.username)) {
        return turn.failed(input.command, CommandError::name_invalid);
    }
    if (input.username == account_.self().username) {
        return turn.failed(input.command, CommandError::own_account);
    }
    if (!server_.logged_in() || requests_.full()) {
        return turn.failed(input.command, CommandError::server_unreachable);
    }
    requests_.ask(turn, ServerChannel::session, rendezvous::LookUp{.username = input.username},
                  ForLookUp{.request = input});
}

void Directory::set_listed(Turn& turn, const SetListed& input) {
    if (!server_.logged_in() || requests_.full()) {
        return turn.failed(input.command, CommandError::server_unreachable);
    }
    requests_.ask(
        turn, ServerChannel::session,
        rendezvous::SetListing{.listed = input.listed,
                               .visibility = input.listed ? rendezvous::Visibility::members
                                                          : rendezvous::Visibility::contacts},
        ForListing{.command = input.command});
}

void Directory::answered(Turn& turn, const Answer& answer) {
    if (const auto* page_asked = std::get_if<ForPage>(&answer.purpose)) {
        page(turn, page_asked->search, answer);
    } else if (const auto* look_up = std::get_if<ForLookUp>(&answer.purpose)) {
        looked_up(turn, look_up->request, answer);
    } else if (const auto* listing = std::get_if<ForListing>(&answer.purpose)) {
        if (answer.as<rendezvous::Ok>() != nullptr) {
            turn.done(listing->command);
        } else {
            turn.failed(listing->command, refusal(answer), retry_after(answer));
        }
    }
}

void Directory::page(Turn& turn, const SearchDirectory& search, const Answer& answer) const {
    const auto* reply = answer.as<rendezvous::Members>();
    if (reply == nullptr) {
        return turn.failed(search.command, refusal(answer), retry_after(answer));
    }
    gate_.names_seen(reply->members);
    DirectoryPage shown{
        .query = search.query, .after = search.after, .members = {}, .more = reply->more};
    for (const rendezvous::MemberEntry& member : reply->members) {
        if (member.account == account_.id()) continue;
        shown.members.push_back({.username = member.username,
                                 .account = member.account,
                                 .presence = member.online ? Presence::online : Presence::offline});
    }
    turn.show(std::move(shown));
    turn.done(search.command);
}

void Directory::looked_up(Turn& turn, const SendContactRequest& request, const Answer& answer) {
    const auto* reply = answer.as<rendezvous::Found>();
    if (reply == nullptr) {
        return turn.failed(request.command, refusal(answer), retry_after(answer));
    }
    gate_.names_seen({reply->member});
    if (gate_.key_changed(request.username)) {
        return turn.failed(request.command, CommandError::key_changed);
    }
    gate_.request(turn, request, reply->member.account, request.username);
}

void Directory::watch(Turn& turn) {
    if (!server_.logged_in()) return;
    rendezvous::Watch watch{.directory = true, .accounts = {}};
    for (const auto& [account, record] : contacts_.all()) {
        if (record.view.state != ContactState::accepted) continue;
        if (watch.accounts.size() == rendezvous::max_watched_accounts) break;
        std::optional<rendezvous::MailboxToken> token;
        if (record.token) token = rendezvous::MailboxToken(record.token->view());
        watch.accounts.push_back({.account = account, .token = token});
    }
    requests_.ask(turn, ServerChannel::session, std::move(watch), ForWatch{});
}

std::vector<AccountId> Directory::presence(Turn& turn, const rendezvous::Presence& push) {
    gate_.names_seen(push.entries);
    std::vector<AccountId> came;
    for (const rendezvous::MemberEntry& entry : push.entries) {
        if (entry.account == account_.id()) continue;
        const Presence now = entry.online ? Presence::online : Presence::offline;
        turn.show(MemberPresenceChanged{
            .member = {.username = entry.username, .account = entry.account, .presence = now}});
        ContactRecord* record = contacts_.find(entry.account);
        if (record == nullptr || record->view.presence == now) continue;
        record->view.presence = now;
        contacts_.show(*record);
        update_path(*record);
        if (entry.online) came.push_back(entry.account);
    }
    return came;
}

void Directory::forget_presence() {
    for (auto& [account, record] : contacts_.all()) {
        if (record.view.presence != Presence::unknown) {
            record.view.presence = Presence::unknown;
            contacts_.show(record);
        }
        update_path(record);
    }
}

bool Directory::linked(const AccountId& account) const {
    const ContactRecord* record = contacts_.find(account);
    return record != nullptr &&
           std::any_of(record->devices.begin(), record->devices.end(), [&](const auto& item) {
               const Link* link = links_.best({.account = account, .device = item.first});
               return link != nullptr && !link->suspect;
           });
}

Path Directory::path_of(const ContactRecord& record) const {
    if (record.view.state != ContactState::accepted) return Path::none;
    if (linked(record.view.account)) return Path::direct;
    if (!server_.anonymous_up()) return Path::none;
    return record.view.presence == Presence::online ? Path::relay : Path::mailbox;
}

void Directory::update_path(ContactRecord& record) {
    const Path path = path_of(record);
    if (record.view.path == path) return;
    record.view.path = path;
    contacts_.show(record);
}

void Directory::update_paths() {
    for (auto& [account, record] : contacts_.all())
        update_path(record);
}

}  // namespace sotto::peer::engine
