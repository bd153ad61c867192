#include "ui/signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

namespace sotto::ui {
namespace {

sigset_t termination_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&set, signal);
    }
    return set;
}

}  // namespace

void block_termination_signals() {
    const sigset_t set = termination_set();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

TerminationSignals::TerminationSignals(std::function<void()> asked) : asked_(std::move(asked)) {
    const sigset_t set = termination_set();
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
    end_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { watch(); });
}

TerminationSignals::~TerminationSignals() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(end_, &one, sizeof one);
    thread_.join();
    ::close(signals_);
    ::close(end_);
}

void TerminationSignals::watch() const {
    for (;;) {
        std::array<pollfd, 2> ready{pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), -1) < 0 || ready[1].revents != 0) {
            return;
        }
        signalfd_siginfo signal{};
        if (::read(signals_, &signal, sizeof signal) == sizeof signal) {
            asked_();
        }
    }
}

}  // namespace sotto::ui
