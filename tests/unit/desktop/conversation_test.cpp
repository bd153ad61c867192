#include "ui/conversation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "people.hpp"

namespace sotto::ui {
namespace {

using namespace testing;

peer::HistoryPage page(std::uint64_t before, std::uint64_t from, std::uint64_t to, bool more) {
    peer::HistoryPage page{.peer = account(1), .before_row = before, .messages = {}, .more = more};
    for (std::uint64_t row = from; row <= to; ++row) {
        page.messages.push_back(message(row, 1, "m" + std::to_string(row)));
    }
    return page;
}

std::vector<std::uint64_t> rows(const Conversation& conversation) {
    std::vector<std::uint64_t> all;
    for (const peer::Message& message : conversation.messages()) {
        all.push_back(message.row);
    }
    return all;
}

TEST(Conversation, HoldsNothingBeforeItsNewestPage) {
    Conversation conversation;
    conversation.add(message(5, 1, "early"));
    EXPECT_FALSE(conversation.loaded());
    EXPECT_TRUE(conversation.messages().empty());
    conversation.add_page(page(0, 4, 5, true));
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{4, 5}));
}

// The page may have been read before it was stored, and arrives after we were told of it.
TEST(Conversation, WhatCameBeforeTheNewestPageIsNotLost) {
    Conversation conversation;
    conversation.add(message(5, 1, "in the page, too"));
    conversation.add(message(6, 1, "after it was read"));
    conversation.add_page(page(0, 4, 5, true));
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{4, 5, 6}));
    EXPECT_EQ(conversation.messages()[1].text, "m5");
}

peer::HistoryPage around(std::uint64_t row, std::uint64_t from, std::uint64_t to, bool newer) {
    peer::HistoryPage out = page(row, from, to, from > 1);
    out.newer = 100;
    out.more_newer = newer;
    return out;
}

TEST(Conversation, AFarPageGrowsBothWaysUntilItMeetsToday) {
    Conversation conversation;
    conversation.add_page(page(0, 90, 99, true));
    conversation.expect_far_page(20);
    conversation.add_page(around(20, 18, 22, true));
    EXPECT_TRUE(conversation.newer());
    conversation.add(message(100, 1, "m100"));
    conversation.add_page(page(18, 16, 17, true));
    conversation.add_page(around(23, 23, 25, true));
    conversation.add_page(around(23, 23, 25, true));  // twice is once
    conversation.add_page(around(40, 40, 41, true));  // does not connect
    EXPECT_EQ(rows(conversation),
              (std::vector<std::uint64_t>{16, 17, 18, 19, 20, 21, 22, 23, 24, 25}));
    conversation.add_page(around(26, 26, 100, false));
    EXPECT_FALSE(conversation.newer());
    conversation.add(message(101, 1, "m101"));
    EXPECT_EQ(conversation.messages().size(), 86U);
}

TEST(Conversation, AFarPageThatReachesTodayKeepsWhatCameSinceItWasRead) {
    Conversation conversation;
    conversation.add_page(page(0, 90, 99, true));
    conversation.expect_far_page(85);
    conversation.add(message(100, 1, "m100"));
    conversation.add_page(around(85, 84, 99, false));
    EXPECT_FALSE(conversation.newer());
    EXPECT_EQ(conversation.last_row(), 100U);
}

TEST(Conversation, GrowsUpwardByPagesAndDownwardByMessages) {
    Conversation conversation;
    conversation.add_page(page(0, 4, 5, true));
    conversation.add(message(6, 1, "m6"));
    conversation.add_page(page(4, 2, 3, true));
    conversation.add_page(page(2, 1, 1, false));
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    EXPECT_FALSE(conversation.more());
}

TEST(Conversation, APageThatDoesNotConnectIsLeftOut) {
    Conversation conversation;
    conversation.add_page(page(0, 10, 12, true));
    conversation.add_page(page(5, 1, 4, false));
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{10, 11, 12}));
    EXPECT_TRUE(conversation.more());
    conversation.add_page(page(0, 1, 20, false));  // the newest page again
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{10, 11, 12}));
}

TEST(Conversation, RowsOfAHostilePageStayInOrder) {
    Conversation conversation;
    peer::HistoryPage odd = page(0, 1, 3, false);
    std::swap(odd.messages[0], odd.messages[2]);
    odd.messages.push_back(message(3, 1, "twice"));
    conversation.add_page(odd);
    EXPECT_EQ(rows(conversation), std::vector<std::uint64_t>{3});
}

TEST(Conversation, TheSameRowReplaces) {
    Conversation conversation;
    conversation.add_page(page(0, 1, 2, false));
    conversation.add(message(2, 1, "again"));
    ASSERT_EQ(conversation.messages().size(), 2U);
    EXPECT_EQ(conversation.messages().back().text, "again");
}

TEST(Conversation, AMessageBelowTheRunBelongsToAnOlderPage) {
    Conversation conversation;
    conversation.add_page(page(0, 10, 11, true));
    conversation.add(message(3, 1, "old"));
    EXPECT_EQ(rows(conversation), (std::vector<std::uint64_t>{10, 11}));
}

TEST(Conversation, StatesReachTheirMessageAndEveryChangeIsARevision) {
    Conversation conversation;
    conversation.add_page(page(0, 1, 3, false));
    const std::uint64_t before = conversation.revision();
    const peer::MessageStateChanged read{.peer = account(1),
                                         .id = message(2, 1, "").id,
                                         .state = peer::DeliveryState::read,
                                         .failure = {}};
    ASSERT_NE(conversation.set_state(read), nullptr);
    EXPECT_EQ(conversation.messages()[1].state, peer::DeliveryState::read);
    EXPECT_NE(conversation.revision(), before);
    EXPECT_EQ(conversation.set_state({.peer = account(1), .id = {}, .state = {}, .failure = {}}),
              nullptr);
}

TEST(Conversation, OnlyTheEndOfComingAndGoingIsKept) {
    Conversation conversation;
    conversation.add_page(page(0, 1, 1, false));
    conversation.add_notice({.at = {1}, .online = false});
    conversation.add_notice({.at = {2}, .online = true});
    ASSERT_EQ(conversation.notices().size(), 1U);
    EXPECT_TRUE(conversation.notices().front().online);
    conversation.add(message(2, 1, "hi"));
    conversation.add_notice({.at = {3}, .online = false});
    EXPECT_EQ(conversation.notices().size(), 2U);
}

TEST(Conversation, IsBoundedAtBothEnds) {
    Conversation conversation;
    conversation.add_page(page(0, 1, 1, false));
    for (std::uint64_t row = 2; row <= Conversation::messages_max + 1; ++row) {
        conversation.add(message(row, 1, ""));
    }
    EXPECT_EQ(conversation.messages().size(),
              Conversation::messages_max + 1 - Conversation::messages_dropped);
    EXPECT_TRUE(conversation.more()) << "what left memory can be fetched again";
    for (std::size_t i = 0; i < Conversation::notices_max + 5; ++i) {
        conversation.add(message(Conversation::messages_max + 2 + i, 1, ""));
        conversation.add_notice({.at = {i}, .online = true});
    }
    EXPECT_EQ(conversation.notices().size(), Conversation::notices_max);
}

TEST(Conversation, ForgettingOverwrites) {
    Conversation conversation;
    conversation.add_page(page(0, 1, 1, false));
    const std::uint64_t before = conversation.revision();
    conversation.forget();
    EXPECT_TRUE(conversation.messages().empty());
    EXPECT_NE(conversation.revision(), before);
    std::string secret = "something longer than a small string keeps inside";
    const char* bytes = secret.data();
    const std::size_t size = secret.size();
    overwrite(secret);
    EXPECT_EQ(std::string(bytes, size), std::string(size, '\0'));
}

}  // namespace
}  // namespace sotto::ui
