#include "rendezvous/logic/mailbox.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

bool has_room(const Delivery& delivery) {
    return delivery.in_flight.size() < mail_window_items &&
           delivery.in_flight_bytes < mail_window_bytes;
}

template <class Result>
Result* result_of(StoreDone& done) {
    if (!done.results) return nullptr;
    return std::get_if<Result>(&done.results->front());
}

}  // namespace

bool Mailbox::may_put(Turn& turn, const UserId& user, RequestId id, const PutMail& request) {
    if (request.authority == PutAuthority::mailbox_token) return true;
    const auto own = state_.require_device(turn, user, id);
    if (!own) return false;
    const bool own_account = request.account == own->account;
    if (request.authority == PutAuthority::own_device) {
        if (own_account && request.device != own->device) return true;
        state_.refuse(turn, user, id, ErrorCode::not_allowed);
        return false;
    }
    if (request.item.size() > max_request_item_bytes) {
        state_.refuse(turn, user, id, ErrorCode::too_large);
        return false;
    }
    if (!own_account && request.stored) return true;
    state_.refuse(turn, user, id, ErrorCode::not_allowed);
    return false;
}

void Mailbox::put(Turn& turn, const UserId& user, RequestId id, PutMail& request) {
    if (!state_.admit(turn, user, id, Action::put_mail)) return;
    if (!may_put(turn, user, id, request)) return;
    if (!request.stored && request.item.size() > max_relayed_item_bytes) {
        return state_.refuse(turn, user, id, ErrorCode::too_large);
    }
    if (!request.stored) {
        relay(turn, request);
        ++state_.counters.mail_relayed;
        // The same answer whether it was relayed or not: it must not tell who is online.
        return state_.reply(turn, user, id, Accepted{});
    }
    ops::PutMail op{.to = {request.account, request.device},
                    .envelope = request.envelope,
                    .token = std::nullopt,
                    .request_sender = std::nullopt,
                    .item = std::move(request.item),
                    .now_ms = turn.now.wall_ms};
    if (request.token) op.token = hash_of(*request.token);
    if (request.authority == PutAuthority::request) {
        op.request_sender = state_.find(user)->session->account;
    }
    const AwaitPut next{.to = op.to};
    state_.ask(turn, user, id, next, std::move(op));
}

void Mailbox::relay(Turn& turn, PutMail& request) {
    const ops::MailAddress to{request.account, request.device};
    const OnlineDevice* device = state_.find(to);
    if (device == nullptr) return;
    if (request.token &&
        !state_.find(to.account)->tokens.accept(hash_of(*request.token), turn.now.wall_ms)) {
        return;
    }
    const Mail mail{.row = 0, .item = std::move(request.item)};
    turn.outputs.push_back(SendFrame{.user = device->user,
                                     .bytes = encode(ReplyFrame{.id = 0, .reply = mail}),
                                     .droppable = true});
}

void Mailbox::resume(Turn& turn, const Pending& pending, const AwaitPut& next, StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    auto* result = result_of<ops::PutMailResult>(done);
    if (result == nullptr) return state_.refuse(turn, user, id, done.results.error());
    switch (result->status) {
        case ops::PutStatus::stored:
            ++state_.counters.mail_stored;
            state_.reply(turn, user, id, Accepted{});
            return deliver(turn, next.to, result->row, std::move(result->item));
        case ops::PutStatus::repeated:
            ++state_.counters.mail_repeated;
            return state_.reply(turn, user, id, Accepted{});
        case ops::PutStatus::swallowed:
            // To a stranger no recipient looks different from any other.
            ++state_.counters.requests_swallowed;
            return state_.reply(turn, user, id, Accepted{});
        case ops::PutStatus::repeated_request:
            return state_.reply(turn, user, id, Accepted{});
        case ops::PutStatus::unknown_device:
            return state_.refuse(turn, user, id, ErrorCode::not_found);
        case ops::PutStatus::not_allowed:
            return state_.refuse(turn, user, id, ErrorCode::not_allowed);
        case ops::PutStatus::quota_full:
            return state_.refuse(turn, user, id, ErrorCode::quota_full);
        case ops::PutStatus::too_many_requests:
            return state_.refuse(turn, user, id, ErrorCode::rate_limited,
                                 static_cast<std::uint32_t>(result->retry_after_ms));
    }
}

void Mailbox::push(Turn& turn, OnlineDevice& device, std::uint64_t row, Bytes item) {
    device.delivery.in_flight.emplace(row, item.size());
    device.delivery.in_flight_bytes += item.size();
    ++state_.counters.mail_pushed;
    state_.push(turn, device.user, Mail{.row = row, .item = std::move(item)});
}

void Mailbox::deliver(Turn& turn, const ops::MailAddress& address, std::uint64_t row, Bytes item) {
    OnlineDevice* device = state_.find(address);
    if (device == nullptr) {
        turn.outputs.push_back(MailHint{address});
        return;
    }
    Delivery& delivery = device->delivery;
    // What is already waiting in the store goes first.
    if (delivery.listing || delivery.more || !has_room(delivery))
        return fall_behind(address, delivery);
    push(turn, *device, row, std::move(item));
}

void Mailbox::start(Turn& turn, const ops::MailAddress& address) {
    if (OnlineDevice* device = state_.find(address)) list(turn, address, *device);
}

void Mailbox::look(Turn& turn, const ops::MailAddress& address) {
    OnlineDevice* device = state_.find(address);
    if (device == nullptr) return;
    fall_behind(address, device->delivery);
    list(turn, address, *device);
}

void Mailbox::fall_behind(const ops::MailAddress& address, Delivery& delivery) {
    delivery.more = true;
    behind_.insert(address);
}

void Mailbox::delete_later(const ops::MailAddress& address, Delivery& delivery, std::uint64_t row) {
    delivery.deleted_later.insert(row);
    behind_.insert(address);
}

void Mailbox::retry(Turn& turn) {
    for (auto each = behind_.begin(); each != behind_.end();) {
        OnlineDevice* device = state_.find(*each);
        if (device != nullptr) {
            delete_late(turn, *each, *device);
            if (device->delivery.more) list(turn, *each, *device);
        }
        const bool behind = device != nullptr && device->delivery.more;
        each = behind ? std::next(each) : behind_.erase(each);
    }
}

void Mailbox::list(Turn& turn, const ops::MailAddress& address, OnlineDevice& device) {
    Delivery& delivery = device.delivery;
    if (delivery.listing || !has_room(delivery)) return;
    std::vector<std::uint64_t> skip;
    for (const auto& [row, size] : delivery.in_flight)
        skip.push_back(row);
    skip.insert(skip.end(), delivery.being_deleted.begin(), delivery.being_deleted.end());
    std::sort(skip.begin(), skip.end());
    delivery.listing = true;
    delivery.more = false;
    state_.ask(turn, std::nullopt, 0, AwaitMail{.address = address, .user = device.user},
               ops::ListMail{.address = address,
                             .skip_rows = std::move(skip),
                             .max_items = mail_window_items - delivery.in_flight.size(),
                             .max_bytes = mail_window_bytes - delivery.in_flight_bytes,
                             .now_ms = turn.now.wall_ms});
}

void Mailbox::resume(Turn& turn, const AwaitMail& next, StoreDone& done) {
    OnlineDevice* device = state_.find(next.address);
    // Another connection has taken over meanwhile, and asked for itself.
    if (device == nullptr || device->user != next.user) return;
    Delivery& delivery = device->delivery;
    delivery.listing = false;
    auto* page = result_of<ops::MailPage>(done);
    if (page == nullptr) {
        return fall_behind(next.address, delivery);  // retry() comes back to it
    }
    for (ops::MailRow& mail : page->items) {
        // An acknowledgement may have overtaken the listing.
        if (delivery.in_flight.contains(mail.row) || delivery.being_deleted.contains(mail.row)) {
            continue;
        }
        push(turn, *device, mail.row, std::move(mail.item));
    }
    if (delivery.more || page->more) {
        fall_behind(next.address, delivery);
        list(turn, next.address, *device);
    }
}

void Mailbox::acknowledge(Turn& turn, const UserId& user, RequestId id, const AckMail& request) {
    const auto address = state_.require_device(turn, user, id);
    if (!address) return;
    OnlineDevice* device = state_.find(*address);
    Delivery& delivery = device->delivery;
    // What was sent over this connection is bounded by the sending.
    const auto unknown =
        std::count_if(request.rows.begin(), request.rows.end(), [&delivery](std::uint64_t row) {
            return !delivery.in_flight.contains(row) && !delivery.being_deleted.contains(row);
        });
    if (unknown > 0 && !state_.admit_many(turn, user, id, Action::acknowledge,
                                          static_cast<std::uint32_t>(unknown))) {
        return;
    }
    const bool asked =
        state_.ask(turn, user, id, AwaitDeletion{.address = *address, .rows = request.rows},
                   ops::DeleteMail{.address = *address, .rows = request.rows});
    for (const std::uint64_t row : request.rows) {
        const auto sent = delivery.in_flight.find(row);
        if (sent == delivery.in_flight.end()) continue;  // of an earlier connection
        delivery.in_flight_bytes -= sent->second;
        delivery.in_flight.erase(sent);
        delivery.being_deleted.insert(row);
        // Refused as "busy", but heard: the window must not stay closed until the next login.
        if (!asked) delete_later(*address, delivery, row);
        ++state_.counters.mail_acknowledged;
    }
    if (delivery.more) list(turn, *address, *device);
}

void Mailbox::delete_late(Turn& turn, const ops::MailAddress& address, OnlineDevice& device) {
    std::set<std::uint64_t>& late = device.delivery.deleted_later;
    if (late.empty()) return;
    std::vector<std::uint64_t> rows(late.begin(), late.end());
    late.clear();
    state_.ask(turn, std::nullopt, 0, AwaitDeletion{.address = address, .rows = rows},
               ops::DeleteMail{.address = address, .rows = rows});
}

void Mailbox::resume(Turn& turn, const Pending& pending, const AwaitDeletion& next,
                     StoreDone& done) {
    if (OnlineDevice* device = state_.find(next.address)) {
        for (const std::uint64_t row : next.rows)
            device->delivery.being_deleted.erase(row);
        // Not deleted: it will be pushed again, and the client acknowledges it again.
        if (!done.results) fall_behind(next.address, device->delivery);
    }
    if (!pending.user) return;
    if (!done.results) {
        return state_.refuse(turn, *pending.user, pending.request_id, done.results.error());
    }
    if (pending.request_id != 0) state_.reply(turn, *pending.user, pending.request_id, Ok{});
}

}  // namespace sotto::rendezvous
