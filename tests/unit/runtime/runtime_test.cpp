// The runtime as a front end sees it, without a server: answers, back-pressure, the vault's states.
#include "peer/runtime/runtime.hpp"

#include "crypto/init.hpp"
#include "peer/runtime/change_queue.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

namespace sotto::peer {
namespace {

constexpr int patience_ms = 30'000;

class RuntimeTest : public ::testing::Test {
protected:
    RuntimeTest() {
        crypto::initialise();
        std::string name = (std::filesystem::temp_directory_path() / "sotto-run-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~RuntimeTest() override {
        runtime_.reset();
        std::filesystem::remove_all(folder_);
    }

    void start() {
        runtime_.reset();
        runtime_ = std::make_unique<Runtime>(
            RuntimeOptions{.profile = folder_ / "profile",
                           .vault_cost = crypto::password_cost_limits.floor,
                           .transport = {},
                           .on_changes = {},
                           .clocks = [this] { return clocks(); }});
    }
    [[nodiscard]] bool post(Command command, CommandId id) {
        return runtime_->post({.id = id, .command = std::move(command)});
    }
    // Changes until one is of that kind; that one.
    template <class Wanted>
    std::optional<Wanted> next() {
        while (true) {
            while (!changes_.empty()) {
                ViewChange change = std::move(changes_.front());
                changes_.pop_front();
                if (auto* wanted = std::get_if<Wanted>(&change)) return std::move(*wanted);
            }
            pollfd item{.fd = runtime_->descriptor(), .events = POLLIN, .revents = 0};
            if (::poll(&item, 1, patience_ms) != 1) {
                ADD_FAILURE() << "nothing came";
                return std::nullopt;
            }
            for (auto& change : runtime_->drain(100))
                changes_.push_back(std::move(change));
        }
    }
    // The answer to this command: nothing for done, the error otherwise.
    std::optional<CommandError> answer(CommandId id) {
        while (true) {
            const auto failed = next<CommandFailed>();
            if (!failed) return std::nullopt;
            if (failed->command == id) return failed->error;
        }
    }
    static crypto::SecretBytes secret(std::string_view text) { return {text.begin(), text.end()}; }
    static Register registration(std::string name) {
        crypto::SeededRandom random(1);
        return {.server = {.host = "127.0.0.1",
                           .port = 9,  // discard: nobody listens
                           .key = crypto::OwnCurve::generate(random).public_key()},
                .username = std::move(name),
                .password = secret("pass"),
                .vault_passphrase = secret("pass"),
                .listed = true};
    }

    [[nodiscard]] Now clocks() const {
        return {.mono = {1'000'000 + passed_ms_}, .wall = {1'800'000'000'000 + passed_ms_}};
    }
    void pass_minutes(std::uint64_t minutes) { passed_ms_ += minutes * 60'000; }
    /// Unlocked, with the keys of a registration that met no server.
    void start_unlocked() {
        start();
        ASSERT_TRUE(post(registration("alice"), 1));
        EXPECT_EQ(answer(1), CommandError::server_unreachable);
    }

    std::atomic<std::uint64_t> passed_ms_ = 0;
    std::filesystem::path folder_;
    std::unique_ptr<Runtime> runtime_;
    std::deque<ViewChange> changes_;
};

TEST_F(RuntimeTest, a_new_profile_from_absent_to_locked_and_open_again) {
    start();
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::absent);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 1));
    EXPECT_EQ(answer(1), CommandError::not_possible_now);
    ASSERT_TRUE(post(Lock{}, 2));
    EXPECT_EQ(answer(2), CommandError::not_unlocked);
    ASSERT_TRUE(post(registration("X"), 3));
    EXPECT_EQ(answer(3), CommandError::name_invalid);
    ASSERT_TRUE(post(registration("alice"), 4));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::unlocking);
    ASSERT_TRUE(post(registration("alice"), 5));  // while the first is under way
    EXPECT_EQ(answer(5), CommandError::not_possible_now);
    EXPECT_EQ(answer(4), CommandError::server_unreachable);

    start();  // as after a crash: the keys exist, the name does not
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::locked);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("wrong")}, 1));
    EXPECT_EQ(answer(1), CommandError::wrong_passphrase);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 2));
    const auto opened = next<Opened>();
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->self.registered);
    EXPECT_EQ(next<CommandDone>()->command, 2U);
    ASSERT_TRUE(post(Lock{}, 3));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::locked);
    EXPECT_EQ(next<CommandDone>()->command, 3U);
}

TEST_F(RuntimeTest, every_command_is_answered_exactly_once_although_nobody_drains) {
    start();
    std::set<CommandId> taken;
    // It works on until its changes have no room; then its queue fills, and then it says so.
    CommandId id = 0;
    while (taken.size() <= runtime::changes_max) {
        if (post(SearchDirectory{}, id + 1)) taken.insert(++id);
    }
    while (post(SearchDirectory{}, id + 1))
        taken.insert(++id);
    std::map<CommandId, int> answers;
    while (answers.size() < taken.size()) {
        const auto failed = next<CommandFailed>();
        ASSERT_TRUE(failed);
        EXPECT_EQ(failed->error, CommandError::not_unlocked);
        ++answers[failed->command];
    }
    for (const auto& [command, count] : answers)
        EXPECT_EQ(count, 1) << command;
    ASSERT_TRUE(post(SearchDirectory{}, 1'000'000));  // it goes on
    EXPECT_EQ(answer(1'000'000), CommandError::not_unlocked);
}

TEST_F(RuntimeTest, locks_by_itself_when_nobody_was_there_for_so_long) {
    start_unlocked();
    ASSERT_TRUE(post(SetAutoLock{.minutes = auto_lock_minutes_max + 1}, 2));
    EXPECT_EQ(answer(2), CommandError::not_possible_now);
    ASSERT_TRUE(post(SetAutoLock{.minutes = 5}, 3));
    EXPECT_EQ(next<CommandDone>()->command, 3U);
    pass_minutes(4);
    ASSERT_TRUE(post(NoteActivity{}, 4));
    EXPECT_EQ(next<CommandDone>()->command, 4U);
    pass_minutes(4);  // eight since the setting, four since somebody was there
    ASSERT_TRUE(post(LoadHistory{.peer = AccountId(crypto::ByteArray<32>{})}, 5));
    EXPECT_TRUE(next<HistoryPage>());
    pass_minutes(2);  // a front end that looks at history by itself is nobody
    ASSERT_TRUE(post(LoadHistory{.peer = AccountId(crypto::ByteArray<32>{})}, 6));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::locked);
    ASSERT_TRUE(post(SetAutoLock{.minutes = 1}, 7));
    EXPECT_EQ(answer(7), CommandError::not_unlocked);
    // It is kept, and told.
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 8));
    EXPECT_EQ(next<Opened>()->auto_lock_minutes, 5U);
}

TEST_F(RuntimeTest, drafts_are_kept_in_the_profile) {
    const AccountId bob(crypto::ByteArray<32>{7});
    const AccountId carol(crypto::ByteArray<32>{8});
    start_unlocked();
    ASSERT_TRUE(post(SaveDraft{.peer = bob, .text = "half a thou"}, 2));
    ASSERT_TRUE(post(SaveDraft{.peer = carol, .text = "gone again"}, 3));
    ASSERT_TRUE(post(SaveDraft{.peer = carol, .text = ""}, 4));
    ASSERT_TRUE(post(SaveDraft{.peer = carol, .text = std::string(draft_bytes_max + 1, 'x')}, 5));
    EXPECT_EQ(answer(5), CommandError::text_too_long);
    ASSERT_TRUE(post(Lock{}, 6));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::locked);
    ASSERT_TRUE(post(SaveDraft{.peer = bob, .text = "too late"}, 7));
    EXPECT_EQ(answer(7), CommandError::not_unlocked);
    start();
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 1));
    const auto opened = next<Opened>();
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->drafts.size(), 1U);
    EXPECT_EQ(opened->drafts[0].peer, bob);
    EXPECT_EQ(opened->drafts[0].text, "half a thou");
}

TEST_F(RuntimeTest, no_more_drafts_than_anybody_begins) {
    start_unlocked();
    CommandId id = 1;
    for (std::size_t i = 0; i <= drafts_max; ++i) {
        crypto::ByteArray<32> peer{};
        peer[0] = static_cast<std::uint8_t>(i & 0xffU);
        peer[1] = static_cast<std::uint8_t>(i >> 8U);
        ASSERT_TRUE(post(SaveDraft{.peer = AccountId(peer), .text = "d"}, ++id));
        if (i == drafts_max) break;
        EXPECT_EQ(next<CommandDone>()->command, id);
    }
    EXPECT_EQ(answer(id), CommandError::list_full);
    ASSERT_TRUE(post(SaveDraft{.peer = AccountId(crypto::ByteArray<32>{}), .text = "other"}, ++id));
    EXPECT_EQ(next<CommandDone>()->command, id);  // one that is there may change
}

TEST_F(RuntimeTest, the_passphrase_is_changed_while_it_runs) {
    start_unlocked();
    ASSERT_TRUE(post(
        {ChangePassphrase{.old_passphrase = secret("wrong"), .new_passphrase = secret("new one")}},
        2));
    EXPECT_EQ(answer(2), CommandError::wrong_passphrase);
    ASSERT_TRUE(post(
        {ChangePassphrase{.old_passphrase = secret("pass"), .new_passphrase = secret("")}}, 3));
    EXPECT_EQ(answer(3), CommandError::text_empty);
    ASSERT_TRUE(post(
        {ChangePassphrase{.old_passphrase = secret("pass"), .new_passphrase = secret("new one")}},
        4));
    EXPECT_EQ(next<CommandDone>()->command, 4U);
    // Locked while a change is under way: it is not done, and says so.
    ASSERT_TRUE(post(
        {ChangePassphrase{.old_passphrase = secret("new one"), .new_passphrase = secret("third")}},
        5));
    ASSERT_TRUE(post(Lock{}, 6));
    EXPECT_EQ(answer(5), CommandError::not_unlocked);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 7));
    EXPECT_EQ(answer(7), CommandError::wrong_passphrase);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("third")}, 8));
    EXPECT_EQ(answer(8), CommandError::wrong_passphrase);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("new one")}, 9));
    EXPECT_TRUE(next<Opened>());
}

TEST_F(RuntimeTest, a_new_key_closes_the_vault_and_opens_it_again) {
    const AccountId bob(crypto::ByteArray<32>{7});
    start_unlocked();
    ASSERT_TRUE(post(SaveDraft{.peer = bob, .text = "kept"}, 2));
    EXPECT_EQ(next<CommandDone>()->command, 2U);
    const auto header = folder_ / "profile" / "vault.hdr";
    std::filesystem::copy_file(header, folder_ / "old.hdr");
    ASSERT_TRUE(post({ChangePassphrase{.old_passphrase = secret("wrong"),
                                       .new_passphrase = secret("new one"),
                                       .new_key = true}},
                     3));
    EXPECT_EQ(answer(3), CommandError::wrong_passphrase);
    ASSERT_TRUE(post({ChangePassphrase{.old_passphrase = secret("pass"),
                                       .new_passphrase = secret("new one"),
                                       .new_key = true}},
                     4));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::unlocking);
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::open);
    const auto opened = next<Opened>();
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->drafts.size(), 1U);
    EXPECT_EQ(next<CommandDone>()->command, 4U);
    ASSERT_TRUE(post(Lock{}, 5));
    EXPECT_EQ(next<CommandDone>()->command, 5U);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 6));
    EXPECT_EQ(answer(6), CommandError::wrong_passphrase);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("new one")}, 7));
    EXPECT_TRUE(next<Opened>());
    runtime_.reset();
    // The header of before opens with its passphrase, and its key opens nothing any more.
    std::filesystem::copy_file(folder_ / "old.hdr", header,
                               std::filesystem::copy_options::overwrite_existing);
    changes_.clear();
    start();
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("pass")}, 8));
    EXPECT_EQ(answer(8), CommandError::profile_damaged);
}

TEST_F(RuntimeTest, locking_while_the_key_changes_tells_what_became_of_it) {
    start_unlocked();
    ASSERT_TRUE(post({ChangePassphrase{.old_passphrase = secret("pass"),
                                       .new_passphrase = secret("new one"),
                                       .new_key = true}},
                     2));
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::unlocking);
    ASSERT_TRUE(post(Lock{}, 3));
    EXPECT_EQ(next<CommandDone>()->command, 3U);
    EXPECT_EQ(next<VaultChanged>()->state, VaultState::locked);
    EXPECT_EQ(next<CommandDone>()->command, 2U);
    ASSERT_TRUE(post(Unlock{.vault_passphrase = secret("new one")}, 4));
    EXPECT_TRUE(next<Opened>());
}

TEST_F(RuntimeTest, after_stop_it_takes_nothing_more) {
    start();
    runtime_->stop();
    EXPECT_FALSE(post(Lock{}, 1));
    EXPECT_FALSE(runtime_->drain(100).empty());  // what was shown before is still there
    runtime_->stop();
}

}  // namespace
}  // namespace sotto::peer
