#include "peer/store/profile.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "store_fixture.hpp"

namespace sotto::peer::store {
namespace {

const ByteView passphrase = crypto::as_bytes("correct horse");
const ByteView other = crypto::as_bytes("battery staple");

class ProfileTest : public StoreTest {
protected:
    [[nodiscard]] std::filesystem::path where() const { return folder.path() / "a" / "profile"; }
    [[nodiscard]] Result<Profile, ProfileError> create() {
        return Profile::create(where(), passphrase, profile_options_for_tests, random);
    }
    [[nodiscard]] Result<Profile, ProfileError> open(ByteView with = passphrase) const {
        return Profile::open(where(), with, profile_options_for_tests);
    }
    void make() {
        auto profile = create();
        ASSERT_TRUE(profile) << to_string(profile.error());
        commit(profile->store(), {session(bob, marker(1)), incoming(1, bob, "hello")});
    }
    [[nodiscard]] Bytes header() const {
        return *read_file(where() / "vault.hdr", crypto::vault_header_size);
    }
    [[nodiscard]] std::string error_of_open(ByteView with = passphrase) const {
        const auto opened = open(with);
        return std::string(opened ? "opened" : to_string(opened.error()));
    }
    [[nodiscard]] static std::string name(ProfileError error) {
        return std::string(to_string(error));
    }
};

TEST_F(ProfileTest, what_is_saved_is_there_after_locking_and_unlocking) {
    EXPECT_EQ(*Profile::look(where()), ProfileState::absent);
    EXPECT_EQ(error_of_open(), name(ProfileError::absent));
    EXPECT_FALSE(std::filesystem::exists(where())) << "looking makes nothing";
    make();
    EXPECT_EQ(*Profile::look(where()), ProfileState::locked);
    auto profile = open();
    ASSERT_TRUE(profile);
    EXPECT_EQ(load(profile->store()).sessions.at(0).state, marker(1));
    auto history = profile->open_history();
    ASSERT_TRUE(history);
    EXPECT_EQ(texts_of(history->page(bob, 0, 50)->messages), std::vector<std::string>{"hello"});
}

TEST_F(ProfileTest, a_wrong_passphrase_changes_nothing) {
    make();
    const Bytes before = header();
    EXPECT_EQ(error_of_open(other), name(ProfileError::wrong_passphrase));
    EXPECT_EQ(error_of_open({}), name(ProfileError::wrong_passphrase));
    EXPECT_EQ(header(), before);
    EXPECT_TRUE(open());
}

TEST_F(ProfileTest, an_existing_profile_is_never_overwritten) {
    make();
    const auto again = create();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), ProfileError::exists);
    EXPECT_TRUE(open());
}

TEST_F(ProfileTest, a_second_opener_is_refused_in_this_and_in_another_process) {
    make();
    {
        auto first = open();
        ASSERT_TRUE(first);
        EXPECT_EQ(error_of_open(), name(ProfileError::in_use));
        const pid_t child = ::fork();
        if (child == 0) {
            const auto second = open();
            ::_exit(!second && second.error() == ProfileError::in_use ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(WEXITSTATUS(status), 0);
        commit(first->store(), {session(bob, marker(2))});
    }
    EXPECT_TRUE(open());
}

TEST_F(ProfileTest, folder_and_files_are_for_the_owner_only) {
    make();
    auto profile = open();
    ASSERT_TRUE(profile);
    auto history = profile->open_history();
    ASSERT_TRUE(history);
    const auto mode = [](const std::filesystem::path& file) {
        struct stat status {};
        ::lstat(file.c_str(), &status);
        return status.st_mode & 0777;
    };
    EXPECT_EQ(mode(where()), 0700U);
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(where())) {
        ++files;
        EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
    }
    EXPECT_EQ(files, 8) << "header, lock, two databases with their logs";
}

TEST_F(ProfileTest, a_folder_open_to_others_is_closed_at_opening) {
    make();
    ASSERT_EQ(::chmod(where().c_str(), 0755), 0);
    ASSERT_TRUE(open());
    struct stat status {};
    ASSERT_EQ(::stat(where().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

// --- damage ------------------------------------------------------------------------------------

TEST_F(ProfileTest, a_changed_cut_or_longer_header_is_refused_and_kept) {
    make();
    const Bytes good = header();
    const auto with = [&](Bytes content) {
        EXPECT_TRUE(replace_file(where(), "vault.hdr", content));
        return error_of_open();
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes changed = good;
        changed[at] ^= 0x01;
        const std::string error = with(changed);
        EXPECT_TRUE(error == name(ProfileError::wrong_passphrase) ||
                    error == name(ProfileError::header_damaged) ||
                    error == name(ProfileError::cost_refused))
            << "byte " << at << ": " << error;
    }
    for (const std::size_t size : {0UL, 1UL, good.size() - 1, good.size() + 1, 100'000UL}) {
        Bytes resized = good;
        resized.resize(size);
        EXPECT_EQ(with(resized), name(ProfileError::header_damaged)) << size;
    }
    EXPECT_EQ(with(good), "opened");
}

TEST_F(ProfileTest, a_profile_made_for_tests_does_not_pass_as_a_real_one) {
    make();
    const auto opened = Profile::open(where(), passphrase, profile_options_default);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), ProfileError::cost_refused);
    ProfileOptions cheap = profile_options_default;
    cheap.cost = crypto::password_cost_for_tests;
    const auto created = Profile::create(folder.path() / "cheap", passphrase, cheap, random);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error(), ProfileError::cost_refused);
    EXPECT_EQ(*Profile::look(folder.path() / "cheap"), ProfileState::absent);
}

TEST_F(ProfileTest, a_missing_file_is_named_and_nothing_is_made_in_its_place) {
    make();
    const auto keep = folder.path() / "keep";
    std::filesystem::rename(where() / "history.db", keep);
    EXPECT_EQ(error_of_open(), name(ProfileError::database_missing));
    EXPECT_FALSE(std::filesystem::exists(where() / "history.db"));
    std::filesystem::rename(keep, where() / "history.db");

    std::filesystem::rename(where() / "vault.hdr", keep);
    EXPECT_EQ(error_of_open(), name(ProfileError::header_missing));
    const auto created = create();
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error(), ProfileError::header_missing) << "a history is never written over";
    std::filesystem::rename(keep, where() / "vault.hdr");
    EXPECT_EQ(error_of_open(), "opened");
}

TEST_F(ProfileTest, a_damaged_database_is_said_to_be_damaged) {
    make();
    {
        std::ofstream stream(where() / "history.db",
                             std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(40);
        stream << "damage";
    }
    EXPECT_EQ(error_of_open(), name(ProfileError::database_damaged));
}

TEST_F(ProfileTest, the_database_of_another_profile_is_refused) {
    make();
    auto foreign =
        Profile::create(folder.path() / "b", passphrase, profile_options_for_tests, random);
    ASSERT_TRUE(foreign);
    std::filesystem::copy_file(folder.path() / "b" / "history.db", where() / "history.db",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(error_of_open(), name(ProfileError::database_damaged));
}

TEST_F(ProfileTest, a_damaged_or_foreign_search_index_is_made_anew) {
    make();
    std::ofstream(where() / "search.db") << std::string(10'000, 'x');
    auto profile = open();
    ASSERT_TRUE(profile);
    auto history = profile->open_history();
    ASSERT_TRUE(history);
    EXPECT_EQ(history->search("ell", {}, 10)->messages.size(), 1U);
}

TEST_F(ProfileTest, a_link_or_a_folder_in_the_place_of_a_file_is_refused) {
    make();
    const auto keep = folder.path() / "keep";
    std::filesystem::rename(where() / "vault.hdr", keep);
    std::filesystem::create_symlink(keep, where() / "vault.hdr");
    EXPECT_EQ(error_of_open(), name(ProfileError::not_ours));
    std::filesystem::remove(where() / "vault.hdr");
    std::filesystem::create_directory(where() / "vault.hdr");
    EXPECT_EQ(error_of_open(), name(ProfileError::not_ours));
    std::filesystem::remove(where() / "vault.hdr");
    ASSERT_EQ(::mkfifo((where() / "vault.hdr").c_str(), 0600), 0);
    EXPECT_EQ(error_of_open(), name(ProfileError::not_ours)) << "and does not wait for a writer";
    std::filesystem::remove(where() / "vault.hdr");
    std::ofstream(folder.path() / "file") << "x";
    const auto created =
        Profile::create(folder.path() / "file", passphrase, profile_options_for_tests, random);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error(), ProfileError::not_ours);
}

// --- passphrase --------------------------------------------------------------------------------

TEST_F(ProfileTest, a_new_passphrase_replaces_the_old_one) {
    make();
    {
        auto profile = open();
        ASSERT_TRUE(profile);
        const auto wrong =
            profile->change_passphrase(other, other, profile_options_for_tests, random);
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error(), ProfileError::wrong_passphrase);
        ASSERT_TRUE(
            profile->change_passphrase(passphrase, other, profile_options_for_tests, random));
        commit(profile->store(), {session(bob, marker(2))});
        ASSERT_TRUE(profile->advance_epoch()) << "goes on with the new header";
    }
    EXPECT_EQ(error_of_open(), name(ProfileError::wrong_passphrase));
    auto profile = open(other);
    ASSERT_TRUE(profile);
    EXPECT_EQ(load(profile->store()).sessions.at(0).state, marker(2));
    EXPECT_FALSE(std::filesystem::exists(where() / "vault.hdr.new"));
}

TEST_F(ProfileTest, a_new_key_leaves_old_copies_of_the_header_behind) {
    make();
    const auto old_header = folder.path() / "old.hdr";
    std::filesystem::copy_file(where() / "vault.hdr", old_header);
    {
        auto profile = open();
        ASSERT_TRUE(profile);
        const auto wrong = profile->change_key(other, other, profile_options_for_tests, random);
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error(), ProfileError::wrong_passphrase);
        commit(profile->store(), {session(bob, marker(2))});
        ASSERT_TRUE(profile->change_key(passphrase, other, profile_options_for_tests, random));
        EXPECT_EQ(load(profile->store()).sessions.at(0).state, marker(2));
        commit(profile->store(), {session(bob, marker(3))});
        ASSERT_TRUE(profile->advance_epoch());
        auto history = profile->open_history();
        ASSERT_TRUE(history);
        EXPECT_EQ(history->search("ell", {}, 10)->messages.size(), 1U);
    }
    for (const char* left : {"history.db.new", "history.db.new-wal", "history.db.new-journal"}) {
        EXPECT_FALSE(std::filesystem::exists(where() / left)) << left;
    }
    EXPECT_EQ(error_of_open(), name(ProfileError::wrong_passphrase));
    {
        auto profile = open(other);
        ASSERT_TRUE(profile);
        EXPECT_FALSE(load(profile->store()).rolled_back);
        EXPECT_EQ(load(profile->store()).sessions.at(0).state, marker(3));
    }
    std::filesystem::copy_file(old_header, where() / "vault.hdr",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(error_of_open(), name(ProfileError::database_damaged))
        << "the old passphrase opens the old header, and the old key nothing";
}

TEST_F(ProfileTest, a_copy_under_a_foreign_key_is_removed) {
    make();
    for (const std::size_t size : {std::size_t{8192}, std::size_t{10}, std::size_t{0}}) {
        std::ofstream(where() / "history.db.new") << std::string(size, 'x');
        auto profile = open();
        ASSERT_TRUE(profile);
        EXPECT_EQ(load(profile->store()).sessions.size(), 1U) << size;
        EXPECT_FALSE(std::filesystem::exists(where() / "history.db.new"));
    }
}

// --- rollback ----------------------------------------------------------------------------------

TEST_F(ProfileTest, an_older_copy_of_the_database_is_noticed_and_loses_its_sessions) {
    make();
    const auto old = folder.path() / "old.db";
    std::filesystem::copy_file(where() / "history.db", old);
    {
        auto profile = open();
        ASSERT_TRUE(profile);
        EXPECT_FALSE(load(profile->store()).rolled_back);
        commit(profile->store(), {session(bob, marker(2)), incoming(2, bob, "later")});
    }
    std::filesystem::copy_file(old, where() / "history.db",
                               std::filesystem::copy_options::overwrite_existing);
    for (int opening = 0; opening < 2; ++opening) {
        auto profile = open();
        ASSERT_TRUE(profile);
        const Snapshot snapshot = load(profile->store());
        EXPECT_TRUE(snapshot.rolled_back) << "until the engine has dealt with it";
        EXPECT_TRUE(snapshot.sessions.empty()) << "their keys may have been used already";
        EXPECT_EQ(snapshot.next_row, 2U) << "history stays";
    }
    {
        auto profile = open();
        ASSERT_TRUE(profile);
        commit(profile->store(),
               {SaveSetting{.name = std::string(rolled_back_setting), .value = {}},
                session(bob, marker(3))});
    }
    auto profile = open();
    ASSERT_TRUE(profile);
    EXPECT_FALSE(load(profile->store()).rolled_back);
    EXPECT_EQ(load(profile->store()).sessions.size(), 1U);
}

TEST_F(ProfileTest, a_copy_from_within_one_session_is_noticed_once_the_epoch_moved) {
    make();
    const auto old = folder.path() / "old.db";
    {
        auto profile = open();
        ASSERT_TRUE(profile);
        ASSERT_TRUE(profile->store().maintain());
        std::filesystem::copy_file(where() / "history.db", old);
        ASSERT_TRUE(profile->advance_epoch());
    }
    std::filesystem::copy_file(old, where() / "history.db",
                               std::filesystem::copy_options::overwrite_existing);
    auto profile = open();
    ASSERT_TRUE(profile);
    EXPECT_TRUE(load(profile->store()).rolled_back);
}

TEST_F(ProfileTest, a_copy_of_the_whole_folder_opens_as_it_was) {
    make();
    const auto copy = folder.path() / "copy";
    std::filesystem::copy(where(), copy);
    ASSERT_TRUE(open());
    auto profile = Profile::open(copy, passphrase, profile_options_for_tests);
    ASSERT_TRUE(profile);
    EXPECT_FALSE(load(profile->store()).rolled_back);
}

}  // namespace
}  // namespace sotto::peer::store
