// Key changes that block (docs/protocol.md 2.14): the rendezvous gives a contact's name to somebody
// else, and nothing goes to anybody until the person has said who is meant.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class KeyChange : public testing::Test {
protected:
    KeyChange() { introduce(alice, bob); }

    Outputs act(Input input) {
        auto t = alice.turn();
        std::visit([&](const auto& value) { alice.core().on(t, value); }, input);
        return alice.finish(t);
    }
    // What the rendezvous says: this name is that account's.
    Outputs looked_up(const std::string& username, const AccountId& account) {
        auto t = alice.turn();
        alice.core().dispatch(
            t,
            {ServerChannel::session,
             ForLookUp{.request = {.username = username, .account = {}, .text = {}, .command = 9}},
             rendezvous::Found{
                 .member = {.account = account, .username = username, .online = true}}});
        return alice.finish(t);
    }
    static std::optional<CommandError> error(const Outputs& out) {
        for (const ViewChange& change : out.changes) {
            if (const auto* failed = std::get_if<CommandFailed>(&change)) return failed->error;
        }
        return std::nullopt;
    }
    Contact& contact() { return alice.core().contacts.find(bob.id())->view; }
    DeliveryState state() { return alice.store().disk().messages.begin()->second.message.state; }
    // Whether anything went to this account, sealed or planned.
    std::size_t entries(const AccountId& account) {
        return alice.core().outbox.entries_of(account).size();
    }

    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};
};

using Attack14SubstitutedContact = KeyChange;

TEST_F(Attack14SubstitutedContact, AnotherAccountUnderTheNameBlocks) {
    EXPECT_EQ(error(looked_up("bob", mallory.id())), CommandError::key_changed);
    EXPECT_EQ(contact().new_key, mallory.id());
    EXPECT_EQ(alice.core().contacts.find(mallory.id()), nullptr);
    EXPECT_EQ(error(act(SendText{.to = bob.id(), .text = "x", .command = 1})),
              CommandError::key_changed);
    alice.restart();
    EXPECT_EQ(contact().new_key, mallory.id());
    auto t = alice.turn();
    const Outputs first = alice.finish(t);  // a front end hears of it without asking
    ASSERT_EQ(first.changes.size(), 1U);
    EXPECT_EQ(std::get<ContactChanged>(first.changes[0]).contact.new_key, mallory.id());
}

TEST_F(Attack14SubstitutedContact, TheDirectoryAndPresenceAreWatchedToo) {
    auto t = alice.turn();
    const rendezvous::MemberEntry entry{.account = mallory.id(), .username = "bob", .online = true};
    alice.core().dispatch(t, {ServerChannel::session, ForPage{},
                              rendezvous::Members{.members = {entry}, .more = false}});
    alice.finish(t);
    EXPECT_EQ(contact().new_key, mallory.id());
    act(AcceptKey{.account = bob.id(), .key = bob.id()});
    EXPECT_FALSE(contact().new_key);
    auto u = alice.turn();
    alice.core().push(u, rendezvous::Presence{.entries = {entry}});
    alice.finish(u);
    EXPECT_FALSE(contact().new_key);  // the person has answered that already
    auto v = alice.turn();
    const auto third = Party("third", 4).id();
    alice.core().push(v, rendezvous::Presence{
                             .entries = {{.account = third, .username = "bob", .online = true}}});
    alice.finish(v);
    EXPECT_EQ(contact().new_key, third);
}

// What a stranger says of himself is no word of the rendezvous: it may not block anybody.
TEST_F(Attack14SubstitutedContact, AStrangerWhoClaimsTheNameBlocksNobody) {
    mallory.know(alice, ContactState::accepted);
    mallory.start(alice);
    auto request = request_of(mallory);
    request.username = "bob";
    (void)alice.take(mallory.encrypt(alice, request));
    EXPECT_FALSE(contact().new_key);
    EXPECT_EQ(error(act(SendText{.to = bob.id(), .text = "x", .command = 1})), std::nullopt);
}

TEST_F(Attack14SubstitutedContact, AnAddedByAccountCannotBeSubstituted) {
    // The bundle of another account under the account we asked for.
    auto t = alice.turn();
    alice.core().bundles.want(t, bob.id(), Bundles::Need::session);
    EXPECT_FALSE(alice.core().bundles.answered(
        t, bob.id(),
        {ServerChannel::anonymous, ForBundle{.account = bob.id()}, mallory.bundle(false)}));
    alice.finish(t);
    EXPECT_EQ(alice.core().sessions.active(mallory.address()), nullptr);
    EXPECT_EQ(alice.core().contacts.find(bob.id())->list->account(), bob.id());
}

using Attack15KeyChangeWithQueue = KeyChange;

TEST_F(Attack15KeyChangeWithQueue, NothingGoesToAnybodyBeforeConsent) {
    act(SendText{.to = bob.id(), .text = "queued"});
    ASSERT_EQ(entries(bob.id()), 1U);
    looked_up("bob", mallory.id());
    mallory.know(alice, ContactState::accepted);
    auto t = alice.turn();
    alice.core().links.add(t, {.id = {1}, .peer = bob.address()});
    alice.core().links.find({1})->live = true;
    t.out.sends.clear();  // the link's hello
    alice.core().delivery.server_ready(t);
    alice.core().delivery.contact_changed(t, bob.id());
    EXPECT_TRUE(alice.finish(t).sends.empty());
    EXPECT_EQ(entries(mallory.id()), 0U);
    EXPECT_EQ(alice.core().sessions.active(mallory.address()), nullptr);
    // Neither another key than the one asked about nor the first step alone is consent.
    EXPECT_EQ(error(act(AcceptKey{.account = bob.id(), .key = alice.id(), .command = 1})),
              CommandError::not_possible_now);
    act(VerifyContact{.account = bob.id()});
    EXPECT_EQ(error(act(AcceptKey{.account = bob.id(), .key = mallory.id(), .command = 1})),
              CommandError::key_changed);
    EXPECT_EQ(entries(mallory.id()), 0U);
    EXPECT_EQ(contact().state, ContactState::accepted);
}

TEST_F(Attack15KeyChangeWithQueue, ConsentAsksTheNewAccountAndFailsTheQueue) {
    act(VerifyContact{.account = bob.id()});
    act(SendText{.to = bob.id(), .text = "for the old bob only"});
    const MessageId id = alice.store().disk().messages.begin()->second.message.id;
    looked_up("bob", mallory.id());
    act(AcceptKey{.account = bob.id(), .key = mallory.id(), .although_verified = true});
    EXPECT_EQ(contact().state, ContactState::blocked);
    EXPECT_FALSE(contact().new_key);
    EXPECT_EQ(state(), DeliveryState::failed);
    EXPECT_EQ(alice.store().disk().messages.begin()->second.message.failure,
              MessageFailure::key_changed);
    const ContactRecord* now = alice.core().contacts.find(mallory.id());
    ASSERT_NE(now, nullptr);
    EXPECT_EQ(now->view.state, ContactState::request_sent);
    EXPECT_EQ(now->view.username, "bob");
    EXPECT_FALSE(now->view.verified);
    // To the new account there is a request and nothing that was written before.
    ASSERT_EQ(entries(mallory.id()), 1U);
    const auto order = alice.core().outbox.entries_of(mallory.id()).front();
    EXPECT_EQ(alice.core().outbox.find(order)->cargo, Cargo::request);
    // And the old text cannot be sent again to the one given up.
    EXPECT_EQ(error(act(RetryMessage{.id = id, .command = 2})), CommandError::not_possible_now);
}

TEST_F(Attack15KeyChangeWithQueue, KeepingTheOldKeyGoesOnWithTheSameBytes) {
    act(SendText{.to = bob.id(), .text = "queued"});
    const auto order = alice.core().outbox.entries_of(bob.id()).front();
    const auto before = alice.core().outbox.find(order)->sealed->payload;
    looked_up("bob", mallory.id());
    act(AcceptKey{.account = bob.id(), .key = bob.id()});
    EXPECT_EQ(alice.core().outbox.find(order)->sealed->payload, before);
    EXPECT_EQ(error(act(SendText{.to = bob.id(), .text = "more", .command = 1})), std::nullopt);
    EXPECT_EQ(entries(bob.id()), 2U);
    alice.restart();
    looked_up("bob", mallory.id());
    EXPECT_FALSE(contact().new_key);  // remembered
}

TEST_F(KeyChange, TheMarkIsKeptAndTakenBack) {
    act(VerifyContact{.account = bob.id()});
    alice.restart();
    EXPECT_TRUE(alice.store().disk().contacts.at(bob.id()).contact.verified);
    act(VerifyContact{.account = bob.id(), .verified = false});
    EXPECT_FALSE(alice.store().disk().contacts.at(bob.id()).contact.verified);
    EXPECT_EQ(error(act(VerifyContact{.account = mallory.id(), .command = 1})),
              CommandError::not_a_contact);
}

// "Everything" is what is there, not what will come.
TEST_F(KeyChange, NobodyHasReadWhatIsNotThereYet) {
    (void)bob.take(alice.encrypt(bob, wire::Text{"one"}, 1));
    auto t = bob.turn();
    bob.core().on(t, MarkRead{.peer = alice.id(), .row = UINT64_MAX >> 1U});
    const Outputs out = bob.finish(t);
    const std::uint64_t row = bob.store().disk().messages.rbegin()->first;
    ASSERT_FALSE(out.changes.empty());
    EXPECT_EQ(std::get<ReadUpToChanged>(out.changes.front()).row, row);
    EXPECT_EQ(bob.store().disk().read_up_to.at(alice.id()), row);
    (void)bob.take(alice.encrypt(bob, wire::Text{"two"}, 2));
    EXPECT_GT(bob.store().disk().messages.rbegin()->first, row);
}

}  // namespace
}  // namespace sotto::peer::engine
