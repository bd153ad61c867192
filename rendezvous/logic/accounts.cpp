#include "rendezvous/logic/accounts.hpp"

#include "crypto/dev_list.hpp"
#include "rendezvous/protocol_work.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

std::optional<ErrorCode> error_of(ops::CreateResult result) {
    switch (result) {
        case ops::CreateResult::created:
        case ops::CreateResult::repeated:
            return std::nullopt;
        case ops::CreateResult::name_taken:
            return ErrorCode::name_taken;
        // The account is somebody's already, under another name, password or device.
        case ops::CreateResult::account_taken:
            return ErrorCode::not_allowed;
        case ops::CreateResult::invite_needed:
            return ErrorCode::invite_needed;
    }
    return ErrorCode::bad_request;
}

struct FirstDevice {
    crypto::Cert cert;
    crypto::DevList list;
};

// A list of exactly the one device that registers.
std::optional<FirstDevice> first_device(const Register& request) {
    auto cert = crypto::Cert::decode(request.cert);
    auto list = crypto::DevList::decode(request.device_list);
    if (!cert || !list || list->account() != cert->account()) return std::nullopt;
    if (list->entries().size() != 1 || !list->contains(*cert)) return std::nullopt;
    return FirstDevice{.cert = std::move(*cert), .list = std::move(*list)};
}

// Every device of the list with its certificate, in the order of the list; nothing when one is
// missing, doubled or another account's.
std::optional<std::vector<ops::ListedDevice>> listed_devices(const crypto::DevList& list,
                                                             std::vector<Bytes>& certs) {
    if (certs.size() != list.entries().size()) return std::nullopt;
    std::vector<ops::ListedDevice> devices;
    for (std::size_t i = 0; i < certs.size(); ++i) {
        const auto cert = crypto::Cert::decode(certs[i]);
        if (!cert || !list.contains(*cert) || cert->device() != list.entries()[i].device) {
            return std::nullopt;
        }
        devices.push_back({cert->device(), cert->dsk(), std::move(certs[i])});
    }
    return devices;
}

}  // namespace

void Accounts::register_account(Turn& turn, const UserId& user, RequestId id, Register& request) {
    if (!is_username(request.username)) {
        return state_.refuse(turn, user, id, ErrorCode::name_invalid);
    }
    if (!state_.admit(turn, user, id, Action::registration)) return;
    const auto proven = login_.check(turn, user, crypto::LoginPurpose::register_account,
                                     request.username, request.proof);
    if (!proven) return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    // Before the signatures, which cost us a hundred times as much.
    if (!work_is_enough(request.proof.mac, request.work,
                        login_.work_bits(crypto::LoginPurpose::register_account))) {
        return state_.refuse(turn, user, id, ErrorCode::unsupported_version);
    }
    const auto first = first_device(request);
    if (!first) return state_.refuse(turn, user, id, ErrorCode::bad_request);
    const ops::MailAddress address{first->cert.account(), first->cert.device()};
    const crypto::DeviceLogin subject{.account = address.account, .device = address.device};
    if (!crypto::verify_password_login(request.login_key, *proven, request.username,
                                       request.login_signature) ||
        !crypto::verify_device_login(first->cert.dsk(), *proven, subject,
                                     request.device_signature) ||
        !login_.use(turn, request.proof.snonce)) {
        return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    }
    ops::CreateAccount create{.account = address.account,
                              .username = std::move(request.username),
                              .login_key = request.login_key,
                              .device = address.device,
                              .dsk = first->cert.dsk(),
                              .cert = std::move(request.cert),
                              .device_list = std::move(request.device_list),
                              .list_seq = first->list.seq(),
                              .listed = request.listed,
                              .visibility = request.visibility,
                              .invite = std::nullopt,
                              .invite_required = state_.settings.community == Community::invite,
                              .now_ms = turn.now.wall_ms};
    if (request.invite_token) {
        create.invite = ops::InviteHash(
            crypto::hash(crypto::label::invite_token, {request.invite_token->view()}));
    }
    std::vector<ops::Op> batch;
    batch.emplace_back(std::move(create));
    batch.emplace_back(ops::OpenDevice{address});
    state_.ask(turn, user, id, AwaitRegistration{address}, std::move(batch));
}

void Accounts::resume(Turn& turn, const Pending& pending, const AwaitRegistration& next,
                      StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto result = std::get<ops::CreateResult>(done.results->at(0));
    if (const auto error = error_of(result)) return state_.refuse(turn, user, id, *error);
    const auto& row = std::get<ops::OpenDeviceResult>(done.results->at(1));
    if (!row) return state_.refuse(turn, user, id, ErrorCode::busy);
    if (row->disabled) return state_.refuse(turn, user, id, ErrorCode::not_allowed);
    if (result == ops::CreateResult::created) ++state_.counters.registrations;
    sessions_.begin_device(turn, user, id, next.address, *row);
}

void Accounts::publish_devices(Turn& turn, const UserId& user, RequestId id,
                               PublishDeviceList& request) {
    const auto address = state_.require_device(turn, user, id);
    if (!address || !state_.admit(turn, user, id, Action::publish)) return;
    const auto list = crypto::DevList::decode(request.device_list);
    if (!list || list->account() != address->account) {
        return state_.refuse(turn, user, id, ErrorCode::bad_request);
    }
    auto devices = listed_devices(*list, request.certs);
    if (!devices) return state_.refuse(turn, user, id, ErrorCode::bad_request);
    AwaitDevices next{.account = address->account, .devices = {}};
    for (const ops::ListedDevice& device : *devices)
        next.devices.push_back(device.device);
    state_.ask(turn, user, id, std::move(next),
               ops::ReplaceDevices{.account = address->account,
                                   .devices = std::move(*devices),
                                   .device_list = std::move(request.device_list),
                                   .list_seq = list->seq()});
}

void Accounts::resume(Turn& turn, const Pending& pending, const AwaitDevices& next,
                      StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto result = std::get<ops::ReplaceDevicesResult>(done.results->front());
    if (result != ops::ReplaceDevicesResult::replaced) {
        return state_.refuse(turn, user, id, ErrorCode::not_allowed);
    }
    state_.reply(turn, user, id, Ok{});
    const OnlineAccount* account = state_.find(next.account);
    if (account == nullptr) return;
    std::vector<ops::MailAddress> removed;
    for (const auto& [device, online] : account->devices) {
        const bool listed =
            std::find(next.devices.begin(), next.devices.end(), device) != next.devices.end();
        if (!listed) removed.push_back({next.account, device});
    }
    for (const ops::MailAddress& address : removed)
        sessions_.revoke(turn, address);
}

void Accounts::set_listing(Turn& turn, const UserId& user, RequestId id,
                           const SetListing& request) {
    const auto address = state_.require_device(turn, user, id);
    if (!address || !state_.admit(turn, user, id, Action::publish)) return;
    state_.ask(turn, user, id, AwaitListing{address->account, request.listed, request.visibility},
               ops::SetListing{address->account, request.listed, request.visibility});
}

void Accounts::resume(Turn& turn, const Pending& pending, const AwaitListing& next,
                      StoreDone& done) {
    const UserId& user = *pending.user;
    if (!done.results) return state_.refuse(turn, user, pending.request_id, done.results.error());
    if (OnlineAccount* account = state_.find(next.account)) {
        const Audience before = presence_.audience(next.account, turn);
        account->listed = next.listed;
        account->visibility = next.visibility;
        presence_.changed(turn, next.account, account->username, before);
    }
    state_.reply(turn, user, pending.request_id, Ok{});
}

void Accounts::set_token(Turn& turn, const UserId& user, RequestId id,
                         const SetMailboxToken& request) {
    const auto address = state_.require_device(turn, user, id);
    if (!address || !state_.admit(turn, user, id, Action::publish)) return;
    state_.ask(turn, user, id, AwaitToken{address->account},
               ops::SetToken{.account = address->account,
                             .hash = request.token_hash,
                             .revoke_previous = request.revoke_previous,
                             .now_ms = turn.now.wall_ms});
}

void Accounts::resume(Turn& turn, const Pending& pending, const AwaitToken& next, StoreDone& done) {
    const UserId& user = *pending.user;
    if (!done.results) return state_.refuse(turn, user, pending.request_id, done.results.error());
    if (OnlineAccount* account = state_.find(next.account)) {
        const Audience before = presence_.audience(next.account, turn);
        account->tokens = std::get<ops::TokenHashes>(done.results->front());
        presence_.changed(turn, next.account, account->username, before);
    }
    state_.reply(turn, user, pending.request_id, Ok{});
}

}  // namespace sotto::rendezvous
