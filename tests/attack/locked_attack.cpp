// A locked program, looked at by somebody who may read all of its memory (the tests' parent, as
// root): no key, no passphrase and no text is in it. Real programs, over loopback.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "crypto/init.hpp"
#include "peer/store/database.hpp"
#include "peer/store/profile.hpp"
#include "tests/e2e/people.hpp"

namespace sotto::e2e {
namespace {

struct Needle {
    std::string what;
    std::string bytes;
};

std::string string_of(crypto::ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

// What of the needles stands in the memory of a process; nothing where it may not be read.
std::optional<std::set<std::string>> found_in(pid_t pid, const std::vector<Needle>& needles) {
    const std::string base = "/proc/" + std::to_string(pid);
    const int memory = ::open((base + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return std::nullopt;
    std::set<std::string> out;
    std::ifstream maps(base + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream in(line);
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        char dash = 0;
        std::string rights;
        in >> std::hex >> from >> dash >> to >> rights;
        // Code and constants are the file's; what a process learnt is where it can write.
        if (rights.size() < 2 || rights[0] != 'r' || rights[1] != 'w') continue;
        std::string content(to - from, '\0');
        const auto got = ::pread(memory, content.data(), content.size(), static_cast<off_t>(from));
        if (got <= 0) continue;
        content.resize(static_cast<std::size_t>(got));
        for (const Needle& needle : needles)
            if (content.find(needle.bytes) != std::string::npos) out.insert(needle.what);
    }
    ::close(memory);
    return out;
}

void add(std::vector<Needle>& to, const std::string& what, crypto::ByteView bytes) {
    to.push_back({what, string_of(bytes)});
    to.push_back({what + " in hex", crypto::to_hex(bytes)});
}

// A stored session: version, active, since u64, u16 prefix, then the ratchet
// (docs/protocol.md 2.6).
void add_session(std::vector<Needle>& to, crypto::ByteView blob) {
    crypto::Reader in(blob);
    const auto skip = [&](std::size_t size) { static_cast<void>(in.raw(size)); };
    skip(10);
    static_cast<void>(in.sized16());
    skip(2);
    const std::uint8_t flags = in.u8();
    skip(1 + 16 + 32);
    add(to, "root key", in.raw(32));
    skip(32);
    if ((flags & 2) != 0) add(to, "ratchet secret", in.raw(32));
    if ((flags & 4) != 0) skip(32);
    for (const unsigned chain : {8U, 16U}) {
        if ((flags & chain) == 0) continue;
        add(to, "chain key", in.raw(32));
        add(to, "header key", in.raw(32));
    }
    add(to, "next header key", in.raw(32));
    ASSERT_TRUE(in.ok());
}

// Everything secret that the profile holds. Nobody may have it open.
std::vector<Needle> secrets_of(const std::filesystem::path& folder, const std::string& passphrase) {
    std::vector<Needle> out;
    std::ifstream file(folder / "vault.hdr", std::ios::binary);
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    const auto vault = crypto::open_vault(crypto::as_bytes(header), crypto::as_bytes(passphrase),
                                          crypto::password_cost_limits);
    EXPECT_TRUE(vault);
    add(out, "database key", vault->key.view());
    auto profile = peer::store::Profile::open(folder, crypto::as_bytes(passphrase),
                                              peer::store::profile_options_default);
    EXPECT_TRUE(profile);
    const auto snapshot = profile->store().load();
    EXPECT_TRUE(snapshot && snapshot->self);
    crypto::Reader keys(snapshot->self->keys);
    static_cast<void>(keys.u8());
    add(out, "account key", keys.raw(32));
    add(out, "device signing key", keys.raw(32));
    add(out, "device identity key", keys.raw(32));
    for (const auto& prekey : snapshot->prekeys)
        add(out, "prekey", crypto::ByteView(prekey.secret).last(32));
    EXPECT_FALSE(snapshot->sessions.empty());
    for (const auto& session : snapshot->sessions)
        add_session(out, session.state);
    return out;
}

class Attack40LockedApp : public People {
protected:
    void SetUp() override {
        crypto::initialise();
        alice.password = "alice's passphrase 5e1f, never to be seen";
        register_and_befriend(Direct::no);
        expect_state(alice, send(alice, "bob", sent_), "delivered");
        expect_state(bob, send(bob, "alice", received_), "delivered");
        alice.expect({{"event", "message"}, {"text", received_}});
        ASSERT_EQ(history_texts(alice, "bob", false), std::vector<std::string>{received_});
        ASSERT_EQ(alice.ask({{"command", "draft"}, {"peer", "bob"}, {"text", draft_}}).at("event"),
                  "done");
    }
    [[nodiscard]] std::vector<Needle> texts() const {
        return {{"a text sent", sent_},
                {"a text received", received_},
                {"the request", "Hello Bob, it is Alice."},
                {"a draft", draft_},
                {"the passphrase", alice.password}};
    }
    const std::string sent_ = "The harbour at dawn, bring both letters (4711).";
    const std::string draft_ = "Typed and not sent: the third letter is missing (5512).";
    const std::string received_ = "Understood: the harbour, both letters (8899).";
};

TEST_F(Attack40LockedApp, HasNoKeyPassphraseOrTextInItsMemory) {
#ifndef SOTTO_WIPING_DELETE
    GTEST_SKIP() << "A SANITIZER'S BUILD keeps what is freed, unwiped: its memory was not searched";
#endif
    const pid_t pid = alice.process().pid();
    const auto before = found_in(pid, texts());
    if (!before) GTEST_SKIP() << "NOT ROOT: the memory of a locked program was not searched";
    EXPECT_TRUE(before->contains("a text received") || before->contains("a text sent"))
        << "the search finds what is there";

    ASSERT_EQ(alice.ask({{"command", "lock"}}).at("event"), "done");
    auto needles = secrets_of(alice.profile(), alice.password);
    EXPECT_GE(needles.size(), 100U);  // fifty one-time prekeys alone
    const auto after = found_in(pid, needles);
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, std::set<std::string>{});
    EXPECT_EQ(*found_in(pid, texts()), std::set<std::string>{});
    // The draft waits on the disk. It can be opened again, and the keys are found while it is: the
    // search is not blind to them.
    alice.tell({{"command", "unlock"}, {"passphrase", alice.password}});
    const Json opened = alice.expect({{"event", "opened"}});
    ASSERT_EQ(opened.at("drafts").size(), 1U);
    EXPECT_EQ(opened.at("drafts")[0].at("text"), draft_);
    EXPECT_TRUE(found_in(pid, needles)->contains("database key"));
}

TEST_F(Attack40LockedApp, LeavesNoCoreAndLetsNobodyOfTheSameUserRead) {
    rlimit core{.rlim_cur = 1, .rlim_max = 1};
    ASSERT_EQ(::prlimit(alice.process().pid(), RLIMIT_CORE, nullptr, &core), 0);
    EXPECT_EQ(core.rlim_cur, 0U);
    EXPECT_EQ(core.rlim_max, 0U) << "the program cannot be talked out of it";
    // What may not be dumped belongs to root in /proc, whoever runs it.
    if (::geteuid() == 0 && std::filesystem::exists("/proc/self/mem")) {
        const auto reads = [&] {
            const int file = ::open(
                ("/proc/" + std::to_string(alice.process().pid()) + "/mem").c_str(), O_RDONLY);
            if (file >= 0) ::close(file);
            return file >= 0;
        };
        ASSERT_EQ(::seteuid(65534), 0);
        const bool stranger_reads = reads();
        ASSERT_EQ(::seteuid(0), 0);
        EXPECT_FALSE(stranger_reads);
    }
    alice.process().signal(SIGABRT);  // not SIGSEGV, for which a sanitizer has a handler
    EXPECT_EQ(alice.process().wait(), 128 + SIGABRT);
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::current_path())) {
        EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();
    }
}

TEST_F(Attack40LockedApp, WritesNoSecretToItsLog) {
    ASSERT_EQ(alice.ask({{"command", "lock"}}).at("event"), "done");
    alice.tell({{"command", "unlock"}, {"passphrase", "wrong, and still not for the log 31"}});
    alice.expect({{"event", "error"}, {"code", "wrong_passphrase"}});
    auto needles = secrets_of(alice.profile(), alice.password);
    for (Needle& text : texts())
        needles.push_back(std::move(text));
    needles.push_back({"a wrong passphrase", "wrong, and still not for the log 31"});
    const std::string log = alice.process().errors();
    for (const Needle& needle : needles)
        EXPECT_EQ(log.find(needle.bytes), std::string::npos) << needle.what;
}

// The passphrase is changed in the running program; the old one is of no use from then on.
TEST_F(Attack40LockedApp, IsNotOpenedByTheOldPassphraseAfterAChange) {
    const std::string fresh = "another passphrase 77aa";
    const Json wrong =
        alice.ask({{"command", "change_passphrase"}, {"old", "not this one"}, {"new", fresh}});
    EXPECT_TRUE(JsonClient::has(wrong, {{"event", "error"}, {"code", "wrong_passphrase"}}));
    const Json done =
        alice.ask({{"command", "change_passphrase"}, {"old", alice.password}, {"new", fresh}});
    ASSERT_TRUE(JsonClient::has(done, {{"event", "done"}})) << done.dump();
    expect_state(alice, send(alice, "bob", "still talking"), "delivered");
    ASSERT_EQ(alice.ask({{"command", "lock"}}).at("event"), "done");
    const Json refused = alice.ask({{"command", "unlock"}, {"passphrase", alice.password}});
    EXPECT_TRUE(JsonClient::has(refused, {{"code", "wrong_passphrase"}})) << refused.dump();
    alice.password = fresh;
    alice.unlock();
    EXPECT_FALSE(history_texts(alice, "bob", true).empty());
}

// A thief has a backup of the header and knows its passphrase: a new key shuts them out.
TEST_F(Attack40LockedApp, ANewKeyMakesAnOldHeaderAndItsPassphraseUseless) {
    const auto header = alice.profile() / "vault.hdr";
    std::ifstream file(header, std::ios::binary);
    const std::string stolen{std::istreambuf_iterator<char>(file), {}};
    const std::string fresh = "another passphrase 88bb";
    ASSERT_EQ(alice
                  .ask({{"command", "change_passphrase"},
                        {"old", alice.password},
                        {"new", fresh},
                        {"new_key", true}})
                  .at("event"),
              "done");
    expect_state(alice, send(alice, "bob", "still talking"),
                 "delivered");  // online again by itself
    ASSERT_EQ(alice.ask({{"command", "lock"}}).at("event"), "done");
    const auto vault = crypto::open_vault(
        crypto::as_bytes(stolen), crypto::as_bytes(alice.password), crypto::password_cost_limits);
    ASSERT_TRUE(vault) << "what was stolen is what it was";
    const auto opened = peer::store::Database::open(alice.profile() / "history.db", vault->key, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), peer::store::StoreError::wrong_key);
    alice.password = fresh;
    alice.unlock();
}

}  // namespace
}  // namespace sotto::e2e
