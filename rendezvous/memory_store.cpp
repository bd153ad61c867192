#include "rendezvous/memory_store.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

bool writes(const ops::Op& op) {
    return !(
        std::holds_alternative<ops::FindLogin>(op) || std::holds_alternative<ops::OpenDevice>(op) ||
        std::holds_alternative<ops::FindMember>(op) ||
        std::holds_alternative<ops::ListMembers>(op) || std::holds_alternative<ops::ListMail>(op) ||
        std::holds_alternative<ops::ListInvites>(op) ||
        std::holds_alternative<ops::ListAccounts>(op) ||
        std::holds_alternative<ops::FindAccount>(op) || std::holds_alternative<ops::CountAll>(op));
}

bool waits(std::uint64_t stored_ms, std::uint64_t now_ms) {
    return now_ms < stored_ms + mail_ttl_ms;
}

}  // namespace

void MemoryStore::submit(std::vector<StoreRequest> requests) {
    std::move(requests.begin(), requests.end(), std::back_inserter(submitted_));
}

std::vector<StoreDone> MemoryStore::collect() {
    std::vector<StoreDone> done;
    for (StoreRequest& request : submitted_) {
        if (disk_full_ && std::any_of(request.batch.begin(), request.batch.end(), writes)) {
            done.push_back({request.token, crypto::Unexpected(StoreError::disk_full)});
            continue;
        }
        std::vector<ops::OpResult> results;
        for (ops::Op& op : request.batch) {
            results.push_back(std::visit([this](auto& each) { return apply(each); }, op));
        }
        done.push_back({request.token, std::move(results)});
    }
    submitted_.clear();
    return done;
}

MemoryStore::Device* MemoryStore::find(const ops::MailAddress& address) {
    const auto account = accounts_.find(address.account);
    if (account == accounts_.end()) return nullptr;
    const auto device = account->second.devices.find(address.device);
    return device == account->second.devices.end() ? nullptr : &device->second;
}

// --- accounts ----------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::CreateAccount& op) {
    if (const auto known = accounts_.find(op.account); known != accounts_.end()) {
        const Account& account = known->second;
        const bool same = account.username == op.username && account.login_key == op.login_key &&
                          account.devices.contains(op.device);
        return same ? ops::CreateResult::repeated : ops::CreateResult::account_taken;
    }
    if (names_.contains(op.username)) return ops::CreateResult::name_taken;
    if (op.invite_required) {
        const auto invite = op.invite ? invites_.find(*op.invite) : invites_.end();
        if (invite == invites_.end() || invite->second.uses_left == 0 ||
            op.now_ms >= invite->second.not_after_ms) {
            return ops::CreateResult::invite_needed;
        }
        --invite->second.uses_left;
    }
    Account account{.username = op.username,
                    .login_key = op.login_key,
                    .device_list = op.device_list,
                    .list_seq = op.list_seq,
                    .order = {op.device},
                    .devices = {},
                    .listed = op.listed,
                    .visibility = op.visibility,
                    .tokens = {},
                    .disabled = false,
                    .created_ms = op.now_ms};
    account.devices.emplace(op.device, Device{.dsk = op.dsk,
                                              .cert = op.cert,
                                              .prekeys = {},
                                              .one_time = {},
                                              .one_time_high = 0,
                                              .mail = {},
                                              .mail_bytes = 0});
    names_.emplace(op.username, op.account);
    accounts_.emplace(op.account, std::move(account));
    return ops::CreateResult::created;
}

ops::OpResult MemoryStore::apply(const ops::FindLogin& op) {
    const auto name = names_.find(op.username);
    if (name == names_.end()) return ops::FindLoginResult();
    const Account& account = accounts_.at(name->second);
    return ops::FindLoginResult({name->second, account.login_key, account.disabled});
}

ops::OpResult MemoryStore::apply(const ops::ChangeLogin& op) {
    const auto known = accounts_.find(op.account);
    if (known == accounts_.end() || known->second.login_key != op.from) {
        return ops::ChangeLoginResult::other_key;
    }
    known->second.login_key = op.to;
    return ops::ChangeLoginResult::changed;
}

ops::OpResult MemoryStore::apply(const ops::OpenDevice& op) {
    const Device* device = find(op.address);
    if (device == nullptr) return ops::OpenDeviceResult();
    const Account& account = accounts_.at(op.address.account);
    return ops::OpenDeviceResult({.username = account.username,
                                  .dsk = device->dsk,
                                  .listed = account.listed,
                                  .visibility = account.visibility,
                                  .tokens = account.tokens,
                                  .one_time_left = device->one_time.size(),
                                  .mail_waiting = device->mail.size(),
                                  .disabled = account.disabled});
}

ops::OpResult MemoryStore::apply(const ops::ReplaceDevices& op) {
    const auto known = accounts_.find(op.account);
    if (known == accounts_.end()) return ops::ReplaceDevicesResult::unknown_account;
    Account& account = known->second;
    if (op.list_seq <= account.list_seq) return ops::ReplaceDevicesResult::stale;
    std::map<DeviceId, Device> devices;
    account.order.clear();
    for (const ops::ListedDevice& listed : op.devices) {
        account.order.push_back(listed.device);
        Device device{.dsk = listed.dsk,
                      .cert = listed.cert,
                      .prekeys = {},
                      .one_time = {},
                      .one_time_high = 0,
                      .mail = {},
                      .mail_bytes = 0};
        const auto old = account.devices.find(listed.device);
        if (old != account.devices.end()) {
            device = std::move(old->second);
            device.dsk = listed.dsk;
            device.cert = listed.cert;
        }
        devices.emplace(listed.device, std::move(device));
    }
    account.devices = std::move(devices);
    std::erase_if(requests_, [&](const auto& mark) {  // they wait at a device, and go with it
        const ops::MailAddress& to = mark.first.second;
        return to.account == op.account && !account.devices.contains(to.device);
    });
    account.device_list = op.device_list;
    account.list_seq = op.list_seq;
    return ops::ReplaceDevicesResult::replaced;
}

ops::OpResult MemoryStore::apply(const ops::SetListing& op) {
    if (const auto known = accounts_.find(op.account); known != accounts_.end()) {
        known->second.listed = op.listed;
        known->second.visibility = op.visibility;
    }
    return ops::Done{};
}

ops::OpResult MemoryStore::apply(const ops::SetToken& op) {
    const auto known = accounts_.find(op.account);
    if (known == accounts_.end()) return ops::TokenHashes{};
    ops::TokenHashes& tokens = known->second.tokens;
    if (tokens.current != op.hash) {
        tokens.previous = tokens.current;
        tokens.previous_until_ms = op.now_ms + previous_token_ttl_ms;
        tokens.current = op.hash;
    }
    if (op.revoke_previous || !tokens.previous) {
        tokens.previous.reset();
        tokens.previous_until_ms = 0;
    }
    return tokens;
}

// --- prekeys -----------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::PublishPrekeys& op) {
    Device* device = find(op.address);
    if (device == nullptr) return ops::OneTimeLeft{};
    device->prekeys = op.record;
    for (const OneTimePrekey& prekey : op.one_time) {
        if (prekey.id <= device->one_time_high) continue;
        if (device->one_time.size() >= op.max_one_time) break;
        device->one_time.emplace(prekey.id, prekey.record);
        device->one_time_high = prekey.id;
    }
    return ops::OneTimeLeft{device->one_time.size()};
}

ops::OpResult MemoryStore::apply(const ops::ReadBundle& op) {
    const auto known = accounts_.find(op.account);
    if (known == accounts_.end()) return ops::ReadBundleResult();
    Account& account = known->second;
    const bool token_valid = op.token && account.tokens.accept(*op.token, op.now_ms);
    if (op.token_required && !token_valid) return ops::ReadBundleResult();
    ops::BundleRow bundle{.device_list = account.device_list, .devices = {}};
    for (const DeviceId& id : account.order) {
        Device& device = account.devices.at(id);
        ops::BundleDevice row{.device = id,
                              .cert = device.cert,
                              .prekeys = device.prekeys,
                              .one_time = {},
                              .one_time_left = 0};
        if (op.take_one_time && token_valid && !device.one_time.empty()) {
            row.one_time = std::move(device.one_time.begin()->second);
            device.one_time.erase(device.one_time.begin());
        }
        row.one_time_left = device.one_time.size();
        bundle.devices.push_back(std::move(row));
    }
    return ops::ReadBundleResult(std::move(bundle));
}

// --- directory ---------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::FindMember& op) {
    const auto name = names_.find(op.username);
    if (name == names_.end()) return ops::FindMemberResult();
    const Account& account = accounts_.at(name->second);
    return ops::FindMemberResult(
        {name->second, account.username, account.listed && !account.disabled, account.visibility});
}

ops::OpResult MemoryStore::apply(const ops::ListMembers& op) {
    ops::MemberPage page;
    for (auto name = names_.upper_bound(op.after); name != names_.end(); ++name) {
        const Account& account = accounts_.at(name->second);
        if (!account.listed || account.disabled || name->first.find(op.query) == std::string::npos)
            continue;
        if (page.members.size() == op.limit) {
            page.more = true;
            break;
        }
        page.members.push_back({name->second, account.username, true, account.visibility});
    }
    return page;
}

// --- mail --------------------------------------------------------------------------------------

// By the sender alone, whoever the request is for.
ops::PutMailResult MemoryStore::count_request(const ops::PutMail& op) {
    ops::PutMailResult result;
    auto& sent = requests_sent_[*op.request_sender];
    std::erase_if(sent, [&op](const auto& each) {
        return op.now_ms >= each.second + ops::request_window_ms;
    });
    if (sent.contains(op.envelope)) {
        result.status = ops::PutStatus::repeated_request;
    } else if (sent.size() >= ops::requests_per_window) {
        result.status = ops::PutStatus::too_many_requests;
        std::uint64_t oldest_ms = op.now_ms;
        for (const auto& [envelope, at_ms] : sent)
            oldest_ms = std::min(oldest_ms, at_ms);
        result.retry_after_ms = oldest_ms + ops::request_window_ms - op.now_ms;
    } else {
        sent.emplace(op.envelope, op.now_ms);
    }
    return result;
}

bool MemoryStore::has_place(const ops::PutMail& op, const Device& device) const {
    const auto unfetched = [&device](const RequestMark& mark) {
        return std::any_of(device.mail.begin(), device.mail.end(), [&mark](const auto& each) {
            return each.second.envelope == mark.envelope;
        });
    };
    const auto own = requests_.find({*op.request_sender, op.to});
    if (own != requests_.end() &&
        (op.now_ms < own->second.created_ms + ops::request_window_ms || unfetched(own->second))) {
        return false;
    }
    const auto waiting = std::count_if(requests_.begin(), requests_.end(), [&](const auto& mark) {
        return mark.first.second == op.to && unfetched(mark.second);
    });
    return static_cast<std::size_t>(waiting) < ops::requests_waiting_max;
}

ops::OpResult MemoryStore::apply(ops::PutMail& op) {
    ops::PutMailResult result;
    if (op.request_sender) {
        result = count_request(op);
        if (result.status != ops::PutStatus::stored) return result;
    }
    const auto refused = [&](ops::PutStatus status) {
        result.status = op.request_sender ? ops::PutStatus::swallowed : status;
        return result;
    };
    const auto account = accounts_.find(op.to.account);
    if (op.token &&
        (account == accounts_.end() || !account->second.tokens.accept(*op.token, op.now_ms))) {
        return refused(ops::PutStatus::not_allowed);
    }
    Device* device = find(op.to);
    if (device == nullptr) return refused(ops::PutStatus::unknown_device);
    for (const auto& [row, item] : device->mail) {
        if (item.envelope != op.envelope) continue;
        result.row = op.request_sender ? 0 : row;
        return refused(ops::PutStatus::repeated);
    }
    if (device->mail.size() >= max_mailbox_items ||
        device->mail_bytes + op.item.size() > max_mailbox_bytes) {
        return refused(ops::PutStatus::quota_full);
    }
    if (op.request_sender) {
        if (!has_place(op, *device)) return refused(ops::PutStatus::swallowed);
        requests_.insert_or_assign({*op.request_sender, op.to},
                                   RequestMark{op.envelope, op.now_ms});
    }
    result.row = next_row_++;
    device->mail_bytes += op.item.size();
    device->mail.emplace(result.row, MailItem{op.envelope, op.now_ms, op.item});
    result.item = std::move(op.item);
    return result;
}

ops::OpResult MemoryStore::apply(const ops::ListMail& op) {
    ops::MailPage page;
    const Device* device = find(op.address);
    if (device == nullptr) return page;
    std::size_t bytes = 0;
    for (const auto& [row, item] : device->mail) {
        if (std::binary_search(op.skip_rows.begin(), op.skip_rows.end(), row)) continue;
        if (!waits(item.stored_ms, op.now_ms)) continue;
        bytes += item.item.size();
        if (page.items.size() == op.max_items || (!page.items.empty() && bytes > op.max_bytes)) {
            page.more = true;
            break;
        }
        page.items.push_back({row, item.item});
    }
    return page;
}

ops::OpResult MemoryStore::apply(const ops::DeleteMail& op) {
    Device* device = find(op.address);
    if (device == nullptr) return ops::Done{};
    for (const std::uint64_t row : op.rows) {
        const auto item = device->mail.find(row);
        if (item == device->mail.end()) continue;
        device->mail_bytes -= item->second.item.size();
        device->mail.erase(item);
    }
    return ops::Done{};
}

// --- upkeep ------------------------------------------------------------------------------------

ops::OpResult MemoryStore::apply(const ops::Expire& op) {
    std::size_t left = op.limit;
    for (auto& [id, account] : accounts_) {
        for (auto& [device_id, device] : account.devices) {
            for (auto item = device.mail.begin(); item != device.mail.end() && left > 0;) {
                if (waits(item->second.stored_ms, op.now_ms)) break;
                device.mail_bytes -= item->second.item.size();
                item = device.mail.erase(item);
                --left;
            }
        }
    }
    for (auto& [sender, sent] : requests_sent_) {
        std::erase_if(sent, [&op](const auto& each) {
            return op.now_ms >= each.second + ops::request_window_ms;
        });
    }
    std::erase_if(requests_sent_, [](const auto& each) { return each.second.empty(); });
    std::erase_if(requests_, [&op](const auto& mark) {
        return op.now_ms >= mark.second.created_ms + mail_ttl_ms;
    });
    std::erase_if(invites_, [&op](const auto& invite) {
        return invite.second.uses_left == 0 || op.now_ms >= invite.second.not_after_ms;
    });
    return ops::Expired{.more = left == 0};
}

}  // namespace sotto::rendezvous
