// Dispatch of what the network brings: frames of the rendezvous, links, frames of contacts.
#include "peer/engine/core.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {

// --- the rendezvous ----------------------------------------------------------------------------

void Engine::Core::on(Turn& turn, const ServerUp& input) {
    react(turn, server.up(turn, input.channel));
}

void Engine::Core::on(Turn& turn, const ServerDown& input) {
    const bool was_logged_in = server.logged_in();
    server.down(turn, input);
    dispatch_lost(turn);
    if (was_logged_in && !server.logged_in()) {
        react(turn, ServerSession::Event::logged_out);
    } else {
        directory.update_paths();
    }
}

void Engine::Core::on(Turn& turn, const ServerFrame& input) {
    auto frame = rendezvous::decode_reply(input.frame);
    if (!frame) {
        ++counters.frames_refused;
        return;
    }
    server.heard_from(input.channel);
    if (frame->id == 0) {
        if (input.channel == ServerChannel::session) push(turn, frame->reply);
        return;
    }
    const auto answer = requests.match(input.channel, std::move(*frame));
    if (answer) dispatch(turn, *answer);
}

void Engine::Core::dispatch_lost(Turn& turn) {
    for (auto lost = server.take_lost(); !lost.empty(); lost = server.take_lost()) {
        for (const Answer& answer : lost)
            dispatch(turn, answer);
    }
}

void Engine::Core::dispatch(Turn& turn, const Answer& answer) {
    const auto event = server.answered(turn, answer);
    hand_out(turn, answer);
    delivery.pump_blocked(turn);
    react(turn, event);
}

void Engine::Core::hand_out(Turn& turn, const Answer& answer) {
    const bool ok = answer.as<rendezvous::Ok>() != nullptr;
    if (const auto* put = std::get_if<ForPut>(&answer.purpose)) {
        delivery.put_answered(turn, put->envelope, answer);
    } else if (const auto* bundle = std::get_if<ForBundle>(&answer.purpose)) {
        if (bundles.answered(turn, bundle->account, answer)) {
            bundle_arrived(turn, bundle->account);
        } else {
            bundle_refused(turn, bundle->account, answer);
        }
        gossip.fetched(bundle->account);
        if (answer.reply) check_withheld(turn, bundle->account);
    } else if (std::holds_alternative<ForOwnRecord>(answer.purpose)) {
        own_record_answered(turn, answer);
    } else if (const auto* prekeys = std::get_if<ForPrekeys>(&answer.purpose)) {
        prekeys_answered(turn, *prekeys, answer);
    } else if (const auto* token = std::get_if<ForToken>(&answer.purpose)) {
        if (!ok) return;
        account.token_published(turn, token->serial);
        // The first one went, or will go, with requests and acceptances.
        if (token->serial > 1) gate.send_token(turn);
    } else if (const auto* list = std::get_if<ForDeviceList>(&answer.purpose)) {
        list_answered(turn, list->seq, answer);
    } else if (const auto* acked = std::get_if<ForMailAck>(&answer.purpose)) {
        if (ok) failures.erase(TimerKind::acknowledge_mail);
        if (ok || !server.logged_in()) return;  // after a log-in everything comes again
        rows_to_acknowledge.insert(acked->rows.begin(), acked->rows.end());
        again_later(turn, TimerKind::acknowledge_mail, answer);
    } else if (std::holds_alternative<ForWatch>(answer.purpose)) {
        if (ok) failures.erase(TimerKind::watch);
        if (!ok && server.logged_in()) again_later(turn, TimerKind::watch, answer);
    } else if (std::holds_alternative<ForPing>(answer.purpose)) {
        if (!can_take_withheld(turn)) return;
        server.reconnect(turn);  // the server sends again what was not acknowledged
        react(turn, ServerSession::Event::logged_out);
    } else {
        directory.answered(turn, answer);
    }
}

void Engine::Core::react(Turn& turn, ServerSession::Event event) {
    switch (event) {
        case ServerSession::Event::none:
            return;
        case ServerSession::Event::logged_in:
            return logged_in(turn);
        case ServerSession::Event::logged_out:
            rows_to_acknowledge.clear();
            rows_withheld.clear();
            directory.forget_presence();
            return;
        case ServerSession::Event::anonymous_up:
            delivery.server_ready(turn);
            reachability.consider_all(turn);
            directory.update_paths();
            return;
    }
}

void Engine::Core::logged_in(Turn& turn) {
    if (!account.confirmed()) return ask_own_record(turn);
    const rendezvous::LoggedIn& login = *server.last_login();
    publish_prekeys(turn, login.one_time_left);
    // After the new keys: the last of its kind is never destroyed.
    const bool swept = swept_at && turn.now.mono.ms < swept_at->ms + maintenance_ms;
    if (!swept) sweep(turn);
    conversation.hurry_gaps(turn);
    if (!login.has_mailbox_token) account.token_unknown();
    publish_token(turn);
    publish_list(turn);
    directory.watch(turn);
    gate.ask_again(turn);
    delivery.server_ready(turn);
    directory.update_paths();
}

// A server that says again and again that it has none costs us one batch of keys a minute.
void Engine::Core::publish_prekeys(Turn& turn, std::size_t left_at_server) {
    one_time_left = left_at_server;
    if (!server.logged_in() || prekeys_unanswered) return;  // the answer sets the timer
    if (server.clocks_agree(turn.now)) account.prekeys().rotate(turn);
    const bool low = one_time_left < crypto::one_time_prekeys_refill_below;
    const bool too_soon =
        one_time_made_at && turn.now.mono.ms < one_time_made_at->ms + one_time_pace_ms;
    if (low && too_soon) {
        timers.set_by(timer(TimerKind::prekeys), {one_time_made_at->ms + one_time_pace_ms});
    }
    auto publication = account.prekeys().publication(
        turn, account.identity().signer(),
        low && too_soon ? crypto::one_time_prekeys_published : one_time_left);
    if (!publication) return;
    if (!publication->one_time.empty()) {
        one_time_made_at = turn.now.mono;
        one_time_left = crypto::one_time_prekeys_published;  // until the server says otherwise
    }
    prekeys_unanswered = true;
    requests.ask(turn, ServerChannel::session, std::move(*publication),
                 ForPrekeys{.record_seq = account.prekeys().record_seq()});
}

void Engine::Core::publish_token(Turn& turn) {
    if (!server.logged_in()) return;
    if (server.clocks_agree(turn.now)) account.rotate_token(turn);
    const OwnToken& token = account.token();
    if (token.published) return;
    requests.ask(turn, ServerChannel::session,
                 rendezvous::SetMailboxToken{.token_hash = rendezvous::MailboxTokenHash(
                                                 crypto::mailbox_token_hash(token.token)),
                                             .revoke_previous = token.revoke_previous},
                 ForToken{.serial = token.serial});
}

// Our envelopes name a list from its first save on, so it is sent until the server has it: contacts
// who ask for it and get an older one are told that the server keeps it back.
void Engine::Core::publish_list(Turn& turn) {
    // An older copy of this profile first hears which lists it has signed since.
    if (account.confirmed() && server.clocks_agree(turn.now)) account.renew_list(turn);
    if (!server.logged_in() || !account.list_owed() || list_unanswered) return;
    list_unanswered = true;
    const Identity& identity = account.identity();
    const ByteView cert = identity.cert.encoded();
    const ByteView list = identity.list.encoded();
    requests.ask(turn, ServerChannel::session,
                 rendezvous::PublishDeviceList{.certs = {Bytes(cert.begin(), cert.end())},
                                               .device_list = Bytes(list.begin(), list.end())},
                 ForDeviceList{.seq = identity.list.seq()});
}

void Engine::Core::list_answered(Turn& turn, std::uint64_t seq, const Answer& answer) {
    list_unanswered = false;
    const auto* error = answer.error();
    // Not allowed: it has this list, and its answer was lost. If it has an older one, the next
    // start finds out.
    const bool there = answer.as<rendezvous::Ok>() != nullptr ||
                       (error != nullptr && error->code == rendezvous::ErrorCode::not_allowed);
    if (there) {
        failures.erase(TimerKind::device_list);
        return account.list_published(turn, seq);
    }
    if (server.logged_in()) again_later(turn, TimerKind::device_list, answer);
}

void Engine::Core::push(Turn& turn, const rendezvous::Reply& reply) {
    if (const auto* item = std::get_if<rendezvous::Mail>(&reply)) {
        mail(turn, *item);
    } else if (const auto* presence = std::get_if<rendezvous::Presence>(&reply)) {
        for (const AccountId& came : directory.presence(turn, *presence)) {
            delivery.peer_online(turn, came);
            reachability.consider(turn, came);
        }
    } else if (const auto* low = std::get_if<rendezvous::PrekeysLow>(&reply)) {
        publish_prekeys(turn, low->one_time_left);
    } else if (const auto* end = std::get_if<rendezvous::SessionEnded>(&reply)) {
        react(turn, server.ended(turn, end->reason));
    } else if (const auto* error = std::get_if<rendezvous::Error>(&reply)) {
        // An error without a request: of something the server could not read, or a lost session.
        const Answer answer{ServerChannel::session, ForNothing{}, *error};
        react(turn, server.answered(turn, answer));
    }
}

// Whatever is inside, the item is acknowledged: what cannot be opened today cannot be tomorrow, and
// must not stand in the way of what follows. Except for what is refused because of us: see
// withhold().
void Engine::Core::mail(Turn& turn, const rendezvous::Mail& item) {
    if (!account.registered()) return;
    const auto sealed =
        crypto::open_sealed(item.item, account.self().device, account.prekeys().mailbox_keys());
    std::optional<Received> received;
    if (sealed) {
        received = conversation.receive(turn, {.kind = sealed->kind, .payload = sealed->payload});
    } else {
        ++counters.items_unopenable;
    }
    const bool withheld = received && item.row != 0 && withhold(turn, item.row, *received);
    if (item.row != 0 && !withheld) {
        rows_withheld.erase(item.row);
        rows_to_acknowledge.insert(item.row);
        timers.set_by(timer(TimerKind::acknowledge_mail), turn.now.mono);
    }
    if (received) took(turn, *received);
}

// While our clock is wrong, good handshakes look expired; there may be no room to remember one; and
// a request of a stranger may find too many before it. They stay with the server until they can be
// taken: it sends again, after the next log-in, what was not acknowledged.
bool Engine::Core::withhold(const Turn& turn, std::uint64_t row, const Received& received) {
    std::optional<Lack> lack;
    if (received.failure == OpenError::refused && !server.clocks_agree(turn.now)) {
        lack = Lack::right_clock;
    } else if (received.failure == OpenError::not_now) {
        lack = Lack::handshake_room;
    } else if (received.no_room) {
        lack = Lack::request_room;
    }
    if (!lack || (rows_withheld.size() >= mail_withheld_max && !rows_withheld.contains(row))) {
        return false;
    }
    rows_withheld.insert_or_assign(row, *lack);
    return true;
}

bool Engine::Core::can_take_withheld(const Turn& turn) const {
    return std::any_of(rows_withheld.begin(), rows_withheld.end(), [&](const auto& item) {
        switch (item.second) {
            case Lack::right_clock:
                return server.clocks_agree(turn.now);
            case Lack::handshake_room:
                return sessions.has_room_for_handshake();
            case Lack::request_room:
                return gate.has_room_for_request();
        }
        return false;
    });
}

void Engine::Core::again_later(Turn& turn, TimerKind what, const Answer& answer) {
    const unsigned before = failures[what]++;
    const std::uint64_t delay_ms =
        turn.jittered(std::min(resend_max_ms, resend_first_ms << std::min(before, 16U)));
    const std::uint64_t wait_ms = answer.error() ? answer.error()->retry_after_ms : 0;
    timers.set_by(timer(what), turn.after(std::max(wait_ms, delay_ms)));
}

void Engine::Core::acknowledge_mail(Turn& turn) {
    if (!server.logged_in()) return;
    while (!rows_to_acknowledge.empty()) {
        rendezvous::AckMail ack;
        while (!rows_to_acknowledge.empty() && ack.rows.size() < rendezvous::max_ack_rows) {
            ack.rows.push_back(*rows_to_acknowledge.begin());
            rows_to_acknowledge.erase(rows_to_acknowledge.begin());
        }
        ForMailAck purpose{.rows = ack.rows};
        requests.ask(turn, ServerChannel::session, std::move(ack), std::move(purpose));
    }
}

// Whom the server does not know may not have registered yet, or the server was restored from a
// copy: a day is given to both.
void Engine::Core::bundle_refused(Turn& turn, const AccountId& id, const Answer& answer) {
    ContactRecord* record = contacts.find(id);
    const auto* error = answer.error();
    if (record == nullptr || error == nullptr) return;
    if (answer.channel == ServerChannel::anonymous) return;  // perhaps only our token is too old
    if (error->code != rendezvous::ErrorCode::not_found) return;
    if (++record->not_found < bundles_not_found_max || !server.clocks_agree(turn.now)) return;
    delivery.fail_unknown(turn, id);
}

// --- contacts ----------------------------------------------------------------------------------

void Engine::Core::took(Turn& turn, const Received& received) {
    if (!received.from) return;
    const AccountId& from = received.from->account;
    if (received.became_contact) contact_changed(turn, from);
    if (received.overtaken) {
        recover_contact(turn, *contacts.find(from), *received.overtaken);
    }
    if (received.endpoint) reachability.endpoint_received(turn, *received.from, *received.endpoint);
    if (received.typing) turn.show(TypingChanged{.peer = from, .typing = *received.typing});
    if (!received.started_session) return;
    const ContactRecord* record = contacts.find(from);
    const bool ours = record != nullptr && (record->view.state == ContactState::accepted ||
                                            record->view.state == ContactState::request_sent);
    if (ours) bundles.want_new_keys(turn, *received.from);
    delivery.contact_changed(turn, from);
    reachability.consider(turn, from);
}

void Engine::Core::on(Turn& turn, const ListenerReady& input) {
    reachability.listener_ready(turn, input);
}

void Engine::Core::on(Turn& turn, const PeerLinkUp& input) {
    reachability.link_up(turn, input);
}

void Engine::Core::on(Turn& turn, const PeerLinkDown& input) {
    const Link* link = links.find(input.link);
    const auto peer = link != nullptr ? std::optional(link->peer.account) : std::nullopt;
    reachability.link_down(turn, input.link);
    if (peer) links_changed(*peer);
}

void Engine::Core::on(Turn& turn, const PeerFrame& input) {
    Link* link = links.find(input.link);
    if (link == nullptr) return;  // closed meanwhile
    const DeviceAddress peer = link->peer;
    const Links::Event event = links.heard(turn, *link, input.frame);
    if (std::holds_alternative<Links::Refused>(event)) {
        ++counters.link_frames_refused;
        reachability.close(turn, input.link);
    } else if (std::holds_alternative<Links::BecameLive>(event)) {
        reachability.link_live(turn, *link);
    } else if (const auto* message = std::get_if<wire::LinkMessage>(&event)) {
        return link_message(turn, input.link, *message);
    } else if (const auto* ack = std::get_if<wire::LinkAck>(&event)) {
        return delivery.link_acknowledged(turn, peer, *ack);
    } else if (std::holds_alternative<wire::LinkBye>(event)) {
        reachability.close(turn, input.link);
    } else if (std::holds_alternative<Links::Nothing>(event)) {
        return;
    }
    links_changed(peer.account);
}

void Engine::Core::link_message(Turn& turn, LinkId id, const wire::LinkMessage& message) {
    Link* link = links.find(id);
    const Received received = conversation.receive(
        turn, {.kind = message.kind, .payload = message.payload, .link_peer = link->peer});
    // Without its session the message may still be read one day, after a reset; and a handshake
    // when our clock is right again: not acknowledged.
    const bool later = received.failure == OpenError::unknown_session ||
                       received.failure == OpenError::not_now ||
                       (received.failure == OpenError::refused && !server.clocks_agree(turn.now));
    if (!later) {
        links.acknowledge(turn, *link, message.envelope);
    }
    reset_if_lost(turn, *link, received, message.payload);
    took(turn, received);
}

}  // namespace sotto::peer::engine
