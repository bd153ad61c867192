// A directory of 100,000 members: paged from end to end, searched, and changed while it is read.
#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "store_fixtures.hpp"

#include <chrono>

namespace sotto::rendezvous::testing {
namespace {

constexpr std::size_t member_count = 100'000;

class large_directory : public ::testing::Test {
protected:
    TempDir directory;
    std::unique_ptr<SqliteStore> store;

    void SetUp() override {
        { const auto empty = SqliteStore::open(directory.file("db"), 0); }
        {
            auto database = Database::open(directory.file("db"));
            ASSERT_TRUE(database.has_value());
            // Every thousandth is not listed, so nobody may see it.
            database->execute(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) "
                "INSERT INTO accounts (account, username, login_key, device_list, list_seq, "
                "listed, "
                "visibility, created_ms) SELECT randomblob(32), printf('member-%05d', i), "
                "zeroblob(32), zeroblob(160), 1, i % 1000 != 7, 0, 1 FROM n");
            ASSERT_FALSE(database->failed().has_value());
        }
        auto opened = SqliteStore::open(directory.file("db"), 0);
        ASSERT_TRUE(opened.has_value());
        store = std::move(*opened);
    }
    ops::MemberPage page(std::string query, std::string after) {
        const auto start = std::chrono::steady_clock::now();
        auto found = run<ops::MemberPage>(
            *store, ops::ListMembers{std::move(query), std::move(after), max_directory_page});
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        slowest_ms = std::max(slowest_ms, took.count());
        all_ms += took.count();
        ++pages;
        return found;
    }
    void report(const char* what) const {
        std::printf("%s: %zu pages, %.2f ms each, the slowest %.1f ms\n", what, pages,
                    all_ms / static_cast<double>(pages), slowest_ms);
    }
    double slowest_ms = 0;
    double all_ms = 0;
    std::size_t pages = 0;
};

TEST_F(large_directory, is_read_in_pages_without_gap_or_repeat) {
    std::string after;
    std::size_t seen = 0;
    for (bool more = true; more;) {
        const ops::MemberPage found = page("", after);
        more = found.more;
        ASSERT_FALSE(found.members.empty());
        for (const ops::MemberRow& member : found.members) {
            ASSERT_LT(after, member.username);
            after = member.username;
            ++seen;
        }
        ASSERT_LE(pages, member_count / max_directory_page);
    }
    EXPECT_EQ(seen, member_count - member_count / 1000);
    report("everybody");
    EXPECT_LT(slowest_ms, 5'000) << "not a figure: only that no page reads all the others";
}

TEST_F(large_directory, is_searched_by_any_piece_of_a_name) {
    EXPECT_EQ(page("99998", "").members.size(), 1U);
    EXPECT_EQ(page("-4711", "").members.size(), 10U) << "member-47110 to member-47119";
    const auto many = page("mem", "member-50000");
    EXPECT_EQ(many.members.size(), max_directory_page);
    EXPECT_TRUE(many.more);
    EXPECT_EQ(many.members.front().username, "member-50001");
    EXPECT_TRUE(page("member-00007", "").members.empty()) << "not listed";
    EXPECT_TRUE(page("no such piece", "").members.empty());
    report("searches");
}

TEST_F(large_directory, changes_are_seen_by_the_next_page) {
    const auto first = page("", "");
    const ops::MemberRow hidden = first.members.at(50);
    run<ops::AccountChanged>(*store, ops::SetDisabled{hidden.username, true});
    EXPECT_TRUE(page(hidden.username, "").members.empty());
    (void)run<ops::Done>(*store, ops::SetListing{first.members.at(51).account, false, {}});
    EXPECT_TRUE(page(first.members.at(51).username, "").members.empty());
    run<ops::AccountChanged>(*store, ops::SetDisabled{hidden.username, false});
    EXPECT_EQ(page(hidden.username, "").members.size(), 1U);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
