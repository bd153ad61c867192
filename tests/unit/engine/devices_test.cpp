// Devices that come and go: of strangers who make up many, and of contacts who lose one.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

struct MadeUpDevice {
    crypto::OwnDsk dsk;
    crypto::OwnDik dik;
    crypto::Cert cert;
};

MadeUpDevice make_device(const crypto::OwnAccountKey& account, crypto::SeededRandom& random) {
    const auto dsk = crypto::OwnDsk::generate(random);
    const auto dik = crypto::OwnDik::generate(random);
    const auto cert = crypto::Cert::create(account, dsk,
                                           {.device = DeviceId::generate(random),
                                            .dik = dik.public_key(),
                                            .suites = crypto::SuiteSet::of_this_build(),
                                            .min_suite = 1,
                                            .created_ms = test_wall_ms});
    return {dsk, dik, cert};
}

// Somebody who signs device lists as fast as he likes, and needs no server for it.
class Stranger {
public:
    explicit Stranger(Party& victim) : victim_(victim), bundle_(victim.bundle(false)) {
        for (std::size_t i = 0; i < 3 * crypto::devices_max; ++i)
            devices_.push_back(make_device(account_, random_));
        lists_.push_back(crypto::DevList::first(account_, entries(0), test_wall_ms));
        for (std::size_t i = 1; i < 3; ++i) {
            lists_.push_back(crypto::DevList::successor(
                account_, lists_.back(), entries(i * crypto::devices_max), test_wall_ms));
        }
    }
    [[nodiscard]] AccountId id() const { return account_.public_key(); }

    // A request as the first message of a new session of this device.
    Party::Taken start(std::size_t device) {
        const auto list = crypto::DevList::decode(bundle_.device_list).value();
        const auto cert = crypto::Cert::decode(bundle_.devices[0].cert).value();
        const auto prerec = crypto::PreRec::decode(bundle_.devices[0].prekeys, cert).value();
        auto started = crypto::initiate(
            {.cert = devices_[device].cert,
             .dev_list = list_of(device),
             .dik = devices_[device].dik},
            {.dev_list = list, .cert = cert, .prerec = prerec, .one_time = {}},
            {.account = victim_.id(), .dev_list = {}, .floor = {}}, test_wall_ms, random_);
        const auto message = started->ratchet.encrypt(request(list_of(device)), random_);
        const auto taken =
            victim_.take({.kind = crypto::SealedKind::init,
                          .session = started->ratchet.sid(),
                          .payload = crypto::make_init_message(started->init_prefix, *message)});
        ratchets_.insert_or_assign(device, std::move(started->ratchet));
        return taken;
    }
    // A request in the session this device has.
    Party::Taken ask_again(std::size_t device) {
        const auto message =
            ratchets_.at(device).encrypt(request(list_of(devices_.size() - 1)), random_);
        return victim_.take({.kind = crypto::SealedKind::message,
                             .session = ratchets_.at(device).sid(),
                             .payload = *message});
    }

private:
    const crypto::DevList& list_of(std::size_t device) const {
        return lists_[device / crypto::devices_max];
    }
    std::vector<crypto::DevListEntry> entries(std::size_t from) const {
        std::vector<crypto::DevListEntry> out;
        for (std::size_t i = from; i < from + crypto::devices_max; ++i) {
            out.push_back({.device = devices_[i].cert.device(),
                           .cert = devices_[i].cert.hash(),
                           .primary = i == from});
        }
        std::sort(out.begin(), out.end(),
                  [](const auto& a, const auto& b) { return a.device < b.device; });
        return out;
    }
    Bytes request(const crypto::DevList& list) {
        return encode(wire::Envelope{
            .id = {random_.array<16>()},
            .conversation = crypto::conversation_id(id(), victim_.id()),
            .sender_seq = 0,
            .at = {test_wall_ms},
            .own_list = crypto::gossip_of(crypto::mark_of(list)),
            .peer_list = {},
            .body = wire::ContactRequest{
                .username = "mallory", .text = "hi", .token = {.serial = 1, .token = {}}}});
    }

    Party& victim_;
    rendezvous::Bundle bundle_;
    crypto::SeededRandom random_{77};
    crypto::OwnAccountKey account_ = crypto::OwnAccountKey::generate(random_);
    std::vector<MadeUpDevice> devices_;
    std::vector<crypto::DevList> lists_;
    std::map<std::size_t, crypto::Ratchet> ratchets_;
};

TEST(Attack35MadeUpDevices, ManyDevicesLeaveTheProfileOpenable) {
    Party alice("alice", 1);
    Stranger mallory(alice);
    for (const std::size_t device :
         {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 13U, 14U, 15U, 16U}) {
        EXPECT_TRUE(mallory.start(device).received.from) << device;
    }
    for (std::size_t device = 0; device <= 16; ++device) {
        const auto taken = mallory.ask_again(device);
        EXPECT_EQ(taken.received.from.has_value(), device == 16) << device;
    }
    const ContactRecord& record = *alice.core().contacts.find(mallory.id());
    EXPECT_EQ(record.view.state, ContactState::request_received);
    EXPECT_EQ(record.devices.size(), crypto::devices_max);
    // Sessions of devices that are gone went with them.
    EXPECT_EQ(alice.store().disk().sessions.size(), 1U);
    EXPECT_TRUE(Engine::from(alice.store().load(), std::nullopt).has_value());
}

// What an older version wrote with removed devices in it is cut to the list when it is read.
TEST(Attack35MadeUpDevices, AStateWithTooManyDevicesIsReadAgain) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    ContactRecord record = bob.know(alice, ContactState::accepted);
    crypto::SeededRandom random(4);
    while (record.devices.size() < crypto::devices_max)
        record.devices[DeviceId::generate(random)];
    Timers timers;
    Contacts contacts(timers);
    contacts.load({.contact = record.view, .engine_state = encode_contact_state(record)});
    EXPECT_TRUE(contacts.take_damaged().empty());
    ASSERT_EQ(contacts.find(alice.id())->devices.size(), 1U);
    EXPECT_NE(contacts.find(alice.address()), nullptr);
}

class Attack13RemovedDevices : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party mallory{"mallory", 3};
    crypto::SeededRandom random{8};

    Attack13RemovedDevices() {
        introduce(mallory, alice);
        (void)alice.take(mallory.encrypt(alice, wire::Text{"one"}, 1));
        auto t = alice.turn();
        alice.core().on(t, GoOnline{});
        alice.core().on(t, ServerUp{ServerChannel::anonymous});
        alice.finish(t);
    }
    // The account of `mallory` removes the phone and lists another one.
    DeviceAddress replace_phone() {
        const Identity& identity = mallory.core().account.identity();
        const auto other = make_device(identity.account_key, random);
        const auto list = crypto::DevList::successor(
            identity.account_key, identity.list,
            {{.device = other.cert.device(), .cert = other.cert.hash(), .primary = true}},
            test_wall_ms);
        auto t = alice.turn();
        EXPECT_TRUE(alice.core().contacts.adopt(*alice.core().contacts.find(mallory.id()), list));
        sends_ = alice.finish(t).sends;
        return {.account = mallory.id(), .device = other.cert.device()};
    }
    wire::Endpoint endpoint() {
        const auto key = crypto::OwnCurve::generate(random).public_key();
        return {1, {"tcp://192.0.2.1:5000"}, key, key, {1}};
    }
    template <class T>
    static std::size_t count(const std::vector<NetworkOutput>& sends) {
        return static_cast<std::size_t>(std::count_if(
            sends.begin(), sends.end(),
            [](const NetworkOutput& send) { return std::holds_alternative<T>(send); }));
    }
    std::vector<NetworkOutput> sends_;
};

TEST_F(Attack13RemovedDevices, AreNotHeardAnsweredOrCalled) {
    alice.core().contacts.find(mallory.id())->view.allow_direct = true;
    replace_phone();
    const auto text = alice.take(mallory.encrypt(alice, wire::Text{"the stolen phone"}, 2));
    EXPECT_FALSE(text.received.from);
    EXPECT_EQ(alice.rows(), 3U);  // the text, and that a device came and one went
    EXPECT_TRUE(text.out.sends.empty());
    const auto called = alice.take(mallory.encrypt(alice, endpoint()));
    EXPECT_TRUE(called.out.sends.empty());
    alice.pass(10'000);
    auto t = alice.turn();
    alice.core().on(t, Tick{});
    const auto later = alice.finish(t);
    EXPECT_EQ(count<Dial>(later.sends), 0U);
    EXPECT_EQ(count<AllowPeers>(later.sends), 0U);
    EXPECT_EQ(alice.core().sessions.active(mallory.address()), nullptr);
    EXPECT_TRUE(alice.store().disk().sessions.empty());
}

TEST_F(Attack13RemovedDevices, TheirLinksEndAndTheirKeysAreNotLetIn) {
    alice.core().contacts.find(mallory.id())->view.allow_direct = true;
    (void)alice.take(mallory.encrypt(alice, endpoint()));
    auto t = alice.turn();
    alice.core().links.add(t, {.id = {7}, .peer = mallory.address(), .inbound = true});
    alice.finish(t);
    alice.core().links.find({7})->live = true;
    replace_phone();
    EXPECT_EQ(alice.core().links.find({7}), nullptr);
    EXPECT_GE(count<CloseLink>(sends_), 1U);
    const auto allow = std::find_if(sends_.begin(), sends_.end(), [](const NetworkOutput& send) {
        return std::holds_alternative<AllowPeers>(send);
    });
    ASSERT_NE(allow, sends_.end());
    EXPECT_TRUE(std::get<AllowPeers>(*allow).keys.empty());
}

TEST_F(Attack13RemovedDevices, ARemovedDevicesSessionIsNotOpenedEvenIfItIsStillThere) {
    const Identity& identity = mallory.core().account.identity();
    const auto other = make_device(identity.account_key, random);
    const auto list = crypto::DevList::successor(
        identity.account_key, identity.list,
        {{.device = other.cert.device(), .cert = other.cert.hash(), .primary = true}},
        test_wall_ms);
    // As an older version left it: the list moved on, the session is still on the disk.
    (void)adopt_list(*alice.core().contacts.find(mallory.id()), list);
    const auto taken = alice.take(mallory.encrypt(alice, wire::Text{"two"}, 2));
    EXPECT_EQ(taken.received.failure, OpenError::removed_device);
    EXPECT_TRUE(taken.out.saves.empty());
    EXPECT_EQ(alice.core().counters.messages_of_removed, 1U);
    auto t = alice.turn();
    alice.core().sessions.retire_old(t);
    alice.finish(t);
    EXPECT_TRUE(alice.store().disk().sessions.empty());
}

TEST_F(Attack13RemovedDevices, WhatTheyHadNotReceivedGoesToTheListedOnes) {
    auto t = alice.turn();
    alice.core().on(t, SendText{.to = mallory.id(), .text = "for the person, not the phone"});
    alice.finish(t);
    const EnvelopeId before = alice.store().disk().outbox.begin()->first;
    const DeviceAddress now = replace_phone();
    ASSERT_EQ(alice.store().disk().outbox.size(), 1U);
    EXPECT_NE(alice.store().disk().outbox.begin()->first, before);
    const Lane& lane = alice.core().outbox.lane(now);
    ASSERT_EQ(lane.to_send.size(), 1U);
    const Entry& entry = *alice.core().outbox.find(*lane.to_send.begin());
    EXPECT_FALSE(entry.sealed);
    EXPECT_EQ(entry.seq, 1U);
    alice.restart();
    EXPECT_EQ(alice.core().outbox.lane(now).to_send.size(), 1U);
    EXPECT_TRUE(alice.core().outbox.lane(mallory.address()).to_send.empty());
}

TEST(Sessions, OfTheBlockedEndAtOnceAndOfTheIgnoredAfterTwoWeeks) {
    for (const ContactState state : {ContactState::blocked, ContactState::ignored}) {
        Party alice("alice", 1);
        Party bob("bob", 2);
        introduce(alice, bob);
        (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
        bob.know(alice, state);
        auto t = bob.turn();
        bob.core().sessions.retire_old(t);
        bob.finish(t);
        EXPECT_EQ(bob.store().disk().sessions.size(), state == ContactState::ignored ? 1U : 0U);
        bob.pass(receive_only_session_ms + 1);
        auto u = bob.turn();
        bob.core().sessions.retire_old(u);
        bob.finish(u);
        EXPECT_TRUE(bob.store().disk().sessions.empty());
    }
}

// The contact's own word against the server's: a newer list there is, and three times in half an
// hour the server does not give it. The person is told once.
TEST(Attack13WithheldList, IsToldToThePerson) {
    Party alice("alice", 1);
    Party bob("bob", 2);
    introduce(alice, bob);
    alice.know(bob, ContactState::accepted);
    const auto notices = [&] {
        std::size_t count = 0;
        for (const auto& [row, stored] : alice.store().disk().messages)
            count += stored.message.text == "notice:list_withheld" ? 1 : 0;
        return count;
    };
    const auto fetched = [&] {
        auto t = alice.turn();
        const Answer answer{ServerChannel::anonymous, ForBundle{.account = bob.id()},
                            bob.bundle(false)};
        alice.core().bundles.want(t, bob.id(), Bundles::Need::keys);
        alice.core().hand_out(t, answer);
        alice.finish(t);
    };
    (void)bob.take(alice.encrypt(bob, wire::Text{"hi"}, 1));
    auto envelope = bob.envelope(alice, wire::Text{"I have removed a device"}, 1);
    fetched();
    EXPECT_EQ(alice.core().contacts.find(bob.id())->list_announced, 0U);
    envelope.own_list.seq += 1;
    (void)alice.take(bob.encrypt(alice, envelope));
    for (unsigned i = 1; i <= 2 * list_withheld_max; ++i) {
        fetched();
        EXPECT_EQ(notices(), i < list_withheld_max ? 0U : 1U) << i;
    }
}

}  // namespace
}  // namespace sotto::peer::engine
