// Whose name is shown: what the rendezvous said, not what somebody says of himself.
#include <gtest/gtest.h>

#include "tests/unit/engine/party.hpp"

namespace sotto::peer::engine {
namespace {

class Names : public testing::Test {
protected:
    Party alice{"alice", 1};
    Party bob{"bob", 2};
    Party mallory{"mallory", 3};

    std::string name_of(Party& party) {
        return alice.core().contacts.find(party.id())->view.username;
    }
    void stranger_asks_as(Party& stranger, const std::string& name) {
        stranger.know(alice, ContactState::accepted);
        stranger.start(alice);
        auto request = request_of(stranger);
        request.username = name;
        (void)alice.take(stranger.encrypt(alice, request));
    }
    // The rendezvous says, unasked, whose name this is.
    void seen(const AccountId& account, const std::string& name) {
        auto t = alice.turn();
        alice.core().push(t,
                          rendezvous::Presence{
                              .entries = {{.account = account, .username = name, .online = true}}});
        alice.finish(t);
    }
    void accept(Party& party) {
        auto t = alice.turn();
        alice.core().on(t, AcceptContact{.account = party.id()});
        alice.finish(t);
    }
};

TEST_F(Names, AContactCannotRenameHimself) {
    introduce(mallory, alice);
    introduce(bob, alice);
    const std::vector<wire::Body> claims{wire::Profile{1, "bob"}, wire::Profile{2, "carol"},
                                         wire::ContactAccept{"bob", request_of(mallory).token},
                                         request_of(bob)};
    for (const wire::Body& claim : claims) {
        (void)alice.take(mallory.encrypt(alice, claim));
        EXPECT_EQ(name_of(mallory), "mallory") << claim.index();
    }
    // Nor does the rendezvous rename him: that name would be another contact's, or news to us.
    seen(mallory.id(), "carol");
    EXPECT_EQ(name_of(mallory), "mallory");
}

TEST_F(Names, AnAnswerDoesNotReplaceTheNameThatWasLookedUp) {
    alice.know(mallory, ContactState::request_sent);
    mallory.know(alice, ContactState::accepted);
    mallory.start(alice);
    (void)alice.take(mallory.encrypt(alice, wire::ContactAccept{"bob", request_of(mallory).token}));
    EXPECT_EQ(alice.core().contacts.find(mallory.id())->view.state, ContactState::accepted);
    EXPECT_EQ(name_of(mallory), "mallory");
}

TEST_F(Names, WhoHasNoNameYetMayClaimOneThatIsFree) {
    alice.know(mallory, ContactState::request_sent).view.username = {};
    mallory.know(alice, ContactState::accepted);
    mallory.start(alice);
    (void)alice.take(
        mallory.encrypt(alice, wire::ContactAccept{"mallory", request_of(mallory).token}));
    EXPECT_EQ(name_of(mallory), "mallory");
    EXPECT_TRUE(alice.core().contacts.find(mallory.id())->name_is_claim);
    alice.restart();
    EXPECT_TRUE(alice.core().contacts.find(mallory.id())->name_is_claim);
    seen(mallory.id(), "mallory");
    EXPECT_FALSE(alice.core().contacts.find(mallory.id())->name_is_claim);
}

TEST_F(Names, AStrangerDoesNotGetAContactsNameNorOurs) {
    alice.know(bob, ContactState::accepted);
    stranger_asks_as(mallory, "bob");
    EXPECT_EQ(name_of(mallory), "");
    Party other("other", 4);
    stranger_asks_as(other, "alice");
    EXPECT_EQ(name_of(other), "");
    EXPECT_EQ(name_of(bob), "bob");
}

TEST_F(Names, OfTwoStrangersOfOneNameTheAcceptedOneKeepsIt) {
    stranger_asks_as(mallory, "bob");
    stranger_asks_as(bob, "bob");
    EXPECT_EQ(name_of(mallory), "bob");
    EXPECT_EQ(name_of(bob), "bob");
    accept(bob);
    EXPECT_EQ(name_of(bob), "bob");
    EXPECT_EQ(name_of(mallory), "");
    accept(mallory);
    EXPECT_EQ(name_of(mallory), "");
}

TEST_F(Names, AClaimThatTheRendezvousContradictsIsForgottenAndHoldsNobody) {
    stranger_asks_as(mallory, "bob");
    accept(mallory);
    EXPECT_EQ(name_of(mallory), "bob");
    seen(bob.id(), "bob");
    EXPECT_EQ(name_of(mallory), "");
    EXPECT_FALSE(alice.core().contacts.find(mallory.id())->view.new_key);
    seen(mallory.id(), "mallory");
    EXPECT_EQ(name_of(mallory), "mallory");
}

TEST_F(Names, WhoIsLookedUpGetsTheNameFromTheStrangerWhoClaimedIt) {
    stranger_asks_as(mallory, "bob");
    auto t = alice.turn();
    alice.core().dispatch(
        t, {ServerChannel::session,
            ForLookUp{.request = {.username = "bob", .account = {}, .text = {}, .command = 9}},
            rendezvous::Found{.member = {.account = bob.id(), .username = "bob", .online = true}}});
    alice.finish(t);
    EXPECT_EQ(name_of(bob), "bob");
    EXPECT_EQ(name_of(mallory), "");
}

}  // namespace
}  // namespace sotto::peer::engine
