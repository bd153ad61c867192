// Attack 13 and docs/protocol.md 2.2: what two sides say of device lists, and what a person is
// told.
#include "tests/unit/engine/lists_fixture.hpp"

namespace sotto::peer::engine {
namespace {

using Attack13OwnList = Lists;
using Attack13ForkedList = Lists;
using Attack13ExpiredList = Lists;

crypto::GossipMark another(crypto::GossipMark mark, std::uint64_t more, std::uint8_t change = 0) {
    mark.seq += more;
    mark.hash8[0] = static_cast<std::uint8_t>(mark.hash8[0] ^ change);
    return mark;
}

// Somebody with our account's key shows a list of his to our contacts.
TEST_F(Attack13OwnList, ThatWeDidNotSignIsToldOnceForEachAndNotMoreThanEightTimes) {
    const auto own = alice.core().account.gossip();
    (void)hear_of_ours(own);
    EXPECT_FALSE(alice.core().gossip.watch().own_list_disputed);
    const auto newer = hear_of_ours(another(own, 1));
    EXPECT_EQ(told("own_list_disputed"), 1U);
    EXPECT_TRUE(alice.core().gossip.watch().own_list_disputed);
    EXPECT_TRUE(std::any_of(newer.out.changes.begin(), newer.out.changes.end(), [](const auto& c) {
        const auto* watch = std::get_if<DeviceWatchChanged>(&c);
        return watch != nullptr && watch->watch.own_list_disputed;
    }));
    (void)hear_of_ours(another(own, 1));
    EXPECT_EQ(told("own_list_disputed"), 1U);
    (void)hear_of_ours(another(own, 0, 1));  // our number, another list
    EXPECT_EQ(told("own_list_disputed"), 2U);
    alice.restart();
    EXPECT_TRUE(alice.core().gossip.watch().own_list_disputed);
    (void)hear_of_ours(another(own, 0, 1));
    EXPECT_EQ(told("own_list_disputed"), 2U);
    for (std::uint8_t i = 2; i < 40; ++i)
        (void)hear_of_ours(another(own, i, i));
    EXPECT_EQ(told("own_list_disputed"), lists_told_max);
    EXPECT_GE(alice.core().counters.own_lists_disputed, 38U);
    // Nothing was done because of it.
    EXPECT_EQ(record().view.state, ContactState::accepted);
    EXPECT_NE(alice.core().sessions.active(bob.address()), nullptr);
}

TEST_F(Attack13OwnList, TheAlarmEndsWhenThePersonSaysSo) {
    const auto own = alice.core().account.gossip();
    (void)hear_of_ours(another(own, 1));
    auto t = alice.turn();
    alice.core().on(t, SettleOwnList{});
    alice.finish(t);
    alice.restart();
    EXPECT_FALSE(alice.core().gossip.watch().own_list_disputed);
    (void)hear_of_ours(another(own, 1));
    EXPECT_FALSE(alice.core().gossip.watch().own_list_disputed);
    (void)hear_of_ours(another(own, 2));
    EXPECT_TRUE(alice.core().gossip.watch().own_list_disputed);
}

TEST_F(Attack13OwnList, OlderOnesAreKnownByTheirHash) {
    const auto first = alice.core().account.gossip();
    for (int month = 0; month < 3; ++month) {
        pass(test_month_ms);
        renew(alice);
    }
    alice.restart();
    (void)hear_of_ours(first);
    (void)hear_of_ours({.seq = 0, .hash8 = {}});
    EXPECT_EQ(told("own_list_disputed"), 0U);
    (void)hear_of_ours(another(first, 0, 1));
    EXPECT_EQ(told("own_list_disputed"), 1U);
    (void)hear_of_ours(another(first, 2, 1));  // the one before the present
    EXPECT_EQ(told("own_list_disputed"), 2U);
}

TEST_F(Attack13OwnList, AContactWhoIsKeptOnAnOlderOneIsToldAfterHalfAnHour) {
    const auto old = alice.core().account.gossip();
    pass(test_month_ms);
    renew(alice);
    wire::SeqSet before;
    (void)before.insert(1);
    const auto receipt = [&](const wire::SeqSet& numbers) {
        pass(bundle_pace_ms + 1);
        (void)hear_of_ours(old, wire::DeliveredReceipt{.delivered = numbers});
    };
    record().next_seq = 2;
    for (int i = 0; i < 6; ++i)
        receipt(before);  // of what was said before they could know
    record().next_seq = 3;
    wire::SeqSet after = before;
    (void)after.insert(2);
    for (unsigned i = 1; i <= list_withheld_max; ++i)
        receipt(after);
    EXPECT_EQ(told("own_list_behind"), 0U);
    (void)hear_of_ours(old, wire::DeliveredReceipt{.delivered = after});  // all in one moment
    EXPECT_EQ(told("own_list_behind"), 0U);
    for (unsigned i = 0; i < 4; ++i)
        receipt(after);
    EXPECT_EQ(told("own_list_behind"), 1U);
}

TEST_F(Attack13OwnList, ADeviceAtTheRendezvousThatIsNotOursIsTold) {
    const Identity& own = identity(alice);
    const auto device = make_device();
    auto entries = own.list.entries();
    entries.push_back(
        {.device = device.cert.device(), .cert = device.cert.hash(), .primary = false});
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.device < b.device; });
    const auto stolen =
        crypto::DevList::successor(own.account_key, own.list, entries, test_wall_ms);
    auto t = alice.turn();
    EXPECT_TRUE(alice.core().account.overtaken_by(
        t,
        {.device_list = Bytes(stolen.encoded().begin(), stolen.encoded().end()), .devices = {}}));
    alice.finish(t);
    EXPECT_TRUE(alice.core().gossip.watch().own_list_disputed);
}

TEST_F(Attack13ForkedList, ThatTheContactAnnouncesIsFetchedAndThenTold) {
    const auto held = crypto::gossip_of(*record().list_mark());
    const auto own = alice.core().account.gossip();
    (void)hear(another(held, 0, 1), own);
    EXPECT_EQ(told("list_fork"), 0U);
    (void)fetched(bob.bundle(false));
    EXPECT_EQ(told("list_fork"), 1U);
    (void)hear(another(held, 0, 1), own);
    (void)fetched(bob.bundle(false));
    EXPECT_EQ(told("list_fork"), 1U);
    (void)hear(another(held, 0, 2), own);
    (void)fetched(bob.bundle(false));
    EXPECT_EQ(told("list_fork"), 2U);
}

TEST_F(Attack13ForkedList, AFetchThatBringsANewerListResolvesIt) {
    const auto held = crypto::gossip_of(*record().list_mark());
    (void)hear(another(held, 0, 1), alice.core().account.gossip());
    (void)fetched(bundle_with(list_of({identity(bob).cert})));
    EXPECT_EQ(told("list_fork"), 0U);
    EXPECT_EQ(record().list->seq(), held.seq + 1);
}

TEST_F(Attack13ForkedList, OfTheRendezvousIsTold) {
    (void)fetched(bundle_with(fork_of_bobs()));
    (void)fetched(bundle_with(fork_of_bobs()));
    EXPECT_EQ(told("list_fork"), 1U);
    EXPECT_EQ(alice.core().counters.lists_suspicious, 2U);
}

TEST_F(Attack13ForkedList, OfAHandshakeIsTold) {
    const auto fork = fork_of_bobs();
    const auto taken = alice.take(
        handshake({.cert = identity(bob).cert, .dev_list = fork, .dik = identity(bob).dik}, "x"));
    EXPECT_EQ(taken.received.failure, OpenError::refused);
    EXPECT_EQ(told("list_fork"), 1U);
    EXPECT_EQ(record().list->hash(), identity(bob).list.hash());
}

TEST_F(Attack13ExpiredList, IsToldOnceAndOldSessionsGoOn) {
    pass(crypto::dev_list_validity_ms + crypto::clock_tolerance_ms + 1);
    agree_on_time();
    EXPECT_TRUE(alice.take(bob.encrypt(alice, wire::Text{"goes on"}, 2)).received.from);
    EXPECT_TRUE(bob.take(alice.encrypt(bob, wire::Text{"and back"}, 2)).received.from);
    EXPECT_EQ(told("list_expired"), 0U);
    // In: refused, and told.
    const crypto::OwnIdentity old{
        .cert = identity(bob).cert, .dev_list = identity(bob).list, .dik = identity(bob).dik};
    EXPECT_EQ(alice.take(handshake(old, "new")).received.failure, OpenError::refused);
    EXPECT_EQ(told("list_expired"), 1U);
    // Out: no session either, and it is the same news.
    auto t = alice.turn();
    alice.core().sessions.forget(t, bob.id());
    alice.finish(t);
    (void)fetched(bob.bundle(false), Bundles::Need::session);
    EXPECT_EQ(alice.core().sessions.active(bob.address()), nullptr);
    EXPECT_EQ(told("list_expired"), 1U);
    // Bob's program signs anew.
    renew(bob);
    auto u = bob.turn();
    bob.core().account.prekeys().rotate(u);
    bob.core().account.prekeys().publish_again();
    const auto publication = bob.core().account.prekeys().publication(u, identity(bob).signer(), 0);
    bob.finish(u);
    auto bundle = bundle_with(identity(bob).list);
    bundle.devices[0].prekeys = publication->record;
    (void)fetched(bundle, Bundles::Need::session);
    EXPECT_NE(alice.core().sessions.active(bob.address()), nullptr);
}

TEST_F(Attack13ExpiredList, OutboundAloneIsToldToo) {
    pass(crypto::dev_list_validity_ms + crypto::clock_tolerance_ms + 1);
    agree_on_time();
    auto t = alice.turn();
    alice.core().sessions.forget(t, bob.id());
    alice.finish(t);
    (void)fetched(bob.bundle(false), Bundles::Need::session);
    (void)fetched(bob.bundle(false), Bundles::Need::session);
    EXPECT_EQ(told("list_expired"), 1U);
}

TEST_F(Attack13ExpiredList, OurOwnWrongClockBlamesNobody) {
    pass(crypto::dev_list_validity_ms + crypto::clock_tolerance_ms + 1);
    agree_on_time(3 * crypto::clock_tolerance_ms);
    const crypto::OwnIdentity old{
        .cert = identity(bob).cert, .dev_list = identity(bob).list, .dik = identity(bob).dik};
    EXPECT_EQ(alice.take(handshake(old, "new")).received.failure, OpenError::refused);
    EXPECT_EQ(told("list_expired"), 0U);
}

}  // namespace
}  // namespace sotto::peer::engine
