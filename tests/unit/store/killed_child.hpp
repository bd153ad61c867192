// Runs work in a child process that is killed at one of its system calls: a crash at every point
// where the outside world could see a difference.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sotto::peer::store {

struct ChildEnd {
    bool killed = false;       ///< false: the work had ended before that system call
    bool unsupported = false;  ///< this system lets nobody trace
    int exit_code = 0;
    std::string said{};  ///< what the child wrote with say()
    /// Calls after start() that write, sync or rename, by name; only of a child never_killed.
    std::vector<std::string> calls{};
};

/// What the child can do besides its work.
class Child {
public:
    explicit Child(int descriptor) : descriptor_(descriptor) {}
    /// System calls count from here on.
    void start() const;
    /// One character to the parent, at once.
    void say(char c) const;
    /// Ends it here, without closing anything.
    [[noreturn]] static void end(int exit_code);

private:
    int descriptor_;
};

inline constexpr unsigned never_killed = 1'000'000;

/// `work` runs in a copy of this process and returns its exit code. It is killed before its n-th
/// system call (1, 2, ...) after start() is carried out; never_killed: only watched.
[[nodiscard]] ChildEnd run_killed_at(unsigned n, const std::function<int(const Child&)>& work);

}  // namespace sotto::peer::store
