// What only the embedded store promises: durability, group commit, migrations, a full disk.
#include "rendezvous/sqlite_store.hpp"
#include "rendezvous/sqlite_schema.hpp"
#include "store_fixtures.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace sotto::rendezvous::testing {
namespace {

std::unique_ptr<SqliteStore> open_store(const std::string& path, std::uint64_t max_bytes = 0) {
    auto opened = SqliteStore::open(path, max_bytes);
    EXPECT_TRUE(opened.has_value()) << to_string(opened.error());
    return std::move(*opened);
}

std::vector<StoreRequest> many_puts(std::size_t count) {
    std::vector<StoreRequest> requests;
    for (std::size_t i = 0; i < count; ++i) {
        ops::PutMail mail = put_mail(1, 0, 600);
        crypto::ByteArray<16> name{};
        name[0] = static_cast<std::uint8_t>(i >> 8);
        name[1] = static_cast<std::uint8_t>(i);
        mail.envelope = EnvelopeId(name);
        requests.push_back({i, {std::move(mail)}});
    }
    return requests;
}

TEST(sqlite_store, everything_is_there_after_reopening) {
    const TempDir directory;
    {
        const auto store = open_store(directory.file("db"));
        run<ops::CreateResult>(*store, create_account(1, "anna"));
        run<ops::PutMailResult>(*store, put_mail(1, 1));
    }
    const auto store = open_store(directory.file("db"));
    EXPECT_EQ(run<ops::CreateResult>(*store, create_account(1, "anna")),
              ops::CreateResult::repeated);
    EXPECT_EQ(run<ops::MailPage>(*store, list_mail(1)).items.size(), 1U);
    EXPECT_EQ(run<ops::PutMailResult>(*store, put_mail(1, 1)).status, ops::PutStatus::repeated);
}

TEST(sqlite_store, the_file_belongs_to_its_owner_only) {
    const TempDir directory;
    const auto store = open_store(directory.file("db"));
    struct stat info {};
    ASSERT_EQ(stat(directory.file("db").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(sqlite_store, many_batches_share_one_commit) {
    const TempDir directory;
    const auto store = open_store(directory.file("db"));
    run<ops::CreateResult>(*store, create_account(1, "anna"));
    const std::uint64_t before = store->commits();
    store->submit(many_puts(1000));
    (void)collect_all(*store, 1000);
    EXPECT_LE(store->commits() - before, 4U);  // groups of 256
}

[[noreturn]] void report_results_until_killed(const std::string& path, std::size_t total, int out) {
    auto opened = SqliteStore::open(path, 0);
    Store& store = **opened;
    std::vector<StoreRequest> requests = many_puts(total);
    for (std::size_t at = 0;; at = std::min(at + 20, total)) {
        std::vector<StoreRequest> some;  // small groups, so that the kill falls between commits
        for (std::size_t i = at; i < std::min(at + 20, total); ++i) {
            some.push_back(std::move(requests[i]));
        }
        if (!some.empty()) store.submit(std::move(some));
        pollfd wait{.fd = store.ready_fd(), .events = POLLIN, .revents = 0};
        poll(&wait, 1, -1);
        for (const StoreDone& done : store.collect()) {
            const char stored = done.results.has_value() ? 1 : 0;
            if (write(out, &stored, 1) != 1) _exit(1);
        }
    }
}

// A process that is killed after it said "stored" has stored; what it had not said may be missing,
// but only from the end. The child reports each result through a pipe and is killed in between.
TEST(sqlite_store, kill_loses_nothing_that_was_acknowledged) {
    const TempDir directory;
    const std::string path = directory.file("db");
    run<ops::CreateResult>(*open_store(path), create_account(1, "anna"));
    constexpr std::size_t total = 1500;
    constexpr std::size_t enough = 300;
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) report_results_until_killed(path, total, pipe_ends[1]);
    close(pipe_ends[1]);
    std::size_t acknowledged = 0;
    char stored = 0;
    while (acknowledged < enough && read(pipe_ends[0], &stored, 1) == 1) {
        acknowledged += static_cast<std::size_t>(stored);
    }
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &stored, 1) == 1)
        acknowledged += static_cast<std::size_t>(stored);
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);

    const auto store = open_store(path);
    ops::ListMail list = list_mail(1);
    list.max_items = total;
    list.max_bytes = total * 1000;
    const auto page = run<ops::MailPage>(*store, list);
    EXPECT_GE(page.items.size(), acknowledged);
    EXPECT_EQ(run<ops::OpenDeviceResult>(*store, ops::OpenDevice{address(1, 1)})->mail_waiting,
              page.items.size())
        << "the counters agree with the rows";
}

TEST(sqlite_store, a_full_disk_refuses_and_goes_on_serving) {
    const TempDir directory;
    const auto store = open_store(directory.file("db"), 1U << 20);
    run<ops::CreateResult>(*store, create_account(1, "anna"));
    std::size_t stored = 0;
    bool refused = false;
    for (std::uint8_t i = 1; i < 100 && !refused; ++i) {
        store->submit(one_request(i, put_mail(1, i, 60000)));
        const auto done = collect_all(*store, 1);
        if (done[0].results) {
            ++stored;
        } else {
            EXPECT_EQ(done[0].results.error(), StoreError::disk_full);
            refused = true;
        }
    }
    EXPECT_TRUE(refused);
    EXPECT_GT(stored, 5U);
    const auto page = run<ops::MailPage>(*store, list_mail(1));
    EXPECT_EQ(page.items.size(), stored) << "reads go on, and nothing acknowledged is lost";
    std::vector<std::uint64_t> rows;
    for (const ops::MailRow& mail : page.items)
        rows.push_back(mail.row);
    run<ops::Done>(*store, ops::DeleteMail{address(1, 1), rows});
    EXPECT_EQ(run<ops::PutMailResult>(*store, put_mail(1, 200, 60000)).status,
              ops::PutStatus::stored)
        << "space that was freed is used again";
}

// In a group that does not fit, the small ones are stored and only the large one is refused.
TEST(sqlite_store, only_what_does_not_fit_is_refused) {
    const TempDir directory;
    const auto store = open_store(directory.file("db"), 1U << 20);
    run<ops::CreateResult>(*store, create_account(1, "anna"));
    std::vector<StoreRequest> group;
    group.push_back({1, {put_mail(1, 1, 500)}});
    group.push_back({2, {put_mail(1, 2, 5U << 20)}});
    group.push_back({3, {put_mail(1, 3, 500)}});
    store->submit(std::move(group));
    const auto done = collect_all(*store, 3);
    ASSERT_TRUE(done[0].results.has_value());
    EXPECT_FALSE(done[1].results.has_value());
    ASSERT_TRUE(done[2].results.has_value());
    const auto page = run<ops::MailPage>(*store, list_mail(1));
    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(page.items[0].item, filled(500, 1)) << "the second try had its item back";
}

// Attack 29 without a clock: what nobody gets writes as many pages as what somebody gets.
TEST(sqlite_store, a_swallowed_request_writes_as_much_as_a_stored_one) {
    const TempDir directory;
    const auto store = open_store(directory.file("db"));
    run<ops::CreateResult>(*store, create_account(1, "anna"));
    const std::string log = directory.file("db") + "-wal";
    const auto pages_of = [&](std::uint8_t number, std::uint8_t to, ops::PutStatus expected) {
        const auto before = std::filesystem::file_size(log);
        ops::PutMail request = put_mail(to, number, 2000);
        request.request_sender = id<AccountId>(number);
        EXPECT_EQ(run<ops::PutMailResult>(*store, request).status, expected);
        return static_cast<double>(std::filesystem::file_size(log) - before) / (4096 + 24);
    };
    double stored = 0;
    double swallowed = 0;
    for (std::uint8_t i = 0; i < 20; ++i) {
        const double one = pages_of(static_cast<std::uint8_t>(100 + i), 1, ops::PutStatus::stored);
        const double two =
            pages_of(static_cast<std::uint8_t>(200 + i), 9, ops::PutStatus::swallowed);
        if (i == 0) continue;  // the first of each makes its tables
        stored += one / 19;
        swallowed += two / 19;
    }
    EXPECT_GT(swallowed, 4);
    EXPECT_NEAR(stored, swallowed, 1.5) << "pages of the log";
}

TEST(sqlite_store, counters_agree_with_the_mail_after_many_changes) {
    const TempDir directory;
    {
        const auto store = open_store(directory.file("db"));
        run<ops::CreateResult>(*store, create_account(1, "anna"));
        store->submit(many_puts(300));
        std::vector<std::uint64_t> rows;
        for (const StoreDone& done : collect_all(*store, 300))
            rows.push_back(std::get<ops::PutMailResult>(done.results->front()).row);
        rows.resize(100);
        run<ops::Done>(*store, ops::DeleteMail{address(1, 1), rows});
        run<ops::Done>(*store, ops::DeleteMail{address(1, 1), rows});  // again: changes nothing
        EXPECT_EQ(store->figures().mail_items, 200U);
    }
    auto database = Database::open(directory.file("db"));
    Statement counted(*database, "SELECT items, bytes FROM mail_counts");
    ASSERT_TRUE(counted.step());
    EXPECT_EQ(counted.integer(0), 200);
    EXPECT_EQ(counted.integer(1), 200 * 600);
}

TEST(sqlite_store, refuses_a_newer_schema_and_foreign_files) {
    const TempDir directory;
    (void)open_store(directory.file("db"));
    {
        auto database = Database::open(directory.file("db"));
        database->execute(
            ("PRAGMA user_version = " + std::to_string(schema_version() + 1)).c_str());
    }
    auto opened = SqliteStore::open(directory.file("db"), 0);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error(), DatabaseError::newer_schema);

    std::ofstream(directory.file("text")) << std::string(4096, 'x');
    opened = SqliteStore::open(directory.file("text"), 0);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error(), DatabaseError::not_a_database);
    {
        auto database = Database::open(directory.file("other"));
        database->execute("CREATE TABLE t (x)");
    }
    opened = SqliteStore::open(directory.file("other"), 0);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error(), DatabaseError::not_a_database);
    EXPECT_FALSE(SqliteStore::open(directory.file("no/such/dir"), 0).has_value());
}

}  // namespace
}  // namespace sotto::rendezvous::testing
