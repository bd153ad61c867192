// The real program under more than it can serve: silent connections, no descriptors left, readers
// that do not read, a ZAP handler that does not answer.
#include "tests/e2e/rendezvous_clients.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

namespace sotto::e2e {
namespace {

using namespace rendezvous;
using namespace rendezvous::testing;

class Overload : public RealRendezvous {
protected:
    explicit Overload(RendezvousOptions options = {.limits_factor = 1000})
        : RealRendezvous(std::move(options)) {
        expect_served(1'000'000);  // both connections stand before things go wrong
    }
    Member anna = member("anna");
    std::unique_ptr<RawClient> sender = client();

    // Mail over connections that stand already.
    void expect_served(std::uint64_t number) {
        (void)sender->ask_for<Accepted>(
            mail_with_token(anna.person.address(), anna.token, envelope_of(number), Bytes(600, 1)));
        const Mail mail = anna.client->next_push<Mail>();
        (void)anna.client->ask_for<Ok>(AckMail{{mail.row}});
    }
};

// --- connections that say nothing --------------------------------------------------------------

TEST_F(Overload, SilentConnectionsCostLittleAndAreCutOff) {
    const std::size_t before = resident_bytes(server.process().pid());
    std::vector<std::unique_ptr<TcpClient>> silent;
    for (int i = 0; i < 600; ++i) {
        silent.push_back(std::make_unique<TcpClient>(server.port()));
        // Some begin to speak and stop.
        if (i % 3 == 1) silent.back()->send(std::string("\xff\0\0\0\0\0\0\0\x01\x7f", 10));
        if (i % 3 == 2) silent.back()->send("\xff");
    }
    expect_served(1);
    expect_serves();
    EXPECT_LT(resident_bytes(server.process().pid()), before + (32U << 20) + sanitizer_bytes);
    for (const auto& each : silent)
        EXPECT_TRUE(each->closed_by_server());
    expect_served(2);
}

// --- descriptors -------------------------------------------------------------------------------

class FewDescriptors : public Overload {
protected:
    FewDescriptors() : Overload({.limits_factor = 1000, .descriptors = 100}) {}
};

TEST_F(FewDescriptors, WhoIsInIsServedAndOthersGetInWhenThereIsRoomAgain) {
    EXPECT_NE(server.process().errors().find("raise the hard limit"), std::string::npos)
        << "the operator is told at the start";
    std::vector<std::unique_ptr<TcpClient>> silent;
    for (int i = 0; i < 300; ++i)
        silent.push_back(std::make_unique<TcpClient>(server.port()));
    for (std::uint64_t i = 0; i < 50; ++i)
        expect_served(i);
    const auto newcomer = client();
    silent.clear();
    EXPECT_EQ(newcomer->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    expect_served(50);
}

// The ZAP handler changes its socket five seconds after somebody came, and needs a descriptor for
// it.
TEST_F(FewDescriptors, TheZapHandlerOutlivesThatThereAreNone) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "UBSan looks at an exception's type through a pipe, and here there is none";
#endif
    std::vector<std::unique_ptr<RawClient>> speakers;
    for (int i = 0; i < 120; ++i) {
        speakers.push_back(client());
        const Bytes ping = encode(RequestFrame{1, Ping{}});
        (void)speakers.back()->socket().send(zmq::const_buffer(ping.data(), ping.size()),
                                             zmq::send_flags::dontwait);
    }
    // Served all along: the change that fails comes five seconds after the last one got in.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    for (std::uint64_t i = 100; std::chrono::steady_clock::now() < until; ++i)
        expect_served(i);
    speakers.clear();
    const auto newcomer = unconnected_client();
    EventWatch watch(context, newcomer->socket(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    newcomer->connect(server.endpoint());
    EXPECT_EQ(watch.wait(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    EXPECT_EQ(newcomer->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
}

// --- places ------------------------------------------------------------------------------------

class FewPlaces : public RealRendezvous {
protected:
    FewPlaces() : RealRendezvous({.limits_factor = 1000, .max_clients = 10}) {}
};

// Who only pings holds a place until others need it. Those sent away come back at once, and again.
TEST_F(FewPlaces, MembersFindOneHoweverManyStrangersHoldTheRest) {
    const Member anna = member("anna");
    std::vector<std::unique_ptr<RawClient>> strangers;
    for (int i = 0; i < 40; ++i) {
        strangers.push_back(client());
        EXPECT_EQ(strangers.back()->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
    }
    const Error sent_away = [&] {
        while (true) {
            const ReplyFrame frame = strangers.front()->receive();
            if (const auto* error = std::get_if<Error>(&frame.reply)) return *error;
        }
    }();
    EXPECT_EQ(sent_away.code, ErrorCode::server_full);
    EXPECT_GT(sent_away.retry_after_ms, 0U);
    (void)anna.client->ask_for<Pong>(Ping{});
    const Member bob = member("bob");
    const auto again = client();
    (void)again->log_in(
        anna.person);  // the older session of the device ends, the newer has a place
    EXPECT_EQ(anna.client->next_push<SessionEnded>().reason, SessionEnd::replaced);
    expect_mail_arrives(bob, 1);
    (void)again->ask_for<Pong>(Ping{});
    (void)bob.client->ask_for<Pong>(Ping{});
}

// Ten connections that say nothing are half of the places' descriptors; a hundred change nothing.
TEST_F(FewPlaces, SilentConnectionsMakeRoomForEachOther) {
    const Member anna = member("anna");
    std::vector<std::unique_ptr<TcpClient>> silent;
    for (int i = 0; i < 100; ++i)
        silent.push_back(std::make_unique<TcpClient>(server.port()));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(silent.front()->closed_by_server());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9))
        << "it has ten for its handshake";
    expect_serves();
    expect_mail_arrives(anna, 1);
}

// --- readers that do not read ------------------------------------------------------------------

TEST_F(Overload, ClientsThatDoNotReadAreDisconnectedAndMemoryIsBounded) {
    // One short request for a page of all these names is answered with 4 KB.
    const auto registrar = client();
    for (int i = 0; i < 60; ++i)
        registrar->join(person("a-member-with-a-long-name-" + std::to_string(i)));
    (void)registrar->ask_for<Ok>(Logout{});
    constexpr int readers = 8;
    std::vector<Member> greedy;
    for (int i = 0; i < readers; ++i) {
        Member one{person("greedy" + std::to_string(i)), unconnected_client(), anna.token};
        one.client->socket().set(zmq::sockopt::rcvhwm, 1);
        one.client->socket().set(zmq::sockopt::rcvbuf, 4096);
        one.client->socket().set(zmq::sockopt::sndtimeo, 100);
        one.client->connect(server.endpoint());
        one.client->join(one.person);
        greedy.push_back(std::move(one));
    }
    (void)anna.client->ask_for<Ok>(Watch{true, {}});
    const std::size_t before = resident_bytes(server.process().pid());
    std::jthread flood([&greedy](const std::stop_token& stop) {
        const Bytes page = encode(RequestFrame{1, DirectoryPage{"", "", 100}});
        while (!stop.stop_requested()) {
            for (Member& each : greedy) {
                (void)each.client->socket().send(zmq::const_buffer(page.data(), page.size()),
                                                 zmq::send_flags::dontwait);
            }
        }
    });
    // Their own side reads nothing, not even the end of the connection; others are told.
    std::size_t most = 0;
    std::set<std::string> gone;
    while (gone.size() < readers) {
        for (const MemberEntry& entry : anna.client->next_push<Presence>().entries) {
            if (!entry.online) gone.insert(entry.username);
        }
        most = std::max(most, resident_bytes(server.process().pid()));
    }
    flood.request_stop();
    flood.join();
    // Per reader 128 frames of libzmq's and 256 of ours, 4 KB each; the rest is overhead.
    EXPECT_LT(most, before + (64U << 20) + sanitizer_bytes);
    expect_serves();
    (void)sender->ask_for<Accepted>(
        mail_with_token(anna.person.address(), anna.token, envelope_of(1), Bytes(600, 1)));
}

// Mail for somebody who stopped reading waits in the mailbox, and not in memory.
TEST_F(Overload, MailForAReaderThatStoppedReadingWaitsOnDisk) {
    Member sleeper{person("sleeper"), unconnected_client(), anna.token};
    sleeper.client->socket().set(zmq::sockopt::rcvhwm, 1);
    sleeper.client->socket().set(zmq::sockopt::rcvbuf, 4096);
    sleeper.client->connect(server.endpoint());
    sleeper.client->join(sleeper.person);
    sleeper.client->give_token(sleeper.token);
    const std::size_t before = resident_bytes(server.process().pid());
    constexpr std::uint64_t items = 800;  // 51 MB of the mailbox's 64 MiB
    for (std::uint64_t i = 0; i < items; ++i) {
        (void)sender->ask_for<Accepted>(mail_with_token(sleeper.person.address(), sleeper.token,
                                                        envelope_of(i), Bytes(64'000, 1)));
    }
    EXPECT_LT(resident_bytes(server.process().pid()), before + (32U << 20) + sanitizer_bytes);
    expect_served(items);
    const auto awake = client();
    EXPECT_EQ(awake->log_in(sleeper.person).mail_waiting, items);
}

// --- the ZAP handler ---------------------------------------------------------------------------

// One thread of the server, held from outside.
class HeldThread {
public:
    HeldThread(pid_t process, std::string_view name) {
        std::error_code no_proc;  // not mounted, as in a bare chroot
        for (const auto& task : std::filesystem::directory_iterator(
                 "/proc/" + std::to_string(process) + "/task", no_proc)) {
            std::string comm;
            std::getline(std::ifstream(task.path() / "comm") >> std::ws, comm);
            if (comm == name) thread_ = std::stoi(task.path().filename().string());
        }
        if (no_proc) return;
        if (thread_ <= 0) throw std::runtime_error("the server has no such thread");
        held_ = ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0 && stop(PTRACE_INTERRUPT);
    }
    ~HeldThread() { release(); }
    HeldThread(const HeldThread&) = delete;
    HeldThread& operator=(const HeldThread&) = delete;

    // False where the system allows no tracing.
    [[nodiscard]] bool is_held() const { return held_; }
    void release() {
        if (std::exchange(held_, false)) ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
    }
#if defined(__x86_64__)
    // Turns its next system call into the end of the thread.
    [[nodiscard]] bool end() {
        if (!held_ || !stop(PTRACE_SYSCALL)) return false;
        user_regs_struct registers{};
        if (ptrace(PTRACE_GETREGS, thread_, nullptr, &registers) != 0) return false;
        registers.orig_rax = SYS_exit;
        registers.rdi = 0;
        if (ptrace(PTRACE_SETREGS, thread_, nullptr, &registers) != 0) return false;
        held_ = false;
        if (ptrace(PTRACE_CONT, thread_, nullptr, nullptr) != 0) return false;
        int status = 0;
        return waitpid(thread_, &status, __WALL) == thread_ && WIFEXITED(status);
    }
#endif

private:
    bool stop(int how) {
        int status = 0;
        return ptrace(static_cast<decltype(PTRACE_CONT)>(how), thread_, nullptr, nullptr) == 0 &&
               waitpid(thread_, &status, __WALL) == thread_ && WIFSTOPPED(status);
    }
    pid_t thread_ = -1;
    bool held_ = false;
};

constexpr const char* no_tracing =
    "this system allows no tracing of the server (CAP_SYS_PTRACE, /proc)";
constexpr int let_in = ZMQ_EVENT_HANDSHAKE_SUCCEEDED;

TEST_F(Overload, WhileTheZapHandlerStallsNobodyGetsInAndWhoIsInIsServed) {
    HeldThread zap(server.process().pid(), "zap");
    if (!zap.is_held()) GTEST_SKIP() << no_tracing;
    const auto newcomer = unconnected_client();
    EventWatch watch(context, newcomer->socket(), let_in);
    newcomer->connect(server.endpoint());
    for (std::uint64_t i = 0; i < 200; ++i)
        expect_served(i);
    EXPECT_EQ(watch.wait(0), 0);
    zap.release();
    EXPECT_EQ(watch.wait(), let_in);
    EXPECT_EQ(newcomer->ask_for<Error>(Ping{}).code, ErrorCode::unknown_session);
}

#if defined(__x86_64__)
class ZapGone : public Overload {};

TEST_F(ZapGone, NobodyGetsInAndWhoIsInIsServed) {
    HeldThread zap(server.process().pid(), "zap");
    if (!zap.is_held()) GTEST_SKIP() << no_tracing;
    ASSERT_TRUE(zap.end());
    const auto newcomer = unconnected_client();
    EventWatch watch(context, newcomer->socket(), let_in);
    newcomer->connect(server.endpoint());
    for (std::uint64_t i = 0; i < 200; ++i)
        expect_served(i);
    EXPECT_EQ(watch.wait(0), 0) << "it fails closed";
    // libzmq waits for the socket of the thread that is no more, so it cannot end in order.
    server.kill();
    server.start();
}
#endif

}  // namespace
}  // namespace sotto::e2e
