// Putting into mailboxes through a rendezvous that refuses, delays or answers nothing: who pays,
// and who has to wait.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

#include <deque>
#include <functional>

namespace sotto::peer::engine {
namespace {

using rendezvous::ErrorCode;

class MailboxTest : public testing::Test {
protected:
    MailboxTest() {
        introduce(alice, bob);
        introduce(alice, carol);
        (void)bob.take(alice.encrypt(bob, wire::Typing{.typing = true}));
        alice.core().account.confirm();
        for (Party* party : {&bob, &carol}) {
            const auto& key = party->core().account.prekeys().mailbox_keys().front();
            alice.core().contacts.find(party->address())->seal =
                SealKey{.target = {.device = party->address().device,
                                   .mbk_id = key.id,
                                   .mbk = key.key.public_key()},
                        .created_ms = test_wall_ms,
                        .not_after_ms = test_wall_ms + 30 * day_ms};
        }
        step(GoOnline{});
        step(ServerUp{ServerChannel::anonymous});
        unanswered.clear();
    }
    struct Put {
        rendezvous::RequestId id = 0;
        rendezvous::PutMail mail;
    };
    template <class What>
    void step(const What& input) {
        auto t = alice.turn();
        alice.core().on(t, input);
        for (const NetworkOutput& output : alice.finish(t).sends) {
            const auto* sent = std::get_if<SendToServer>(&output);
            if (sent == nullptr || sent->channel != ServerChannel::anonymous) continue;
            const auto frame = rendezvous::decode_request(sent->frame);
            ASSERT_TRUE(frame);
            if (std::holds_alternative<rendezvous::Ping>(frame->request))
                pings.push_back(frame->id);
            const auto* put = std::get_if<rendezvous::PutMail>(&frame->request);
            if (put == nullptr) continue;
            ++puts_to[put->account];
            unanswered.push_back({.id = frame->id, .mail = *put});
        }
        for (const rendezvous::RequestId ping : std::exchange(pings, {}))
            answer(ping, rendezvous::Ok{});
    }
    void write(Party& to, int texts) {
        for (int i = 0; i < texts; ++i)
            step(SendText{.to = to.id(), .text = "text " + std::to_string(i)});
    }
    void answer(rendezvous::RequestId id, rendezvous::Reply reply) {
        step(ServerFrame{.channel = ServerChannel::anonymous,
                         .frame = encode(rendezvous::ReplyFrame{id, std::move(reply)})});
    }
    /// The rendezvous answers what it is asked, for so long.
    void serve(std::uint64_t ms, std::uint64_t step_ms,
               const std::function<rendezvous::Reply(const rendezvous::PutMail&)>& reply) {
        for (std::uint64_t passed = 0; passed < ms; passed += step_ms) {
            for (std::size_t many = 0; !unanswered.empty(); ++many) {
                ASSERT_LT(many, 10'000U) << "it asks again and again at once";
                const Put put = unanswered.front();
                unanswered.pop_front();
                answer(put.id, reply(put.mail));
            }
            alice.pass(step_ms);
            step(Tick{});
        }
    }
    static rendezvous::Reply refusal(ErrorCode code, std::uint32_t retry_after_ms = 0) {
        return rendezvous::Error{.code = code, .retry_after_ms = retry_after_ms};
    }
    /// Texts that are not under way.
    [[nodiscard]] std::size_t waiting(Party& to) {
        std::size_t texts = 0;
        for (const std::uint64_t order : alice.core().outbox.lane(to.address()).to_send)
            texts += alice.core().outbox.find(order)->cargo == Cargo::text ? 1U : 0U;
        return texts;
    }

    static constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party carol{"carol", 3};
    std::deque<Put> unanswered;
    std::vector<rendezvous::RequestId> pings;
    std::map<AccountId, std::size_t> puts_to;
};

// More than may be under way at a time, and all of it refused: it waits for its back-off, and
// nobody else has to wait for it, whoever's address is the smaller one.
class RefusedMailbox : public MailboxTest, public testing::WithParamInterface<bool> {};

TEST_P(RefusedMailbox, HoldsUpNobodyElse) {
    Party& refused = GetParam() ? bob : carol;
    Party& other = GetParam() ? carol : bob;
    write(refused, 200);
    write(other, 5);
    serve(60'000, 1'000, [&](const rendezvous::PutMail& mail) -> rendezvous::Reply {
        if (mail.account == refused.id()) return refusal(ErrorCode::quota_full);
        return rendezvous::Accepted{};
    });
    EXPECT_EQ(waiting(other), 0U);
    EXPECT_GE(puts_to[other.id()], 5U);
    EXPECT_LE(puts_to[refused.id()], 8 * puts_in_flight_max) << "1, 2, 4, 8 ... s";
}
INSTANTIATE_TEST_SUITE_P(Both, RefusedMailbox, testing::Bool());

// Answers that do not come: what is asked besides stands still, the program does not.
TEST_F(MailboxTest, AFullListOfRequestsIsNoEndlessLoop) {
    write(bob, 1);
    while (!alice.core().requests.full()) {
        auto t = alice.turn();
        alice.core().requests.ask(t, ServerChannel::session, rendezvous::Ping{}, ForNothing{});
        alice.finish(t);
    }
    write(carol, 3);
    write(bob, 3);
    ASSERT_EQ(unanswered.size(), 1U);
    {
        auto t = alice.turn();
        alice.core().requests.ask(t, ServerChannel::session, rendezvous::Ping{}, ForNothing{});
        alice.finish(t);
    }
    answer(unanswered.front().id, rendezvous::Accepted{});
    EXPECT_EQ(waiting(carol), 3U);
    // The oldest are given up after a while, and then there is room.
    unanswered.clear();
    serve(60'000, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    EXPECT_EQ(waiting(carol), 0U);
    EXPECT_EQ(waiting(bob), 0U);
}

// They have blocked us, or were away while their token was renewed.
TEST_F(MailboxTest, ARefusedTokenIsTriedWithOneEnvelopeNowAndThen) {
    write(bob, 50);
    const auto refused = [](const auto&) { return refusal(ErrorCode::not_allowed); };
    serve(1'000, 1'000, refused);
    const std::size_t at_once = puts_to[bob.id()];
    EXPECT_LE(at_once, 50U);
    serve(day_ms - 3'600'000, 60'000, refused);  // a day later it is another session
    EXPECT_GT(puts_to[bob.id()], at_once);
    EXPECT_LE(puts_to[bob.id()], at_once + 15);
    EXPECT_EQ(waiting(bob), 50U);
    // Their word, over a link or from another device: all of it goes.
    wire::Token fresh(std::array<std::uint8_t, 32>{7});
    (void)alice.take(
        bob.encrypt(alice, wire::MailboxToken{.token = {.serial = 2, .token = std::move(fresh)}}));
    EXPECT_EQ(waiting(bob), 0U);
    EXPECT_EQ(alice.core().requests.puts_in_flight(), 50U);
}

TEST_F(MailboxTest, ATokenThatIsTakenAgainLetsEverythingGo) {
    write(bob, 20);
    serve(1'000, 1'000, [](const auto&) { return refusal(ErrorCode::not_allowed); });
    EXPECT_EQ(waiting(bob), 20U);
    serve(token_retry_first_ms + 1'000, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    EXPECT_EQ(waiting(bob), 0U);
}

// The rendezvous names a day; a text that was lost on its way goes again in minutes.
TEST_F(MailboxTest, AQuestionThatHasToWaitHoldsUpNoText) {
    Lane& lane = alice.core().outbox.lane(bob.address());
    lane.questions.until = Instant{alice.turn().now.mono.ms + day_ms};
    write(bob, 1);
    ASSERT_EQ(unanswered.size(), 1U);
    unanswered.clear();  // no answer
    serve(resend_max_ms, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    EXPECT_EQ(waiting(bob), 0U);
    EXPECT_EQ(puts_to[bob.id()], 2U);
}

TEST_F(MailboxTest, AWaitOfWeeksIsNotBelieved) {
    write(bob, 1);
    serve(1'000, 1'000, [](const auto&) { return refusal(ErrorCode::busy, UINT32_MAX); });
    EXPECT_EQ(waiting(bob), 1U);
    serve(day_ms, 60'000, [](const auto&) { return rendezvous::Accepted{}; });
    EXPECT_EQ(waiting(bob), 0U);
}

// Receipts that say nothing but that later ones are there.
TEST_F(MailboxTest, HolesThatStayAreOfferedEverMoreRarely) {
    write(bob, 20);
    serve(1'000, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    ASSERT_EQ(puts_to[bob.id()], 20U);
    wire::SeqSet last;
    (void)last.insert(20);
    const auto receipt = [&](const wire::SeqSet& set) {
        auto t = alice.turn();
        alice.core().delivery.receipt(t, bob.address(), set, {});
        alice.finish(t);
    };
    for (int i = 0; i < 720; ++i) {
        receipt(last);
        serve(5'000, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    }
    EXPECT_GT(puts_to[bob.id()], 20U + 19U) << "they are offered";
    EXPECT_LT(puts_to[bob.id()], 20U + 19U * 14U) << "5, 10, 20 ... s in an hour";
    wire::SeqSet beyond;
    (void)beyond.insert(believed_number_max + 1);
    receipt(beyond);
    EXPECT_EQ(alice.core().outbox.lane(bob.address()).newest_receipted, 20U);
}

// Up, welcome, and down again: what the rendezvous has is not put there again.
TEST_F(MailboxTest, AFlappingLinkPutsNothingAgain) {
    write(bob, 10);
    serve(1'000, 1'000, [](const auto&) { return rendezvous::Accepted{}; });
    ASSERT_EQ(puts_to[bob.id()], 10U);
    for (std::uint64_t i = 1; i <= 100; ++i) {
        auto t = alice.turn();
        alice.core().links.add(t, {.id = {i}, .peer = bob.address()});
        alice.core().links.find({i})->live = true;
        alice.core().delivery.link_live(t, bob.address());
        (void)alice.core().links.remove({i});
        alice.core().delivery.link_lost(t, bob.address());
        alice.finish(t);
        alice.pass(100);
        step(Tick{});
    }
    EXPECT_EQ(puts_to[bob.id()], 10U);
    EXPECT_EQ(alice.core().outbox.lane(bob.address()).parked.size(), 10U);
    EXPECT_TRUE(alice.core().timers.running(timer(TimerKind::unreceipted, bob.address())));
}

}  // namespace
}  // namespace sotto::peer::engine
