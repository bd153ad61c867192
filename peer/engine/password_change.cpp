// Another password for the account: the part of ServerSession that replaces its login key.
#include "peer/engine/limits.hpp"
#include "peer/engine/server_session.hpp"

namespace sotto::peer::engine {
namespace {

constexpr auto session = ServerChannel::session;

}  // namespace

void ServerSession::replace_login_key(Turn& turn, const ReplaceLoginKey& input) {
    if (!account_.registered() || change_) {
        return turn.failed(input.command, CommandError::not_possible_now);
    }
    // Nobody wants a password to change at some later time, when he has forgotten that he asked.
    if (!channel(session).up) {
        return turn.failed(input.command, CommandError::server_unreachable);
    }
    change_ = PasswordChange{.keys = input};
    timers_.set(timer(TimerKind::password_change), turn.after(password_change_timeout_ms));
    go_on_changing(turn);
}

void ServerSession::go_on_changing(Turn& turn) {
    if (!change_ || change_->asking || !channel(session).up) return;
    change_->asking = true;
    ask_challenge(turn, LoginFlow::password_change, account_.self().username);
}

void ServerSession::send_password_change(Turn& turn, const crypto::LoginContext& context,
                                         const rendezvous::ChallengeProof& proof) {
    if (!change_) return;
    const auto& [from, to, command] = change_->keys;
    const std::string& username = account_.self().username;
    const crypto::LkPublic fresh = to.public_key();
    const crypto::OwnLk& signer = change_->by_new_key ? to : from;
    requests_.ask(turn, session,
                  rendezvous::ChangePassword{
                      .username = username,
                      .login_version = crypto::login_version_current,
                      .login_key = fresh,
                      .proof = proof,
                      .signature = crypto::sign_password_change(signer, context, username, fresh),
                      .possession = crypto::sign_password_change_possession(to, context, username)},
                  ForPasswordChange{.to = fresh});
    change_->sent = !change_->by_new_key;
}

void ServerSession::password_change_answered(Turn& turn, const ForPasswordChange& asked,
                                             const Answer& answer) {
    if (!change_ || change_->keys.to.public_key() != asked.to) return;  // an earlier one's
    if (answer.as<rendezvous::Ok>() != nullptr) {
        turn.done(change_->keys.command);
        change_.reset();
        timers_.cancel(timer(TimerKind::password_change));
        return;
    }
    const rendezvous::Error* error = answer.error();
    if (error == nullptr) {
        change_->lost = change_->lost || change_->sent;
        return password_change_refused(turn, nullptr);
    }
    change_->sent = false;
    if (change_->by_new_key && error->code == rendezvous::ErrorCode::bad_credentials) {
        change_->by_new_key = false;  // it was not done
        change_->asking = false;
        return go_on_changing(turn);
    }
    password_change_refused(turn, error);
}

// Also when there was no challenge; without an error: nothing came back.
void ServerSession::password_change_refused(Turn& turn, const rendezvous::Error* error) {
    if (!change_) return;
    if (error == nullptr && change_->lost) {
        change_->sent = false;
        change_->asking = false;
        change_->by_new_key = true;
        return go_on_changing(turn);  // or when the connection is back
    }
    if (error == nullptr) return password_change_failed(turn, CommandError::server_unreachable, 0);
    // A server from before this request knows neither its challenge nor it.
    const bool unknown_here = error->code == rendezvous::ErrorCode::bad_request;
    password_change_failed(turn, unknown_here ? CommandError::other_version : command_error(*error),
                           error->retry_after_ms);
}

void ServerSession::password_change_due(Turn& turn) {
    password_change_failed(turn, CommandError::server_unreachable, 0);
}

void ServerSession::password_change_failed(Turn& turn, CommandError error,
                                           std::uint64_t retry_after_ms) {
    if (!change_) return;
    // Whatever it is now: the one that was sent may have been done.
    const bool unclear = change_->sent || change_->lost;
    turn.failed(change_->keys.command, unclear ? CommandError::password_unclear : error,
                unclear ? 0 : retry_after_ms);
    change_.reset();
    timers_.cancel(timer(TimerKind::password_change));
}

}  // namespace sotto::peer::engine
