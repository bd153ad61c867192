// What a person's history costs as it grows: storing, one message at a time and in batches; pages;
// the home list; search; opening. At 10,000 rows, then ten times as many, up to 1 million (--quick:
// 100,000).
//
// Options: --quick, --folder DIR (default: a fresh one in the temporary folder; it must be on a
// disk for the commit times to mean something).
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>

#include "bare_sqlcipher.hpp"
#include "corpus.hpp"
#include "crypto/init.hpp"
#include "peer/store/history.hpp"
#include "peer/store/store.hpp"
#include "tests/bench/report.hpp"

namespace sotto::bench {
namespace {

using crypto::ensure;
using namespace peer;         // NOLINT: a program, not a header
using namespace peer::store;  // NOLINT

constexpr std::size_t peers = 200;
constexpr std::size_t message_size = 200;
constexpr std::uint64_t rows_per_batch = 1000;

class HistoryBench {
public:
    explicit HistoryBench(const std::filesystem::path& folder)
        : folder_(folder), bare_(folder / "bare.db", key_) {
        auto opened = Store::open(folder / "history.db", key_, StoreOptions{});
        ensure(opened.has_value(), "the store did not open");
        store_.emplace(std::move(*opened));
        for (std::size_t i = 0; i < peers; ++i) {
            auto id = random_.array<32>();
            id[0] = static_cast<std::uint8_t>(i);  // the bare side's number of the peer
            accounts_.emplace_back(id);
        }
    }

    /// Up to `rows` in all, then everything is measured there.
    void measure_at(std::uint64_t rows, int runs) {
        grow_to(rows);
        index_all();
        single_commits(runs);
        open_history();
        pages(runs);
        home(runs);
        search(runs);
    }

private:
    [[nodiscard]] SaveMessage next_message() {
        const std::uint64_t row = ++rows_;
        // Some people write much more than others.
        const std::size_t peer = std::min(corpus_.draw(peers), corpus_.draw(peers));
        return {.message = {.row = row,
                            .id = {random_.array<16>()},
                            .peer = accounts_[peer],
                            .outgoing = row % 2 == 0,
                            .kind = MessageKind::text,
                            .text = corpus_.message(message_size),
                            .at = {1'700'000'000'000 + row * 1000},
                            .state = DeliveryState::read,
                            .failure = MessageFailure::none,
                            .read_locally = true},
                .sender_device = device_,
                .sender_seq = row};
    }

    // In turns: a batch of the store's, the same messages in the bare database.
    void grow_to(std::uint64_t rows) {
        std::vector<double> ours;
        std::vector<double> bare;
        while (rows_ < rows) {
            std::vector<SaveOp> ops;
            while (ops.size() < rows_per_batch)
                ops.emplace_back(next_message());
            const Stopwatch first;
            ensure(store_->commit(ops).has_value(), "the store did not commit");
            ours.push_back(rows_per_batch / first.seconds());
            const Stopwatch second;
            bare_.begin();
            for (const SaveOp& op : ops)
                bare_.insert(std::get<SaveMessage>(op));
            bare_.commit();
            bare.push_back(rows_per_batch / second.seconds());
        }
        if (ours.empty()) return;
        show("insert_1000_per_commit", ours, median(ours), "1/s",
             more_than("bare SQLCipher", median(bare), median(ours)));
    }

    void index_all() {
        ensure(store_->maintain().has_value(), "no maintenance");
        auto history = History::open(folder_ / "history.db", folder_ / "search.db", key_);
        ensure(history.has_value(), "the history did not open");
        std::vector<double> speed;
        for (bool more = true; more;) {
            const Stopwatch watch;
            const auto done = history->index_batch();
            ensure(done.has_value(), "the index failed");
            more = *done;
            if (more) speed.push_back(index_batch_size / watch.seconds());
        }
        if (!speed.empty()) show("index_in_background", speed, median(speed), "1/s", {});
    }

    // What sending one message saves: the message, the ratchet's state, the envelope.
    void single_commits(int runs) {
        std::vector<double> ours;
        std::vector<double> bare;
        std::vector<SaveOp> delivered;
        for (int i = 0; i < runs * 5; ++i) {
            const SaveMessage message = next_message();
            SaveSession session{.device = device_,
                                .session_id = Bytes(16, 1),
                                .account = message.message.peer,
                                .state = Bytes(1100)};
            SaveOutbox entry{.envelope = {random_.array<16>()},
                             .message = message.message.id,
                             .account = message.message.peer,
                             .device = device_,
                             .entry = Bytes(700)};
            random_.fill(session.state);
            random_.fill(entry.entry);
            delivered.emplace_back(DeleteOutbox{.envelope = entry.envelope});
            const std::vector<SaveOp> ops{message, session, entry};
            const Stopwatch first;
            ensure(store_->commit(ops).has_value(), "the store did not commit");
            ours.push_back(first.seconds() * 1e6);
            const Stopwatch second;
            bare_.begin();
            bare_.insert(message);
            bare_.save(session, entry);
            bare_.commit();
            bare.push_back(second.seconds() * 1e6);
        }
        show("commit_one_message_p50", ours, median(ours), "us",
             less_than("bare SQLCipher", median(bare), median(ours)));
        show("commit_one_message_p99", ours, percentile(ours, 0.99), "us",
             less_than("bare SQLCipher", percentile(bare, 0.99), percentile(ours, 0.99)));
        ensure(store_->commit(delivered).has_value(), "the store did not commit");
    }

    // The work of unlocking beside the password hash.
    void open_history() {
        std::vector<double> times;
        for (int i = 0; i < 5; ++i) {
            history_.reset();  // the writer last: it empties and removes the log
            store_.reset();
            const Stopwatch watch;
            auto opened = Store::open(folder_ / "history.db", key_, StoreOptions{});
            ensure(opened.has_value() && opened->load().has_value(), "the store did not open");
            auto history = History::open(folder_ / "history.db", folder_ / "search.db", key_);
            ensure(history.has_value() && history->summaries().has_value() &&
                       history->page(accounts_[0], 0, 50).has_value(),
                   "the history did not open");
            times.push_back(watch.seconds() * 1e3);
            store_.emplace(std::move(*opened));
            history_.emplace(std::move(*history));
        }
        show("unlock_to_first_page", times, median(times), "ms", {});
    }

    void pages(int runs) {
        std::vector<double> ours;
        std::vector<double> bare;
        for (int i = 0; i < runs * 2; ++i) {
            const std::size_t peer = corpus_.draw(peers);
            const std::uint64_t before = 1 + corpus_.draw(rows_);
            const Stopwatch first;
            ensure(history_->page(accounts_[peer], before, 50).has_value(), "no page");
            ours.push_back(first.seconds() * 1e3);
            const Stopwatch second;
            bare_.page(static_cast<std::int64_t>(peer) + 1, before, 51);
            bare.push_back(second.seconds() * 1e3);
        }
        show("page_of_50_p50", ours, median(ours), "ms",
             less_than("bare SQLCipher", median(bare), median(ours)));
        show("page_of_50_p99", ours, percentile(ours, 0.99), "ms", {});
    }

    void home(int runs) {
        std::vector<double> times;
        for (int i = 0; i < runs; ++i) {
            const Stopwatch watch;
            ensure(history_->summaries().has_value(), "no summaries");
            times.push_back(watch.seconds() * 1e3);
        }
        show("home_list_200_p50", times, median(times), "ms", {});
    }

    void search(int runs) {
        using Query = std::function<std::string()>;
        const auto piece = [this](std::size_t size) {
            const std::string text = corpus_.message(message_size);
            return text.substr(corpus_.draw(text.size() - size), size);
        };
        const std::vector<std::pair<std::string, Query>> queries{
            {"word", [&] { return corpus_.word(); }},
            {"rare_word", [&] { return corpus_.any_word(); }},
            {"two_words", [&] { return corpus_.word() + " " + corpus_.word(); }},
            {"two_letters", [&] { return piece(2); }},
            {"substring_5", [&] { return piece(5); }},
            {"substring_12", [&] { return piece(12); }},
            {"absent", [&] { return corpus_.any_word() + corpus_.any_word(); }},
        };
        for (const auto& [name, query] : queries)
            search_for(name, query, {}, runs);
        search_for("word_in_conversation", queries[0].second, accounts_[peers / 2], runs);
    }

    void search_for(const std::string& name, const std::function<std::string()>& query,
                    const std::optional<AccountId>& peer, int runs) {
        std::vector<double> ours;
        std::vector<double> beside;  // those of ours for which the other side ran as well
        std::vector<double> bare;
        for (int i = 0; i < runs; ++i) {
            const std::string text = query();
            const Stopwatch first;
            ensure(history_->search(text, peer, 50).has_value(), "the search failed");
            ours.push_back(first.seconds() * 1e3);
            if (peer || i % 10 != 0) continue;  // a scan takes up to a second
            beside.push_back(ours.back());
            const Stopwatch second;
            bare_.like(text, 50);
            bare.push_back(second.seconds() * 1e3);
        }
        std::optional<Against> scan;
        if (!bare.empty()) {
            scan = less_than("LIKE scan in bare SQLCipher", median(bare), median(beside));
        }
        show("search_" + name + "_p50", ours, median(ours), "ms", scan);
        show("search_" + name + "_p99", ours, percentile(ours, 0.99), "ms", {});
    }

    void show(std::string_view name, const std::vector<double>& samples, double value,
              std::string_view unit, const std::optional<Against>& against) const {
        report("history", name, {{"rows", rows_ / rows_per_batch * rows_per_batch}}, samples, value,
               unit, against);
    }

    std::filesystem::path folder_;
    crypto::SeededRandom random_{1};
    Corpus corpus_{1};
    crypto::DatabaseKey key_ = crypto::DatabaseKey::generate(random_);
    DeviceId device_ = DeviceId::generate(random_);
    std::vector<AccountId> accounts_;
    BareSqlcipher bare_;
    std::optional<Store> store_;
    std::optional<History> history_;
    std::uint64_t rows_ = 0;
};

int run(int count, char** arguments) {
    bool quick = false;
    std::string folder;
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(arguments[i], "--quick") == 0) {
            quick = true;
        } else if (std::strcmp(arguments[i], "--folder") == 0 && i + 1 < count) {
            folder = arguments[++i];
        } else {
            std::fprintf(stderr, "usage: history [--quick] [--folder DIR]\n");
            return 2;
        }
    }
    std::string pattern = folder.empty() ? std::filesystem::temp_directory_path().string() : folder;
    pattern += "/sotto-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        std::fprintf(stderr, "error: no folder for the benchmark's files\n");
        return 1;
    }
    {
        HistoryBench bench(pattern);
        const std::uint64_t largest = quick ? 100'000 : 1'000'000;
        for (std::uint64_t rows = 10'000; rows <= largest; rows *= 10) {
            bench.measure_at(rows, quick ? 40 : 200);
        }
    }
    std::filesystem::remove_all(pattern);
    return 0;
}

}  // namespace
}  // namespace sotto::bench

int main(int count, char** arguments) {
    sotto::crypto::initialise();
    return sotto::bench::run(count, arguments);
}
