#include <sqlite3.h>

#include <fstream>

#include "peer/store/sqlite_memory.hpp"
#include "peer/store/transaction.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class DatabaseTest : public StoreTest {
protected:
    [[nodiscard]] std::filesystem::path file() const { return folder.path() / "some.db"; }
    [[nodiscard]] Result<Database, StoreError> open() const {
        return Database::open(file(), key, {});
    }
    void write_rows(int count) {
        auto database = open();
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->script("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB) STRICT"));
        Transaction transaction(*database);
        for (int i = 0; i < count; ++i) {
            const Bytes blob = bytes(500);
            transaction.run("INSERT INTO t VALUES(?, ?)", {i, blob});
        }
        ASSERT_TRUE(transaction.commit());
    }
};

TEST_F(DatabaseTest, gives_values_back_as_they_were_bound) {
    auto database = open();
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script("CREATE TABLE t(a INTEGER, b TEXT, c BLOB) STRICT"));
    const std::string text("nul \0 inside, 'quotes', \xF0\x9F\x91\x8D", 29);
    const Bytes blob = bytes(1000);
    ASSERT_TRUE(database->run("INSERT INTO t VALUES(?, ?, ?)", {UINT64_MAX, text, blob}));
    ASSERT_TRUE(database->run("INSERT INTO t VALUES(?, ?, ?)", {0, std::string(), Bytes()}));
    Rows rows = database->query("SELECT a, b, c FROM t");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.unsigned_integer(0), UINT64_MAX);
    EXPECT_EQ(rows.text(1), text);
    EXPECT_EQ(rows.blob(2), blob);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.text(1), "");
    EXPECT_EQ(rows.blob(2), Bytes());
    EXPECT_FALSE(rows.next());
    EXPECT_TRUE(rows.ok());
}

TEST_F(DatabaseTest, a_value_of_another_shape_is_damage) {
    auto database = open();
    ASSERT_TRUE(database);
    const auto read = [&](auto look) {
        Rows rows = database->query("SELECT 7, 'text', x'0102', NULL, -1");
        EXPECT_TRUE(rows.next());
        look(rows);
        EXPECT_FALSE(rows.next());
        return rows.ok() ? "ok" : std::string(to_string(rows.error()));
    };
    const std::string damaged(to_string(StoreError::corrupt));
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.integer(0), 7); }), "ok");
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.integer(1), 0); }), damaged);
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.text(0), ""); }), damaged);
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.blob(3), Bytes()); }), damaged);
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.fixed<2>(2)[1], 2); }), "ok");
    EXPECT_EQ(read([](Rows& r) { EXPECT_EQ(r.fixed<3>(2)[0], 0); }), damaged);
    EXPECT_EQ(read([](Rows& r) { (void)r.enumerator(0, MessageKind::notice); }), damaged);
    EXPECT_EQ(read([](Rows& r) { (void)r.enumerator(4, MessageKind::notice); }), damaged);
}

TEST_F(DatabaseTest, a_transaction_that_is_not_committed_leaves_nothing) {
    write_rows(3);
    auto database = open();
    ASSERT_TRUE(database);
    {
        Transaction transaction(*database);
        transaction.run("DELETE FROM t");
        EXPECT_TRUE(transaction.ok());
    }
    EXPECT_EQ(*database->number("SELECT count(*) FROM t"), 3);
}

TEST_F(DatabaseTest, the_first_failure_of_a_transaction_sticks) {
    write_rows(3);
    auto database = open();
    ASSERT_TRUE(database);
    Transaction transaction(*database);
    transaction.run("INSERT INTO t VALUES(?, x'')", {100});
    transaction.run("INSERT INTO t VALUES(?, x'')", {1});
    EXPECT_FALSE(transaction.ok());
    transaction.run("DELETE FROM t");
    EXPECT_FALSE(transaction.number("SELECT count(*) FROM t"));
    const auto committed = transaction.commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error(), StoreError::conflict);
}

TEST_F(DatabaseTest, another_key_is_refused) {
    write_rows(10);
    const auto other = crypto::DatabaseKey::generate(random);
    const auto opened = Database::open(file(), other, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), StoreError::wrong_key);
    EXPECT_TRUE(open());
}

TEST_F(DatabaseTest, a_plain_text_database_is_refused) {
    // As the raw calls below may be the first of this process.
    sotto::peer::store::use_wiped_memory();
    sqlite3* plain = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &plain), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(plain, "CREATE TABLE t(a)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(plain);
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), StoreError::wrong_key);
}

TEST_F(DatabaseTest, files_are_for_the_owner_only) {
    auto database = open();
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script("CREATE TABLE t(a)"));
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++files;
        EXPECT_EQ(entry.status().permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << entry.path();
    }
    EXPECT_EQ(files, 3) << "file, log and its index";
}

TEST_F(DatabaseTest, a_value_beyond_the_limit_is_refused) {
    auto database = open();
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script("CREATE TABLE t(a BLOB)"));
    const Bytes larger(16 * 1024 * 1024 + 1);
    const auto refused = database->run("INSERT INTO t VALUES(?)", {larger});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), StoreError::too_big);
}

// Every page has a MAC: a changed byte is found when its page is read, wherever it is.
TEST_F(DatabaseTest, a_changed_byte_is_damage_and_never_a_crash) {
    write_rows(60);
    const auto size = std::filesystem::file_size(file());
    for (std::uintmax_t offset = 5; offset < size; offset += 1021) {
        const auto flip = [&] {
            std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
            stream.seekg(static_cast<std::streamoff>(offset));
            const int byte = stream.get();
            stream.seekp(static_cast<std::streamoff>(offset));
            stream.put(static_cast<char>(byte ^ 0x10));
        };
        flip();
        auto database = open();
        if (database) {
            const auto sum = database->number("SELECT sum(length(b)) FROM t");
            const auto check = database->number("SELECT count(*) FROM sqlite_master");
            const bool found = !sum || !check;
            EXPECT_TRUE(found) << "offset " << offset;
            if (!sum) {
                EXPECT_EQ(sum.error(), StoreError::corrupt) << offset;
            }
        } else {
            EXPECT_EQ(database.error(), StoreError::wrong_key) << "offset " << offset;
        }
        flip();
    }
    auto database = open();
    ASSERT_TRUE(database);
    EXPECT_EQ(*database->number("SELECT sum(length(b)) FROM t"), 60 * 500);
}

TEST_F(DatabaseTest, a_cut_file_is_damage_and_never_a_crash) {
    write_rows(60);
    const auto size = std::filesystem::file_size(file());
    for (const std::uintmax_t length : {std::uintmax_t{1}, std::uintmax_t{15}, std::uintmax_t{4095},
                                        std::uintmax_t{4096}, std::uintmax_t{8192}, size - 1}) {
        const auto copy = folder.path() / "cut.db";
        std::filesystem::copy_file(file(), copy, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(copy, length);
        auto database = Database::open(copy, key, {});
        if (database) {
            const auto sum = database->number("SELECT sum(length(b)) FROM t");
            ASSERT_FALSE(sum) << length;
            EXPECT_EQ(sum.error(), StoreError::corrupt) << length;
        }
    }
}

}  // namespace
}  // namespace sotto::peer::store
