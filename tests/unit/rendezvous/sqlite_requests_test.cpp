// Attack 29 without a clock: how much work a contact request is says nothing about its recipient.
#include "rendezvous/sqlite_mail.hpp"
#include "rendezvous/sqlite_schema.hpp"
#include "store_fixtures.hpp"

namespace sotto::rendezvous::testing {
namespace {

class sqlite_requests : public ::testing::Test {
protected:
    sqlite_requests() {
        EXPECT_TRUE(prepare_schema(database, 0).has_value());
        database.execute("PRAGMA wal_autocheckpoint = 0");  // the log only grows
        mailboxes.emplace(database);
        accounts.emplace(database, *mailboxes);
        mail.emplace(database, *accounts, *mailboxes);
        mailboxes->count_all();
        (void)in_transaction([&] { return accounts->apply(create_account(1, "anna")); });
    }
    template <class Work>
    ops::OpResult in_transaction(const Work& work) {
        Transaction transaction(database, Transaction::Kind::write);
        ops::OpResult result = work();
        mailboxes->flush();
        EXPECT_TRUE(transaction.commit());
        return result;
    }
    struct Sent {
        ops::PutMailResult result;
        double pages_read = 0;
        double pages_written = 0;
    };
    Sent send(std::uint8_t to) {
        const std::string log = directory.file("db") + "-wal";
        ops::PutMail request = put_mail(to, next_, 2000);
        request.request_sender = id<AccountId>(next_++);
        const std::uint64_t read = database.pages_looked_at();
        const auto written = std::filesystem::file_size(log);
        auto result = in_transaction([&] { return mail->apply(request); });
        return {.result = std::get<ops::PutMailResult>(std::move(result)),
                .pages_read = static_cast<double>(database.pages_looked_at() - read),
                .pages_written =
                    static_cast<double>(std::filesystem::file_size(log) - written) / (4096 + 24)};
    }
    void fetch(const std::vector<std::uint64_t>& rows) {
        (void)in_transaction([&] { return mail->apply(ops::DeleteMail{address(1, 1), rows}); });
    }

    TempDir directory;
    Database database = std::move(*Database::open(directory.file("db")));
    std::optional<SqliteMailboxes> mailboxes;
    std::optional<SqliteAccounts> accounts;
    std::optional<SqliteMail> mail;

private:
    std::uint8_t next_ = 10;
};

TEST_F(sqlite_requests, are_as_much_work_whoever_they_are_for) {
    (void)send(9);
    (void)send(1);  // the first of each makes its tables
    double written = 0;
    double written_for_nobody = 0;
    const auto like_nobodys = [&](const Sent& one, const char* what) {
        const Sent nobody = send(9);
        EXPECT_EQ(nobody.result.status, ops::PutStatus::swallowed);
        // Some 200, and trees have different depths. A look-up for each that waits was 200 more.
        EXPECT_NEAR(one.pages_read, nobody.pages_read, 60) << what;
        written += one.pages_written;  // in sum: now and then a page is split
        written_for_nobody += nobody.pages_written;
    };
    std::vector<std::uint64_t> rows;
    for (int i = 0; i < 45; ++i) {
        const Sent sent = send(1);
        ASSERT_EQ(sent.result.status, ops::PutStatus::stored);
        rows.push_back(sent.result.row);
        if (i % 10 == 0) like_nobodys(sent, "some wait");
    }
    fetch(rows);
    for (int i = 0; i < 60; ++i) {
        const Sent sent = send(1);
        ASSERT_EQ(sent.result.status, ops::PutStatus::stored);
        like_nobodys(sent, "some were fetched");
        fetch({sent.result.row});
    }
    EXPECT_NEAR(written / written_for_nobody, 1, 0.2) << "pages";
    Statement marked(database, "SELECT count(*) FROM contact_requests WHERE waiting = 1");
    ASSERT_TRUE(marked.step());
    EXPECT_LE(marked.integer(0), 50);
}

}  // namespace
}  // namespace sotto::rendezvous::testing
