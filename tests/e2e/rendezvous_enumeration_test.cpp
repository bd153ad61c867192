// Attack 29: does an answer, or the time it takes, tell who exists? Against the real program.
//
// Both ways are asked in random order, one question at a time, n = 2,000 each. Two ways are told
// apart when in two independent samples |t| is above 4.5, the usual bound of leakage tests, and the
// difference, the same way round, above 10 us and a tenth of the round trip: decision 0090 says
// why. A canary shows that the same judgement finds 100 us in the same noise, and none where is
// none.
#include "tests/e2e/rendezvous_clients.hpp"
#include "tests/support/welch.hpp"

#include <random>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using namespace rendezvous::testing;

constexpr std::size_t sample_size = 2'000;
constexpr double threshold = 4.5;
constexpr double smallest_us = 10;
constexpr double canary_us = 100;
// Wrong passwords per name before the server makes them wait: 5.
constexpr std::size_t tries_per_name = 4;

struct Times {
    std::vector<double> known;
    std::vector<double> unknown;
};

// How much longer the unknown takes; 0 when that may be chance.
double difference_us(const Times& times) {
    const double t = test::welch_t(times.known, times.unknown);
    const double known = test::trimmed(times.known).mean;
    const double more = test::trimmed(times.unknown).mean - known;
    const bool matters = std::abs(more) > std::max(smallest_us, known / 10);
    return std::abs(t) > threshold && matters ? more : 0;
}

bool tells_apart(const Times& first, const Times& second) {
    const double one = difference_us(first);
    const double two = difference_us(second);
    return one * two > 0;
}

class Attack29Enumeration : public RealRendezvous {
protected:
    Attack29Enumeration() : RealRendezvous({.limits_factor = 10'000}) {}

    // Asks one question of `known` or not and gives the reply's bytes.
    using Ask = std::function<Bytes(bool known, std::size_t turn)>;

    Times measure(const Ask& ask) {
        Times times;
        std::vector<bool> order(2 * sample_size);
        std::fill(order.begin(), order.begin() + sample_size, true);
        std::shuffle(order.begin(), order.end(), dice_);
        for (const bool known : order) {
            std::vector<double>& mine = known ? times.known : times.unknown;
            ask_us_ = 0;
            const Bytes reply = ask(known, turn_++);
            // But for the number of the request, which the client chose.
            Bytes told = encode(ReplyFrame{1, decode_reply(reply).value().reply});
            if (reply_.empty()) reply_ = told;
            if (!may_differ_) {
                EXPECT_EQ(told, reply_) << "one reply for both";
            }
            mine.push_back(ask_us_);
        }
        return times;
    }
    // Measures only the question, not what prepared it.
    Bytes timed(RawClient& client, Request request) {
        const auto start = std::chrono::steady_clock::now();
        Bytes reply = client.ask_for_bytes(std::move(request));
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - start;
        ask_us_ = took.count();
        return reply;
    }
    void expect_alike(const Ask& ask) {
        const Times first = measure(ask);
        const double t = test::welch_t(first.known, first.unknown);
        std::printf("t = %.2f, %.1f and %.1f us\n", t, test::trimmed(first.known).mean,
                    test::trimmed(first.unknown).mean);
        // The canary: the same times, and those with a deliberate difference. Where an answer waits
        // for the disk, a fifth of the round trip: the disk's own differences are larger than 100
        // us.
        Times slower = first;
        const double canary = std::max(canary_us, test::trimmed(first.known).mean / 5);
        for (double& each : slower.unknown)
            each += canary;
        if (!tells_apart(slower, slower))
            GTEST_SKIP() << "too noisy here to find " << canary << " us";
        if (difference_us(first) == 0) return;
        const Times second = measure(ask);
        EXPECT_FALSE(tells_apart(first, second))
            << "t = " << t << ", then " << test::welch_t(second.known, second.unknown);
    }
    void replies_differ() { may_differ_ = true; }

    Member anna = member("anna");
    std::unique_ptr<RawClient> stranger = client();

private:
    std::minstd_rand dice_{std::random_device{}()};
    std::size_t turn_ = 0;
    double ask_us_ = 0;
    Bytes reply_;
    bool may_differ_ = false;
};

TEST(Attack29Judgement, FindsADifferenceAndInventsNone) {
    // As round trips are: a floor, a bulk, and now and then a long wait.
    std::mt19937 dice(1);
    std::gamma_distribution<double> bulk(2, 20);
    std::bernoulli_distribution late(0.03);
    const auto sample = [&](double more) {
        std::vector<double> values(sample_size);
        for (double& value : values)
            value = 100 + more + bulk(dice) + (late(dice) ? 3000 * bulk(dice) / 40 : 0);
        return values;
    };
    const auto alarms = [&](double more) {
        int count = 0;
        for (int i = 0; i < 200; ++i) {
            count += tells_apart({sample(0), sample(more)}, {sample(0), sample(more)}) ? 1 : 0;
        }
        return count;
    };
    EXPECT_EQ(alarms(0), 0);
    EXPECT_EQ(alarms(canary_us), 200);
    EXPECT_EQ(alarms(-30), 200) << "a third of the canary, in the other direction";
}

TEST_F(Attack29Enumeration, Challenges) {
    replies_differ();  // by time and nonce; Attack29Enumeration in tests/attack compares them
    expect_alike([this](bool known, std::size_t turn) {
        return timed(*stranger,
                     ChallengeRequest{crypto::LoginPurpose::login, known ? "anna" : "abba",
                                      Bytes32{static_cast<std::uint8_t>(turn)}});
    });
}

TEST_F(Attack29Enumeration, WrongPasswords) {
    // Two samples of both kinds, with new names in time for the throttle of each name.
    const std::size_t names = 2 * sample_size / tries_per_name + 1;
    const auto registrar = client();
    for (std::size_t i = 0; i < names; ++i)
        registrar->join(person("known-" + std::to_string(i)));
    std::array<std::size_t, 2> asked{};
    const auto signature = crypto::Signature(crypto::ByteArray<64>{});
    expect_alike([&](bool known, std::size_t) {
        const std::string name =
            (known ? "known-" : "nobod-") + std::to_string(asked[known ? 1 : 0]++ / tries_per_name);
        const auto c = stranger->challenge(crypto::LoginPurpose::login, name);
        return timed(*stranger, LoginPassword{false, name, c.proof, signature});
    });
}

TEST_F(Attack29Enumeration, ChangesOfAPassword) {
    const std::size_t names = 2 * sample_size / tries_per_name + 1;
    const auto registrar = client();
    for (std::size_t i = 0; i < names; ++i)
        registrar->join(person("owner-" + std::to_string(i)));
    std::array<std::size_t, 2> asked{};
    const auto signature = crypto::Signature(crypto::ByteArray<64>{});
    const auto fresh = anna.person.login_key.public_key();
    expect_alike([&](bool known, std::size_t) {
        const std::string name =
            (known ? "owner-" : "nobod-") + std::to_string(asked[known ? 1 : 0]++ / tries_per_name);
        const auto c = stranger->challenge(crypto::LoginPurpose::change_password, name);
        return timed(*stranger, ChangePassword{name, crypto::login_version_current, fresh, c.proof,
                                               signature, signature});
    });
}

TEST_F(Attack29Enumeration, DevicesOfUnknownAccounts) {
    const Person nobody = person("nobody");
    const auto signature = crypto::Signature(crypto::ByteArray<64>{});
    expect_alike([&](bool known, std::size_t) {
        const Person& who = known ? anna.person : nobody;
        const auto c = stranger->challenge(crypto::LoginPurpose::login, who.subject());
        return timed(*stranger, LoginDevice{who.account(), who.device(), c.proof, signature});
    });
}

TEST_F(Attack29Enumeration, LookUpsOfTheUnlisted) {
    (void)anna.client->ask_for<Ok>(SetListing{false, Visibility::nobody});
    const Member asker = member("asker");
    expect_alike([&](bool known, std::size_t) {
        return timed(*asker.client, LookUp{known ? "anna" : "abba"});
    });
}

TEST_F(Attack29Enumeration, BundlesWithoutTheToken) {
    const AccountId nobody = person("nobody").account();
    const auto wrong = id_of<MailboxToken>(9);
    expect_alike([&](bool known, std::size_t) {
        return timed(*stranger, FetchBundle{known ? anna.person.account() : nobody, true, wrong});
    });
}

TEST_F(Attack29Enumeration, MailWithAWrongToken) {
    const auto nobody = person("nobody").address();
    const auto wrong = id_of<MailboxToken>(9);
    expect_alike([&](bool known, std::size_t turn) {
        return timed(*stranger, mail_with_token(known ? anna.person.address() : nobody, wrong,
                                                envelope_of(turn), Bytes(600, 1)));
    });
}

// Stored for anna, who is online, or for nobody: a new asker each time, as anna gets one of each.
TEST_F(Attack29Enumeration, ContactRequests) {
    const auto nobody = person("nobody").address();
    const auto asker = client();
    expect_alike([&](bool known, std::size_t turn) {
        asker->join(person("asker-" + std::to_string(turn)));
        PutMail put = mail_with_token(known ? anna.person.address() : nobody, anna.token,
                                      envelope_of(turn), Bytes(2'000, 1));
        put.authority = PutAuthority::request;
        put.token.reset();
        Bytes reply = timed(*asker, std::move(put));
        if (known) anna.client->send_silently(AckMail{{anna.client->next_push<Mail>().row}});
        return reply;
    });
}

TEST_F(Attack29Enumeration, TypingToWhoIsAndIsNotThere) {
    const auto nobody = person("nobody").address();
    const auto wrong = id_of<MailboxToken>(9);
    expect_alike([&](bool known, std::size_t turn) {
        PutMail put = mail_with_token(known ? anna.person.address() : nobody, wrong,
                                      envelope_of(turn), Bytes(600, 1));
        put.stored = false;
        return timed(*stranger, std::move(put));
    });
}

}  // namespace
}  // namespace sotto::e2e
