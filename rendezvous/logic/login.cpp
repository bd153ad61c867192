#include "rendezvous/logic/login.hpp"

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t key_lifetime_ms = 3'600'000;
// 60 s at the global rate of 1,000 logins/s, doubled for the burst.
constexpr std::size_t max_used = 120'000;

}  // namespace

Login::Login(State& state, Sessions& sessions, crypto::RandomSource& random)
    : state_(state),
      sessions_(sessions),
      key_(random.secret<32>()),
      previous_key_(random.secret<32>()),
      nobodys_login_key_(crypto::OwnLk::generate(random).public_key()),
      nobodys_device_key_(crypto::OwnDsk::generate(random).public_key()) {}

void Login::rotate(const Turn& turn) {
    if (turn.now.mono_ms < key_made_ms_ + key_lifetime_ms) return;
    previous_key_ = key_;
    key_ = turn.random.secret<32>();
    key_made_ms_ = turn.now.mono_ms;
}

crypto::LoginContext Login::context(const UserId& user, crypto::LoginPurpose purpose,
                                    const Bytes32& cnonce, std::uint64_t ts_ms,
                                    const Bytes32& snonce) const {
    return {.server = state_.server_key,
            .client = user,
            .purpose = purpose,
            .client_nonce = cnonce,
            .challenge_ts_ms = ts_ms,
            .server_nonce = snonce};
}

std::uint8_t Login::work_bits(crypto::LoginPurpose purpose) const {
    const bool asked = purpose == crypto::LoginPurpose::register_account &&
                       state_.settings.community == Community::open;
    return asked ? state_.settings.registration_work_bits : std::uint8_t{0};
}

void Login::challenge(Turn& turn, const UserId& user, RequestId id,
                      const ChallengeRequest& request) {
    if (!state_.admit(turn, user, id, Action::challenge)) return;
    rotate(turn);
    const Bytes32 snonce = turn.random.array<32>();
    const auto signed_context =
        context(user, request.purpose, request.cnonce, turn.now.wall_ms, snonce);
    state_.reply(turn, user, id,
                 Challenge{.ts_ms = turn.now.wall_ms,
                           .snonce = snonce,
                           .mac = crypto::challenge_mac(key_, signed_context, request.subject),
                           .login_version = crypto::login_version_current,
                           .work_bits = work_bits(request.purpose)});
}

std::optional<crypto::LoginContext> Login::check(const Turn& turn, const UserId& user,
                                                 crypto::LoginPurpose purpose,
                                                 const crypto::LoginSubject& subject,
                                                 const ChallengeProof& proof) const {
    const auto signed_context = context(user, purpose, proof.cnonce, proof.ts_ms, proof.snonce);
    for (const auto* key : {&key_, &previous_key_}) {
        if (crypto::challenge_is_valid(*key, signed_context, subject, proof.mac,
                                       turn.now.wall_ms)) {
            return signed_context;
        }
    }
    return std::nullopt;
}

bool Login::use(const Turn& turn, const Bytes32& snonce) {
    forget_used(turn.now.mono_ms);
    if (used_.size() >= max_used || !used_.insert(snonce).second) return false;
    used_order_.emplace_back(turn.now.mono_ms, snonce);
    return true;
}

void Login::tidy(std::uint64_t now_ms) {
    forget_used(now_ms);
    backoff_.tidy(now_ms);
}

void Login::forget_used(std::uint64_t now_ms) {
    // Twice the lifetime: the challenge's own clock is the wall, this one is not.
    while (!used_order_.empty() &&
           now_ms >= used_order_.front().first + 2 * crypto::challenge_lifetime_ms) {
        used_.erase(used_order_.front().second);
        used_order_.pop_front();
    }
}

// --- password ----------------------------------------------------------------------------------

void Login::by_password(Turn& turn, const UserId& user, RequestId id, LoginPassword& request) {
    if (!state_.admit(turn, user, id, Action::login)) return;
    const auto proven =
        check(turn, user, crypto::LoginPurpose::login, request.username, request.proof);
    if (!proven) return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    // Only what a valid challenge was made for is counted, known name or not.
    if (const std::uint32_t wait = backoff_.refuse(request.username, turn.now.mono_ms); wait > 0) {
        return state_.refuse(turn, user, id, ErrorCode::rate_limited, wait);
    }
    ops::FindLogin op{request.username};
    state_.ask(turn, user, id, AwaitPasswordLogin{std::move(request), *proven}, std::move(op));
}

void Login::resume(Turn& turn, const Pending& pending, const AwaitPasswordLogin& next,
                   StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto& row = std::get<ops::FindLoginResult>(done.results->front());
    const LoginPassword& login = next.login;
    const bool signed_well = crypto::verify_password_login(
        row ? row->login_key : nobodys_login_key_, next.context, login.username, login.signature);
    if (!row || !signed_well || !use(turn, login.proof.snonce)) {
        return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    }
    backoff_.succeeded(login.username);
    // Only the owner, who has proved to be it, is told.
    if (row->disabled) return state_.refuse(turn, user, id, ErrorCode::not_allowed);
    if (login.check_only) return state_.reply(turn, user, id, Ok{});
    sessions_.begin_password(turn, user, id, row->account, login.username);
}

// --- another password --------------------------------------------------------------------------

void Login::change_password(Turn& turn, const UserId& user, RequestId id, ChangePassword& request) {
    if (!state_.admit(turn, user, id, Action::login)) return;
    // A key that was made more cheaply than we announce would be kept for years.
    if (request.login_version != crypto::login_version_current) {
        return state_.refuse(turn, user, id, ErrorCode::unsupported_version);
    }
    const auto proven =
        check(turn, user, crypto::LoginPurpose::change_password, request.username, request.proof);
    if (!proven) return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    // The same count as of logins: who guesses here as well gains no tries.
    if (const std::uint32_t wait = backoff_.refuse(request.username, turn.now.mono_ms); wait > 0) {
        return state_.refuse(turn, user, id, ErrorCode::rate_limited, wait);
    }
    ops::FindLogin op{request.username};
    state_.ask(turn, user, id, AwaitLoginKey{std::move(request), *proven}, std::move(op));
}

void Login::resume(Turn& turn, const Pending& pending, const AwaitLoginKey& next, StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto& row = std::get<ops::FindLoginResult>(done.results->front());
    const ChangePassword& change = next.change;
    // Both are looked at in any case, so that every failure takes the same time.
    const bool agreed =
        crypto::verify_password_change(row ? row->login_key : nobodys_login_key_, next.context,
                                       change.username, change.login_key, change.signature);
    const bool possessed = crypto::verify_password_change_possession(
        change.login_key, next.context, change.username, change.possession);
    if (!row || !agreed || !possessed || !use(turn, change.proof.snonce)) {
        return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    }
    backoff_.succeeded(change.username);
    if (row->disabled) return state_.refuse(turn, user, id, ErrorCode::not_allowed);
    // Who lost the answer asks with the new key for both.
    if (row->login_key == change.login_key) return state_.reply(turn, user, id, Ok{});
    state_.ask(turn, user, id, AwaitLoginChange{row->account},
               ops::ChangeLogin{row->account, row->login_key, change.login_key});
}

void Login::resume(Turn& turn, const Pending& pending, const AwaitLoginChange& next,
                   StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto result = std::get<ops::ChangeLoginResult>(done.results->front());
    if (result == ops::ChangeLoginResult::other_key) {  // somebody else's change came first
        return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    }
    ++state_.counters.password_changes;
    sessions_.revoke_passwords(turn, next.account, user);
    state_.reply(turn, user, id, Ok{});
}

// --- device ------------------------------------------------------------------------------------

void Login::by_device(Turn& turn, const UserId& user, RequestId id, const LoginDevice& request) {
    if (!state_.admit(turn, user, id, Action::login)) return;
    const crypto::DeviceLogin subject{.account = request.account, .device = request.device};
    const auto proven = check(turn, user, crypto::LoginPurpose::login, subject, request.proof);
    if (!proven) return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    state_.ask(turn, user, id, AwaitDeviceLogin{request, *proven},
               ops::OpenDevice{{request.account, request.device}});
}

void Login::resume(Turn& turn, const Pending& pending, const AwaitDeviceLogin& next,
                   StoreDone& done) {
    const UserId& user = *pending.user;
    const RequestId id = pending.request_id;
    if (!done.results) return state_.refuse(turn, user, id, done.results.error());
    const auto& row = std::get<ops::OpenDeviceResult>(done.results->front());
    const LoginDevice& login = next.login;
    const crypto::DeviceLogin subject{.account = login.account, .device = login.device};
    const bool signed_well = crypto::verify_device_login(row ? row->dsk : nobodys_device_key_,
                                                         next.context, subject, login.signature);
    if (!row || !signed_well || !use(turn, login.proof.snonce)) {
        return state_.refuse(turn, user, id, ErrorCode::bad_credentials);
    }
    if (row->disabled) return state_.refuse(turn, user, id, ErrorCode::not_allowed);
    sessions_.begin_device(turn, user, id, {login.account, login.device}, *row);
}

void Login::log_out(Turn& turn, const UserId& user, RequestId id) {
    sessions_.end(turn, user);
    state_.reply(turn, user, id, Ok{});
}

}  // namespace sotto::rendezvous
