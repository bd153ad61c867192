// The account, prekey and directory ops on SQLite tables. Runs inside the caller's transaction.
#pragma once

#include "rendezvous/name_list.hpp"
#include "rendezvous/sqlite_mailboxes.hpp"

namespace sotto::rendezvous {

// What a stored number means; one that means nothing shows least.
[[nodiscard]] Visibility visibility_of(std::int64_t stored);

class SqliteAccounts {
public:
    // What changes an account's devices or tokens tells `mailboxes`, which keeps copies.
    SqliteAccounts(Database& database, SqliteMailboxes& mailboxes);

    [[nodiscard]] ops::OpResult apply(const ops::CreateAccount& op);
    [[nodiscard]] ops::OpResult apply(const ops::FindLogin& op);
    [[nodiscard]] ops::OpResult apply(const ops::ChangeLogin& op);
    [[nodiscard]] ops::OpResult apply(const ops::OpenDevice& op);
    [[nodiscard]] ops::OpResult apply(const ops::ReplaceDevices& op);
    [[nodiscard]] ops::OpResult apply(const ops::SetListing& op);
    [[nodiscard]] ops::OpResult apply(const ops::SetToken& op);
    [[nodiscard]] ops::OpResult apply(const ops::PublishPrekeys& op);
    [[nodiscard]] ops::OpResult apply(const ops::ReadBundle& op);
    [[nodiscard]] ops::OpResult apply(const ops::FindMember& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListMembers& op);

    // Of a name, for the operator: removes devices, prekeys and mail with it.
    [[nodiscard]] ops::OpResult apply(const ops::SetDisabled& op);
    [[nodiscard]] ops::OpResult apply(const ops::RemoveAccount& op);

    // After a transaction that failed: what is kept in memory may not be in the tables.
    void forget_names() { names_.reset(); }

    // Row ids for the mail tables; nothing when there is no such account or device.
    [[nodiscard]] std::optional<std::int64_t> find_account(const AccountId& account);
    [[nodiscard]] std::optional<std::int64_t> find_device(const ops::MailAddress& address);
    [[nodiscard]] std::optional<ops::TokenHashes> read_tokens(const AccountId& account);

private:
    [[nodiscard]] ops::CreateResult compare_account(const ops::CreateAccount& op,
                                                    std::int64_t account_id);
    [[nodiscard]] bool spend_invite(const ops::CreateAccount& op);
    void insert_device(std::int64_t account_id, std::int64_t position, const DeviceId& device,
                       const crypto::DskPublic& dsk, const Bytes& cert);
    void remove_unlisted(std::int64_t account_id, const std::vector<ops::ListedDevice>& keep);
    void remove_device(std::int64_t device_id);
    [[nodiscard]] NameList& names();
    // After a change of who is shown: sees to it that `names_` agrees.
    void renew_name(const std::string& username);
    [[nodiscard]] std::size_t count_one_time(std::int64_t device_id);
    [[nodiscard]] Bytes take_one_time(std::int64_t device_id);

    Database& database_;
    SqliteMailboxes& mailboxes_;
    std::optional<NameList> names_;  // of the directory; made when first asked for
    Statement find_account_;
    Statement find_device_;
    Statement find_name_;
    Statement change_login_;
    Statement read_account_;
    Statement insert_account_;
    Statement insert_device_;
    Statement open_device_;
    Statement read_list_seq_;
    Statement update_list_;
    Statement device_rows_;
    Statement update_device_;
    std::vector<Statement> delete_device_;  // children first
    Statement update_listing_;
    Statement read_tokens_;
    Statement update_tokens_;
    Statement update_prekeys_;
    Statement update_high_;
    Statement insert_one_time_;
    Statement count_one_time_;
    Statement first_one_time_;
    Statement delete_one_time_;
    Statement read_list_;
    Statement read_bundle_;
    Statement find_member_;
    Statement list_names_;
    Statement read_name_;
    Statement spend_invite_;
    Statement set_disabled_;
    Statement delete_sent_requests_;
    Statement delete_request_counts_;
    Statement delete_account_;
};

}  // namespace sotto::rendezvous
