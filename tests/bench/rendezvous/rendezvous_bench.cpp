// The rendezvous under honest load: logins, mail to who is online, mail to who is not.
//
// Server, store (on disk, synchronous=FULL) and clients are threads of this process and share its
// cores, so rates are a lower bound. Every number counts only what was accepted after the commit.
#include "rendezvous/endpoint.hpp"
#include "rendezvous/local_bus.hpp"
#include "rendezvous/server.hpp"
#include "rendezvous/sqlite_store.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/rendezvous_client.hpp"

#include <filesystem>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

namespace sotto::rendezvous::testing {
namespace {

constexpr std::string_view suite = "rendezvous";
constexpr std::size_t item_bytes = 700;  // a short text in the 512 bucket, sealed

struct Scale {
    int runs;
    int latency_samples;
    int relay_messages;
    int stored_messages;
    int logins;
};

class Served {
public:
    Served() {
        std::string name = std::filesystem::temp_directory_path() / "sotto-bench-XXXXXX";
        folder_ = mkdtemp(name.data());
        store_ = std::move(*SqliteStore::open(folder_ / "db", 0));
        const ServerOptions options{
            .listen = "tcp://127.0.0.1:" + std::to_string(find_free_port().value_or(0)),
            .settings = {.community = Community::open,
                         .password_cost = crypto::password_cost_for_tests,
                         .rates = default_rates(10'000),
                         .max_clients = 20'000},
            .handshake_ms = 10'000};
        auto started = Server::start(options, key_, *store_, bus_, random_);
        if (!started) throw std::runtime_error("the server did not start");
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(stop_.fd()); });
    }
    ~Served() {
        stop_.signal();
        thread_.join();
        server_.reset();
        store_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    std::unique_ptr<RawClient> connect() {
        auto client = std::make_unique<RawClient>(context_, key_.public_key(),
                                                  crypto::OwnCurve::generate(random_));
        client->connect(server_->endpoint());
        return client;
    }
    Person person(const std::string& name) { return Person::make(random_, name); }

private:
    crypto::SystemRandom random_;
    crypto::OwnCurve key_ = crypto::OwnCurve::generate(random_);
    std::filesystem::path folder_;
    zmq::context_t context_{2};
    LocalBus bus_;
    EventFd stop_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

PutMail mail(const Person& to, std::uint64_t number, bool stored) {
    crypto::ByteArray<16> envelope{};
    std::memcpy(envelope.data(), &number, sizeof number);
    return {.account = to.account(),
            .device = to.device(),
            .envelope = EnvelopeId(envelope),
            .authority = PutAuthority::mailbox_token,
            .token = MailboxToken(Bytes32{1}),
            .stored = stored,
            .item = Bytes(item_bytes, 7)};
}

// Somebody who is online and may be written to.
struct Recipient {
    Person person;
    std::unique_ptr<RawClient> client;

    static Recipient make(Served& served, const std::string& name) {
        Recipient made{served.person(name), served.connect()};
        made.client->join(made.person);
        const auto hash =
            crypto::hash(crypto::label::mailbox_token, {MailboxToken(Bytes32{1}).view()});
        (void)made.client->ask_for<Ok>(SetMailboxToken{MailboxTokenHash(hash), false});
        return made;
    }
    // Receives `count` pieces of mail and acknowledges each.
    void receive(int count) const {
        for (int i = 0; i < count; ++i) {
            const Mail got = client->next_push<Mail>();
            if (got.row != 0) client->send_silently(AckMail{{got.row}});
        }
    }
};

// --- cases -------------------------------------------------------------------------------------

// One message at a time: from handing it to the socket to holding it at the recipient.
void relay_latency(Served& served, const Scale& scale, bool stored) {
    const auto recipient = Recipient::make(served, stored ? "latency" : "typing");
    const auto sender = served.connect();
    std::vector<double> samples;
    for (int i = 0; i < scale.latency_samples; ++i) {
        const bench::Stopwatch watch;
        (void)sender->send(mail(recipient.person, static_cast<std::uint64_t>(i), stored));
        const Mail got = recipient.client->next_push<Mail>();
        samples.push_back(watch.seconds() * 1e3);
        if (got.row != 0) recipient.client->send_silently(AckMail{{got.row}});
        (void)sender->receive();
    }
    const char* name = stored ? "relay_latency" : "relay_latency_not_stored";
    bench::report(suite, name, {}, samples, bench::percentile(samples, 0.5), "ms_p50", {});
    bench::report(suite, name, {}, samples, bench::percentile(samples, 0.99), "ms_p99", {});
}

// Keeps `window` messages on their way until all were accepted.
void put_all(RawClient& sender, const Person& to, int count, std::uint64_t first, int window) {
    int sent = 0;
    for (int accepted = 0; accepted < count; ++accepted) {
        while (sent < count && sent - accepted < window) {
            (void)sender.send(mail(to, first + static_cast<std::uint64_t>(sent), true));
            ++sent;
        }
        if (!std::holds_alternative<Accepted>(sender.receive().reply)) {
            throw std::runtime_error("mail was refused");
        }
    }
}

// One pair, 64 messages on their way between them; both ends in this thread.
void converse(RawClient& sender, const Recipient& recipient, int count, std::uint64_t first) {
    constexpr int window = 64;
    int sent = 0;
    for (int received = 0; received < count; ++received) {
        while (sent < count && sent - received < window) {
            (void)sender.send(
                mail(recipient.person, first + static_cast<std::uint64_t>(sent), true));
            ++sent;
        }
        recipient.receive(1);
        if (!std::holds_alternative<Accepted>(sender.receive().reply)) {
            throw std::runtime_error("mail was refused");
        }
    }
}

void relay_throughput(Served& served, const Scale& scale, int pairs) {
    std::vector<double> rates;
    std::vector<Recipient> recipients;
    std::vector<std::unique_ptr<RawClient>> senders;
    for (int i = 0; i < pairs; ++i) {
        recipients.push_back(
            Recipient::make(served, "relay" + std::to_string(pairs) + "-" + std::to_string(i)));
        senders.push_back(served.connect());
    }
    const int each = scale.relay_messages / pairs;
    for (int run = 0; run < scale.runs; ++run) {
        const bench::Stopwatch watch;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < recipients.size(); ++i) {
                threads.emplace_back([&, i] {
                    converse(*senders[i], recipients[i], each,
                             static_cast<std::uint64_t>(run) << 32U);
                });
            }
        }
        rates.push_back(each * pairs / watch.seconds());
    }
    bench::report(suite, "relay", {{"pairs", static_cast<std::uint64_t>(pairs)}}, rates,
                  bench::median(rates), "1/s", {});
}

void mailbox(Served& served, const Scale& scale) {
    std::vector<double> puts;
    std::vector<double> drains;
    const int each = std::min(scale.stored_messages / 4, static_cast<int>(max_mailbox_items));
    for (int run = 0; run < scale.runs; ++run) {
        std::vector<Recipient> recipients;
        std::vector<std::unique_ptr<RawClient>> senders;
        for (int i = 0; i < 4; ++i) {
            recipients.push_back(
                Recipient::make(served, "box" + std::to_string(run) + "-" + std::to_string(i)));
            (void)recipients.back().client->ask_for<Ok>(Logout{});
            senders.push_back(served.connect());
        }
        const bench::Stopwatch put_watch;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < 4; ++i) {
                threads.emplace_back(
                    [&, i] { put_all(*senders[i], recipients[i].person, each, 0, 128); });
            }
        }
        puts.push_back(4 * each / put_watch.seconds());
        const bench::Stopwatch drain_watch;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < 4; ++i) {
                threads.emplace_back([&, i] {
                    (void)recipients[i].client->log_in(recipients[i].person);
                    recipients[i].receive(each);
                });
            }
        }
        drains.push_back(4 * each / drain_watch.seconds());
    }
    bench::report(suite, "mailbox_put", {}, puts, bench::median(puts), "1/s", {});
    bench::report(suite, "mailbox_drain", {}, drains, bench::median(drains), "1/s", {});
}

// A new connection, its CURVE handshake, challenge and device login; four clients at a time.
void logins(Served& served, const Scale& scale) {
    constexpr int threads_count = 4;
    std::vector<Person> people;
    for (int i = 0; i < threads_count; ++i) {
        people.push_back(served.person("login" + std::to_string(i)));
        served.connect()->join(people.back());
    }
    std::vector<double> rates;
    const int each = scale.logins / threads_count;
    for (int run = 0; run < scale.runs; ++run) {
        const bench::Stopwatch watch;
        {
            std::vector<std::jthread> threads;
            for (const Person& person : people) {
                threads.emplace_back([&] {
                    for (int i = 0; i < each; ++i)
                        (void)served.connect()->log_in(person);
                });
            }
        }
        rates.push_back(each * threads_count / watch.seconds());
    }
    bench::report(suite, "login", {}, rates, bench::median(rates), "1/s", {});
}

int run(bool quick) {
    const Scale scale =
        quick ? Scale{2, 500, 8'000, 4'000, 200} : Scale{5, 5'000, 60'000, 8'000, 2'000};
    rlimit files{};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    Served served;
    relay_latency(served, scale, true);
    relay_latency(served, scale, false);
    relay_throughput(served, scale, 1);
    relay_throughput(served, scale, 8);
    mailbox(served, scale);
    logins(served, scale);
    return 0;
}

}  // namespace
}  // namespace sotto::rendezvous::testing

int main(int argc, char** argv) {
    try {
        return sotto::rendezvous::testing::run(argc > 1 && std::string_view(argv[1]) == "--quick");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "rendezvous bench: %s\n", error.what());
        return 1;
    }
}
