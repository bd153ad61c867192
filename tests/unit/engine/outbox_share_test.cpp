// What one contact may take of the outbox that all contacts share.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class OutboxShare : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};

    std::size_t entries(Cargo cargo) {
        std::size_t found = 0;
        for (const std::uint64_t order : alice.core().outbox.entries_of(mallory.id()))
            found += alice.core().outbox.find(order)->cargo == cargo ? 1U : 0U;
        return found;
    }
    std::optional<CommandError> send(const AccountId& to, const std::string& text) {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = to, .text = text, .command = 5});
        for (const ViewChange& change : alice.finish(t).changes) {
            if (const auto* failed = std::get_if<CommandFailed>(&change)) return failed->error;
        }
        return std::nullopt;
    }
};

TEST_F(OutboxShare, RequestsOfAContactLeaveOneAcceptance) {
    introduce(mallory, alice);
    for (int i = 0; i < 50; ++i) {
        (void)alice.take(mallory.encrypt(alice, request_of(mallory)));
        ASSERT_LE(entries(Cargo::accept), 1U);
    }
    EXPECT_EQ(entries(Cargo::accept), 1U);
    EXPECT_EQ(alice.store().disk().outbox.size(), 1U);
}

TEST_F(OutboxShare, AnAcceptanceIsSentOnceAnHourUnlessTheTokenIsNew) {
    introduce(mallory, alice);
    const auto ask = [&] {
        (void)alice.take(mallory.encrypt(alice, request_of(mallory)));
        const std::size_t sent = entries(Cargo::accept);
        auto t = alice.turn();  // as if it had arrived
        alice.core().delivery.withdraw(t, mallory.id(), Cargo::accept);
        alice.finish(t);
        return sent;
    };
    EXPECT_EQ(ask(), 1U);
    EXPECT_EQ(ask(), 0U);
    auto t = alice.turn();
    alice.core().account.revoke_token(t);
    alice.finish(t);
    EXPECT_EQ(ask(), 1U);
    EXPECT_EQ(ask(), 0U);
    alice.pass(3'600'000);
    EXPECT_EQ(ask(), 1U);
}

TEST_F(OutboxShare, ANewerTokenReplacesTheOneThatWaits) {
    alice.know(mallory, ContactState::accepted);
    for (int i = 0; i < 20; ++i) {
        auto t = alice.turn();
        alice.core().gate.send_token(t);
        alice.finish(t);
    }
    EXPECT_EQ(entries(Cargo::token), 1U);
}

TEST_F(OutboxShare, OneContactTakesAQuarterAndTheOthersKeepTheirs) {
    alice.know(mallory, ContactState::accepted);
    alice.know(bob, ContactState::accepted);
    std::size_t taken = 0;
    while (!send(mallory.id(), "x")) {
        ++taken;
        ASSERT_LE(taken, outbox_entries_max);
    }
    EXPECT_EQ(taken, outbox_entries_max / 4);
    EXPECT_EQ(send(mallory.id(), "x"), CommandError::list_full);
    EXPECT_EQ(send(bob.id(), "x"), std::nullopt);
    alice.restart();
    EXPECT_EQ(send(mallory.id(), "x"), CommandError::list_full);
    EXPECT_EQ(send(bob.id(), "x"), std::nullopt);
    // Room comes back as it is used up.
    auto t = alice.turn();
    alice.core().on(t, BlockContact{.account = mallory.id()});
    alice.finish(t);
    EXPECT_EQ(send(bob.id(), "x"), std::nullopt);
}

TEST_F(OutboxShare, AQuarterOfTheBytesToo) {
    alice.know(mallory, ContactState::accepted);
    alice.know(bob, ContactState::accepted);
    const std::string large(wire::max_text_bytes, 'x');
    std::size_t taken = 0;
    while (!send(mallory.id(), large)) {
        ++taken;
        ASSERT_LE(taken * wire::max_text_bytes, outbox_bytes_max);
    }
    EXPECT_LE(taken * wire::max_text_bytes, outbox_bytes_max / 4);
    EXPECT_EQ(send(bob.id(), large), std::nullopt);
}

}  // namespace
}  // namespace sotto::peer::engine
