// Fan-out to several devices, limits and states of messages.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class DeliveryTest : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};

    // A second device of Bob's, as his account would certify it.
    DeviceAddress second_device() {
        crypto::SeededRandom random(50);
        const Identity& identity = bob.core().account.identity();
        const auto dsk = crypto::OwnDsk::generate(random);
        const auto cert =
            crypto::Cert::create(identity.account_key, dsk,
                                 {.device = DeviceId::generate(random),
                                  .dik = crypto::OwnDik::generate(random).public_key(),
                                  .suites = crypto::SuiteSet::of_this_build(),
                                  .min_suite = 1,
                                  .created_ms = test_wall_ms});
        auto entries = identity.list.entries();
        entries.push_back({.device = cert.device(), .cert = cert.hash(), .primary = false});
        const auto list =
            crypto::DevList::successor(identity.account_key, identity.list, entries, test_wall_ms);
        EXPECT_TRUE(adopt_list(*alice.core().contacts.find(bob.id()), list));
        return {.account = bob.id(), .device = cert.device()};
    }
    DeliveryState state() { return alice.store().disk().messages.begin()->second.message.state; }
    void receipt(const DeviceAddress& from, bool read) {
        wire::SeqSet one;
        (void)one.insert(1);
        auto t = alice.turn();
        alice.core().delivery.receipt(t, from, one, read ? one : wire::SeqSet{});
        alice.finish(t);
    }
    void send(const std::string& text) {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = text});
        alice.finish(t);
    }
};

TEST_F(DeliveryTest, OneEntryPerDeviceAndTheBestOfThemIsShown) {
    introduce(alice, bob);
    const DeviceAddress second = second_device();
    send("to both");
    EXPECT_EQ(alice.core().outbox.size(), 2U);
    const auto of = [&](const DeviceAddress& device) -> Entry& {
        return *alice.core().outbox.find(
            alice.core().outbox.lane(device).undelivered.begin()->second);
    };
    EXPECT_EQ(of(bob.address()).plain, of(second).plain);
    EXPECT_NE(of(bob.address()).envelope, of(second).envelope);
    EXPECT_TRUE(of(bob.address()).sealed);
    EXPECT_FALSE(of(second).sealed);  // no session yet: the rest does not wait for it
    // Nothing went to it yet: whatever it says it has under this number, it is not this text.
    receipt(second, true);
    EXPECT_EQ(state(), DeliveryState::saved);
    of(second).spoken = true;
    receipt(second, false);
    EXPECT_EQ(state(), DeliveryState::delivered);
    receipt(bob.address(), true);
    receipt(bob.address(), true);
    EXPECT_EQ(state(), DeliveryState::read);
    receipt(second, true);
    EXPECT_EQ(state(), DeliveryState::read);
    EXPECT_EQ(alice.core().outbox.size(), 0U);
}

// Texts that waited for the device, then a reset: it leaves first, and once, so that the other side
// knows from the first message on that it has to send again.
TEST_F(DeliveryTest, AResetLeavesBeforeWhatWaitsForItsDevice) {
    alice.know(bob, ContactState::accepted);
    bob.know(alice, ContactState::accepted);
    for (const char* text : {"one", "two", "three"})
        send(text);
    auto t = alice.turn();
    alice.core().recover_contact(t, *alice.core().contacts.find(bob.id()), 3);
    alice.core().recover_contact(t, *alice.core().contacts.find(bob.id()), 3);
    alice.finish(t);
    alice.start(bob);
    auto u = alice.turn();
    alice.core().links.add(u, {.id = {1}, .peer = bob.address()});
    alice.core().links.find({1})->live = true;
    alice.core().delivery.contact_changed(u, bob.id());
    const Outputs out = alice.finish(u);
    std::vector<wire::LinkMessage> sent;
    for (const NetworkOutput& output : out.sends) {
        const auto* send = std::get_if<SendToPeer>(&output);
        if (send == nullptr) continue;
        const auto frame = wire::decode_link_frame(send->frame).value();
        const auto* message = std::get_if<wire::LinkMessage>(&frame);
        if (message != nullptr) sent.push_back(*message);
    }
    ASSERT_EQ(sent.size(), 4U);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        (void)bob.take(
            Encrypted{.kind = sent[i].kind,
                      .session = alice.core().sessions.active(bob.address())->ratchet.sid(),
                      .payload = sent[i].payload});
        EXPECT_EQ(bob.core().counters.sessions_reset, 1U) << i;
        EXPECT_EQ(bob.rows(), i);
    }
}

// Offers without a receipt: whether a new session is begun now or was within the hour, the lane
// does not stand still, and only with a new session are there new numbers.
TEST_F(DeliveryTest, SilenceLeavesNothingStanding) {
    introduce(alice, bob);
    (void)bob.take(alice.encrypt(bob, wire::Typing{.typing = true}));
    (void)alice.take(bob.encrypt(alice, wire::Typing{.typing = true}));  // the session is answered
    auto t = alice.turn();
    alice.core().links.add(t, {.id = {1}, .peer = bob.address()});
    alice.core().links.find({1})->live = true;
    alice.finish(t);
    send("one");
    send("two");
    Lane& lane = alice.core().outbox.lane(bob.address());
    for (const bool lately : {true, false}) {
        alice.core().resets.clear();
        alice.core().contacts.find(bob.address())->reset_ms = lately ? alice.turn().believed_ms : 0;
        for (const std::uint64_t order : std::set(lane.in_flight))
            alice.core().outbox.move(*alice.core().outbox.find(order), Place::parked);
        ASSERT_EQ(lane.parked.size(), 2U);
        lane.offers_unheard = offers_unheard_max - 1;
        alice.pass(60'000);
        auto u = alice.turn();
        alice.core().delivery.unreceipted_due(u, bob.address());
        alice.finish(u);
        EXPECT_TRUE(lane.to_send.empty());
        EXPECT_EQ(lane.in_flight.size(), 2U);
        EXPECT_EQ(lane.undelivered.contains(1), lately);
    }
}

TEST_F(DeliveryTest, AReadReceiptAloneDeliversFirst) {
    introduce(alice, bob);
    send("one");
    receipt(bob.address(), true);  // delivered and read in one
    EXPECT_EQ(state(), DeliveryState::read);
}

TEST_F(DeliveryTest, StatesSurviveARestart) {
    introduce(alice, bob);
    send("one");
    receipt(bob.address(), false);
    alice.restart();
    receipt(bob.address(), false);
    EXPECT_EQ(state(), DeliveryState::delivered);
    receipt(bob.address(), true);
    EXPECT_EQ(state(), DeliveryState::read);
}

TEST_F(DeliveryTest, CiphertextSurvivesARestartByteForByte) {
    introduce(alice, bob);
    send("one");
    const auto lane = alice.core().outbox.lane(bob.address()).to_send;
    ASSERT_EQ(lane.size(), 1U);
    const Entry before = *alice.core().outbox.find(*lane.begin());
    ASSERT_TRUE(before.sealed);
    alice.restart();
    const Entry after = *alice.core().outbox.find(*lane.begin());
    EXPECT_EQ(after.sealed->payload, before.sealed->payload);
    EXPECT_EQ(after.envelope, before.envelope);
}

TEST_F(DeliveryTest, BlockedMessagesFailAndSayWhy) {
    introduce(alice, bob);
    send("one");
    auto t = alice.turn();
    alice.core().on(t, BlockContact{.account = bob.id()});
    alice.finish(t);
    EXPECT_EQ(state(), DeliveryState::failed);
    const auto& message = alice.store().disk().messages.begin()->second.message;
    EXPECT_EQ(message.failure, MessageFailure::blocked_by_us);
}

TEST_F(DeliveryTest, AFailedMessageCanBeSentAgainUnderItsNumber) {
    introduce(alice, bob);
    send("one");
    const MessageId id = alice.store().disk().messages.begin()->second.message.id;
    auto t = alice.turn();
    alice.core().delivery.fail_account(t, bob.id(), MessageFailure::expired);
    alice.finish(t);
    EXPECT_EQ(state(), DeliveryState::failed);
    alice.restart();
    auto u = alice.turn();
    alice.core().on(u, RetryMessage{.id = id, .command = 7});
    alice.core().on(u, RetryMessage{.id = id, .command = 8});  // not failed any more
    const auto out = alice.finish(u);
    EXPECT_EQ(state(), DeliveryState::saved);
    const Lane& lane = alice.core().outbox.lane(bob.address());
    ASSERT_EQ(lane.undelivered.size(), 1U);
    EXPECT_EQ(lane.undelivered.begin()->first, 1U);
    std::size_t failed = 0;
    for (const ViewChange& change : out.changes)
        failed += std::holds_alternative<CommandFailed>(change);
    EXPECT_EQ(failed, 1U);
}

TEST_F(DeliveryTest, TextsBeforeTheAnswerWaitAndAreSaved) {
    alice.know(bob, ContactState::request_sent);
    alice.start(bob);
    send("early");
    EXPECT_EQ(alice.core().outbox.undirected(bob.id()).size(), 1U);
    alice.restart();
    EXPECT_EQ(alice.core().outbox.undirected(bob.id()).size(), 1U);
    bob.know(alice, ContactState::accepted);
    bob.start(alice);
    (void)alice.take(bob.encrypt(
        alice,
        wire::ContactAccept{"bob", {.serial = 1, .token = bob.core().account.token().token}}));
    EXPECT_TRUE(alice.core().outbox.undirected(bob.id()).empty());
    EXPECT_EQ(alice.core().contacts.find(bob.id())->view.state, ContactState::accepted);
}

TEST_F(DeliveryTest, TextLimits) {
    introduce(alice, bob);
    const auto error = [&](const std::string& text) -> std::optional<CommandError> {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = text, .command = 5});
        const auto out = alice.finish(t);
        for (const ViewChange& change : out.changes) {
            if (const auto* failed = std::get_if<CommandFailed>(&change)) return failed->error;
        }
        return std::nullopt;
    };
    EXPECT_EQ(error(""), CommandError::text_empty);
    EXPECT_EQ(error(std::string(wire::max_text_bytes + 1, 'x')), CommandError::text_too_long);
    EXPECT_EQ(error("\xff"), CommandError::text_too_long);
    EXPECT_EQ(error(std::string(wire::max_text_bytes, 'x')), std::nullopt);
    auto t = alice.turn();
    crypto::SeededRandom random(3);
    alice.core().on(t, SendText{.to = AccountId::generate(random), .text = "x", .command = 6});
    EXPECT_EQ(std::get<CommandFailed>(alice.finish(t).changes.front()).error,
              CommandError::not_a_contact);
    // The largest text fits the largest frame, also as the first of a session.
    const Lane& lane = alice.core().outbox.lane(bob.address());
    const Entry& entry = *alice.core().outbox.find(*lane.to_send.begin());
    ASSERT_TRUE(entry.sealed);
    EXPECT_LE(entry.sealed->payload.size(), wire::max_payload_bytes);
}

TEST_F(DeliveryTest, AFullOutboxSaysSoAndKeepsWhatItHas) {
    alice.know(bob, ContactState::request_sent);
    std::size_t taken = 0;
    for (;; ++taken) {
        auto t = alice.turn();
        alice.core().on(
            t,
            SendText{.to = bob.id(), .text = std::string(wire::max_text_bytes, 'x'), .command = 1});
        const auto out = alice.finish(t);
        if (const auto* failed = std::get_if<CommandFailed>(&out.changes.front())) {
            EXPECT_EQ(failed->error, CommandError::list_full);
            break;
        }
        ASSERT_LT(taken, 10'000U);
    }
    EXPECT_GT(taken, 125U);  // a quarter of the room: the rest is for others
    EXPECT_EQ(alice.rows(), taken);
}

TEST_F(DeliveryTest, WhatIsAwaitedToBeReadIsBounded) {
    introduce(alice, bob);
    wire::SeqSet all;
    for (std::uint64_t seq = 1; seq <= awaiting_read_max + 5; ++seq) {
        send("x");
        (void)all.insert(seq);
        auto t = alice.turn();
        alice.core().delivery.receipt(t, bob.address(), all, {});
        alice.finish(t);
    }
    EXPECT_EQ(alice.core().outbox.size(), awaiting_read_max);
    EXPECT_EQ(alice.store().disk().outbox.size(), awaiting_read_max);
    EXPECT_EQ(state(), DeliveryState::delivered);  // the oldest: true, if not all of the truth
}

TEST_F(DeliveryTest, WhatFailedBeforeTheAnswerIsNotSentUnasked) {
    alice.know(bob, ContactState::request_sent);
    alice.start(bob);
    send("early");
    const MessageId id = alice.store().disk().messages.begin()->second.message.id;
    auto t = alice.turn();
    alice.core().on(t, BlockContact{.account = bob.id()});
    alice.finish(t);
    ASSERT_EQ(state(), DeliveryState::failed);
    alice.restart();
    auto u = alice.turn();  // asked again, and the answer is yes
    alice.core().contacts.set_state(u, *alice.core().contacts.find(bob.id()),
                                    ContactState::accepted);
    alice.core().delivery.contact_changed(u, bob.id());
    alice.finish(u);
    EXPECT_EQ(state(), DeliveryState::failed);
    EXPECT_TRUE(alice.core().outbox.lane(bob.address()).to_send.empty());
    auto v = alice.turn();  // only the person sends it again
    alice.core().on(v, RetryMessage{.id = id, .command = 7});
    alice.finish(v);
    EXPECT_EQ(state(), DeliveryState::saved);
    EXPECT_EQ(alice.core().outbox.lane(bob.address()).to_send.size(), 1U);
}

TEST_F(DeliveryTest, WhatNeverGotADeviceExpiresToo) {
    alice.know(bob, ContactState::request_sent);
    send("early");
    alice.pass(message_expiry_ms + 1);
    auto t = alice.turn();
    alice.core().delivery.expire(t);
    EXPECT_EQ(alice.finish(t).changes.size(), 1U);
    EXPECT_EQ(state(), DeliveryState::failed);
    auto u = alice.turn();
    alice.core().delivery.expire(u);
    EXPECT_TRUE(alice.finish(u).changes.empty());  // once
}

// The second of three was lost, and the contact's presence is not shown to us.
TEST_F(DeliveryTest, AReceiptWithAHoleIsProofEnoughThatTheDeviceIsThere) {
    introduce(alice, bob);
    send("one");
    send("two");
    send("three");
    Outbox& outbox = alice.core().outbox;
    Lane& lane = outbox.lane(bob.address());
    for (const std::uint64_t order : std::set(lane.to_send)) {
        Entry& entry = *outbox.find(order);
        entry.stage = Stage::with_server;
        outbox.move(entry, Place::parked);
    }
    const EnvelopeId before = outbox.find(lane.undelivered.at(2))->envelope;
    wire::SeqSet got;
    (void)got.insert(1);
    (void)got.insert(3);
    auto t = alice.turn();
    alice.core().delivery.receipt(t, bob.address(), got, {});
    alice.finish(t);
    ASSERT_TRUE(lane.parked.contains(lane.undelivered.at(2)));
    alice.pass(hole_patience_ms);
    auto u = alice.turn();
    alice.core().on(u, Tick{});
    alice.finish(u);
    const Entry& again = *outbox.find(lane.undelivered.at(2));
    EXPECT_EQ(again.place, Place::to_send);
    EXPECT_NE(again.envelope, before);  // encrypted anew
}

TEST_F(DeliveryTest, WithoutAReceiptItIsOfferedAgainOnceADay) {
    introduce(alice, bob);
    send("one");
    Outbox& outbox = alice.core().outbox;
    Lane& lane = outbox.lane(bob.address());
    Entry& entry = *outbox.find(*lane.to_send.begin());
    const auto offers = [&](std::uint64_t ms) {
        entry.stage = Stage::with_server;
        outbox.move(entry, Place::parked);
        alice.pass(ms);
        auto t = alice.turn();
        alice.core().delivery.reoffer(t);
        alice.finish(t);
        return entry.place == Place::to_send;
    };
    const EnvelopeId first = entry.envelope;
    EXPECT_FALSE(offers(0));  // from now on
    EXPECT_FALSE(offers(reoffer_ms - 1));
    EXPECT_TRUE(offers(1));
    EXPECT_EQ(entry.envelope, first);  // the same bytes, once
    EXPECT_TRUE(offers(reoffer_ms));
    EXPECT_NE(entry.envelope, first);
}

}  // namespace
}  // namespace sotto::peer::engine
