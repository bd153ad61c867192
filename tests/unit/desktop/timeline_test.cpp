#include "ui/timeline.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "people.hpp"

namespace sotto::ui {
namespace {

using namespace testing;
using Kind = RowKind;

constexpr std::uint64_t day_ms = 24ULL * 60 * 60 * 1000;

std::int64_t utc_day(peer::WallTime at) {
    return static_cast<std::int64_t>(at.ms / day_ms);
}

Conversation with(std::vector<peer::Message> messages, bool more = false) {
    Conversation conversation;
    conversation.add_page(
        {.peer = account(1), .before_row = 0, .messages = std::move(messages), .more = more});
    return conversation;
}

std::vector<RowKind> kinds(const std::vector<TimelineRow>& rows) {
    std::vector<RowKind> all;
    for (const TimelineRow& row : rows) {
        all.push_back(row.kind);
    }
    return all;
}

std::vector<TimelineRow> build(const Conversation& conversation, TimelineOptions options = {}) {
    return build_timeline(conversation, options, utc_day);
}

TEST(Timeline, IsEmptyUntilAPageArrived) {
    EXPECT_TRUE(build(Conversation{}).empty());
}

TEST(Timeline, BeginsWithTheBeginningOrWithOlderMessages) {
    EXPECT_EQ(kinds(build(with({}))), (std::vector{Kind::beginning, Kind::foot}));
    EXPECT_EQ(kinds(build(with({message(9, 1, "x")}, true))),
              (std::vector{Kind::older, Kind::day, Kind::message, Kind::foot}));
}

TEST(Timeline, EachDayHasASeparator) {
    const std::uint64_t day_minutes = 24 * 60;
    const Conversation conversation =
        with({message(1, 1, "a", {.minutes_ago = 2 * day_minutes}),
              message(2, 1, "b", {.minutes_ago = 10}), message(3, 1, "c", {.minutes_ago = 5})});
    EXPECT_EQ(kinds(build(conversation)),
              (std::vector{Kind::beginning, Kind::day, Kind::message, Kind::day, Kind::message,
                           Kind::message, Kind::foot}));
}

struct GroupCase {
    const char* name;
    MessageOptions above;
    MessageOptions below;
    bool together;
};

TEST(Timeline, GroupsOneSendersMessagesWithinTenMinutes) {
    const GroupCase cases[] = {
        {"close", {.minutes_ago = 9}, {.minutes_ago = 0}, true},
        {"ten minutes apart", {.minutes_ago = 10}, {.minutes_ago = 0}, false},
        {"another sender", {.outgoing = true, .minutes_ago = 1}, {.minutes_ago = 0}, false},
        {"a clock that went back", {.minutes_ago = 0}, {.minutes_ago = 5}, true},
        {"below a failed one",
         {.outgoing = true, .state = peer::DeliveryState::failed, .minutes_ago = 1},
         {.outgoing = true, .minutes_ago = 0},
         false},
    };
    for (const GroupCase& one : cases) {
        const auto rows =
            build(with({message(1, 1, "a", one.above), message(2, 1, "b", one.below)}));
        ASSERT_EQ(rows.size(), 5U) << one.name;
        EXPECT_EQ(rows[2].last_of_group, !one.together) << one.name;
        EXPECT_EQ(rows[3].first_of_group, !one.together) << one.name;
    }
}

TEST(Timeline, TheMarkerStandsAboveTheFirstNewMessageAndSplitsAGroup) {
    const Conversation conversation =
        with({message(1, 1, "a", {.minutes_ago = 2}), message(2, 1, "b", {.minutes_ago = 1})});
    const auto rows = build(conversation, {.unread_from = 2});
    EXPECT_EQ(kinds(rows), (std::vector{Kind::beginning, Kind::day, Kind::message,
                                        Kind::unread_marker, Kind::message, Kind::foot}));
    EXPECT_TRUE(rows[2].last_of_group);
    EXPECT_TRUE(rows[4].first_of_group);
}

TEST(Timeline, NoticesAndTypingStandWhereTheyHappened) {
    Conversation conversation = with({message(1, 1, "a")});
    conversation.add_notice({.at = {5}, .online = false});
    conversation.add(message(2, 1, "b"));
    EXPECT_EQ(kinds(build(conversation, {.typing = true})),
              (std::vector{Kind::beginning, Kind::day, Kind::message, Kind::presence, Kind::message,
                           Kind::typing, Kind::foot}));
}

TEST(RowDiff, AnAppendedMessageIsOneInsertion) {
    Conversation conversation = with({message(1, 1, "a", {.minutes_ago = 5})});
    const auto before = build(conversation);
    conversation.add(message(2, 1, "b", {.minutes_ago = 4}));
    const auto after = build(conversation);
    const RowDiff diff = diff_rows(before, after);
    EXPECT_EQ(diff.at, 3U);
    EXPECT_EQ(diff.erased, 0U);
    EXPECT_EQ(diff.inserted, 1U);
    EXPECT_EQ(diff.changed, std::vector<std::size_t>{2}) << "the one above lost its tail";
}

TEST(RowDiff, AnOlderPageIsInsertedAtTheVeryTop) {
    Conversation conversation = with({message(10, 1, "x")}, true);
    const auto before = build(conversation);
    conversation.add_page({.peer = account(1),
                           .before_row = 10,
                           .messages = {message(8, 1, "v"), message(9, 1, "w")},
                           .more = true});
    const RowDiff diff = diff_rows(before, build(conversation));
    EXPECT_EQ(diff.at, 0U) << "a list scrolled to its top stays at what it showed";
    EXPECT_EQ(diff.inserted - diff.erased, 2U);
}

TEST(RowDiff, AFailureChangesItsRowOnly) {
    Conversation conversation =
        with({message(1, 1, "a", {.outgoing = true}), message(2, 1, "b", {.outgoing = true})});
    const auto before = build(conversation);
    conversation.set_state({.peer = account(1),
                            .id = message(2, 1, "").id,
                            .state = peer::DeliveryState::failed,
                            .failure = {}});
    const RowDiff diff = diff_rows(before, build(conversation));
    EXPECT_EQ(diff.inserted, 0U);
    EXPECT_EQ(diff.erased, 0U);
    EXPECT_EQ(diff.changed, std::vector<std::size_t>{3});
}

}  // namespace
}  // namespace sotto::ui
