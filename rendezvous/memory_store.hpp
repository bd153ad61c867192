// A Store in memory: the truth of the simulator and of tests. Pure and deterministic.
//
// Batches are applied when they are collected: what was submitted and not collected is what a crash
// may lose, and forget_submitted() is that crash. Behaves like sqlite_store in every op; one
// conformance suite runs on both.
#pragma once

#include "rendezvous/store.hpp"

#include <deque>
#include <map>
#include <set>

namespace sotto::rendezvous {

class MemoryStore final : public Store {
public:
    void submit(std::vector<StoreRequest> requests) override;
    [[nodiscard]] std::vector<StoreDone> collect() override;
    [[nodiscard]] int ready_fd() const override { return -1; }
    [[nodiscard]] StoreFigures figures() const override;

    // The crash: everything collected so far stays, everything else is gone.
    void forget_submitted() { submitted_.clear(); }
    // The next batches fail as if the disk were full, until told otherwise.
    void set_disk_full(bool full) { disk_full_ = full; }

private:
    struct MailItem {
        EnvelopeId envelope;
        std::uint64_t stored_ms = 0;
        Bytes item;
    };
    struct Device {
        crypto::DskPublic dsk;
        Bytes cert;
        Bytes prekeys;
        std::map<std::uint32_t, Bytes> one_time;
        std::uint32_t one_time_high = 0;
        std::map<std::uint64_t, MailItem> mail;
        std::size_t mail_bytes = 0;
    };
    struct Account {
        std::string username;
        crypto::LkPublic login_key;
        Bytes device_list;
        std::uint64_t list_seq = 0;
        std::vector<DeviceId> order;  // of the device list
        std::map<DeviceId, Device> devices;
        bool listed = false;
        Visibility visibility = Visibility::members;
        ops::TokenHashes tokens;
        bool disabled = false;
        std::uint64_t created_ms = 0;
    };
    struct RequestMark {
        EnvelopeId envelope;
        std::uint64_t created_ms = 0;
    };
    struct Invite {
        std::uint32_t uses_left = 0;
        std::uint64_t not_after_ms = 0;
        std::uint32_t uses = 0;
        std::uint64_t created_ms = 0;
        std::string note;
    };

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
    [[nodiscard]] ops::OpResult apply(ops::PutMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::DeleteMail& op);
    [[nodiscard]] ops::OpResult apply(const ops::Expire& op);
    [[nodiscard]] ops::OpResult apply(const ops::AddInvite& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListInvites& op);
    [[nodiscard]] ops::OpResult apply(const ops::RevokeInvite& op);
    [[nodiscard]] ops::OpResult apply(const ops::ListAccounts& op);
    [[nodiscard]] ops::OpResult apply(const ops::FindAccount& op);
    [[nodiscard]] ops::OpResult apply(const ops::SetDisabled& op);
    [[nodiscard]] ops::OpResult apply(const ops::RemoveAccount& op);
    [[nodiscard]] ops::OpResult apply(const ops::CountAll& op);

    [[nodiscard]] Account* find(const std::string& username);
    [[nodiscard]] static ops::AccountInfo info_of(const AccountId& id, const Account& account);
    [[nodiscard]] Device* find(const ops::MailAddress& address);
    [[nodiscard]] ops::PutMailResult count_request(const ops::PutMail& op);
    [[nodiscard]] bool has_place(const ops::PutMail& op, const Device& device) const;

    std::deque<StoreRequest> submitted_;
    bool disk_full_ = false;

    std::map<AccountId, Account> accounts_;
    std::map<std::string, AccountId> names_;
    std::map<std::pair<AccountId, ops::MailAddress>, RequestMark> requests_;  // sender first
    std::map<AccountId, std::map<EnvelopeId, std::uint64_t>> requests_sent_;  // when
    std::map<ops::InviteHash, Invite> invites_;
    std::uint64_t next_row_ = 1;
};

}  // namespace sotto::rendezvous
