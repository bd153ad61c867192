// A disk that stays full: how often the peer's loop comes back to the rendezvous.
#include "peer/runtime/peer_loop.hpp"

#include "crypto/init.hpp"
#include "peer/runtime/no_network.hpp"
#include "rendezvous/protocol.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <semaphore>

namespace sotto::peer::runtime {
namespace {

constexpr std::uint64_t start_mono_ms = 1'000'000;
constexpr std::uint64_t start_wall_ms = 1'800'000'000'000;

// While the time flies nobody waits for it: a wait is over at once, and so much later.
struct FlyingTime {
    std::atomic<std::uint64_t> passed_ms = 0;
    std::atomic<bool> flies = false;
    std::vector<std::uint64_t> made_at{};  // the networks that were made while it flew
    std::size_t made_max = 0;              // then it stands again
    std::binary_semaphore all_made{0};
};

/// A rendezvous that lets everybody in and says yes to everything.
class FriendlyNetwork final : public Transport {
public:
    explicit FriendlyNetwork(FlyingTime& time) : time_(time) {
        if (!time_.flies) return;
        time_.made_at.push_back(time_.passed_ms);
        if (time_.made_at.size() < time_.made_max) return;
        time_.flies = false;
        time_.all_made.release();
    }
    void perform(const NetworkOutput& output) override {
        if (const auto* open = std::get_if<OpenServer>(&output)) {
            arrived_.emplace_back(ServerUp{open->channel});
        } else if (const auto* sent = std::get_if<SendToServer>(&output)) {
            const auto asked = rendezvous::decode_request(sent->frame);
            ASSERT_TRUE(asked);
            arrived_.emplace_back(ServerFrame{.channel = sent->channel,
                                              .frame = rendezvous::encode(rendezvous::ReplyFrame{
                                                  asked->id, answer(asked->request)})});
        }
    }
    std::vector<NetworkInput> wait(std::uint64_t timeout_ms, int wake_fd,
                                   std::size_t /*max_inputs*/) override {
        if (arrived_.empty() && time_.flies) {
            time_.passed_ms += timeout_ms;
        } else if (arrived_.empty()) {
            stand_by(timeout_ms, wake_fd);
        }
        return std::exchange(arrived_, {});
    }
    void stand_by(std::uint64_t timeout_ms, int wake_fd) override {
        NoNetwork().stand_by(timeout_ms, wake_fd);
    }

private:
    [[nodiscard]] rendezvous::Reply answer(const rendezvous::Request& request) const {
        const std::uint64_t now_ms = start_wall_ms + time_.passed_ms;
        if (std::holds_alternative<rendezvous::ChallengeRequest>(request)) {
            return rendezvous::Challenge{.ts_ms = now_ms};
        }
        const bool logs_in = std::holds_alternative<rendezvous::Register>(request) ||
                             std::holds_alternative<rendezvous::LoginDevice>(request);
        if (!logs_in) return rendezvous::Ok{};
        return rendezvous::LoggedIn{.account = AccountId(crypto::ByteArray<32>{}),
                                    .username = "alice",
                                    .server_time_ms = now_ms,
                                    .observed = {}};
    }

    FlyingTime& time_;
    std::vector<NetworkInput> arrived_;
};

class OnlineAgain : public ::testing::Test {
protected:
    OnlineAgain() {
        crypto::initialise();
        std::string name = (std::filesystem::temp_directory_path() / "sotto-full-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        loop_.emplace(RuntimeOptions{.profile = folder_ / "profile",
                                     .vault_cost = crypto::password_cost_limits.floor,
                                     .transport = {},
                                     .on_changes = {},
                                     .clocks = [this] { return clocks(); }},
                      queues_, random_,
                      [this] { return std::make_unique<FriendlyNetwork>(time_); });
        thread_ = std::jthread([this](const std::stop_token& stop) { loop_->run(stop); });
    }
    ~OnlineAgain() override {
        thread_.request_stop();
        queues_.wake.signal();
        thread_.join();
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] Now clocks() const {
        return {.mono = {start_mono_ms + time_.passed_ms},
                .wall = {start_wall_ms + time_.passed_ms}};
    }
    void post(CommandId id, Command command) {
        ASSERT_TRUE(queues_.commands.push({.id = id, .command = std::move(command)}));
    }
    template <class Wanted>
    [[nodiscard]] std::optional<Wanted> next() {
        while (true) {
            pollfd item{.fd = queues_.changes.descriptor(), .events = POLLIN, .revents = 0};
            if (::poll(&item, 1, 30'000) != 1) return std::nullopt;
            for (auto& change : queues_.changes.drain(1))
                if (auto* wanted = std::get_if<Wanted>(&change)) return std::move(*wanted);
        }
    }
    void enter() {
        crypto::SeededRandom random(1);
        const crypto::SecretBytes pass{'p', 'a', 's', 's'};
        post(1, Register{.server = {.host = "127.0.0.1",
                                    .port = 9,
                                    .key = crypto::OwnCurve::generate(random).public_key()},
                         .username = "alice",
                         .password = pass,
                         .vault_passphrase = pass,
                         .listed = true});
        const auto done = next<CommandDone>();
        ASSERT_TRUE(done && done->command == 1U);
    }
    /// No file takes anything any more: each commit fails from now on. When the loop came back
    /// `times` times, in milliseconds from one failure to the next.
    [[nodiscard]] std::vector<std::uint64_t> delays_of_a_full_disk(std::size_t times) {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
        time_.made_max = times + 1;
        time_.flies = true;
        post(2, SetAutoLock{.minutes = 0});  // something to save
        const bool came_back = time_.all_made.try_acquire_for(std::chrono::seconds(60));
        ::setrlimit(RLIMIT_FSIZE, &limit);
        EXPECT_TRUE(came_back);
        std::vector<std::uint64_t> delays;
        for (std::size_t i = 1; came_back && i < time_.made_at.size(); ++i)
            delays.push_back(time_.made_at[i] - time_.made_at[i - 1]);
        return delays;
    }

    FlyingTime time_;
    std::filesystem::path folder_;
    crypto::SystemRandom random_;
    LoopQueues queues_{{}};
    std::optional<PeerLoop> loop_;
    std::jthread thread_;
};

TEST_F(OnlineAgain, ever_more_rarely_while_the_disk_is_full) {
    enter();
    const std::vector<std::uint64_t> expected{1'000,  2'000,  4'000,  8'000,
                                              16'000, 32'000, 60'000, 60'000};
    EXPECT_EQ(delays_of_a_full_disk(8), expected);
}

}  // namespace
}  // namespace sotto::peer::runtime
