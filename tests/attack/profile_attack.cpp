// Attacks on the files of a profile: yesterday's copy put back, two programs at once, a crash in
// the middle of a change of passphrase.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "tests/unit/crypto/party.hpp"
#include "tests/unit/store/killed_child.hpp"
#include "tests/unit/store/store_fixture.hpp"

namespace sotto::peer::store {
namespace {

namespace fs = std::filesystem;

const ByteView passphrase = crypto::as_bytes("correct horse");
const ByteView fresh_passphrase = crypto::as_bytes("battery staple");

class ProfileAttack : public StoreTest {
protected:
    [[nodiscard]] fs::path where() const { return folder.path() / "profile"; }
    [[nodiscard]] Result<Profile, ProfileError> open(ByteView with = passphrase) const {
        return Profile::open(where(), with, profile_options_for_tests);
    }
    void make() {
        auto profile = Profile::create(where(), passphrase, profile_options_for_tests, random);
        ASSERT_TRUE(profile);
        commit(profile->store(), {session(bob, marker(1)), incoming(1, bob, "hello")});
    }
    void put_back(const fs::path& copy) const {
        fs::remove(where() / "history.db-wal");
        fs::remove(where() / "history.db-shm");
        fs::copy_file(copy, where() / "history.db", fs::copy_options::overwrite_existing);
    }
};

// --- 22 ---------------------------------------------------------------------------------------

class Attack22DatabaseRollback : public ProfileAttack {};

TEST_F(Attack22DatabaseRollback, YesterdaysDatabaseIsKnownAndItsSessionsAreLost) {
    make();
    const fs::path yesterday = folder.path() / "yesterday.db";
    fs::copy_file(where() / "history.db", yesterday);
    {
        auto profile = open();  // a day goes by: opened again, and an hour passed
        ASSERT_TRUE(profile);
        commit(profile->store(), {session(bob, marker(2)), incoming(2, bob, "later")});
        ASSERT_TRUE(profile->advance_epoch());
    }
    put_back(yesterday);
    auto profile = open();
    ASSERT_TRUE(profile);
    const Snapshot snapshot = load(profile->store());
    EXPECT_TRUE(snapshot.rolled_back);
    EXPECT_TRUE(snapshot.sessions.empty()) << "their message keys may have been used";
}

// Whoever has database and header of one day, but no key, cannot write another number into either.
TEST_F(Attack22DatabaseRollback, TheHeadersNumberCannotBeTurnedBackWithoutTheKey) {
    make();
    Bytes header = *read_file(where() / "vault.hdr", crypto::vault_header_size);
    constexpr std::size_t epoch_at = 109;
    for (std::size_t at = epoch_at; at < epoch_at + 8; ++at) {
        Bytes forged = header;
        forged[at] ^= 1U;
        ASSERT_TRUE(replace_file(where(), "vault.hdr", forged));
        const auto opened = open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error(), ProfileError::header_damaged);
    }
    ASSERT_TRUE(replace_file(where(), "vault.hdr", header));
    EXPECT_TRUE(open());
}

// Where nobody notices (the whole folder was put back): message keys come again, nonces do not.
TEST_F(Attack22DatabaseRollback, NoNonceRepeatsUnderAKeyThatDoes) {
    crypto::test::Party anna({.seed = 22});
    crypto::test::Party ben({.seed = 23});
    auto started = crypto::initiate(anna.identity(), ben.bundle(true), ben.known(),
                                    crypto::test::now_ms, anna.random);
    ASSERT_TRUE(started);
    const auto snapshot = started->ratchet.serialise();
    std::set<Bytes> header_nonces;
    std::set<Bytes> body_nonces;
    constexpr int restores = 20;
    constexpr int messages = 10;
    for (int restored = 0; restored < restores; ++restored) {
        auto ratchet = crypto::Ratchet::deserialise(snapshot);
        ASSERT_TRUE(ratchet);
        for (int n = 0; n < messages; ++n) {
            const auto message = ratchet->encrypt(crypto::as_bytes("again"), anna.random);
            ASSERT_TRUE(message);
            const ByteView bytes(*message);
            const ByteView header = bytes.subspan(1 + 16 + 2, 24);
            const ByteView body = bytes.subspan(1 + 16 + 2 + 81, 24);
            header_nonces.insert(Bytes(header.begin(), header.end()));
            body_nonces.insert(Bytes(body.begin(), body.end()));
        }
    }
    EXPECT_EQ(header_nonces.size(), std::size_t{restores * messages});
    EXPECT_EQ(body_nonces.size(), std::size_t{restores * messages});
}

// --- 23 ---------------------------------------------------------------------------------------

class Attack23SameDatabaseTwice : public ProfileAttack {
protected:
    // What another process gets when it opens the profile.
    [[nodiscard]] int open_elsewhere() const {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto second = open();
            ::_exit(second ? 1 : second.error() == ProfileError::in_use ? 42 : 2);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

TEST_F(Attack23SameDatabaseTwice, TheSecondIsRefusedAndTheFirstGoesOn) {
    make();
    auto first = open();
    ASSERT_TRUE(first);
    EXPECT_EQ(open_elsewhere(), 42);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), ProfileError::in_use);
    commit(first->store(), {session(bob, marker(2))});
    ASSERT_TRUE(first->advance_epoch());
    EXPECT_EQ(load(first->store()).sessions.at(0).state, marker(2));
    EXPECT_FALSE(load(first->store()).rolled_back);
}

TEST_F(Attack23SameDatabaseTwice, AKilledProgramLocksNobodyOut) {
    make();
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = open();
        const char opened = held ? 'o' : 'x';
        if (::write(pipe[1], &opened, 1) == 1) ::pause();
        ::_exit(1);
    }
    char said = 0;
    ASSERT_EQ(::read(pipe[0], &said, 1), 1);
    EXPECT_EQ(said, 'o');
    const auto meanwhile = open();
    ASSERT_FALSE(meanwhile);
    EXPECT_EQ(meanwhile.error(), ProfileError::in_use);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(open());
    ::close(pipe[0]);
    ::close(pipe[1]);
}

// --- 39 ---------------------------------------------------------------------------------------

class Attack39VaultOnDisk : public ProfileAttack {};

// As the runtime does it: the header is made elsewhere and put in place here.
TEST_F(Attack39VaultOnDisk, KilledAtAnySystemCallOldOrNewOpensAndNeverNeither) {
    make();
    const fs::path base = folder.path() / "base";
    fs::copy(where(), base);
    unsigned old_opens = 0;
    unsigned new_opens = 0;
    for (unsigned n = 1;; ++n) {
        fs::remove_all(where());
        fs::copy(base, where());
        const ChildEnd end = run_killed_at(n, [&](const Child& child) {
            auto profile = open();
            if (!profile) return 1;
            const auto header = crypto::change_passphrase(
                profile->header(), passphrase, fresh_passphrase, profile_options_for_tests.cost,
                profile_options_for_tests.limits, random);
            child.start();
            if (!header || !profile->adopt_header(*header)) return 2;
            child.say('c');
            return 0;
        });
        if (end.unsupported) GTEST_SKIP() << "NO TRACING HERE: a changed passphrase was not killed";
        const bool with_old = open().has_value();
        const bool with_new = open(fresh_passphrase).has_value();
        ASSERT_NE(with_old, with_new) << "exactly one of them, at call " << n;
        ASSERT_FALSE(with_old && end.said == "c") << "a confirmed change was lost at call " << n;
        ++(with_old ? old_opens : new_opens);
        if (!end.killed) break;
    }
    EXPECT_GE(old_opens, 4U);
    EXPECT_GE(new_opens, 2U);
}

TEST_F(Attack39VaultOnDisk, AnEpochThatMovedMeanwhileIsKeptAndAForeignHeaderIsNot) {
    make();
    auto profile = open();
    ASSERT_TRUE(profile);
    const auto header = crypto::change_passphrase(profile->header(), passphrase, fresh_passphrase,
                                                  profile_options_for_tests.cost,
                                                  profile_options_for_tests.limits, random);
    ASSERT_TRUE(header);
    ASSERT_TRUE(profile->advance_epoch());  // the hour struck while the hash was at work
    ASSERT_TRUE(profile->adopt_header(*header));
    const auto foreign = crypto::create_vault(passphrase, profile_options_for_tests.cost,
                                              profile_options_for_tests.limits, random);
    ASSERT_TRUE(foreign);
    const auto refused = profile->adopt_header(foreign->header);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), ProfileError::header_damaged);
    const auto epoch = profile->store().epoch();
    profile = Unexpected(ProfileError::absent);  // closed
    const Bytes written = *read_file(where() / "vault.hdr", crypto::vault_header_size);
    const auto opened =
        crypto::open_vault(written, fresh_passphrase, profile_options_for_tests.limits);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->state_epoch, *epoch);
    auto again = open(fresh_passphrase);
    ASSERT_TRUE(again);
    EXPECT_FALSE(load(again->store()).rolled_back);
}

}  // namespace
}  // namespace sotto::peer::store
