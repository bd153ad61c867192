#include "tests/e2e/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace sotto::e2e {

namespace {

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return {.read_end = ends[0], .write_end = ends[1]};
}

std::filesystem::path make_error_file() {
    std::string name = (std::filesystem::temp_directory_path() / "sotto-e2e-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) throw std::runtime_error("no temporary file");
    ::close(file);
    return name;
}

}  // namespace

Process::Process(const std::filesystem::path& program, const std::vector<std::string>& arguments)
    : error_file_(make_error_file()) {
    const Pipe to = make_pipe();
    const Pipe from = make_pipe();
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const int errors = ::open(error_file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);

    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the test
        ::dup2(to.read_end, STDIN_FILENO);
        ::dup2(from.write_end, STDOUT_FILENO);
        ::dup2(errors, STDERR_FILENO);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(to.read_end);
    ::close(from.write_end);
    ::close(errors);
    if (pid_ < 0) throw std::runtime_error("no process");
    input_ = to.write_end;
    output_ = from.read_end;
    ::fcntl(output_, F_SETFL, O_NONBLOCK);
    std::signal(SIGPIPE, SIG_IGN);
}

Process::~Process() {
    kill();
    ::close(output_);
    std::error_code ignored;
    std::filesystem::remove(error_file_, ignored);
}

void Process::write(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(input_, text.data(), text.size());
        if (written <= 0) return;  // it ended; whoever waits for its answer will see that
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Process::write_and_drain(std::string_view text) {
    ::fcntl(input_, F_SETFL, O_NONBLOCK);
    while (!text.empty() && !ended_) {
        std::array<pollfd, 2> items{{{input_, POLLOUT, 0}, {output_, POLLIN, 0}}};
        ::poll(items.data(), items.size(), -1);
        if ((items[1].revents & (POLLIN | POLLHUP)) != 0) {
            static_cast<void>(fill(std::chrono::steady_clock::now()));
        }
        const auto written = ::write(input_, text.data(), text.size());
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
        if (written < 0 && errno != EAGAIN) break;  // it ended; whoever waits will see that
    }
    ::fcntl(input_, F_SETFL, 0);
}

void Process::close_input() {
    if (input_ >= 0) ::close(std::exchange(input_, -1));
}

std::optional<std::string> Process::cut_line() {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
}

bool Process::fill(std::chrono::steady_clock::time_point until) {
    if (ended_) return false;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd item{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&item, 1, static_cast<int>(std::max<long>(left.count(), 0))) <= 0) return false;
    std::array<char, 65536> chunk{};
    const auto got = ::read(output_, chunk.data(), chunk.size());
    if (got > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    if (got == 0) ended_ = true;
    return got > 0;
}

std::optional<std::string> Process::read_line() {
    const auto until = std::chrono::steady_clock::now() + patience;
    do {
        if (auto line = cut_line()) return line;
    } while (fill(until));
    return std::nullopt;
}

std::optional<std::string> Process::read_line_now() {
    do {
        if (auto line = cut_line()) return line;
    } while (fill(std::chrono::steady_clock::now()));
    return std::nullopt;
}

bool Process::skip_past(std::string_view text) {
    const auto until = std::chrono::steady_clock::now() + patience;
    do {
        if (const std::size_t at = buffer_.find(text); at != std::string::npos) {
            buffer_.erase(0, at + text.size());
            return true;
        }
    } while (fill(until));
    return false;
}

void Process::signal(int number) {
    if (!status_) ::kill(pid_, number);
}

void Process::kill() {
    signal(SIGKILL);
    reap();
    close_input();
}

void Process::reap() {
    if (status_) return;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int Process::wait() {
    // Its end of stdout is what a deadline can be put on.
    const auto until = std::chrono::steady_clock::now() + patience;
    while (fill(until)) {
    }
    if (!ended_) kill();  // it hangs: the caller sees 137
    reap();
    return *status_;
}

std::string Process::errors() const {
    std::ostringstream out;
    out << std::ifstream(error_file_).rdbuf();
    return out.str();
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sotto-e2e-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path program_folder() {
    const char* named = std::getenv("SOTTO_BIN");
    return named != nullptr ? named : SOTTO_BINARY_DIR;
}

}  // namespace sotto::e2e
