// Our two connections to the rendezvous: opened, logged in, kept alive, logged in again.
//
// The session channel is logged in with the device key (docs/protocol.md 2.3); the anonymous
// channel has a throw-away key and never logs in. libzmq reconnects silently, so whatever answers
// "unknown session" is logged in again, with a jittered back-off. The server's word is believed
// only where it costs nothing: times are compared, never adopted.
#pragma once

#include "peer/engine/account.hpp"
#include "peer/engine/requests.hpp"

#include <algorithm>

namespace sotto::peer::engine {

class ServerSession {
public:
    ServerSession(Account& account, Timers& timers, Requests& requests)
        : account_(account), timers_(timers), requests_(requests) {}

    // What other nouns have to react to.
    enum class Event : std::uint8_t { none, logged_in, logged_out, anonymous_up };

    void go_online(Turn& turn);
    void go_offline(Turn& turn);
    void register_account(Turn& turn, const RegisterAccount& input);
    void prove_password(Turn& turn, const ProvePassword& input);
    void replace_login_key(Turn& turn, const ReplaceLoginKey& input);

    [[nodiscard]] Event up(Turn& turn, ServerChannel channel);
    void down(Turn& turn, const ServerDown& input);
    /// Answers that will not come any more, because their connection is gone. To be dispatched like
    /// others after each call that may close one.
    [[nodiscard]] std::vector<Answer> take_lost() { return std::exchange(lost_, {}); }
    /// An answer to one of the session's own requests, or an error of any other.
    [[nodiscard]] Event answered(Turn& turn, const Answer& answer);
    [[nodiscard]] Event ended(Turn& turn, rendezvous::SessionEnd reason);
    void heard_from(ServerChannel channel);

    [[nodiscard]] Event login_due(Turn& turn);
    void registration_due(Turn& turn);
    void password_change_due(Turn& turn);
    void ping_due(Turn& turn, ServerChannel channel);

    [[nodiscard]] bool wanted() const { return wanted_; }
    [[nodiscard]] bool logged_in() const { return login_ == Login::done; }
    [[nodiscard]] bool anonymous_up() const { return channel(ServerChannel::anonymous).up; }
    [[nodiscard]] bool clock_heard() const { return server_clock_.has_value(); }
    /// The server's clock and ours are at most two days apart now. False before it was heard.
    [[nodiscard]] bool clocks_agree(const Now& now) const;
    /// The time to date things by: our clock while both agree; else the last time they did, counted
    /// on; else, in a process in which they never did, the later of the two: a date that turns out
    /// to be too late is corrected (Outbox::redate, Sessions::retire_old), one that is too early
    /// would end what has just begun.
    [[nodiscard]] std::uint64_t believe(const Now& now);
    /// The time to destroy by: the same, but the earlier of the two.
    [[nodiscard]] std::uint64_t undisputed(const Now& now) const;
    /// A new connection and log-in, so that unacknowledged mail is sent again.
    void reconnect(Turn& turn) { reopen(turn, ServerChannel::session); }
    [[nodiscard]] const rendezvous::LoggedIn* last_login() const {
        return last_login_ ? &*last_login_ : nullptr;
    }

private:
    enum class Login : std::uint8_t { none, asked, done };
    struct Channel {
        std::optional<crypto::OwnCurve> own;  // open, when there is one
        bool up = false;
        unsigned unanswered = 0;  // requests in a row
    };
    // What the server said the time was, and when it said so.
    struct ServerClock {
        std::uint64_t wall_ms = 0;
        Instant at;
        [[nodiscard]] std::uint64_t counted_on(const Now& now) const {
            return wall_ms + (now.mono.ms - at.ms);
        }
    };

    // A registration whose proof of work is being looked for.
    struct Work {
        crypto::LoginContext context;
        rendezvous::ChallengeProof proof;
        std::uint8_t bits = 0;
        std::uint64_t next = 0;
    };

    // Another password. An answer may be lost with its connection; then the server is asked with
    // the new key whether it was done, and with the old one again if it was not.
    struct PasswordChange {
        ReplaceLoginKey keys;
        bool asking = false;      // a challenge or the request itself is on its way
        bool sent = false;        // by the old key, not answered yet
        bool lost = false;        // such an answer
        bool by_new_key = false;  // what is asked now
    };

    [[nodiscard]] Channel& channel(ServerChannel which) {
        return channels_[static_cast<std::size_t>(which)];
    }
    [[nodiscard]] const Channel& channel(ServerChannel which) const {
        return channels_[static_cast<std::size_t>(which)];
    }
    void open(Turn& turn, ServerChannel which);
    void close(Turn& turn, ServerChannel which);
    void reopen(Turn& turn, ServerChannel which);
    void give_up(ServerChannel which);
    void show(Turn& turn, ServerState state);
    void start_login(Turn& turn);
    void retry_login(Turn& turn);
    void ask_challenge(Turn& turn, LoginFlow flow, crypto::LoginSubject subject);
    void challenged(Turn& turn, const ForChallenge& asked, const rendezvous::Challenge& challenge);
    void password_refused(Turn& turn, LoginFlow flow);
    void send_login(Turn& turn, const crypto::LoginContext& context,
                    const rendezvous::ChallengeProof& proof);
    void send_registration(Turn& turn, const crypto::LoginContext& context,
                           const rendezvous::ChallengeProof& proof, std::uint64_t work);
    void begin_work(Turn& turn, const crypto::LoginContext& context,
                    const rendezvous::ChallengeProof& proof, std::uint8_t bits);
    void work_on(Turn& turn);
    void send_proof(Turn& turn, const crypto::LoginContext& context,
                    const rendezvous::ChallengeProof& proof);
    void go_on_changing(Turn& turn);
    void send_password_change(Turn& turn, const crypto::LoginContext& context,
                              const rendezvous::ChallengeProof& proof);
    void password_change_answered(Turn& turn, const ForPasswordChange& asked, const Answer& answer);
    void password_change_refused(Turn& turn, const rendezvous::Error* error);
    void password_change_failed(Turn& turn, CommandError error, std::uint64_t retry_after_ms);
    [[nodiscard]] Event logged_in(Turn& turn, const rendezvous::LoggedIn& reply);
    [[nodiscard]] Event lost_session(Turn& turn);
    void registration_failed(Turn& turn, CommandError error, std::uint64_t retry_after_ms);
    void proof_failed(Turn& turn, CommandError error, std::uint64_t retry_after_ms);
    void flow_failed(Turn& turn, LoginFlow flow, const rendezvous::Error* error);
    [[nodiscard]] Event own_answer(Turn& turn, const Answer& answer);
    void note_clock(const Turn& turn, std::uint64_t server_time_ms) {
        // The end of the year 9999: what is added to it does not wrap.
        constexpr std::uint64_t time_max_ms = 253'402'300'800'000;
        server_clock_ = ServerClock{std::min(server_time_ms, time_max_ms), turn.now.mono};
    }

    Account& account_;
    Timers& timers_;
    Requests& requests_;
    std::array<Channel, 2> channels_;
    bool wanted_ = false;
    Login login_ = Login::none;
    unsigned login_attempts_ = 0;  // since the last good session
    Instant logged_in_at_{};
    std::optional<ServerClock> server_clock_;
    std::optional<ServerClock> agreed_clock_;
    std::optional<ServerState> shown_;
    std::optional<rendezvous::LoggedIn> last_login_;
    std::optional<RegisterAccount> registration_;
    std::optional<Work> work_;
    std::optional<ProvePassword> proof_;
    std::optional<PasswordChange> change_;
    std::vector<Answer> lost_;
};

/// What a person is told when the server refuses.
[[nodiscard]] CommandError command_error(const rendezvous::Error& error);

}  // namespace sotto::peer::engine
