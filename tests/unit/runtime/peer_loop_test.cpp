// The peer's loop with a network of the test's own: what it does while its front end hangs.
#include "peer/runtime/peer_loop.hpp"

#include "crypto/init.hpp"
#include "peer/runtime/no_network.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <semaphore>

namespace sotto::peer::runtime {
namespace {

constexpr std::chrono::seconds patience{30};

/// Reaches nobody, and tells when the loop stands by.
class WatchedNetwork final : public Transport {
public:
    explicit WatchedNetwork(std::counting_semaphore<>& standing_by) : standing_by_(standing_by) {}
    void perform(const NetworkOutput& output) override { nothing_.perform(output); }
    std::vector<NetworkInput> wait(std::uint64_t timeout_ms, int wake_fd,
                                   std::size_t max_inputs) override {
        return nothing_.wait(timeout_ms, wake_fd, max_inputs);
    }
    void stand_by(std::uint64_t timeout_ms, int wake_fd) override {
        standing_by_.release();
        nothing_.stand_by(timeout_ms, wake_fd);
    }

private:
    NoNetwork nothing_;
    std::counting_semaphore<>& standing_by_;
};

class PeerLoopTest : public ::testing::Test {
protected:
    PeerLoopTest() {
        crypto::initialise();
        std::string name = (std::filesystem::temp_directory_path() / "sotto-loop-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        loop_.emplace(RuntimeOptions{.profile = folder_ / "profile",
                                     .vault_cost = crypto::password_cost_limits.floor,
                                     .transport = {},
                                     .on_changes = {},
                                     .clocks = [this] { return clocks(); }},
                      queues_, random_,
                      [this] { return std::make_unique<WatchedNetwork>(standing_by_); });
        thread_ = std::jthread([this](const std::stop_token& stop) { loop_->run(stop); });
    }
    ~PeerLoopTest() override {
        thread_.request_stop();
        queues_.wake.signal();
        thread_.join();
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] Now clocks() const {
        return {.mono = {1'000'000 + passed_ms_}, .wall = {1'800'000'000'000 + passed_ms_}};
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
    /// As another process sees it.
    [[nodiscard]] bool is_open() const {
        const auto lock = store::try_lock_file(folder_ / "profile" / "lock");
        return lock && !lock->has_value();
    }
    void open() {
        crypto::SeededRandom random(1);
        const crypto::SecretBytes pass{'p', 'a', 's', 's'};
        post(1, Register{.server = {.host = "127.0.0.1",
                                    .port = 9,
                                    .key = crypto::OwnCurve::generate(random).public_key()},
                         .username = "alice",
                         .password = pass,
                         .vault_passphrase = pass,
                         .listed = true});
        const auto failed = next<CommandFailed>();
        ASSERT_TRUE(failed);
        ASSERT_EQ(failed->error, CommandError::server_unreachable);
        post(2, SetAutoLock{.minutes = 5});
        const auto done = next<CommandDone>();
        ASSERT_TRUE(done && done->command == 2U);
    }

    std::counting_semaphore<> standing_by_{0};
    std::atomic<std::uint64_t> passed_ms_ = 0;
    std::filesystem::path folder_;
    crypto::SystemRandom random_;
    LoopQueues queues_{{}};
    std::optional<PeerLoop> loop_;
    std::jthread thread_;
};

TEST_F(PeerLoopTest, locks_by_itself_although_the_front_end_hangs) {
    open();
    // Each is answered, and none of them is somebody being there.
    for (bool stands_by = false; !stands_by;) {
        PostedCommand look{.id = 3,
                           .command = LoadHistory{.peer = AccountId(crypto::ByteArray<32>{})}};
        if (!queues_.commands.push(std::move(look))) stands_by = standing_by_.try_acquire();
    }
    passed_ms_ += 6 * 60'000;
    queues_.wake.signal();
    // Nobody has drained anything: only the loop itself can have let go of the profile.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (is_open()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never locked";
        std::this_thread::yield();
    }
    // What it shows last, it shows a moment after it is closed.
    std::size_t pages = 0;
    for (bool told = false; !told;) {
        pollfd item{.fd = queues_.changes.descriptor(), .events = POLLIN, .revents = 0};
        ASSERT_EQ(::poll(&item, 1, 30'000), 1);
        for (auto& change : queues_.changes.drain(SIZE_MAX)) {
            const auto* vault = std::get_if<VaultChanged>(&change);
            told = told || (vault != nullptr && vault->state == VaultState::locked);
            pages += std::holds_alternative<HistoryPage>(change) ? 1U : 0U;
        }
    }
    EXPECT_EQ(pages, 0U) << "what nobody looked at is not kept while locked";
}

}  // namespace
}  // namespace sotto::peer::runtime
