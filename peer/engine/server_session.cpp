// Connections and their liveness; the login itself is in login.cpp.
#include "peer/engine/server_session.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

constexpr auto session = ServerChannel::session;
constexpr auto anonymous = ServerChannel::anonymous;

TimerId ping_timer(ServerChannel channel) {
    return timer(TimerKind::ping, static_cast<std::uint64_t>(channel));
}

}  // namespace

void ServerSession::show(Turn& turn, ServerState state) {
    if (shown_ == state) return;
    shown_ = state;
    turn.show(ServerStateChanged{.state = state});
}

void ServerSession::open(Turn& turn, ServerChannel which) {
    Channel& c = channel(which);
    c = Channel{.own = crypto::OwnCurve::generate(turn.random)};
    turn.send(OpenServer{.address = account_.server(), .channel = which, .own = *c.own});
    if (which == session) show(turn, ServerState::connecting);
}

void ServerSession::close(Turn& turn, ServerChannel which) {
    Channel& c = channel(which);
    if (c.own) turn.send(CloseServer{.channel = which});
    c = Channel{};
    give_up(which);
    timers_.cancel(ping_timer(which));
    if (which == session) {
        login_ = Login::none;
        timers_.cancel(timer(TimerKind::login));
    }
}

void ServerSession::give_up(ServerChannel which) {
    for (Answer& answer : requests_.give_up(which))
        lost_.push_back(std::move(answer));
}

void ServerSession::reopen(Turn& turn, ServerChannel which) {
    close(turn, which);
    open(turn, which);
}

void ServerSession::go_online(Turn& turn) {
    wanted_ = true;
    if (!channel(session).own) open(turn, session);
    if (account_.registered() && !channel(anonymous).own) open(turn, anonymous);
}

void ServerSession::go_offline(Turn& turn) {
    wanted_ = false;
    if (logged_in()) {
        requests_.ask(turn, session, rendezvous::Logout{}, ForNothing{});
    }
    registration_failed(turn, CommandError::not_possible_now, 0);
    proof_failed(turn, CommandError::not_possible_now, 0);
    password_change_failed(turn, CommandError::not_possible_now, 0);
    close(turn, session);
    close(turn, anonymous);
    show(turn, ServerState::offline);
}

ServerSession::Event ServerSession::up(Turn& turn, ServerChannel which) {
    Channel& c = channel(which);
    if (!c.own) return Event::none;  // closed meanwhile
    c.up = true;
    c.unanswered = 0;
    timers_.set(ping_timer(which), turn.after(turn.jittered(rendezvous::ping_interval_ms)));
    if (which == anonymous) return Event::anonymous_up;
    login_ = Login::none;
    start_login(turn);
    return Event::none;
}

void ServerSession::down(Turn& turn, const ServerDown& input) {
    Channel& c = channel(input.channel);
    if (!c.own) return;
    c.up = false;
    timers_.cancel(ping_timer(input.channel));
    if (input.channel == session) {
        login_ = Login::none;
        timers_.cancel(timer(TimerKind::login));
        const bool final = input.reason != ServerDownReason::unreachable;
        show(turn, final ? ServerState::refused : ServerState::connecting);
        const CommandError error =
            input.reason == ServerDownReason::wrong_key ? CommandError::server_wrong_key
            : input.reason == ServerDownReason::refused ? CommandError::server_refused
                                                        : CommandError::server_unreachable;
        registration_failed(turn, error, 0);
        proof_failed(turn, error, 0);
    }
    give_up(input.channel);
}

void ServerSession::heard_from(ServerChannel which) {
    channel(which).unanswered = 0;
}

ServerSession::Event ServerSession::ended(Turn& turn, rendezvous::SessionEnd reason) {
    if (!logged_in()) return Event::none;
    login_ = Login::none;
    // Another copy of this profile is logged in, or the account is disabled. Coming back at once
    // would only throw the other one out: wait as long as the back-off ever waits.
    login_attempts_ = 16;
    if (reason == rendezvous::SessionEnd::revoked) show(turn, ServerState::refused);
    retry_login(turn);
    return Event::logged_out;
}

void ServerSession::ping_due(Turn& turn, ServerChannel which) {
    if (!channel(which).up) return;
    timers_.set(ping_timer(which), turn.after(turn.jittered(rendezvous::ping_interval_ms)));
    requests_.ask(turn, which, rendezvous::Ping{}, ForPing{});
}

bool ServerSession::clocks_agree(const Now& now) const {
    if (!server_clock_) return false;
    const std::uint64_t theirs = server_clock_->counted_on(now);
    const std::uint64_t ours = now.wall.ms;
    return std::max(ours, theirs) - std::min(ours, theirs) <= crypto::clock_tolerance_ms;
}

std::uint64_t ServerSession::believe(const Now& now) {
    if (clocks_agree(now)) agreed_clock_ = ServerClock{now.wall.ms, now.mono};
    if (agreed_clock_) return agreed_clock_->counted_on(now);
    return server_clock_ ? std::max(now.wall.ms, server_clock_->counted_on(now)) : now.wall.ms;
}

std::uint64_t ServerSession::undisputed(const Now& now) const {
    if (agreed_clock_) return agreed_clock_->counted_on(now);
    return server_clock_ ? std::min(now.wall.ms, server_clock_->counted_on(now)) : now.wall.ms;
}

ServerSession::Event ServerSession::answered(Turn& turn, const Answer& answer) {
    Channel& c = channel(answer.channel);
    if (!answer.reply) {
        // Lost with its connection, or never answered: then the connection may be deaf for ever.
        if (c.up && ++c.unanswered >= 2) {
            const bool was_logged_in = answer.channel == session && logged_in();
            reopen(turn, answer.channel);
            if (was_logged_in) return Event::logged_out;
        } else if (c.up) {
            timers_.set_by(ping_timer(answer.channel), turn.now.mono);
        }
    }
    const auto* error = answer.error();
    if (error != nullptr && error->code == rendezvous::ErrorCode::unknown_session &&
        answer.channel == session) {
        return lost_session(turn);
    }
    return own_answer(turn, answer);
}

ServerSession::Event ServerSession::lost_session(Turn& turn) {
    if (login_ == Login::asked) return Event::none;  // on its way already
    const bool was_logged_in = logged_in();
    login_ = Login::none;
    show(turn, ServerState::connecting);
    retry_login(turn);
    return was_logged_in ? Event::logged_out : Event::none;
}

}  // namespace sotto::peer::engine
