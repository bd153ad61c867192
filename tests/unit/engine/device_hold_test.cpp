// Devices that a contact adds: the person is told, and asked first where they want that
// (docs/protocol.md 2.14). And what is kept of devices that go.
#include "tests/unit/engine/lists_fixture.hpp"

namespace sotto::peer::engine {
namespace {

class NewDevices : public Lists {
protected:
    const Device added_ = make_device();
    const crypto::DevList list_ = list_of({identity(bob).cert, added_.cert});
    const DeviceAddress other_{.account = bob.id(), .device = added_.cert.device()};

    void hold(bool verified = true) {
        auto t = alice.turn();
        alice.core().on(t, SetHoldNewDevices{.hold = true});
        alice.core().on(t, VerifyContact{.account = bob.id(), .verified = verified});
        alice.finish(t);
    }
    Encrypted from_added(std::uint64_t seq = 1) {
        return handshake({.cert = added_.cert, .dev_list = list_, .dik = added_.dik},
                         "from the new one", seq);
    }
    Outputs allow() {
        auto t = alice.turn();
        alice.core().on(t, AllowDevices{.account = bob.id(), .command = 9});
        return alice.finish(t);
    }
    void write(const std::string& text) {
        auto t = alice.turn();
        alice.core().on(t, SendText{.to = bob.id(), .text = text});
        alice.finish(t);
    }
    std::size_t waiting_for(const DeviceAddress& device) {
        return alice.core().outbox.lane(device).to_send.size();
    }
};

TEST_F(NewDevices, AreToldAndUsedAtOnce) {
    EXPECT_EQ(told("device_added:1"), 0U);  // the first list is no news
    (void)adopt(list_);
    EXPECT_EQ(told("device_added:1"), 1U);
    (void)adopt(list_);
    EXPECT_EQ(told("device_added:1"), 1U);
    write("to both");
    EXPECT_EQ(waiting_for(other_), 1U);
    EXPECT_TRUE(alice.take(from_added()).received.from);
    EXPECT_EQ(allow().changes.size(), 1U);  // nothing is held: refused
}

TEST_F(NewDevices, ThatGoAreTold) {
    (void)adopt(list_);
    const auto without = crypto::DevList::successor(identity(bob).account_key, list_,
                                                    identity(bob).list.entries(), test_wall_ms);
    (void)adopt(without);
    EXPECT_EQ(told("device_removed:1"), 1U);
}

TEST_F(NewDevices, OfTheVerifiedAreHeldUntilThePersonAllowsThem) {
    hold();
    // Its own handshake brings the list.
    const auto first = from_added();
    EXPECT_EQ(alice.take(first).received.failure, OpenError::held);
    EXPECT_EQ(told("device_held:1"), 1U);
    EXPECT_EQ(told("device_added:1"), 0U);
    EXPECT_EQ(record().view.held_devices, 1U);
    EXPECT_EQ(alice.core().counters.messages_held, 1U);
    write("not for the new one");
    EXPECT_EQ(waiting_for(other_), 0U);
    EXPECT_EQ(alice.core().sessions.active(other_), nullptr);
    alice.restart();
    EXPECT_EQ(record().view.held_devices, 1U);
    EXPECT_TRUE(alice.core().contacts.holds_new_devices());
    EXPECT_EQ(alice.take(first).received.failure, OpenError::held);
    // The other device is heard as before.
    EXPECT_TRUE(alice.take(bob.encrypt(alice, wire::Text{"old one"}, 2)).received.from);
    (void)allow();
    EXPECT_EQ(record().view.held_devices, 0U);
    EXPECT_TRUE(alice.take(first).received.from);  // offered again: not lost
    write("to both");
    EXPECT_EQ(waiting_for(other_) + alice.core().outbox.lane(other_).in_flight.size(), 1U);
}

TEST_F(NewDevices, TextsWaitWhereAllAreHeld) {
    hold();
    (void)adopt(list_of({added_.cert}));
    write("for the person");
    EXPECT_EQ(waiting_for(other_), 0U);
    EXPECT_EQ(alice.core().outbox.undirected(bob.id()).size(), 1U);
    (void)allow();
    EXPECT_EQ(waiting_for(other_), 1U);
}

TEST_F(NewDevices, OfTheUnverifiedAreNotHeld) {
    hold(false);
    (void)adopt(list_);
    EXPECT_EQ(record().view.held_devices, 0U);
    EXPECT_EQ(told("device_added:1"), 1U);
}

// What a device was once, it may not be less of when it comes back.
TEST_F(NewDevices, ThatComeBackHaveTheirFloor) {
    (void)adopt(list_);
    record().devices.at(other_.device).floor = {.suite_floor = 2, .prerec_seq = 7};
    const auto& key = identity(bob).account_key;
    const auto without =
        crypto::DevList::successor(key, list_, identity(bob).list.entries(), test_wall_ms);
    (void)adopt(without);
    EXPECT_FALSE(record().lists(other_.device));
    alice.restart();
    (void)adopt(crypto::DevList::successor(key, without, list_.entries(), test_wall_ms));
    EXPECT_EQ(record().devices.at(other_.device).floor.suite_floor, 2U);
    EXPECT_EQ(record().devices.at(other_.device).floor.prerec_seq, 7U);
}

TEST_F(NewDevices, ADamagedRowKeepsListAndSuiteFloor) {
    record().devices.at(bob.address().device).floor.suite_floor = 2;
    Bytes bytes = encode_contact_state(record());
    bytes.pop_back();
    Timers timers;
    Contacts contacts(timers);
    contacts.load({.contact = record().view, .engine_state = bytes});
    EXPECT_EQ(contacts.take_damaged().size(), 1U);
    EXPECT_EQ(contacts.find(bob.id())->list_mark(), record().list_mark());
    EXPECT_EQ(contacts.find(bob.address())->floor.suite_floor, 2U);
    EXPECT_FALSE(contacts.adopt(*contacts.find(bob.id()), fork_of_bobs()));
}

// Version 4 had no held devices and nothing after the claim.
TEST_F(NewDevices, AStateOfTheVersionBeforeIsRead) {
    Bytes bytes = encode_contact_state(record());
    bytes.resize(bytes.size() - 11);  // no removed devices, nothing told
    // Three times of 8 bytes and held, before two keys that are not there and the claim.
    bytes.erase(bytes.end() - 3 - 25, bytes.end() - 3);
    bytes.front() = 4;
    const auto decoded = decode_contact_state(record().view, bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode_contact_state(*decoded), encode_contact_state(record()));
}

}  // namespace
}  // namespace sotto::peer::engine
