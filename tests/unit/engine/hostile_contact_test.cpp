// What an accepted contact who means harm may and may not do to memory, disk and other contacts.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class HostileContact : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};

    void go_online() {
        auto t = alice.turn();
        alice.core().on(t, GoOnline{});
        alice.core().on(t, ServerUp{ServerChannel::anonymous});
        alice.finish(t);
    }
    void tick(std::uint64_t ms) {
        alice.pass(ms);
        auto t = alice.turn();
        alice.core().on(t, Tick{});
        alice.finish(t);
    }
    // A mailbox key to which nothing can be sealed: 32 zero bytes are a canonical point.
    void low_order_mailbox_key() {
        PeerDevice& device =
            alice.core().contacts.find(mallory.id())->devices[mallory.address().device];
        device.seal = SealKey{.target = {.device = mallory.address().device,
                                         .mbk_id = 1,
                                         .mbk = *crypto::MbkPublic::parse(crypto::ByteArray<32>{})},
                              .created_ms = test_wall_ms,
                              .not_after_ms = test_wall_ms + 1'000'000'000};
    }
    void suspect_link() {
        auto t = alice.turn();
        alice.core().links.add(t, {.id = {1}, .peer = mallory.address(), .inbound = true});
        alice.finish(t);
        alice.core().links.find({1})->live = true;
        alice.core().links.find({1})->suspect = true;
    }
    void send(const Delivery::Parcel& parcel) {
        auto t = alice.turn();
        alice.core().delivery.send(t, *alice.core().contacts.find(mallory.id()), parcel);
        alice.finish(t);
    }
    void send_every_cargo() {
        const wire::TokenOffer offer{.serial = 1, .token = alice.core().account.token().token};
        const auto key = alice.core().account.identity().dik.public_key().view();
        const auto curve = *crypto::CurvePublic::parse(key);
        const auto device = mallory.address().device;
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = mallory.id(), .text = "one"});
        alice.finish(t);
        send({.cargo = Cargo::accept,
              .body = wire::ContactAccept{"alice", offer},
              .device = device});
        send({.cargo = Cargo::token, .body = wire::MailboxToken{offer}, .device = device});
        send({.cargo = Cargo::reset,
              .body = wire::SessionReset{crypto::SessionId(std::array<std::uint8_t, 16>{})},
              .device = device});
        send({.cargo = Cargo::renewal,
              .body = wire::ContactRequest{"alice", {}, offer},
              .device = device});
        wire::SeqSet one;
        (void)one.insert(1);
        send({.cargo = Cargo::receipt, .body = wire::DeliveredReceipt{one}, .device = device});
        send({.cargo = Cargo::endpoint,
              .body = wire::Endpoint{1, {"tcp://192.0.2.1:5000"}, curve, curve, {1}},
              .device = device});
    }
    std::size_t count(Cargo cargo) {
        std::size_t found = 0;
        for (const std::uint64_t order : alice.core().outbox.entries_of(mallory.id()))
            found += alice.core().outbox.find(order)->cargo == cargo ? 1U : 0U;
        return found;
    }
    // What stands in a lane is in the outbox: nothing points to an entry that is gone.
    void expect_sound_lane() {
        Lane& lane = alice.core().outbox.lane(mallory.address());
        for (const auto* set : {&lane.to_send, &lane.in_flight, &lane.parked}) {
            for (const std::uint64_t order : *set)
                EXPECT_NE(alice.core().outbox.find(order), nullptr);
        }
    }
};

TEST_F(HostileContact, AMailboxKeyOfLowOrderOnASuspectLink) {
    introduce(mallory, alice);
    go_online();
    (void)alice.take(mallory.encrypt(alice, wire::Text{"one"}, 1));
    low_order_mailbox_key();
    suspect_link();
    send_every_cargo();
    expect_sound_lane();
    for (int i = 0; i < 10; ++i) {
        tick(1'000);
        expect_sound_lane();
    }
    // What a person wrote is still on its way over the link, which may wake up again.
    EXPECT_EQ(count(Cargo::text), 1U);
    EXPECT_EQ(alice.core().outbox.lane(mallory.address()).undelivered.size(), 1U);
    EXPECT_EQ(alice.store().disk().messages.rbegin()->second.message.state, DeliveryState::saved);
}

TEST_F(HostileContact, AMailboxKeyOfLowOrderWithoutALink) {
    introduce(mallory, alice);
    go_online();
    (void)alice.take(mallory.encrypt(alice, wire::Text{"one"}, 1));
    low_order_mailbox_key();
    send_every_cargo();
    expect_sound_lane();
    // The person is told; what is nobody's message is gone, and nothing takes room of the window.
    const Message& text = alice.store().disk().messages.rbegin()->second.message;
    EXPECT_EQ(text.state, DeliveryState::failed);
    EXPECT_EQ(text.failure, MessageFailure::refused);
    EXPECT_EQ(count(Cargo::text), 1U);
    EXPECT_EQ(count(Cargo::accept) + count(Cargo::token) + count(Cargo::reset), 0U);
    EXPECT_TRUE(alice.core().outbox.lane(mallory.address()).in_flight.empty());
}

}  // namespace
}  // namespace sotto::peer::engine
