// The login flows of ServerSession: device login, registration, proof of a password.
#include "peer/engine/limits.hpp"
#include "peer/engine/server_session.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

constexpr auto session = ServerChannel::session;

crypto::LoginPurpose purpose_of(LoginFlow flow) {
    switch (flow) {
        case LoginFlow::registration:
            return crypto::LoginPurpose::register_account;
        case LoginFlow::password_change:
            return crypto::LoginPurpose::change_password;
        case LoginFlow::device_login:
        case LoginFlow::proof:
            break;
    }
    return crypto::LoginPurpose::login;
}

}  // namespace

CommandError command_error(const rendezvous::Error& error) {
    using rendezvous::ErrorCode;
    switch (error.code) {
        case ErrorCode::bad_credentials:
            return CommandError::wrong_credentials;
        case ErrorCode::name_taken:
            return CommandError::name_taken;
        case ErrorCode::name_invalid:
            return CommandError::name_invalid;
        case ErrorCode::invite_needed:
            return CommandError::invite_needed;
        case ErrorCode::rate_limited:
            return CommandError::too_many_tries;
        case ErrorCode::not_found:
            return CommandError::no_such_name;
        case ErrorCode::unsupported_version:
            return CommandError::other_version;
        case ErrorCode::unknown_session:
        case ErrorCode::bad_request:
        case ErrorCode::not_allowed:
        case ErrorCode::too_large:
        case ErrorCode::quota_full:
        case ErrorCode::server_full:
        case ErrorCode::disk_full:
        case ErrorCode::busy:
            return CommandError::server_refused;
    }
    return CommandError::server_refused;
}

void ServerSession::register_account(Turn& turn, const RegisterAccount& input) {
    if (account_.registered() || registration_) {
        turn.failed(input.command, CommandError::not_possible_now);
        return;
    }
    if (!crypto::username_is_valid(input.username)) {
        turn.failed(input.command, CommandError::name_invalid);
        return;
    }
    registration_ = input;
    timers_.set(timer(TimerKind::registration), turn.after(registration_timeout_ms));
    wanted_ = true;
    if (!channel(session).own) open(turn, session);
    if (channel(session).up) start_login(turn);
}

void ServerSession::prove_password(Turn& turn, const ProvePassword& input) {
    if (proof_) {
        turn.failed(input.command, CommandError::not_possible_now);
        return;
    }
    proof_ = input;
    timers_.set_by(timer(TimerKind::registration), turn.after(registration_timeout_ms));
    wanted_ = true;
    if (!channel(session).own) open(turn, session);
    if (channel(session).up) ask_challenge(turn, LoginFlow::proof, input.username);
}

void ServerSession::registration_due(Turn& turn) {
    // The time-out still runs, so it was the work's own timer.
    if (work_ && timers_.running(timer(TimerKind::registration))) return work_on(turn);
    registration_failed(turn, CommandError::server_unreachable, 0);
    proof_failed(turn, CommandError::server_unreachable, 0);
}

void ServerSession::registration_failed(Turn& turn, CommandError error,
                                        std::uint64_t retry_after_ms) {
    if (!registration_) return;
    turn.failed(registration_->command, error, retry_after_ms);
    registration_.reset();
    work_.reset();
    timers_.cancel(timer(TimerKind::registration));
    login_ = Login::none;
}

void ServerSession::proof_failed(Turn& turn, CommandError error, std::uint64_t retry_after_ms) {
    if (!proof_) return;
    turn.failed(proof_->command, error, retry_after_ms);
    proof_.reset();
}

void ServerSession::start_login(Turn& turn) {
    timers_.cancel(timer(TimerKind::login));
    if (proof_) ask_challenge(turn, LoginFlow::proof, proof_->username);
    go_on_changing(turn);
    if (account_.registered()) {
        login_ = Login::asked;
        ask_challenge(
            turn, LoginFlow::device_login,
            crypto::DeviceLogin{.account = account_.id(), .device = account_.self().device});
    } else if (registration_) {
        login_ = Login::asked;
        ask_challenge(turn, LoginFlow::registration, registration_->username);
    } else {
        show(turn, ServerState::online);  // connected; there is nobody to log in
    }
}

void ServerSession::retry_login(Turn& turn) {
    const std::uint64_t ceiling =
        std::min(login_retry_max_ms, login_retry_first_ms << std::min(login_attempts_, 16U));
    ++login_attempts_;
    timers_.set(timer(TimerKind::login), turn.after(turn.jittered(ceiling)));
}

ServerSession::Event ServerSession::login_due(Turn& turn) {
    if (channel(session).up && login_ == Login::none) start_login(turn);
    return Event::none;
}

void ServerSession::ask_challenge(Turn& turn, LoginFlow flow, crypto::LoginSubject subject) {
    const auto cnonce = turn.random.array<32>();
    requests_.ask(turn, session,
                  rendezvous::ChallengeRequest{
                      .purpose = purpose_of(flow), .subject = std::move(subject), .cnonce = cnonce},
                  ForChallenge{.flow = flow, .cnonce = cnonce});
}

void ServerSession::challenged(Turn& turn, const ForChallenge& asked,
                               const rendezvous::Challenge& challenge) {
    if (!channel(session).own) return;
    note_clock(turn, challenge.ts_ms);
    // Our login keys are made as login_version_current says, before anything was heard from the
    // server: it can neither make them cheaper nor have one signed with that it knows to be cheap.
    if (asked.flow != LoginFlow::device_login && !crypto::login_cost(challenge.login_version)) {
        return password_refused(turn, asked.flow);
    }
    const crypto::LoginContext context{.server = account_.server().key,
                                       .client = channel(session).own->public_key(),
                                       .purpose = purpose_of(asked.flow),
                                       .client_nonce = asked.cnonce,
                                       .challenge_ts_ms = challenge.ts_ms,
                                       .server_nonce = challenge.snonce};
    const rendezvous::ChallengeProof proof{.cnonce = asked.cnonce,
                                           .ts_ms = challenge.ts_ms,
                                           .snonce = challenge.snonce,
                                           .mac = challenge.mac};
    switch (asked.flow) {
        case LoginFlow::device_login:
            return send_login(turn, context, proof);
        case LoginFlow::registration:
            if (challenge.work_bits > 0) {
                return begin_work(turn, context, proof, challenge.work_bits);
            }
            return send_registration(turn, context, proof, 0);
        case LoginFlow::proof:
            return send_proof(turn, context, proof);
        case LoginFlow::password_change:
            return send_password_change(turn, context, proof);
    }
}

void ServerSession::password_refused(Turn& turn, LoginFlow flow) {
    if (flow == LoginFlow::registration) {
        return registration_failed(turn, CommandError::other_version, 0);
    }
    if (flow == LoginFlow::password_change) {
        return password_change_failed(turn, CommandError::other_version, 0);
    }
    proof_failed(turn, CommandError::other_version, 0);
}

void ServerSession::send_login(Turn& turn, const crypto::LoginContext& context,
                               const rendezvous::ChallengeProof& proof) {
    const crypto::DeviceLogin subject{.account = account_.id(), .device = account_.self().device};
    requests_.ask(turn, session,
                  rendezvous::LoginDevice{.account = subject.account,
                                          .device = subject.device,
                                          .proof = proof,
                                          .signature = crypto::sign_device_login(
                                              account_.identity().dsk, context, subject)},
                  ForLogin{});
}

void ServerSession::send_registration(Turn& turn, const crypto::LoginContext& context,
                                      const rendezvous::ChallengeProof& proof, std::uint64_t work) {
    if (!registration_) return;
    // Records with a wrong date would be refused by everybody, for as long as they are wrong.
    if (!clocks_agree(turn.now)) return registration_failed(turn, CommandError::clock_wrong, 0);
    account_.create(turn);
    const RegisterAccount& wish = *registration_;
    const Identity& identity = account_.identity();
    std::optional<rendezvous::InviteToken> invite;
    if (const auto& given = account_.server().invite) invite.emplace(given->view());
    const crypto::DeviceLogin device{.account = account_.id(), .device = account_.self().device};
    const ByteView cert = identity.cert.encoded();
    const ByteView list = identity.list.encoded();
    requests_.ask(
        turn, session,
        rendezvous::Register{
            .username = wish.username,
            .cert = Bytes(cert.begin(), cert.end()),
            .device_list = Bytes(list.begin(), list.end()),
            .login_key = wish.login_key.public_key(),
            .listed = wish.listed,
            .visibility =
                wish.listed ? rendezvous::Visibility::members : rendezvous::Visibility::contacts,
            .invite_token = invite,
            .proof = proof,
            .login_signature = crypto::sign_password_login(wish.login_key, context, wish.username),
            .device_signature = crypto::sign_device_login(identity.dsk, context, device),
            .work = work},
        ForRegistration{});
}

void ServerSession::send_proof(Turn& turn, const crypto::LoginContext& context,
                               const rendezvous::ChallengeProof& proof) {
    if (!proof_) return;
    requests_.ask(turn, session,
                  rendezvous::LoginPassword{.check_only = true,
                                            .username = proof_->username,
                                            .proof = proof,
                                            .signature = crypto::sign_password_login(
                                                proof_->login_key, context, proof_->username)},
                  ForProof{});
}

void ServerSession::flow_failed(Turn& turn, LoginFlow flow, const rendezvous::Error* error) {
    const CommandError reason =
        error != nullptr ? command_error(*error) : CommandError::server_unreachable;
    const std::uint64_t retry_after_ms = error != nullptr ? error->retry_after_ms : 0;
    switch (flow) {
        case LoginFlow::registration:
            return registration_failed(turn, reason, retry_after_ms);
        case LoginFlow::proof:
            return proof_failed(turn, reason, retry_after_ms);
        case LoginFlow::password_change:
            return password_change_refused(turn, error);
        case LoginFlow::device_login: {
            login_ = Login::none;
            const bool refused =
                error != nullptr && (error->code == rendezvous::ErrorCode::bad_credentials ||
                                     error->code == rendezvous::ErrorCode::not_allowed);
            if (refused) show(turn, ServerState::refused);
            if (channel(session).up) retry_login(turn);
            return;
        }
    }
}

ServerSession::Event ServerSession::logged_in(Turn& turn, const rendezvous::LoggedIn& reply) {
    login_ = Login::done;
    logged_in_at_ = turn.now.mono;
    last_login_ = reply;
    note_clock(turn, reply.server_time_ms);
    show(turn, ServerState::online);
    if (!channel(ServerChannel::anonymous).own) open(turn, ServerChannel::anonymous);
    return Event::logged_in;
}

ServerSession::Event ServerSession::own_answer(Turn& turn, const Answer& answer) {
    if (const auto* challenge = std::get_if<ForChallenge>(&answer.purpose)) {
        if (const auto* reply = answer.as<rendezvous::Challenge>()) {
            challenged(turn, *challenge, *reply);
        } else {
            flow_failed(turn, challenge->flow, answer.error());
        }
    } else if (std::holds_alternative<ForLogin>(answer.purpose)) {
        if (const auto* reply = answer.as<rendezvous::LoggedIn>()) return logged_in(turn, *reply);
        flow_failed(turn, LoginFlow::device_login, answer.error());
    } else if (std::holds_alternative<ForRegistration>(answer.purpose)) {
        const auto* reply = answer.as<rendezvous::LoggedIn>();
        if (reply != nullptr && registration_) {
            const RegisterAccount wish = *registration_;
            registration_.reset();
            timers_.cancel(timer(TimerKind::registration));
            account_.set_registered(turn, wish.username);
            turn.done(wish.command);
            return logged_in(turn, *reply);
        }
        if (reply == nullptr) flow_failed(turn, LoginFlow::registration, answer.error());
    } else if (std::holds_alternative<ForProof>(answer.purpose)) {
        if (answer.as<rendezvous::Ok>() != nullptr && proof_) {
            turn.done(proof_->command);
            proof_.reset();
        } else {
            flow_failed(turn, LoginFlow::proof, answer.error());
        }
    } else if (const auto* change = std::get_if<ForPasswordChange>(&answer.purpose)) {
        password_change_answered(turn, *change, answer);
    } else if (const auto* pong = answer.as<rendezvous::Pong>()) {
        note_clock(turn, pong->server_time_ms);
        // Not with the log-in: a server may let us in and know nothing of it a moment later.
        const bool good = logged_in() && turn.now.mono.ms >= logged_in_at_.ms + session_good_ms;
        if (good) login_attempts_ = 0;
    }
    return Event::none;
}

}  // namespace sotto::peer::engine
