#include "ui/view_model.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "people.hpp"

namespace sotto::ui {
namespace {

using namespace testing;
using peer::ContactState;
using peer::Presence;
using peer::VaultState;

ViewModel reduce(const std::vector<peer::ViewChange>& changes) {
    ViewModel model;
    for (const peer::ViewChange& change : changes) {
        apply(model, change, stage_now);
    }
    return model;
}

peer::Contact touched(peer::Contact contact, std::uint64_t ms) {
    contact.changed_at = {ms};
    return contact;
}

TEST(ViewModel, NothingIsClaimedBeforeTheRuntimeSpoke) {
    const ViewModel model;
    EXPECT_FALSE(model.vault_known);
    EXPECT_FALSE(model.ready());
    EXPECT_EQ(model.own_name(), "");
}

TEST(ViewModel, IsReadyWhenOpenAndRegistered) {
    peer::Opened unregistered = opened();
    unregistered.self.registered = false;
    EXPECT_FALSE(reduce({unregistered}).ready());
    EXPECT_TRUE(reduce({opened()}).ready());
    EXPECT_TRUE(reduce({unregistered, peer::SelfChanged{self()}}).ready());
    EXPECT_FALSE(reduce({opened(), peer::VaultChanged{VaultState::locked}}).ready());
}

TEST(ViewModel, LockingForgetsEverybody) {
    ViewModel model = reduce({opened({contact(1, "bob")}), directory({{"zoe", account(2), {}}})});
    open_conversation(model, account(1));
    apply(model, peer::VaultChanged{VaultState::locked}, stage_now);
    EXPECT_TRUE(model.contacts.empty());
    EXPECT_TRUE(model.order.empty());
    EXPECT_TRUE(model.conversations.empty());
    EXPECT_TRUE(model.directory.members.empty());
    EXPECT_FALSE(model.self.has_value());
}

TEST(ViewModel, OrdersByActivityAndKeepsRequestsApart) {
    const ViewModel model = reduce({opened(
        {touched(contact(1, "old"), 10), touched(contact(2, "new"), 30),
         touched(contact(3, "asking", ContactState::request_received), 20)},
        {{.peer = account(1), .last = message(1, 1, "hi", {.minutes_ago = 1}), .unread = 2}})});
    EXPECT_EQ(model.order, (std::vector{account(1), account(2)}));
    EXPECT_EQ(model.requests, std::vector{account(3)});
    EXPECT_EQ(model.unread_total(), 2U);
    EXPECT_EQ(model.contact(account(1))->preview, "hi");
}

TEST(ViewModel, EqualTimesHaveOneOrder) {
    const peer::Contact a = touched(contact(1, "a"), 5);
    const peer::Contact b = touched(contact(2, "b"), 5);
    EXPECT_EQ(reduce({opened({a, b})}).order, reduce({opened({b, a})}).order);
    ViewModel one_by_one = reduce({opened(), peer::ContactChanged{a}, peer::ContactChanged{b}});
    EXPECT_EQ(one_by_one.order, reduce({opened({a, b})}).order);
}

TEST(ViewModel, AnAcceptedRequestMovesToTheConversations) {
    const ViewModel model =
        reduce({opened({touched(contact(1, "bob", ContactState::request_received), 1)}),
                peer::ContactChanged{touched(contact(1, "bob"), 2)}});
    EXPECT_TRUE(model.requests.empty());
    EXPECT_EQ(model.order, std::vector{account(1)});
}

TEST(ViewModel, AMessageCountsOnceAndMovesItsContactUp) {
    const peer::MessageAdded news{message(7, 2, "news", {.read = false})};
    const ViewModel model =
        reduce({opened({touched(contact(1, "a"), 5), touched(contact(2, "b"), 1)}),
                peer::TypingChanged{account(2), true}, news, news});
    EXPECT_EQ(model.order.front(), account(2));
    EXPECT_EQ(model.contact(account(2))->unread, 1U);
    EXPECT_EQ(model.contact(account(2))->preview, "news");
    EXPECT_FALSE(model.contact(account(2))->typing) << "who sent has stopped typing";
}

TEST(ViewModel, OwnMessagesAreNotUnread) {
    const ViewModel model = reduce(
        {opened({contact(1, "bob")}), peer::MessageAdded{message(1, 1, "hi", {.outgoing = true})}});
    EXPECT_EQ(model.contact(account(1))->unread, 0U);
}

TEST(ViewModel, ReadingClearsTheCount) {
    ViewModel model = reduce({opened({contact(1, "bob")}),
                              peer::MessageAdded{message(1, 1, "one", {.read = false})},
                              peer::MessageAdded{message(2, 1, "two", {.read = false})}});
    EXPECT_EQ(model.contact(account(1))->unread, 2U);
    apply(model, peer::ReadUpToChanged{account(1), 2}, stage_now);
    EXPECT_EQ(model.contact(account(1))->unread, 0U);
}

TEST(ViewModel, ReadingAPartLeavesTheRest) {
    ViewModel model = reduce({opened({contact(1, "bob")})});
    open_conversation(model, account(1));
    apply(model,
          peer::HistoryPage{.peer = account(1), .before_row = 0, .messages = {}, .more = false},
          stage_now);
    for (std::uint64_t row = 1; row <= 3; ++row) {
        apply(model, peer::MessageAdded{message(row, 1, "x", {.read = false})}, stage_now);
    }
    apply(model, peer::ReadUpToChanged{account(1), 1}, stage_now);
    EXPECT_EQ(model.contact(account(1))->unread, 2U);
}

TEST(ViewModel, NamesAndTextsAreFitForTheScreen) {
    peer::Contact evil = contact(1, "bob\n\xE2\x80\xAE evil");
    evil.request_text = "hello \xEE\xA0\x80";
    const ViewModel model = reduce({opened({evil}), peer::MessageAdded{message(1, 1,
                                                                               "a\x07"
                                                                               "b\nsecond line")}});
    const ContactEntry& entry = *model.contact(account(1));
    EXPECT_EQ(entry.contact.username.find('\n'), std::string::npos);
    EXPECT_EQ(entry.contact.username.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_EQ(entry.contact.request_text.find("\xEE\xA0\x80"), std::string::npos);
    EXPECT_EQ(entry.preview.find('\n'), std::string::npos);
}

TEST(ViewModel, AContactWithoutANameIsCalledByItsAccount) {
    const ViewModel model = reduce({opened({contact(1, "")})});
    EXPECT_EQ(model.contact(account(1))->contact.username.size(), 8U);
}

TEST(ViewModel, ChangesAboutStrangersAreIgnored) {
    const ViewModel model = reduce(
        {opened(), peer::MessageAdded{message(1, 9, "hi")}, peer::TypingChanged{account(9), true},
         peer::ReadUpToChanged{account(9), 5},
         peer::MessageStateChanged{.peer = account(9), .id = {}, .state = {}, .failure = {}},
         peer::HistoryPage{.peer = account(9), .before_row = 0, .messages = {}, .more = {}}});
    EXPECT_TRUE(model.contacts.empty());
    EXPECT_TRUE(model.conversations.empty());
}

TEST(ViewModel, ComingAndGoingIsNotedOnlyWhenBothAreKnown) {
    const auto noted = [](Presence from, Presence to) {
        ViewModel model = reduce({opened({contact(1, "bob", ContactState::accepted, from)})});
        open_conversation(model, account(1));
        apply(model,
              peer::HistoryPage{.peer = account(1), .before_row = 0, .messages = {}, .more = false},
              stage_now);
        apply(model, peer::ContactChanged{contact(1, "bob", ContactState::accepted, to)},
              stage_now);
        return !model.conversation(account(1))->notices().empty();
    };
    EXPECT_TRUE(noted(Presence::offline, Presence::online));
    EXPECT_TRUE(noted(Presence::online, Presence::offline));
    EXPECT_FALSE(noted(Presence::online, Presence::online));
    EXPECT_FALSE(noted(Presence::unknown, Presence::online)) << "we came back, not they";
    EXPECT_FALSE(noted(Presence::online, Presence::unknown)) << "we left, not they";
}

TEST(Directory, PagesContinueTheirOwnSearchOnly) {
    peer::DirectoryPage first = directory({{"a", account(1), {}}, {"b", account(2), {}}});
    first.more = true;
    peer::DirectoryPage second = directory({{"c", account(3), {}}});
    second.after = "b";
    peer::DirectoryPage late = directory({{"zz", account(4), {}}});
    late.query = "z";
    late.after = "y";
    const ViewModel model = reduce({opened(), first, late, second});
    ASSERT_EQ(model.directory.members.size(), 3U);
    EXPECT_EQ(model.directory.members.back().username, "c");
    EXPECT_FALSE(model.directory.more);
}

TEST(Directory, ANewSearchReplacesTheOld) {
    peer::DirectoryPage second = directory({{"bob", account(2), {}}});
    second.query = "b";
    const ViewModel model = reduce({opened(), directory({{"alice", account(1), {}}}), second});
    ASSERT_EQ(model.directory.members.size(), 1U);
    EXPECT_EQ(model.directory.members.front().username, "bob");
}

TEST(Directory, ANewcomerTakesTheirPlaceInTheList) {
    const ViewModel model =
        reduce({opened(), directory({{"ann", account(1), {}}, {"cid", account(3), {}}}),
                peer::MemberPresenceChanged{{"bea", account(2), Presence::online}}});
    ASSERT_EQ(model.directory.members.size(), 3U);
    EXPECT_EQ(model.directory.members[1].username, "bea");
}

TEST(Directory, ANewcomerWhoDoesNotMatchOrComesOnALaterPageIsLeftOut) {
    peer::DirectoryPage search = directory({{"ann", account(1), {}}});
    search.query = "an";
    EXPECT_EQ(reduce({opened(), search,
                      peer::MemberPresenceChanged{{"bob", account(2), Presence::online}}})
                  .directory.members.size(),
              1U);
    peer::DirectoryPage more = directory({{"ann", account(1), {}}});
    more.more = true;
    EXPECT_EQ(
        reduce({opened(), more, peer::MemberPresenceChanged{{"zoe", account(2), Presence::online}}})
            .directory.members.size(),
        1U);
}

TEST(Directory, IsBounded) {
    std::vector<peer::Member> many;
    for (unsigned i = 0; i < Directory::members_max + 1; ++i) {
        many.push_back({"m" + std::to_string(i), account(i), {}});
    }
    const ViewModel model = reduce({opened(), directory(std::move(many))});
    EXPECT_EQ(model.directory.members.size(), Directory::members_max);
}

TEST(Directory, LosingTheServerMakesPresenceUnknownAndTheAnswerOld) {
    const ViewModel model = reduce({opened(), directory({{"ann", account(1), Presence::online}}),
                                    peer::ServerStateChanged{peer::ServerState::offline}});
    EXPECT_EQ(model.directory.members.front().presence, Presence::unknown);
    EXPECT_FALSE(model.directory.asked);
}

}  // namespace
}  // namespace sotto::ui
