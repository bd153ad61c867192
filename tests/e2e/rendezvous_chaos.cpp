// rendezvous_chaos [--rounds N] [--seed N]: kill -9 at random under load.
//
// Senders and recipients speak to a real sotto-rendezvous that is killed and started again N times.
// A sender sends an envelope until it was accepted; a recipient writes down what it has not got yet
// and acknowledges the row, as the real client does, and forgets now and then to acknowledge, as
// one that was killed itself. At the end every accepted envelope must have been delivered, exactly
// once to the application, unchanged, and in the order of its sender.
#include "tests/e2e/rendezvous_clients.hpp"

#include "crypto/init.hpp"
#include "rendezvous/server_folder.hpp"

#include <atomic>
#include <charconv>
#include <cstring>
#include <numeric>
#include <random>
#include <thread>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using namespace rendezvous::testing;

constexpr int pairs = 4;
constexpr std::uint64_t window = 32;  // envelopes a sender has on their way
// How far a sender may be ahead of its recipient: below the mailbox's quota, so that nothing is
// refused and the order of sending is the order of storing.
constexpr std::uint64_t lead = 1000;
// A client looks this often whether the server was started again.
constexpr int look_ms = 20;
// From the start of the server to its death.
constexpr int longest_life_ms = 400;
// For what is still on its way at the end.
constexpr std::chrono::seconds patience_at_the_end{60};

// The load is alive; counted across its threads.
struct Progress {
    std::atomic<int> epoch{0};  // rises when the server was started again
    std::atomic<bool> sending{true};
    std::atomic<bool> stopping{false};
    std::array<std::atomic<std::uint64_t>, pairs> accepted{};
    std::array<std::atomic<std::uint64_t>, pairs> delivered{};
    std::atomic<std::uint64_t> repeated{0};
    std::atomic<std::uint64_t> errors{0};

    void wrong(const std::string& what) {
        constexpr std::uint64_t most_lines = 20;  // one cause has thousands of effects
        if (errors++ < most_lines) std::fprintf(stderr, "rendezvous_chaos: %s\n", what.c_str());
    }
    [[nodiscard]] bool all_arrived() const {
        for (std::size_t i = 0; i < pairs; ++i) {
            if (delivered[i] < accepted[i]) return false;
        }
        return true;
    }
};

struct Place {
    std::string endpoint;
    crypto::CurvePublic key;
};

// The item says who sent it and which it is, and its rest follows from that.
Bytes item_of(std::uint8_t sender, std::uint64_t number) {
    Bytes item(64 + number * 37 % 3000, static_cast<std::uint8_t>(number));
    item[0] = sender;
    std::memcpy(item.data() + 1, &number, sizeof number);
    return item;
}

class Link {
public:
    explicit Link(const Place& place) : place_(place) {}

    // A new connection when the server is a new one; false between two.
    bool renew(int epoch) {
        if (client_ && epoch == epoch_) return false;
        client_ =
            std::make_unique<RawClient>(context_, place_.key, crypto::OwnCurve::generate(random_));
        client_->connect(place_.endpoint);
        epoch_ = epoch;
        return true;
    }
    RawClient& client() { return *client_; }
    [[nodiscard]] const crypto::CurvePublic& server_key() const { return place_.key; }
    void drop() { client_.reset(); }

private:
    const Place& place_;
    crypto::SystemRandom random_;
    zmq::context_t context_{1};
    std::unique_ptr<RawClient> client_;
    int epoch_ = -1;
};

// Sends envelope after envelope, in order, each until it was accepted.
class Sender {
public:
    Sender(std::uint8_t number, const Place& place, ops::MailAddress to, MailboxToken token)
        : number_(number), link_(place), to_(to), token_(token) {}

    void run(Progress& progress) {
        while (!progress.stopping && (progress.sending || accepted_ < next_)) {
            if (link_.renew(progress.epoch)) send_again();
            const std::uint64_t far = progress.delivered[number_] + lead;
            while (progress.sending && next_ < std::min(accepted_ + window, far))
                send(next_++);
            if (const auto reply = link_.client().receive_within(look_ms)) take(*reply, progress);
        }
    }

private:
    void send(std::uint64_t number) {
        crypto::ByteArray<EnvelopeId::size> name{};
        name[15] = number_;
        std::memcpy(name.data(), &number, sizeof number);
        on_their_way_[link_.client().send(
            mail_with_token(to_, token_, EnvelopeId(name), item_of(number_, number)))] = number;
    }
    // What was not accepted may be stored or not: again, in the same order.
    void send_again() {
        on_their_way_.clear();
        answered_.clear();
        for (std::uint64_t number = accepted_; number < next_; ++number)
            send(number);
    }
    void take(const ReplyFrame& reply, Progress& progress) {
        const auto asked = on_their_way_.find(reply.id);
        if (asked == on_their_way_.end()) return progress.wrong("an answer to no question");
        const std::uint64_t number = asked->second;
        on_their_way_.erase(asked);
        if (!std::holds_alternative<Accepted>(reply.reply)) {
            progress.wrong("an envelope was refused");
            return link_.drop();
        }
        answered_.insert(number);
        while (answered_.erase(accepted_) != 0)
            progress.accepted[number_] = ++accepted_;
    }

    std::uint8_t number_;
    Link link_;
    ops::MailAddress to_;
    MailboxToken token_;
    std::uint64_t next_ = 0;      // the first that was never sent
    std::uint64_t accepted_ = 0;  // all below were accepted
    std::map<RequestId, std::uint64_t> on_their_way_;
    std::set<std::uint64_t> answered_;
};

// Logs in, gives the application what it does not have, then acknowledges.
class Recipient {
public:
    Recipient(std::uint8_t sender, const Place& place, Person person, std::uint64_t seed)
        : sender_(sender), link_(place), person_(std::move(person)), chance_(seed) {}

    void run(Progress& progress) {
        while (!progress.stopping) {
            if (link_.renew(progress.epoch)) logged_in_ = false;
            if (!logged_in_ && !log_in(progress)) continue;
            auto frame = link_.client().receive_within(look_ms);
            if (!frame) continue;
            if (const auto* mail = std::get_if<Mail>(&frame->reply)) take(*mail, progress);
        }
    }

private:
    // Without waiting for a server that may be dead: the answers come to receive_within().
    bool log_in(Progress& progress) {
        const Bytes32 cnonce{4, 5, 6};
        (void)link_.client().send(
            ChallengeRequest{crypto::LoginPurpose::login, person_.subject(), cnonce});
        const int epoch = progress.epoch;
        while (!progress.stopping && progress.epoch == epoch) {
            const auto frame = link_.client().receive_within(look_ms);
            if (!frame) continue;
            if (const auto* challenge = std::get_if<Challenge>(&frame->reply)) {
                const auto context = context_of(link_.server_key(), link_.client().user(),
                                                crypto::LoginPurpose::login, cnonce, *challenge);
                (void)link_.client().send(
                    device_login(person_, context, proof_of(cnonce, *challenge)));
            } else if (std::holds_alternative<LoggedIn>(frame->reply)) {
                logged_in_ = true;
                return true;
            } else {
                progress.wrong("a login was refused");
                link_.drop();
                return false;
            }
        }
        return false;
    }
    void take(const Mail& mail, Progress& progress) {
        std::uint64_t number = 0;
        if (mail.item.size() > sizeof number) {
            std::memcpy(&number, mail.item.data() + 1, sizeof number);
        }
        if (mail.item != item_of(sender_, number)) return progress.wrong("a damaged item");
        if (number > delivered_) return progress.wrong("an item came before an earlier one");
        if (number < delivered_) {
            ++progress.repeated;
        } else {
            progress.delivered[sender_] = ++delivered_;
        }
        // One in 300 times it is "killed" between writing down and acknowledging.
        if (chance_() % 300 == 0) return link_.drop();
        link_.client().send_silently(AckMail{{mail.row}});
    }

    std::uint8_t sender_;
    Link link_;
    Person person_;
    std::minstd_rand chance_;
    bool logged_in_ = false;
    std::uint64_t delivered_ = 0;  // the application has all below
};

// Everybody's keys, and their accounts on the server.
std::vector<std::pair<Person, MailboxToken>> register_all(const Place& place) {
    crypto::SystemRandom random;
    zmq::context_t context{1};
    std::vector<std::pair<Person, MailboxToken>> people;
    for (int i = 0; i < pairs; ++i) {
        RawClient client(context, place.key, crypto::OwnCurve::generate(random));
        client.connect(place.endpoint);
        people.emplace_back(Person::make(random, "member" + std::to_string(i)),
                            MailboxToken(random.array<32>()));
        client.join(people.back().first);
        client.give_token(people.back().second);
    }
    return people;
}

std::uint64_t sum(const std::array<std::atomic<std::uint64_t>, pairs>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

int run(int rounds, unsigned seed) {
    crypto::initialise();
    const TemporaryFolder folder;
    Rendezvous server(folder.path() / "server", {.limits_factor = 1000});
    server.start();
    const auto key = ServerFolder(server.folder()).read_key();
    if (!key) throw std::runtime_error(key.error().text);
    const Place place{server.endpoint(), key->public_key()};
    const auto people = register_all(place);

    Progress progress;
    std::vector<std::jthread> threads;
    for (std::uint8_t i = 0; i < pairs; ++i) {
        const Person& person = people[i].first;
        const MailboxToken& token = people[i].second;
        threads.emplace_back([&, i] { Recipient(i, place, person, seed + i).run(progress); });
        threads.emplace_back([&, i] { Sender(i, place, person.address(), token).run(progress); });
    }
    std::minstd_rand chance(seed);
    for (int round = 0; round < rounds; ++round) {
        // When it dies is the dice's choice: also while it starts, commits or answers.
        std::this_thread::sleep_for(std::chrono::milliseconds(chance() % longest_life_ms));
        server.kill();
        server.start();
        ++progress.epoch;
    }
    progress.sending = false;
    const auto until = std::chrono::steady_clock::now() + patience_at_the_end;
    for (std::size_t i = 1; i < threads.size(); i += 2)
        threads[i].join();  // senders end when all was accepted
    while (!progress.all_arrived() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    progress.stopping = true;
    threads.clear();
    if (!progress.all_arrived()) progress.wrong("accepted envelopes were lost");
    if (sum(progress.delivered) > sum(progress.accepted)) progress.wrong("delivered from nowhere");
    if (server.stop() != 0) progress.wrong("the server did not end in order");
    std::printf("%d kills: %llu envelopes accepted, %llu delivered, %llu came again, %llu errors\n",
                rounds, static_cast<unsigned long long>(sum(progress.accepted)),
                static_cast<unsigned long long>(sum(progress.delivered)),
                static_cast<unsigned long long>(progress.repeated),
                static_cast<unsigned long long>(progress.errors));
    return progress.errors == 0 && sum(progress.accepted) > 0 ? 0 : 1;
}

}  // namespace
}  // namespace sotto::e2e

int main(int argc, char** argv) {
    int rounds = 10;
    unsigned seed = std::random_device{}();
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view option = argv[i];
        const std::string_view value = argv[i + 1];
        if (option == "--rounds") std::from_chars(value.begin(), value.end(), rounds);
        if (option == "--seed") std::from_chars(value.begin(), value.end(), seed);
    }
    std::printf("rendezvous_chaos --rounds %d --seed %u\n", rounds, seed);
    try {
        return sotto::e2e::run(rounds, seed);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "rendezvous_chaos: %s\n", error.what());
        return 1;
    }
}
