// The operator's ops that only look, and invites, on SQLite tables. Runs inside the caller's
// transaction.
#pragma once

#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/store_ops.hpp"

namespace sotto::rendezvous {

class SqliteAdmin {
public:
    explicit SqliteAdmin(Database& database);

    [[nodiscard]] ops::OpResult apply(const ops::AddInvite& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListInvites& op);
    [[nodiscard]] ops::OpResult apply(const ops::RevokeInvite& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListAccounts& op);
    [[nodiscard]] ops::OpResult apply(const ops::FindAccount& op);
    [[nodiscard]] ops::OpResult apply(const ops::CountAll& op);

private:
    Statement insert_invite_;
    Statement list_invites_;
    Statement match_invites_;
    Statement delete_invite_;
    Statement list_accounts_;
    Statement find_account_;
    Statement count_all_;
};

}  // namespace sotto::rendezvous
