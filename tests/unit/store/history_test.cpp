#include "peer/store/history.hpp"

#include <atomic>
#include <thread>

#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class HistoryTest : public StoreTest {
protected:
    void fill(Store& store, std::uint64_t rows) {
        std::vector<SaveOp> ops;
        for (std::uint64_t row = 1; row <= rows; ++row) {
            const AccountId& peer = row % 3 == 0 ? alice : bob;
            ops.emplace_back(row % 2 == 0 ? outgoing(row, peer, "text " + std::to_string(row))
                                          : incoming(row, peer, "text " + std::to_string(row)));
        }
        commit(store, ops);
    }
    [[nodiscard]] static std::vector<std::uint64_t> rows_of(const HistoryPage& page) {
        std::vector<std::uint64_t> rows;
        for (const Message& message : page.messages)
            rows.push_back(message.row);
        return rows;
    }
};

TEST_F(HistoryTest, pages_go_back_to_the_first_message_without_gap_or_repetition) {
    Store store = open_store();
    fill(store, 10'000);
    History history = open_history();
    std::vector<std::uint64_t> seen;
    std::uint64_t before = 0;
    for (bool more = true; more;) {
        const auto page = history.page(bob, before, 50);
        ASSERT_TRUE(page);
        ASSERT_FALSE(page->messages.empty());
        const auto rows = rows_of(*page);
        ASSERT_TRUE(std::is_sorted(rows.begin(), rows.end())) << "oldest first";
        seen.insert(seen.begin(), rows.begin(), rows.end());
        before = rows.front();
        more = page->more;
        EXPECT_EQ(more, before != 1);
    }
    std::vector<std::uint64_t> expected;
    for (std::uint64_t row = 1; row <= 10'000; ++row) {
        if (row % 3 != 0) expected.push_back(row);
    }
    EXPECT_EQ(seen, expected);
}

TEST_F(HistoryTest, the_edges_of_a_page) {
    Store store = open_store();
    fill(store, 30);
    History history = open_history();
    EXPECT_EQ(rows_of(*history.page(alice, 0, 3)), (std::vector<std::uint64_t>{24, 27, 30}));
    EXPECT_TRUE(history.page(alice, 0, 9)->more);
    EXPECT_FALSE(history.page(alice, 0, 10)->more) << "exactly all";
    EXPECT_FALSE(history.page(alice, 0, 1000)->more);
    EXPECT_EQ(history.page(alice, 3, 10)->messages.size(), 0U);
    EXPECT_EQ(rows_of(*history.page(alice, 4, 10)), std::vector<std::uint64_t>{3});
    EXPECT_EQ(history.page(alice, UINT64_MAX, 1000)->messages.size(), 10U);
    EXPECT_EQ(history.page(alice, 0, 0)->messages.size(), 0U);
    EXPECT_EQ(history.page(AccountId::generate(random), 0, 10)->messages.size(), 0U);
    const auto both = history.page_around(alice, 12, 2, 3);
    EXPECT_EQ(rows_of(*both), (std::vector<std::uint64_t>{6, 9, 12, 15, 18}));
    EXPECT_TRUE(both->more && both->more_newer);
    const auto end = history.page_around(alice, 25, 0, 3);
    EXPECT_EQ(rows_of(*end), (std::vector<std::uint64_t>{27, 30}));
    EXPECT_FALSE(end->more_newer);
    EXPECT_TRUE(history.page_around(alice, 25, 0, 1)->more_newer);
    const auto page = history.page(alice, 7, 10);
    EXPECT_EQ(page->peer, alice);
    EXPECT_EQ(page->before_row, 7U);
}

TEST_F(HistoryTest, a_page_is_never_larger_than_its_limit) {
    Store store = open_store();
    fill(store, 3 * history_page_max);
    History history = open_history();
    const auto page = history.page(bob, 0, UINT32_MAX);
    EXPECT_EQ(page->messages.size(), history_page_max);
    EXPECT_TRUE(page->more);
    EXPECT_EQ(history.search("text", {}, UINT32_MAX)->messages.size(), history_page_max);
}

TEST_F(HistoryTest, summaries_have_the_last_message_and_what_is_unread_latest_first) {
    Store store = open_store();
    EXPECT_TRUE(open_history().summaries()->empty());
    SaveContact silent = contact(AccountId::generate(random), {});
    fill(store, 29);
    commit(store, {silent, SaveReadUpTo{.peer = bob, .row = 20}});
    History history = open_history();
    const auto summaries = history.summaries();
    ASSERT_EQ(summaries->size(), 2U) << "a contact without a message has no conversation";
    EXPECT_EQ(summaries->at(0).peer, bob);
    EXPECT_EQ(summaries->at(0).last->text, "text 29");
    EXPECT_EQ(summaries->at(0).unread, 3U) << "incoming of 21..29 that are bob's: 23, 25, 29";
    EXPECT_EQ(summaries->at(1).peer, alice);
    EXPECT_EQ(summaries->at(1).last->text, "text 27");
    EXPECT_EQ(summaries->at(1).unread, 5U);
}

TEST_F(HistoryTest, sees_each_commit_as_soon_as_it_returned) {
    Store store = open_store();
    History history = open_history();
    for (std::uint64_t row = 1; row <= 50; ++row) {
        commit(store, {incoming(row, bob, "new")});
        ASSERT_EQ(rows_of(*history.page(bob, 0, 1)), std::vector<std::uint64_t>{row});
        if (row % 10 == 0) {
            ASSERT_TRUE(*store.maintain());
        }
    }
}

TEST_F(HistoryTest, another_thread_reads_searches_and_indexes_while_this_one_writes) {
    Store store = open_store();
    History history = open_history();
    std::atomic<std::uint64_t> confirmed{0};
    std::uint64_t read_failures = 0;
    std::uint64_t reads = 0;
    std::jthread reader([&](const std::stop_token& stop) {
        while (!stop.stop_requested() || reads < 10) {
            const std::uint64_t at_least = confirmed.load();
            const auto page = history.page(bob, 0, 20);
            const auto hits = history.search("message number", bob, 20);
            const auto indexed = history.index_batch();
            const bool fresh = page && (at_least == 0 || (!page->messages.empty() &&
                                                          page->messages.back().row >= at_least));
            if (!fresh || !hits || !indexed) ++read_failures;
            ++reads;
        }
    });
    for (std::uint64_t row = 1; row <= 600; ++row) {
        commit(store, {incoming(row, bob, "message number " + std::to_string(row))});
        confirmed = row;
        if (row % 50 == 0) {
            EXPECT_TRUE(store.maintain()) << "false is fine, an error is not";
        }
    }
    reader.request_stop();
    reader.join();
    EXPECT_EQ(read_failures, 0U);
    EXPECT_EQ(history.search("message number", bob, 500)->messages.size(), 500U);
}

TEST_F(HistoryTest, the_reader_cannot_write) {
    Store store = open_store();
    auto reader = Database::open(
        history_file(), key,
        {.mode = Database::Mode::read_only, .durability = Database::Durability::every_commit});
    ASSERT_TRUE(reader);
    EXPECT_FALSE(reader->run("DELETE FROM messages"));
}

}  // namespace
}  // namespace sotto::peer::store
