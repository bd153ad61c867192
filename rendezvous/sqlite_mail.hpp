// The mail ops on SQLite tables. Runs inside the caller's transaction.
#pragma once

#include "rendezvous/sqlite_accounts.hpp"

namespace sotto::rendezvous {

class SqliteMail {
public:
    SqliteMail(Database& database, SqliteAccounts& accounts, SqliteMailboxes& mailboxes);

    [[nodiscard]] ops::OpResult apply(ops::PutMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::DeleteMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::Expire& op);

private:
    [[nodiscard]] ops::PutStatus judge_request(const ops::PutMail& op, std::int64_t device_id);
    [[nodiscard]] std::optional<std::int64_t> find_envelope(std::int64_t device_id,
                                                            const EnvelopeId& envelope);
    // The item's size, or nothing when the row is not that device's.
    [[nodiscard]] std::optional<std::int64_t> delete_row(std::int64_t row, std::int64_t device_id);
    [[nodiscard]] ops::PutStatus judge(const ops::PutMail& op, const Mailbox* mailbox);

    Database& database_;
    SqliteAccounts& accounts_;
    SqliteMailboxes& mailboxes_;
    Statement find_envelope_;
    Statement insert_mail_;
    Statement list_mail_;
    Statement delete_mail_;
    Statement oldest_mail_;
    Statement find_request_;
    Statement count_requests_;
    Statement count_waiting_;
    Statement insert_request_;
    Statement expire_requests_;
    Statement expire_invites_;
};

}  // namespace sotto::rendezvous
