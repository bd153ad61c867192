#include "peer/cli/address_book.hpp"

namespace sotto::peer::cli {

void AddressBook::apply(const ViewChange& change) {
    if (const auto* opened = std::get_if<Opened>(&change)) {
        contacts_.clear();
        self_ = opened->self;
        for (const auto& contact : opened->contacts)
            contacts_.insert_or_assign(contact.account, contact);
    } else if (const auto* changed = std::get_if<ContactChanged>(&change)) {
        contacts_.insert_or_assign(changed->contact.account, changed->contact);
    } else if (const auto* self = std::get_if<SelfChanged>(&change)) {
        self_ = self->self;
    } else if (const auto* server = std::get_if<ServerStateChanged>(&change)) {
        server_ = server->state;
    } else if (const auto* vault = std::get_if<VaultChanged>(&change)) {
        vault_ = vault->state;
        if (vault_ != VaultState::open) clear();
    }
}

void AddressBook::clear() {
    contacts_.clear();
    self_.reset();
    server_ = ServerState::offline;
}

std::optional<AccountId> AddressBook::find(std::string_view name_or_hex) const {
    if (name_or_hex.size() == 2 * AccountId::size) {
        const auto bytes = crypto::from_hex(name_or_hex);
        return bytes ? AccountId::from(*bytes) : std::nullopt;
    }
    std::vector<AccountId> ours;
    std::vector<AccountId> others;
    for (const auto& [account, contact] : contacts_) {
        if (contact.username != name_or_hex) continue;
        const bool is_ours =
            contact.state == ContactState::accepted || contact.state == ContactState::request_sent;
        (is_ours ? ours : others).push_back(account);
    }
    const std::vector<AccountId>& found = ours.empty() ? others : ours;
    return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::string AddressBook::name_of(const AccountId& account) const {
    const Contact* known = contact(account);
    return known != nullptr && !known->username.empty() ? known->username
                                                        : crypto::to_hex(account.view());
}

const Contact* AddressBook::contact(const AccountId& account) const {
    const auto found = contacts_.find(account);
    return found == contacts_.end() ? nullptr : &found->second;
}

}  // namespace sotto::peer::cli
