// Dispatch of what a person and the runtime say; what the network brings is in arrivals.cpp.
#include "peer/engine/engine.hpp"

#include "peer/engine/core.hpp"
#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
Engine::Core::Core(const ServerAddress& server_address, std::uint64_t next_row)
    : rows(next_row),
      account(server_address),
      requests(timers),
      server(account, timers, requests),
      contacts(timers),
      sessions(account, contacts),
      gossip(account, contacts, server, counters),
      links(timers),
      bundles(contacts, sessions, server, gossip, requests, timers, counters),
      delivery(account, contacts, sessions, bundles, links, server, requests, timers, outbox,
               counters),
      gate(account, contacts, sessions, delivery, counters),
      conversation(account, contacts, sessions, bundles, gossip, links, delivery, gate, timers,
                   rows, counters),
      reachability(account, contacts, delivery, links, server, timers, counters),
      directory(account, contacts, server, requests, links, gate) {}

bool Engine::Core::load(const Snapshot& snapshot) {
    bool good = account.load(snapshot);
    for (const SaveContact& row : snapshot.contacts)
        contacts.load(row);
    for (const auto& [id, record] : contacts.all()) {
        for (const auto& [device, known] : record.devices)
            rows.skip(known);
    }
    for (const SaveSetting& row : snapshot.settings)
        good = good && contacts.load(row);
    for (const SaveSession& row : snapshot.sessions)
        good = good && sessions.load(row);
    for (const SaveHandshakeSeen& row : snapshot.handshakes)
        good = good && sessions.load(row);
    for (const SaveOutbox& row : snapshot.outbox)
        good = good && outbox.load(row);
    for (const SaveSetting& row : snapshot.settings)
        load(row);
    rolled_back = snapshot.rolled_back;
    return good;
}

crypto::Result<Engine, LoadError> Engine::from(const Snapshot& snapshot,
                                               const std::optional<ServerAddress>& server) {
    const bool registered = snapshot.self && snapshot.self->self.registered;
    const ServerAddress* address = server ? &*server : nullptr;
    if (snapshot.self && (registered || address == nullptr)) address = &snapshot.self->self.server;
    if (address == nullptr) return crypto::Unexpected(LoadError::no_server);
    auto core = std::make_unique<Core>(*address, snapshot.next_row);
    if (!core->load(snapshot)) return crypto::Unexpected(LoadError::damaged);
    if (!registered) core->account.set_server(*address);
    return Engine(std::move(core));
}

Engine::Engine(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Outputs Engine::step(const Now& now, crypto::RandomSource& random, const Input& input) {
    Turn turn{.now = now,
              .believed_ms = core_->server.believe(now),
              .undisputed_ms = core_->server.undisputed(now),
              .random = random};
    turn.dated = core_->server.clock_heard() || core_->dates_hold(now);
    core_->begin(turn);
    std::visit([&](const auto& value) { core_->on(turn, value); }, input);
    core_->finish(turn);
    return std::move(turn.out);
}

std::optional<Instant> Engine::next_deadline() const {
    return core_->timers.next();
}
crypto::GossipMark Engine::own_list() const {
    if (!core_->account.created()) return {.seq = 0, .hash8 = {}};
    return core_->account.gossip();
}

DeviceWatch Engine::device_watch() const {
    return core_->gossip.watch();
}

bool Engine::read_receipts() const {
    return core_->conversation.read_receipts();
}

bool Engine::outbox_empty() const {
    return core_->outbox.empty();
}
std::string Engine::describe_outbox() const {
    return core_->outbox.describe();
}
const Counters& Engine::counters() const {
    return core_->counters;
}

void Engine::Core::begin(Turn& turn) {
    if (!account.registered()) return;
    if (rolled_back) recover_from_rollback(turn);
    recover_damaged(turn);
}

void Engine::Core::finish(Turn& turn) {
    dispatch_lost(turn);
    forget_removed(turn);
    heed_silence(turn);
    tell_findings(turn);
    contacts.flush(turn);
    sessions.flush(turn);
    outbox.flush(turn);
}

// --- a person ----------------------------------------------------------------------------------

void Engine::Core::on(Turn& turn, const RegisterAccount& input) {
    server.register_account(turn, input);
}

void Engine::Core::on(Turn& turn, const ProvePassword& input) {
    server.prove_password(turn, input);
}

void Engine::Core::on(Turn& turn, const ReplaceLoginKey& input) {
    server.replace_login_key(turn, input);
}

void Engine::Core::on(Turn& turn, const SendContactRequest& input) {
    directory.request(turn, input);
}

void Engine::Core::on(Turn& turn, const AcceptContact& input) {
    if (!account.registered()) return turn.failed(input.command, CommandError::not_possible_now);
    gate.accept(turn, input);
    contact_changed(turn, input.account);
}

void Engine::Core::on(Turn& turn, const IgnoreContact& input) {
    gate.ignore(turn, input);
}

void Engine::Core::on(Turn& turn, const BlockContact& input) {
    gate.block(turn, input);
    contact_changed(turn, input.account);
    publish_token(turn);
}

void Engine::Core::on(Turn& turn, const VerifyContact& input) {
    ContactRecord* record = contacts.find(input.account);
    if (record == nullptr) return turn.failed(input.command, CommandError::not_a_contact);
    record->view.verified = input.verified;
    contacts.touch(*record);
    contacts.show(*record);
    turn.done(input.command);
}

void Engine::Core::on(Turn& turn, const AcceptKey& input) {
    gate.accept_key(turn, input);
    contact_changed(turn, input.account);
    contact_changed(turn, input.key);
    publish_token(turn);
}

void Engine::Core::on(Turn& turn, const SetAllowDirect& input) {
    ContactRecord* record = contacts.find(input.account);
    if (record == nullptr) return turn.failed(input.command, CommandError::not_a_contact);
    record->view.allow_direct = input.allow_direct;
    contacts.touch(*record);
    contacts.show(*record);
    reachability.consider(turn, input.account);
    directory.update_path(*record);
    turn.done(input.command);
}

void Engine::Core::on(Turn& turn, const SetHoldNewDevices& input) {
    contacts.set_hold_new_devices(turn, input.hold);
    turn.show(DeviceWatchChanged{.watch = gossip.watch()});
    turn.done(input.command);
}

void Engine::Core::on(Turn& turn, const AllowDevices& input) {
    ContactRecord* record = contacts.find(input.account);
    if (record == nullptr) return turn.failed(input.command, CommandError::not_a_contact);
    if (!contacts.allow_devices(*record)) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    turn.done(input.command);
    delivery.contact_changed(turn, input.account);
    contact_changed(turn, input.account);
}

void Engine::Core::on(Turn& turn, const SettleOwnList& input) {
    gossip.settle(turn);
    turn.done(input.command);
}

void Engine::Core::on(Turn& turn, const SendText& input) {
    conversation.send_text(turn, input);
}
void Engine::Core::on(Turn& turn, const RetryMessage& input) {
    conversation.retry(turn, input);
}
void Engine::Core::on(Turn& turn, const MarkRead& input) {
    conversation.mark_read(turn, input);
}
void Engine::Core::on(Turn& turn, const SetReadReceipts& input) {
    conversation.set_read_receipts(turn, input);
}
void Engine::Core::on(Turn& turn, const RepeatChecked& input) {
    conversation.repeat_checked(turn, input);
}

void Engine::Core::on(Turn& turn, const SetTyping& input) {
    turn.done(input.command);
    const ContactRecord* record = contacts.find(input.peer);
    if (record == nullptr || record->view.state != ContactState::accepted) return;
    const auto last = typing_at.find(input.peer);
    const bool too_soon =
        last != typing_at.end() && turn.now.mono.ms < last->second.ms + typing_pace_ms;
    if (input.typing && too_soon) return;
    typing_at.insert_or_assign(input.peer, turn.now.mono);
    for (const auto& [device, known] : record->devices) {
        if (known.held) continue;
        delivery.send_fleeting(turn, {.account = input.peer, .device = device},
                               wire::Typing{.typing = input.typing});
    }
}

void Engine::Core::on(Turn& turn, const SearchDirectory& input) {
    directory.search(turn, input);
}
void Engine::Core::on(Turn& turn, const SetListed& input) {
    directory.set_listed(turn, input);
}

void Engine::Core::contact_changed(Turn& turn, const AccountId& id) {
    timers.set_by(timer(TimerKind::watch), turn.now.mono);
    reachability.consider(turn, id);
    if (ContactRecord* record = contacts.find(id)) directory.update_path(*record);
}

void Engine::Core::links_changed(const AccountId& id) {
    if (ContactRecord* record = contacts.find(id)) directory.update_path(*record);
}

// --- the runtime -------------------------------------------------------------------------------

void Engine::Core::on(Turn& turn, const GoOnline&) {
    server.go_online(turn);
    timers.set(timer(TimerKind::maintenance), turn.after(maintenance_ms));
    if (!account.registered()) return;
    sweep(turn);  // a program that never runs for an hour has no other occasion
    account.prekeys().publish_again();
    conversation.resume(turn);
    reachability.consider_all(turn);
}

void Engine::Core::on(Turn& turn, const GoOffline&) {
    acknowledge_mail(turn);
    links.send_acknowledgements(turn);
    // A copy of this profile from before now is older than this record (recovery.cpp).
    if (account.registered() && account.confirmed()) {
        account.prekeys().publish_again();
        publish_prekeys(turn, one_time_left);
    }
    reachability.go_offline(turn);
    server.go_offline(turn);
    dispatch_lost(turn);
    directory.forget_presence();
}

void Engine::Core::on(Turn& turn, const Tick&) {
    while (const auto id = timers.pop_due(turn.now.mono))
        timer_due(turn, *id);
}

void Engine::Core::timer_due(Turn& turn, const TimerId& id) {
    switch (id.kind) {
        case TimerKind::acknowledge_mail:
            return acknowledge_mail(turn);
        case TimerKind::acknowledge_links:
            return links.send_acknowledgements(turn);
        case TimerKind::receipt:
            return conversation.receipt_due(turn, id.device());
        case TimerKind::lane:
            return delivery.lane_due(turn, id.device());
        case TimerKind::unreceipted:
            return delivery.unreceipted_due(turn, id.device());
        case TimerKind::request:
            for (const Answer& answer : requests.expired(turn.now.mono))
                dispatch(turn, answer);
            return;
        case TimerKind::login:
            return react(turn, server.login_due(turn));
        case TimerKind::registration:
            return server.registration_due(turn);
        case TimerKind::password_change:
            return server.password_change_due(turn);
        case TimerKind::ping:
            return server.ping_due(turn, static_cast<ServerChannel>(id.number()));
        case TimerKind::bundle:
            return bundles.due(turn, id.account());
        case TimerKind::lazy_save:
            return contacts.lazy_save_due(id.account());
        case TimerKind::offer:
            return reachability.offer_due(turn, id.device());
        case TimerKind::dial:
            return reachability.dial_due(turn, id.device());
        case TimerKind::link: {
            const Link* link = links.find({id.number()});
            if (link == nullptr) return;
            const AccountId peer = link->peer.account;
            reachability.link_due(turn, {id.number()});
            return links_changed(peer);
        }
        case TimerKind::listener:
            return reachability.listener_due(turn);
        case TimerKind::maintenance:
            return maintain(turn);
        case TimerKind::watch:
            return directory.watch(turn);
        case TimerKind::token:
            return delivery.token_due(turn, id.account());
        case TimerKind::start_over:
            return delivery.start_over(turn, id.device());
        case TimerKind::prekeys:
            return publish_prekeys(turn, one_time_left);
        case TimerKind::gaps:
            return conversation.gaps_due(turn, id.device());
        case TimerKind::device_list:
            return publish_list(turn);
        case TimerKind::reset:
            return reset_due(turn, id.device());
    }
}

void Engine::Core::maintain(Turn& turn) {
    timers.set(timer(TimerKind::maintenance), turn.after(maintenance_ms));
    sweep(turn);
    delivery.reoffer(turn);
    gate.ask_again(turn);
    if (!server.clocks_agree(turn.now) || !server.logged_in()) return;
    account.prekeys().publish_again();
    publish_prekeys(turn, one_time_left);
    publish_token(turn);
    publish_list(turn);
}

}  // namespace sotto::peer::engine
