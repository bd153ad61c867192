// What the rendezvous loses or refuses goes again until it is there, and ever more rarely.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

constexpr std::uint64_t hour_ms = 3600 * 1000;

/// A rendezvous that lets a party in and answers the rest as the test wants.
class Answering {
public:
    /// Nothing: the answer never comes.
    using Answer = std::function<std::optional<rendezvous::Reply>(const rendezvous::Request&)>;

    Answering(Party& party, Answer answer) : party_(party), answer_(std::move(answer)) {
        step([&](Turn& t) { party_.core().on(t, GoOnline{}); });
    }
    void run_for(std::uint64_t ms) {
        const std::uint64_t end_ms = now_ms() + ms;
        for (auto next = due(end_ms); next; next = due(end_ms)) {
            party_.pass(next->ms > now_ms() ? next->ms - now_ms() : 0);
            step([&](Turn& t) { party_.core().on(t, Tick{}); });
        }
        party_.pass(end_ms - now_ms());
    }
    /// How often the party has asked this.
    template <class Request>
    [[nodiscard]] std::size_t asked() const {
        return static_cast<std::size_t>(
            std::count_if(asked_.begin(), asked_.end(), [](const rendezvous::Request& request) {
                return std::holds_alternative<Request>(request);
            }));
    }

private:
    [[nodiscard]] std::uint64_t now_ms() { return party_.turn().now.mono.ms; }
    [[nodiscard]] std::optional<Instant> due(std::uint64_t end_ms) {
        const auto next = party_.core().timers.next();
        return next && next->ms <= end_ms ? next : std::nullopt;
    }
    template <class What>
    void step(What what) {
        auto t = party_.turn();
        what(t);
        for (const NetworkOutput& sent : party_.finish(t).sends)
            take(sent);
    }
    void take(const NetworkOutput& sent) {
        if (const auto* open = std::get_if<OpenServer>(&sent)) {
            step([&](Turn& t) { party_.core().on(t, ServerUp{open->channel}); });
        }
        const auto* frame = std::get_if<SendToServer>(&sent);
        if (frame == nullptr) return;
        const auto asked = rendezvous::decode_request(frame->frame).value();
        asked_.push_back(asked.request);
        auto reply = answer_(asked.request);
        if (std::holds_alternative<rendezvous::ChallengeRequest>(asked.request)) {
            reply = rendezvous::Challenge{.ts_ms = party_.turn().now.wall.ms};
        } else if (std::holds_alternative<rendezvous::LoginDevice>(asked.request)) {
            reply = rendezvous::LoggedIn{.account = party_.id(),
                                         .username = "alice",
                                         .server_time_ms = party_.turn().now.wall.ms,
                                         .observed = {},
                                         .one_time_left = 100,
                                         .has_mailbox_token = true};
        } else if (std::holds_alternative<rendezvous::Ping>(asked.request) && !reply) {
            reply = rendezvous::Pong{party_.turn().now.wall.ms};
        }
        if (!reply) return;
        const Bytes bytes = rendezvous::encode(rendezvous::ReplyFrame{asked.id, *reply});
        step([&](Turn& t) { party_.core().on(t, ServerFrame{frame->channel, bytes}); });
    }

    Party& party_;
    Answer answer_;
    std::vector<rendezvous::Request> asked_;
};

class Refused : public testing::Test {
protected:
    Party alice{"alice", 1};

    /// Says `busy` to this kind of request, and yes to everything else.
    template <class Request>
    [[nodiscard]] static std::optional<rendezvous::Reply> refuse(
        const rendezvous::Request& request) {
        if (std::holds_alternative<Request>(request)) {
            return rendezvous::Error{.code = rendezvous::ErrorCode::busy};
        }
        if (std::holds_alternative<rendezvous::Ping>(request)) return std::nullopt;
        return rendezvous::Ok{};
    }
    template <class Request>
    [[nodiscard]] static std::optional<rendezvous::Reply> lose(const rendezvous::Request& request) {
        if (std::holds_alternative<Request>(request)) return std::nullopt;
        return refuse<rendezvous::Observe>(request);
    }
    /// In an hour: 1 s, 2 s, ... 5 min, each from half of it to all.
    static void expect_ever_more_rarely(std::size_t times) {
        EXPECT_GE(times, 15U);
        EXPECT_LE(times, 35U);
    }
};

using RenewedList = Refused;

TEST_F(RenewedList, IsSentByTheNextProcessWhenTheRequestWasLost) {
    alice.pass(crypto::dev_list_resign_ms);
    const std::uint64_t seq = alice.core().account.gossip().seq;
    {
        Answering server(alice, lose<rendezvous::PublishDeviceList>);
        ASSERT_EQ(server.asked<rendezvous::PublishDeviceList>(), 1U);
        ASSERT_EQ(alice.core().account.gossip().seq, seq + 1);
    }
    alice.restart();
    Answering server(alice, refuse<rendezvous::Observe>);
    EXPECT_EQ(server.asked<rendezvous::PublishDeviceList>(), 1U);
    server.run_for(2 * hour_ms);
    EXPECT_EQ(server.asked<rendezvous::PublishDeviceList>(), 1U) << "it has it";
    alice.restart();
    Answering later(alice, refuse<rendezvous::Observe>);
    EXPECT_EQ(later.asked<rendezvous::PublishDeviceList>(), 0U) << "it has it";
}

TEST_F(RenewedList, IsSentAgainWhenTheServerIsBusy) {
    alice.pass(crypto::dev_list_resign_ms);
    Answering server(alice, refuse<rendezvous::PublishDeviceList>);
    server.run_for(hour_ms);
    expect_ever_more_rarely(server.asked<rendezvous::PublishDeviceList>());
}

// The first answer was lost, so the server says that it has this list.
TEST_F(RenewedList, IsNotSentForEverToAServerThatHasIt) {
    alice.pass(crypto::dev_list_resign_ms);
    Answering server(alice, [](const rendezvous::Request& request) {
        auto reply = refuse<rendezvous::PublishDeviceList>(request);
        if (auto* error = reply ? std::get_if<rendezvous::Error>(&*reply) : nullptr) {
            error->code = rendezvous::ErrorCode::not_allowed;
        }
        return reply;
    });
    server.run_for(hour_ms);
    EXPECT_EQ(server.asked<rendezvous::PublishDeviceList>(), 1U);
}

// A server that was restored, or a profile from before this was saved.
TEST_F(RenewedList, IsSentToAServerThatHandsOutAnOlderOne) {
    const auto older = alice.bundle(false);
    alice.pass(crypto::dev_list_resign_ms);
    {
        Answering server(alice, refuse<rendezvous::Observe>);
        ASSERT_FALSE(alice.core().account.list_owed());
    }
    alice.restart(false);
    Answering server(alice, [&](const rendezvous::Request& request) {
        auto reply = refuse<rendezvous::Observe>(request);
        if (std::holds_alternative<rendezvous::FetchBundle>(request)) reply = older;
        return reply;
    });
    EXPECT_EQ(server.asked<rendezvous::PublishDeviceList>(), 1U);
}

TEST_F(Refused, AWatch) {
    Answering server(alice, refuse<rendezvous::Watch>);
    server.run_for(hour_ms);
    expect_ever_more_rarely(server.asked<rendezvous::Watch>());
}

TEST_F(Refused, AnAcknowledgement) {
    Answering server(alice, refuse<rendezvous::AckMail>);
    alice.core().rows_to_acknowledge.insert(7);
    auto t = alice.turn();
    alice.core().timers.set(timer(TimerKind::acknowledge_mail), t.now.mono);
    alice.finish(t);
    server.run_for(hour_ms);
    expect_ever_more_rarely(server.asked<rendezvous::AckMail>());
}

// It lets us in, and a moment later it knows nothing of it.
TEST_F(Refused, ASessionThatIsForgottenAtOnce) {
    Answering server(alice, [](const rendezvous::Request& request) {
        auto reply = refuse<rendezvous::Watch>(request);
        if (auto* error = reply ? std::get_if<rendezvous::Error>(&*reply) : nullptr) {
            error->code = rendezvous::ErrorCode::unknown_session;
        }
        return reply;
    });
    server.run_for(hour_ms);
    EXPECT_GE(server.asked<rendezvous::LoginDevice>(), 60U);  // once a minute at least
    EXPECT_LE(server.asked<rendezvous::LoginDevice>(), 135U);
}

// A reset that waits for a token does not stand before the question for it.
TEST_F(Refused, AQuestionGoesBeforeAResetThatNeedsItsAnswer) {
    Party bob("bob", 2);
    introduce(alice, bob);
    ContactRecord& record = *alice.core().contacts.find(bob.id());
    record.token.reset();
    const auto& key = bob.core().account.prekeys().mailbox_keys().front();
    alice.core().contacts.find(bob.address())->seal = SealKey{
        .target = {.device = bob.address().device, .mbk_id = key.id, .mbk = key.key.public_key()},
        .created_ms = test_wall_ms,
        .not_after_ms = test_wall_ms + crypto::prekey_validity_ms};
    Answering server(alice, refuse<rendezvous::Observe>);
    auto t = alice.turn();
    const crypto::SessionId unknown(std::array<std::uint8_t, 16>{});
    alice.core().delivery.send(t, record,
                               {.cargo = Cargo::reset,
                                .body = wire::SessionReset{.old_session = unknown},
                                .device = bob.address().device});
    alice.core().delivery.ask_for_token(t, bob.id());
    std::size_t questions = 0;
    for (const NetworkOutput& output : alice.finish(t).sends) {
        const auto* sent = std::get_if<SendToServer>(&output);
        if (sent == nullptr) continue;
        const auto request = rendezvous::decode_request(sent->frame).value().request;
        const auto* put = std::get_if<rendezvous::PutMail>(&request);
        const bool asks = put != nullptr && put->authority == rendezvous::PutAuthority::request;
        questions += asks ? 1U : 0U;
    }
    EXPECT_EQ(questions, 1U);
}

}  // namespace
}  // namespace sotto::peer::engine
