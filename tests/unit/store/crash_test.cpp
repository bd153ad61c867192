// kill -9 at each system call of what changes a profile. A power cut is SQLite's own concern (WAL,
// synchronous=FULL) and that of replace_file, whose order of calls files_test.cpp looks at.
#include <algorithm>

#include "killed_child.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class CrashTest : public StoreTest {
protected:
    void copy_profile() const {
        std::filesystem::remove_all(copy());
        std::filesystem::copy(base(), copy());
    }
    [[nodiscard]] std::filesystem::path base() const { return folder.path() / "base"; }
    [[nodiscard]] std::filesystem::path copy() const { return folder.path() / "copy"; }
    [[nodiscard]] Store open_copy() const {
        auto store = Store::open(copy() / "history.db", key, small_log);
        EXPECT_TRUE(store) << (store ? "" : to_string(store.error()));
        return std::move(*store);
    }
    void make_base(const std::vector<SaveOp>& ops) const {
        std::filesystem::create_directory(base());
        auto store = Store::open(base() / "history.db", key, small_log);
        ASSERT_TRUE(store);
        commit(*store, ops);
    }
};

const ByteView passphrase = crypto::as_bytes("correct horse");
const ByteView other_passphrase = crypto::as_bytes("battery staple");

// After a crash there is all of a batch or nothing; and all of it once commit() had returned.
TEST_F(CrashTest, a_batch_is_whole_or_absent_and_stays_once_it_was_confirmed) {
    const SaveMessage before = incoming(1, bob, "before");
    make_base({before, session(bob, marker(1))});
    const SaveMessage fresh = incoming(2, bob, "fresh");
    const std::vector<SaveOp> batch{fresh, session(bob, marker(2)),
                                    SavePrekey{.kind = 1, .id = 1, .secret = bytes(9000)}};
    unsigned absent = 0;
    unsigned whole = 0;
    for (unsigned n = 1;; ++n) {
        copy_profile();
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto store = Store::open(copy() / "history.db", key, small_log);
            child.start();
            if (!store || !store->commit(batch)) return 1;
            child.say('c');
            Child::end(0);
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        Store store = open_copy();
        const Snapshot snapshot = load(store);
        const bool done = snapshot.next_row == 3;
        ASSERT_EQ(snapshot.sessions.at(0).state, done ? marker(2) : marker(1)) << "call " << n;
        ASSERT_EQ(snapshot.prekeys.size(), done ? 1U : 0U) << "call " << n;
        ASSERT_TRUE(done || end.said.empty()) << "a confirmed batch was lost at call " << n;
        ++(done ? whole : absent);
        if (!end.killed) {
            EXPECT_EQ(end.exit_code, 0);
            break;
        }
    }
    EXPECT_GE(absent, 5U);
    EXPECT_GE(whole, 1U);
}

// A process that is killed loses nothing the system was told; a power cut takes what was not
// synced.
TEST_F(CrashTest, a_batch_is_confirmed_only_after_its_last_write_was_synced) {
    make_base({});
    copy_profile();
    const ChildEnd end = run_killed_at(never_killed, [&](const Child& child) {
        auto store = Store::open(copy() / "history.db", key, small_log);
        if (!store || !store->commit(std::vector<SaveOp>{session(bob, marker(1))})) return 1;
        child.start();  // not the first commit after opening, which syncs more
        if (!store->commit(std::vector<SaveOp>{session(bob, marker(2))})) return 2;
        Child::end(0);
    });
    if (end.unsupported) GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
    ASSERT_GE(end.calls.size(), 2U);
    EXPECT_EQ(end.calls.back(), "sync");
    EXPECT_EQ(std::count(end.calls.begin(), end.calls.end(), "sync"), 1);
    EXPECT_EQ(end.calls.front(), "write");
}

TEST_F(CrashTest, nothing_is_lost_while_the_log_is_wiped) {
    make_base({incoming(1, bob, "one"), session(bob, marker(1))});
    unsigned calls = 0;
    for (unsigned n = 1;; ++n) {
        copy_profile();
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto store = Store::open(copy() / "history.db", key, small_log);
            if (!store || !store->commit(std::vector<SaveOp>{session(bob, marker(2))})) return 1;
            child.start();
            if (!store->maintain()) return 2;
            child.say('m');
            if (!store->commit(std::vector<SaveOp>{session(bob, marker(3))})) return 3;
            child.say('c');
            Child::end(0);
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        Store store = open_copy();
        const Bytes state = load(store).sessions.at(0).state;
        const bool newest = state == marker(3);
        ASSERT_TRUE(newest || (state == marker(2) && end.said != "mc")) << "call " << n;
        calls = n;
        if (!end.killed) break;
    }
    EXPECT_GE(calls, 20U);
}

TEST_F(CrashTest, the_old_or_the_new_passphrase_opens_after_a_crash_in_a_change) {
    const auto folder_of = [&](const char* name) { return folder.path() / name; };
    {
        auto profile =
            Profile::create(folder_of("base"), passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
    }
    unsigned old_opens = 0;
    unsigned new_opens = 0;
    for (unsigned n = 1;; ++n) {
        copy_profile();
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto profile = Profile::open(copy(), passphrase, profile_options_for_tests);
            child.start();
            if (!profile || !profile->change_passphrase(passphrase, other_passphrase,
                                                        profile_options_for_tests, random)) {
                return 1;
            }
            child.say('c');
            return 0;
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        const auto with_old = Profile::open(copy(), passphrase, profile_options_for_tests);
        const bool old_one = with_old.has_value();
        if (!old_one) {
            ASSERT_EQ(with_old.error(), ProfileError::wrong_passphrase) << "call " << n;
            ASSERT_TRUE(Profile::open(copy(), other_passphrase, profile_options_for_tests)) << n;
        }
        ASSERT_FALSE(old_one && end.said == "c") << "a confirmed change was lost at call " << n;
        ++(old_one ? old_opens : new_opens);
        if (!end.killed) break;
    }
    EXPECT_GE(old_opens, 4U);
    EXPECT_GE(new_opens, 2U);
}

TEST_F(CrashTest, the_old_or_the_new_passphrase_opens_after_a_crash_in_a_change_of_key) {
    {
        auto profile =
            Profile::create(folder.path() / "base", passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
        commit(profile->store(), {incoming(1, bob, "hello"), session(bob, marker(1))});
    }
    unsigned old_opens = 0;
    unsigned new_opens = 0;
    for (unsigned n = 1;; ++n) {
        copy_profile();
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto profile = Profile::open(copy(), passphrase, profile_options_for_tests);
            child.start();
            if (!profile || !profile->change_key(passphrase, other_passphrase,
                                                 profile_options_for_tests, random)) {
                return 1;
            }
            child.say('c');
            return 0;
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        bool old_one = false;
        {
            auto opened = Profile::open(copy(), passphrase, profile_options_for_tests);
            old_one = opened.has_value();
            if (!old_one) {
                ASSERT_EQ(opened.error(), ProfileError::wrong_passphrase) << "call " << n;
                opened = Profile::open(copy(), other_passphrase, profile_options_for_tests);
            }
            ASSERT_TRUE(opened) << "call " << n << ": " << to_string(opened.error());
            const Snapshot snapshot = load(opened->store());
            ASSERT_EQ(snapshot.sessions.at(0).state, marker(1)) << "call " << n;
            ASSERT_FALSE(snapshot.rolled_back) << "call " << n;
        }
        ASSERT_FALSE(old_one && end.said == "c") << "a confirmed change was lost at call " << n;
        ASSERT_FALSE(std::filesystem::exists(copy() / "history.db.new")) << "call " << n;
        ++(old_one ? old_opens : new_opens);
        if (!end.killed) break;
    }
    EXPECT_GE(old_opens, 10U);
    EXPECT_GE(new_opens, 3U);
}

// A profile that is half made is absent or can be opened; nothing in between that needs help.
TEST_F(CrashTest, a_crash_while_a_profile_is_made_leaves_none_or_one_that_opens) {
    unsigned calls = 0;
    unsigned none = 0;
    for (unsigned n = 1;; n += 1 + n / 12) {  // the last hundreds are SQLite making its file
        std::filesystem::remove_all(copy());
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            child.start();
            auto profile = Profile::create(copy(), passphrase, profile_options_for_tests, random);
            return profile ? 0 : 1;
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        const auto state = Profile::look(copy());
        ASSERT_TRUE(state) << "call " << n;
        auto opened = Profile::open(copy(), passphrase, profile_options_for_tests);
        if (*state == ProfileState::absent) {
            ++none;
            ASSERT_EQ(opened.error(), ProfileError::absent);
            opened = Profile::create(copy(), passphrase, profile_options_for_tests, random);
        }
        ASSERT_TRUE(opened) << "call " << n << ": " << to_string(opened.error());
        ASSERT_FALSE(load(opened->store()).rolled_back) << "call " << n;
        calls = n;
        if (!end.killed) break;
    }
    EXPECT_GE(none, 5U);
    EXPECT_GE(calls, 100U);
}

TEST_F(CrashTest, a_crash_while_the_epoch_moves_is_no_rollback) {
    {
        auto profile = Profile::create(base(), passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
        commit(profile->store(), {session(bob, marker(1))});
    }
    for (unsigned n = 1;; ++n) {
        copy_profile();
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto profile = Profile::open(copy(), passphrase, profile_options_for_tests);
            child.start();
            return profile && profile->advance_epoch() ? 0 : 1;
        });
        if (end.unsupported)
            GTEST_SKIP() << "NO TRACING HERE: crash tests of the store did not run";
        auto opened = Profile::open(copy(), passphrase, profile_options_for_tests);
        ASSERT_TRUE(opened) << "call " << n;
        const Snapshot snapshot = load(opened->store());
        ASSERT_FALSE(snapshot.rolled_back) << "call " << n;
        ASSERT_EQ(snapshot.sessions.size(), 1U) << "call " << n;
        if (!end.killed) break;
    }
}

}  // namespace
}  // namespace sotto::peer::store
