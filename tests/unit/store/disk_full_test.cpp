// A disk without room: an error that says so, nothing half-done, and everything works again later.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class DiskFullTest : public StoreTest {
protected:
    enum Code { passed = 0, failed = 1, no_mount = 2 };

    // In a child, because mounts and limits are a process' own.
    template <class Work>
    [[nodiscard]] static int in_child(const Work& work) {
        const pid_t child = ::fork();
        if (child == 0) {
            const int code = work();
            ::_exit(code == passed && ::testing::Test::HasFailure() ? failed : code);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    // Commits until there is no more room, then checks what is left and that room helps.
    void fill(const std::filesystem::path& where, const std::function<void()>& make_room) {
        auto store = Store::open(where / "history.db", key, small_log);
        ASSERT_TRUE(store);
        std::uint64_t stored = 0;
        StoreError error = StoreError::io;
        for (std::uint64_t row = 1; row < 3000; ++row) {
            const auto done = store->commit(std::vector<SaveOp>{
                incoming(row, bob, std::string(4000, 'x')), session(bob, bytes(1000))});
            if (!done) {
                error = done.error();
                break;
            }
            stored = row;
        }
        EXPECT_EQ(to_string(error), to_string(StoreError::disk_full));
        EXPECT_GT(stored, 10U);
        EXPECT_EQ(load(*store).next_row, stored + 1) << "after the failure";
        const auto history = History::open(where / "history.db", where / "search.db", key);
        EXPECT_TRUE(history) << "reading needs no room";

        make_room();
        commit(*store, {incoming(stored + 1, bob, "there is room again")});
        EXPECT_EQ(load(*store).next_row, stored + 2);
        ASSERT_TRUE(store->maintain());
        EXPECT_EQ(*store->database().number("SELECT count(*) FROM messages"),
                  static_cast<std::int64_t>(stored + 1));
    }
};

TEST_F(DiskFullTest, a_full_file_system) {
    const auto where = folder.path() / "small";
    std::filesystem::create_directory(where);
    const int code = in_child([&] {
        const int space = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
        if (::unshare(space) != 0) return no_mount;
        if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return no_mount;
        if (::mount("tmpfs", where.c_str(), "tmpfs", 0, "size=1500k") != 0) return no_mount;
        std::ofstream(where / "ballast") << std::string(300'000, 'b');
        fill(where, [&] { std::filesystem::remove(where / "ballast"); });
        return passed;
    });
    if (code == no_mount) GTEST_SKIP() << "NO MOUNTS HERE: the full file system was not tried";
    EXPECT_EQ(code, passed);
}

TEST_F(DiskFullTest, a_file_size_limit) {
    const int code = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = 1'000'000;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        fill(folder.path(), [&] {
            limit.rlim_cur = limit.rlim_max;
            ::setrlimit(RLIMIT_FSIZE, &limit);
        });
        return passed;
    });
    EXPECT_EQ(code, passed);
}

// Room for the log's reserve is not needed to open a profile, and what is there can be read.
TEST_F(DiskFullTest, a_profile_opens_on_a_full_disk) {
    const ByteView passphrase = crypto::as_bytes("passphrase");
    {
        auto profile =
            Profile::create(folder.path(), passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
        commit(profile->store(), {incoming(1, bob, "still readable")});
    }
    const int code = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = 150'000, .rlim_max = RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ProfileOptions options = profile_options_for_tests;
        options.store.log_room_pages = 1024;
        auto profile = Profile::open(folder.path(), passphrase, options);
        EXPECT_TRUE(profile) << (profile ? "" : to_string(profile.error()));
        if (!profile) return failed;
        EXPECT_EQ(load(profile->store()).next_row, 2U);
        const auto refused = profile->store().commit(
            std::vector<SaveOp>{incoming(2, bob, std::string(200'000, 'x'))});
        EXPECT_FALSE(refused);
        return passed;
    });
    EXPECT_EQ(code, passed);
    auto profile = Profile::open(folder.path(), passphrase, profile_options_for_tests);
    ASSERT_TRUE(profile);
    EXPECT_FALSE(load(profile->store()).rolled_back);
}

}  // namespace
}  // namespace sotto::peer::store
