// Another password for the account: what is asked of the server, and what a lost answer leads to.
#include <gtest/gtest.h>

#include "peer/engine/limits.hpp"
#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

using rendezvous::ChallengeRequest;
using rendezvous::ChangePassword;
using rendezvous::ErrorCode;

// A registered profile whose session connection is up, and the server's part played by hand.
class PasswordChange : public ::testing::Test {
protected:
    static constexpr CommandId command = 7;

    void SetUp() override {
        const auto key = crypto::OwnLk::generate(random_);
        (void)step(RegisterAccount{.username = "anna", .login_key = key, .command = 1});
        up();
        answer<ChallengeRequest>(challenge());
        answer<rendezvous::Register>(logged_in());
    }
    Outputs step(const Input& input) {
        Outputs out =
            engine_.step({.mono = {now_ms_}, .wall = {test_wall_ms + now_ms_}}, random_, input);
        for (const auto& each : out.sends) {
            const auto* send = std::get_if<SendToServer>(&each);
            if (send == nullptr || send->channel != ServerChannel::session) continue;
            asked_.push_back(rendezvous::decode_request(send->frame).value());
        }
        for (const auto& each : out.changes) {
            const auto* failed = std::get_if<CommandFailed>(&each);
            if (failed != nullptr && failed->command == command) failed_ = *failed;
            const auto* done = std::get_if<CommandDone>(&each);
            if (done != nullptr && done->command == command) done_ = true;
        }
        return out;
    }
    void up() { (void)step(ServerUp{.channel = ServerChannel::session}); }
    void down() { (void)step(ServerDown{.channel = ServerChannel::session}); }
    void wait(std::uint64_t ms) {
        const std::uint64_t until = now_ms_ + ms;
        while (now_ms_ < until) {
            const auto next = engine_.next_deadline();
            now_ms_ = next ? std::min(until, std::max(now_ms_ + 1, next->ms)) : until;
            (void)step(Tick{});
        }
    }
    [[nodiscard]] rendezvous::Challenge challenge() const {
        return {.ts_ms = test_wall_ms + now_ms_,
                .snonce = {},
                .mac = {},
                .login_version = crypto::login_version_current};
    }
    [[nodiscard]] static rendezvous::LoggedIn logged_in() {
        return {.kind = rendezvous::SessionKind::device,
                .account = AccountId(crypto::ByteArray<32>{}),
                .username = "anna",
                .server_time_ms = test_wall_ms,
                .observed = {},
                .one_time_left = 50,
                .mail_waiting = 0,
                .has_mailbox_token = true};
    }
    /// The last request of that kind that was not answered, taken out.
    template <class T>
    std::optional<std::pair<rendezvous::RequestId, T>> take() {
        for (auto at = asked_.rbegin(); at != asked_.rend(); ++at) {
            const auto* found = std::get_if<T>(&at->request);
            if (found == nullptr) continue;
            std::pair<rendezvous::RequestId, T> out(at->id, *found);
            asked_.erase(std::next(at).base());
            return out;
        }
        return std::nullopt;
    }
    template <class T>
    void answer(rendezvous::Reply reply) {
        const auto request = take<T>();
        ASSERT_TRUE(request.has_value());
        answer_to(request->first, std::move(reply));
    }
    void answer_to(rendezvous::RequestId id, rendezvous::Reply reply) {
        (void)step(ServerFrame{.channel = ServerChannel::session,
                               .frame = rendezvous::encode(
                                   rendezvous::ReplyFrame{.id = id, .reply = std::move(reply)})});
    }
    /// The challenge is asked for and answered; the request it leads to.
    std::pair<rendezvous::RequestId, ChangePassword> requested() {
        while (const auto asked = take<ChallengeRequest>()) {
            if (asked->second.purpose != crypto::LoginPurpose::change_password) continue;
            EXPECT_EQ(asked->second.subject, crypto::LoginSubject("anna"));
            answer_to(asked->first, challenge());
            break;
        }
        const auto request = take<ChangePassword>();
        crypto::ensure(request.has_value(), "the change is asked for");
        return *request;
    }
    void begin() {
        asked_.clear();
        (void)step(ReplaceLoginKey{.from = old_, .to = fresh_, .command = command});
    }
    void expect_failed(CommandError error, std::uint64_t retry_after_ms = 0) {
        ASSERT_TRUE(failed_.has_value());
        EXPECT_EQ(failed_->error, error);
        EXPECT_EQ(failed_->retry_after_ms, retry_after_ms);
        EXPECT_FALSE(done_);
    }
    static rendezvous::Error error(ErrorCode code, std::uint32_t retry_after_ms = 0) {
        return {.code = code, .retry_after_ms = retry_after_ms};
    }
    crypto::SeededRandom random_{29};
    crypto::OwnLk old_ = crypto::OwnLk::generate(random_);
    crypto::OwnLk fresh_ = crypto::OwnLk::generate(random_);
    Engine engine_ = Engine::from(Snapshot{}, test_server()).value();
    std::vector<rendezvous::RequestFrame> asked_;
    std::optional<CommandFailed> failed_;
    bool done_ = false;
    std::uint64_t now_ms_ = 1000;
};

TEST_F(PasswordChange, IsProvedAndDone) {
    begin();
    const auto [id, request] = requested();
    EXPECT_EQ(request.username, "anna");
    EXPECT_EQ(request.login_key, fresh_.public_key());
    EXPECT_EQ(request.login_version, crypto::login_version_current);
    EXPECT_FALSE(done_);
    answer_to(id, rendezvous::Ok{});
    EXPECT_TRUE(done_);
    wait(60'000);
    EXPECT_FALSE(failed_);
}

TEST_F(PasswordChange, IsRefusedInWords) {
    for (const auto& [code, expected] : std::vector<std::pair<ErrorCode, CommandError>>{
             {ErrorCode::bad_credentials, CommandError::wrong_credentials},
             {ErrorCode::unsupported_version, CommandError::other_version},
             {ErrorCode::bad_request, CommandError::other_version},
             {ErrorCode::busy, CommandError::server_refused}}) {
        failed_.reset();
        begin();
        answer_to(requested().first, error(code));
        expect_failed(expected);
    }
    begin();
    answer_to(requested().first, error(ErrorCode::rate_limited, 4000));
    expect_failed(CommandError::too_many_tries, 4000);
    failed_.reset();
    begin();
    answer<ChallengeRequest>(error(ErrorCode::bad_request));
    expect_failed(CommandError::other_version);
}

TEST_F(PasswordChange, IsNotKeptForLater) {
    down();
    begin();
    expect_failed(CommandError::server_unreachable);
    up();
    EXPECT_FALSE(take<ChangePassword>());
}

TEST_F(PasswordChange, ThatWasNotSentYetChangedNothing) {
    begin();
    down();
    expect_failed(CommandError::server_unreachable);
}

TEST_F(PasswordChange, OneAtATime) {
    begin();
    constexpr CommandId second = 8;
    const Outputs out = step(ReplaceLoginKey{.from = old_, .to = old_, .command = second});
    ASSERT_EQ(out.changes.size(), 1U);
    EXPECT_EQ(std::get<CommandFailed>(out.changes[0]).error, CommandError::not_possible_now);
    answer_to(requested().first, rendezvous::Ok{});
    EXPECT_TRUE(done_);
}

TEST_F(PasswordChange, WhoseAnswerWasLostIsAskedForWithTheNewKey) {
    begin();
    const ChangePassword first = requested().second;
    down();
    EXPECT_FALSE(failed_);
    up();
    const auto [id, again] = requested();
    EXPECT_EQ(again.login_key, fresh_.public_key());
    EXPECT_NE(again.signature, first.signature);
    answer_to(id, rendezvous::Ok{});
    EXPECT_TRUE(done_);
}

TEST_F(PasswordChange, WhichTheServerNeverSawIsDoneThen) {
    begin();
    (void)requested();
    down();
    up();
    answer_to(requested().first, error(ErrorCode::bad_credentials));  // the new key: not yet
    EXPECT_FALSE(failed_);
    answer_to(requested().first, rendezvous::Ok{});
    EXPECT_TRUE(done_);
}

TEST_F(PasswordChange, OfWhichNothingIsHeardIsUnclear) {
    begin();
    (void)requested();
    down();
    wait(password_change_timeout_ms + 1);
    expect_failed(CommandError::password_unclear);
    failed_.reset();
    up();
    begin();
    (void)requested();
    (void)step(GoOffline{});
    expect_failed(CommandError::password_unclear);
}

TEST_F(PasswordChange, AfterALossARefusalIsUnclear) {
    begin();
    (void)requested();
    down();
    up();
    answer_to(requested().first, error(ErrorCode::rate_limited, 900'000));
    expect_failed(CommandError::password_unclear);
}

}  // namespace
}  // namespace sotto::peer::engine
