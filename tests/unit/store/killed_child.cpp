#include "killed_child.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "crypto/result.hpp"

namespace sotto::peer::store {
namespace {

constexpr int syscall_stop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD marks them so

pid_t wait_for(pid_t child, int& status) {
    pid_t got = -1;
    do {
        got = ::waitpid(child, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

const char* name_of_call(pid_t child) {
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0) return nullptr;
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return nullptr;
    switch (info.entry.nr) {
        case SYS_write:
        case SYS_pwrite64:
            return "write";
        case SYS_fsync:
        case SYS_fdatasync:
            return "sync";
#ifdef SYS_rename
        case SYS_rename:
#endif
        case SYS_renameat:
        case SYS_renameat2:
            return "rename";
        default:
            return nullptr;
    }
}

[[noreturn]] void be_child(int descriptor, const std::function<int(const Child&)>& work) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(111);
    ::_exit(work(Child(descriptor)));
}

// Follows the child from its first stop (start()) to its end or to the n-th system call.
ChildEnd follow(pid_t child, unsigned n) {
    ChildEnd end;
    int status = 0;
    if (wait_for(child, status) != child) return {.unsupported = true};
    if (WIFEXITED(status)) return {.unsupported = WEXITSTATUS(status) == 111, .exit_code = -1};
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    unsigned stops = 0;  // entry and exit of each call
    int signal = 0;
    for (;;) {
        if (::ptrace(PTRACE_SYSCALL, child, nullptr, signal) != 0) break;
        if (wait_for(child, status) != child || WIFEXITED(status) || WIFSIGNALED(status)) break;
        signal = 0;
        if (WSTOPSIG(status) != syscall_stop) {
            signal = WSTOPSIG(status);
            continue;
        }
        if (n == never_killed) {
            if (const char* name = name_of_call(child)) end.calls.emplace_back(name);
        }
        if (++stops == 2 * n - 1) {
            ::kill(child, SIGKILL);
            end.killed = true;
            wait_for(child, status);  // its locks are free once it is gone
            break;
        }
    }
    end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return end;
}

}  // namespace

void Child::start() const {
    ::raise(SIGSTOP);
}

void Child::say(char c) const {
    crypto::ensure(::write(descriptor_, &c, 1) == 1, "the parent does not listen");
}

void Child::end(int exit_code) {
    ::_exit(exit_code);
}

ChildEnd run_killed_at(unsigned n, const std::function<int(const Child&)>& work) {
    int pipe[2] = {-1, -1};
    crypto::ensure(::pipe(pipe) == 0, "no pipe");
    const pid_t child = ::fork();
    crypto::ensure(child >= 0, "no child");
    if (child == 0) {
        ::close(pipe[0]);
        be_child(pipe[1], work);
    }
    ::close(pipe[1]);
    ChildEnd end = follow(child, n);
    char c = 0;
    while (::read(pipe[0], &c, 1) == 1)
        end.said += c;
    ::close(pipe[0]);
    return end;
}

}  // namespace sotto::peer::store
