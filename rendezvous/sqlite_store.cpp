#include "rendezvous/sqlite_store.hpp"

#include "rendezvous/sqlite_admin.hpp"
#include "rendezvous/sqlite_mail.hpp"
#include "rendezvous/sqlite_schema.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <span>

namespace sotto::rendezvous {

namespace {

// Batches per transaction: large enough that fsync disappears per batch, small enough that the
// first of a group waits a few milliseconds at most.
constexpr std::size_t group_batches = 256;

StoreError error_of(DatabaseError error) {
    return error == DatabaseError::disk_full ? StoreError::disk_full : StoreError::unavailable;
}

bool only_reads(const ops::Op& op) {
    return std::holds_alternative<ops::FindLogin>(op) ||
           std::holds_alternative<ops::OpenDevice>(op) ||
           std::holds_alternative<ops::FindMember>(op) ||
           std::holds_alternative<ops::ListMembers>(op) ||
           std::holds_alternative<ops::ListMail>(op) ||
           std::holds_alternative<ops::ListInvites>(op) ||
           std::holds_alternative<ops::ListAccounts>(op) ||
           std::holds_alternative<ops::FindAccount>(op) ||
           std::holds_alternative<ops::CountAll>(op) ||
           (std::holds_alternative<ops::ReadBundle>(op) &&
            !std::get<ops::ReadBundle>(op).take_one_time);
}

// What may come undone by a loss of power (not by a crash): mail that was deleted is delivered once
// more, and recipients know duplicates. So a group of nothing else need not wait for the disk.
bool may_be_repeated(const ops::Op& op) {
    return only_reads(op) || std::holds_alternative<ops::DeleteMail>(op) ||
           std::holds_alternative<ops::Expire>(op);
}

bool all_of(std::span<const StoreRequest> group, bool (*test)(const ops::Op&)) {
    return std::all_of(group.begin(), group.end(), [test](const StoreRequest& each) {
        return std::all_of(each.batch.begin(), each.batch.end(), test);
    });
}

// SQLite would create the file with the umask's mode; it holds who is a member.
bool create_private(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    close(fd);
    return true;
}

}  // namespace

// The store thread's own: the connection, its statements, and how a group is carried out.
class SqliteStore::Worker {
public:
    explicit Worker(Database database)
        : database_(std::move(database)),
          mailboxes_(database_),
          accounts_(database_, mailboxes_),
          mail_(database_, accounts_, mailboxes_),
          admin_(database_) {
        mailboxes_.count_all();
    }

    [[nodiscard]] std::optional<DatabaseError> failed() const { return database_.failed(); }
    [[nodiscard]] const MailTotals& totals() const { return mailboxes_.totals(); }

    // In one transaction if possible, else each batch in its own.
    [[nodiscard]] std::vector<StoreDone> run(std::span<StoreRequest> group) {
        if (auto done = commit(group)) return std::move(*done);
        std::vector<StoreDone> all;
        for (StoreRequest& request : group) {
            auto one = commit({&request, 1});
            all.push_back(one ? std::move(one->front())
                              : StoreDone{request.token, crypto::Unexpected(last_error_)});
        }
        return all;
    }

private:
    [[nodiscard]] std::optional<std::vector<StoreDone>> commit(std::span<StoreRequest> group) {
        const bool reads = all_of(group, only_reads);
        const MailTotals totals_before = mailboxes_.totals();
        if (!reads) set_durable(!all_of(group, may_be_repeated));
        Transaction transaction(database_,
                                reads ? Transaction::Kind::read : Transaction::Kind::write);
        std::vector<StoreDone> done;
        done.reserve(group.size());
        for (StoreRequest& request : group) {
            std::vector<ops::OpResult> results;
            for (ops::Op& op : request.batch)
                results.push_back(apply(op));
            done.push_back({request.token, std::move(results)});
        }
        mailboxes_.flush();
        if (transaction.commit()) return done;
        last_error_ = error_of(database_.failed().value_or(DatabaseError::io_error));
        take_back(group, done);
        mailboxes_.put_back(totals_before);
        mailboxes_.forget_all();
        accounts_.forget_names();
        database_.clear_failure();
        return std::nullopt;
    }

    // FULL waits for the disk at each commit; NORMAL leaves that to the next FULL one.
    void set_durable(bool durable) {
        if (durable == durable_) return;
        database_.execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        durable_ = durable;
    }

    // Results hold the items of mail that was not stored after all; the next try needs them.
    static void take_back(std::span<StoreRequest> group, std::vector<StoreDone>& done) {
        for (std::size_t i = 0; i < done.size(); ++i) {
            std::vector<ops::OpResult>& results = *done[i].results;
            for (std::size_t k = 0; k < results.size(); ++k) {
                auto* put = std::get_if<ops::PutMailResult>(&results[k]);
                if (put == nullptr || put->status != ops::PutStatus::stored) continue;
                std::get<ops::PutMail>(group[i].batch[k]).item = std::move(put->item);
            }
        }
    }

    [[nodiscard]] ops::OpResult apply(ops::Op& op) {
        return std::visit(
            [this](auto& each) -> ops::OpResult {
                if constexpr (requires { mail_.apply(each); }) {
                    return mail_.apply(each);
                } else if constexpr (requires { admin_.apply(each); }) {
                    mailboxes_.flush();  // it reads the counters
                    return admin_.apply(each);
                } else {
                    return accounts_.apply(each);
                }
            },
            op);
    }

    Database database_;
    SqliteMailboxes mailboxes_;
    SqliteAccounts accounts_;
    SqliteMail mail_;
    SqliteAdmin admin_;
    bool durable_ = true;  // as prepare_schema() leaves it
    StoreError last_error_ = StoreError::unavailable;
};

crypto::Result<std::unique_ptr<SqliteStore>, DatabaseError> SqliteStore::open(
    const std::string& path, std::uint64_t max_bytes) {
    if (!create_private(path)) return crypto::Unexpected(DatabaseError::cannot_open);
    auto database = Database::open(path);
    if (!database) return crypto::Unexpected(database.error());
    const auto prepared = prepare_schema(*database, max_bytes);
    if (!prepared) return crypto::Unexpected(prepared.error());
    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(*database), path));
    if (const auto error = store->worker_->failed()) return crypto::Unexpected(*error);
    store->thread_ = std::jthread([raw = store.get()] { raw->run(); });
    return store;
}

SqliteStore::SqliteStore(Database database, std::string path)
    : path_(std::move(path)), worker_(std::make_unique<Worker>(std::move(database))) {
    figures_.mail_items = static_cast<std::uint64_t>(worker_->totals().items);
    figures_.mail_bytes = static_cast<std::uint64_t>(worker_->totals().bytes);
}

SqliteStore::~SqliteStore() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    submitted_signal_.notify_one();
}

void SqliteStore::submit(std::vector<StoreRequest> requests) {
    {
        const std::lock_guard lock(mutex_);
        std::move(requests.begin(), requests.end(), std::back_inserter(submitted_));
    }
    submitted_signal_.notify_one();
}

std::vector<StoreDone> SqliteStore::collect() {
    ready_.drain();
    const std::lock_guard lock(mutex_);
    return std::exchange(done_, {});
}

StoreFigures SqliteStore::figures() const {
    const std::lock_guard lock(mutex_);
    StoreFigures now = figures_;
    now.waiting_batches += submitted_.size();
    for (const char* suffix : {"", "-wal"}) {
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(path_ + suffix, missing);
        if (!missing) now.file_bytes += bytes;
    }
    return now;
}

// With the lock held: what the worker knows after a group.
void SqliteStore::note_group(const std::vector<StoreDone>& done, std::size_t left) {
    const auto bad = std::count_if(done.begin(), done.end(),
                                   [](const StoreDone& each) { return !each.results; });
    ++figures_.commits;
    figures_.failed_batches += static_cast<std::uint64_t>(bad);
    figures_.waiting_batches = left;
    figures_.mail_items = static_cast<std::uint64_t>(worker_->totals().items);
    figures_.mail_bytes = static_cast<std::uint64_t>(worker_->totals().bytes);
}

void SqliteStore::run() {
    pthread_setname_np(pthread_self(), "store");  // for operators: top -H
    std::unique_lock lock(mutex_);
    while (true) {
        submitted_signal_.wait(lock, [this] { return stopping_ || !submitted_.empty(); });
        if (submitted_.empty()) return;  // stopping, and everything submitted is done
        std::vector<StoreRequest> all = std::exchange(submitted_, {});
        lock.unlock();
        for (std::size_t at = 0; at < all.size(); at += group_batches) {
            const std::size_t count = std::min(group_batches, all.size() - at);
            std::vector<StoreDone> done = worker_->run(std::span(all).subspan(at, count));
            lock.lock();
            note_group(done, all.size() - at - count);
            std::move(done.begin(), done.end(), std::back_inserter(done_));
            lock.unlock();
            ready_.signal();
        }
        lock.lock();
    }
}

}  // namespace sotto::rendezvous
