// Files of earlier versions: each becomes one of today, and what made them stays as released.
#include "rendezvous/sqlite_schema.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "store_fixtures.hpp"

#include <fstream>

namespace sotto::rendezvous::testing {
namespace {

// FNV-1a: against a slip of the hand, not an enemy.
std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t value = 0xcbf29ce484222325;
    for (const char each : text)
        value = (value ^ static_cast<std::uint8_t>(each)) * 0x100000001b3;
    return value;
}

// Whoever changes one of these makes files that call themselves the same and are not: a server
// that has taken that step already never takes it again. Add a migration instead.
TEST(sqlite_schema, released_migrations_stay_as_they_are) {
    constexpr std::array<std::uint64_t, 6> released{15628424428808906450U, 12478230348994708573U,
                                                    12298304486754854448U, 2253316740482560155U,
                                                    15723533262855348639U, 357081597769484616U};
    ASSERT_EQ(schema_version(), static_cast<int>(released.size())) << "add the new one's";
    for (int version = 1; version <= schema_version(); ++version) {
        EXPECT_EQ(fingerprint(migration_text(version)),
                  released[static_cast<std::size_t>(version) - 1])
            << "version " << version;
    }
}

// As a program of that version left it: a member with one device and two items of mail.
void make_file(const std::string& file, int version, const char* afterwards = "") {
    auto database = Database::open(file);
    ASSERT_TRUE(database.has_value());
    for (int each = 1; each <= version; ++each) {
        if (each == 5) {  // what its code does before its text
            database->execute(
                "ALTER TABLE contact_requests ADD COLUMN waiting INTEGER NOT NULL DEFAULT 1");
        }
        database->execute(std::string(migration_text(each)).c_str());
        if (each != 1) continue;
        database->execute(
            "INSERT INTO accounts (id, account, username, login_key, device_list, list_seq, "
            "listed, visibility, created_ms) VALUES (1, x'', 'anna', x'', x'00', 1, 1, 1, 1);"
            "INSERT INTO devices (id, account_id, device, position, dsk, cert, mail_items, "
            "mail_bytes) VALUES (1, 1, x'', 0, x'', x'00', 2, 700);"
            "INSERT INTO mail (device_id, envelope, stored_ms, item) VALUES "
            "(1, x'01', 1, zeroblob(300)), (1, x'02', 1, zeroblob(400));"
            "INSERT INTO contact_requests (sender, device_id, envelope, created_ms) "
            "VALUES (zeroblob(32), 1, x'01', 1);");
        Statement ids(*database, "UPDATE accounts SET account = ?, login_key = ?");
        const auto account = id<AccountId>(1);
        const auto key = id<crypto::LkPublic>(1);
        ids.bind(account.view()).bind(key.view()).run();
        Statement keys(*database, "UPDATE devices SET device = ?, dsk = ?");
        const auto device = id<DeviceId>(1);
        const auto dsk = id<crypto::DskPublic>(1);
        keys.bind(device.view()).bind(dsk.view()).run();
    }
    database->execute(afterwards);
    database->execute(
        ("PRAGMA application_id = 1400140911; PRAGMA user_version = " + std::to_string(version))
            .c_str());
    ASSERT_FALSE(database->failed());
}

void expect_todays(const std::string& file) {
    {
        auto opened = SqliteStore::open(file, 0);
        ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
        SqliteStore& store = **opened;
        EXPECT_EQ(store.figures().mail_items, 2U);
        EXPECT_EQ(store.figures().mail_bytes, 700U);
        const auto device = run<ops::OpenDeviceResult>(store, ops::OpenDevice{address(1, 1)});
        ASSERT_TRUE(device.has_value());
        EXPECT_EQ(device->username, "anna");
        EXPECT_EQ(device->mail_waiting, 2U);
        ops::PutMail request = put_mail(1, 9);
        request.request_sender = id<AccountId>(9);
        EXPECT_EQ(run<ops::PutMailResult>(store, request).status, ops::PutStatus::stored);
    }
    auto database = Database::open_existing(file);
    ASSERT_TRUE(database.has_value());
    EXPECT_EQ(missing_names(*database), std::vector<std::string>());
    Statement version(*database, "PRAGMA user_version");
    ASSERT_TRUE(version.step());
    EXPECT_EQ(version.integer(0), schema_version());
}

TEST(sqlite_schema, every_version_becomes_todays) {
    for (int version = 1; version < schema_version(); ++version) {
        SCOPED_TRACE(version);
        const TempDir directory;
        make_file(directory.file("db"), version);
        expect_todays(directory.file("db"));
    }
}

// For some days version 4 made what is in version 5 now.
TEST(sqlite_schema, either_kind_of_version_4_becomes_todays) {
    const TempDir directory;
    make_file(directory.file("db"), 4,
              "ALTER TABLE contact_requests ADD COLUMN waiting INTEGER NOT NULL DEFAULT 1;"
              "CREATE INDEX requests_waiting ON contact_requests (device_id) WHERE waiting = 1;");
    expect_todays(directory.file("db"));
}

// Full up to max_mib is an everyday state: an upgrade must not end there.
TEST(sqlite_schema, a_full_store_becomes_a_newer_one) {
    for (int version = 1; version < schema_version(); ++version) {
        SCOPED_TRACE(version);
        const TempDir directory;
        make_file(directory.file("db"), version);
        Database::open(directory.file("db"))->execute("VACUUM");
        const auto size = std::filesystem::file_size(directory.file("db"));
        const auto store = SqliteStore::open(directory.file("db"), size);
        ASSERT_TRUE(store.has_value()) << to_string(store.error());
        EXPECT_TRUE(
            run<ops::OpenDeviceResult>(**store, ops::OpenDevice{address(1, 1)}).has_value());
    }
}

TEST(sqlite_schema, what_a_file_lacks_is_told_by_name) {
    const TempDir directory;
    make_file(directory.file("db"), 4);
    expect_todays(directory.file("db"));
    {
        auto database = Database::open_existing(directory.file("db"));
        database->execute(
            "DROP INDEX requests_waiting; ALTER TABLE contact_requests DROP COLUMN waiting;"
            "CREATE TABLE more (something)");
        EXPECT_FALSE(database->failed()) << to_string(*database->failed());
        EXPECT_EQ(missing_names(*database),
                  (std::vector<std::string>{"contact_requests.waiting", "requests_waiting"}));
    }
    const auto store = SqliteStore::open(directory.file("db"), 0);
    ASSERT_FALSE(store.has_value());
    EXPECT_EQ(store.error(), DatabaseError::wrong_schema) << to_string(store.error());
}

}  // namespace
}  // namespace sotto::rendezvous::testing
