// What mends itself, in simulated time: long loss, and whole profiles that were put back.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sim_town.hpp"

namespace sotto::sim {
namespace {

using namespace peer;  // NOLINT: a test

constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;
constexpr std::uint64_t hour_ms = 3600 * 1000;

std::vector<std::string> numbered(const std::string& who, int first, int end) {
    std::vector<std::string> texts;
    for (int i = first; i < end; ++i)
        texts.push_back(who + " " + std::to_string(i));
    return texts;
}

// Three of ten frames are lost: on the link alone, to and from the rendezvous with the connection.
TEST(LongLoss, EverythingIsThereOnceAndInOrder) {
    Options options = Town::calm();
    options.link_loss = 300;
    options.server_cut = 300;
    Town town(2, options);
    const auto registered = [&] { return town.peer(0).account() && town.peer(1).account(); };
    const auto friends = [&] {
        const Contact* known = registered() ? town.contact(0, 1) : nullptr;
        return known != nullptr && known->state == ContactState::accepted;
    };
    for (int tries = 0; tries < 20 && !friends(); ++tries) {
        for (PeerIndex i = 0; i < 2; ++i) {
            crypto::SeededRandom password(i);
            town.peer(i).command(RegisterAccount{.username = "peer" + std::to_string(i),
                                                 .login_key = crypto::OwnLk::generate(password)});
        }
        town.run_for(hour_ms / 4);
        if (!registered()) continue;
        town.ask(0, 1, true);
        town.run_for(hour_ms / 4);
        town.accept(1, 0, true);
        town.run_for(hour_ms / 4);
    }
    ASSERT_TRUE(friends());
    const auto from_0 = numbered("from 0", 0, 150);
    const auto from_1 = numbered("from 1", 0, 150);
    for (std::size_t i = 0; i < from_0.size(); ++i) {
        town.write(0, 1, from_0[i]);
        town.write(1, 0, from_1[i]);
        town.run_for(20'000);
    }
    town.network().heal();
    EXPECT_TRUE(town.run_until(
        3 * hour_ms, [&] { return town.peer(0).outbox_empty() && town.peer(1).outbox_empty(); }));
    EXPECT_EQ(town.texts(1, 0), from_0);
    EXPECT_EQ(town.texts(0, 1), from_1);
}

// Everything is as it was a while ago, also what would tell that it is: the whole folder was put
// back. The rendezvous knows better, and so does whoever was written to.
struct PutBack {
    bool direct = false;       // the two may have direct links
    PeerIndex restored = 0;    // whose profile: the account ids differ in who dials and who wins
    bool other_first = false;  // who writes first afterwards
    int days = 8;              // over one rotation of keys and token, or several
};
std::ostream& operator<<(std::ostream& out, const PutBack& how) {
    return out << (how.direct ? "direct" : "relay") << " restored " << how.restored
               << (how.other_first ? " other first " : " restored first ") << how.days << " days";
}

class Healing : public testing::TestWithParam<PutBack> {
protected:
    Healing() : own(GetParam().restored), other(1 - own), town(2) {}

    // Days in which both write, are away at night, and publish new weeks' keys.
    void days_of_writing() {
        for (int day = 0; day < GetParam().days; ++day) {
            say(own, other, "lost by own " + std::to_string(day));
            say(other, own, "lost by other " + std::to_string(day));
            for (PeerIndex i = 0; i < 2; ++i)
                town.peer(i).command(GoOffline{});
            town.run_for(day_ms);
            for (PeerIndex i = 0; i < 2; ++i)
                town.peer(i).command(GoOnline{});
            town.run_for(30'000);
        }
    }
    void say(PeerIndex from, PeerIndex to, const std::string& text) {
        town.write(from, to, text);
        town.run_for(10'000);
        said[from].push_back(text);
    }
    // Both in the order of the parameter, at the same moment or a while apart.
    void both_say(const std::string& text, std::uint64_t apart_ms) {
        const PeerIndex first = GetParam().other_first ? other : own;
        for (const PeerIndex from : {first, 1 - first}) {
            town.write(from, 1 - from, text);
            said[from].push_back(text);
            town.run_for(apart_ms);
        }
    }
    [[nodiscard]] std::size_t notices(PeerIndex of) {
        const auto& rows = town.peer(of).disk().messages;
        return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const auto& r) {
            return r.second.message.kind == MessageKind::notice;
        }));
    }
    void put_back(const Disk& copy) {
        town.peer(own).store().put_back(copy);
        town.peer(own).die();
        town.run_for(10);
        ASSERT_TRUE(town.run_until(10'000, [&] { return town.peer(own).running(); }));
    }

    PeerIndex own;
    PeerIndex other;
    Town town;
    std::map<PeerIndex, std::vector<std::string>> said;
};

// What was delivered in the lost days is gone on the restored side, and only there. What was under
// way, and all that is written from then on, is there once and in order, without anybody's doing.
TEST_P(Healing, AWholeProfilePutBackTalksAgainByItself) {
    town.befriend(0, 1, GetParam().direct);
    say(own, other, "before");
    say(other, own, "before");
    const Disk copy = town.peer(own).disk();
    days_of_writing();
    ASSERT_EQ(town.texts(other, own), said[own]);
    ASSERT_EQ(town.texts(own, other), said[other]);
    // Put back while it was away; the other one writes before anybody knows.
    town.peer(own).command(GoOffline{});
    town.run_for(1'000);
    say(other, own, "while you were away");
    put_back(copy);
    both_say("after", 0);
    auto& kept = said[other];
    std::erase_if(kept, [](const std::string& text) { return text.starts_with("lost"); });
    // A minute, while the token of its mailbox is known; else the renewal's back-off.
    if (GetParam().days < 30) {
        EXPECT_TRUE(town.run_until(60'000, [&] {
            return town.texts(other, own) == said[own] && town.texts(own, other) == kept;
        }));
    }
    town.run_for(10 * 60'000);
    both_say("later", 10 * 60'000);
    EXPECT_EQ(town.texts(other, own), said[own]);
    EXPECT_EQ(town.texts(own, other), kept);
    EXPECT_TRUE(town.peer(0).outbox_empty()) << town.peer(0).describe_outbox();
    EXPECT_TRUE(town.peer(1).outbox_empty()) << town.peer(1).describe_outbox();
    EXPECT_EQ(town.states(own, other).back(), DeliveryState::delivered);
    EXPECT_EQ(town.states(other, own).back(), DeliveryState::delivered);
    EXPECT_EQ(notices(own), 1U);  // the person is told
    EXPECT_EQ(notices(other), 0U);
    if (GetParam().direct) {
        EXPECT_TRUE(town.run_until(10 * 60'000, [&] { return town.linked(own, other); }));
    }
}

// A copy of a running program that ended by a crash, put back within the hour: neither the disk nor
// the rendezvous can tell. The silence of the other side does.
TEST_P(Healing, ACopyThatNobodyCanTellTalksAgainByItself) {
    town.befriend(0, 1, GetParam().direct);
    say(own, other, "before");
    say(other, own, "before");
    const Disk copy = town.peer(own).disk();
    for (int i = 0; i < 5; ++i) {
        say(own, other, "lost by own " + std::to_string(i));
        say(other, own, "lost by other " + std::to_string(i));
    }
    put_back(copy);
    both_say("after", 0);
    town.run_for(20 * 60'000);
    both_say("later", 10 * 60'000);
    EXPECT_EQ(town.texts(other, own), said[own]);
    auto& kept = said[other];
    std::erase_if(kept, [](const std::string& text) { return text.starts_with("lost"); });
    EXPECT_EQ(town.texts(own, other), kept);
    EXPECT_EQ(town.states(own, other).back(), DeliveryState::delivered);
    EXPECT_EQ(town.states(other, own).back(), DeliveryState::delivered);
}

std::vector<PutBack> ways() {
    std::vector<PutBack> all;
    for (const int days : {1, 8, 30}) {
        for (const bool direct : {false, true}) {
            for (const PeerIndex restored : {PeerIndex{0}, PeerIndex{1}}) {
                for (const bool other_first : {false, true})
                    all.push_back({direct, restored, other_first, days});
            }
        }
    }
    return all;
}
INSTANTIATE_TEST_SUITE_P(Ways, Healing, testing::ValuesIn(ways()));

}  // namespace
}  // namespace sotto::sim
