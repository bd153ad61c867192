// A real sotto-rendezvous with its clients, and what it costs.
#pragma once

#include "tests/bench/rendezvous/cpu.hpp"
#include "tests/bench/rendezvous/suburb.hpp"
#include "tests/e2e/rendezvous_process.hpp"

#include <thread>

namespace sotto::bench::rendezvous {

// How much is done.
struct Scale {
    int runs = 5;
    double seconds = 2;              // of each run of a rate
    std::vector<std::size_t> sizes;  // numbers of clients, rising
    int latency_samples = 3000;
    std::size_t mailboxes = 40;
    std::size_t mails_each = 1500;  // below a mailbox's quota
    std::size_t logins = 4000;
    std::size_t most_here = 1000;  // clients in one process
    double idle_seconds = 30;      // longer than the server keeps what handshakes need
};

// Two threads of clients: with the server's own they fill four cores.
inline constexpr std::size_t workers = 2;
// Every mailbox of a benchmark takes this token.
inline const MailboxToken common_token{Bytes32{1}};
inline constexpr std::size_t item_bytes = 700;  // a short text in the 512 bucket, sealed

class Town {
public:
    // `clients` people, of whom nobody is connected yet; at most `most_here` of them in this
    // process, where all cases happen.
    Town(std::size_t clients, std::size_t most_here);

    [[nodiscard]] const Place& place() const { return place_; }
    [[nodiscard]] Crowd& crowd(std::size_t worker) { return *crowds_[worker]; }
    // Lets the first `all` people in who are not; new ones are registered.
    void grow(std::size_t all);
    [[nodiscard]] std::size_t here() const { return in_; }
    [[nodiscard]] std::size_t size() const { return in_ + (suburb_ ? suburb_->size() : 0); }
    // Everybody who was in comes back over new connections, all at once. Seconds.
    double storm();
    // To be called between cases: who is silent for 75 s is thrown out.
    void ping_all();
    // kill -9 and a new start.
    void restart_server();

    // In a thread for each crowd; rethrows what one threw.
    template <class Work>
    void each(Work work) {
        std::vector<std::exception_ptr> failures(crowds_.size());
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < crowds_.size(); ++i) {
                threads.emplace_back([&, i] {
                    try {
                        work(*crowds_[i], i);
                    } catch (...) {
                        failures[i] = std::current_exception();
                    }
                });
            }
        }
        for (const auto& failure : failures) {
            if (failure) std::rethrow_exception(failure);
        }
    }

    // CPU the server has used since it started, user and system.
    [[nodiscard]] CpuSeconds server_cpu() { return cpu_of_process(server_.process().pid()); }
    [[nodiscard]] std::size_t server_resident_bytes() {
        return resident_bytes_of(server_.process().pid());
    }

private:
    e2e::TemporaryFolder folder_;
    e2e::Rendezvous server_;
    Place place_;
    std::vector<std::unique_ptr<Crowd>> crowds_;
    std::size_t in_ = 0;
    const std::size_t most_here_;
    std::optional<Suburb> suburb_;
};

// What an operation costs: the server's threads, and the clients, who share the machine with them.
class Meter {
public:
    explicit Meter(Town& town) : town_(town) {}
    void begin() {
        server_ = town_.server_cpu();
        clients_ = own_cpu_seconds();
    }
    // `count` operations since begin().
    void end(double count);
    // Microseconds an operation: NAME_server_cpu, its three threads, and NAME_client_cpu.
    void report(const std::string& name) const;

private:
    Town& town_;
    CpuSeconds server_;
    double clients_ = 0;
    std::vector<double> all_, route_, store_, network_, own_;
};

// Envelopes are unique over all cases.
[[nodiscard]] std::uint64_t new_numbers(std::uint64_t count);
// A frame of a session in which nothing may be refused; throws when something was.
[[nodiscard]] ReplyFrame decoded(ByteView bytes);
// Stored mail to a person of the benchmark.
[[nodiscard]] PutMail mail(const Person& to, std::uint64_t number, bool stored = true);

}  // namespace sotto::bench::rendezvous
