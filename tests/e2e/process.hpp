// A program under test, with its stdin, stdout and stderr as pipes.
//
// Lines of stdout are waited for with a deadline that only a failure reaches; nothing sleeps. Ends
// with its owner (SIGKILL), also when the test program is killed. stderr is kept and printed by
// failures.
#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sotto::e2e {

// Far above the slowest step on the slowest machine (two password hashes under a sanitizer).
inline constexpr std::chrono::seconds patience{30};

class Process {
public:
    Process(const std::filesystem::path& program, const std::vector<std::string>& arguments);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    void write(std::string_view text);
    // For more than a pipe holds: reads stdout meanwhile, so that neither side waits for the other.
    void write_and_drain(std::string_view text);
    void close_input();

    // The next line of stdout without its newline; nothing at the end of stdout or at the deadline.
    [[nodiscard]] std::optional<std::string> read_line();
    // What lies there already; never waits.
    [[nodiscard]] std::optional<std::string> read_line_now();

    // Waits until stdout has brought this text, and forgets everything up to its end. For prompts,
    // which end no line. False at the end of stdout or at the deadline.
    [[nodiscard]] bool skip_past(std::string_view text);

    void signal(int number);
    // SIGKILL, and waits until it is gone.
    void kill();
    // Waits for the end. The exit code; 128 + the signal's number when one ended it.
    [[nodiscard]] int wait();
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] std::string errors() const;

private:
    [[nodiscard]] std::optional<std::string> cut_line();
    // False: nothing more will come, or the time is up.
    [[nodiscard]] bool fill(std::chrono::steady_clock::time_point until);
    void reap();

    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::filesystem::path error_file_;
    std::string buffer_;
    bool ended_ = false;
    std::optional<int> status_;
};

// A fresh folder below the system's temporary one, removed with its owner.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

// Folder of the programs under test: SOTTO_BIN from the environment, else where they were built.
[[nodiscard]] std::filesystem::path program_folder();

}  // namespace sotto::e2e
