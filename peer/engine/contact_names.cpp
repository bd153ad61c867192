// Names of contacts: what the rendezvous or the person says counts, what they say of themselves
// only as long as nobody contradicts.
#include "peer/engine/contact_gate.hpp"

#include <algorithm>
#include <map>

namespace sotto::peer::engine {
namespace {

// The person knows them under their name.
bool is_known(const ContactRecord& record) {
    return record.view.state == ContactState::accepted ||
           record.view.state == ContactState::request_sent ||
           record.view.state == ContactState::blocked;
}

}  // namespace

bool ContactGate::is_taken(const ContactRecord& record, const std::string& username) const {
    if (username == account_.self().username) return true;
    return std::any_of(contacts_.all().begin(), contacts_.all().end(), [&](const auto& item) {
        return item.first != record.view.account && is_known(item.second) &&
               item.second.view.username == username;
    });
}

void ContactGate::claim_name(ContactRecord& record, const std::string& username) {
    if (!record.view.username.empty() || is_taken(record, username)) return;
    record.view.username = username;
    record.name_is_claim = true;
    contacts_.touch(record);
    contacts_.show(record);
}

void ContactGate::give_name(ContactRecord& record, const std::string& username) {
    if (record.view.username == username && !record.name_is_claim) return;
    record.view.username = username;
    record.name_is_claim = false;
    contacts_.touch(record);
    contacts_.show(record);
}

void ContactGate::forget_name(ContactRecord& record) {
    record.view.username.clear();
    record.name_is_claim = false;
    contacts_.touch(record);
    contacts_.show(record);
}

void ContactGate::settle_name(ContactRecord& record) {
    if (record.view.username.empty()) return;
    if (record.name_is_claim && is_taken(record, record.view.username)) {
        return forget_name(record);
    }
    for (auto& [account, other] : contacts_.all()) {
        const bool same = other.name_is_claim && other.view.username == record.view.username;
        if (same && account != record.view.account) forget_name(other);
    }
}

void ContactGate::names_seen(const std::vector<rendezvous::MemberEntry>& members) {
    std::map<std::string_view, AccountId> named;
    for (const rendezvous::MemberEntry& member : members) {
        const bool named_somebody = !member.username.empty() && member.account != account_.id();
        if (named_somebody) named.emplace(member.username, member.account);
    }
    for (auto& [account, record] : contacts_.all()) {
        const auto at = named.find(record.view.username);
        if (at == named.end() || at->second == account) continue;
        if (record.name_is_claim) {  // it was never true
            forget_name(record);
            continue;
        }
        const bool ours = record.view.state == ContactState::accepted ||
                          record.view.state == ContactState::request_sent;
        if (!ours) continue;
        if (record.view.new_key == at->second || record.refused_key == at->second) continue;
        record.view.new_key = at->second;
        contacts_.touch(record);
        contacts_.show(record);
    }
    for (const auto& [username, account] : named) {
        ContactRecord* record = contacts_.find(account);
        if (record == nullptr) continue;
        const bool unsure = record->view.username.empty() || record->name_is_claim;
        const std::string name(username);
        if (unsure && !is_taken(*record, name)) give_name(*record, name);
    }
}

bool ContactGate::key_changed(const std::string& username) const {
    return std::any_of(contacts_.all().begin(), contacts_.all().end(), [&](const auto& item) {
        return item.second.view.username == username && item.second.view.new_key;
    });
}

}  // namespace sotto::peer::engine
