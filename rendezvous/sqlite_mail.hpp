// The mail ops on SQLite tables. Runs inside the caller's transaction.
#pragma once

#include "rendezvous/sqlite_accounts.hpp"
#include "rendezvous/sqlite_requests.hpp"

namespace sotto::rendezvous {

class SqliteMail {
public:
    SqliteMail(Database& database, SqliteAccounts& accounts, SqliteMailboxes& mailboxes);

    [[nodiscard]] ops::OpResult apply(ops::PutMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::DeleteMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::Expire& op);

private:
    [[nodiscard]] ops::OpResult put_request(ops::PutMail& op);
    void insert(ops::PutMail& op, Mailbox& mailbox, ops::PutMailResult& result);
    [[nodiscard]] std::optional<std::int64_t> find_envelope(std::int64_t device_id,
                                                            const EnvelopeId& envelope);
    // The item's size, or nothing when the row is not that device's.
    [[nodiscard]] std::optional<std::int64_t> delete_row(std::int64_t row, std::int64_t device_id);
    [[nodiscard]] ops::PutStatus judge(const ops::PutMail& op, const Mailbox* mailbox);

    Database& database_;
    SqliteAccounts& accounts_;
    SqliteMailboxes& mailboxes_;
    SqliteRequests requests_;
    Statement find_envelope_;
    Statement insert_mail_;
    Statement list_mail_;
    Statement delete_mail_;
    Statement oldest_mail_;
    Statement expire_invites_;
};

}  // namespace sotto::rendezvous
