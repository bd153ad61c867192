// What is begun anew when somebody has lost state: an old copy that was put back here or there,
// damaged rows, sessions and mailbox keys that are of no use any more, devices that were removed.
#include "peer/engine/core.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

constexpr std::string_view publish_first_setting = "engine.publish_first";

// No use in trying again.
bool is_final(const rendezvous::Error& error) {
    using rendezvous::ErrorCode;
    return error.code == ErrorCode::bad_request || error.code == ErrorCode::not_allowed ||
           error.code == ErrorCode::too_large || error.code == ErrorCode::unsupported_version;
}

constexpr crypto::SessionId unknown_session{std::array<std::uint8_t, 16>{}};

}  // namespace

// --- we have lost what we knew -----------------------------------------------------------------

void Engine::Core::load(const SaveSetting& setting) {
    if (setting.name == publish_first_setting) publish_first = !setting.value.empty();
    load_sweep(setting);
    conversation.load(setting);
}

void Engine::Core::set_publish_first(Turn& turn, bool value) {
    publish_first = value;
    turn.save(SaveSetting{.name = std::string(publish_first_setting),
                          .value = value ? Bytes{1} : Bytes{}});
}

// Once in a process, before anything is encrypted: is what others have of us older than we are?
void Engine::Core::ask_own_record(Turn& turn) {
    requests.ask(turn, ServerChannel::session,
                 rendezvous::FetchBundle{
                     .account = account.id(), .want_one_time = false, .token = std::nullopt},
                 ForOwnRecord{});
}

void Engine::Core::own_record_answered(Turn& turn, const Answer& answer) {
    if (!server.logged_in() || account.confirmed()) return;  // asked again with the log-in
    if (!answer.reply) return ask_own_record(turn);
    const auto* own = answer.as<rendezvous::Bundle>();
    if (own != nullptr) account.compare_list(turn, *own);
    if (own != nullptr && account.overtaken_by(turn, *own)) recover_from_rollback(turn);
    account.prekeys().publish_again();
    // Others fetch our keys when they hear of a new session: they must find those we have.
    if (publish_first) return publish_prekeys(turn, server.last_login()->one_time_left);
    account.confirm();  // a server that does not tell keeps nobody from writing
    logged_in(turn);
}

void Engine::Core::prekeys_answered(Turn& turn, const ForPrekeys& asked, const Answer& answer) {
    const bool ok = answer.as<rendezvous::Ok>() != nullptr;
    const auto* error = answer.error();
    prekeys_unanswered = false;
    if (ok) account.prekeys().published(turn, asked.record_seq);
    if (!ok || one_time_left < crypto::one_time_prekeys_refill_below) {
        const std::uint64_t wait_ms = error != nullptr ? error->retry_after_ms : 0;
        timers.set_by(timer(TimerKind::prekeys), turn.after(std::max(one_time_pace_ms, wait_ms)));
    }
    // Else the server still gives out keys that are lost: once more in a minute, or with the next
    // log-in.
    const bool settled = ok || (error != nullptr && is_final(*error));
    if (!publish_first || !settled) return;
    set_publish_first(turn, false);
    if (account.confirmed() || !server.logged_in()) return;
    account.confirm();
    logged_in(turn);
}

// An old copy was put back: of the database (the store noticed and dropped its sessions), or of the
// whole profile (what the server holds of us is newer). Its keys and numbers were used already. New
// sessions with everybody, and numbers nobody has seen.
void Engine::Core::recover_from_rollback(Turn& turn) {
    rolled_back = false;
    ++counters.rollbacks;
    set_publish_first(turn, true);
    turn.save(SaveSetting{.name = std::string(rolled_back_setting), .value = {}});
    account.skip_numbers(turn);
    contacts.skip_first_number(turn);
    for (auto& [id, record] : contacts.all()) {
        sessions.retire(turn, id);
        // Whatever they are here: since the copy they may have been contacts, and written to.
        skip_numbers(turn, record, record.next_seq);
        if (record.view.state == ContactState::accepted) {
            conversation.notice(turn, record, {.kind = NoticeKind::put_back});
            recover_contact(turn, record, record.next_seq);
        } else if (record.view.state == ContactState::request_sent) {
            // Perhaps they have accepted since.
            gate.request(turn,
                         {.username = {},
                          .account = id,
                          .text = record.view.request_text,
                          .allow_direct = record.view.allow_direct},
                         id, {});
        }
    }
}

// What was not delivered goes under numbers nobody has seen.
void Engine::Core::skip_numbers(Turn& turn, ContactRecord& record, std::uint64_t used_up_to) {
    record.next_seq = unused_number(turn, std::max(record.next_seq, used_up_to));
    delivery.renumber(turn, record);
}

void Engine::Core::recover_contact(Turn& turn, ContactRecord& record, std::uint64_t used_up_to) {
    sessions.retire(turn, record.view.account);
    skip_numbers(turn, record, used_up_to);
    delivery.withdraw(turn, record.view.account, Cargo::reset);
    // Without asking for room: one for each contact.
    delivery.send(
        turn, record,
        {.cargo = Cargo::reset, .body = wire::SessionReset{.old_session = unknown_session}});
    delivery.contact_changed(turn, record.view.account);
}

void Engine::Core::recover_damaged(Turn& turn) {
    for (const AccountId& id : contacts.take_damaged()) {
        ContactRecord& record = *contacts.find(id);
        ++counters.contacts_damaged;
        sessions.forget(turn, id);
        // Above every number used so far: those count messages, this counts milliseconds since
        // 1970.
        record.next_seq = std::max(record.next_seq, turn.now.wall.ms);
        contacts.touch(record);
        conversation.notice(turn, record, {.kind = NoticeKind::damaged});
        // Keys and device list are fetched for it; the answer brings the mailbox token.
        delivery.ask_for_token(turn, id);
    }
}

// --- they have, or either of us ----------------------------------------------------------------

// docs/protocol.md 2.9: only an authenticated direct link may start a reset, never mailbox garbage.
void Engine::Core::reset_if_lost(Turn& turn, Link& link, const Received& received,
                                 ByteView payload) {
    const bool unusable = received.failure == OpenError::unknown_session ||
                          received.failure == OpenError::undecryptable;
    link.unusable = unusable ? link.unusable + 1 : 0;
    const bool lost = received.failure == OpenError::unknown_session || link.unusable >= 3;
    const auto session = crypto::peek_session_id(payload);
    if (lost && session) restart_session(turn, link.peer, *session, reset_delay_max_ms);
}

// A new session, because the one in use does not work; at most once an hour, also by a program that
// was started again.
bool Engine::Core::restart_session(Turn& turn, const DeviceAddress& peer,
                                   const crypto::SessionId& old_session,
                                   std::uint64_t delay_max_ms) {
    const ContactRecord* record = contacts.find(peer.account);
    const PeerDevice* device = contacts.find(peer);
    if (device == nullptr || record->view.state != ContactState::accepted) return false;
    const std::uint64_t now_ms = turn.believed_ms;
    // A time to come was written by a clock that was wrong.
    const bool lately =
        device->reset_ms <= now_ms && now_ms - device->reset_ms < session_reset_pace_ms;
    if (lately || resets.contains(peer)) return false;
    const Session* active = sessions.active(peer);
    resets.emplace(peer, Reset{.old_session = old_session,
                               .active = active == nullptr ? std::nullopt
                                                           : std::optional(active->ratchet.sid())});
    timers.set(timer(TimerKind::reset, peer), turn.after(turn.below(delay_max_ms + 1)));
    return true;
}

void Engine::Core::reset_due(Turn& turn, const DeviceAddress& peer) {
    const auto reset = resets.find(peer);
    if (reset == resets.end()) return;
    const Session* active = sessions.active(peer);
    // The other side was faster: one new session is enough.
    const bool theirs = active != nullptr && !active->ratchet.is_initiator() &&
                        active->ratchet.sid() != reset->second.active;
    if (theirs) {
        resets.erase(reset);
        return;
    }
    bundles.want_reset(turn, peer);
}

// The person wishes it: nobody else would know when, so it need not be spread.
void Engine::Core::on(Turn& turn, const RestartSession& input) {
    const ContactRecord* record = contacts.find(input.account);
    if (record == nullptr || record->view.state != ContactState::accepted) {
        return turn.failed(input.command, CommandError::not_a_contact);
    }
    if (record->view.new_key) return turn.failed(input.command, CommandError::key_changed);
    bool any = false;
    for (const auto& [device, known] : record->devices) {
        const DeviceAddress peer{.account = input.account, .device = device};
        const Session* session = sessions.active(peer);
        any |= restart_session(turn, peer,
                               session == nullptr ? unknown_session : session->ratchet.sid(), 0);
    }
    if (!any) return turn.failed(input.command, CommandError::not_possible_now);
    turn.done(input.command);
}

// Offer after offer without a receipt: they cannot read our session, or, when a new one does not
// help either, do not know us any more, because an old copy was put back there or here.
void Engine::Core::heed_silence(Turn& turn) {
    for (const auto& [peer, again] : delivery.take_silent()) {
        ContactRecord* record = contacts.find(peer.account);
        if (record == nullptr || record->view.state != ContactState::accepted) continue;
        const Session* session = sessions.active(peer);
        const bool begun = session != nullptr && !session->init_prefix.empty();
        const bool restarts = restart_session(
            turn, peer, session == nullptr ? unknown_session : session->ratchet.sid(),
            reset_delay_max_ms);
        // If it was we who lost state, our numbers were used before.
        if (restarts && !begun) {
            skip_numbers(turn, *record, record->next_seq);
            delivery.contact_changed(turn, peer.account);
        }
        if (again) delivery.ask_for_token(turn, peer.account);
    }
}

void Engine::Core::bundle_arrived(Turn& turn, const AccountId& id) {
    ContactRecord* record = contacts.find(id);
    if (record == nullptr) return;
    record->not_found = 0;
    for (const DeviceAddress& peer : bundles.take_restarted()) {
        const auto reset = resets.find(peer);
        if (reset == resets.end()) continue;
        if (PeerDevice* device = contacts.find(peer)) device->reset_ms = turn.believed_ms;
        contacts.touch(*record);
        delivery.void_ciphertexts(turn, peer);  // all of it goes after the reset
        delivery.send(turn, *record,
                      {.cargo = Cargo::reset,
                       .body = wire::SessionReset{.old_session = reset->second.old_session},
                       .device = peer.device});
        resets.erase(reset);
    }
    for (const DeviceAddress& peer : bundles.take_rekeyed()) {
        // What we answered was sealed to a key that is lost.
        gate.repeat_accept(turn, *record);
        delivery.encrypt_anew(turn, peer);
        conversation.repeat_receipt(turn, peer);
    }
    delivery.contact_changed(turn, id);
    reachability.consider(turn, id);
}

// A contact's own word, signed, inside the session, against the server's: told once for each list.
void Engine::Core::check_withheld(Turn& turn, const AccountId& id) {
    ContactRecord* record = contacts.find(id);
    if (record == nullptr || record->list_announced == 0) return;
    if (record->list && record->list->seq() >= record->list_announced) {
        record->list_announced = 0;
        record->list_withheld = 0;
        return;
    }
    if (++record->list_withheld == list_withheld_max) {
        ++counters.lists_suspicious;
        conversation.notice(turn, *record, {.kind = NoticeKind::list_withheld});
    }
    bundles.want(turn, id, Bundles::Need::keys);  // again in ten minutes
}

void Engine::Core::tell_findings(Turn& turn) {
    if (account.take_strange_list()) gossip.own_list_strange();
    for (const auto& [id, what] : gossip.take_findings(turn))
        conversation.notice(turn, *contacts.find(id), what);
}

void Engine::Core::forget_removed(Turn& turn) {
    for (const DeviceAddress& peer : contacts.take_removed()) {
        timers.cancel(timer(TimerKind::receipt, peer));
        timers.cancel(timer(TimerKind::gaps, peer));
        timers.cancel(timer(TimerKind::reset, peer));
        resets.erase(peer);
        sessions.forget(turn, peer);
        delivery.device_removed(turn, peer);
        reachability.forget(turn, peer);
        links_changed(peer.account);
    }
}

}  // namespace sotto::peer::engine
