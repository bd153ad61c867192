#include "peer/store/files.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "killed_child.hpp"
#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

class FilesTest : public StoreTest {};

TEST_F(FilesTest, a_file_is_replaced_as_a_whole) {
    const Bytes first = bytes(1000);
    const Bytes second = bytes(70'000);
    ASSERT_TRUE(replace_file(folder.path(), "some", first));
    EXPECT_EQ(*read_file(folder.path() / "some", 1000), first);
    ASSERT_TRUE(replace_file(folder.path(), "some", second));
    EXPECT_EQ(*read_file(folder.path() / "some", 70'000), second);
    ASSERT_TRUE(replace_file(folder.path(), "some", {}));
    EXPECT_EQ(*read_file(folder.path() / "some", 0), Bytes());
}

TEST_F(FilesTest, reading_is_bounded) {
    ASSERT_TRUE(replace_file(folder.path(), "some", bytes(101)));
    EXPECT_TRUE(read_file(folder.path() / "some", 101));
    EXPECT_EQ(read_file(folder.path() / "some", 100).error(), FileError::too_big);
    EXPECT_EQ(read_file(folder.path() / "none", 100).error(), FileError::not_found);
}

TEST_F(FilesTest, what_an_interrupted_replacement_left_is_no_obstacle) {
    std::ofstream(folder.path() / "some.new") << std::string(5000, 'x');
    ASSERT_TRUE(replace_file(folder.path(), "some", bytes(10)));
    EXPECT_EQ(read_file(folder.path() / "some", 100)->size(), 10U);
}

TEST_F(FilesTest, the_content_is_on_the_disk_before_the_name_changes_and_the_name_after) {
    const ChildEnd end = run_killed_at(never_killed, [&](const Child& child) {
        child.start();
        return replace_file(folder.path(), "some", crypto::as_bytes("content")) ? 0 : 1;
    });
    if (end.unsupported)
        GTEST_SKIP() << "NO TRACING HERE: the order of the calls was not looked at";
    EXPECT_EQ(end.calls, (std::vector<std::string>{"write", "sync", "rename", "sync"}));
    EXPECT_EQ(end.exit_code, 0);
}

TEST_F(FilesTest, a_lock_excludes_until_its_owner_is_gone) {
    const auto file = folder.path() / "lock";
    {
        const auto first = try_lock_file(file);
        ASSERT_TRUE(first);
        ASSERT_TRUE(first->has_value());
        const auto second = try_lock_file(file);
        ASSERT_TRUE(second);
        EXPECT_FALSE(second->has_value());
    }
    EXPECT_TRUE(try_lock_file(file)->has_value());
}

TEST_F(FilesTest, a_killed_process_leaves_no_lock) {
    const auto file = folder.path() / "lock";
    int pipe[2] = {-1, -1};
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = try_lock_file(file);
        const char c = lock && lock->has_value() ? '+' : '-';
        if (::write(pipe[1], &c, 1) != 1) ::_exit(1);
        for (;;)
            ::pause();
    }
    char c = 0;
    ASSERT_EQ(::read(pipe[0], &c, 1), 1);
    EXPECT_EQ(c, '+');
    EXPECT_FALSE(try_lock_file(file)->has_value());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(try_lock_file(file)->has_value());
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST_F(FilesTest, the_folder_of_another_user_is_refused) {
    if (::geteuid() != 0) GTEST_SKIP() << "NOT ROOT: no folder of another user to try";
    const auto other = folder.path() / "other";
    std::filesystem::create_directory(other);
    ASSERT_EQ(::chown(other.c_str(), 12345, 12345), 0);
    const auto made = make_private_folder(other);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error(), FileError::not_ours);
}

}  // namespace
}  // namespace sotto::peer::store
