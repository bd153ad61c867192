#include "peer/engine/contact_gate.hpp"

#include "peer/engine/limits.hpp"
#include "peer/wire/utf8.hpp"

#include <utility>

namespace sotto::peer::engine {
namespace {

bool is_request_text(const std::string& text) {
    const auto characters = wire::utf8_length(text);
    return characters && *characters <= wire::max_request_characters &&
           text.size() <= wire::max_request_text_bytes;
}

}  // namespace

void ContactGate::request(Turn& turn, const SendContactRequest& input, const AccountId& account,
                          const std::string& username) {
    if (account == account_.id()) return turn.failed(input.command, CommandError::own_account);
    if (!is_request_text(input.text)) {
        return turn.failed(input.command, CommandError::text_too_long);
    }
    ContactRecord* record = contacts_.find(account);
    if (record != nullptr && record->view.state == ContactState::accepted) {
        return turn.failed(input.command, CommandError::already_a_contact);
    }
    const bool they_asked = record != nullptr && record->token &&
                            (record->view.state == ContactState::request_received ||
                             record->view.state == ContactState::ignored);
    if (record != nullptr && !username.empty()) give_name(*record, username);
    if (they_asked) {
        return accept(
            turn,
            {.account = account, .allow_direct = input.allow_direct, .command = input.command});
    }
    if (record == nullptr) {
        if (contacts_.full()) return turn.failed(input.command, CommandError::list_full);
        record = &contacts_.add(
            {.account = account, .username = username, .request_text = {}, .changed_at = {}});
    }
    if (!delivery_.has_room(*record, input.text.size())) {
        return turn.failed(input.command, CommandError::list_full);
    }
    record->view.request_text = input.text;
    record->view.allow_direct = input.allow_direct;
    contacts_.set_state(turn, *record, ContactState::request_sent);
    send_request(turn, *record);
    turn.done(input.command);
}

void ContactGate::send_request(Turn& turn, const ContactRecord& record) {
    // Asked again: if it is for a session that one of the two has lost, another is needed.
    sessions_.retire(turn, record.view.account);
    delivery_.withdraw(turn, record.view.account, Cargo::request);  // perhaps in other words
    delivery_.send(turn, record,
                   {.cargo = Cargo::request,
                    .body = wire::ContactRequest{.username = account_.self().username,
                                                 .text = record.view.request_text,
                                                 .token = own_offer()}});
}

bool ContactGate::request_is_due(const Turn& turn, const ContactRecord& record) const {
    const std::uint64_t since_ms = record.view.changed_at.ms;
    const std::uint64_t last_ms =
        delivery_.asked_ms(record.view.account, Cargo::request).value_or(since_ms);
    const bool lately = turn.believed_ms < since_ms + request_daily_ms;
    return turn.believed_ms >= last_ms + (lately ? reoffer_ms : request_late_pace_ms);
}

void ContactGate::ask_again(Turn& turn) {
    for (auto& [account, record] : contacts_.all()) {
        if (record.view.state == ContactState::accepted) {
            const auto asked_ms = delivery_.asked_ms(account, Cargo::renewal);
            const bool due = asked_ms && turn.believed_ms >= *asked_ms + reoffer_ms;
            if (due) delivery_.ask_for_token(turn, account);
        } else if (record.view.state == ContactState::request_sent) {
            const bool room = delivery_.has_room(record, record.view.request_text.size());
            if (room && request_is_due(turn, record)) send_request(turn, record);
        }
    }
}

void ContactGate::accept(Turn& turn, const AcceptContact& input) {
    ContactRecord* record = contacts_.find(input.account);
    const bool asked = record != nullptr && record->token &&
                       (record->view.state == ContactState::request_received ||
                        record->view.state == ContactState::ignored);
    if (!asked) return turn.failed(input.command, CommandError::not_possible_now);
    if (!delivery_.has_room(*record, 256)) {
        return turn.failed(input.command, CommandError::list_full);
    }
    record->view.allow_direct = input.allow_direct;
    become_contact(turn, *record);
    turn.done(input.command);
}

void ContactGate::become_contact(Turn& turn, ContactRecord& record) {
    settle_name(record);
    contacts_.set_state(turn, record, ContactState::accepted);
    delivery_.withdraw(turn, record.view.account, Cargo::request);
    send_accept(turn, record);
    delivery_.contact_changed(turn, record.view.account);
}

// The newest says all that an older one said.
void ContactGate::send_accept(Turn& turn, ContactRecord& record) {
    record.accepted_at = turn.now.mono;
    record.accepted_serial = account_.token().serial;
    delivery_.withdraw(turn, record.view.account, Cargo::accept);
    delivery_.send(
        turn, record,
        {.cargo = Cargo::accept,
         .body = wire::ContactAccept{.username = account_.self().username, .token = own_offer()}});
}

void ContactGate::repeat_accept(Turn& turn, ContactRecord& record) {
    if (record.view.state != ContactState::accepted || !delivery_.has_room(record, 256)) return;
    send_accept(turn, record);
}

bool ContactGate::accept_is_due(const Turn& turn, const ContactRecord& record) const {
    const bool said = record.accepted_at && record.accepted_serial == account_.token().serial;
    return !said || turn.now.mono.ms >= record.accepted_at->ms + accept_pace_ms;
}

void ContactGate::ignore(Turn& turn, const IgnoreContact& input) {
    ContactRecord* record = contacts_.find(input.account);
    if (record == nullptr || record->view.state != ContactState::request_received) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    contacts_.set_state(turn, *record, ContactState::ignored);
    turn.done(input.command);
}

void ContactGate::block(Turn& turn, const BlockContact& input) {
    ContactRecord* record = contacts_.find(input.account);
    if (record == nullptr) return turn.failed(input.command, CommandError::not_a_contact);
    shut_out(turn, *record, MessageFailure::blocked_by_us);
    turn.done(input.command);
}

void ContactGate::shut_out(Turn& turn, ContactRecord& record, MessageFailure reason) {
    const bool knew_token = record.view.state == ContactState::accepted ||
                            record.view.state == ContactState::request_sent;
    record.view.allow_direct = false;
    record.view.new_key.reset();
    contacts_.set_state(turn, record, ContactState::blocked);
    delivery_.fail_account(turn, record.view.account, reason);
    // Whoever knows the token could go on filling the mailbox (docs/protocol.md 2.10).
    if (knew_token) account_.revoke_token(turn);
}

void ContactGate::accept_key(Turn& turn, const AcceptKey& input) {
    ContactRecord* record = contacts_.find(input.account);
    if (record == nullptr || !record->view.new_key) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    if (input.key == input.account) {
        record->refused_key = std::exchange(record->view.new_key, std::nullopt);
        contacts_.touch(*record);
        contacts_.show(*record);
        delivery_.contact_changed(turn, input.account);
        return turn.done(input.command);
    }
    // The question was asked about one key; another answer to it is none.
    if (input.key != *record->view.new_key) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    if (record->view.verified && !input.although_verified) {
        return turn.failed(input.command, CommandError::key_changed);
    }
    const ContactRecord* known = contacts_.find(input.key);
    if (known == nullptr && contacts_.full()) {
        return turn.failed(input.command, CommandError::list_full);
    }
    const std::string username = record->view.username;
    shut_out(turn, *record, MessageFailure::key_changed);
    if (known != nullptr && known->view.state == ContactState::accepted) {
        return turn.done(input.command);
    }
    request(turn, {.username = {}, .account = input.key, .text = {}, .command = input.command},
            input.key, username);
}

bool ContactGate::admits(const ContactRecord* record, const wire::Body& body) const {
    const bool is_request = std::holds_alternative<wire::ContactRequest>(body);
    if (record == nullptr) return is_request;
    switch (record->view.state) {
        case ContactState::accepted:
            return true;
        case ContactState::request_sent:
            return !std::holds_alternative<wire::DeliveredReceipt>(body) &&
                   !std::holds_alternative<wire::ReadReceipt>(body) &&
                   !std::holds_alternative<wire::Typing>(body);
        case ContactState::request_received:
        case ContactState::ignored:
            return is_request;
        case ContactState::blocked:
            return false;
    }
    return false;
}

bool ContactGate::has_room_for_request() const {
    const std::size_t waiting = contacts_.count(ContactState::request_received);
    const std::size_t ignored = contacts_.count(ContactState::ignored);
    return !contacts_.full() && waiting < pending_requests_max && waiting + ignored < strangers_max;
}

ContactRecord* ContactGate::add_stranger(Turn& turn, const AccountId& account,
                                         const wire::ContactRequest& body) {
    if (!has_room_for_request()) {
        ++counters_.requests_refused;
        return nullptr;
    }
    ContactRecord& record = contacts_.add({.account = account,
                                           .username = {},
                                           .request_text = body.text,
                                           .changed_at = {turn.believed_ms}});
    claim_name(record, body.username);
    record.token = body.token.token;
    record.token_serial = body.token.serial;
    contacts_.set_state(turn, record, ContactState::request_received);
    return &record;
}

bool ContactGate::note_acceptance(Turn& turn, ContactRecord& record, const wire::Body& body) {
    if (record.view.state != ContactState::request_sent) return false;
    if (const auto* request = std::get_if<wire::ContactRequest>(&body)) {
        adopt(turn, record, request->token);  // both asked: both want
    } else if (const auto* accept = std::get_if<wire::ContactAccept>(&body)) {
        adopt(turn, record, accept->token);
        claim_name(record, accept->username);
    }
    become_contact(turn, record);
    // A text was faster than the acceptance, or the acceptance was lost with an older state.
    if (!record.token) delivery_.ask_for_token(turn, record.view.account);
    return true;
}

wire::TokenOffer ContactGate::own_offer() const {
    return {.serial = account_.token().serial, .token = account_.token().token};
}

void ContactGate::adopt(Turn& turn, ContactRecord& record, const wire::TokenOffer& offer) {
    const bool newer = !record.token || offer.serial > record.token_serial;
    // This is the answer, also when it says that we hold the present one.
    if (newer || offer.serial == record.token_serial) {
        delivery_.withdraw(turn, record.view.account, Cargo::renewal);
    }
    if (!newer) {
        if (offer.serial == record.token_serial) {
            delivery_.token_confirmed(turn, record.view.account);
        }
        return;
    }
    record.token = offer.token;
    record.token_serial = offer.serial;
    contacts_.touch(record);
    delivery_.contact_changed(turn, record.view.account);
}

void ContactGate::handle(Turn& turn, ContactRecord& record, const wire::ContactRequest& body,
                         bool anew) {
    adopt(turn, record, body.token);
    if (record.view.state == ContactState::accepted) {
        // They ask again: their token for us has expired, or they lost what they knew.
        if ((anew || accept_is_due(turn, record)) && delivery_.has_room(record, 256)) {
            send_accept(turn, record);
        }
        return;
    }
    record.view.request_text = body.text;
    contacts_.touch(record);
    contacts_.show(record);
}

void ContactGate::handle(Turn& turn, ContactRecord& record, const wire::ContactAccept& body) {
    adopt(turn, record, body.token);
    claim_name(record, body.username);
}

void ContactGate::handle(Turn& turn, ContactRecord& record, const wire::MailboxToken& body) {
    adopt(turn, record, body.token);
}

void ContactGate::handle(ContactRecord& record, const wire::Profile& body) {
    claim_name(record, body.username);
}

void ContactGate::send_token(Turn& turn) {
    for (const auto& [account, record] : contacts_.all()) {
        if (record.view.state != ContactState::accepted) continue;
        delivery_.withdraw(turn, account, Cargo::token);
        if (!delivery_.has_room(record, 128)) continue;
        delivery_.send(turn, record,
                       {.cargo = Cargo::token, .body = wire::MailboxToken{.token = own_offer()}});
    }
}

}  // namespace sotto::peer::engine
