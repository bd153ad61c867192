#include "peer/store/schema.hpp"

#include <array>

#include "peer/store/transaction.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

// The mechanism is tried on steps of its own: a file of each version must reach the newest one.
constexpr std::array steps{
    Sql("CREATE TABLE a(x INTEGER) STRICT; INSERT INTO a VALUES(1)"),
    Sql("ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 5"),
    Sql("CREATE TABLE b(x INTEGER) STRICT; INSERT INTO b SELECT x + y FROM a; DROP TABLE a"),
};
constexpr std::array broken_steps{
    steps[0],
    Sql("ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = 9; INSERT INTO nowhere VALUES(1)"),
};

class SchemaTest : public StoreTest {
protected:
    [[nodiscard]] Database open() const {
        auto database = Database::open(folder.path() / "schema.db", key, {});
        EXPECT_TRUE(database);
        return std::move(*database);
    }
};

TEST_F(SchemaTest, every_version_reaches_the_newest) {
    for (std::size_t from = 0; from <= steps.size(); ++from) {
        std::filesystem::remove(folder.path() / "schema.db");
        Database database = open();
        ASSERT_TRUE(migrate(database, std::span(steps).first(from)));
        EXPECT_EQ(*database.number("PRAGMA user_version"), static_cast<std::int64_t>(from));
        ASSERT_TRUE(migrate(database, steps)) << "from version " << from;
        EXPECT_EQ(*database.number("PRAGMA user_version"), 3);
        EXPECT_EQ(*database.number("SELECT x FROM b"), 6);
        ASSERT_TRUE(migrate(database, steps)) << "nothing left to do";
        EXPECT_EQ(*database.number("SELECT count(*) FROM b"), 1);
    }
}

TEST_F(SchemaTest, a_newer_version_is_refused_and_left_alone) {
    Database database = open();
    ASSERT_TRUE(migrate(database, steps));
    const auto refused = migrate(database, std::span(steps).first(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), StoreError::newer_version);
    EXPECT_EQ(*database.number("SELECT x FROM b"), 6);
    EXPECT_EQ(*database.number("PRAGMA user_version"), 3);
}

TEST_F(SchemaTest, a_step_that_fails_leaves_the_version_before) {
    Database database = open();
    const auto failed = migrate(database, broken_steps);
    ASSERT_FALSE(failed);
    EXPECT_EQ(*database.number("PRAGMA user_version"), 1);
    EXPECT_EQ(*database.number("SELECT count(*) FROM pragma_table_info('a')"), 1);
    ASSERT_TRUE(migrate(database, steps)) << "the mended program goes on from there";
    EXPECT_EQ(*database.number("SELECT x FROM b"), 6);
}

TEST_F(SchemaTest, the_real_files_are_of_the_newest_version_and_refuse_a_newer_one) {
    {
        Store store = open_store();
        EXPECT_EQ(*store.database().number("PRAGMA user_version"),
                  static_cast<std::int64_t>(history_schema().size()));
        ASSERT_TRUE(store.database().run("PRAGMA user_version = 99"));
    }
    const auto refused = Store::open(history_file(), key, small_log);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), StoreError::newer_version);
}

// The queries each message and each page run must not read whole tables.
TEST_F(SchemaTest, the_hot_queries_use_their_indexes) {
    Store store = open_store();
    Database& database = store.database();
    const auto plan = [](Rows rows) {
        std::string steps_of_plan;
        while (rows.next())
            steps_of_plan += rows.text(3) + "; ";
        EXPECT_TRUE(rows.ok());
        return steps_of_plan;
    };
    const std::string page =
        plan(database.query("EXPLAIN QUERY PLAN SELECT * FROM shown_messages WHERE peer = ? AND"
                            " row < ? ORDER BY row DESC LIMIT ?"));
    EXPECT_NE(page.find("messages_by_peer (peer=? AND rowid<?)"), std::string::npos) << page;
    EXPECT_EQ(page.find("TEMP B-TREE"), std::string::npos) << page;
    const std::string state =
        plan(database.query("EXPLAIN QUERY PLAN UPDATE messages SET state = ? WHERE message = ? AND"
                            " outgoing = 1"));
    EXPECT_NE(state.find("messages_by_id"), std::string::npos) << state;
    const std::string all =
        plan(database.query("EXPLAIN QUERY PLAN SELECT * FROM shown_messages WHERE row < ?1 AND"
                            " row > ?2 ORDER BY row DESC LIMIT ?3"));
    EXPECT_EQ(all.find("TEMP B-TREE"), std::string::npos) << all;
}

}  // namespace
}  // namespace sotto::peer::store
