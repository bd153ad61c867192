#include "rendezvous/logic/logic.hpp"

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t retry_interval_ms = 1000;
// What a restart takes, with room.
constexpr std::uint32_t restart_retry_ms = 5000;
constexpr std::uint64_t upkeep_interval_ms = 60'000;
// With more clients than these, who ping every 30 s, a pong waits for the next tick (250 ms): a
// client waits for two pings before it gives up.
constexpr std::size_t immediate_pongs_clients = 500;
// 2 s of 60,000 clients' pings; 48 B each. Beyond, they are answered at once.
constexpr std::size_t max_pongs = 4096;
// Rows that expire at once: a transaction of some milliseconds, with others' between two of them.
constexpr std::size_t expire_rows = 1000;
// Per upkeep as many rows as one address prefix can store in that minute, 4,000 a second.
constexpr std::size_t expire_rounds = 240;

ErrorCode error_of(DecodeError error) {
    switch (error) {
        case DecodeError::too_large:
            return ErrorCode::too_large;
        case DecodeError::unsupported_version:
            return ErrorCode::unsupported_version;
        default:
            return ErrorCode::bad_request;
    }
}

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Logic::Logic(const Settings& settings, const crypto::CurvePublic& server_key,
             crypto::RandomSource& random)
    : state_(settings, server_key),
      presence_(state_),
      mailbox_(state_),
      sessions_(state_, presence_, mailbox_),
      login_(state_, sessions_, random),
      accounts_(state_, presence_, sessions_, login_),
      prekeys_(state_),
      directory_(state_) {}

Outputs Logic::step(const Now& now, crypto::RandomSource& random, Input input) {
    Turn turn{.now = now, .random = random, .outputs = {}};
    std::visit([this, &turn](auto& each) { take(turn, each); }, input);
    return std::move(turn.outputs);
}

// --- connections -------------------------------------------------------------------------------

// A newcomer is nobody yet, member or not. Where nobodies have no place left the oldest of them
// goes; only members are never sent away, and so they are the only ones who can fill the server.
bool Logic::make_room(Turn& turn, const std::optional<AddressPrefix>& prefix) {
    const Settings& settings = state_.settings;
    if (prefix) {
        const auto count = state_.clients_by_prefix.find(*prefix);
        const std::size_t all = count == state_.clients_by_prefix.end() ? 0 : count->second;
        if (all >= settings.max_clients_per_prefix ||
            state_.anonymous.size_of(prefix) >= settings.max_anonymous_per_prefix()) {
            ++state_.counters.full_prefixes;
            const auto oldest = state_.anonymous.oldest_of(prefix);
            if (!oldest) return false;
            drop_for_others(turn, *oldest);
        }
    }
    if (state_.clients.size() >= settings.max_clients ||
        state_.anonymous.size() >= settings.max_anonymous()) {
        state_.anonymous.settle_newcomers(turn.now.mono_ms, settings.max_newcomers());
        const auto oldest = state_.anonymous.first_to_go();
        if (!oldest) return false;
        drop_for_others(turn, *oldest);
    }
    return state_.clients.size() < settings.max_clients;
}

void Logic::drop_for_others(Turn& turn, const UserId& user) {
    ++state_.counters.anonymous_dropped;  // everyday, unlike a server that is full
    remove_client(turn, user);
    turn_away(turn, user);
}

bool Logic::add_client(Turn& turn, const UserId& user, const std::optional<AddressPrefix>& prefix) {
    if (state_.find(user) != nullptr) return true;
    if (!make_room(turn, prefix)) {
        ++state_.counters.refused[static_cast<std::size_t>(ErrorCode::server_full)];
        turn_away(turn, user);
        return false;
    }
    if (prefix) ++state_.clients_by_prefix[*prefix];
    Client& client = state_.clients.emplace(user, Client{}).first->second;
    client.prefix = prefix;
    client.last_seen_ms = turn.now.mono_ms;
    client.lease = next_lease_++;
    state_.anonymous.add_newcomer(user, prefix, turn.now.mono_ms);
    leases_.push({turn.now.mono_ms + lease_ms, user, client.lease});
    return true;
}

void Logic::turn_away(Turn& turn, const UserId& user) {
    constexpr std::uint32_t retry_ms = 60'000;
    const Error full{ErrorCode::server_full, retry_ms};
    turn.outputs.push_back(SendFrame{user, encode(ReplyFrame{.id = 0, .reply = full})});
    turn.outputs.push_back(Kick{.user = user, .told = true});
}

void Logic::take(Turn& turn, ClientConnected& input) {
    // The same key over another connection, perhaps from elsewhere: its session ends with the old
    // one.
    const Client* known = state_.find(input.user);
    if (known != nullptr && known->prefix != input.prefix) remove_client(turn, input.user);
    if (!add_client(turn, input.user, input.prefix)) return;
    state_.find(input.user)->observed = std::move(input.observed);
}

void Logic::remove_client(Turn& turn, const UserId& user) {
    sessions_.end(turn, user);
    const Client* client = state_.find(user);
    if (client == nullptr) return;
    if (client->prefix) {
        const auto count = state_.clients_by_prefix.find(*client->prefix);
        if (--count->second == 0) state_.clients_by_prefix.erase(count);
    }
    state_.anonymous.remove(user);
    state_.forget(user);
}

void Logic::take(Turn& turn, const ClientGone& input) {
    remove_client(turn, input.user);
}

void Logic::end_leases(Turn& turn) {
    while (!leases_.empty() && leases_.top().until_ms <= turn.now.mono_ms) {
        const Lease lease = leases_.top();
        leases_.pop();
        const Client* client = state_.find(lease.user);
        if (client == nullptr || client->lease != lease.number) continue;
        if (client->last_seen_ms + lease_ms > turn.now.mono_ms) {
            leases_.push({client->last_seen_ms + lease_ms, lease.user, lease.number});
            continue;
        }
        remove_client(turn, lease.user);
        turn.outputs.push_back(Kick{lease.user});
    }
}

// --- frames ------------------------------------------------------------------------------------

void Logic::refuse_frame(Turn& turn, const UserId& user, const DecodeFailure& failure) {
    state_.refuse(turn, user, failure.request_id, error_of(failure.error));
}

void Logic::take(Turn& turn, ClientFrame& input) {
    if (!add_client(turn, input.user, std::nullopt)) return;
    Client& client = *state_.find(input.user);
    ++state_.counters.requests;
    client.last_seen_ms = turn.now.mono_ms;
    auto frame = decode_request(input.bytes);
    const RequestId id = frame ? frame->id : frame.error().request_id;
    if (!state_.admit(turn, input.user, id, Action::frame)) return;
    if (!frame) return refuse_frame(turn, input.user, frame.error());
    if (state_.stopping) {
        return state_.refuse(turn, input.user, id, ErrorCode::busy, restart_retry_ms);
    }
    handle(turn, input.user, *frame);
}

void Logic::handle(Turn& turn, const UserId& user, RequestFrame& frame) {
    const RequestId id = frame.id;
    std::visit(
        Overloaded{
            [&](ChallengeRequest& m) { login_.challenge(turn, user, id, m); },
            [&](Register& m) { accounts_.register_account(turn, user, id, m); },
            [&](LoginPassword& m) { login_.by_password(turn, user, id, m); },
            [&](LoginDevice& m) { login_.by_device(turn, user, id, m); },
            [&](ChangePassword& m) { login_.change_password(turn, user, id, m); },
            [&](Logout&) { login_.log_out(turn, user, id); },
            [&](Ping&) { ping(turn, user, id); },
            [&](PublishPrekeys& m) { prekeys_.publish(turn, user, id, m); },
            [&](PublishDeviceList& m) { accounts_.publish_devices(turn, user, id, m); },
            [&](FetchBundle& m) { prekeys_.fetch(turn, user, id, m); },
            [&](LookUp& m) { directory_.look_up(turn, user, id, m); },
            [&](DirectoryPage& m) { directory_.page(turn, user, id, m); },
            [&](Watch& m) { presence_.watch(turn, user, id, m); },
            [&](SetListing& m) { accounts_.set_listing(turn, user, id, m); },
            [&](SetMailboxToken& m) { accounts_.set_token(turn, user, id, m); },
            [&](PutMail& m) { mailbox_.put(turn, user, id, m); },
            [&](AckMail& m) { mailbox_.acknowledge(turn, user, id, m); },
            [&](Observe&) { state_.reply(turn, user, id, Observed{state_.find(user)->observed}); },
        },
        frame.request);
}

// Where many ping, the answers of a tick leave together: one by one they wake two threads each.
void Logic::ping(Turn& turn, const UserId& user, RequestId id) {
    if (!state_.find(user)->session) {
        return state_.refuse(turn, user, id, ErrorCode::unknown_session);
    }
    if (state_.clients.size() <= immediate_pongs_clients || pongs_.size() >= max_pongs) {
        return state_.reply(turn, user, id, Pong{turn.now.wall_ms});
    }
    pongs_.emplace_back(user, id);
}

void Logic::send_pongs(Turn& turn) {
    for (const auto& [user, id] : std::exchange(pongs_, {}))
        state_.reply(turn, user, id, Pong{turn.now.wall_ms});
}

// --- the store's answers -----------------------------------------------------------------------

void Logic::take(Turn& turn, StoreDone& input) {
    const auto pending = state_.finish(input.token);
    if (!pending) return;
    const Pending& p = *pending;
    std::visit(Overloaded{
                   [&](const AwaitRegistration& n) { accounts_.resume(turn, p, n, input); },
                   [&](const AwaitPasswordLogin& n) { login_.resume(turn, p, n, input); },
                   [&](const AwaitLoginKey& n) { login_.resume(turn, p, n, input); },
                   [&](const AwaitLoginChange& n) { login_.resume(turn, p, n, input); },
                   [&](const AwaitDeviceLogin& n) { login_.resume(turn, p, n, input); },
                   [&](const AwaitDevices& n) { accounts_.resume(turn, p, n, input); },
                   [&](const AwaitListing& n) { accounts_.resume(turn, p, n, input); },
                   [&](const AwaitToken& n) { accounts_.resume(turn, p, n, input); },
                   [&](const AwaitPublication& n) { prekeys_.resume(turn, p, n, input); },
                   [&](const AwaitBundle& n) { prekeys_.resume(turn, p, n, input); },
                   [&](const AwaitMember& n) { directory_.resume(turn, p, n, input); },
                   [&](const AwaitMembers& n) { directory_.resume(turn, p, n, input); },
                   [&](const AwaitPut& n) { mailbox_.resume(turn, p, n, input); },
                   [&](const AwaitMail& n) { mailbox_.resume(turn, n, input); },
                   [&](const AwaitDeletion& n) { mailbox_.resume(turn, p, n, input); },
                   [&](const AwaitUpkeep& n) { resume(turn, n, input); },
               },
               p.next);
}

void Logic::take(Turn& turn, const MailHint& input) {
    mailbox_.look(turn, input.address);
}

// --- the operator ------------------------------------------------------------------------------

void Logic::take(Turn& turn, const AccountClosed& input) {
    sessions_.revoke(turn, input.account);
}

void Logic::take(Turn&, const Stopping&) {
    state_.stopping = true;
}

void Logic::set_settings(const Settings& settings) {
    state_.settings = settings;
    state_.limits.set_rates(settings.rates);
}

bool Logic::full() const {
    return state_.clients.size() >= state_.settings.max_clients && state_.anonymous.size() == 0;
}

LogicGauges Logic::gauges() const {
    LogicGauges gauges{.clients = state_.clients.size(),
                       .anonymous = state_.anonymous.size(),
                       .sessions = 0,
                       .accounts_online = state_.online.size(),
                       .pending = state_.pending(),
                       .pending_bytes = state_.pending_bytes(),
                       .watched = presence_.watched_total()};
    for (const auto& [user, client] : state_.clients)
        gauges.sessions += client.session ? 1U : 0U;
    return gauges;
}

// --- time --------------------------------------------------------------------------------------

void Logic::take(Turn& turn, const Tick&) {
    send_pongs(turn);
    presence_.flush(turn);
    end_leases(turn);
    if (turn.now.mono_ms >= retry_due_ms_) {
        retry_due_ms_ = turn.now.mono_ms + retry_interval_ms;
        mailbox_.retry(turn);
    }
    if (turn.now.mono_ms >= upkeep_due_ms_) {
        upkeep_due_ms_ = turn.now.mono_ms + upkeep_interval_ms;
        upkeep(turn);
    }
}

void Logic::upkeep(Turn& turn) {
    state_.limits.tidy(turn.now.mono_ms);
    login_.tidy(turn.now.mono_ms);
    prekeys_.tidy(turn.now.mono_ms);
    expire(turn, expire_rounds - 1);
}

void Logic::expire(Turn& turn, std::size_t again) {
    state_.ask(turn, std::nullopt, 0, AwaitUpkeep{again},
               ops::Expire{.now_ms = turn.now.wall_ms, .limit = expire_rows});
}

void Logic::resume(Turn& turn, const AwaitUpkeep& next, const StoreDone& done) {
    if (next.again == 0 || !done.results || done.results->empty()) return;
    const auto* expired = std::get_if<ops::Expired>(&done.results->front());
    if (expired != nullptr && expired->more) expire(turn, next.again - 1);
}

}  // namespace sotto::rendezvous
