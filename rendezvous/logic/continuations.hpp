// How the logic goes on when the store answers: one small struct per kind of question.
#pragma once

#include "rendezvous/logic/values.hpp"

namespace sotto::rendezvous {

struct AwaitRegistration {
    ops::MailAddress address;
    Bytes32 snonce{};
};
struct AwaitPasswordLogin {
    LoginPassword login;
    crypto::LoginContext context;
};
struct AwaitLoginKey {
    ChangePassword change;
    crypto::LoginContext context;
};
struct AwaitLoginChange {
    AccountId account;
};
struct AwaitDeviceLogin {
    LoginDevice login;
    crypto::LoginContext context;
};
struct AwaitDevices {
    AccountId account;
    std::vector<DeviceId> devices;
};
struct AwaitListing {
    AccountId account;
    bool listed = false;
    Visibility visibility = Visibility::members;
};
struct AwaitToken {
    AccountId account;
};
struct AwaitPublication {};
struct AwaitBundle {
    AccountId account;
};
struct AwaitMember {};
struct AwaitMembers {};
struct AwaitPut {
    ops::MailAddress to;
};
struct AwaitMail {
    ops::MailAddress address;
    UserId user;  // whose window the mail is for
};
struct AwaitDeletion {
    ops::MailAddress address;
    std::vector<std::uint64_t> rows;
};
struct AwaitUpkeep {
    std::size_t again = 0;  // so often at most, while there is more
};

using Continuation = std::variant<AwaitRegistration, AwaitPasswordLogin, AwaitLoginKey,
                                  AwaitLoginChange, AwaitDeviceLogin, AwaitDevices, AwaitListing,
                                  AwaitToken, AwaitPublication, AwaitBundle, AwaitMember,
                                  AwaitMembers, AwaitPut, AwaitMail, AwaitDeletion, AwaitUpkeep>;

struct Pending {
    std::optional<UserId> user;  // who waits for an answer
    RequestId request_id = 0;
    std::size_t bytes = 0;  // of items, counted against the memory bound
    Continuation next;
};

}  // namespace sotto::rendezvous
