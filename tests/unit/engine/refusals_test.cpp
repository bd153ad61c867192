// What is refused for our own limits is not lost, and what can never arrive fails one day.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class Refusals : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};

    // Bob's mailbox gets what `from` encrypted for him, as row `row` of the server.
    void mail(Party& from, const Encrypted& message, std::uint64_t row) {
        const auto bundle = bob.bundle(false);
        const auto cert = crypto::Cert::decode(bundle.devices[0].cert).value();
        const auto prerec = crypto::PreRec::decode(bundle.devices[0].prekeys, cert).value();
        crypto::SeededRandom random(row);
        auto item = crypto::seal(
            {.device = cert.device(), .mbk_id = prerec.fields().mbk_id, .mbk = prerec.fields().mbk},
            {.kind = message.kind,
             .sender_account = from.id(),
             .sender_device = from.address().device,
             .payload = message.payload},
            random);
        ASSERT_TRUE(item.has_value());
        auto t = bob.turn();
        bob.core().mail(t, {.row = row, .item = std::move(*item)});
        bob.finish(t);
    }
    void fill_requests() {
        for (std::size_t i = 0; i < pending_requests_max; ++i) {
            Party stranger("stranger" + std::to_string(i), 1000 + i);
            bob.know(stranger, ContactState::request_received);
            last_stranger_ = stranger.id();
        }
    }
    std::optional<AccountId> last_stranger_{};
};

TEST_F(Refusals, ARequestWithoutRoomStaysWithTheServer) {
    fill_requests();
    alice.know(bob, ContactState::accepted);
    alice.start(bob);
    const auto request = alice.encrypt(bob, request_of(alice));
    mail(alice, request, 7);
    EXPECT_EQ(bob.core().contacts.find(alice.id()), nullptr);
    EXPECT_FALSE(bob.core().rows_to_acknowledge.contains(7));
    EXPECT_TRUE(bob.core().rows_withheld.contains(7));
    // There is room: sent again, the same bytes are taken and acknowledged.
    auto t = bob.turn();
    bob.core().on(t, IgnoreContact{.account = *last_stranger_});
    bob.finish(t);
    mail(alice, request, 7);
    ASSERT_NE(bob.core().contacts.find(alice.id()), nullptr);
    EXPECT_TRUE(bob.core().rows_to_acknowledge.contains(7));
}

TEST_F(Refusals, NotSoManyThatContactsHaveToWait) {
    fill_requests();
    std::uint64_t row = 1;
    for (; row <= mail_withheld_max + 3; ++row) {
        Party stranger("late", 5000 + row);
        stranger.know(bob, ContactState::accepted);
        stranger.start(bob);
        mail(stranger, stranger.encrypt(bob, request_of(stranger)), row);
    }
    EXPECT_EQ(bob.core().rows_withheld.size(), mail_withheld_max);
    EXPECT_EQ(bob.core().rows_to_acknowledge.size(), 3U);
    EXPECT_LE(mail_withheld_max, rendezvous::mail_window_items / 8);
    EXPECT_LE(mail_withheld_max * rendezvous::max_item_bytes, rendezvous::mail_window_bytes / 2);
}

// Handshakes we have no room to remember, and those our wrong clock refuses: of either only as many
// as leave the server's window to what can be taken, and they are fetched when they can be.
TEST_F(Refusals, NoLackFillsTheWindow) {
    const auto window = [&](std::uint64_t first) {
        for (std::uint64_t row = first; row < first + rendezvous::mail_window_items; ++row) {
            Party stranger("late", 6000 + row);
            stranger.know(bob, ContactState::accepted);
            stranger.start(bob);
            mail(stranger, stranger.encrypt(bob, request_of(stranger)), row);
        }
    };
    const auto told_the_time = [&](std::uint64_t behind_ms) {
        auto t = bob.turn();
        bob.core().dispatch(t, {ServerChannel::session, ForPing{},
                                rendezvous::Pong{.server_time_ms = t.now.wall.ms - behind_ms}});
        bob.finish(t);
    };
    Sessions& sessions = bob.core().sessions;
    for (std::uint32_t i = 0; i < handshakes_seen_max; ++i) {
        Bytes transcript(crypto::TranscriptHash::size, 0);
        transcript[0] = static_cast<std::uint8_t>(i);
        transcript[1] = static_cast<std::uint8_t>(i >> 8U);
        ASSERT_TRUE(sessions.load(SaveHandshakeSeen{
            .transcript_hash = transcript, .session_id = {}, .signed_prekey_id = 1}));
    }
    window(100);
    EXPECT_EQ(bob.core().rows_withheld.size(), mail_withheld_max);
    EXPECT_EQ(bob.core().rows_to_acknowledge.size(),
              rendezvous::mail_window_items - mail_withheld_max);
    told_the_time(0);
    EXPECT_EQ(bob.core().rows_withheld.size(), mail_withheld_max) << "there is no room yet";
    sessions.forget_handshakes({1});
    told_the_time(0);
    EXPECT_TRUE(bob.core().rows_withheld.empty()) << "it comes with the next log-in";

    bob.core().rows_to_acknowledge.clear();
    constexpr std::uint64_t mistake_ms = 200ULL * 24 * 3600 * 1000;  // of our clock
    bob.pass(mistake_ms);
    told_the_time(mistake_ms);
    window(200);
    EXPECT_EQ(bob.core().rows_withheld.size(), mail_withheld_max);
    EXPECT_EQ(bob.core().rows_to_acknowledge.size(),
              rendezvous::mail_window_items - mail_withheld_max);
}

TEST_F(Refusals, IgnoredStrangersLeaveRoomForContacts) {
    crypto::SeededRandom random(12);
    for (std::size_t i = 0; i < strangers_max; ++i) {
        bob.core().contacts.add({.account = AccountId::generate(random),
                                 .username = {},
                                 .state = ContactState::ignored,
                                 .request_text = {},
                                 .changed_at = {}});
    }
    alice.know(bob, ContactState::accepted);
    alice.start(bob);
    const auto taken = bob.take(alice.encrypt(bob, request_of(alice)));
    EXPECT_TRUE(taken.received.no_room);
    EXPECT_EQ(bob.core().contacts.find(alice.id()), nullptr);
    auto t = bob.turn();
    bob.core().on(t, SendContactRequest{.username = {}, .account = alice.id(), .text = {}});
    bob.finish(t);
    EXPECT_NE(bob.core().contacts.find(alice.id()), nullptr);
}

TEST_F(Refusals, MessagesToAnAccountNobodyKnowsFailAfterADay) {
    alice.know(bob, ContactState::request_sent);
    const auto write = [&] {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = "is this you?"});
        alice.finish(t);
    };
    const auto not_found = [&] {
        auto t = alice.turn();
        alice.core().hand_out(t, {ServerChannel::session, ForBundle{.account = bob.id()},
                                  rendezvous::Error{.code = rendezvous::ErrorCode::not_found}});
        alice.finish(t);
    };
    const auto failed = [&] {
        std::size_t found = 0;
        for (const auto& [row, saved] : alice.store().disk().messages)
            found += saved.message.failure == MessageFailure::no_such_account ? 1U : 0U;
        return found;
    };
    auto t = alice.turn();  // without the server's clock no date is believed
    alice.core().dispatch(
        t, {ServerChannel::session, ForPing{}, rendezvous::Pong{.server_time_ms = t.now.wall.ms}});
    alice.finish(t);
    write();
    for (unsigned i = 0; i < 2 * bundles_not_found_max; ++i)
        not_found();
    EXPECT_EQ(failed(), 0U);  // they may register yet
    alice.pass(unknown_account_ms + 1);
    write();
    not_found();
    EXPECT_EQ(failed(), 1U);  // the older one
    alice.restart();
    not_found();
    alice.pass(unknown_account_ms + 1);
    not_found();
    EXPECT_EQ(failed(), 1U);  // one answer is not enough
}

}  // namespace
}  // namespace sotto::peer::engine
