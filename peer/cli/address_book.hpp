// Who is called what: the names a person types, and the accounts the protocol speaks of.
//
// Filled from the runtime's changes, so it knows exactly the contacts. A name that two contacts
// claim (the rendezvous could try that) resolves to neither. 64 hex digits are always an account.
#pragma once

#include "peer/output.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::peer::cli {

class AddressBook {
public:
    void apply(const ViewChange& change);
    void clear();

    // The contact of that name, or the account written as hex; nothing when there is none. Who is a
    // contact, or was asked to be one, comes before a stranger who calls himself the same.
    [[nodiscard]] std::optional<AccountId> find(std::string_view name_or_hex) const;
    // The contact's name; hex for an account that is none.
    [[nodiscard]] std::string name_of(const AccountId& account) const;
    [[nodiscard]] const Contact* contact(const AccountId& account) const;
    [[nodiscard]] const std::map<AccountId, Contact>& contacts() const { return contacts_; }
    [[nodiscard]] const std::optional<Self>& self() const { return self_; }
    [[nodiscard]] ServerState server() const { return server_; }
    // Nothing until the runtime has looked.
    [[nodiscard]] std::optional<VaultState> vault() const { return vault_; }

private:
    std::map<AccountId, Contact> contacts_;
    std::optional<Self> self_;
    ServerState server_ = ServerState::offline;
    std::optional<VaultState> vault_;
};

}  // namespace sotto::peer::cli
